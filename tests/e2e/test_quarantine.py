#!/usr/bin/python3
"""A handset is revoked with 200 reports that nobody has (B12): it drains them into quarantine, and is told nothing."""
import json
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
import tap
from clock import WallClock
from district import CODE, LATITUDE, LEAD, LONGITUDE, TYPE, Desk, handle, report, submitted, sync
from expect import cases_of, equal
from handset_bench import call
from harness import BIHUAN, Failed, World
from test_backup import photo
from test_fork import backup, restore

REPORTS = 200
HOUR_S = 3600
RESTRICTED, DISPUTE = "80009", "60001"


def terminal(server, *words):
    """One verb of the terminal; gives what it wrote: (answer, notes)."""
    done = subprocess.run([BIHUAN, "--socket", server.admin_path, *map(str, words)], stdin=subprocess.DEVNULL, env={"LC_ALL": "C"},
                          capture_output=True, timeout=120, check=False)
    if done.returncode:
        raise Failed(f"bihuan {words}: exit {done.returncode}: {done.stderr.decode(errors='replace')}")
    return done.stdout.decode(), done.stderr.decode()


def bihuan(server, *words):
    """Its lines of JSON."""
    return [json.loads(line) for line in terminal(server, *words)[0].splitlines()]


def record_many(world, handset, count):
    table = world.folder / "many.csv"
    rows = ["text,type,latitude,longitude"] + [f"离线 {n},{TYPE},{LATITUDE},{LONGITUDE}" for n in range(count)]
    table.write_text("\n".join(rows) + "\n")
    handset.run("report", "--csv", table)


def test_B12_a_revoked_handset_drains_200_reports_and_is_told_nothing():
    with World() as world:
        server = world.server.start()
        server.district()
        desk = Desk(server)
        worker = world.handset("G001")
        worker.enrol(server.code_for("G001"))
        first = report(worker, "撤销之前")
        sync(worker)
        record_many(world, worker, REPORTS)
        desk.post("/devices/1/revoke", {"reason": "遗失"})
        equal(desk.dispatch(first).status, 200, "dispatch")
        before = {row["case"]: row["state"] for row in worker.run("list")}
        worker.run("sync", "--timeout", "20", expect=None)
        verdicts = [op["verdict"] for op in submitted(worker).values()]
        equal((verdicts.count("accepted"), verdicts.count("quarantined")), (1, REPORTS), "verdicts")
        status = worker.status()
        equal((status["cause"], status["unsent_ops"]), ("revoked", 0), "what the worker reads")
        equal({row["case"]: row["state"] for row in worker.run("list")}, before, "what the handset shows")
        again = call("--json", "--store", worker.store, "sync")
        equal((again.exit, again.fault()["code"], again.rows()[0]["counts"]["attempts"]), (77, "revoked", 0), "once more")
        equal("the server was not asked now" in again.fault()["hint"], True, f"what it says within the hour: {again.err}")
        shown = call("--store", worker.store, "status").out
        equal("\nnext attempt   20" in shown, True, f"when it asks again: {shown}")
        equal(desk.get("/stats")["cases"], 1, "cases")
        said = bihuan(server, "quarantine", "release", 1, "--as=X001", "--reason=已找回", "--json")
        equal(len(said), REPORTS, "answers")
        equal(desk.get("/stats")["cases"], 1 + REPORTS, "cases after the release")
        equal(bihuan(server, "quarantine", "release", 1, "--as=X001", "--reason=再次", "--json"), [], "again")
        equal({row["stands"] for row in bihuan(server, "quarantine", "show", 1, "--all", "--json")}, {"released"}, "it")
        desk.verify()


def quarantine(desk):
    rows, after = [], "0"
    while after:
        page = desk.get(f"/devices/1/quarantine?after={after}")
        rows, after = rows + page["items"], page["next"]
    return rows


def decide(desk, position, word, reason="手机已找回", acting="X001"):
    path = desk.path(f"/devices/1/quarantine/{position}/{word}")
    return desk.server.ask("POST", path, {"reason": reason}, acting=acting)


def test_B12_what_was_drained_is_released_by_name_once_and_the_answer_reaches_the_new_handset():
    with World() as world:
        server = world.server.start()
        server.district()
        desk = Desk(server)
        lost, new, lead = world.handset("G001"), world.handset("new"), world.handset(LEAD)
        lost.enrol(server.code_for("G001"))
        number = report(lost, "遗失的手机里")
        report(lost, "误报")
        desk.post("/devices/1/revoke", {"reason": "遗失"})
        lost.run("sync", "--timeout", "20", expect=None)
        new.enrol(server.code_for("G001"))
        lead.enrol(server.code_for(LEAD))
        listed = bihuan(server, "quarantine", "list", "--json")
        equal([(row["device"], row["held"], row["released"], row["state"]) for row in listed], [(1, 2, 0, "revoked")], "list")
        rows = quarantine(desk)
        equal([(row["number"], row["text"], row["stands"]) for row in rows][0], (number, "遗失的手机里", "held"), "held")
        equal(decide(desk, rows[0]["position"], "release", acting=None).status, 422, "by nobody")
        equal(decide(desk, rows[0]["position"], "release", reason="").status, 422, "for nothing")
        equal(decide(desk, rows[0]["position"], "release", acting="D001").status, 403, "by a dispatcher")
        equal(decide(desk, rows[0]["position"] - 1, "release").status >= 400, True, "what is no op of it")
        equal(decide(desk, rows[0]["position"], "release").json["repeat"], False, "released")
        equal(decide(desk, rows[0]["position"], "release").json["repeat"], True, "released again")
        equal(decide(desk, rows[0]["position"], "discard").status, 409, "discarded after that")
        equal(decide(desk, rows[1]["position"], "discard", reason="误报").json["repeat"], False, "discarded")
        equal([row["stands"] for row in quarantine(desk)], ["released", "discarded"], "what stands now")
        row = bihuan(server, "quarantine", "list", "--json")[0]
        equal((row["held"], row["released"], row["discarded"], row["oldest_at"]), (0, 1, 1, None), "list")
        case = desk.case(number)
        equal((case["text"], case["state"]), ("遗失的手机里", "received"), "the case")
        equal([entry["verb"] for entry in case["history"]], ["submit", "release"], "its history")
        equal(desk.dispatch(number).status, 200, "dispatch")
        handle(lead)
        equal(desk.close(number).status, 200, "close")
        sync(new)
        equal([row["state"] for row in new.run("list") if row["case"] == number], ["closed"], "the new handset's list")
        equal([op["verdict"] for op in submitted(lost).values()], ["quarantined"] * 2, "the lost handset's ops")
        desk.verify()


def test_B12_an_administrator_reads_no_words_of_what_is_guarded_or_a_case():
    with World() as world:
        server = world.server.start()
        server.district()
        desk, handset = Desk(server), world.handset("G001")
        handset.enrol(server.code_for("G001"))
        known = report(handset, "撤销之前")
        sync(handset)
        texts = {TYPE: "井盖丢失", RESTRICTED: "某小区三岁孩子被继父打", DISPUTE: "与邻居张三争执", None: "不知是何类"}
        for kind, text in texts.items():
            words = ["--type", kind] if kind else []
            handset.one("report", "--text", text, "--lat", LATITUDE, "--lon", LONGITUDE, *words)
        desk.post("/devices/1/revoke", {"reason": "遗失"})
        handset.run("sync", "--timeout", "20", expect=None)

        def read(acting):
            rows = server.must("GET", desk.path("/devices/1/quarantine"), acting=acting)["items"]
            return [(row["text"], row["withheld"]) for row in rows]
        equal(read("X001"), [(texts[TYPE], False), (None, True), (None, True), (None, True)], "what an administrator reads")
        equal(read(None), [(text, False) for text in texts.values()], "what the operator reads")
        for row, word in zip(quarantine(desk), ("release", "release", "discard", "discard")):
            equal(decide(desk, row["position"], word).status, 200, word)
        equal(read("X001"), [(None, True)] * 4, "what he reads of what was decided")
        equal(desk.case(known)["state"], "received", "what came before")
        desk.verify()


def test_what_came_by_hand_of_a_log_that_was_left_is_listed_though_its_handset_is_live():
    with World() as world:
        server = world.server.start()
        server.district()
        desk, handset = Desk(server), world.handset("G001")
        handset.enrol(server.code_for("G001"))
        report(handset, "备份之前")
        sync(handset)
        backup(handset, world.folder / "backup")
        report(handset, "备份之后")
        sync(handset)
        number = report(handset, "只在文件里")
        handset.one("export", world.folder / "old.bundle")
        restore(handset, world.folder / "backup")
        report(handset, "新日志里")
        sync(handset)
        sync(handset)
        equal(bihuan(server, "quarantine", "list", "--json"), [], "list before")
        bihuan(server, "import", world.folder / "old.bundle", "--json")
        listed = bihuan(server, "quarantine", "list", "--json")
        equal([(row["device"], row["held"], row["state"]) for row in listed], [(1, 1, "live")], "list")
        equal(desk.get("/devices")["items"][0]["state"], "live", "the device")
        equal([(row["number"], row["stands"]) for row in quarantine(desk)], [(number, "held")], "what is held")
        bihuan(server, "quarantine", "release", 1, "--as=X001", "--reason=补交", "--json")
        equal(desk.case(number)["text"], "只在文件里", "the case")
        row = bihuan(server, "quarantine", "list", "--json")[0]
        equal((row["held"], row["released"], row["state"]), (0, 1, "live"), "list")
        desk.verify()


def photos_of(desk):
    return [(row["photos"], row["photos_here"]) for row in quarantine(desk)]


def files(server):
    return sorted(path.name for path in (server.data / CODE / "blobs").rglob("*") if path.is_file())


def test_B12_photos_of_what_is_released_are_asked_for_when_the_handset_is_drained_again():
    with World() as world:
        server = world.server.start()
        server.district()
        desk = Desk(server)
        lost, lead, clock = world.handset("G001"), world.handset(LEAD), WallClock(world.folder)
        lost.environment.update(clock.environment())
        lost.enrol(server.code_for("G001"))
        lead.enrol(server.code_for(LEAD))
        before = photo(world, lost, 1)
        sync(lost)
        numbers = [photo(world, lost, seed) for seed in (2, 3)] + [photo(world, lost, 1)]
        brought = files(server)
        desk.post("/devices/1/revoke", {"reason": "遗失"})
        lost.run("sync", "--timeout", "20", expect=None)
        equal(files(server), brought, "photos here while their reports are in quarantine")
        released, discarded, same = quarantine(desk)
        equal([row["number"] for row in (released, discarded, same)], numbers, "what is in quarantine")
        equal(photos_of(desk), [(1, 0), (1, 0), (1, 1)], "photos that each names, and that are here")
        answer = decide(desk, released["position"], "release")
        equal((answer.status, answer.json["photos"], answer.json["photos_here"]), (200, 1, 0), "released")
        answer = decide(desk, same["position"], "release")
        equal((answer.status, answer.json["photos"], answer.json["photos_here"]), (200, 1, 1), "released, with a photo that is here")
        equal(decide(desk, discarded["position"], "discard", reason="误报").status, 200, "discarded")
        again = ("quarantine", "release", 1, released["position"], same["position"], "--as=X001", "--reason=再次")
        notes = terminal(server, *again)[1]
        equal("photos 2, here 1\n" in notes and "asked of the handset" in notes, True, f"what is said of them: {notes}")
        equal([row["stored"] for row in desk.case(numbers[0])["photos"]], [False] * 2, "its photos")
        equal([row["stored"] for row in desk.case(numbers[2])["photos"]], [True] * 2, "photos that came before")
        equal(desk.case(numbers[2])["photos"], desk.case(before)["photos"], "the same")
        server.kill()
        server.start()
        clock.shift(2 * HOUR_S)  # who is cut off asks again once an hour
        lost.run("sync", "--timeout", "20", expect=None)
        rows = desk.case(numbers[0])["photos"]
        equal([row["stored"] for row in rows], [True] * 2, "its photos, after the handset was drained again")
        equal(files(server), sorted(brought + [row["hash"] for row in rows]), "and none of the discarded one")
        equal(photos_of(desk), [(1, 1), (1, 0), (1, 1)], "photos that are here now")
        equal(lost.status()["unsent_photos"], 0, "what waits")
        equal(desk.dispatch(numbers[0]).status, 200, "dispatch")
        sync(lead)
        equal([row["here"] for row in lead.one("show", numbers[0])["photos"] if row["thumbnail"]], [True], "at the unit")
        desk.verify()


if __name__ == "__main__":
    sys.exit(tap.run(cases_of(globals())))
