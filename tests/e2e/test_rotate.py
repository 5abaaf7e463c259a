#!/usr/bin/python3
"""A handset takes another key: the old one is worth nothing afterwards, whatever was cut or put back meanwhile."""
import json
import os
import pathlib
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
import tap
from chaos import Chaos, Way
from district import CODE, Desk, report, submitted, sync
from expect import cases_of, equal
from harness import BIHUAN, BUILD, World
from test_backup import back_up, begin, bihuan
from test_cargo import carried

SIGN_FOR = os.environ.get("BH_SIGN_FOR", str(BUILD / "tests/e2e/sign_for"))
REPLY_KEY = "reply.key.jpg"  # what answers to bundles are sealed for: no device's
PRIVATE_KEY = bytes.fromhex("0201010420")  # RFC 5915: version 1, and 32 bytes of a P-256 key
BEHIND_HELLO = 3  # application records of a link: the handshake's last, Hello, and then what it sends


def key_of(desk, device=1):
    return {row["device"]: row["key"] for row in desk.get("/devices")["items"]}[device]


def copy_of(handset, world, name):
    """The store as it is now, in another handset's hands."""
    other = world.handset(name)
    for path in handset.store.parent.glob(handset.store.name + "*"):
        if path.is_file():
            shutil.copy(path, str(path).replace(handset.store.name, other.store.name))
    return other


def test_a_handset_takes_another_key_and_a_copy_of_the_old_one_is_worth_nothing():
    with World() as world:
        server = world.server.start()
        server.district()
        desk, handset = Desk(server), world.handset("G001")
        handset.enrol(server.code_for("G001"))
        before = key_of(desk)
        thief = copy_of(handset, world, "thief")
        report(handset, "之前")
        said = handset.one("rotate")
        equal((said["rotated"], said["cause"]), (True, "none"), "rotate")
        after = key_of(desk)
        equal(after == before, False, "the key is another one")
        number = report(handset, "之后")
        sync(handset)
        equal([op["verdict"] for op in submitted(handset).values()], ["accepted"] * 2, "verdicts")
        report(thief, "冒名")
        rows = thief.run("sync", "--timeout", "2", expect=None)
        equal((rows[-1]["cause"], rows[-1]["unsent_ops"]), ("not_recognised", 1), "what the copy reads")
        equal(desk.stats()["cases"], 2, "cases")
        server.kill()
        server.start()
        equal((key_of(desk), desk.case(number)["text"]), (after, "之后"), "after a kill")
        handset.one("rotate")
        equal(key_of(desk) in (before, after), False, "and another one")
        desk.verify()


def test_a_cut_at_either_side_of_the_answer_leaves_one_key_that_works():
    with Chaos() as net, World(public=f"127.0.0.1:{net.port}") as world:
        server = world.server.start()
        net.to(server.port)
        server.district()
        desk, handset = Desk(server), world.handset("G001")
        handset.enrol(server.code_for("G001"))
        before = key_of(desk)
        net.up = Way(hole=True, after=BEHIND_HELLO)
        equal(handset.run("rotate", "--timeout", "2", expect=None)[0]["rotated"], False, "swallowed on its way up")
        net.up = Way()
        equal(key_of(desk), before, "the server's key")
        sync(handset)
        middle = key_of(desk)
        equal(middle == before, False, "the next session brings it")
        handset.run("status")
        net.down = Way(hole=True, after=BEHIND_HELLO)
        equal(handset.run("rotate", "--timeout", "2", expect=None)[0]["rotated"], False, "its answer swallowed")
        net.down = Way()
        equal(key_of(desk) == middle, False, "the server has the new one")
        report(handset, "仍可上报")
        sync(handset)
        equal([op["verdict"] for op in submitted(handset).values()], ["accepted"], "verdicts")
        equal(handset.one("status")["cause"], "none", "cause")
        desk.verify()


def signed_outside(world, bundle):
    """What the program says whose keys lie in two other processes, step by step."""
    done = subprocess.run([SIGN_FOR, world.folder / "hard.db", world.server.code_for("G001"), bundle],
                          stdin=subprocess.DEVNULL, capture_output=True, timeout=90, check=False)
    equal(done.returncode, 0, f"its end, having said: {done.stdout.decode()}{done.stderr.decode()}")
    return map(json.loads, done.stdout.decode().splitlines())


def texts(desk):
    return sorted(case["text"] for case in map(desk.case, (row["number"] for row in desk.cases())))


def test_a_key_in_another_process_gives_way_to_one_in_a_third():
    with World() as world:
        server = world.server.start()
        server.district()
        desk, bundle = Desk(server), world.folder / "carried.bundle"
        enrolled, rotated, after, exported = signed_outside(world, bundle)
        for step in (enrolled, rotated, after):
            equal((step["cause"], step["unsent"], step["waits"], step["strangers"]), ("none", 0, 0, 0), step["step"])
        equal((enrolled["key"] == rotated["key"], rotated["key"]), (False, key_of(desk)), "the key that holds")
        equal(after["key"], rotated["key"], "and goes on holding")
        equal(enrolled["asked"], [2, 0], "who signed enrolment and session")
        equal((rotated["asked"][0] > 2, rotated["asked"][1]), (True, 1), "both sign the change, and the new one once")
        equal((after["asked"][0], after["asked"][1] > 1), (rotated["asked"][0], True), "then the new one alone")
        equal((exported["ops"], exported["asked"]), (1, [after["asked"][0], after["asked"][1] + 1]), "a bundle")
        server.must("POST", desk.path("/bundle"), {"file": str(bundle)})
        equal(texts(desk), ["after", "before", "carried"], "what the district has")
        desk.verify()


def private_keys(store):
    """The files of a store that hold one."""
    held = [path for path in store.parent.rglob("*") if path.is_file() and
            (path.name.startswith(store.name) or path.parent.name.startswith(store.name))]
    return [path.name for path in held if PRIVATE_KEY in path.read_bytes()]


def test_a_bundle_that_another_process_signed_is_carried_by_a_colleague_and_its_store_has_no_private_key():
    with World() as world:
        desk, (colleague,) = begin(world, "G002")
        bundle = world.folder / "carried.bundle"
        equal([step["step"] for step in signed_outside(world, bundle)], ["enrolled", "rotated", "after", "exported"], "its steps")
        equal(desk.stats()["cases"], 2, "cases before it is carried")
        equal(colleague.one("import", bundle)["bundle"], "cargo", "what the colleague takes")
        sync(colleague)
        equal(carried(colleague), [("answered", None)], "what it carries after a session")
        equal(texts(desk), ["after", "before", "carried"], "what the district has")
        equal(private_keys(world.folder / "hard.db"), [REPLY_KEY], "files with a private key")
        equal(set(private_keys(colleague.store)) - {REPLY_KEY} != set(), True, "where a handset has its own, it is found")
        desk.verify()


def test_after_a_restore_without_the_kept_file_the_operator_vouches_for_the_key_that_the_handset_has():
    with World() as world:
        desk, (handset,) = begin(world, "G001")
        report(handset, "备份之前")
        sync(handset)
        thief = copy_of(handset, world, "thief")
        backup, _ = back_up(world)
        handset.one("rotate")
        report(handset, "备份之后")
        sync(handset)
        report(handset, "未上传")
        world.server.kill()
        keys = shutil.copytree(world.server.data / CODE / "keys", world.folder / "keys")
        world.server.data = world.folder / "new"
        world.server.data.mkdir()
        told = subprocess.run([BIHUAN, "restore", backup, "--to", world.server.data, "--keys", keys], env={"LC_ALL": "C"},
                              stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=True).stderr
        equal(b"took another key" in told, True, str(told))
        world.server.start()
        rows = handset.run("sync", "--timeout", "5", expect=None)
        equal((rows[-1]["cause"], rows[-1]["unsent_ops"]), ("not_recognised", 1), "what the worker reads")
        key = handset.status()["key"]
        answer, _ = bihuan(world, "rekey", 1, key, "--confirm=1")
        equal((answer["key"], answer["repeat"], key_of(desk)), (key, False, key), "the key that holds")
        equal(bihuan(world, "rekey", 1, key, "--confirm=1")[0]["repeat"], True, "said again")
        report(thief, "冒名")
        rows = thief.run("sync", "--timeout", "3", expect=None)
        equal((rows[-1]["cause"], rows[-1]["unsent_ops"]), ("not_recognised", 1), "what the copy reads")
        sync(handset)
        equal(sorted(desk.case(number)["text"] for number in submitted(handset)), sorted(["备份之前", "备份之后", "未上传"]), "cases")
        for bad in ("", "02", "zz" * 33, "00" * 33, key + "00"):
            equal(world.server.ask("POST", desk.path("/devices/1/key"), {"key": bad}).status, 422, bad)
        equal((key_of(desk), desk.stats()["cases"]), (key, 3), "nothing else changed")
        desk.verify()


if __name__ == "__main__":
    sys.exit(tap.run(cases_of(globals())))
