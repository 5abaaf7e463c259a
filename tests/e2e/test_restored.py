"""A server whose district folder was put back as it was before: it noticed nothing, the handsets do (C04).

No handset drops what was not acknowledged, what it shows becomes what this server has, and what was acknowledged after
the backup goes up again, under its own number.
"""
import pathlib
import shutil
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
import tap
from district import CODE, LEAD, Desk, handle, own_cases, report, submitted, sync
from expect import cases_of, equal
from harness import World


def begin(world, *people):
    server = world.server.start()
    server.district()
    handsets = [world.handset(person) for person in people]
    for handset in handsets:
        handset.enrol(server.code_for(handset.name))
    return Desk(server), handsets


def back_up(world):
    """The district's folder, copied while the server is stopped, as the README tells an operator to."""
    world.server.stop()
    shutil.copytree(world.server.data / CODE, world.folder / "backup")
    world.server.start()


def put_back(world):
    world.server.stop()
    shutil.rmtree(world.server.data / CODE)
    shutil.copytree(world.folder / "backup", world.server.data / CODE)
    world.server.start()


def texts(desk):
    return sorted(desk.case(case["number"])["text"] for case in desk.cases())


def states(handset):
    return {row["text"]: row["state"] for row in own_cases(handset).values()}


def test_C04_what_only_the_desk_had_decided_is_taken_back_and_the_log_goes_on():
    with World() as world:
        desk, (handset,) = begin(world, "G001")
        first, second = report(handset, "甲"), report(handset, "乙")
        sync(handset)
        back_up(world)
        desk.dispatch(first)
        desk.dispatch(second)
        sync(handset)
        equal(states(handset), {"甲": "dispatched", "乙": "dispatched"}, "before the server went back")
        waiting = report(handset, "丙:恢复时尚未上报")
        put_back(world)
        sync(handset)
        equal(states(handset), {"甲": "received", "乙": "received", "丙:恢复时尚未上报": "received"},
              "what the handset shows of the server that went back")
        equal(texts(desk), ["丙:恢复时尚未上报", "乙", "甲"], "what the server has")
        equal(submitted(handset)[waiting]["verdict"], "accepted", "the report that waited")
        equal(desk.get("/devices")["items"][0]["logs"], 1, "logs: nothing that was acknowledged is missing, so none is begun")
        desk.verify()
        world.server.stop()


def test_C04_a_history_that_went_on_otherwise_is_noticed_by_its_hash_alone():
    with World() as world:
        desk, (handset, lead) = begin(world, "G001", LEAD)
        first, second = report(handset, "甲"), report(handset, "乙")
        sync(handset)
        back_up(world)
        desk.dispatch(first)
        handle(lead)
        sync(handset)
        put_back(world)
        # As many entries as before and more, of another history: no position tells the two apart.
        equal(desk.dispatch(second).status, 200, "dispatch")
        for verb in ("sign", "finish"):
            equal(desk.act(second, verb, {"text": "已到场"}, acting=LEAD).status, 200, verb)
        equal(desk.dispatch(first).status, 200, "dispatch")
        # What the lead gives again moves the case once more, and a session does not wait for what its own acts cause.
        for phone in (handset, lead, lead, handset):
            sync(phone)
        here = {case["number"]: case["state"] for case in desk.cases()}
        for phone in (handset, lead):
            shown = {row["case"]: row["state"] for row in phone.run("list")}
            equal(shown, here, f"what {phone.name} shows")
        desk.verify()
        world.server.stop()


def test_C04_what_was_acknowledged_after_the_backup_goes_up_again_under_its_number():
    with World() as world:
        desk, (handset,) = begin(world, "G001")
        report(handset, "甲")
        sync(handset)
        back_up(world)
        known = [report(handset, "乙:备份之后已上报"), report(handset, "丙:备份之后已上报")]
        sync(handset)
        before = submitted(handset)
        came = {number: desk.case(number)["received_at"] for number in known}
        report(handset, "丁:恢复时尚未上报")
        put_back(world)
        sync(handset)
        report(handset, "戊:恢复之后")
        sync(handset)
        equal(texts(desk), sorted(["甲", "乙:备份之后已上报", "丙:备份之后已上报", "丁:恢复时尚未上报", "戊:恢复之后"]),
              "what the server has, each once")
        for number, text in zip(known, ("乙:备份之后已上报", "丙:备份之后已上报")):
            equal(desk.case(number)["text"], text, "the report under its number")
            equal(desk.case(number)["received_at"], came[number], "when it had come, by the server's own receipt")
            row = handset.one("show", number)
            equal((row["text"], row["own"], row["verdict"]), (text, True, "accepted"), "what its handset shows")
            equal(submitted(handset)[number], before[number], "what the handset was told the first time")
        device = desk.get("/devices")["items"][0]
        equal((device["state"], device["logs"]), ("live", 1), "the device, and that its log is the same")
        desk.verify()
        world.server.stop()


def test_C04_more_than_a_batch_goes_up_again():
    with World() as world:
        desk, (handset,) = begin(world, "G001")
        back_up(world)
        table = world.folder / "many.csv"
        table.write_text("text,type\n" + "".join(f"第{n}件,10003\n" for n in range(1200)))
        handset.run("report", "--csv", table)
        sync(handset)
        put_back(world)
        sync(handset)
        equal(sorted(case["number"] for case in desk.cases()), sorted(submitted(handset)), "numbers, each once")
        desk.verify()
        world.server.stop()


def test_C04_a_handset_that_the_backup_does_not_know_is_known_by_the_kept_file():
    with World() as world:
        desk, (old,) = begin(world, "G001")
        back_up(world)
        late, gone = world.handset("G002"), world.handset("G003")
        for handset in (late, gone):
            handset.enrol(world.server.code_for(handset.name))
        known = report(late, "甲:已上报")
        report(gone, "丁:停用前已上报")
        sync(late)
        sync(gone)
        gone_id = [row["device"] for row in desk.get("/devices")["items"] if row["person"] == "G003"][0]
        equal(desk.server.ask("POST", desk.path(f"/devices/{gone_id}/revoke"), {"reason": "遗失"}).status, 200, "revoke")
        waiting = report(late, "乙:尚未上报")
        put_back(world)
        sync(late)
        for number, text in ((known, "甲:已上报"), (waiting, "乙:尚未上报")):
            equal(desk.case(number)["text"], text, "a report under its number")
        told = gone.one("sync", "--timeout", "3", expect=None)
        equal(told["cause"], "revoked", "what the worker with the revoked handset reads")
        report(old, "丙")
        sync(old)
        equal(texts(desk), sorted(["甲:已上报", "乙:尚未上报", "丙"]), "what the server has")
        states = {row["device"]: row["state"] for row in desk.get("/devices")["items"]}
        equal(sorted(states.values()), ["live", "live", "revoked"], "the devices")
        again = world.handset("G004")
        again.enrol(world.server.code_for("G004"))
        equal(max(row["device"] for row in desk.get("/devices")["items"]), max(states) + 1, "the next number")
        desk.verify()
        world.server.stop()


def test_C04_without_the_kept_file_it_is_told_so_and_keeps_everything():
    with World() as world:
        desk, (old,) = begin(world, "G001")
        back_up(world)
        late = world.handset("G002")
        late.enrol(world.server.code_for("G002"))
        known = report(late, "甲:已上报")
        sync(late)
        waiting = report(late, "乙:尚未上报")
        world.server.stop()
        (world.server.data / (CODE + ".kept")).unlink()
        put_back(world)
        told = late.one("sync", "--timeout", "3", expect=None)
        equal((told["cause"], told["unsent_ops"]), ("not_recognised", 1), "what the worker reads")
        equal(sorted(submitted(late)), sorted([known, waiting]), "what the handset holds")
        report(old, "丙")
        sync(old)
        desk.verify()
        world.server.stop()


def test_a_kept_file_that_was_damaged_keeps_the_district_from_being_served():
    with World() as world:
        begin(world, "G001")
        world.server.stop()
        kept = world.server.data / (CODE + ".kept")
        whole = kept.read_bytes()
        kept.write_bytes(whole.replace(b"device", b"devise", 1))
        world.server.start(expect_ready=False)
        equal(world.server.process.wait(60), 74, "exit status")
        equal("990101.kept: line 4: a line was damaged" in world.server.log(), True, "what the log says")
        lines = whole.rstrip(b"\0")  # before the reserve
        kept.write_bytes(lines[:-9])  # a torn end
        world.server.start()
        world.server.stop()
        equal(kept.read_bytes().rstrip(b"\0"), lines, "the kept file, whole again")
        equal(len(kept.read_bytes()) > len(lines), True, "a reserve behind it")


if __name__ == "__main__":
    sys.exit(tap.run(cases_of(globals())))
