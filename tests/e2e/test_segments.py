"""Journals shipped to a second folder, over the real programs (E11, C04, I16): a lost disk gives back what was shipped
without any handset, a share that goes away holds up nobody, and what does not lead on from a backup is refused by name."""
import os
import pathlib
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
import tap
from district import CODE, Desk, report, submitted, sync
from expect import cases_of, equal
from harness import BIHUAN, World, until
from hostile import small_disk
from test_backup import Load, back_up, begin, bihuan, device_of, each_once, photo, photos_there, restore
from test_metrics import value


class Shipping(World):
    """A world whose server ships to a share."""

    def __init__(self):
        super().__init__()
        self.share = self.folder / "share"
        self.share.mkdir()
        self.server.config["segments"] = str(self.share)

    def figure(self, name):
        return value(self.server, f"bihuan_segments_{name}")

    def shipped(self):
        """Waits until all that is committed now is in the share, photos too."""
        until(lambda: self.figure("behind_entries") == 0 and not self.figure("failing"), "all is shipped")
        blobs = self.server.data / CODE / "blobs"
        whole = [path.relative_to(blobs) for path in blobs.rglob("*") if path.is_file() and "." not in path.name]
        until(lambda: all((self.share / CODE / "blobs" / path).is_file() for path in whole), "photos are shipped")

    def files(self):
        return sorted((self.share / CODE).glob("*.segment"))


def check(condition, what):
    equal(bool(condition), True, what)


def numbers(desk):
    return sorted(case["number"] for case in desk.cases())


def lose_the_disk(world):
    """Gives a copy of the keys, which an administrator has, and a new, empty data folder."""
    keys = world.folder / "keys"
    shutil.copytree(world.server.data / CODE / "keys", keys)
    shutil.rmtree(world.server.data)
    world.server.data = world.folder / "new-data"
    world.server.data.mkdir()
    return keys


def ship(world, handset, text):
    """One report more, as far as the second folder."""
    report(handset, text)
    sync(handset)
    world.shipped()


def test_a_lost_disk_gives_back_what_was_shipped_without_any_handset():
    with Shipping() as world:
        desk, (one, two, gone) = begin(world, "G001", "G002", "G003")
        photo(world, one, 1)
        sync(one)
        backup, made = back_up(world)
        # After the backup: reports, a photo, what only the desk decides, a new handset, one that is revoked.
        late = world.handset("G004")
        late.enrol(world.server.code_for("G004"))
        first = report(one, "备份之后")
        photo(world, two, 2)
        for handset in (one, two, late):
            report(handset, f"备份之后:{handset.name}")
            sync(handset)
        equal(desk.dispatch(first).status, 200, "dispatch")
        desk.post(f"/devices/{device_of(desk, 'G003')}/revoke", {"reason": "遗失"})
        world.shipped()
        cases, dispatched = numbers(desk), desk.case(first)
        entries = desk.stats()["entries"]
        equal(bihuan(world, "status")[0]["segments"], "all is there", "what bihuan status says")
        world.server.kill()
        keys = lose_the_disk(world)
        words = ("--segments", world.share, "--keys", keys)
        dry, _ = restore(world, backup, *words, "--dry-run")
        equal((dry["gained_entries"], dry["segments_torn"]), (entries - made["entries"], 0), "what a dry run promises")
        equal(list(world.server.data.iterdir()), [], "and it changes nothing")
        done, _ = restore(world, backup, *words)
        equal((done["gained_entries"], done["photos_missing"]), (dry["gained_entries"], 0), "what was gained")
        equal(done["photos_shipped"] >= 2, True, f"a photo and its thumbnail: {done['photos_shipped']}")
        equal(done["epoch"], made["epoch"] + 1, "a new epoch")
        world.server.start()
        equal(numbers(desk), cases, "every case, before a handset came")
        again = desk.case(first)
        equal((again["state"], again["unit"]), (dispatched["state"], dispatched["unit"]), "what the desk had decided")
        photos_there(world, desk)
        told = gone.one("sync", "--timeout", "3", expect=None)
        equal(told["cause"], "revoked", "who was revoked after the backup")
        for handset in (one, two, late):
            report(handset, "之后")
            sync(handset)
        each_once(desk, (one, two, late))
        check(device_of(desk, "G004") < 1000, "the late handset keeps its number")
        # It ships on in its new epoch, and the next loss finds that history.
        world.shipped()
        cases = numbers(desk)
        world.server.kill()
        shutil.rmtree(keys)
        keys = lose_again(world)
        done, _ = restore(world, backup, "--segments", world.share, "--keys", keys)
        equal(done["epoch"], made["epoch"] + 2, "a further epoch")
        world.server.start()
        equal(numbers(desk), cases, "the history of the second epoch")
        desk.verify()
        world.server.stop()


def lose_again(world):
    keys = world.folder / "keys-again"
    shutil.copytree(world.server.data / CODE / "keys", keys)
    shutil.rmtree(world.server.data)
    world.server.data.mkdir()
    return keys


def test_a_server_killed_under_load_loses_nothing_that_was_acknowledged():
    with Shipping() as world:
        desk, (one, two) = begin(world, "G001", "G002")
        backup, _ = back_up(world)
        loads = [Load(handset) for handset in (one, two)]
        until(lambda: desk.stats()["cases"] >= 12, "a dozen reports")
        world.server.kill()
        done, _ = restore(world, backup, "--segments", world.share, "--replace")
        check(done["gained_entries"] > 0 and done["continues"], f"gained: {done}")
        world.server.start()
        for load in loads:
            load.end()
        for handset in (one, two):
            sync(handset)
        each_once(desk, (one, two))
        desk.verify()
        world.server.stop()


def test_a_share_that_goes_away_holds_up_nobody_and_lacks_nothing_when_it_is_back():
    with Shipping() as world:
        desk, (one,) = begin(world, "G001")
        backup, _ = back_up(world)
        ship(world, one, "甲")
        away = world.folder / "away"
        world.share.rename(away)
        for n in range(3):
            report(one, f"共享不在{n}")
            sync(one)
        until(lambda: world.figure("failing") == 1 and world.figure("behind_entries") >= 3, "the alarm")
        check(world.figure("behind_bytes") > 0 and world.figure("behind_seconds") >= 0, "bytes and seconds")
        check("entries behind: its folder cannot be written" in bihuan(world, "status")[0]["segments"], "bihuan status")
        until(lambda: "segments are not shipped" in world.server.log(), "a line in the log")
        equal(len(numbers(desk)), 4, "reports went on")
        away.rename(world.share)
        world.shipped()
        until(lambda: "segments are shipped again" in world.server.log(), "another line")
        equal(world.figure("failing"), 0, "the alarm is over")
        check(world.figure("failures") >= 1, "and was counted")
        world.server.stop()
        # A start without the share serves all the same, and what it takes is shipped when it is there.
        world.share.rename(away)
        world.server.start()
        report(one, "启动时共享不在")
        sync(one)
        away.rename(world.share)
        world.shipped()
        entries = desk.stats()["entries"]
        world.server.stop()
        done, _ = restore(world, backup, "--segments", world.share, "--replace")
        equal((done["entries"] + done["gained_entries"], done["lost_entries"]), (entries, 0), "nothing is missing")
        world.server.start()
        each_once(desk, (one,))
        desk.verify()
        world.server.stop()


def test_a_share_that_hangs_holds_up_nobody():
    with Shipping() as world:
        fifo = world.share / CODE / "000000000001-000001.segment"
        fifo.parent.mkdir()
        os.mkfifo(fifo)  # whoever reads it waits
        desk, (one,) = begin(world, "G001")
        hanging = os.open(fifo, os.O_WRONLY)
        backup, _ = back_up(world)
        behind = []
        for n in range(3):
            report(one, f"共享不应答{n}")
            sync(one)
            behind.append(world.figure("behind_entries"))
        check(behind == sorted(set(behind)), f"how far it is behind: {behind}")
        check(world.figure("behind_bytes") > 0, "bytes")
        equal(len(numbers(desk)), 3, "reports went on")
        check("entries behind" in bihuan(world, "status")[0]["segments"], "bihuan status")
        fifo.unlink()
        os.close(hanging)
        world.shipped()
        all_is_shipped(world, desk, backup, one)


def test_a_share_that_is_full_or_cannot_be_written_gets_all_once_it_can():
    with Shipping() as world:
        world.share = world.folder / "small"
        world.server.config["segments"] = str(world.share)
        with small_disk(world.share) as fill:
            desk, (one,) = begin(world, "G001")
            backup, _ = back_up(world)
            world.shipped()
            for trouble in ("full", "read-only"):
                if trouble == "full":
                    fill(0)
                else:
                    world.server.stop()  # while it writes there nobody may do that
                    remount(world.share, "ro")
                    world.server.start()
                before = len(numbers(desk))
                for n in range(3):
                    report(one, f"{trouble}{n}" + "很长的说明" * 200)
                    sync(one)
                until(lambda: world.figure("failing") == 1 and world.figure("behind_entries") >= 1, "the alarm")
                equal(len(numbers(desk)), before + 3, "reports went on")
                fill(None) if trouble == "full" else remount(world.share, "rw")
                world.shipped()
            all_is_shipped(world, desk, backup, one)


def remount(folder, how):
    subprocess.run(["mount", "-o", f"remount,{how}", str(folder)], check=True, capture_output=True)


def all_is_shipped(world, desk, backup, handset):
    """Backup and share give back the whole journal, each entry once."""
    entries = desk.stats()["entries"]
    world.server.stop()
    done, _ = restore(world, backup, "--segments", world.share, "--replace")
    equal((done["entries"] + done["gained_entries"], done["lost_entries"]), (entries, 0), "nothing is missing")
    world.server.start()
    each_once(desk, (handset,))
    desk.verify()
    world.server.stop()


def test_photos_that_are_nowhere_are_named_and_segments_alone_are_no_district():
    with Shipping() as world:
        desk, (one,) = begin(world, "G001")
        backup, _ = back_up(world)
        photo(world, one, 1)
        sync(one)
        world.shipped()
        gone = sorted(path for path in (world.share / CODE / "blobs").rglob("*") if path.is_file())[0]
        gone.unlink()
        world.server.stop()
        keys = lose_the_disk(world)
        _, said = bihuan(world, "restore", "--segments", world.share, "--to", world.server.data, expect=64)
        check("segments lead on from a backup" in said, said)
        equal(list(world.server.data.iterdir()), [], "and nothing was made")
        done, _ = restore(world, backup, "--segments", world.share, "--keys", keys, expect=3)
        equal((done["photos_missing"], done["photos_lost"]), (1, 0), "photos missing")
        equal([(row["hash"], row["why"]) for row in done["missing"]], [(gone.name, "missing")], "which")
        world.server.start()
        each_once(desk, (one,))
        world.server.stop()


def test_E11_segments_that_do_not_lead_on_are_refused_by_name():
    with Shipping() as world:
        desk, (one,) = begin(world, "G001")
        backup, _ = back_up(world)
        for n in range(3):
            for block in range(2):  # the last of a file is the first of the next
                ship(world, one, f"第{n}件,{block}")
            world.server.stop()  # each start begins a file
            world.server.start()
        ship(world, one, "最后一件")
        world.server.stop()
        files = world.files()
        check(len(files) >= 4, f"files: {files}")
        whole = {path: path.read_bytes() for path in files}

        def tried(words=(), **options):
            return restore(world, backup, "--replace", "--segments", world.share, *words, **options)

        def refused(*expected, name=""):
            for words in (("--dry-run",), ()):
                _, said = tried(words, expect=65)
                check(any(word in said for word in expected) and name in said, f"{expected}: {said}")
            for path, raw in whole.items():
                path.write_bytes(raw)

        middle = bytearray(whole[files[1]])
        middle[len(middle) // 2] ^= 1
        files[1].write_bytes(middle)
        refused("goes on behind that", name=files[1].name)
        files[1].unlink()
        refused("missing", name=files[2].name)
        first = bytearray(whole[files[0]])
        first[len(first) // 2] ^= 1
        files[0].write_bytes(first)
        refused("it was damaged, and goes on behind that", "what comes before it is missing")  # as its blocks lie
        other = world.folder / "other"
        other.mkdir()
        world.server.data.joinpath(CODE).rename(other / CODE)
        world.server.data.joinpath(f"{CODE}.kept").rename(other / f"{CODE}.kept")
        # Another district under this one's name: its segments are of another history.
        strange = Shipping()
        with strange:
            strange.server.start().district()
            strange.shipped()
            strange.server.stop()
            keep, world.share = world.share, strange.share
            _, said = restore(world, backup, "--segments", strange.share, "--keys", other / CODE / "keys", expect=65)
            check("another history" in said, said)
            world.share = keep
        (other / CODE).rename(world.server.data / CODE)
        (other / f"{CODE}.kept").rename(world.server.data / f"{CODE}.kept")
        empty = world.folder / "empty"
        empty.mkdir()
        for place in (empty, world.folder / "nowhere"):
            _, said = restore(world, backup, "--replace", "--segments", place, expect=65)
            check("no segments" in said, said)
        # A torn end is no damage: it is left out, and said.
        files[-1].write_bytes(whole[files[-1]][:-30])
        done, _ = tried()
        check(done["segments_torn"] > 0 and done["lost_entries"] > 0, f"a torn end: {done}")
        world.server.start()
        sync(one)
        each_once(desk, (one,))
        desk.verify()
        world.server.stop()


def test_segments_older_than_a_verified_backup_go_when_told_to():
    with Shipping() as world:
        desk, (one,) = begin(world, "G001")
        for n in range(3):
            ship(world, one, f"备份之前{n}")
            world.server.stop()  # each start begins a file
            world.server.start()
        backup, _ = back_up(world)
        for n in range(3):
            ship(world, one, f"备份之后{n}")
        files, look = world.files(), ("backup", "verify", backup, "--segments", world.share)
        older, _ = bihuan(world, *look)
        check(0 < older["segments_older"] < len(files) and older["segments_entries"] > 0, f"what could go: {older}")
        equal((older["dropped"], world.files()), (False, files), "nothing went")
        bihuan(world, "backup", "verify", backup, "--drop-older", expect=64)
        nowhere = world.folder / "nowhere"
        bihuan(world, "backup", "verify", backup, "--segments", nowhere, "--drop-older", expect=65)
        raw = files[-1].read_bytes()
        half = len(raw) // 2
        files[-1].write_bytes(raw[:half] + bytes([raw[half] ^ 1]) + raw[half + 1:])
        _, said = bihuan(world, *look, "--drop-older", expect=65)
        equal(world.files(), files, f"they do not lead on and all stay: {said}")
        files[-1].write_bytes(raw)
        done = subprocess.run([BIHUAN, *map(str, look), "--drop-older"], capture_output=True, text=True, timeout=60, check=True)
        check(f"deleted: {older['segments_older']} segments that ended before it, {older['segments_older_bytes']} bytes"
              in done.stderr, f"what it says: {done.stderr}")
        dropped, _ = bihuan(world, *look, "--drop-older")
        equal((dropped["segments_older"], dropped["dropped"]), (0, True), "once more")
        equal(world.files(), files[older["segments_older"]:], "the oldest went")
        ship(world, one, "删除之后")
        world.server.stop()
        world.server.start()  # it finds where it stands by what is left
        ship(world, one, "重启之后")
        check(world.files()[0] == files[older["segments_older"]], "nothing is shipped from the first entry again")
        all_is_shipped(world, desk, backup, one)


def test_a_folder_that_makes_no_sense_is_refused_at_the_start():
    with Shipping() as world:
        for place, word in (("share", "a whole path is needed"), (str(world.server.data), "lies in data"),
                            (str(world.server.data / "x"), "lies in data")):
            world.server.config["segments"] = place
            world.server.start(expect_ready=False)
            equal(world.server.process.wait(60), 78, "exit status")
            check(word in world.server.log(), world.server.log())
        world.server.config["segments"] = ""
        world.server.start()
        equal(bihuan(world, "status")[0]["segments"], "off", "bihuan status")
        check("bihuan_segments" not in world.server.scrape()[2], "no figures of what is not done")
        world.server.stop()


if __name__ == "__main__":
    sys.exit(tap.run(cases_of(globals())))
