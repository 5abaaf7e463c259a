#!/usr/bin/python3
"""Tables of areas, units, people and posts given to the real programs: what is right is put in force whole, and nobody's
case is lost when a district is changed under it.  The published lists of divisions lie in ../shared/data; where they
are not, their case is skipped."""
import csv
import datetime
import pathlib
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
import tap
from district import LATITUDE, LONGITUDE, UNIT, Desk, report, sync
from expect import cases_of, equal, holds
from harness import TOP, Failed, World, until
from tables import DATA_WRONG, Tables, changed, faults, served

DIVISIONS = TOP.parent / "shared/data/divisions-cn"
GRIDS, PEOPLE = 481, 2700
SECONDS_MAX = 30


# ---- What is right


def test_a_corrected_set_is_applied_once_and_changes_only_what_differs():
    with World() as world:
        desk, tables = served(world)
        profile = desk.get("/profile")
        tables.write("人员.csv", [["工号", "姓名", "备注"], ["N001", "新人", "试用"], ["G001", "柳溪社区网格员", ""]],
                     encoding="gb18030", end="\r\n")
        tables.write("岗位.csv", [["工号", "角色", "区域"], ["N001", "联户员", "990101001001001"],
                                ["N001", "志愿者", "990101001001000"]], encoding="gb18030")
        equal(tables.run("check", expect=DATA_WRONG)["errors_count"], 1, "faults")
        tables.write("岗位.csv", [["工号", "角色", "区域"], ["N001", "联户员", "990101001001001"],
                                ["N001", "志愿者", "990101001001"]], encoding="gb18030")
        entries = desk.get()["entries"]
        checked = tables.run("check")
        equal((checked["applied"], checked["differs"]), (False, True), "a dry run")
        equal(desk.get()["entries"], entries, "entries after a dry run")
        answer = tables.apply()
        equal((changed(answer, "people"), changed(answer, "posts")), ({"added": 1}, {"added": 2}), "the first time")
        equal(desk.get()["entries"], entries + 1, "entries")
        again = tables.apply()
        equal((again["applied"], again["differs"]), (False, False), "the second time")
        equal(desk.get()["entries"], entries + 1, "entries after the second time")
        _, said = tables.run("apply", json_out=False)
        holds(said, "nothing differs from what is in force")
        after = desk.get("/profile")
        for name in ("areas", "units", "routes", "settings", "name"):
            equal(after[name], profile[name], f"{name}, which no table told")
        tables.write("岗位.csv", [["工号", "角色", "区域", "删除"], ["N001", "联户员", "990101001001001", ""],
                                ["N001", "志愿者", "990101001001", "是"]])
        equal(changed(tables.apply(), "posts"), {"removed": 1}, "a post that is taken out")
        tables.write("人员.csv", [["工号", "姓名", "删除"], ["N001", "", "是"], ["N404", "", "是"]])
        (tables.folder / "岗位.csv").unlink()
        equal(changed(tables.apply(), "posts"), {"removed": 1}, "a person who is taken out has no posts")


def test_a_district_may_begin_with_tables_alone():
    with World() as world:
        world.server.start()
        world.server.must("POST", "/districts", {"code": "990102"})
        tables = Tables(world, "990102")
        tables.write("areas.csv", [["代码", "名称"], ["990102000000", "新河区"], ["990102001000", "东镇"],
                                   ["990102001001", "一村"]])
        told = faults(tables.run("apply", expect=DATA_WRONG))
        equal([one[:2] for one in told], [("areas.csv", 2)], f"{told}")
        holds(told[0][3], "no desk")
        tables.write("units.csv", [["单位编码", "名称", "区域", "综治中心"], ["U-0", "新河区综治中心", "990102000000", "是"]])
        equal(changed(tables.apply(), "areas"), {"added": 3}, "areas")
        profile = Desk(world.server, "990102").get("/profile")
        equal(profile["name"], "新河区", "its name")
        equal([(one["code"], one["kind"], one.get("parent")) for one in profile["areas"]],
              [("990102", "county", None), ("990102001", "township", "990102"),
               ("990102001001", "village", "990102001")], "areas")


def test_codes_of_a_county_with_its_official_code_are_held_to_theirs():
    with World() as world:
        _, tables = served(world)
        square_text = square(0)
        tables.write("grids.csv", [["code", "name", "kind", "parent", "polygon"],
                                   ["990101001001044", "好", "", "", square_text],
                                   ["990101001002045", "错位", "网格", "990101001001", square_text],
                                   ["99010100100104", "短", "网格", "990101001001", square_text],
                                   ["99010100100104401", "一栋", "", "", ""], ["990101001001X", "字母", "微网格", "", ""]])
        told = faults(tables.run("check", expect=DATA_WRONG))
        equal([one[:3] for one in told], [("grids.csv", 3, 1), ("grids.csv", 4, 1), ("grids.csv", 6, 4)], f"{told}")
        tables.write("grids.csv", [["code", "name", "kind", "micro_kind", "polygon"],
                                   ["990101001001044", "好", "", "", square_text],
                                   ["99010100100104401", "一栋", "", "楼栋", ""],
                                   ["99010100100104402", "商街", "", "商街", ""]])
        equal(changed(tables.apply(), "areas"), {"added": 3}, "a grid with micro-grids")


def test_a_post_out_of_its_period_or_class_gives_no_right():
    with World() as world:
        desk, tables = served(world)
        number = dispatched(world, desk)
        today = datetime.date.today()

        def posts(*rows):
            tables.apply(tables.write("posts.csv", [["工号", "岗位", "单位", "大类", "开始", "结束", "职务名称"], *rows]))

        def sign():
            return desk.act(number, "sign", acting="L-T2").status

        day = datetime.timedelta(days=2)  # whatever the hour and zone here
        posts(["L-T2", "unit_lead", UNIT, "", f"{today + day:%Y/%m/%d}", "", "新任"])
        equal(sign(), 404, "before the first day")
        posts(["L-T2", "unit_lead", UNIT, "", "", f"{today - day:%Y年%m月%d日}", "前任"])
        equal(sign(), 404, "after the last day")
        posts(["L-T2", "unit_lead", UNIT, "50", "", "", ""])
        equal(sign(), 403, "another class: seen, as what the unit has in hand, and no more")
        posts(["L-T2", "unit_lead", UNIT, "10;50", f"{today - day}", f"{today + day}", "现任"])
        equal(sign(), 200, "in period and class")
        told = [one for one in desk.get("/people")["items"] if one["code"] == "L-T2"][0]["posts"][0]
        equal((told["from"], told["to"], told["classes"], told["title"]),
              (f"{today - day}", f"{today + day}", [10, 50], "现任"), "the post")
        desk.verify()


# ---- Under open cases


def dispatched(world, desk, worker="G004"):
    """A case in the hands of UNIT; gives its number."""
    handset = world.handset(worker)
    handset.enrol(world.server.code_for(worker))
    number = report(handset)
    sync(handset)
    equal(desk.dispatch(number).status, 200, "dispatch")
    return number


def test_a_person_who_moves_post_loses_the_cases_there_and_gets_those_here():
    with World() as world:
        desk, tables = served(world)
        number = dispatched(world, desk)
        lead = world.handset("L-T2")
        lead.enrol(world.server.code_for("L-T2"))
        sync(lead)
        equal([row["case"] for row in lead.run("list")], [number], "cases of the unit's lead")
        tables.write("posts.csv", [["person", "role", "unit"], ["L-T2", "unit_lead", "U-T1"],
                                   ["H-T1", "unit_lead", UNIT]])
        tables.apply()
        sync(lead)
        until(lambda: sync(lead) or lead.run("list") == [], "the case has left the one who moved", 30, 0.2)
        equal(desk.act(number, "sign", acting="L-T2").status, 404, "to sign what is another unit's")
        equal(desk.act(number, "sign", acting="H-T1").status, 200, "to sign in the new post")
        after = world.handset("H-T1")
        after.enrol(world.server.code_for("H-T1"))
        sync(after)
        equal([row["case"] for row in after.run("list")], [number], "cases of who came")
        desk.verify()


def test_a_grid_that_is_drawn_anew_has_what_is_reported_from_then_on():
    with World() as world:
        desk, tables = served(world)
        handset = world.handset("G004")
        handset.enrol(world.server.code_for("G004"))
        before = report(handset)
        sync(handset)
        grid = desk.case(before)["area"]
        x, y = float(LONGITUDE), float(LATITUDE)
        ring = ", ".join(f"{x + a:.6f} {y + b:.6f}" for a, b in
                         ((-5e-4, -5e-4), (5e-4, -5e-4), (5e-4, 5e-4), (-5e-4, 5e-4), (-5e-4, -5e-4)))
        rows = [["code", "polygon"], [grid[:-1] + "9", f"POLYGON (({ring}))"]]
        told = faults(tables.run("check", tables.write("grids.csv", rows), expect=DATA_WRONG))
        holds(told[0][3], "missing")  # the name of a grid that is new
        rows = [["code", "name", "polygon"], [grid[:-1] + "9", "新划网格", f"POLYGON (({ring}))"]]
        equal(changed(tables.apply(tables.write("grids.csv", rows)), "areas"), {"added": 1}, "areas")
        number = report(handset)
        sync(handset)
        equal((desk.case(number)["area"], desk.case(before)["area"]), (grid[:-1] + "9", grid), "the areas")
        told = faults(tables.run("apply", tables.write("grids.csv", [["code", "remove"], [grid, "yes"]]),
                                 expect=DATA_WRONG))
        if not any("has cases" in one[3] or "posts" in one[3] or grid in one[3] for one in told):
            raise Failed(f"{told}")
        desk.verify()


def test_a_unit_with_cases_is_not_dissolved_before_they_are_elsewhere():
    with World() as world:
        desk, tables = served(world)
        number = dispatched(world, desk)
        units = tables.write("units.csv", [["code", "remove"], [UNIT, "yes"]])
        told = faults(tables.run("check", units, expect=DATA_WRONG))
        if not told or not all(one[0] is None for one in told):
            raise Failed(f"the posts of the unit stand in no file: {told}")
        posts = tables.write("posts.csv", [["person", "role", "unit", "remove"],
                                           *[[one["code"], "", "", "yes"] for one in desk.get("/people")["items"]
                                             if any(post["unit"] == UNIT for post in one["posts"])]])
        told = faults(tables.run("apply", units, posts, expect=DATA_WRONG))
        equal(len(told), 1, f"{told}")
        holds(told[0][3], UNIT, "has cases")
        equal(desk.case(number)["unit"], UNIT, "the case's unit")
        done = desk.act(number, "redirect", {"unit": "U-T1", "text": "机构撤并"})
        equal(done.status, 200, done.text)
        answer = tables.apply(units, posts)
        equal(changed(answer, "units"), {"removed": 1}, "units")
        cased = desk.case(number)
        equal((cased["unit"], cased["state"]), ("U-T1", "dispatched"), "the case")
        desk.verify()


# ---- A real district


def rows_of(name):
    with open(DIVISIONS / name, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def square(at):
    x, y = 117 + (at % 40) * 0.01, 30 + (at // 40) * 0.01
    return f"POLYGON(({x:.4f} {y:.4f}, {x + 0.01:.4f} {y:.4f}, {x + 0.01:.4f} {y + 0.01:.4f}, " \
           f"{x:.4f} {y + 0.01:.4f}, {x:.4f} {y:.4f}))"


def district_write(tables, district):
    """The code lists of a district as they are published, so many grids, and people for each."""
    code = district["code6"]
    towns = [row for row in rows_of("townships.csv") if row["district_code6"] == code]
    villages = [row for row in rows_of("villages.csv") if row["district_code6"] == code]
    tables.write("districts.csv", [["code12", "名称"], [district["code12"], district["district"]]])
    tables.write("townships.csv", [["code12", "name", "类别"], *[[row["code12"], row["name"], row["kind"]]
                                                               for row in towns]], encoding="gb18030", end="\r\n")
    tables.write("villages.csv", [["code12", "name", "类别"], *[[row["code12"], row["name"], row["kind"]]
                                                              for row in villages]], encoding="utf-8-sig")
    places = [(villages[at % len(villages)], at // len(villages) + 1) for at in range(GRIDS)]
    grids = [[f"{village['code12']}{number:03}", f"{village['name'][:12]}第{number}网格", square(at)]
             for at, (village, number) in enumerate(places)]
    tables.write("grids.csv", [["网格编码", "网格名称", "边界"], *grids], encoding="gb18030")
    tables.write("units.csv", [["code", "name", "kind", "area", "desk"],
                               ["U-0", "综治中心", "SERVICE_CENTRE", district["code12"], "是"],
                               *[[f"U-{row['code9']}", f"{row['name']}综治中心", "SUBDISTRICT", row["code12"], "是"]
                                 for row in towns]])
    tables.write("people.csv", [["工号", "姓名"], *[[f"P{at:04}", f"人员{at}"] for at in range(PEOPLE)]],
                 encoding="gb18030")
    tables.write("posts.csv", [["工号", "岗位", "区域"],
                               *[[f"P{at:04}", "专职网格员" if at < GRIDS else "楼栋长", grids[at % GRIDS][0]]
                                 for at in range(PEOPLE)]], encoding="gb18030")
    return 1 + len(towns) + len(villages) + GRIDS


def test_the_published_lists_of_five_districts_are_taken_in_one_go():
    if not (DIVISIONS / "villages.csv").exists():
        raise tap.Skip("the published lists of divisions are not here")
    with World() as world:
        world.server.start()
        areas = 0
        for district in rows_of("districts.csv"):
            code = district["code6"]
            world.server.must("POST", "/districts", {"code": code})
            tables = Tables(world, code)
            count = district_write(tables, district)
            began = time.monotonic()
            checked = tables.run("check")
            middle = time.monotonic()
            answer = tables.apply()
            took = time.monotonic() - middle
            print(f"# {district['district']}: {count} areas, {PEOPLE} people: check {middle - began:.2f} s, "
                  f"apply {took:.2f} s", flush=True)
            equal((changed(checked, "areas"), changed(answer, "people")), ({"added": count}, {"added": PEOPLE}), code)
            equal(changed(answer, "posts"), {"added": PEOPLE}, f"{code}: posts")
            equal(tables.apply()["differs"], False, f"{code}: the same again")
            if took > SECONDS_MAX:
                raise Failed(f"{code}: it took {took:.1f} s")
            areas += count - GRIDS
        equal(areas, 5 + 81 + 763, "areas of the lists")


if __name__ == "__main__":
    sys.exit(tap.run(cases_of(globals())))
