#!/usr/bin/python3
"""What is wrong with tables, given to the real programs: all of it is told at once, by file, line and column, and nothing
is imported; what only lies wrong on the map is told and hinders nothing."""
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
import tap
from district import CODE
from expect import cases_of, equal, holds
from harness import Failed, World
from tables import DATA_WRONG, faults, served


def test_everything_that_is_wrong_is_told_at_once_and_nothing_is_imported():
    with World() as world:
        desk, tables = served(world)
        before = desk.get()["entries"]
        tables.write("areas.csv", [
            ["代码", "名称", "边界", "坐标系"],
            ["990101001001004", "第四网格", "POLYGON((117 31, 117.01 31, 117.01 31.01, 117 31))", "mars"],
            ["990101001001005", "", "POLYGON((117 31, 117.01))", ""],
            ["9.90101E+14", "科学计数", "", ""]])
        tables.write("units.csv", [["code", "name", "kind", "area", "desk"],
                                   ["U-NEW", "新所", "MAGIC", "990101", "是"], ["U-ODD", "怪所", "FIRE", "990101", "也许"]],
                     encoding="utf-8-sig", end="\r\n")
        tables.write("people.csv", [["工号", "姓名"], ["N001", "新人"], ["N001", "旧人"], ["N/2", "斜杠"], ["N003"]],
                     encoding="gb18030")
        tables.write("posts.csv", [["人员", "岗位", "单位", "区域"], ["N001", "国王", "", "990101"],
                                   ["N009", "网格员", "", "990101001001001"], ["D001", "派遣员", "U-NO", ""],
                                   ["G001", "经办人", "", "990101"], ["D002", "派遣员", "", "990101"],
                                   ["D002", "派遣员", "", "990101"]])
        told = faults(tables.run("check", expect=DATA_WRONG))
        for wanted in (("areas.csv", 2, 4, "wgs84"), ("areas.csv", 3, 3, "longitude"), ("areas.csv", 3, 2, "missing"), ("areas.csv", 4, 1, "spreadsheet"),
                       ("posts.csv", 4, 4, "missing"),
                       ("units.csv", 2, 3, "MAGIC"), ("units.csv", 3, 5, "neither yes"),
                       ("people.csv", 3, 1, "earlier row"), ("people.csv", 4, 1, "slash"), ("people.csv", 5, 0, "1 fields"),
                       ("posts.csv", 2, 2, "国王"), ("posts.csv", 3, 1, "N009"), ("posts.csv", 4, 3, "U-NO"),
                       ("posts.csv", 5, 0, "needs a unit"), ("posts.csv", 7, 0, "twice")):
            if not any(one[:3] == wanted[:3] and wanted[3] in one[3] for one in told):
                raise Failed(f"{wanted} is not among {told}")
        equal(len(told), 15, f"faults {told}")
        equal(tables.run("apply", expect=DATA_WRONG)["errors_count"], 15, "faults of apply")
        _, said = tables.run("check", json_out=False, expect=DATA_WRONG)
        holds(said, "posts.csv:2: 岗位 (column 2): there is no role 国王", "people.csv: GB18030, 4 people",
              "units.csv: UTF-8 with BOM", "15 things are wrong; nothing was imported")
        equal(desk.get()["entries"], before, "entries")


def test_what_cannot_be_read_is_told_by_file_and_line():
    with World() as world:
        _, tables = served(world)
        for name, raw, line, words in (
                ("people.csv", b"code,name\nN1,\xff\xff\xff\n", 2, "neither UTF-8 nor GB18030"),
                ("people.csv", "code,name\nN1,新人新人\nN2,".encode() + b"\xff\n", 3, "UTF-8 with bytes"),
                ("people.csv", b'code,name\nN1,"never\n', 2, "never ends"), ("people.csv", b"", 0, "empty"),
                ("people.csv", "code,name\n".encode("utf-16"), 1, "NUL"),
                ("people.csv", b"code,name,age\n", 1, "no such column"), ("people.csv", b"name\nx\n", 1, "missing"),
                ("people.csv", b"code,name,code\n", 1, "second column"), ("other.csv", b"code\n", 0, "begins with none")):
            path = tables.folder / name
            path.write_bytes(raw)
            told = faults(tables.run("check", path, expect=DATA_WRONG))
            if len(told) != 1 or told[0][:2] != (name, line) or words not in told[0][3]:
                raise Failed(f"{raw}: {told}")
        steers = "\x1b]0;x\x07\x1b[2J"
        path = tables.write("people.csv", [["code", "name"], ["N1", "新人" + steers], ["N2", "新人\u009b31m"]])
        path.with_name("posts.csv").write_text(f"person,role,unit,area\nG001{steers},handler,NO{steers},{CODE}\n")
        for files in ((path,), (path.with_name("posts.csv"),)):
            _, told = tables.run("check", *files, json_out=False, expect=DATA_WRONG)
            equal([one for one in "\x1b\x07\u009b" if one in told], [], f"what steers a terminal, in {told!r}")
        holds(tables.run("check", path, expect=DATA_WRONG)["errors"][0]["message"], "steer")
        path.with_name("posts.csv").unlink()
        told = tables.run("check", tables.folder / "people-absent.csv", expect=DATA_WRONG)
        holds(told["errors"][0]["message"], "No such file")


def test_bad_bytes_and_headings_hide_nothing_else():
    with World() as world:
        _, tables = served(world)
        people = tables.folder / "people.csv"
        people.write_bytes(b"code,name\nN1,\nN2,\xff\nN3,\xff\nN4,\n\xff,N5\n")
        told = faults(tables.run("check", people, expect=DATA_WRONG))
        bad = "neither UTF-8 nor GB18030"
        equal([one[1:3] for one in told], [(2, 2), (3, 2), (4, 2), (5, 2), (6, 1)], f"faults {told}")
        equal([bad in one[3] for one in told], [False, True, True, False, True], f"faults {told}")
        people.write_bytes("code,name\nN1,新人新人\nN2,".encode() + b"\xe6\x96\nN3,\xff\n")
        told = faults(tables.run("check", people, expect=DATA_WRONG))
        equal([one[1:] for one in told], [(line, 2, "UTF-8 with bytes that are no character") for line in (3, 4)], "lines")
        # Of what speaks of a file that cannot be read nothing is said, of the others everything.
        units = tables.write("units.csv", [["code", "name", "kind", "area"], ["U-NEW", "新所", "MAGIC", "990101"]])
        posts = tables.write("posts.csv", [["person", "role", "area"], ["N1", "dispatcher", "990101"]])
        for raw, words in ((b"code,name,age\nN1,x,3\n", "no such column"), (b"code,\xff\n", bad), (b"", "empty")):
            people.write_bytes(raw)
            told = faults(tables.run("check", people, units, posts, expect=DATA_WRONG))
            equal([one[:2] for one in told], [("people.csv", 1 if raw else 0), ("units.csv", 2)], f"faults {told}")
            holds(told[0][3], words)
            holds(told[1][3], "MAGIC")


def test_outlines_that_lie_wrong_are_told_before_they_are_in_force():
    with World() as world:
        desk, tables = served(world)
        ring = "POLYGON((118 32, 118.01 32, 118.01 32.01, 118 32.01, 118 32))"
        grids = tables.write("grids.csv", [["code", "name", "polygon"], ["990101001001005", "甲", ring],
                                           ["990101001001006", "乙", ring]])
        before = desk.get()["entries"]
        for verb in ("check", "apply"):
            told = tables.run(verb, grids)["map"]
            equal({one["what"] for one in told}, {"overlap", "outside"}, f"{verb}: {told}")
            equal([{one["area"], one["other"]} for one in told if one["what"] == "overlap"],
                  [{"990101001001005", "990101001001006"}], f"{verb}: overlaps")
            if verb == "check":
                equal(desk.get()["entries"], before, "entries")
                _, said = tables.run("check", grids, json_out=False)
                holds(said, "overlap 990101001001005 / 990101001001006", "that hinders nothing: bihuan areas check")
        equal(tables.run("check", grids)["map"], [], "what was there before")


if __name__ == "__main__":
    sys.exit(tap.run(cases_of(globals())))
