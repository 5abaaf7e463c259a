"""A district changes under its open cases: a unit is dissolved, a catalogue is replaced, a worker leaves with a task; no
case is without an owner, and a case keeps what it was filed with."""
import datetime
import json
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
import tap
from district import ACCEPTOR, CODE, DISPATCHER, LEAD, OPEN, TYPE, UNIT, Desk, report, sync
from expect import equal
from harness import DEMO, World, until
from test_adjust import Terminal
from test_ends import days_later, state_is

REPORTER = "G004"


def begun(world, reports):
    """A served district and so many reports in the hands of UNIT, the first of them signed."""
    server = world.server.start()
    server.district()
    handset = world.handset(REPORTER)
    handset.enrol(server.code_for(REPORTER))
    numbers = [report(handset, f"第{n}件") for n in range(reports)]
    sync(handset)
    terminal = Terminal(server)
    for number in numbers:
        terminal.must(number, "dispatch", DISPATCHER, "dispatched", "--condition=none-of-them", f"--unit={UNIT}")
    terminal.must(numbers[0], "sign", LEAD, "handling")
    return Desk(server), terminal, numbers


def profile():
    return json.loads((DEMO / "profile.json").read_text())


def owned(desk):
    """Every open case waits in the queue or for its acceptor, or is with a unit that stands; gives how many there are."""
    gone = {unit["code"] for unit in desk.get("/units")["items"] if unit.get("dissolved")}
    cases = desk.cases(OPEN)
    for case in cases:
        waits = case["state"] in ("received", "verifying", "filed") and case["dispatch_due"]
        judged = case["state"] in ("done", "checking") and case["check_due"]  # the acceptor's
        equal(bool(waits or judged or (case["unit"] and case["unit"] not in gone)), True, f"somebody has {case['number']}: {case['unit']}")
    return len(cases)


def test_what_a_dissolved_unit_has_goes_on_elsewhere():
    with World() as world:
        desk, terminal, numbers = begun(world, 7)
        terminal.must(numbers[1], "sign", LEAD, "handling")
        terminal.must(numbers[1], "finish", LEAD, "done", "--text=已补")
        until_day = (datetime.date.today() + datetime.timedelta(days=200)).isoformat()
        terminal.must(numbers[2], "sign", LEAD, "handling")
        terminal.must(numbers[2], "ask-suspension", LEAD, "handling", "--text=待料", f"--until={until_day}")
        terminal.must(numbers[2], "suspend", DISPATCHER, "suspended")
        made = profile()
        unit = next(unit for unit in made["units"] if unit["code"] == UNIT)
        unit["dissolved"] = True
        checked = desk.post("/profile", made)
        equal((checked["applied"], checked["moves"]), (False, [{"unit": UNIT, "cases": 6, "more": False}]), "the check")
        off = {"check_sampling_off": True, "evidence_off": True}
        for settings in (off, {"evidence_off": True}, {}):
            kept = {name: value for name, value in made["settings"].items() if name not in off}
            tried = desk.post("/profile", dict(made, settings=dict(kept, **settings)))
            equal(tried["safeguards_off"], list(settings), "safeguards that a check calls off")
        equal(desk.case(numbers[0])["unit"], UNIT, "after a check alone")
        answer = desk.post("/profile?apply=1", made)
        equal((answer["applied"], "moves" in answer), (True, False), "applied")
        moved = [number for number in numbers if number != numbers[1]]
        until(lambda: all(desk.case(number)["unit"] != UNIT for number in moved), "all have another unit")
        for number in moved:
            case = desk.case(number)
            equal((case["state"], case["automatic"], case["redirects"], case["type"]), ("dispatched", True, 0, int(TYPE)), number)
            entry = case["history"][-1]
            equal((entry["verb"], entry["source"], "撤销" in entry["text"]), ("redirect", "clock", True), "its entry")
        equal(owned(desk), 7, "open cases")
        home = desk.case(moved[0])["unit"]
        resumed = desk.case(numbers[2])["history"][-2]
        equal((resumed["verb"], resumed["source"], "撤销" in resumed["text"]), ("resume", "clock", True), "what was suspended goes on first")
        equal(any(notice["number"] == moved[0] for notice in desk.cases(list_name="notices")), True, "who has it is told")
        terminal.refused(moved[0], "redirect", DISPATCHER, "no_unit", f"--unit={UNIT}", "--text=退回原单位")
        terminal.must(numbers[1], "fail", ACCEPTOR, "rework", "--text=又坏了")
        equal(desk.act(moved[0], "sign", acting=LEAD).status != 200, True, "the lead of what is no more signs")
        del made["units"][made["units"].index(unit)]
        equal(desk.server.ask("POST", desk.path("/profile"), made).status, 422, "left out while it has cases")
        unit["dissolved"] = False
        made["units"].append(unit)
        equal(desk.post("/profile?apply=1", made)["applied"], True, "it is there again")
        equal(desk.case(moved[0])["unit"], home, "what went elsewhere stays there")
        desk.verify()
        desk.server.stop()


def test_a_case_keeps_what_it_was_filed_with_when_the_catalogue_changes():
    with World() as world:
        desk, terminal, numbers = begun(world, 2)
        before = [desk.case(number) for number in numbers]
        catalogue = json.loads((HERE.parents[1] / "server/console/catalogue.json").read_text())
        for one in catalogue["types"]:
            if one["code"] == TYPE:
                one["name_zh"] = "明年的名称"
                for limited, name in [(one, "default_limit"), *((condition, "limit") for condition in one["conditions"])]:
                    limited[name].update(value=1, unit="urgent_hour")
        equal(desk.post("/catalogue?apply=1", catalogue)["applied"], True, "the year's catalogue")
        after = [desk.case(number) for number in numbers]
        equal([(case["type"], case["condition"], case["disposal_due"]) for case in after],
              [(case["type"], case["condition"], case["disposal_due"]) for case in before], "what they were filed with")
        equal(after[0]["type_name"], "明年的名称", "the name of today")
        terminal.must(numbers[0], "ask-extension", LEAD, "handling", "--text=下雨")
        extended = terminal.must(numbers[0], "extend", DISPATCHER, "handling")
        equal(extended["disposal_due"] > before[0]["disposal_due"], True, "one original limit more")
        owned(desk)
        desk.verify()
        desk.server.stop()


def test_a_type_that_cases_have_stays_in_the_catalogue():
    """Without it nobody would know who may see its cases, whose posts are for them, or how long they are kept."""
    with World() as world:
        desk, terminal, numbers = begun(world, 1)
        handset = world.handset("G005")
        handset.enrol(desk.server.code_for("G005"))
        private = handset.one("report", "--text", "孩子被打", "--type", "80009", "--lat", "30.99", "--lon", "116.98")["case"]
        sync(handset)
        seen = {who: desk.server.ask("GET", desk.path(f"/cases/{private}"), acting=who).status for who in ("A001", "D001", "V001", "D102", LEAD)}
        equal(set(seen.values()), {404}, f"a restricted case is shown to none of {list(seen)}")
        catalogue = json.loads((HERE.parents[1] / "server/console/catalogue.json").read_text())
        for gone, refused in (((TYPE,), 1), (("80009",), 1), ((TYPE, "80009"), 2), (("10008",), 0)):
            less = dict(catalogue, types=[one for one in catalogue["types"] if one["code"] not in gone])
            for tail in ("/catalogue", "/catalogue?apply=1"):
                answer = desk.server.ask("POST", desk.path(tail), less)
                equal(answer.status, 422 if refused else 200, f"{tail} without {gone}: {answer.text}")
                equal([fault["field"] for fault in answer.json.get("errors", [])], ["types"] * refused, answer.text)
        for who, status in seen.items():
            equal(desk.server.ask("GET", desk.path(f"/cases/{private}"), acting=who).status, status, who)
        terminal.must(numbers[0], "finish", LEAD, "done", "--text=已补")
        desk.verify()
        desk.server.stop()


def test_a_task_of_a_worker_who_left_comes_back_at_once_and_keeps_no_case_back():
    with World() as world:
        server = world.server.start()
        server.district()
        desk, terminal = Desk(server), Terminal(server)
        handset = world.handset(REPORTER)
        handset.enrol(server.code_for(REPORTER))
        number = report(handset)
        sync(handset)
        terminal.must(number, "ask-verify", ACCEPTOR, "verifying", "--assignee=G003")
        made = profile()
        next(person for person in made["people"] if person["code"] == "G003")["posts"] = []
        equal(desk.post("/profile?apply=1", made)["applied"], True, "G003 has no post any more")
        answer = desk.act(number, "answer-verify", {"task": 1, "result": "yes", "text": "看过"}, acting="G003")
        equal(answer.status in (403, 404, 409), True, f"an answer of who left: {answer.text}")
        case = state_is(server, number, "received")
        entry = case["history"][-1]
        equal((entry["verb"], entry["source"], "离岗" in entry["text"]), ("task_lapsed", "clock", True), "its entry")
        told = [notice for notice in desk.cases(list_name="notices") if notice["number"] == number and notice["kind"] == "task-lapsed"]
        equal(len(told) > 0, True, "the acceptor is told")
        terminal.must(number, "ask-verify", ACCEPTOR, "verifying")
        equal(desk.case(number)["tasks"][-1]["person"] != "G003", True, "whom it is assigned to anew")
        true = dict(server.environment)
        days_later(server, 1)
        case = state_is(server, number, "dispatched")
        equal((case["automatic"], [task["state"] for task in case["tasks"]]), (True, ["lapsed", "lapsed"]), "by the clock")
        equal(owned(desk), 1, "open cases")
        desk.verify()
        server.stop()
        server.environment = true


if __name__ == "__main__":
    sys.exit(tap.run([test for name, test in list(globals().items()) if name.startswith("test_")]))
