"""What a unit is told of while its limit runs out: each threshold once, in working hours, whatever the server goes through;
a case whose kind is corrected; and due times that another working week moves.
"""
import datetime
import json
import pathlib
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
import tap
from district import ACCEPTOR, CODE, DISPATCHER, LATITUDE, LEAD, LONGITUDE, UNIT, Desk, instant, report, sync
from expect import cases_of, equal
from harness import DEMO, World, until
from test_adjust import Terminal
from test_time import waits_for

DAY_S = 86400
LIMIT_S = 24 * 3600     # of report()'s type: three working days of eight hours
PLAIN_TYPE = 40006      # two urgent hours, P2
ALWAYS = [{"weekday": day, "from": "00:00", "to": "24:00"} for day in range(1, 8)]


def profile_with(week):
    profile = json.loads((DEMO / "profile.json").read_text())
    profile["settings"]["week"] = week
    return json.dumps(profile)


def told(case):
    return [entry["threshold"] for entry in case["history"] if entry["verb"] in ("warn", "overdue")]


def begun(world, week):
    server = world.server.start()
    server.district(profile=profile_with(week))
    handset = world.handset("G001")
    handset.enrol(server.code_for("G001"))
    return server, Desk(server), handset


def test_each_threshold_is_told_of_once_though_the_server_is_killed_between():
    divisor = 14400
    with World(test_due_divisor=divisor) as world:
        server, desk, handset = begun(world, ALWAYS)
        number = report(handset)
        sync(handset)
        case = until(lambda: (lambda now: now if now["disposal_due"] else None)(desk.case(number)), "the clock dispatches it")
        equal((case["light"], case["warned"]), ("green", 0), "at first")
        began = time.monotonic()
        until(lambda: told(desk.case(number)) == [50], "half of it is told of", LIMIT_S / divisor)
        equal(desk.case(number)["warned_unit"], UNIT, "who is told")
        server.kill()
        server.start()
        case = until(lambda: (lambda now: now if told(now) == [50, 80] else None)(desk.case(number)), "80 % is told of", 20)
        equal(case["light"], "yellow", "the light after 80 %")
        server.kill()
        waits_for(began + (LIMIT_S + DAY_S) / divisor + 1, "the limit passes, and a day, while nobody serves")
        server.start()
        case = until(lambda: (lambda now: now if len(told(now)) > 2 else None)(desk.case(number)), "what passed is told of", 20)
        equal(told(case), [50, 80, 124], "what was told of: not the limit itself, which the day overtook")
        case = desk.case(number)  # its history is read after it
        equal((case["light"], case["warned_unit"], case["misses"]), ("red", "U-ZZ", 0), "a day late")
        server.kill()
        server.start()
        case = until(lambda: (lambda now: now if len(told(now)) > 3 else None)(desk.case(number)), "three days late", 40)
        case = desk.case(number)
        equal((told(case), case["misses"], case["warned_unit"]), ([50, 80, 124, 172], 1, "U-ZZ"), "three days late")
        desk.verify()
        server.stop()


def closed_week():
    """One minute, three days from now."""
    there = datetime.datetime.now(datetime.timezone(datetime.timedelta(hours=8))) + datetime.timedelta(days=3)
    return [{"weekday": there.isoweekday(), "from": "12:00", "to": "12:01"}]


def test_outside_working_hours_only_P1_is_told_of():
    with World(test_due_divisor=1800) as world:
        server, desk, handset = begun(world, closed_week())
        terminal, numbers = Terminal(server), []
        for text in ("井盖不见了", "井盖在响"):
            numbers.append(handset.one("report", "--text", text, "--type", str(PLAIN_TYPE), "--lat", LATITUDE, "--lon",
                                       LONGITUDE)["case"])
        sync(handset)
        for number in numbers:
            until(lambda number=number: desk.case(number)["state"] == "dispatched", "the clock dispatches it")
        terminal.must(numbers[0], "amend", ACCEPTOR, "dispatched", "--urgency=P1", "--text=孩子在旁边玩")
        until(lambda: 100 in told(desk.case(numbers[0])), "the limit of the urgent one is told of", 20)
        other = desk.case(numbers[1])
        equal((told(other), other["urgency"], other["light"]), ([], "P2", "red"), "the other one waits for the morning")
        desk.verify()
        server.stop()


def test_what_a_case_is_turns_out_to_be_another():
    with World() as world:
        server, desk, handset = begun(world, ALWAYS)
        terminal = Terminal(server)
        number = report(handset)
        sync(handset)
        case = terminal.must(number, "amend", ACCEPTOR, "received", "--type=10007", "--text=是垃圾")
        equal((case["type"], case["proposed_unit"]), (10007, "U-HW"), "in the queue")
        terminal.must(number, "dispatch", DISPATCHER, "dispatched", "--condition=none-of-them", f"--unit={UNIT}")
        case = terminal.must(number, "sign", LEAD, "handling")
        began = instant(case["dispatched_at"])
        equal(instant(case["disposal_due"]) - began, 4 * 3600000, "the limit of the first kind")
        terminal.refused(number, "amend", LEAD, "no_right", "--type=10003", "--text=不是")
        terminal.refused(number, "amend", ACCEPTOR, "no_reason", "--type=10003")
        terminal.refused(number, "amend", ACCEPTOR, "field", "--type=10007", "--text=一样的")
        terminal.refused(number, "amend", ACCEPTOR, "moved_on", "--type=10003", "--text=晚了", "--version=1")
        case = terminal.must(number, "amend", ACCEPTOR, "handling", "--type=10003", "--condition=2", "--text=是外墙")
        equal((instant(case["disposal_due"]) - began, case["unit"]), (8 * 3600000, UNIT), "the limit of its condition")
        entry = desk.case(number)["history"][-1]
        equal((entry["verb"], entry["text"], entry["person"]), ("amend", "是外墙", ACCEPTOR), "the entry")
        sync(handset)
        desk.verify()
        server.stop()


def test_another_working_week_moves_what_runs_once_though_the_server_is_killed():
    count = 1500
    with World() as world:
        server, desk, handset = begun(world, ALWAYS)
        table = world.folder / "table.csv"
        rows = [f"第 {n} 件,10003,{LATITUDE},{LONGITUDE}" for n in range(count)]
        table.write_text("\n".join(["text,type,latitude,longitude", *rows]) + "\n")
        handset.run("report", "--csv", table)
        sync(handset)
        for case in desk.cases("received"):
            equal(desk.dispatch(case).status, 200, "dispatch")
        before = {case["number"]: instant(case["disposal_due"]) for case in desk.cases("dispatched")}
        equal(len(before), count, "dispatched")
        server.must("POST", f"/districts/{CODE}/profile?apply=1", profile_with(ALWAYS[:5]))
        server.kill()
        server.start()
        until(lambda: all(case["sign_due"] and instant(case["disposal_due"]) for case in desk.cases("dispatched"))
              and recomputed(desk, list(before)[-1]), "the last one is computed again", 30)
        for number in list(before)[::100] + list(before)[-1:]:
            equal(recomputed(desk, number), 1, f"how often {number} was computed again")
        desk.verify()
        server.stop()


def recomputed(desk, number):
    return sum(entry["verb"] == "recompute" for entry in desk.case(number)["history"])


if __name__ == "__main__":
    sys.exit(tap.run(cases_of(globals())))
