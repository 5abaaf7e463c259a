#!/usr/bin/python3
"""The server's key and the district's CA are rolled over the real programs: handsets follow by themselves, one that was
away comes by its backup pin, one that missed two rolls says so and keeps everything; and no older key comes back."""
import json
import pathlib
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
import tap
from district import CODE, Desk, report, submitted, sync
from expect import AGAIN, CONFIG, cases_of, ends, equal, holds
from harness import BIHUAN, BIHUAND, Failed, World, until
from impostor import Impostor, authority, leaf, new_key, read_key

AWAY, DATA, REFUSED = 69, 65, 1
STOOD = ("ca.key", "backup-ca.key", "backup-ca.pin", "server.key", "server.crt", "receipt.mac", "bundle.key")


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


def test_the_ca_rolls_and_rolls_again_once_everybody_has_followed():
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


def test_a_backup_from_before_a_roll_brings_no_older_key_back():
    with World() as world:
        desk, (handset, away) = begin(world, "G001", "G002")
        (world.folder / "backups").mkdir()
        backup = bihuan(world, "backup", CODE, "--out", world.folder / "backups")["folder"]
        old = world.folder / "old-keys"
        shutil.copytree(keys_of(world), old)
        roll(world, "--force")
        is_true(desk, handset, "备份之后")
        world.server.stop()
        restored = bihuan(world, "restore", backup, "--to", world.server.data, "--replace")
        shutil.rmtree(restored["aside"])
        world.server.start()
        is_true(desk, handset, "恢复之后")
        equal(len(desk.cases()), 2, "what it brought back")
        world.server.stop()
        newer = world.folder / "newer-keys"
        shutil.copytree(keys_of(world), newer)
        bihuan(world, "restore", backup, "--to", world.server.data, "--replace", "--keys", old)
        ends(world.server, CONFIG, "older than a roll")
        # The older keys are no dead end while one has the backup key of the newer ones.
        bihuan(world, "keys", "roll-ca", world.server.data / CODE, "--force", expect=REFUSED)
        bihuan(world, "keys", "roll-ca", world.server.data / CODE, "--force", "--backup-key", newer / "backup-ca.key")
        world.server.start()
        is_true(desk, handset, "又一步")
        is_a_stranger(world, away, "who was away for both")
        desk.verify()
        world.server.stop()


def test_answers_to_bundles_hold_across_a_roll():
    with World() as world:
        desk, (early, late) = begin(world, "G001", "G002")
        paths = {name: world.folder / name for name in ("early.bundle", "early.ack", "late.bundle", "late.ack")}
        for handset, name in ((early, "early"), (late, "late")):
            report(handset, f"随身携带:{name}")
            handset.one("export", paths[f"{name}.bundle"])
        bihuan(world, "import", paths["early.bundle"], "--ack-out", paths["early.ack"])
        roll(world, "--force")
        bihuan(world, "import", paths["late.bundle"], "--ack-out", paths["late.ack"])
        told = late.one("import", paths["late.ack"])
        equal((told["bundle"], told["ops"]), ("answered", 1), "signed by the backup key that it was enrolled with")
        sync(early)
        told = early.one("import", paths["early.ack"])
        equal((told["bundle"], told["ops"]), ("answered", 0), "signed by the CA that was, after it has moved on")
        equal([handset.status()["unsent_ops"] for handset in (early, late)], [0, 0], "what waits")
        for handset in (early, late):
            sync(handset)
        equal(len(desk.cases()), 2, "each report once")
        desk.verify()
        world.server.stop()


def test_what_would_harm_is_refused_and_changes_nothing():
    with World() as world:
        _, (handset,) = begin(world, "G001")
        folder, keys = world.server.data / CODE, keys_of(world)
        for verb in ("roll-ca", "roll-server"):
            holds(bihuan(world, "keys", verb, folder, expect=AGAIN), "stop it first")
        world.server.stop()
        before = files_of(world)
        equal(sorted(before), sorted(STOOD), "the keys")
        other = world.folder / "other.key"
        shutil.copy(keys / "server.key", other)

        def refused(expect, words, *options):
            holds(bihuan(world, "keys", "roll-ca", folder, "--force", *options, expect=expect), words)
            equal(files_of(world), before, f"the keys after: {words}")
            equal((folder / "keys.roll").exists(), False, f"what is left after: {words}")

        refused(REFUSED, "not the one that handsets go by", "--backup-key", other)
        other.chmod(0o644)
        refused(DATA, "chmod 600", "--backup-key", other)
        refused(DATA, "is not there", "--backup-key", world.folder / "none.key")
        other.write_text("no key\n")
        other.chmod(0o600)
        refused(DATA, "does not hold", "--backup-key", other)
        holds(bihuan(world, "keys", "roll-ca", world.folder, expect=DATA), "no district")
        holds(bihuan(world, "keys", "roll-ca", world.folder / "nowhere", expect=DATA), "no such folder")
        (keys / "inner").mkdir()
        holds(bihuan(world, "keys", "roll-ca", folder, "--force", expect=DATA), "does not hold")
        (keys / "inner").rmdir()
        equal(files_of(world), before, "the keys after a folder among them")
        (folder / "keys.roll").mkdir()  # what a roll that was cut short left
        (folder / "keys.roll" / "ca.key").write_text("half")
        bihuan(world, "keys", "roll-ca", folder, "--force")
        equal((folder / "keys.roll").exists(), False, "what was left, after the next roll")
        equal([name for name in sorted(before) if files_of(world)[name] == before[name]], ["bundle.key", "receipt.mac"],
              "what a roll leaves as it is")
        equal(files_of(world)["ca.key"], before["backup-ca.key"], "the CA's key")
        world.server.start()
        is_true(Desk(world.server), handset, "照常")
        world.server.stop()


def test_with_every_key_lost_a_district_begins_anew():
    with World() as world:
        desk, (handset,) = begin(world, "G001")
        is_true(desk, handset, "从前")
        world.server.stop()
        other = world.folder / "other.key"
        shutil.copy(keys_of(world) / "server.key", other)
        for name in ("ca.key", "backup-ca.key"):
            (keys_of(world) / name).unlink()
        bihuan(world, "keys", "roll-ca", world.server.data / CODE, "--backup-key", other, "--anew")
        world.server.start()
        is_a_stranger(world, handset, "who knew the lost keys")
        fresh = world.handset("G002")
        fresh.enrol(world.server.code_for("G002"))
        is_true(desk, fresh, "新的开始")
        world.server.kill()
        world.server.start()
        is_true(desk, fresh, "重启之后")
        world.server.stop()


if __name__ == "__main__":
    sys.exit(tap.run(cases_of(globals())))
