"""Photos that rot or go missing (E11, F07): each stops neither backup nor restore, is named, and is asked of the handset
that still has it; everything else is in the backup, and comes back from it."""
import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
import tap
from district import CODE, Desk, submitted, sync
from expect import cases_of, equal
from harness import BIHUAN, World, until
from test_backup import back_up, begin, bihuan, photo, restore

PARTLY = 3  # done, except what is named


def blob(folder, hash_hex):
    return folder / "blobs" / hash_hex[:2] / hash_hex[2:4] / hash_hex


def flip(path):
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 2] ^= 1
    path.chmod(0o600)
    path.unlink()  # a link would change every backup
    path.write_bytes(raw)


def photos_of(desk, number):
    return [row["hash"] for row in desk.case(number)["photos"]]


def gauge(server, name):
    return float(re.search(rf'^{name}{{district="{CODE}"}} (.*)$', server.scrape()[2], re.M)[1])


def asked(server):
    return gauge(server, "bihuan_photos_asked_total")


def again(world, desk):
    """A backup of another second than the one before."""
    place = world.folder / "backups"
    return until(lambda: world.server.ask("POST", desk.path("/backup"), {"place": str(place)}).json.get("folder") and
                 max(place.iterdir()), "another backup")


def lost_two(world, desk, handset):
    """A district with three photos, one of which has rotted and one of which is gone: their hashes, and what is good."""
    numbers = [photo(world, handset, seed) for seed in (1, 2, 3)]
    sync(handset)
    rotten, missing, good = (photos_of(desk, number)[0] for number in numbers)
    folder = world.server.data / CODE
    flip(blob(folder, rotten))
    blob(folder, missing).unlink()
    return folder, rotten, missing, good


def test_E11_a_rotten_and_a_missing_photo_are_named_and_brought_again():
    with World() as world:
        desk, (one, two) = begin(world, "G001", "G002")
        folder, rotten, missing, good = lost_two(world, desk, one)
        made, _ = bihuan(world, "backup", CODE, "--out", world.folder / "backups", expect=PARTLY)
        backup = pathlib.Path(made["folder"])
        why = {rotten: "changed", missing: "missing"}
        equal({row["hash"]: row["why"] for row in made["lost"]}, why, "what the backup names")
        person = subprocess.run([BIHUAN, "backup", "verify", backup], stdin=subprocess.DEVNULL, env={"LC_ALL": "C"},
                                capture_output=True, timeout=60, check=False)
        equal((person.returncode, b"complete except 2 photos" in person.stdout + person.stderr,
               all(name.encode() in person.stdout for name in why)), (PARTLY, True, True), str(person))
        verified, _ = bihuan(world, "backup", "verify", backup, expect=PARTLY)
        equal({row["hash"]: row["why"] for row in verified["lost"]}, why, "what its verification names")
        equal((verified["photos"], blob(backup, good).exists(), blob(backup, rotten).exists()), (made["photos"], True, False),
              "what else it holds")
        equal(gauge(world.server, "bihuan_photos_lost"), 2, "photos that are lost")
        sync(two)
        equal((gauge(world.server, "bihuan_photos_lost"), asked(world.server)), (2, 0), "another worker's handset has none of them")
        sync(one)
        until(lambda: asked(world.server) == 2, "what it was asked for is counted")
        until(lambda: gauge(world.server, "bihuan_photos_lost") == 0, "the reporter's handset brings them again")
        equal([blob(folder, name).exists() for name in (rotten, missing)], [True, True], "photos that are back")
        equal((folder / "blobs" / rotten[:2] / rotten[2:4] / (rotten + ".bad")).exists(), True, "what had rotted is kept")
        whole = again(world, desk)
        equal(bihuan(world, "backup", "verify", whole)[0]["photos_lost"], 0, "photos lost then")
        for number in submitted(one):
            equal({row["state"] for row in one.one("show", number)["photos"]}, {"complete"}, f"photos of {number}")
        desk.verify()
        world.server.stop()


def test_E11_a_backup_without_two_photos_is_restored_and_the_handset_brings_them():
    with World() as world:
        desk, (one,) = begin(world, "G001")
        _, rotten, missing, good = lost_two(world, desk, one)
        made, _ = bihuan(world, "backup", CODE, "--out", world.folder / "backups", expect=PARTLY)
        world.server.stop()
        other = world.folder / "other"
        other.mkdir()
        for words in (("--dry-run",), ()):
            report, said = bihuan(world, "restore", made["folder"], "--to", other, "--keys",
                                  world.server.data / CODE / "keys", *words, expect=PARTLY)
            equal({row["hash"] for row in report["lost"]}, {rotten, missing}, said)
        equal([blob(other / CODE, name).exists() for name in (good, rotten, missing)], [True, False, False], "photos there")
        world.server.data = other
        world.server.start()
        sync(one)
        until(lambda: all(blob(other / CODE, name).exists() for name in (rotten, missing)), "the handset brings them")
        desk.verify()
        world.server.stop()


def test_E11_a_photo_that_rots_in_a_backup_is_found_by_reading_it_and_comes_from_the_old_district():
    with World() as world:
        desk, (one,) = begin(world, "G001")
        hurt = photos_of(desk, photo_at(world, one, 1))[0]
        photo_at(world, one, 2)
        backup, _ = back_up(world)
        flip(blob(backup, hurt))
        verified, _ = bihuan(world, "backup", "verify", backup, expect=PARTLY)
        equal([(row["hash"], row["why"]) for row in verified["lost"]], [(hurt, "changed")], "what has rotted since")
        next_one = again(world, desk)
        bihuan(world, "backup", "verify", next_one)
        equal(blob(next_one, hurt).stat().st_ino != blob(backup, hurt).stat().st_ino, True, "it is no link to the rotten one")
        world.server.stop()
        report, _ = restore(world, backup, "--replace")
        equal(report["photos_lost"], 0, "photos lost with the old district's")
        world.server.start()
        equal(blob(world.server.data / CODE, hurt).exists(), True, "the old district's")
        Desk(world.server).verify()
        world.server.stop()


def photo_at(world, handset, seed):
    number = photo(world, handset, seed)
    sync(handset)
    return number


if __name__ == "__main__":
    sys.exit(tap.run(cases_of(globals())))
