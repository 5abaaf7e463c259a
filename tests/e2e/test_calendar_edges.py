"""Where calendars and clocks are odd (D02): the real programs across the ends of 32 bits, leap days and leap seconds,
summer time, each program in a time zone of its own.

Everything runs on milliseconds of UTC, so nothing may happen there at all: the clock acts after as long as it says,
and times are shown in the district's own offset.  The wall clock starts seconds before the edge and passes it for
real; limits are divided, so that 30 minutes are 18 seconds.
"""
import datetime
import pathlib
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
import tap
from clock import WallClock
from district import Desk, instant, report, submitted, sync
from expect import cases_of, equal
from harness import Failed, World, until
from test_time import clock_alarm, in_parallel, margin_s

DIVISOR = 100
UTC = datetime.timezone.utc
CHINA = datetime.timezone(datetime.timedelta(hours=8))
# (what, the first instant after it, the zones of server and handset)
EDGES = (
    ("the end of 32 bits", "2038-01-19T03:14:08+00:00", "America/New_York", "Asia/Shanghai"),
    ("the end of unsigned 32 bits", "2106-02-07T06:28:16+00:00", "UTC", "America/New_York"),
    ("29 February", "2028-02-29T00:00:00+08:00", "Asia/Shanghai", "America/New_York"),
    ("no 29 February", "2100-03-01T00:00:00+08:00", "Asia/Shanghai", "UTC"),
    ("a leap second", "2017-01-01T00:00:00+00:00", "right/UTC", "right/UTC"),
    ("summer time begins", "2027-03-14T03:00:00-04:00", "America/New_York", "America/New_York"),
    ("summer time ends", "2027-11-07T01:00:00-05:00", "America/New_York", "Australia/Lord_Howe"),
)
BEFORE_S = 12      # the edge comes so long after the start: in time for a report, before the margin
SLACK_MS = 3000    # of a busy machine


def cross(edge):
    what, text, server_zone, handset_zone = edge
    edge_ms = int(datetime.datetime.fromisoformat(text).timestamp()) * 1000
    with World(test_due_divisor=DIVISOR) as world:
        clock, server, handset = WallClock(world.folder), world.server, world.handset("G001")
        clock.shift(edge_ms // 1000 - BEFORE_S - 60 - int(time.time()))
        for program, zone in ((server, server_zone), (handset, handset_zone)):
            program.environment.update({**clock.environment(), "TZ": zone})
        server.start()
        server.district()
        handset.enrol(server.code_for("G001"))
        world.server.stop()
        # Once everything is up the edge is near: the minute that is left passes at once, while nobody runs.
        clock.shift(edge_ms // 1000 - BEFORE_S - int(time.time()))
        server.start()
        server.must("POST", "/districts/990101/clock/confirm")
        number = report(handset, what)
        sync(handset)
        desk = Desk(server)
        until(lambda: desk.case(number)["state"] == "dispatched", f"{what}: the clock dispatches", margin_s(DIVISOR) + 20)
        check(what, edge_ms, desk, handset, number)
        if clock_alarm(server):
            raise Failed(f"{what}: an alarm of the clock, though it only went on")
        desk.verify()
        server.stop()


def check(what, edge_ms, desk, handset, number):
    case = desk.case(number)
    received, dispatched = instant(case["received_at"]), instant(case["dispatched_at"])
    equal(received < edge_ms <= dispatched, True, f"{what}: received {case['received_at']}, dispatched "
          f"{case['dispatched_at']}: across the edge")
    wait_ms, margin_ms = dispatched - received, int(margin_s(DIVISOR) * 1000)
    if not margin_ms <= wait_ms <= margin_ms + SLACK_MS:
        raise Failed(f"{what}: dispatched after {wait_ms} ms, the margin is at {margin_ms}")
    shown = datetime.datetime.fromtimestamp(dispatched / 1000, CHINA).isoformat(timespec="milliseconds")
    equal(case["dispatched_at"], shown, f"{what}: the district's own time")
    if abs(instant(case["captured_at"]) - received) > SLACK_MS:
        raise Failed(f"{what}: captured {case['captured_at']}, received {case['received_at']}")
    equal(submitted(handset)[number]["captured_at"][-6:], "+08:00", f"{what}: the offset a handset shows")


def test_D02_the_programs_run_across_the_edges_of_calendars_in_any_zone():
    in_parallel(cross, EDGES)


def test_D02_a_table_of_odd_times_is_read_alike_in_every_zone():
    rows = [("2026-03-08T02:30:00-05:00", "2026-03-08T15:30:00.000+08:00"),
            ("2026-11-01T01:30:00-04:00", "2026-11-01T13:30:00.000+08:00"),
            ("2026-11-01T01:30:00-05:00", "2026-11-01T14:30:00.000+08:00"),
            ("2016-12-31T23:59:60Z", "2017-01-01T08:00:00.000+08:00"),
            ("2024-02-29 12:00", "2024-02-29T12:00:00.000+08:00"),
            ("2001-09-09T01:46:40Z", "2001-09-09T09:46:40.000+08:00")]
    with World() as world:
        server = world.server.start()
        server.district()
        table = world.folder / "table.csv"
        table.write_text("\n".join(["time,text", *(f"{given},{n}" for n, (given, _) in enumerate(rows))]) + "\n")
        for zone in ("UTC", "America/New_York", "Australia/Lord_Howe", "right/UTC"):
            handset = world.handset(zone.replace("/", "-"))
            handset.environment["TZ"] = zone
            handset.enrol(server.code_for("G001"))
            equal(handset.one("report", "--csv", table)["bad_time"], 0, f"times that cannot be read in {zone}")
            shown = {row["text"]: row["captured_at"] for row in handset.run("list")}
            equal(shown, {str(n): wanted for n, (_, wanted) in enumerate(rows)}, f"times shown in {zone}")
            equal(handset.run("list", "--offset", "-05:00")[-1]["captured_at"], "2026-03-08T02:30:00.000-05:00",
                  f"a time in an offset that was asked for, in {zone}")
        server.stop()


if __name__ == "__main__":
    sys.exit(tap.run(cases_of(globals())))
