#!/usr/bin/python3
"""Tasks that hang on a case, over the real programs: somebody is sent to look and answers offline with a photo, or
comes too late; another checks; helpers help."""
import json
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
import tap
from clock import preload
from district import ACCEPTOR, CODE, DISPATCHER, LEAD, UNIT, report, sync
from expect import equal
from harness import World, until
from pictures import jpeg
from test_adjust import Terminal

REPORTER, WORKER, OTHER = "G001", "G002", "G003"
HELPING, HELPER = "U-T1", "L-T1"
COUNTY, SUPERVISOR = "990101", "V001"
ALWAYS = [{"weekday": day, "from": "00:00", "to": "24:00"} for day in range(1, 8)]


def begun(world, *people, profile=None):
    """A served district with a report, and the handsets of these people."""
    server = world.server.start()
    server.district(profile=profile)
    handsets = []
    for person in (REPORTER, *people):
        handset = world.handset(person)
        handset.enrol(server.code_for(person))
        handsets.append(handset)
    number = report(handsets[0])
    sync(handsets[0])
    return server, Terminal(server), number, handsets


def picture(world, name, seed):
    path = world.folder / f"{name}.jpg"
    path.write_bytes(jpeg(40, seed))
    return path


def case_of(server, number):
    return server.must("GET", f"/districts/{CODE}/cases/{number}")


def test_somebody_looks_before_it_is_filed_and_answers_offline_with_a_photo():
    with World() as world:
        server, terminal, number, (_, worker) = begun(world, WORKER)
        case = terminal.must(number, "ask-verify", ACCEPTOR, "verifying", f"--assignee={WORKER}", "--text=井盖是否已移位")
        equal(case["open_tasks"], 1, "open tasks")
        terminal.refused(number, "file", ACCEPTOR, "not_now")
        terminal.refused(number, "answer-verify", OTHER, "no_case", "--task=1", "--result=yes", "--text=看过")
        sync(worker)
        equal([(row["kind"], row["text"], row["case"]) for row in worker.run("tasks")],
              [("verify", "井盖是否已移位", number)], "the worker's tasks")
        equal(worker.one("show", number)["text"], "井盖破损", "what the worker sees of it")
        server.stop()
        answer = worker.one("answer", number, "--result", "yes", "--photo", picture(world, "seen", 5))
        equal((answer["kind"], answer["task"]), ("verify", 1), "what was answered")
        equal([row["answered"] for row in worker.run("tasks")], [True], "while it is on its way")
        server.start()
        sync(worker)
        case = case_of(server, number)
        equal((case["state"], case["open_tasks"]), ("received", 0), "after the answer")
        equal([(task["state"], task["result"], task["person"]) for task in case["tasks"]],
              [("answered", "yes", WORKER)], "the task")
        equal([photo["verb"] for photo in case["photos"] if photo["kind"] == "photo"], ["answer_verify"], "its photo")
        equal(worker.run("tasks"), [], "the worker's tasks after it")
        terminal.must(number, "file", ACCEPTOR, "filed", "--condition=none-of-them")
        equal(server.must("POST", f"/districts/{CODE}/verify")["holds"], True, "the district verifies")
        server.stop()


def test_a_task_is_given_to_another_and_the_first_ones_answer_is_stale():
    with World() as world:
        profile = json.loads((HERE.parents[1] / "tools/demo.d/profile.json").read_text())
        profile["people"].append({"code": "GL01", "name": "网格长", "posts": [{"role": "grid_leader", "area": COUNTY}]})
        server, terminal, number, (_, first, second) = begun(world, WORKER, OTHER, profile=json.dumps(profile))
        terminal.must(number, "ask-verify", ACCEPTOR, "verifying", f"--assignee={WORKER}", "--text=看一下")
        sync(first)
        sync(second)
        first.one("answer", number, "--result", "yes", "--text", "属实")
        terminal.refused(number, "reassign", OTHER, "no_case", "--task=1", f"--assignee={OTHER}")
        terminal.refused(number, "reassign", ACCEPTOR, "field", "--task=1")
        terminal.refused(number, "reassign", ACCEPTOR, "field", "--task=7", f"--assignee={OTHER}")
        terminal.refused(number, "reassign", ACCEPTOR, "field", "--task=1", "--assignee=NOBODY")
        case = terminal.must(number, "reassign", "GL01", "verifying", "--task=1", f"--assignee={OTHER}")
        equal(case["open_tasks"], 1, "open tasks")
        task = case_of(server, number)["tasks"][0]
        equal((task["person"], task["person_before"]), (OTHER, WORKER), "whose it is")
        sync(second)
        equal([row["text"] for row in second.run("tasks")], ["看一下"], "the other's tasks")
        sync(first)
        equal([(op["verb"], op["verdict"]) for op in first.run("ops", "--refused")], [("answer_verify", "stale")],
              "what the first is told")
        equal(first.run("tasks"), [], "the first one's tasks")
        notices = {(row["person"], row["kind"]) for row in server.must("GET", f"/districts/{CODE}/notices")["items"]}
        for told in ((WORKER, "task-moved"), (OTHER, "task"), (WORKER, "stale"), ("GL01", "stale")):
            equal(told in notices, True, f"{told} in {sorted(notices)}")
        second.one("answer", number, "--result", "yes", "--photo", picture(world, "second", 9))
        sync(second)
        equal(case_of(server, number)["state"], "received", "after the answer")
        equal(server.must("POST", f"/districts/{CODE}/verify")["holds"], True, "the district verifies")
        server.stop()


def test_who_comes_too_late_is_told_so_and_the_clock_has_dispatched():
    with World() as world:
        server, terminal, number, (_, worker) = begun(world, WORKER)
        terminal.must(number, "ask-verify", ACCEPTOR, "verifying", f"--assignee={WORKER}", "--text=看一下")
        sync(worker)
        server.stop()
        worker.one("answer", number, "--result", "no", "--text", "没有发现")
        true = dict(server.environment)
        server.environment.update(LD_PRELOAD=preload(), FAKETIME="+31m", FAKETIME_DONT_FAKE_MONOTONIC="0")
        server.start()
        case = until(lambda: (lambda now: now if now["open_tasks"] == 0 else None)(case_of(server, number)),
                     "the task lapses")
        equal((case["state"], case["tasks"][0]["state"]), ("dispatched", "lapsed"), "after its limit")
        sync(worker)
        equal([(op["verb"], op["verdict"]) for op in worker.run("ops", "--refused")], [("answer_verify", "stale")],
              "what the worker is told")
        equal(worker.run("tasks"), [], "the worker's tasks")
        told = [(row["verb"], row["verdict"], row["text"]) for row in case_of(server, number)["history"]][-1]
        equal(told, ("answer_verify", "stale", "没有发现"), "what the desk is told")
        equal(server.must("POST", f"/districts/{CODE}/verify")["holds"], True, "the district verifies")
        server.stop()
        server.environment = true


def finished(terminal, number):
    terminal.must(number, "dispatch", DISPATCHER, "dispatched", "--condition=none-of-them", f"--unit={UNIT}", "--urgency=1")
    terminal.must(number, "sign", LEAD, "handling")
    terminal.must(number, "finish", LEAD, "done", "--text=已换井盖")


def test_what_is_urgent_is_checked_by_another_before_it_is_closed():
    with World() as world:
        profile = json.loads((HERE.parents[1] / "tools/demo.d/profile.json").read_text())
        profile["settings"].pop("check_sampling_off")
        server, terminal, number, (_, worker) = begun(world, WORKER, profile=json.dumps(profile))
        finished(terminal, number)
        terminal.refused(number, "close", ACCEPTOR, "guard", "--ended", "--text=已换")
        terminal.must(number, "check", ACCEPTOR, "checking", f"--assignee={WORKER}")
        terminal.refused(number, "fail", ACCEPTOR, "guard", "--text=不行")
        sync(worker)
        worker.one("answer", number, "--result", "no", "--text", "井盖仍松动")
        sync(worker)
        case = case_of(server, number)
        equal((case["state"], case["checked"], case["tasks"][-1]["result"]), ("checking", "failed", "no"), "it fails")
        terminal.must(number, "fail", ACCEPTOR, "rework", "--text=请重做")
        terminal.must(number, "start", LEAD, "handling")
        terminal.must(number, "finish", LEAD, "done", "--text=重新固定")
        terminal.refused(number, "close", ACCEPTOR, "guard", "--ended", "--text=已换")
        terminal.must(number, "check", ACCEPTOR, "checking", f"--assignee={WORKER}")
        sync(worker)
        worker.one("answer", number, "--result", "yes", "--photo", picture(world, "fixed", 7))
        sync(worker)
        equal((case_of(server, number)["state"], case_of(server, number)["checked"]), ("done", "passed"), "it passes")
        terminal.must(number, "close", ACCEPTOR, "closed", "--ended", "--text=已固定")
        equal(server.must("POST", f"/districts/{CODE}/verify")["holds"], True, "the district verifies")
        server.stop()


def test_what_the_clock_closed_is_looked_at_by_somebody_who_had_no_part_in_it():
    with World() as world:
        profile = json.loads((HERE.parents[1] / "tools/demo.d/profile.json").read_text())
        profile["settings"].pop("check_sampling_off")
        profile["settings"].update(check_percent=100, week=ALWAYS)
        server, terminal, number, (reporter,) = begun(world, profile=json.dumps(profile))
        numbers, handsets = [number, report(reporter)], {REPORTER: reporter}
        sync(reporter)
        for number in numbers:
            terminal.must(number, "dispatch", DISPATCHER, "dispatched", "--condition=none-of-them", f"--unit={UNIT}")
            terminal.must(number, "sign", LEAD, "handling")
            terminal.must(number, "finish", LEAD, "done", "--text=已换井盖")
            terminal.checked(number)
        server.stop()
        true = dict(server.environment)
        server.environment.update(LD_PRELOAD=preload(), FAKETIME="+9h", FAKETIME_DONT_FAKE_MONOTONIC="0")
        server.start()
        until(lambda: server.must("GET", f"/districts/{CODE}")["clock_alarm"], "the clock's jump is noticed")
        server.must("POST", f"/districts/{CODE}/clock/confirm")
        for number, result, audit in zip(numbers, ("yes", "no"), ("passed", "failed")):
            case = until(lambda: (lambda now: now if now["state"] == "closed" else None)(case_of(server, number)),
                         "the clock closes it")
            task = case["tasks"][-1]
            equal((case["matter_ended"], case["audit"], case["audit_task"]), (False, "asked", task["task"]), "by the clock")
            equal((task["kind"], task["state"], task["person"] == LEAD), ("visit", "open", False), "somebody is sent")
            if task["person"] not in handsets:
                handsets[task["person"]] = world.handset(task["person"])
                handsets[task["person"]].enrol(server.code_for(task["person"]))
            auditor = handsets[task["person"]]
            sync(auditor)
            equal(number in [row["case"] for row in auditor.run("tasks")], True, "on his handset")
            server.stop()
            auditor.one("answer", number, "--result", result, "--text", "看过")
            server.start()
            sync(auditor)
            case = until(lambda: (lambda now: now if now["audit"] != "asked" else None)(case_of(server, number)), "it is heard")
            equal((case["state"], case["audit"], case["tasks"][-1]["result"]), ("closed", audit, result), "how it came out")
        told = {(row["person"], row["kind"]) for row in server.must("GET", f"/districts/{CODE}/notices")["items"]
                if row["number"] == numbers[1]}
        equal((SUPERVISOR, "audit-failed") in told, True, f"a supervisor is told: {sorted(told)}")
        case = terminal.must(numbers[1], "reopen", SUPERVISOR, "filed", "--text=走访发现未处置")
        equal(case_of(server, numbers[1])["audit"], None, "its next cycle has none yet")
        equal(server.must("POST", f"/districts/{CODE}/verify")["holds"], True, "the district verifies")
        server.stop()
        server.environment = true


def test_the_lead_waits_for_its_helpers():
    with World() as world:
        server, terminal, number, (_, lead, helper) = begun(world, LEAD, HELPER)
        terminal.must(number, "dispatch", DISPATCHER, "dispatched", "--condition=none-of-them", f"--unit={UNIT}")
        terminal.must(number, "sign", LEAD, "handling")
        terminal.refused(number, "ask-help", LEAD, "no_unit", "--text=请封路")
        terminal.must(number, "ask-help", LEAD, "handling", f"--unit={HELPING}", "--text=请封路")
        terminal.refused(number, "finish", LEAD, "guard", "--text=已换")
        sync(lead)
        sync(helper)
        equal(lead.run("tasks"), [], "the lead's own tasks")
        equal([row["kind"] for row in lead.one("show", number)["tasks"]], ["help"], "what the lead knows of")
        lead.run("act", "finish", number, "--text", "已换", expect=None)
        equal(case_of(server, number)["state"], "handling", "while help is open")
        equal([(row["kind"], row["text"]) for row in helper.run("tasks")], [("help", "请封路")], "the helper's tasks")
        server.stop()
        helper.one("answer", number, "--result", "yes", "--text", "已封路", "--photo", picture(world, "closed", 9))
        server.start()
        sync(helper)
        equal(helper.run("tasks"), [], "the helper's tasks after it")
        terminal.must(number, "ask-help", DISPATCHER, "handling", "--assignee=G003", "--text=请疏导")
        terminal.must(number, "redirect", DISPATCHER, "dispatched", f"--unit={HELPING}", "--text=归属有误")
        case = case_of(server, number)
        equal([task["state"] for task in case["tasks"]], ["answered", "withdrawn"], "after a redirect")
        terminal.must(number, "sign", HELPER, "handling")
        terminal.must(number, "finish", HELPER, "done", "--text=已换")
        equal(server.must("POST", f"/districts/{CODE}/verify")["holds"], True, "the district verifies")
        server.stop()


if __name__ == "__main__":
    sys.exit(tap.run([test for name, test in list(globals().items()) if name.startswith("test_")]))
