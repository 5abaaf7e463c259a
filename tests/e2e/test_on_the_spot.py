#!/usr/bin/python3
"""Field work over the real programs: a worker puts right on the spot what he reported, without a network; somebody
visits by a date what was closed; a unit's return that nobody judges comes back."""
import datetime
import json
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
import tap
from clock import preload
from district import ACCEPTOR, CODE, DISPATCHER, LATITUDE, LEAD, LONGITUDE, UNIT, report, sync
from expect import equal, holds
from harness import World, until
from pictures import jpeg
from test_adjust import Terminal
from test_services import tool

WORKER, VISITOR = "G005", "G002"  # the grid at LATITUDE, LONGITUDE is the first one's own
LITTER, SPARE = "10007", "20001"


def served(world, *people):
    """A district where litter may be put right on the spot, and the handsets of these people."""
    server = world.server.start()
    profile = json.loads((HERE.parents[1] / "tools/demo.d/profile.json").read_text())
    profile["settings"]["self_dispose_classes"] = [10]
    server.district(profile=json.dumps(profile))
    handsets = []
    for person in people:
        handset = world.handset(person)
        handset.enrol(server.code_for(person))
        handsets.append(handset)
    return server, Terminal(server), handsets


def pictures(world):
    for seed, name in enumerate(("before", "after")):
        path = world.folder / f"{name}.jpg"
        path.write_bytes(jpeg(40, seed + 11))
        yield path


def case_of(server, number):
    return server.must("GET", f"/districts/{CODE}/cases/{number}")


def disposed(world, handset, kind, **options):
    before, after = pictures(world)
    return handset.run("report", "--text", "路边垃圾", "--type", kind, "--lat", LATITUDE, "--lon", LONGITUDE,
                       "--disposed", "--photo", before, "--photo", after, **options)


def test_what_comes_again_in_one_place_is_told_of_and_looked_at_before_it_is_closed():
    with World() as world:
        server = world.server.start()
        profile = json.loads((HERE.parents[1] / "tools/demo.d/profile.json").read_text())
        profile["settings"].pop("repeat_check_off")
        server.district(profile=json.dumps(profile))
        terminal, worker = Terminal(server), world.handset(WORKER)
        worker.enrol(server.code_for(WORKER))
        first = worker.one("report", "--text", "又堵了", "--type", LITTER, "--lat", LATITUDE, "--lon", LONGITUDE)
        equal((first["repeat"], first["emergency"]), (None, None), "the first is no repeat")
        numbers = [first["case"]] + [report(worker, "还是堵") for _ in range(2)]
        sync(worker)
        sync(worker)  # a second greeting: the place repeats by now
        equal([row["cases"] for row in tool(server, "places", "repeats")], [3], "at the desk")
        server.stop()
        equal([row["cases"] for row in worker.run("places")], [3], "on the worker's handset")
        equal(report_said(worker)["repeat"], 3, "said while it is recorded, without a network")
        urgent = worker.one("report", "--text", "有人受伤", "--type", LITTER, "--urgency", "1", "--lat", LATITUDE,
                            "--lon", LONGITUDE)
        equal(urgent["emergency"]["call"], ["110", "119"], "whom to call")
        holds(urgent["emergency"]["sms"], urgent["case"])
        equal("受伤" in urgent["emergency"]["sms"], False, "what was written")
        server.start()
        number = numbers[0]
        terminal.must(number, "dispatch", DISPATCHER, "dispatched", "--condition=none-of-them", f"--unit={UNIT}")
        terminal.must(number, "sign", LEAD, "handling")
        terminal.must(number, "finish", LEAD, "done", "--text=已疏通")
        equal(case_of(server, number)["repeats"] >= 3, True, "it was one of three")
        terminal.refused(number, "close", ACCEPTOR, "guard", "--ended", "--text=已疏通")
        terminal.checked(number)
        terminal.must(number, "close", ACCEPTOR, "closed", "--ended", "--text=已疏通")
        equal(server.must("POST", f"/districts/{CODE}/verify")["holds"], True, "the district verifies")
        server.stop()


def report_said(handset):
    return handset.one("report", "--text", "又来", "--type", LITTER, "--lat", LATITUDE, "--lon", LONGITUDE)


def test_what_is_put_right_on_the_spot_is_done_when_it_arrives():
    with World() as world:
        server, terminal, (worker,) = served(world, WORKER)
        sync(worker)
        server.stop()
        number = disposed(world, worker, LITTER)[0]["case"]
        equal([op["verb"] for op in worker.run("ops")], ["self_dispose", "submit"], "what was recorded")
        server.start()
        sync(worker)
        case = until(lambda: (lambda now: now if now["state"] == "done" else None)(case_of(server, number)), "it is done")
        equal((case["self_disposed"], case["unit"]), (True, None), "nobody else had it")
        equal([entry["verb"] for entry in case["history"]][:2], ["submit", "self_dispose"], "its history")
        kinds = sorted(photo["kind"] for photo in case["photos"] if photo["verb"] == "self_dispose")
        equal([kind for kind in kinds if kind != "thumbnail"], ["after", "photo"], "its photos")
        terminal.must(number, "check", ACCEPTOR, "checking", f"--assignee={VISITOR}")
        equal(server.must("POST", f"/districts/{CODE}/verify")["holds"], True, "the district verifies")
        server.stop()


def test_what_no_worker_may_put_right_alone_stays_a_report():
    with World() as world:
        server, _, (worker,) = served(world, WORKER)
        sync(worker)
        # The handset knows the district's rule and says so; the report itself is recorded.
        disposed(world, worker, SPARE, expect=None)
        equal([op["verb"] for op in worker.run("ops")], ["submit"], "what was recorded")
        sync(worker)
        number = worker.run("list")[0]["case"]
        equal(case_of(server, number)["self_disposed"], False, "the case")
        server.stop()


def test_a_visit_is_made_after_the_answer_and_told_offline():
    with World() as world:
        server, terminal, (worker, visitor) = served(world, WORKER, VISITOR)
        number = report(worker)
        sync(worker)
        terminal.must(number, "dispatch", DISPATCHER, "dispatched", "--condition=none-of-them", f"--unit={UNIT}")
        terminal.must(number, "sign", LEAD, "handling")
        terminal.must(number, "finish", LEAD, "done", "--text=已换井盖")
        terminal.must(number, "close", ACCEPTOR, "closed", "--ended", "--text=已换井盖")
        terminal.refused(number, "ask-visit", ACCEPTOR, "field", f"--assignee={VISITOR}", "--text=回访")
        terminal.must(number, "ask-visit", ACCEPTOR, "closed", f"--until={tomorrow()}", f"--assignee={VISITOR}",
                      "--text=井盖是否牢固")
        sync(visitor)
        equal([(row["kind"], row["text"]) for row in visitor.run("tasks")], [("visit", "井盖是否牢固")], "his tasks")
        server.stop()
        visitor.one("answer", number, "--result", "yes", "--text", "牢固")
        server.start()
        sync(visitor)
        case = case_of(server, number)
        equal((case["state"], [(task["kind"], task["state"], task["result"]) for task in case["tasks"]]),
              ("closed", [("visit", "answered", "yes")]), "after it")
        equal(server.must("POST", f"/districts/{CODE}/verify")["holds"], True, "the district verifies")
        server.stop()


def test_a_return_that_nobody_judges_comes_back():
    with World() as world:
        server, terminal, (worker,) = served(world, WORKER)
        number = report(worker)
        sync(worker)
        terminal.must(number, "dispatch", DISPATCHER, "dispatched", "--condition=none-of-them", f"--unit={UNIT}")
        terminal.must(number, "return", LEAD, "returning", "--text=不属本单位")
        server.stop()
        true = dict(server.environment)
        server.environment.update(LD_PRELOAD=preload(), FAKETIME="+61m", FAKETIME_DONT_FAKE_MONOTONIC="0")
        server.start()
        until(lambda: server.must("GET", f"/districts/{CODE}")["clock_alarm"], "the clock's jump is noticed")
        equal(case_of(server, number)["state"], "returning", "while the clock is in doubt")
        server.must("POST", f"/districts/{CODE}/clock/confirm")
        case = until(lambda: (lambda now: now if now["state"] != "returning" else None)(case_of(server, number)),
                     "the return is accepted")
        equal((case["state"], case["returns_lapsed"]), ("filed", 1), "by the clock")
        equal(server.must("POST", f"/districts/{CODE}/verify")["holds"], True, "the district verifies")
        server.stop()
        server.environment = true


def tomorrow():
    return (datetime.date.today() + datetime.timedelta(days=2)).isoformat()


if __name__ == "__main__":
    sys.exit(tap.run([test for name, test in list(globals().items()) if name.startswith("test_")]))
