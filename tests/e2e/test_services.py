#!/usr/bin/python3
"""Service entries and patrol rounds: recorded without a network, counted once, shown to whom they concern."""
import datetime
import json
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
import tap
from district import Desk, report, sync
from expect import cases_of, equal
from harness import BIHUAN, DEMO, Failed, World
from test_ends import days_later

OWN, NEXT, OTHER = "990101001001001", "990101001001002", "990101001002001"
IN_OWN = ("--lat", "31.0075", "--lon", "116.9745")
REASON = "第三道门锁着"
TEXT = "解答医保报销流程"


def profile(rounds=2):
    """The demo's, with two plans of G001's grids and one of another's."""
    told = json.loads((DEMO / "profile.json").read_text())
    points = [{"name": "东门", "latitude": 31.0075, "longitude": 116.9745, "radius_m": 60}, {"name": "配电房"},
              {"name": "河边步道"}]
    told["patrols"] = [
        {"code": "P1", "name": "早巡", "grid": OWN, "rounds": rounds, "checkpoints": points},
        {"code": "P2", "name": "夜巡", "grid": NEXT, "weekdays": [], "checkpoints": points[:1]},
        {"code": "P9", "name": "上湾巡查", "grid": OTHER, "checkpoints": points[:1]}]
    told["patrols"][1]["weekdays"] = [1, 2, 3, 4, 5, 6, 7]
    return json.dumps(told)


def tool(server, *words, acting=None):
    line = [BIHUAN, "--socket", server.admin_path, "--json"] + ([f"--as={acting}"] if acting else []) + list(words)
    done = subprocess.run(line, check=False, stdin=subprocess.DEVNULL, capture_output=True, timeout=60)
    if done.returncode:
        raise Failed(f"{words}: exit {done.returncode}: {done.stderr.decode(errors='replace')}")
    return [json.loads(row) for row in done.stdout.decode().splitlines()]


def counts(server, *words, **options):
    row = tool(server, "services", "count", *words, **options)[0]
    return {kind: count for kind, count in row.items() if count}


def settled(world, person="G001"):
    server = world.server.start()
    server.district(profile=profile())
    handset = world.handset(person)
    handset.enrol(server.code_for(person))
    sync(handset)
    return server, handset


def test_entries_recorded_offline_are_counted_once_by_kind_day_and_grid():
    today = datetime.datetime.now(datetime.timezone(datetime.timedelta(hours=8))).date()
    yesterday = today - datetime.timedelta(days=1)
    with World() as world:
        server, handset = settled(world)
        server.stop()
        handset.run("service", "consultation", "--text", TEXT, "--grid", NEXT)
        handset.run("service", "consultation", *IN_OWN)
        handset.run("service", "hazard_check", "--lat", "30.9", "--lon", "116.9")
        handset.run("service", "proxy", "--captured", f"{yesterday}T23:59:59+08:00")
        number = report(handset)
        server.start()
        sync(handset)
        sync(handset)
        ops = {op["verb"]: op["verdict"] for op in handset.run("ops")}
        equal(ops, {"service": "accepted", "submit": "accepted"}, "what became of them")
        equal(counts(server, f"--from={today}"), {"consultation": 2, "hazard_check": 1, "all": 3}, "today's")
        equal(counts(server, f"--from={yesterday}", f"--to={yesterday}"), {"proxy": 1, "all": 1}, "another day's")
        grids = {row["grid"]: row["all"] for row in tool(server, "services", "count", "--by=grid", f"--from={today}")}
        equal(grids, {NEXT: 1, OWN: 2}, "by grid: named, by place, and the worker's own where the place is none")
        days = [row["day"] for row in tool(server, "services", "count", "--by=day", f"--from={yesterday}")]
        equal(days, [str(yesterday), str(today)], "by day")
        equal(counts(server, "--kind=consultation", f"--from={today}"), {"consultation": 2, "all": 2}, "of one kind")
        desk = Desk(server)
        equal([case["number"] for case in desk.cases()], [number], "an entry is no case")
        desk.verify()


def test_entries_are_listed_page_by_page_by_right():
    with World() as world:
        server, handset = settled(world)
        for n in range(5):
            handset.run("service", "publicity", "--text", f"第{n}次")
        handset.run("service", "consultation", "--text", TEXT, "--grid", NEXT)
        sync(handset)
        page = Desk(server).get("/services?limit=4")
        equal((len(page["items"]), page["next"] is not None), (4, True), "a page")
        rows = tool(server, "services", "list", "--limit=4", "--all")
        equal([row["text"] for row in rows], [f"第{n}次" for n in range(5)] + [TEXT], "all pages")
        equal(sorted(rows[0]), ["at", "day", "entry", "grid", "grid_name", "kind", "kind_zh", "text"],
              "a row, which names no worker")
        equal(len(tool(server, "services", "list", "--area=" + OTHER)), 0, "elsewhere")
        equal(len(tool(server, "services", "list", acting="G001")), 6, "the worker of these grids")
        equal(len(tool(server, "services", "list", acting="D001")), 6, "the district's dispatcher")
        equal(len(tool(server, "services", "list", acting="G002")), 0, "the worker of others")
        equal(len(tool(server, "services", "list", acting="X001")), 0, "an administrator")
        equal(counts(server, acting="G002"), {}, "counted for others")
        for query in ("kind=none", "from=2026-1-1", "from=2026-02-01&to=2026-01-01", "from=2020-01-01", "after=1:2",
                      "limit=501", "area=x", "what=1"):
            answer = server.ask("GET", f"/districts/990101/services?{query}")
            equal(answer.status, 400, query)
        equal(server.ask("GET", "/districts/990101/services/counts?by=person").status, 400, "by person")


def test_counts_of_few_are_told_to_who_works_there_and_to_its_desk_alone():
    told = json.loads(profile())
    told["people"] += [{"code": "E001", "name": "考核员", "posts": [{"role": "assessor", "area": "990101"}]},
                       {"code": "B001", "name": "包保领导", "posts": [{"role": "sponsor", "area": "990101001"}]}]
    with World() as world:
        server = world.server.start()
        server.district(profile=json.dumps(told))
        handset = world.handset("G001")
        handset.enrol(server.code_for("G001"))
        today = datetime.datetime.now(datetime.timezone(datetime.timedelta(hours=8))).date()
        first = today.replace(day=1)
        last = (first + datetime.timedelta(days=31)).replace(day=1) - datetime.timedelta(days=1)
        month = (f"--from={first}", f"--to={last}")
        for kind, times, grid in (("consultation", 6, OWN), ("proxy", 5, OWN), ("hazard_check", 1, OWN),
                                  ("publicity", 6, OWN), ("publicity", 1, NEXT)):
            for _ in range(times):
                handset.run("service", kind, "--grid", grid)
        sync(handset)
        equal(counts(server, *month, acting="E001"), {}, "while the month goes on")
        days_later(server, 40)
        whole = {"consultation": 6, "proxy": 5, "hazard_check": 1, "publicity": 7, "all": 19}
        for person in ("D001", "D101", "G001", None):
            equal(counts(server, *month, acting=person), whole, f"told to {person}")
            equal(counts(server, f"--from={today}", f"--to={today}", acting=person), whole, f"of a day to {person}")
        for person in ("E001", "B001"):
            equal(counts(server, *month, acting=person), {"consultation": 6, "proxy": 5},
                  f"told to {person}: neither a few, nor a sum of an area with a grid of a few, nor one over all")
            equal(counts(server, *month, "--area=" + OWN, "--kind=publicity", acting=person), {"publicity": 6, "all": 6},
                  "of the other grid")
            equal(counts(server, *month, "--kind=proxy", acting=person), {"proxy": 5, "all": 5}, "of one kind")
            equal(counts(server, *month, "--kind=hazard_check", acting=person), {}, "of the other")
            for window in ((f"--from={today}", f"--to={today}"), (month[0],),
                           (f"--from={first - datetime.timedelta(days=1)}", month[1]),
                           (month[0], f"--to={last + datetime.timedelta(days=1)}")):
                equal(counts(server, *window, acting=person), {}, f"no whole month that is over: {window}")
            rows = tool(server, "services", "count", "--by=day", *month, acting=person)
            equal([row["proxy"] for row in rows if row["proxy"]], [], "nor by day")
            rows = tool(server, "services", "count", "--by=grid", *month, acting=person)
            equal({row["grid"]: row["publicity"] for row in rows}, {OWN: 6, NEXT: None}, "by grid")
            equal(len(tool(server, "services", "list", acting=person)), 0, "and nobody may count a list instead")
        # A handset that was away brings one of that month, when it is closed for those who are told no small count.
        then = datetime.datetime.now(datetime.timezone(datetime.timedelta(hours=8))) - datetime.timedelta(days=40)
        handset.run("service", "consultation", "--grid", OWN, "--captured", then.isoformat(timespec="seconds"))
        sync(handset)
        equal(counts(server, *month, acting="D001"), {**whole, "consultation": 7, "all": 20}, "told to its desk")
        equal(counts(server, *month, acting="E001"), {"consultation": 6, "proxy": 5}, "a second reading says what the first did")


def test_an_entry_of_a_grid_that_is_not_the_workers_is_refused():
    with World() as world:
        server, handset = settled(world)
        handset.run("service", "proxy", "--grid", OTHER, expect=1)
        equal([row["code"][:12] for row in handset.run("grids")], ["990101001001"] * 3, "whose grids are known")
        unit = world.handset("L-T2")
        unit.enrol(server.code_for("L-T2"))
        unit.run("service", "proxy", "--text", TEXT)
        sync(unit)
        op = unit.one("ops")
        equal((op["verdict"], op["verb"]), ("rejected", "service"), "who has no field post")
        equal(counts(server), {}, "it counts nowhere")
        Desk(server).verify()


def test_a_round_outlives_restarts_and_is_reported_against_its_plan():
    today = datetime.datetime.now(datetime.timezone(datetime.timedelta(hours=8))).date()
    later = today + datetime.timedelta(days=6)
    with World() as world:
        server, handset = settled(world)
        plans = handset.run("patrol", "list")
        equal([(plan["plan"], plan["rounds_today"]) for plan in plans], [("P1", 2), ("P2", 1)], "the day's list")
        server.kill()
        handset.run("patrol", "finish", "P1", expect=1)
        handset.run("patrol", "check", "P1", "1", "--lat", "31.0175", "--lon", "116.9745", expect=1)
        handset.run("patrol", "check", "P1", "1", *IN_OWN, "--accuracy", "20")
        handset.run("patrol", "skip", "P1", "3", expect=65)
        handset.run("patrol", "skip", "P1", "3", "--text", REASON)
        states = [(point["state"], point["reason"]) for point in handset.run("patrol", "show", "P1")]
        equal(states, [("confirmed", ""), ("open", ""), ("skipped", REASON)], "after each restart of the handset")
        done = handset.one("patrol", "finish", "P1")
        equal((done["confirmed"], done["missed"]), (1, 2), "the summary")
        plan = handset.run("patrol", "list")[0]
        equal((plan["finished_today"], plan["started_at"]), (1, None), "no round is open any more")
        for point in (1, 2, 3):
            handset.run("patrol", "check", "P1", point)
        handset.run("patrol", "finish", "P1")
        handset.run("patrol", "check", "P2", "1")
        handset.run("patrol", "drop", "P2")
        server.start()
        sync(handset)
        rows = {row["plan"]: row for row in tool(server, "patrols", "report")}
        equal({code: (row["planned"], row["rounds"], row["whole"], row["done"], row["missed"])
               for code, row in rows.items()},
              {"P1": (2, 2, 1, 4, 2), "P2": (1, 0, 0, 0, 0), "P9": (1, 0, 0, 0, 0)}, "rounds against their plans")
        equal([row["plan"] for row in tool(server, "patrols", "report", acting="G002")], ["P9"], "by right")
        week = tool(server, "patrols", "report", f"--to={later}", f"--from={today}", "--area=" + OWN)
        equal([(row["plan"], row["planned"]) for row in week], [("P1", 14)], "planned in a week")
        before = tool(server, "patrols", "report", "--from=2026-01-01", "--to=2026-01-07")
        equal(before, [], "planned before there were plans")
        server.must("POST", "/districts/990101/profile?apply=1", profile(rounds=3))
        week = tool(server, "patrols", "report", f"--to={later}", f"--from={today}", "--area=" + OWN)
        equal([(row["planned"], row["rounds"]) for row in week], [(21, 2)], "planned anew from today on")
        demo = json.loads((DEMO / "profile.json").read_text())
        for patrols, found in ((None, ("P1", 21, 2)), ([], (None, 0, 2))):  # not said: they stay
            said = demo if patrols is None else demo | {"patrols": patrols}
            server.must("POST", "/districts/990101/profile?apply=1", json.dumps(said))
            week = tool(server, "patrols", "report", f"--to={later}", f"--from={today}", "--area=" + OWN)
            equal([(row["plan"], row["planned"], row["rounds"]) for row in week], [found], f"plans {patrols}")
        Desk(server).verify()


def test_no_place_of_a_walk_leaves_the_handset():
    with World() as world:
        server, handset = settled(world)
        handset.run("patrol", "check", "P1", "1", "--lat", "31.00751234", "--lon", "116.97451234")
        handset.run("patrol", "finish", "P1")
        sync(handset)
        server.stop()
        # in ten-millionths of a degree, as a place is kept: a varint of the zigzag of it
        for degrees in (310075123, 1169745123):
            number, kept = degrees << 1, b""
            while number:
                kept += bytes([number & 0x7f | (0x80 if number > 0x7f else 0)])
                number >>= 7
            for path in [handset.store, *world.server.folder.rglob("*.db*")]:
                if path.is_file() and kept in path.read_bytes():
                    raise Failed(f"{path.name} holds where a round went")


if __name__ == "__main__":
    sys.exit(tap.run(cases_of(globals())))
