"""Months offline: 5,000 reports and 256 MB of photos on a handset come home over TLS, through a network that breaks off
and kills of either side (C14).  The row says 2 GB: this is an eighth of it, for the sake of time and of /tmp; by hand,
`test_absence_photos.py 8` takes all of it.
"""
import hashlib
import os
import pathlib
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
import tap
from district import CODE, LATITUDE, LONGITUDE, TYPE, Desk, submitted, sync
from expect import cases_of, equal
from harness import Failed, World, until
from pictures import Album
from test_absence import RSS_KB_MAX, is_sanitized, peak_kb
from window import Window

REPORTS, TABLES = 5000, 4
TIMES = int(sys.argv[1]) if len(sys.argv) > 1 else 1
ALBUMS, ALBUM, SIDE = 16 * TIMES, 8, 1330  # reports with photos, photos of each, pixels: 2 MB each
PHOTOS_BYTES = TIMES << 28
ROOM_BYTES = 4 * PHOTOS_BYTES              # of /tmp: here and there, and as much again
WINDOW_BYTES = (12 << 20) * TIMES          # of one connection
WINDOWS_MAX = 80
RESENT_MAX = 1 << 20                       # a window: the part that was cut, and what was under way


def record(world, handset):
    """All of it, offline; gives the numbers of the reports with photos."""
    numbers, album, table = [], Album(world.folder, SIDE, ALBUM), world.folder / "table.csv"
    for part in range(TABLES):
        rows = [f"第 {n} 件 {os.urandom(100).hex()},{TYPE},{LATITUDE},{LONGITUDE}"
                for n in range(part * REPORTS // TABLES, (part + 1) * REPORTS // TABLES)]
        table.write_text("\n".join(["text,type,latitude,longitude", *rows]) + "\n")
        equal(handset.one("report", "--csv", table)["recorded"], len(rows), "rows recorded")
        for n in range(ALBUMS // TABLES):
            photos = [word for _ in range(ALBUM) for word in ("--photo", album.photo())]
            numbers.append(handset.one("report", "--text", f"相册 {part} {n}", "--type", TYPE, "--lat", LATITUDE, "--lon",
                                       LONGITUDE, *photos)["case"])
    return numbers


class Way:
    """The way home, window by window; each ends with a kill -9 of the handset, of the server, or of both."""

    def __init__(self, world, window, handset):
        self.world, self.window, self.handset = world, window, handset
        self.windows, self.peak_kb = 0, 0

    def step(self):
        """Gives whether something is left."""
        server = self.world.server
        self.window.open(server.port, WINDOW_BYTES)
        process = self.handset.start("sync", "--timeout", "60")
        until(lambda: self.window.stands_still.is_set() or process.poll() is not None, "the window's end", 90, 0.005)
        running = process.poll() is None
        if running and not is_sanitized(process):
            self.peak_kb = max(self.peak_kb, peak_kb(process))
        if running and self.windows % 3 != 1:
            server.kill()
        if running:
            process.kill()
        process.communicate()
        if server.process.poll() is not None:
            server.start()
        self.windows += 1
        return running


def check_photos(world, desk, handset, numbers):
    """Each is complete for its handset, stored for its case, and the very bytes on the disk."""
    blobs, bytes_there = world.server.data / CODE / "blobs", 0
    for number in numbers:
        shown = handset.one("show", number)["photos"]
        equal({row["state"] for row in shown}, {"complete"}, f"photos of {number} on the handset")
        there = [row for row in desk.case(number)["photos"] if row["stored"]]
        equal(len(there), len(desk.case(number)["photos"]), f"photos of {number} at the server")
        for row in there:
            path = blobs / row["hash"][:2] / row["hash"][2:4] / row["hash"]
            raw = path.read_bytes()
            equal(hashlib.sha256(raw).hexdigest(), row["hash"], "the bytes of a photo")
            bytes_there += len(raw)
    return bytes_there


def test_C14_5000_reports_and_256_MB_of_photos_come_home_whole():
    if os.statvfs("/tmp").f_bavail * os.statvfs("/tmp").f_frsize < ROOM_BYTES:
        raise tap.Skip(f"needs {ROOM_BYTES >> 30} GiB of /tmp")
    with Window() as window, World(public=f"127.0.0.1:{window.port}") as world:
        server = world.server.start()
        server.district()
        handset = world.handset("G001")
        window.open(server.port, None)
        handset.enrol(server.code_for("G001"))
        began = time.monotonic()
        numbers = record(world, handset)
        status = handset.status()
        equal(status["unsent_ops"], REPORTS + ALBUMS, "what waits")
        print(f"# recorded in {time.monotonic() - began:.1f} s", flush=True)
        way, began = Way(world, window, handset), time.monotonic()
        while way.step() and way.windows < WINDOWS_MAX:
            pass
        window.open(server.port, None)
        sync(handset)
        desk = Desk(server)
        there = check_photos(world, desk, handset, numbers)
        print(f"# {there >> 20} MiB of photos home in {time.monotonic() - began:.1f} s and {way.windows} windows, "
              f"{window.passed_up - there} bytes more went up, the handset's peak {way.peak_kb} KiB", flush=True)
        equal((there >= PHOTOS_BYTES, 10 < way.windows < WINDOWS_MAX), (True, True), "its size, and that it was cut")
        if window.passed_up - there > (8 << 20) + way.windows * RESENT_MAX:
            raise Failed(f"{window.passed_up - there} bytes more than the photos went up")
        if way.peak_kb > RSS_KB_MAX:
            raise Failed(f"the handset took {way.peak_kb} KiB")
        ops, cases = submitted(handset), {case["number"] for case in desk.cases()}
        equal((len(ops), cases == set(ops)), (REPORTS + ALBUMS, True), "reports here and there")
        equal({op["verdict"] for op in ops.values()}, {"accepted"}, "verdicts")
        desk.verify()
        server.stop()


if __name__ == "__main__":
    sys.exit(tap.run(cases_of(globals())))
