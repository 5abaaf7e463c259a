"""A handset that was offline for 30 days comes back with 5,000 reports, over a network that breaks off (C14).

Recorded through the tables a person would use; every window of the network lets a part through and ends with a kill -9
of the handset, of the server, or of both.  Photos are not there yet.
"""
import os
import pathlib
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
import tap
from clock import YEAR_S, rebooted
from district import LATITUDE, LONGITUDE, TYPE, Desk, instant, report, submitted, sync
from expect import cases_of, equal
from harness import Failed, World, until
from window import Window

REPORTS, DAYS, TABLES = 5000, 30, 10
DAY_S = YEAR_S // 365
WINDOW_BYTES = 300 * 1024      # of one connection: two batches, and a part of the next
WINDOWS_MAX = 40
SAMPLE = 100                   # every so many reports are compared word by word
WAY_UP_MS = 5000               # what a session's offset of two true clocks is wrong by, on a busy machine
BOUND_MS_MAX = DAYS * DAY_S * 1000 // 5000 + 60000    # what a quartz drifts in all that time
RSS_KB_MAX = 96 * 1024         # of the handset, at its greatest


def moment(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


def sleep_through(program, days):
    """All clocks go on by so much, and none disagrees with another: the wall's, and that of a machine that stays up."""
    program.wrapper = rebooted(days * DAY_S)
    program.environment.update({"FAKETIME": f"+{days}d", "FAKETIME_DONT_FAKE_MONOTONIC": "1", "TZ": "UTC"})


def record(handset, folder, until_s):
    """Text -> time of what is recorded: a table every three days, the last one just now."""
    recorded = {}
    for table in range(TABLES):
        rows = []
        for n in range(table * REPORTS // TABLES, (table + 1) * REPORTS // TABLES):
            seconds = until_s - DAYS * DAY_S + n * DAYS * DAY_S // REPORTS
            text = f"第 {n} 件 {os.urandom(300).hex()}"
            recorded[text] = seconds * 1000
            rows.append(f"{moment(seconds)},{text},{TYPE},{LATITUDE},{LONGITUDE}")
        path = folder / f"table{table}.csv"
        path.write_text("\n".join(["time,text,type,latitude,longitude", *rows]) + "\n")
        summary = handset.one("report", "--csv", path)
        equal((summary["recorded"], summary["bad_time"]), (len(rows), 0), "rows recorded, and times not read")
    return recorded


def peak_kb(process):
    """Of a process that still runs."""
    text = pathlib.Path(f"/proc/{process.pid}/status").read_text()
    return int(text.split("VmHWM:")[1].split()[0])


def is_sanitized(process):
    return "asan" in pathlib.Path(f"/proc/{process.pid}/maps").read_text()


class Return:
    """The way back into step, window by window."""

    def __init__(self, world, window, handset):
        self.world, self.window, self.handset = world, window, handset
        self.desk = Desk(world.server)
        self.has = 0           # reports the server was seen to have
        self.windows = 0
        self.peak_kb = 0

    def step(self, kills_handset, kills_server):
        """One window; gives whether something is left."""
        server = self.world.server
        self.window.open(server.port, WINDOW_BYTES)
        process = self.handset.start("sync", "--timeout", "60")
        until(lambda: self.window.stands_still.is_set() or process.poll() is not None, "the window's end", 60, 0.005)
        running = process.poll() is None
        if running:
            until(lambda: self.count() > self.has, "this window brought something", 20)
            if not is_sanitized(process):
                self.peak_kb = max(self.peak_kb, peak_kb(process))
        if kills_server and running:
            server.kill()
        if kills_handset and running:
            process.kill()
        if kills_server and running:
            server.start()
        if running:
            process.kill()
        process.communicate()
        self.windows += 1
        self.check()
        return running

    def count(self):
        return self.desk.stats()["cases"]

    def check(self):
        """Nothing that was there is gone, and the handset forgets nothing the server does not have."""
        status, has = self.handset.status(), self.count()
        if has < self.has:
            raise Failed(f"the server had {self.has} reports, and has {has}")
        if REPORTS - status["unsent_ops"] > has:
            raise Failed(f"the handset holds {REPORTS - status['unsent_ops']} for sent, the server has {has}")
        self.has = has


def check_end(desk, handset, recorded):
    ops, cases = submitted(handset), {case["number"]: case for case in desk.cases()}
    equal((len(ops), len(cases), sorted(ops) == sorted(cases)), (REPORTS, REPORTS, True), "reports here and there")
    refused = [number for number, op in ops.items() if op["verdict"] != "accepted"]
    equal(refused, [], "reports that were not accepted")
    listed = {row["text"]: row["case"] for row in handset.run("list")}
    equal(sorted(listed), sorted(recorded), "what the handset lists")
    for text in list(recorded)[::SAMPLE]:
        case = desk.case(listed[text])
        equal(case["text"], text, f"{listed[text]} at the server")
        off_ms = instant(case["captured_at"]) - recorded[text]
        bound_ms = case["history"][0]["captured_bound_ms"]
        if bound_ms is None or abs(off_ms) > WAY_UP_MS or bound_ms > BOUND_MS_MAX:
            raise Failed(f"{listed[text]}: dated {off_ms} ms off, within {bound_ms} ms")


def test_C14_5000_reports_of_30_days_drain_through_a_network_that_breaks_and_through_kills():
    with Window() as window, World(public=f"127.0.0.1:{window.port}") as world:
        server = world.server.start()
        server.district()
        handset = world.handset("G001")
        window.open(server.port, None)
        handset.enrol(server.code_for("G001"))
        server.stop()
        for program in (server, handset):
            sleep_through(program, DAYS)
        server.start()
        began = time.monotonic()
        recorded = record(handset, world.folder, int(time.time()) + DAYS * DAY_S)
        status = handset.status()
        equal(status["unsent_ops"], REPORTS, "what waits after 30 days")
        print(f"# {REPORTS} reports recorded in {time.monotonic() - began:.1f} s, {status['unsent_bytes']} bytes",
              flush=True)
        way = Return(world, window, handset)
        began = time.monotonic()
        while way.step(way.windows % 3 != 1, way.windows % 3 != 0) and way.windows < WINDOWS_MAX:
            pass
        print(f"# {way.windows} windows in {time.monotonic() - began:.1f} s, {window.passed_up} bytes up, the handset's "
              f"peak {way.peak_kb} KiB", flush=True)
        if way.windows < 6 or way.windows >= WINDOWS_MAX:
            raise Failed(f"{way.windows} windows: it was not cut, or makes no headway")
        if way.peak_kb > RSS_KB_MAX:
            raise Failed(f"the handset took {way.peak_kb} KiB")
        window.open(server.port, None)
        sync(handset)
        check_end(way.desk, handset, recorded)
        way.desk.verify()
        # And it is an ordinary handset again.
        report(handset, "回来之后")
        sync(handset)
        equal(way.count(), REPORTS + 1, "cases after one more report")
        server.stop()


if __name__ == "__main__":
    sys.exit(tap.run(cases_of(globals())))
