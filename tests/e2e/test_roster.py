#!/usr/bin/python3
"""Rosters by the terminal (S0-31): tables whose faults are named by their lines and whose gaps are listed, and whom a
case of P1 and a look go to while somebody is on duty, and while nobody is.
"""
import datetime
import json
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
import tap
from district import ACCEPTOR, CODE, Desk, sync
from expect import cases_of, equal, holds
from harness import BIHUAN, DEMO, World, until

CHINA = datetime.timezone(datetime.timedelta(hours=8))
DATA = 65
GAS_LEAK = "50002"            # P1, and dispatched at once
DESK = "U-ZZ"
GRID = "990101001001001"
PLACE = ("--lat", "31.0064380", "--lon", "116.9725080")   # in that grid


class Terminal:
    """bihuan roster, as an administrator types it."""

    def __init__(self, world):
        self.folder, self.server = world.folder, world.server

    def run(self, *words, expect=0):
        done = subprocess.run([BIHUAN, "roster", *map(str, words)], stdin=subprocess.DEVNULL, capture_output=True,
                              text=True, timeout=30, check=False,
                              env={"BIHUAN_SOCKET": self.server.admin_path, "BIHUAN_DISTRICT": CODE})
        equal(done.returncode, expect, f"roster {' '.join(map(str, words))}: {done.stdout} {done.stderr}")
        return done.stdout, done.stderr

    def file(self, name, *rows, encoding="utf-8"):
        path = self.folder / name
        path.write_bytes("\r\n".join([*rows, ""]).encode(encoding))
        return path

    def shown(self, *words):
        return json.loads(self.run("show", *words, "--json")[0])


def today():
    return datetime.datetime.now(CHINA).date()


def other_weekday():
    """One that is neither today's nor a neighbour's: a row of it holds today at no hour."""
    return str((today() + datetime.timedelta(days=3)).isoweekday())


def served(world, *people):
    profile = json.loads((DEMO / "profile.json").read_text())
    profile["people"] += people
    server = world.server.start()
    server.district(profile=json.dumps(profile))
    return Terminal(world), Desk(server)


def person(code, role, area=CODE):
    return {"code": code, "name": code, "posts": [{"role": role, "area": area}]}


SECOND_LEADER = person("S002", "shift_leader")
SECOND_WORKER = person("G901", "grid_worker", GRID)


def test_the_gaps_of_one_desk_hide_no_other_desk_s():
    with World() as world:
        _, desk = served(world, SECOND_LEADER)
        first = today() + datetime.timedelta(days=1)
        year = {"first": str(first), "last": str(first + datetime.timedelta(days=380))}
        monday = {"desk": "U-T1", "person": "D101", "weekdays": "1", "from": "00:00", "to": "24:00", **year}
        night = {"desk": "U-ZZ", "person": "S001", "from": "08:00", "to": "20:00", **year}
        gaps = desk.post("/roster", {"shifts": [monday, night]})["gaps"]
        weekly = [gap for gap in gaps if gap["desk"] == "U-T1"]
        equal((len(weekly), "more" in weekly[-1], "more" in weekly[-2]), (41, True, False), "rows of one desk")
        equal(len(weekly) - 1 + weekly[-1]["more"] in (54, 55, 56), True, "and how many more")
        equal(max(gap.get("days", 0) for gap in gaps if gap["desk"] == "U-ZZ") >= 378, True, "nights that nobody has")


def test_a_roster_is_judged_as_one_with_its_faults_by_line_and_its_gaps():
    with World() as world:
        terminal, desk = served(world, SECOND_LEADER)
        bad = terminal.file("bad.csv", "desk,person,first,last,from,to",
                            "U-ZZ,S001,2026-12-07,2026-12-13,08:00,20:00",
                            "U-NO,S001,2026-12-07,2026-12-13,08:00,20:00",
                            "U-ZZ,NOBODY,2026-12-07,2026-12-13,08:00,20:00",
                            "U-ZZ,S001,2026-12-32,2026-12-13,08:00,25:00",
                            "U-T1,G004,2026-12-07,2026-12-13,08:00,20:00")
        said = terminal.run("apply", bad, expect=DATA)[1]
        holds(said, f"{bad}:3", "no unit U-NO", f"{bad}:4", "no person NOBODY", f"{bad}:5", "25:00", "nothing was imported",
              f"{bad}:6", "holds no post at this desk")
        equal(terminal.shown()["shifts"], [], "nothing of it")
        first = today() + datetime.timedelta(days=1)
        last = first + datetime.timedelta(days=6)
        rows = [f"U-ZZ,S001,{first},{last},08:00,20:00", f"U-ZZ,S002,{first},{last},20:00,07:00"]
        path = terminal.file("week.csv", "综治中心,工号,开始日期,结束日期,上班,下班", *rows, encoding="gb18030")
        out, said = terminal.run("check", path)
        holds(out, "shifts", "changed", "anybody", f"{first + datetime.timedelta(days=1)}T07:00:00", "T08:00:00")
        holds(said, f"bihuan roster apply {path}")
        equal(terminal.shown()["shifts"], [], "a check changes nothing")
        terminal.run("apply", path)
        holds(terminal.run("apply", path)[1], "nothing differs")
        equal([row["person"] for row in terminal.shown("U-ZZ")["shifts"]], ["S001", "S002"], "its rows")
        # Another desk's roster stays, and so do both when people are imported.
        terminal.run("apply", terminal.file("t1.csv", "desk,person,from,to", "U-T1,D101,00:00,24:00"))
        equal([row["desk"] for row in terminal.shown()["shifts"]], ["U-T1", "U-ZZ", "U-ZZ"], "both desks'")
        desk.post("/tables?apply=1", {"people": [{"code": "S001", "name": "换了名字"}]})
        equal(len(terminal.shown()["shifts"]), 3, "rosters after an import of people")
        equal([(row["desk"], row["person"], row["leader"]) for row in terminal.shown()["on_duty"]],
              [("U-T1", "D101", False)], "who is on duty now")
        daily = [(gap["desk"], gap["days"]) for gap in desk.get("/roster")["gaps"] if "T07:00:00" in gap.get("from", "")]
        equal(daily, [("U-ZZ", 6)], "what comes back every day is one row")
        at = f"{first}T21:00:00%2B08:00"
        equal([row["person"] for row in desk.get(f"/roster?desk=U-ZZ&at={at}")["on_duty"]], ["S002"], "at another time")
        equal(world.server.ask("GET", desk.path("/roster?at=yesterday")).status, 400, "no instant")
        equal(world.server.ask("GET", desk.path("/roster?desk=U-NO")).status, 404, "no desk")
        world.server.kill()
        world.server.start()
        equal(len(terminal.shown()["shifts"]), 3, "after a crash")
        desk.verify()
        world.server.stop()


def test_a_period_of_heightened_duty_switches_the_shifts_by_its_calendar():
    with World() as world:
        terminal, desk = served(world, SECOND_LEADER)
        whole = desk.get("/profile")
        tomorrow = today() + datetime.timedelta(days=1)
        whole["duty_periods"] = [{"name": "全运会", "from": str(tomorrow), "to": str(tomorrow), "paper": "保障方案"}]
        desk.post("/profile?apply=1", whole)
        bad = terminal.file("bad.csv", "desk,person,from,to,period", "U-ZZ,S001,08:00,20:00,always")
        holds(terminal.run("apply", bad, expect=DATA)[1], f"{bad}:2", "period")
        terminal.run("apply", terminal.file("both.csv", "综治中心,工号,上班,下班,时段", "U-ZZ,S001,00:00,24:00,",
                                            "U-ZZ,S002,00:00,24:00,重大活动期间", encoding="gb18030"))
        equal([row.get("period") for row in terminal.shown()["shifts"]], [None, "heightened"], "its rows")
        equal(desk.get("/profile")["shifts"][1]["period"], "heightened", "in the profile")

        def at(day):
            return [row["person"] for row in desk.get(f"/roster?desk=U-ZZ&at={day}T12:00:00%2B08:00")["on_duty"]]
        days = [today(), tomorrow, tomorrow + datetime.timedelta(days=1)]
        equal([at(day) for day in days], [["S001"], ["S002"], ["S001"]], "who is there, day by day")
        whole = desk.get("/profile")
        whole["duty_periods"] = []
        desk.post("/profile?apply=1", whole)
        equal(at(tomorrow), ["S001"], "the period was taken away")
        desk.verify()
        world.server.stop()


def reported(handset, text, kind):
    number = handset.one("report", "--text", text, "--type", kind, *PLACE)["case"]
    sync(handset)
    return number


def told_beside(desk, handset):
    number = reported(handset, "燃气味很大", GAS_LEAK)
    rows = until(lambda: [row for row in desk.get("/notices?limit=500")["items"]
                          if row["number"] == number and row["kind"] == "urgent-told"], "it is told of beside")
    return sorted(row["person"] for row in rows)


def test_P1_and_a_look_go_to_those_on_duty_and_in_a_gap_to_all():
    with World() as world:
        terminal, desk = served(world, SECOND_LEADER, SECOND_WORKER)
        handset = world.handset("G002")
        handset.enrol(world.server.code_for("G002"))
        equal(told_beside(desk, handset), ["G001", "G901", "S001", "S002"], "without a roster: all")
        head, off = "desk,person,weekdays,from,to", other_weekday()
        terminal.run("apply", terminal.file(
            "now.csv", head, f"{DESK},S001,{off},00:00,24:00", f"{DESK},S002,,00:00,24:00",
            f"{DESK},G001,{off},00:00,24:00", f"{DESK},G901,,00:00,24:00"))
        equal(told_beside(desk, handset), ["G901", "S002"], "those on duty")
        number = reported(handset, "路面有坑", "10010")
        world.server.must("POST", desk.path(f"/cases/{number}/ask-verify"), {"text": "看一下"}, acting=ACCEPTOR)
        equal([task["person"] for task in desk.case(number)["tasks"]], ["G901"], "who is sent to look")
        terminal.run("apply", terminal.file("gap.csv", head, *(f"{DESK},{code},{off},00:00,24:00"
                                                               for code in ("S001", "S002", "G001", "G901"))))
        equal(told_beside(desk, handset), ["G001", "G901", "S001", "S002"], "nobody on duty: all")
        desk.verify()
        world.server.stop()


def hm(at):
    return at.strftime("%H:%M")


def bihuan(world, *words, expect=0):
    done = subprocess.run([BIHUAN, *map(str, words)], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30,
                          check=False, env={"BIHUAN_SOCKET": world.server.admin_path, "BIHUAN_DISTRICT": CODE})
    equal(done.returncode, expect, f"{' '.join(map(str, words))}: {done.stdout} {done.stderr}")
    return done.stdout, done.stderr


def next_change():
    """A full minute that is not now."""
    return (datetime.datetime.now(CHINA) + datetime.timedelta(seconds=70)).replace(second=0, microsecond=0)


def test_a_shift_is_handed_over_with_a_note_and_one_that_is_not_is_told_above():
    with World(test_due_divisor=3600) as world:
        people = [person(code, "shift_leader", "990101001") for code in ("S101", "S102")]
        terminal, desk = served(world, SECOND_LEADER, *people)
        handset = world.handset("G001")
        handset.enrol(world.server.code_for("G001"))
        reported(handset, "路面有坑", "10010")
        change = next_change()
        rows = [f"{where},{who},{start},{end}" for where, first, second in ((DESK, "S001", "S002"), ("U-T1", "S101", "S102"))
                for who, start, end in ((first, hm(change - datetime.timedelta(hours=3)), hm(change)),
                                        (second, hm(change), hm(change - datetime.timedelta(hours=3))))]
        terminal.run("apply", terminal.file("day.csv", "desk,person,from,to", *rows))
        holds(bihuan(world, "hand-over", DESK, "--as=D001", "--text=x", expect=77)[1], "shift leaders")
        holds(bihuan(world, "take-over", DESK, "--as=S002", expect=1)[1], "nothing waits")
        holds(bihuan(world, "hand-over", DESK, "--as=S001", "--text=燃气公司已联系,明早八点回访")[1], "bihuan hand-overs U-ZZ")
        bihuan(world, "take-over", DESK, "--as=S002")
        listed = desk.get(f"/hand-overs?desk={DESK}")["items"]
        equal([(row["handed_over_by"], row["taken_over_by"], row["missed"], row["note"], sum(row["open"].values()))
               for row in listed], [("S001", "S002", False, "燃气公司已联系,明早八点回访", 1)], "what was handed over")
        missed = until(lambda: [row for row in desk.get("/hand-overs?desk=U-T1")["items"] if row["missed"]],
                       "the township's desk handed nothing over", 100)
        equal([(row["handed_over_by"], row["open"]) for row in missed], [(None, None)], "of nobody")
        told = [row["person"] for row in desk.get("/notices?limit=500")["items"] if row["kind"] == "hand-over-missed"]
        equal(told, ["S002"], "the level above, who is on duty there")
        world.server.kill()
        world.server.start()
        equal(len(desk.get("/hand-overs")["items"]), 2, "after a crash")
        holds(bihuan(world, "hand-overs")[0], "S001", "S002", "明早八点回访")
        desk.verify()
        world.server.stop()


if __name__ == "__main__":
    sys.exit(tap.run(cases_of(globals())))
