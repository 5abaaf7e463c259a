#!/usr/bin/python3
"""The server's key and the district's CA are rolled over the real programs: handsets follow by themselves, one that was
away comes by its backup pin, one that missed two rolls says so and keeps everything."""
import json
import pathlib
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
import tap
from district import CODE, Desk, report, submitted, sync
from expect import CONFIG, cases_of, ends, equal, holds
from harness import BIHUAN, BIHUAND, Failed, World, until
from impostor import Impostor, authority, leaf, new_key, read_key

AWAY, REFUSED = 69, 1


def bihuan(world, *words, expect=0):
    """One verb of the terminal; gives its JSON, or what it said."""
    done = subprocess.run([BIHUAN, "--socket", world.server.admin_path, "--json", *map(str, words)],
                          stdin=subprocess.DEVNULL, capture_output=True, timeout=120, check=False)
    said = done.stderr.decode(errors="replace")
    if done.returncode != expect:
        raise Failed(f"bihuan {' '.join(map(str, words))}: exit {done.returncode}, not {expect}\n{said}")
    return json.loads(done.stdout) if expect == 0 else said


def keys_of(world):
    return world.server.data / CODE / "keys"


def files_of(world):
    return {path.name: path.read_bytes() for path in keys_of(world).iterdir()}


def begin(world, *people):
    server = world.server.start()
    server.district()
    handsets = [world.handset(person) for person in people]
    for handset in handsets:
        handset.enrol(server.code_for(handset.name))
        sync(handset)
    return Desk(server), handsets


def lacking(world):
    return bihuan(world, "keys", "show")["lacking"]


def roll(world, *words, verb="roll-ca", expect=0):
    """Stop, roll, start: as the operator does it."""
    world.server.stop()
    told = bihuan(world, "keys", verb, world.server.data / CODE, *words, expect=expect)
    world.server.start()
    return told


def is_true(desk, handset, text):
    """Its report reaches the district, and the district's answer it."""
    number = report(handset, text)
    sync(handset)
    equal(submitted(handset)[number]["verdict"], "accepted", f"what {handset.name} shows of its report")
    equal(desk.case(number)["text"], text, f"what the district has of {handset.name}")


def is_a_stranger(world, handset, name):
    """The server in its place is told nothing, and what the handset holds waits."""
    before = len(handset.run("ops"))
    report(handset, f"等着:{name}")
    told = handset.one("sync", "--timeout", 1, expect=AWAY)
    equal((told["cause"], told["unsent_ops"]), ("wrong_server", 1), name)
    equal(len(handset.run("ops")), before + 1, f"{name}: what it holds")


def test_B04_the_ca_rolls_and_rolls_again_once_everybody_has_followed():
    with World() as world:
        desk, handsets = begin(world, "G001", "G002", "G003")
        first = bihuan(world, "keys", "show")
        old = keys_of(world).parent / "old"
        shutil.copytree(keys_of(world), old)
        told = roll(world, "--force")
        equal(told["ca_pin"], first["backup_pin"], "the backup key is the CA's")
        equal(told["backup_pin"] in (first["ca_pin"], first["backup_pin"]), False, "and there is another backup")
        equal(sorted(lacking(world)), [1, 2, 3], "who has not heard of it")
        for handset in handsets[:2]:
            is_true(desk, handset, "换钥之后")
        world.server.kill()
        world.server.start()
        for handset in handsets[:2]:
            sync(handset)
        until(lambda: lacking(world) == [3], "who was there has said so")
        world.server.stop()
        said = bihuan(world, "keys", "roll-ca", world.server.data / CODE, expect=REFUSED)
        holds(said, "1 of 3 handsets")
        thief_is_a_stranger(world, handsets[0], old)
        world.server.start()
        is_true(desk, handsets[2], "离开时换过一次")
        sync(handsets[2])
        until(lambda: lacking(world) == [], "who was away has said so, too")
        again = roll(world)
        equal(again["ca_pin"], told["backup_pin"], "one step more")
        for handset in handsets:
            is_true(desk, handset, "再换之后")
        desk.verify()
        world.server.stop()


def thief_is_a_stranger(world, handset, old):
    """Who has stolen the CA's key that was."""
    key, ca = new_key(), read_key(old / "ca.key")
    report(handset, "不给旧钥")
    with Impostor(world.folder / "thief", world.server.port, key, [leaf(key, ca, CODE), authority(ca)]) as thief:
        told = handset.one("sync", "--timeout", 1, expect=AWAY)
    equal((told["cause"], told["unsent_ops"], thief.heard), ("wrong_server", 1, b""), "the older key")


def test_who_missed_two_rolls_is_told_so_and_keeps_its_log():
    with World() as world:
        desk, (here, away) = begin(world, "G001", "G002")
        printed = [world.server.code_for(person) for person in ("G003", "G004")]
        roll(world, "--force")
        sync(here)
        late = world.handset("G003")
        late.enrol(printed[0])
        is_true(desk, late, "用换钥之前的码登记")
        roll(world, "--force")
        for handset in (here, late):
            is_true(desk, handset, "跟上了")
        is_a_stranger(world, away, "who missed two rolls")
        stale = world.handset("G004")
        stale.run("enrol", printed[1], "--wait", "1", expect=AWAY)
        told = stale.one("sync", "--timeout", 1, expect=AWAY)
        equal(told["cause"], "wrong_server", "a code printed before two rolls")
        desk.verify()
        world.server.stop()


def test_a_lost_ca_key_is_no_end_and_a_new_server_key_no_event():
    with World() as world:
        desk, (handset,) = begin(world, "G001")
        pins = bihuan(world, "keys", "show")
        equal(pins["backup_key_here"], True, "where the backup key lies")
        safe = world.folder / "safe"
        safe.mkdir()
        shutil.move(keys_of(world) / "backup-ca.key", safe / "backup-ca.key")
        equal(bihuan(world, "keys", "show")["backup_key_here"], False, "where it lies now")
        before = files_of(world)
        told = roll(world, verb="roll-server")
        after = files_of(world)
        equal(sorted(name for name in before if before[name] != after[name]), ["server.crt", "server.key"],
              "what a new server key changes")
        equal((told["ca_pin"], told["backup_pin"]), (pins["ca_pin"], pins["backup_pin"]), "the pins")
        is_true(desk, handset, "新的服务器密钥")
        world.server.stop()
        (keys_of(world) / "ca.key").unlink()
        ends(world.server, CONFIG, "keys/ca.key is not there")
        bihuan(world, "keys", "roll-ca", world.server.data / CODE, "--force", "--backup-key",
               safe / "backup-ca.key")
        world.server.start()
        is_true(desk, handset, "钥匙丢过")
        equal(subprocess.run([BIHUAND, "--check", "-c", world.server.config_path], capture_output=True, timeout=30,
                             check=False).returncode, 0, "bihuand --check")
        desk.verify()
        world.server.stop()


def bundle_of(world, handset, name):
    """A report that goes by hand, and is taken."""
    path = world.folder / f"{name}.bundle"
    report(handset, f"手带:{name}")
    handset.run("export", path)
    equal(bihuan(world, "import", path)["ops_new"], 1, name)
    sync(handset)


def test_handsets_hear_of_another_bundle_key_however_it_came_about():
    with World() as world:
        desk, (handset,) = begin(world, "G001")
        report(handset, "换钥之前")
        early = world.folder / "early.bundle"
        handset.run("export", early)
        for i in range(3):
            roll(world, verb="roll-bundle")
            sync(handset)
            bundle_of(world, handset, f"rolled {i}")
        equal(sorted(name[:7] for name in files_of(world) if name.startswith("bundle")), ["bundle-"] * 3 + ["bundle."],
              "no name is used twice")
        equal(bihuan(world, "import", early)["ops"], 1, "what was sealed three keys before")
        world.server.stop()
        for path in keys_of(world).glob("bundle*"):
            path.unlink()
        world.server.start()
        holds(world.server.log(), "keys/bundle.key was not there")
        sync(handset)
        bundle_of(world, handset, "put back without a bundle key")
        desk.verify()
        world.server.stop()


if __name__ == "__main__":
    sys.exit(tap.run(cases_of(globals())))
