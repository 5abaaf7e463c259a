"""What comes after a case's answer, by the terminal: archive, follow-up, recurrence; and several reports that are one."""
import json
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
import tap
from clock import preload
from district import ACCEPTOR, CODE, DISPATCHER, LEAD, UNIT, report, sync
from expect import equal
from harness import DEMO, World, until
from test_adjust import Terminal, moment

ARCHIVIST, AGENT, OTHER_AGENT, SUPERVISOR = "K001", "F001", "F002", "V001"
REPORTER, NEIGHBOUR = "G001", "G002"


def profile():
    """The demo's people, and who comes after the answer: an archivist, an agent, and one of the unit that handles."""
    made = json.loads((DEMO / "profile.json").read_text())
    made["people"] += [
        {"code": ARCHIVIST, "name": "区档案员", "posts": [{"role": "archivist", "area": CODE}]},
        {"code": AGENT, "name": "区回访员", "posts": [{"role": "followup_agent", "area": CODE}]},
        {"code": OTHER_AGENT, "name": "兼职回访员", "posts": [{"role": "followup_agent", "area": CODE},
                                                         {"role": "handler", "unit": UNIT, "area": CODE}]}]
    return json.dumps(made)


def served(world, *reporters):
    """A served district with a handset of each reporter's, and a terminal."""
    server = world.server.start()
    server.district(profile=profile())
    handsets = []
    for person in reporters:
        handsets.append(world.handset(person))
        handsets[-1].enrol(server.code_for(person))
    return server, Terminal(server), handsets


def handled(terminal, number):
    terminal.must(number, "dispatch", DISPATCHER, "dispatched", "--condition=none-of-them", f"--unit={UNIT}")
    terminal.must(number, "sign", LEAD, "handling")
    terminal.must(number, "finish", LEAD, "done", "--text=已补")


def days_later(server, days):
    """The server is away and back so many days after it first began, which an administrator confirms."""
    server.stop()
    server.environment.update(LD_PRELOAD=preload(), FAKETIME=f"+{days}d", FAKETIME_DONT_FAKE_MONOTONIC="1")
    server.start()
    until(lambda: server.must("GET", f"/districts/{CODE}")["clock_alarm"], "the clock's jump is noticed")
    server.must("POST", f"/districts/{CODE}/clock/confirm")


def state_is(server, number, state):
    return until(lambda: (lambda now: now if now["state"] == state else None)(
        server.must("GET", f"/districts/{CODE}/cases/{number}")), f"{number} is {state}")


def closures(handset, number):
    return [(one["cycle"], one["kind"], one["result"], one["delivered"]) for one in handset.one("show", number)["closures"]]


def test_a_closed_case_is_archived_and_followed_up_by_people():
    with World() as world:
        server, terminal, (handset,) = served(world, REPORTER)
        number = report(handset)
        sync(handset)
        handled(terminal, number)
        case = terminal.must(number, "close", ACCEPTOR, "closed", "--ended", "--text=已补好")
        equal((moment(case["archive_due"]) - moment(case["closed_at"])).days, 7, "days until the clock archives it")
        terminal.refused(number, "archive", ARCHIVIST, "window")
        true = dict(server.environment)
        days_later(server, 4)
        terminal.refused(number, "reopen", REPORTER, "window", "--text=又坏了")
        case = terminal.must(number, "archive", ARCHIVIST, "archived")
        equal((case["archive_due"], case["follow_due"] is not None), (None, True), "what runs now")
        terminal.refused(number, "follow-up", OTHER_AGENT, "guard", "--answer=satisfied")
        terminal.refused(number, "follow-up", AGENT, "field", "--answer=splendid")
        terminal.refused(number, "follow-up", AGENT, "guard")
        terminal.refused(number, "follow-up", AGENT, "no_reason", "--answer=dissatisfied")
        case = terminal.must(number, "follow-try", AGENT, "archived", "--text=无人接听")
        equal(case["follow_tries"], 1, "tries")
        case = terminal.must(number, "follow-up", AGENT, "followed", "--answer=recurred", "--text=又坏了")
        equal((case["follow_answer"], case["follow_due"]), ("recurred", None), "what was said")
        case = terminal.must(number, "recur", SUPERVISOR, "filed", "--text=回访反映复发")
        equal((case["cycle"], case["follow_answer"], case["unit"]), (2, None, None), "the second cycle")
        server.must("POST", f"/districts/{CODE}/verify")
        server.stop()
        server.environment = true


def test_what_nobody_follows_up_ends_by_the_clock():
    with World() as world:
        server, terminal, (handset,) = served(world, REPORTER)
        number = report(handset)
        sync(handset)
        handled(terminal, number)
        terminal.must(number, "close", ACCEPTOR, "closed", "--ended", "--text=已补好")
        true = dict(server.environment)
        for days, state, tries in ((8, "archived", 0), (18, "archived", 1), (28, "archived", 2), (38, "followed", 3)):
            days_later(server, days)
            state_is(server, number, state)
            case = until(lambda tries=tries: (lambda now: now if now["follow_tries"] == tries else None)(
                server.must("GET", f"/districts/{CODE}/cases/{number}")), f"{tries} tries")
            equal(case["state"], state, f"after {days} days")
        equal((case["follow_answer"], case["history"][-1]["source"]), ("unreached", "clock"), "how it ended")
        equal(case["follow_lapses"], 3, "tries that nobody made")
        told = server.must("GET", f"/districts/{CODE}/cases/{number}", acting=REPORTER)
        equal((told["for_reporter"]["zh"], told["history"][-1]["for_reporter"]["zh"]), ("回访未能按时进行。",) * 2,
              "what its reporter reads, whom nobody asked")
        due = [row for row in server.must("GET", f"/districts/{CODE}/notices")["items"] if row["kind"] == "follow-up"]
        equal(AGENT in {row["person"] for row in due}, True, "who should ask was told")
        equal(server.must("POST", f"/districts/{CODE}/verify")["holds"], True, "the journal and its rows")
        server.stop()
        server.environment = true


def test_a_merged_report_is_answered_under_its_own_number():
    with World() as world:
        server, terminal, (handset, other) = served(world, REPORTER, NEIGHBOUR)
        main, number = report(handset), report(other, "井盖没了")
        third = report(other, "第三条")
        for one in (handset, other):
            sync(one)
        terminal.refused(number, "merge", ACCEPTOR, "guard", number)
        terminal.refused(number, "merge", ACCEPTOR, "case_number", "990-1-X")
        terminal.refused(number, "merge", DISPATCHER, "no_right", main)
        case = terminal.must(number, "merge", ACCEPTOR, "merged", main, "--text=与另一件为同一事项")
        equal((case["main"], case["dispatch_due"]), (main, None), "where it went")
        handled(terminal, main)
        terminal.must(main, "close", ACCEPTOR, "closed", "--ended", "--text=新井盖已装好")
        terminal.must(third, "merge", ACCEPTOR, "merged", main, "--text=同一事项")
        for one in (handset, other):
            sync(one)
        merged = server.must("GET", f"/districts/{CODE}/cases/{main}")["merged"]
        equal(sorted(merged), sorted([number, third]), "what is merged into it")
        equal(closures(handset, main), [(1, "closed", "新井盖已装好", True)], "the main case's answer")
        equal(closures(other, number), [(1, "merged", "与另一件为同一事项", True), (2, "closed", "新井盖已装好", True)],
              "its own number's answers")
        equal(closures(other, third)[1:], [(2, "closed", "新井盖已装好", True)], "of one that came late")
        terminal.must(main, "reopen", REPORTER, "filed", "--text=又丢了")
        case = terminal.must(third, "unmerge", ACCEPTOR, "received")
        equal((case["main"], case["cycle"], case["dispatch_due"] is not None), (None, 3, True), "a case of its own")
        terminal.must(main, "dispatch", DISPATCHER, "dispatched", "--condition=none-of-them", f"--unit={UNIT}")
        terminal.must(main, "sign", LEAD, "handling")
        terminal.must(main, "finish", LEAD, "done", "--text=再装")
        terminal.checked(main)
        terminal.must(main, "close", ACCEPTOR, "closed", "--ended", "--text=加了锁")
        sync(other)
        equal(closures(other, number)[2:], [(3, "closed", "加了锁", True)], "the second answer")
        equal(len(closures(other, third)), 2, "answers of what is merged no more")
        stats = server.must("GET", f"/districts/{CODE}/stats")
        equal(stats["closures_owed"], 2 + 3 + 2, "answers owed")
        equal(server.must("POST", f"/districts/{CODE}/verify")["holds"], True, "the journal and its rows")
        server.stop()


if __name__ == "__main__":
    sys.exit(tap.run([test for name, test in list(globals().items()) if name.startswith("test_")]))
