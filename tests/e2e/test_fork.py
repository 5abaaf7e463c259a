"""Handsets that come back as they were, twice, or late: an old phone backup, two phones with one key, a handset that
slept through a case's whole life."""
import pathlib
import shutil
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
import tap
from district import LEAD, Desk, Watch, handle, own_cases, report, submitted, sync
from expect import cases_of, equal
from harness import Failed, World, until


def files_of(handset):
    return [path for path in handset.store.parent.glob(handset.store.name + "*") if path.is_file()]


def backup(handset, folder):
    """All files of a store that no program has open, as a phone's backup takes them; not its folder of photos."""
    folder.mkdir()
    for path in files_of(handset):
        shutil.copy2(path, folder / path.name)


def restore(handset, folder):
    for path in files_of(handset):
        path.unlink()
    for path in folder.iterdir():
        shutil.copy2(path, handset.store.parent / path.name)


def texts(desk):
    """Text -> case numbers that carry it, over the whole district."""
    found = {}
    for case in desk.cases():
        found.setdefault(desk.case(case["number"])["text"], []).append(case["number"])
    return found


def district(world, *people):
    server = world.server.start()
    server.district()
    handsets = [world.handset(person) for person in people]
    for handset in handsets:
        handset.enrol(server.code_for(handset.name))
    return Desk(server), handsets


def each_once(desk, wanted):
    found = texts(desk)
    equal(sorted(found), sorted(wanted), "the texts the server has")
    for text, numbers in found.items():
        equal(len(numbers), 1, f"cases of {text!r}: {numbers}")


def test_C05_an_old_backup_put_back_starts_a_new_log_and_loses_and_repeats_nothing():
    with World() as world:
        desk, (handset,) = district(world, "G001")
        for text in ("甲", "乙"):
            report(handset, text)
        sync(handset)
        report(handset, "丙:备份时尚未上报")
        backup(handset, world.folder / "backup")
        report(handset, "丁:备份之后")
        sync(handset)
        report(handset, "失:未上报,随旧手机丢失")
        restore(handset, world.folder / "backup")
        report(handset, "戊:恢复之后")
        sync(handset)
        sync(handset)
        # 失 was on the lost phone alone; everything else is there, once.
        each_once(desk, ["甲", "乙", "丙:备份时尚未上报", "丁:备份之后", "戊:恢复之后"])
        ops = submitted(handset)
        for number, op in ops.items():
            if op["verdict"] not in ("accepted", "carried"):
                raise Failed(f"{number} is {op['verdict']}")
        equal(desk.get("/devices")["items"][0]["state"], "live", "the device")
        equal(desk.get("/devices")["items"][0]["logs"], 2, "logs of the device")
        # What was recorded between backup and loss comes back from the server once it moves, its words with it.
        desk.dispatch(texts(desk)["丁:备份之后"][0])
        sync(handset)
        equal([row["state"] for row in handset.run("list") if row["text"] == "丁:备份之后"], ["dispatched"],
              "what the handset shows of a report it no longer holds")
        after = report(handset, "己:新日志里")
        sync(handset)
        equal(desk.case(after)["text"], "己:新日志里", "the case of a number printed after all")
        desk.verify()
        world.server.stop()


def test_C05_the_same_backup_put_back_three_times_still_repeats_nothing():
    with World() as world:
        desk, (handset,) = district(world, "G001")
        report(handset, "甲")
        backup(handset, world.folder / "backup")
        wanted = ["甲"]
        for n in range(3):
            restore(handset, world.folder / "backup")
            wanted.append(f"第 {n} 次恢复")
            report(handset, wanted[-1])
            sync(handset)
        each_once(desk, wanted)
        for case in desk.cases():
            desk.dispatch(case)
        sync(handset)
        equal(sorted(row["text"] for row in handset.run("list") if row["text"]), sorted(wanted), "the handset's list")
        desk.verify()
        world.server.stop()


def test_B13_two_phones_with_one_key_that_both_advance_are_suspended_and_kept():
    with World() as world:
        desk, (one,) = district(world, "G001")
        report(one, "甲")
        sync(one)
        backup(one, world.folder / "clone")
        two = world.handset("clone")
        for path in (world.folder / "clone").iterdir():
            shutil.copy2(path, two.store.parent / path.name.replace(one.store.name, two.store.name))
        report(one, "乙:第一部手机")
        report(two, "丙:第二部手机")
        sync(one)
        for handset in (two, one, two):
            handset.run("sync", "--timeout", "4", expect=None)
        for n, handset in enumerate((one, two, one, two)):
            report(handset, f"争 {n}")
            handset.run("sync", "--timeout", "4", expect=None)
        device = desk.get("/devices")["items"][0]
        equal((device["state"], device["device"]), ("suspended", 1), "what the administrator sees")
        # Nothing of either is lost: each text is a case, or stands in quarantine in the journal.
        kept = set(texts(desk))
        for handset in (one, two):
            for op in handset.run("ops"):
                row = handset.one("show", op["case"])
                if op["verdict"] in ("waiting", "quarantined", "carried") or row["text"] in kept:
                    continue
                raise Failed(f"{handset.name}: {row['text']!r} is {op['verdict']} and not at the server")
        for text in ("甲", "乙:第一部手机"):
            if text not in kept:
                raise Failed(f"{text!r} was accepted and is no case: {kept}")
        for text, numbers in texts(desk).items():
            equal(len(numbers), 1, f"cases of {text!r}: {numbers}")
        desk.verify()
        world.server.stop()


def through_its_life(desk, number, lead):
    equal(desk.dispatch(number).status, 200, "dispatch")
    handle(lead)
    equal(desk.close(number).status, 200, "close")


def test_C15_a_handset_that_slept_through_a_case_gets_its_answer_and_its_receipts_go_up():
    with World() as world:
        desk, (handset, lead) = district(world, "G001", LEAD)
        number = report(handset)
        sync(handset)
        through_its_life(desk, number, lead)
        equal((desk.stats()["closures_owed"], desk.stats()["closures_delivered"]), (1, 0), "owed and delivered")
        world.server.stop()
        world.server.start()
        sync(handset)
        row = own_cases(handset)[number]
        equal((row["state"], [closure["result"] for closure in row["closures"]]), ("closed", ["已处理"]), "the answer")
        until(lambda: sync(handset) or desk.stats()["closures_delivered"] == 1, "delivered", 20)
        equal(desk.stats()["closures_seen"], 0, "seen before anybody looked")
        handset.run("seen", number, 1)
        sync(handset)
        until(lambda: desk.stats()["closures_seen"] == 1, "seen", 20)
        equal(desk.stats()["closures_delivered"], 1, "delivered once")
        # A second sync, and another restart, tell and change nothing more.
        entries = desk.stats()["entries"]
        world.server.stop()
        world.server.start()
        sync(handset)
        equal(desk.stats()["entries"], entries, "entries after one more sync")
        desk.verify()
        world.server.stop()


def test_a_watching_handset_has_the_answer_at_once_and_seen_goes_up():
    with World() as world:
        desk, (handset, lead) = district(world, "G001", LEAD)
        numbers = [report(handset) for _ in range(5)]
        sync(handset)
        watch = Watch(handset, "--seen")
        until(watch.is_live, "the handset is connected")
        for number in numbers:
            desk.dispatch(number)
        handle(lead)
        delays = []
        for number in numbers:
            began = time.monotonic()
            equal(desk.close(number).status, 200, "close")
            until(lambda n=number: watch.of("closure", case=n), "the answer is on the handset", 10, 0.002)
            delays.append(time.monotonic() - began)
        delays.sort()
        print(f"# closure to the watching handset: median {delays[2] * 1000:.1f} ms, worst {delays[-1] * 1000:.1f} ms",
              flush=True)
        if delays[2] > 1:
            raise Failed(f"the answers took {delays}")
        until(lambda: desk.stats()["closures_seen"] == 5, "seen receipts are at the server", 20)
        equal(desk.stats()["closures_delivered"], 5, "delivered")
        for number in numbers:
            equal(len(watch.of("closure", case=number)), 1, "times told")
        watch.end()
        desk.verify()
        world.server.stop()


if __name__ == "__main__":
    sys.exit(tap.run(cases_of(globals())))
