"""Clocks that lie, and downtimes: the 30 minutes hold, nothing expires in mass, nothing fires twice.

Limits are divided (test-due-divisor), so that 30 minutes are seconds; the server's wall clock is moved by libfaketime
while it runs.
"""
import json
import pathlib
import sys
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
import tap
from clock import YEAR_S, WallClock, rebooted
from district import CODE, Desk, instant, report, submitted, sync
from expect import cases_of, equal, holds
from harness import DEMO, Failed, World, until

LIMIT_MIN, MARGIN_MIN = 30, 5
HAND_TYPE, HAND_CLASS = "10003", 10   # dispatched by a person alone, in the profile that by_hand gives
CLOCK_TYPE = "20003"
SHIFTS = {"+1 h": 3600, "-1 h": -3600, "+10 y": 10 * YEAR_S, "-10 y": -10 * YEAR_S}


def limit_s(divisor):
    return LIMIT_MIN * 60 / divisor


def margin_s(divisor):
    return (LIMIT_MIN - MARGIN_MIN) * 60 / divisor


def by_hand():
    """The demo profile where the clock dispatches nothing of one class: its breaches can be seen."""
    profile = json.loads((DEMO / "profile.json").read_text())
    profile["settings"]["automatic_off_classes"] = [HAND_CLASS]
    return json.dumps(profile)


def waits_for(moment_s, what):
    """Until the monotonic clock is there; the thing under test is that time passed."""
    until(lambda: time.monotonic() >= moment_s, what, max(1.0, moment_s - time.monotonic() + 5))


def entries_of(desk, number, verb):
    return [entry for entry in desk.case(number)["history"] if entry["verb"] == verb]


def clock_alarm(server):
    return f'bihuan_clock_alarm{{district="{CODE}"}} 1' in server.scrape()[2]


def in_parallel(work, items):
    """Each item on a thread of its own: they mostly wait."""
    faults = []

    def guarded(item):
        try:
            work(item)
        except Exception as fault:  # pylint: disable=broad-except
            faults.append((item, fault))

    threads = [threading.Thread(target=guarded, args=(item,)) for item in items]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    for item, fault in faults:
        raise Failed(f"{item}: {fault}") from fault


# ---- D01: the server's wall clock


def alarm_is_told(server, desk):
    until(lambda: clock_alarm(server), "the metrics show the alarm", 10)
    equal(desk.get()["clock_alarm"], True, "the district's clock_alarm")
    holds(server.must("GET", "/status")["status"], "the clock jumped, confirm it")


def alarm_is_over(server, desk):
    until(lambda: not clock_alarm(server), "the alarm is over", 10)
    equal(desk.get()["clock_alarm"], False, "the district's clock_alarm")
    if "jumped" in server.must("GET", "/status")["status"]:
        raise Failed("the status still speaks of a jump")


def jump_while_running(name):
    divisor = 225
    with World(test_due_divisor=divisor) as world:
        server, clock = world.server, WallClock(world.folder)
        server.environment.update(clock.environment())
        server.start().district(profile=by_hand())
        desk, handset = Desk(server), world.handset("G001")
        handset.enrol(server.code_for("G001"))
        by_clock = handset.one("report", "--text", "占道收购废品", "--type", CLOCK_TYPE, "--lat", "30.99",
                               "--lon", "116.98")["case"]
        by_person = report(handset)
        sync(handset)
        began = time.monotonic()
        clock.shift(SHIFTS[name])
        alarm_is_told(server, desk)
        for number in (by_clock, by_person):
            case = desk.case(number)
            if case["state"] != "received" or not 0 < case["dispatch_left_s"] <= limit_s(divisor):
                raise Failed(f"after the jump: {case['state']}, {case['dispatch_left_s']} s left")
        until(lambda: desk.case(by_clock)["state"] == "dispatched", "the clock dispatches", margin_s(divisor) + 5)
        took = time.monotonic() - began
        if not margin_s(divisor) - 1.5 <= took <= margin_s(divisor) + 2:
            raise Failed(f"dispatched after {took:.1f} s of elapsed time, not {margin_s(divisor):.1f}")
        # What punishes is held: the limit passes, nobody dispatched, no breach.
        waits_for(began + limit_s(divisor) + 1.5, "the limit passes")
        equal(desk.stats()["breached"], 0, "breaches in the alarm")
        equal(entries_of(desk, by_person, "breach"), [], "breach entries in the alarm")
        due = desk.case(by_person)["dispatch_due"]
        desk.post("/clock/confirm")
        alarm_is_over(server, desk)
        until(lambda: desk.stats()["breached"] == 1, "the breach that was held is recorded", 10)
        equal(len(entries_of(desk, by_person, "breach")), 1, "breach entries")
        equal(desk.case(by_person)["dispatch_due"], due, "the due instant")
        equal(len(entries_of(desk, by_clock, "dispatch")), 1, "dispatches")
        desk.verify()
        server.stop()


def test_D01_a_jump_of_the_wall_clock_while_running_alarms_and_expires_nothing():
    in_parallel(jump_while_running, SHIFTS)


def jump_over_a_restart(name):
    with World() as world:
        server, clock = world.server, WallClock(world.folder)
        server.environment.update(clock.environment())
        server.start().district()
        desk, handset = Desk(server), world.handset("G001")
        handset.enrol(server.code_for("G001"))
        number = report(handset)
        sync(handset)
        server.stop()
        clock.shift(SHIFTS[name])
        server.start()
        alarm_is_told(server, desk)
        left = desk.case(number)["dispatch_left_s"]
        if not limit_s(1) - 60 <= left <= limit_s(1):
            raise Failed(f"{left} s are left after a restart of seconds")
        # A working day under a wrong clock: reports, dispatches, and the handset is in step.
        again = report(handset)
        sync(handset)
        equal(desk.dispatch(again).status, 200, "dispatch in the alarm")
        at = instant(desk.get()["at"])
        desk.post("/clock/confirm")
        alarm_is_over(server, desk)
        if instant(desk.get()["at"]) < at:
            raise Failed("the district's time went back")
        server.stop()
        server.start()
        alarm_is_over(server, desk)
        sync(handset)
        desk.verify()
        server.stop()


def test_D01_a_jump_of_the_wall_clock_over_a_restart_alarms_and_expires_nothing():
    for name in SHIFTS:
        jump_over_a_restart(name)


def test_D01_a_clock_that_is_a_second_off_is_no_alarm():
    with World() as world:
        server, clock = world.server, WallClock(world.folder)
        server.environment.update(clock.environment())
        server.start().district()
        desk = Desk(server)
        for seconds in (1, 0, -1):
            clock.shift(seconds)
            server.code_for("G001")  # a command: the writer looks at the clock
            equal(clock_alarm(server), False, f"alarm at {seconds} s")
        equal(desk.get()["clock_alarm"], False, "clock_alarm")
        server.stop()


# ---- D04: down across due times


def test_D04_down_across_500_due_times_fires_all_within_5_s_once_each():
    divisor, count = 225, 500
    with World(test_due_divisor=divisor) as world:
        server = world.server.start()
        server.district(profile=by_hand())
        desk, handset = Desk(server), world.handset("G001")
        handset.enrol(server.code_for("G001"))
        table = world.folder / "reports.csv"
        rows = [f"第 {n} 件,{CLOCK_TYPE if n % 5 else HAND_TYPE},30.99,116.98" for n in range(count)]
        table.write_text("\n".join(["text,type,latitude,longitude", *rows]) + "\n")
        handset.run("report", "--csv", table)
        sync(handset)
        server.kill()
        waits_for(time.monotonic() + limit_s(divisor) + 1, "every due time passes while nobody serves")
        started = time.monotonic()
        server.start()
        by_hand_count = count // 5
        until(lambda: desk.stats()["dispatched"] == count - by_hand_count and desk.stats()["breached"] == count,
              "all that was due fired", 10)
        took = time.monotonic() - started
        print(f"# {count} cases fired {took:.2f} s after the start", flush=True)
        if took > 5:
            raise Failed(f"firing took {took:.1f} s")
        for case in desk.cases():
            check_fired(desk, case)
        server.stop()
        server.start()
        stats = desk.stats()
        equal((stats["breached"], stats["automatic"]), (count, count - by_hand_count), "after one more restart")
        desk.verify()
        sync(handset)
        server.stop()


def check_fired(desk, case):
    history = desk.case(case["number"])["history"]
    verbs = [entry["verb"] for entry in history]
    wanted = ["submit", "breach"] if case["type"] == int(HAND_TYPE) else ["submit", "breach", "dispatch"]
    equal(verbs, wanted, f"{case['number']}'s entries")
    length_ms = instant(history[1]["at"]) - instant(history[0]["at"])
    if length_ms < limit_s(225) * 1000:
        raise Failed(f"{case['number']}: the breach stands {length_ms} ms after the report")


def test_D04_nobody_watches_and_the_clock_dispatches_at_the_margin():
    divisor = 300
    with World(test_due_divisor=divisor) as world:
        server = world.server.start()
        server.district()
        desk, handset = Desk(server), world.handset("G001")
        handset.enrol(server.code_for("G001"))
        number = report(handset)
        sync(handset)
        until(lambda: desk.case(number)["state"] == "dispatched", "the clock dispatches", margin_s(divisor) + 10)
        case = desk.case(number)
        wait_s = (instant(case["dispatched_at"]) - instant(case["queued_at"])) / 1000
        if not margin_s(divisor) <= wait_s <= margin_s(divisor) + 0.5:
            raise Failed(f"dispatched after {wait_s} s, the margin is at {margin_s(divisor)} s")
        equal((case["automatic"], case["breached"]), (True, False), "automatic and breached")
        equal([entry["verb"] for entry in case["history"]], ["submit", "remind", "remind", "dispatch"], "entries")
        server.stop()


# ---- B14, D07: handsets' clocks


def test_B14_handsets_ten_years_off_sync_and_their_reports_are_dated_right():
    with World() as world:
        server = world.server.start()
        server.district()
        desk = Desk(server)
        for years in (10, -10):
            handset, clock = world.handset(f"years{years}"), WallClock(world.folder, f"clock{years}")
            handset.environment.update(clock.environment())
            clock.shift(years * YEAR_S)
            handset.enrol(server.code_for("G001"))
            wrong = report(handset, f"钟差 {years} 年")
            clock.shift(0)
            right = report(handset, "钟已校准")
            clock.shift(-years * YEAR_S)
            other = report(handset, "钟又错了")
            sync(handset)
            for number in (wrong, right, other):
                captured_right(desk, number)
                equal(submitted(handset)[number]["verdict"], "accepted", f"verdict of {number}")
            # A skew above five minutes is shown at both ends, and stands in the journal.
            equal(handset.status()["clock_is_off"], True, "the handset says that its clock is off")
            off_s = [desk.case(number)["history"][0]["clock_off_s"] for number in (wrong, right, other)]
            equal([abs(off_s[0] + years * YEAR_S) <= 2, off_s[1], abs(off_s[2] - years * YEAR_S) <= 2],
                  [True, None, True], f"by how much: {off_s}")
            # The handset keeps what its own clock said.
            claimed = instant(submitted(handset)[wrong]["captured_at"]) / 1000
            if abs(claimed - time.time() - years * YEAR_S) > 300:
                raise Failed(f"the claim of {wrong} became {claimed}")
        desk.verify()
        server.stop()


def captured_right(desk, number):
    case = desk.case(number)
    off_ms = instant(case["received_at"]) - instant(case["captured_at"])
    if not -2000 <= off_ms <= 60000:
        raise Failed(f"{number}: captured at {case['captured_at']}, received at {case['received_at']}")
    left = case["dispatch_left_s"]
    if not 1700 <= left <= 1800:
        raise Failed(f"{number}: {left} s are left: the 30 minutes run from the receipt")
    bound_ms = case["history"][0]["captured_bound_ms"]
    if bound_ms is None or bound_ms > 5000:
        raise Failed(f"{number}: captured within {bound_ms} ms, though this boot's clock tells")


def test_D07_what_an_earlier_boot_recorded_under_a_wrong_clock_is_marked_uncertain():
    with World() as world:
        server = world.server.start()
        server.district()
        desk, handset, clock = Desk(server), world.handset("G001"), WallClock(world.folder)
        handset.environment.update(clock.environment())
        handset.enrol(server.code_for("G001"))
        clock.shift(10 * YEAR_S)
        del handset.environment["LD_PRELOAD"]
        handset.wrapper = rebooted(500000)
        number = report(handset, "开机前记录")
        handset.wrapper = rebooted(100000)
        clock.shift(0)
        sync(handset)
        case = desk.case(number)
        if abs(instant(case["captured_at"]) - instant(case["received_at"])) > 1000:
            raise Failed(f"captured at {case['captured_at']}, received at {case['received_at']}")
        equal(case["history"][0]["captured_bound_ms"], None, "the bound of a claim that cannot be")
        equal(case["text"], "开机前记录", "the text")
        server.stop()


if __name__ == "__main__":
    sys.exit(tap.run(cases_of(globals())))
