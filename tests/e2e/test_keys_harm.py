#!/usr/bin/python3
"""What could go wrong when a district's CA is rolled: an older backup, older keys, an answer on its way, the wrong key, no
key at all.  Nobody who has moved on is answered by an older key, and what is refused changes nothing."""
import pathlib
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
import tap
from district import CODE, Desk, report, sync
from expect import AGAIN, CONFIG, cases_of, ends, equal, holds
from harness import BIHUAND, World
from test_keys_roll import begin, bihuan, files_of, is_a_stranger, is_true, keys_of, roll

DATA, REFUSED = 65, 1
STOOD = ("ca.key", "backup-ca.key", "backup-ca.pin", "server.key", "server.crt", "receipt.mac", "bundle.key", "seal.key")


def test_B04_a_backup_from_before_a_roll_brings_no_older_key_back():
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
        checked = subprocess.run([BIHUAND, "--check", "-c", world.server.config_path], capture_output=True, timeout=30,
                                 check=False)
        equal(checked.returncode, CONFIG, "bihuand --check")
        holds(checked.stderr.decode(), f"{CODE}: its keys are older than a roll")
        kept = world.server.data / f"{CODE}.kept"
        good = kept.read_bytes()
        kept.write_bytes(good.replace(b"enrolled", b"enroIled", 1) if b"enrolled" in good else b"x" + good[1:])
        checked = subprocess.run([BIHUAND, "--check", "-c", world.server.config_path], capture_output=True, timeout=30,
                                 check=False)
        holds(checked.stderr.decode(), f"{CODE}.kept: does not hold")
        kept.write_bytes(good)
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
        equal([name for name in sorted(before) if files_of(world)[name] == before[name]], ["bundle.key", "receipt.mac", "seal.key"],
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
