#!/usr/bin/python3
"""Routing over the real programs: a rule names its paper, a case keeps the version it began with, a component goes to
its owner, returns teach a rule that an administrator takes over, and a period of heightened duty has its own limits."""
import datetime
import json
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
import tap
from district import CODE, DISPATCHER, LEAD, TYPE, UNIT, report, sync
from expect import cases_of, equal, holds
from harness import BIHUAN, DEMO, World, until
from test_adjust import Terminal

REPORTER, OTHER_UNIT = "G001", "U-HW"
MARK = "3408030000000A17"
CHINA = datetime.timezone(datetime.timedelta(hours=8))


def profile():
    return json.loads((DEMO / "profile.json").read_text())


def begun(world):
    server = world.server.start()
    server.district()
    handset = world.handset(REPORTER)
    handset.enrol(server.code_for(REPORTER))
    return server, handset


def reported(handset, text="井盖破损"):
    number = report(handset, text)
    sync(handset)
    return number


def case_of(server, number):
    return server.must("GET", f"/districts/{CODE}/cases/{number}")


def bihuan(server, *words, expect=0):
    done = subprocess.run([BIHUAN, *map(str, words)], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          timeout=30, check=False,
                          env={"BIHUAN_SOCKET": server.admin_path, "BIHUAN_DISTRICT": CODE})
    equal(done.returncode, expect, f"{' '.join(map(str, words))}: {done.stdout} {done.stderr}")
    return done.stdout


def with_rule(rule):
    whole = profile()
    whole["routes"].append(rule)
    return whole


def apply(server, whole):
    return server.ask("POST", f"/districts/{CODE}/profile?apply=1", whole)


def test_a_case_keeps_the_version_it_began_with_and_names_its_paper():
    with World() as world:
        server, handset = begun(world)
        before = reported(handset)
        rule = {"type": TYPE, "area": "990101", "unit": OTHER_UNIT}
        refused = apply(server, with_rule(rule))
        equal((refused.status, refused.json["errors"][0]["field"]), (422, "paper"), "a rule without a paper")
        equal(apply(server, with_rule({**rule, "paper": "区政办〔2026〕12号"})).status, 200, "with one")
        after = reported(handset)
        first, second = case_of(server, before), case_of(server, after)
        equal((first["proposed_unit"], first["rules_version"], first["routed_by"]), (UNIT, 1, "kind"), "the first")
        equal((second["proposed_unit"], second["rules_version"], second["paper"]),
              (OTHER_UNIT, 2, "区政办〔2026〕12号"), "the second")
        told = json.loads(bihuan(server, "route", "explain", TYPE, "990101002", "--json"))
        equal((told["unit"], told["by"], told["tried"][0]["why"]), (OTHER_UNIT, "rule", "taken"), "why")
        told = json.loads(bihuan(server, "route", "explain", TYPE, "990101002", "--version=1", "--json"))
        equal(told["by"], "kind", "by the rules of before")
        holds(bihuan(server, "route", "explain", TYPE), "区政办〔2026〕12号")
        bihuan(server, "route", "explain", TYPE, "nowhere", expect=65)
        proposal = json.loads(bihuan(server, "proposal", after, "--json"))
        equal((proposal["proposed_unit"], [row["unit"] for row in proposal["equals"]]), (OTHER_UNIT, [OTHER_UNIT]),
              "the proposal")
        equal(server.must("POST", f"/districts/{CODE}/verify")["holds"], True, "the district verifies")


def test_a_component_that_a_report_names_goes_to_its_owner():
    with World() as world:
        server, handset = begun(world)
        table = world.folder / "部件.csv"
        table.write_text(f"标识码,小类,权属单位,位置等级,状态\n{MARK},{TYPE},U-DL,A,完好\nX,{TYPE},U-DL,,\n", "utf-8")
        refused = subprocess.run([BIHUAN, "import", "apply", table], capture_output=True, text=True, check=False,
                                 env={"BIHUAN_SOCKET": server.admin_path, "BIHUAN_DISTRICT": CODE})
        holds(refused.stderr, ":3")
        table.write_text(f"标识码,小类,权属单位,位置等级,状态\n{MARK},{TYPE},U-DL,A,完好\n", "utf-8")
        bihuan(server, "import", "apply", table)
        number = reported(handset, f"{MARK} 灯不亮")
        case = case_of(server, number)
        equal((case["proposed_unit"], case["routed_by"], case["asset"]["code"]), ("U-DL", "owner", MARK), "the case")
        table.write_text(f"标识码,权属单位\n{MARK},\n", "utf-8")
        bihuan(server, "import", "apply", table)
        told = json.loads(bihuan(server, "route", "explain", TYPE, "990101002", f"--asset={MARK}", "--json"))
        equal(told["by"], "backstop", "of an unknown owner")


def returned(terminal, server, handset):
    number = reported(handset)
    terminal.must(number, "dispatch", DISPATCHER, "dispatched", "--condition=none-of-them", f"--unit={UNIT}")
    terminal.must(number, "return", LEAD, "returning", "--text=不属本单位职责")
    terminal.must(number, "accept-return", DISPATCHER, "filed")
    terminal.must(number, "dispatch", DISPATCHER, "dispatched", "--condition=none-of-them", f"--unit={OTHER_UNIT}")
    return number


def test_returns_teach_a_rule_that_is_taken_over_with_a_paper():
    with World() as world:
        server, handset = begun(world)
        terminal = Terminal(server)
        numbers = [returned(terminal, server, handset) for _ in range(2)]
        equal(json.loads(bihuan(server, "routes", "learn", "--json"))["items"], [], "two are chance")
        numbers.append(returned(terminal, server, handset))
        learnt = json.loads(bihuan(server, "routes", "learn", "--json"))["items"]
        equal(len(learnt), 1, f"proposals: {learnt}")
        one = learnt[0]
        equal((one["unit"], one["to"], one["returns"], sorted(one["numbers"])), (UNIT, OTHER_UNIT, 3, sorted(numbers)),
              "the proposal and its evidence")
        equal(server.must("GET", f"/districts/{CODE}/routes")["version"], 1, "nothing has changed")
        bihuan(server, "routes", "take", one["type"], one["area"], one["unit"], expect=64)
        bihuan(server, "routes", "take", one["type"], one["area"], "U-ZZ", "--paper=x", expect=1)
        bihuan(server, "routes", "take", one["type"], one["area"], one["unit"], "--paper=派单例会纪要第3期")
        equal(server.must("GET", f"/districts/{CODE}/routes")["version"], 2, "another version of the rules")
        case = case_of(server, reported(handset))
        equal((case["proposed_unit"], case["paper"]), (OTHER_UNIT, "派单例会纪要第3期"), "the next report")
        equal(json.loads(bihuan(server, "routes", "learn", "--json"))["items"], [], "it is learnt")
        equal(server.must("POST", f"/districts/{CODE}/verify")["holds"], True, "the district verifies")


def test_heightened_duty_has_limits_of_its_own():
    today = datetime.datetime.now(CHINA).date()
    with World() as world:
        server, handset = begun(world)
        whole = with_rule({"type": TYPE, "period": "heightened", "limit": {"value": 1, "unit": "urgent_hour"},
                           "pause": False, "paper": "重大活动保障方案"})
        whole["duty_periods"] = [{"name": "全运会", "from": str(today - datetime.timedelta(days=1)),
                                  "to": str(today + datetime.timedelta(days=1)), "paper": "值班通知",
                                  "dispatch_limit_min": 15}]
        equal(apply(server, {**whole, "duty_periods": [{**whole["duty_periods"][0], "dispatch_limit_min": 5}]}).status, 422,
              "no longer than the margin")
        equal(apply(server, whole).status, 200, "the period")
        number = reported(handset)
        case = case_of(server, number)
        due, at = (datetime.datetime.fromisoformat(case[name]) for name in ("dispatch_due", "received_at"))
        equal(due - at, datetime.timedelta(minutes=15), "its dispatch clock")
        whole["duty_periods"] = []
        equal(apply(server, whole).status, 200, "the period is taken out")
        terminal = Terminal(server)
        case = terminal.must(number, "dispatch", DISPATCHER, "dispatched", "--condition=none-of-them", f"--unit={UNIT}")
        due, at = (datetime.datetime.fromisoformat(case[name]) for name in ("disposal_due", "dispatched_at"))
        equal(due - at, datetime.timedelta(hours=1), "it keeps the limit that it began with")
        terminal.must(number, "sign", LEAD, "handling")
        terminal.refused(number, "ask-extension", LEAD, "guard", "--text=缺件")
        case = terminal.must(reported(handset), "dispatch", DISPATCHER, "dispatched", "--condition=none-of-them", f"--unit={UNIT}")
        due, at = (datetime.datetime.fromisoformat(case[name]) for name in ("disposal_due", "dispatched_at"))
        equal(due - at > datetime.timedelta(hours=1), True, "what begins later has the usual limit")


def test_what_its_unit_does_not_sign_goes_to_whom_a_rule_names():
    with World(test_due_divisor=14400) as world:
        server, handset = begun(world)
        rule = {"type": TYPE, "escalates": "U-ZZ", "paper": "督办暂行办法第八条"}
        refused = apply(server, with_rule({**rule, "escalates": "U-NO"}))
        equal((refused.status, refused.json["errors"][0]["field"]), (422, "escalates"), "a unit that is not there")
        whole = with_rule(rule)
        whole["settings"]["week"] = [{"weekday": day, "from": "00:00", "to": "24:00"} for day in range(1, 8)]
        equal(apply(server, whole).status, 200, "the rule")
        told = json.loads(bihuan(server, "route", "explain", TYPE, "990101002", "--json"))
        equal((told["escalation_rule"]["escalates"], told["escalation_rule"]["paper"], told["unit"]),
              ("U-ZZ", "督办暂行办法第八条", UNIT), "it is told beforehand")
        number = reported(handset)
        case = until(lambda: (lambda now: now if now["unit"] == "U-ZZ" else None)(case_of(server, number)),
                     "it goes to the desk")
        last = [entry for entry in case["history"] if entry["verb"] == "redirect"]
        equal([(entry["source"], entry["text"]) for entry in last], [("clock", "原承办单位逾期未签收，按规则自动改派。")], "how")
        equal(case["redirects"], 0, "nobody's redirect")
        until(lambda: case_of(server, number)["state"] == "handling", "the clock signs it there")
        equal(case_of(server, number)["auto_signed"], True, "who signed")
        equal(server.must("POST", f"/districts/{CODE}/verify")["holds"], True, "the district verifies")
        server.stop()


if __name__ == "__main__":
    sys.exit(tap.run(cases_of(globals())))
