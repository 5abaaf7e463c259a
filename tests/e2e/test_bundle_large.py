#!/usr/bin/python3
"""A season without a network goes by hand (C14): 1,000 reports and 200 MB of photos of a handset that was never online
leave in one bundle, and reach the district by another's handset and by its operator.  Each counts once, whoever brings
it how often, and no program's memory grows with the file."""
import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
import tap
from district import CODE, LATITUDE, LONGITUDE, TYPE, Desk, sync
from expect import cases_of, equal
from harness import BIHUAN, Failed, World
from pictures import Album
from stores import HandsetStore, ServerStore
from test_absence import is_sanitized, peak_kb
from test_bundle import begin, journal_of, waiting
from test_cargo import carried

REPORTS, ALBUMS, ALBUM, SIDE = 1000, 25, 4, 1330   # reports, those with photos, photos of each, pixels: 2 MB each
PHOTOS = 2 * ALBUMS * ALBUM                        # each with its thumbnail
BYTES_MIN = 200_000_000
ROOM_BYTES = 2 << 30                               # of /tmp: the photos, the bundle, its copy, two districts
# What a program may hold at once, whatever a bundle weighs: one photo (16 MiB), one frame with all that is unpacked from it
# (33 MiB), SQLite's pages and itself; less than a third of this bundle.
PEAK_KB_MAX = 64 * 1024
HASHES_MAX = 16            # the server's work, in hashes of the whole bundle: each byte is opened, checked and read some times


class Peaks:
    """What each step needed: its greatest memory, which is bounded, and its time."""

    def __init__(self, world):
        self.file, self.is_bounded = world.folder / "peak", not is_sanitized(world.server.process)
        self.wrapper = [sys.executable, "-IS", str(HERE / "peak.py"), str(self.file)]

    def check(self, what, kb, more=""):
        print(f"# {what}: {kb} KiB of memory{more}", flush=True)
        if self.is_bounded and kb > PEAK_KB_MAX:
            raise Failed(f"{what} took {kb} KiB of memory, more than {PEAK_KB_MAX}")

    def run(self, what, *words):
        began = time.monotonic()
        done = subprocess.run(self.wrapper + [str(word) for word in words], stdin=subprocess.DEVNULL, capture_output=True,
                              timeout=240, check=False)
        equal(done.returncode, 0, f"{what}, which said {done.stdout.decode()}{done.stderr.decode()}")
        self.check(what, int(self.file.read_text()), f" in {time.monotonic() - began:.1f} s")
        return json.loads(done.stdout.decode().splitlines()[-1])

    def handset(self, what, handset, *words):
        return self.run(what, *handset.command(*words))

    def server(self, what, server, bundle):
        """From its start on."""
        fields = pathlib.Path(f"/proc/{server.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        worked, one = int(fields[11]) / os.sysconf("SC_CLK_TCK"), hash_s(bundle)
        self.check(f"the server, {what}", peak_kb(server.process), f", and the work of {worked / one:.1f} hashes of it")
        if self.is_bounded and worked > HASHES_MAX * one:
            raise Failed(f"the server, {what}, worked {worked:.2f} s; a hash of the bundle takes {one:.2f} s")


def hash_s(path):
    data, began = path.read_bytes(), time.process_time()
    hashlib.sha256(data).digest()
    return time.process_time() - began


def record(world, handset):
    """All of it offline, photos among the rest."""
    album, table = Album(world.folder, SIDE, ALBUM), world.folder / "table.csv"
    for part in range(ALBUMS):
        rows = [f"第 {n} 件 {os.urandom(60).hex()},{TYPE},{LATITUDE},{LONGITUDE}"
                for n in range(part, REPORTS - ALBUMS, ALBUMS)]
        table.write_text("\n".join(["text,type,latitude,longitude", *rows]) + "\n")
        equal(handset.one("report", "--csv", table)["recorded"], len(rows), "rows recorded")
        photos = [word for _ in range(ALBUM) for word in ("--photo", album.photo())]
        handset.one("report", "--text", f"相册 {part}", "--type", TYPE, "--lat", LATITUDE, "--lon", LONGITUDE, *photos)


def all_there(world, desk, recorded):
    """The server's own files against the handset's own: each report with its link and text, each photo's bytes."""
    there = ServerStore(world.server.data / CODE)
    equal(there.reports == recorded.reports, True, f"{len(there.reports)} reports at the server")
    equal(sorted(there.cases), sorted(report.number for report in recorded.reports.values()), "cases")
    equal((there.photos == recorded.photos, there.photos_damaged), (True, []), f"{len(there.photos)} photos at the server")
    awaited = [row["stored"] for case in desk.cases() for row in desk.case(case["number"])["photos"]]
    equal(awaited, [True] * PHOTOS, "photos of cases")
    return journal_of(world), vars(there)


def by_a_colleague(world, desk, peaks, owner, carrier, bundle):
    """Gives the answer's file."""
    equal(peaks.handset("import by another's handset", carrier, "import", bundle)["bundle"], "cargo", "what is taken")
    peaks.handset("its sync", carrier, "sync", "--timeout", 200)
    equal(carried(carrier), [("answered", None)], "what is carried")
    peaks.server("brought by a handset", world.server, bundle)
    before = all_there(world, desk, HandsetStore(owner.store))
    (row,) = carrier.run("cargo", "--ack-out", world.folder)
    carrier.one("import", bundle)
    sync(carrier)
    equal(carried(carrier), [("answered", None)], "what is carried again")
    equal(all_there(world, desk, HandsetStore(owner.store)) == before, True, "the second time changes nothing")
    return row["answer"]


def by_the_operator(world, desk, peaks, owner, bundle):
    ack = world.folder / "operator.ack"
    words = ("--socket", world.server.admin_path, "--json", "import", bundle)
    taken = peaks.run("bihuan import", BIHUAN, *words, "--ack-out", ack)
    equal((taken["ops_new"], taken["ops_refused"], taken["photos_new"], taken["photos_left"]), (REPORTS, 0, PHOTOS, 0), "taken")
    peaks.server("where the operator imports", world.server, bundle)
    before = all_there(world, desk, HandsetStore(owner.store))
    taken = peaks.run("bihuan import again", BIHUAN, *words)
    equal((taken["ops"], taken["ops_new"], taken["photos"], taken["photos_new"]), (REPORTS, 0, PHOTOS, 0), "taken again")
    equal(all_there(world, desk, HandsetStore(owner.store)) == before, True, "the second time changes nothing")
    return ack


def empty_again(world, kept):
    """The district as it was before anything came, its very keys with it."""
    world.server.stop()
    shutil.rmtree(world.server.data)
    shutil.copytree(kept, world.server.data)
    world.server.start()


def exported(peaks, owner, bundle):
    made = peaks.handset("export", owner, "export", bundle)
    equal((made["ops"], made["photos"], made["photos_left"]), (REPORTS, PHOTOS, 0), "what is in it")
    equal(made["photo_bytes"] >= BYTES_MIN and bundle.stat().st_size > made["photo_bytes"], True, f"its size: {made}")
    equal(waiting(owner), (REPORTS, PHOTOS), "what waits after an export")


def test_C14_1000_reports_and_200_MB_of_photos_go_by_a_file_in_little_memory():
    room = os.statvfs(tempfile.gettempdir())
    if room.f_bavail * room.f_frsize < ROOM_BYTES:
        raise tap.Skip(f"needs {ROOM_BYTES >> 30} GiB of the folder for temporary files")
    with World() as world:
        desk, (owner, carrier) = begin(world, "G001", "G002")
        peaks, bundle = Peaks(world), world.folder / "me.bundle"
        world.server.stop()
        kept = shutil.copytree(world.server.data, world.folder / "kept")
        record(world, owner)
        exported(peaks, owner, bundle)
        world.server.start()
        answer = by_a_colleague(world, desk, peaks, owner, carrier, bundle)
        told = peaks.handset("import of the answer", owner, "import", answer)
        equal((told["bundle"], told["ops"], told["photos"]), ("answered", REPORTS, PHOTOS), "the answer")
        equal(waiting(owner), (0, 0), "what waits after the answer")
        desk.verify()
        empty_again(world, kept)
        answer = by_the_operator(world, desk, peaks, owner, bundle)
        equal(owner.one("import", answer)["ops"], 0, "the other way's answer says nothing new")
        desk.verify()
        world.server.stop()


if __name__ == "__main__":
    sys.exit(tap.run(cases_of(globals())))
