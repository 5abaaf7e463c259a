"""Backup, restore and healing over the real programs (E11, C04, I16): a backup under load, its restore after the server
was killed, and handsets that bring back everything since, each report once and under its own number."""
import datetime
import json
import pathlib
import shutil
import subprocess
import sys
import threading

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
import tap
from district import CODE, TYPE, Desk, report, submitted, sync
from expect import cases_of, equal
from harness import BIHUAN, Failed, World, until
from hostile import small_disk
from pictures import jpeg


def bihuan(world, *words, expect=0):
    """One verb of the terminal; gives its JSON and what it said on stderr."""
    done = subprocess.run([BIHUAN, "--socket", world.server.admin_path, "--json", *map(str, words)],
                          stdin=subprocess.DEVNULL, capture_output=True, timeout=120, check=False)
    said = done.stderr.decode(errors="replace")
    if done.returncode != expect:
        raise Failed(f"bihuan {' '.join(map(str, words))}: exit {done.returncode}, not {expect}\n{said}")
    return (json.loads(done.stdout) if done.stdout.strip() else None), said


def begin(world, *people):
    server = world.server.start()
    server.district()
    handsets = [world.handset(person) for person in people]
    for handset in handsets:
        handset.enrol(server.code_for(handset.name))
    (world.folder / "backups").mkdir()
    return Desk(server), handsets


def back_up(world):
    answer, _ = bihuan(world, "backup", CODE, "--out", world.folder / "backups")
    return pathlib.Path(answer["folder"]), answer


def restore(world, backup, *words, expect=0):
    return bihuan(world, "restore", backup, "--to", world.server.data, *words, expect=expect)


def device_of(desk, person):
    return [row["device"] for row in desk.get("/devices")["items"] if row["person"] == person][0]


def each_once(desk, handsets):
    """Every report of the handsets is at the server once, under its own number, and nothing else is."""
    numbers = sorted(number for handset in handsets for number in submitted(handset))
    equal(sorted(case["number"] for case in desk.cases()), numbers, "the server's cases")
    for handset in handsets:
        for number, row in submitted(handset).items():
            equal(row["verdict"], "accepted", f"what {handset.name} shows of {number}")
            equal(desk.case(number)["text"], handset.one("show", number)["text"], f"the words of {number}")


class Load:
    """A handset that reports and syncs until it is told to stop."""

    def __init__(self, handset):
        self.handset, self.stopping, self.error, self.done = handset, False, None, 0
        self.thread = threading.Thread(target=self._run)
        self.thread.start()

    def _run(self):
        try:
            while not self.stopping:
                report(self.handset, f"负载第{self.done}件")
                self.handset.run("sync", "--timeout", "30", expect=None)
                self.done += 1
        except Exception as error:  # told to the test's own thread
            self.error = error

    def end(self):
        self.stopping = True
        self.thread.join(120)
        if self.error:
            raise self.error


def photo(world, handset, seed):
    path = world.folder / f"photo-{seed}.jpg"
    path.write_bytes(jpeg(240, seed))
    return handset.one("report", "--text", f"照片{seed}", "--type", TYPE, "--lat", "30.99", "--lon", "116.98",
                       "--photo", path)["case"]


def test_a_backup_under_load_and_all_that_came_after_it_is_back():
    with World() as world:
        desk, (one, two, gone) = begin(world, "G001", "G002", "G003")
        photo(world, one, 1)
        sync(one)
        used, unused = world.server.code_for("G004"), world.server.code_for("G005")
        loads = [Load(handset) for handset in (one, two)]
        backup, made = back_up(world)
        for load in loads:
            load.end()
        equal(bihuan(world, "backup", "verify", backup)[0]["entries"], made["entries"], "entries of the backup")
        facts = dict(line.split(" ", 1) for line in (pathlib.Path(backup) / "manifest").read_text().splitlines())
        at = datetime.datetime.fromtimestamp(int(facts["made_ms"]) // 1000, datetime.timezone.utc)
        equal(f"{CODE}-{at:%Y%m%dT%H%M%SZ}", pathlib.Path(backup).name, "when the manifest says it was made")
        # After the backup: reports, a photo, a device that is revoked, a code that is used, a new log of nobody.
        late = world.handset("G004")
        late.enrol(used)
        for handset in (one, two, late):
            report(handset, f"备份之后:{handset.name}")
        photo(world, two, 2)
        for handset in (one, two, late):
            sync(handset)
        lost = desk.post(f"/devices/{device_of(desk, 'G003')}/revoke", {"reason": "遗失"})
        waiting = report(two, "恢复时尚未上报")
        world.server.kill()
        dry, _ = restore(world, backup, "--dry-run")
        equal((dry["dry_run"], dry["there"], dry["continues"], dry["kept"]), (True, True, True, True), "a dry run")
        restored, _ = restore(world, backup, "--replace")
        equal((restored["epoch"], restored["entries"]), (made["epoch"] + 1, made["entries"]), "what was restored")
        equal(pathlib.Path(restored["aside"]).joinpath("district.db").exists(), True, "the old one, kept aside")
        world.server.start()
        for handset in (one, two, late):
            sync(handset)
        equal(waiting in submitted(two), True, "the report that waited")
        each_once(desk, (one, two, late))
        told = gone.one("sync", "--timeout", "3", expect=None)
        equal((lost["state"], told["cause"]), ("revoked", "revoked"), "a device that was revoked after the backup")
        before = sorted(row["device"] for row in desk.get("/devices")["items"])
        thief = world.handset("thief")
        thief.run("enrol", used, "--wait", "2", expect=None)
        equal((thief.status()["enrolled"], thief.status()["cause"]), ("no", "code_refused"), "a code that was used")
        fifth = world.handset("G005")
        fifth.enrol(unused)
        equal(sorted(row["device"] for row in desk.get("/devices")["items"]), before + [max(before) + 1],
              "the next device's number")
        for handset in (one, two):
            for number in submitted(handset):
                for row in handset.one("show", number).get("photos", []):
                    equal(row["state"], "complete", f"a photo of {number}")
        photos_there(world, desk)
        desk.verify()
        world.server.stop()


def photos_there(world, desk):
    """Whatever the server calls stored is on its disk."""
    count = 0
    for case in desk.cases():
        for row in desk.case(case["number"]).get("photos", []):
            if row["stored"]:
                count += 1
                equal(len(list((world.server.data / CODE / "blobs").rglob(row["hash"]))), 1, "a stored photo")
    equal(count >= 2, True, f"photos that are there: {count}")


def test_a_dry_run_counts_what_would_be_lost_and_what_comes_back():
    with World() as world:
        desk, (one, two) = begin(world, "G001", "G002")
        first = report(one, "甲")
        sync(one)
        backup, _ = back_up(world)
        late = world.handset("G003")
        late.enrol(world.server.code_for("G003"))
        for handset, count in ((one, 3), (two, 1), (late, 2)):
            for n in range(count):
                report(handset, f"{handset.name}第{n}件")
            sync(handset)
        equal(desk.dispatch(first).status, 200, "dispatch")
        before = {path: path.read_bytes() for path in world.server.data.rglob("*") if path.is_file()
                  and path.suffix in (".db", ".kept", ".key")}
        world.server.stop()
        dry, _ = restore(world, backup, "--dry-run")
        equal({row["device"]: row["ops"] for row in dry["handsets"]},
              {1: 3, 2: 1, 3: 2}, "ops by handset")
        equal((dry["lost_cases"], dry["lost_devices"], dry["ops_to_come"]), (6, 1, 6), "cases, devices, ops")
        # A code, its enrolment and the dispatch come from no handset.
        equal((dry["lost_decisions"], dry["lost_entries"]), (3, 9), "entries")
        for path in before:
            if path.suffix == ".key":
                equal(path.read_bytes(), before[path], str(path))
        equal(sorted(path.name for path in world.server.data.iterdir()), [CODE, CODE + ".kept"], "the data folder")
        world.server.start()
        desk.verify()
        world.server.stop()


def test_a_second_backup_holds_the_photos_once_and_each_stands_alone():
    with World() as world:
        desk, (one,) = begin(world, "G001")
        photo(world, one, 1)
        sync(one)
        first, _ = back_up(world)
        photo(world, one, 2)
        sync(one)
        cut, foreign = (world.folder / "backups" / name for name in (CODE + "-20260101T000000Z.part", "notes"))
        (cut / "blobs").mkdir(parents=True)
        (cut / "district.db").write_bytes(b"half of one")
        foreign.mkdir()
        # The name has whole seconds: another one is not long away.
        made = until(lambda: world.server.ask("POST", desk.path("/backup"), {"place": str(world.folder / "backups")})
                     .json.get("folder"), "a second backup")
        second = pathlib.Path(made)
        shared = [path for path in (first / "blobs").rglob("*") if path.is_file()]
        equal(len(shared) >= 1, True, "photos of the first")
        for path in shared:
            equal(path.stat().st_ino, (second / path.relative_to(first)).stat().st_ino, "one file for both")
            live = world.server.data / CODE / path.relative_to(first)
            equal(path.stat().st_ino != live.stat().st_ino, True, "and not the live one")
        shutil.rmtree(first)
        bihuan(world, "backup", "verify", second)
        equal(sorted(path.name for path in (world.folder / "backups").iterdir()), [second.name, "notes"],
              "the place: what was cut short is gone, and nothing else")
        world.server.stop()


def damage(path, how):
    raw = bytearray(path.read_bytes())
    if how == "cut":
        del raw[len(raw) // 2:]
    elif how == "flip":
        raw[len(raw) // 2] ^= 1
    path.chmod(0o600)
    path.unlink()
    if how != "gone":
        path.write_bytes(raw)


def test_E11_what_was_damaged_is_refused_by_name():
    with World() as world:
        _, (one,) = begin(world, "G001")
        photo(world, one, 1)
        sync(one)
        backup, _ = back_up(world)
        world.server.stop()
        listed = sorted(path.name for path in world.server.data.iterdir())
        for name, how, word in (("district.db", "cut", "bytes, not"), ("district.db", "flip", "SHA-256"),
                                ("district.db", "gone", "missing"), ("manifest", "cut", "cut short or changed"),
                                ("manifest", "flip", "cut short or changed"), ("manifest", "gone", "no backup")):
            copy = world.folder / "damaged"
            shutil.copytree(backup, copy)
            damage(copy / name, how)
            for words in (("backup", "verify", copy), ("restore", copy, "--to", world.server.data, "--replace")):
                _, said = bihuan(world, *words, expect=65)
                equal(word in said and (how == "gone" and name == "manifest" or str(name) in said), True,
                      f"{name} {how}: {said}")
            shutil.rmtree(copy)
        equal(sorted(path.name for path in world.server.data.iterdir()), listed, "the data folder")
        bihuan(world, "backup", "verify", world.folder, expect=65)
        bihuan(world, "backup", "verify", "/nowhere", expect=65)
        bihuan(world, "backup", "verify", "/dev/null", expect=65)


def test_a_restore_refuses_what_would_harm():
    with World() as world:
        desk, (one,) = begin(world, "G001")
        report(one, "甲")
        sync(one)
        backup, _ = back_up(world)
        _, said = restore(world, backup, "--replace", expect=75)
        equal("a server has it open" in said, True, said)
        world.server.stop()
        _, said = restore(world, backup, expect=1)
        equal("the district is there" in said, True, said)
        _, said = bihuan(world, "restore", backup, "--to", world.folder / "nowhere", expect=65)
        bihuan(world, "restore", backup, expect=64)
        other = world.folder / "other"
        other.mkdir()
        _, said = bihuan(world, "restore", backup, "--to", other, expect=65)
        equal("a backup holds no keys" in said, True, said)
        equal(list(other.iterdir()), [], "the other folder")
        bihuan(world, "restore", backup, "--to", other, "--keys", world.server.data / CODE / "keys")
        equal(sorted(path.name for path in other.iterdir()), [CODE, CODE + ".kept"], "a new machine's data")
        for path in (other, backup):
            equal([str(file) for file in path.rglob("*") if file.is_file() and file.parent in (path, path / CODE / "keys")
                   and file.stat().st_mode & 0o077], [], "files that others can read")
        world.server.data = other
        world.server.start()
        report(one, "乙")
        sync(one)
        each_once(desk, (one,))
        late = world.handset("G002")
        late.enrol(world.server.code_for("G002"))
        equal(device_of(desk, "G002") > 1000, True, "numbers that may have been given out since are skipped")
        desk.verify()
        world.server.stop()


def test_a_backup_that_cannot_be_made_leaves_nothing():
    with World() as world:
        desk, (one,) = begin(world, "G001")
        photo(world, one, 1)
        sync(one)
        place = world.folder / "backups"
        for body in ({}, {"place": "backups"}, {"place": 7}, {"place": "/" + "x" * 600}, {"place": "/nowhere/at/all"},
                     {"place": "/dev/null"}):
            equal(world.server.ask("POST", desk.path("/backup"), body).status, 422, str(body))
        bihuan(world, "backup", "nowhere", "--out", place, expect=65)
        bihuan(world, "backup", "--out", world.folder / "nowhere", expect=65)
        bihuan(world, "backup", expect=64)
        with small_disk(world.folder / "small") as fill:
            for left, word in ((1 << 20, "the disk is full"), (None, "stay free")):
                fill(left)
                answer = world.server.ask("POST", desk.path("/backup"), {"place": str(world.folder / "small")})
                equal((answer.status, answer.json["code"], word in answer.text), (503, "storage-full", True), answer.text)
                equal([path.name for path in (world.folder / "small").iterdir() if path.name != "filler"], [], "the place")
        equal(list(place.iterdir()), [], "the place")
        report(one, "乙")
        sync(one)
        equal(world.server.must("GET", "/status")["districts"], 1, "the server goes on")
        world.server.stop()


if __name__ == "__main__":
    sys.exit(tap.run(cases_of(globals())))
