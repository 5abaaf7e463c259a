"""A list of holidays that comes late, by the terminal: tables and JSON, faults by their lines, twice is once; and what
is dispatched from then on is due across the holidays, as a count of minutes has it (working_minutes.py).
"""
import datetime
import json
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
import tap
from district import CODE, DISPATCHER, TYPE, UNIT, instant, report, sync
from expect import cases_of, equal, holds
from harness import BIHUAN, World, until
from working_minutes import WEEK, WorkingMinutes

CHINA = datetime.timezone(datetime.timedelta(hours=8))
LIMIT_MS = 3 * 8 * 3600000  # of the type that is reported: three working days
DATA = 65


class Terminal:
    """bihuan calendar, as an administrator types it."""

    def __init__(self, world):
        self.folder = world.folder
        self.server = world.server

    def run(self, *words, expect=0):
        done = subprocess.run([BIHUAN, "calendar", *map(str, words)], stdin=subprocess.DEVNULL, capture_output=True,
                              text=True, timeout=30, check=False,
                              env={"BIHUAN_SOCKET": self.server.admin_path, "BIHUAN_DISTRICT": CODE})
        equal(done.returncode, expect, f"calendar {' '.join(map(str, words))}: {done.stdout} {done.stderr}")
        return done.stdout, done.stderr

    def file(self, name, content):
        path = self.folder / name
        path.write_bytes(content)
        return path

    def days(self):
        return {day["date"]: day for day in json.loads(self.run("show", "--json")[0])["days"]}


def today():
    return datetime.datetime.now(CHINA).date()


def break_from_tomorrow():
    """Ten days of holidays from tomorrow on, and the Saturday after them is worked: {date: weekday, or 0}."""
    days = {today() + datetime.timedelta(days=n): 0 for n in range(1, 11)}
    saturday = today() + datetime.timedelta(days=11)
    while saturday.isoweekday() != 6:
        saturday += datetime.timedelta(days=1)
    days[saturday] = 1
    return days


def dispatched(world, handset):
    """A new case that a unit gets now: when, and when it is due."""
    number = report(handset)
    sync(handset)
    case = world.server.must("POST", f"/districts/{CODE}/cases/{number}/dispatch", {"unit": UNIT, "condition": "none-of-them"},
                             acting=DISPATCHER)["case"]
    return instant(case["dispatched_at"]), instant(case["disposal_due"])


def due_by(at, days):
    first = datetime.datetime.fromtimestamp(at / 1000, CHINA).date()
    return WorkingMinutes(480, WEEK, days, first, 60).walk(at, LIMIT_MS)


def running_follows(world, days):
    """The first case was dispatched before the list was there: the clock computes its due time again."""
    def case():
        first = min(world.server.must("GET", f"/districts/{CODE}/cases?state=dispatched")["items"],
                    key=lambda item: item["dispatched_at"])
        return first if instant(first["disposal_due"]) == due_by(instant(first["dispatched_at"]), days) else None
    number = until(case, "what runs follows the list", 20)["number"]
    history = world.server.must("GET", f"/districts/{CODE}/cases/{number}")["history"]
    equal([entry["verb"] for entry in history if entry["source"] == "clock"], ["recompute"], "by the clock, once")


def due_holds(world, handset, days, what):
    at, due = dispatched(world, handset)
    equal(due, due_by(at, days), f"{what}: due, having been dispatched at {at}")
    counted_offline(handset, at, days, what)
    return due


def counted_offline(handset, at, days, what):
    """The handset counts the same from what it was told, with nobody to ask."""
    at -= at % 60000
    moment = datetime.datetime.fromtimestamp(at / 1000, CHINA).isoformat(timespec="seconds")
    told = handset.one("due", "--type", TYPE, "--from", moment)
    equal(instant(told["due_at"]), due_by(at, days), f"{what}: on the handset")
    equal((told["light"], told["left_work_s"]), ("green", LIMIT_MS // 1000), f"{what}: all of it is left")
    equal(handset.one("due", "--type", TYPE, "--from", moment, "--at", told["due_at"])["light"], "yellow",
          f"{what}: at its end")


def served(world):
    server = world.server.start()
    server.district()
    handset = world.handset("G001")
    handset.enrol(server.code_for("G001"))
    return handset, Terminal(world)


def table(days):
    rows = ["date,kind,name,as"]
    rows += [f"{date},{'work' if weekday else 'holiday'},\"假期,加\"\"班\",{weekday or ''}" for date, weekday in days.items()]
    return "\r\n".join(rows) + "\r\n"


def test_a_late_list_moves_what_is_dispatched_from_then_on_and_what_runs():
    days = break_from_tomorrow()
    with World() as world:
        handset, terminal = served(world)
        before = due_holds(world, handset, {}, "without a list")
        path = terminal.file("late.csv", table(days).encode("utf-8-sig"))
        out, said = terminal.run("check", path)
        holds(out, "calendar", "11 added")
        holds(said, f"bihuan calendar apply {path}")
        equal(terminal.days(), {}, "a check changes nothing")
        terminal.run("apply", path)
        after = due_holds(world, handset, days, "with the list")
        equal(after - before >= 5 * 86400000, True, f"{after} is days after {before}")
        running_follows(world, days)
        holds(terminal.run("apply", path)[1], "nothing differs")
        # In GB18030 it is the same list.
        holds(terminal.run("apply", terminal.file("gb.csv", table(days).encode("gb18030")))[1], "nothing differs")
        equal({day["name"] for day in terminal.days().values()}, {'假期,加"班'}, "names with commas and quotes")
        world.server.kill()
        world.server.start()
        due_holds(world, handset, days, "after a crash")
        done = world.server.must("POST", f"/districts/{CODE}/verify")
        equal(done["holds"], True, "the verification")
        world.server.stop()


def test_a_list_of_a_year_in_the_shape_of_holiday_cn_replaces_that_year():
    year = today().year + 1
    one = [{"name": "元旦", "date": f"{year}-01-01", "isOffDay": True},
           {"name": "元旦", "date": f"{year - 1}-12-31", "isOffDay": True},
           {"name": "国庆节", "date": f"{year}-10-09", "isOffDay": False}]
    whole = {"$schema": "x", "$id": "y", "year": year, "papers": ["https://example.invalid/paper"], "days": one}
    with World() as world:
        _, terminal = served(world)
        terminal.run("apply", terminal.file("this.csv", f"date,kind\n{year - 1}-10-01,holiday\n".encode()))
        version = json.loads(terminal.run("show", "--json")[0])["version"]
        raw = json.dumps(whole, ensure_ascii=False, indent=1).encode()
        terminal.run("apply", terminal.file("year.json", b"\xef\xbb\xbf" + raw))
        equal(list(terminal.days()), [f"{year - 1}-10-01", f"{year - 1}-12-31", f"{year}-01-01", f"{year}-10-09"],
              "the days in force")
        equal(json.loads(terminal.run("show", "--json")[0])["version"] != version, True, "it is another calendar")
        out, _ = terminal.run("show", year)
        holds(out, "version", "08:00", f"{year}-10-09  work", "国庆节")
        equal(f"{year - 1}-10-01" in out, False, "another year's day where one year was asked for")
        whole["days"] = one[:1]
        terminal.run("apply", terminal.file("year.json", json.dumps(whole).encode()))
        equal(list(terminal.days()), [f"{year - 1}-10-01", f"{year}-01-01"], "the days after a correction")
        world.server.stop()


def test_what_is_wrong_is_told_all_at_once_by_its_line_and_nothing_is_imported():
    csv = ("date,kind,name,as\n"
           "2027-10-01,holiday,国庆节\n"
           "\n"
           "2027-13-01,holiday,x\n"
           "2027-10-09,party,y\n"
           "2027-10-10,work,\"two\nlines\",6\n"
           "2027-10-01,work,again\n"
           "2027-10-12,work,z,1,more\n")
    with World() as world:
        _, terminal = served(world)
        path = terminal.file("wrong.csv", csv.encode())
        for verb in ("check", "apply"):
            _, said = terminal.run(verb, path, expect=DATA)
            holds(said, f"{path}:4: days[1] 2027-13-01 date:", f"{path}:5: days[2] 2027-10-09 kind:",
                  f"{path}:6: days[3] 2027-10-10 as:", f"{path}:8: days[4] 2027-10-01 date: this day stands there twice",
                  f"{path}:9: days[5] 2027-10-12 a cell too many:")
        equal(terminal.days(), {}, "nothing half imported")
        for content, word in ((b"", "empty"), (b"day,kind\n1,2\n", "no column date"), (b"\xff\xfe\x00", "NUL"),
                              (b'date\n"2027', "never ends"), (b'{"days": [', "error"), (b"[]", "not a JSON object")):
            _, said = terminal.run("apply", terminal.file("broken", content), expect=DATA)
            holds(said, word if word != "error" else "JSON")
        terminal.run("apply", world.folder / "missing.csv", expect=DATA)
        equal(terminal.days(), {}, "nothing imported")
        world.server.stop()


if __name__ == "__main__":
    sys.exit(tap.run(cases_of(globals())))
