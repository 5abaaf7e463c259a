#!/usr/bin/python3
"""Bundles over the real programs: a handset that meets no network gives its reports and photos to a file, the file to
the server, and has its acknowledgements back by another; brought again, changed, cut or misled it changes nothing."""
import json
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
import tap
from district import CODE, TYPE, Desk, report, submitted, sync
from expect import cases_of, equal
from harness import BIHUAN, Failed, World
from pictures import jpeg

REPORTS, PHOTOS = 50, 6


def bihuan(world, *words, expect=0):
    done = subprocess.run([BIHUAN, "--socket", world.server.admin_path, "--json", *map(str, words)],
                          stdin=subprocess.DEVNULL, capture_output=True, timeout=120, check=False)
    said = done.stderr.decode(errors="replace")
    if done.returncode != expect:
        raise Failed(f"bihuan {' '.join(map(str, words))}: exit {done.returncode}, not {expect}\n{said}")
    return json.loads(done.stdout) if expect == 0 else json.loads(said)


def begin(world, *people):
    server = world.server.start()
    server.district()
    handsets = [world.handset(person) for person in people]
    for handset in handsets:
        handset.enrol(server.code_for(handset.name))
    return Desk(server), handsets


def picture(world, seed, side=300):
    path = world.folder / f"photo-{seed}.jpg"
    path.write_bytes(jpeg(side, seed))
    return path


def text_of(i):
    return f"无网上报第{i}件,老城墙根下"


def record(world, handset, reports=REPORTS, pictures=PHOTOS):
    numbers = []
    for i in range(reports):
        words = ["--photo", picture(world, i)] if i < pictures else []
        numbers.append(handset.one("report", "--text", text_of(i), "--type", TYPE, "--lat", "30.99", "--lon",
                                   "116.98", *words)["case"])
    return numbers


def waiting(handset):
    told = handset.status()
    return told["unsent_ops"], told["unsent_photos"]


def all_there(desk, handset, numbers):
    equal(sorted(case["number"] for case in desk.cases()), sorted(numbers), "cases at the server")
    for i, number in enumerate(numbers):
        cased = desk.case(number)
        equal(cased["text"], text_of(i), f"the text of {number}")
        equal([row["stored"] for row in cased["photos"]], [True] * (2 if i < PHOTOS else 0), f"photos of {number}")



def test_reports_and_photos_go_by_a_file_and_acknowledgements_come_back_by_another():
    with World() as world:
        desk, (handset,) = begin(world, "G001")
        numbers = record(world, handset)
        equal(waiting(handset), (REPORTS, 2 * PHOTOS), "what waits")
        bundle, ack = world.folder / "me.bundle", world.folder / "me.ack"
        made = handset.one("export", bundle)
        equal((made["ops"], made["photos"], made["photos_left"]), (REPORTS, 2 * PHOTOS, 0), "what is in it")
        equal(made["file_bytes"], bundle.stat().st_size, "its size")
        equal(waiting(handset), (REPORTS, 2 * PHOTOS), "what waits after an export")
        handset.run("export", bundle, expect=1)  # a file that is there is not written over
        nothing_outside(bundle, numbers)
        taken = bihuan(world, "import", bundle, "--ack-out", ack)
        equal({name: taken[name] for name in ("ops", "ops_new", "ops_refused", "photos", "photos_new", "photos_left")},
              {"ops": REPORTS, "ops_new": REPORTS, "ops_refused": 0, "photos": 2 * PHOTOS, "photos_new": 2 * PHOTOS,
               "photos_left": 0}, "what was taken")
        all_there(desk, handset, numbers)
        again_changes_nothing(world, desk, bundle)
        nothing_outside(ack, numbers)
        told = handset.one("import", ack)
        equal((told["bundle"], told["ops"], told["photos"]), ("answered", REPORTS, 2 * PHOTOS), "the answer")
        equal(waiting(handset), (0, 0), "what waits after the answer")
        told = handset.one("import", ack)
        equal((told["ops"], told["photos"]), (0, 0), "the answer once more")
        for row in handset.run("ops"):
            equal(row["verdict"], "accepted", f"the verdict on {row['sequence']}")
        equal(handset.one("export", world.folder / "none.bundle")["bundle"], "nothing", "an export with nothing to carry")
        equal((world.folder / "none.bundle").exists(), False, "a file of nothing")
        sync(handset)
        all_there(desk, handset, numbers)
        desk.verify()
        world.server.stop()


def nothing_outside(path, numbers):
    """A stranger finds no text, number, person, district or picture in it."""
    held = path.read_bytes()
    for word in [text_of(3), "老城墙", "G001", CODE, "JFIF", *numbers[:3]]:
        equal(word.encode() in held, False, f"{word} in {path.name}")


def journal_of(world):
    return bihuan(world, "verify")["entries"]


def again_changes_nothing(world, desk, bundle):
    before = journal_of(world)
    taken = bihuan(world, "import", bundle)
    equal((taken["ops"], taken["ops_new"], taken["photos"], taken["photos_new"]), (REPORTS, 0, 2 * PHOTOS, 0),
          "taken again")
    equal(journal_of(world), before, "entries of the journal")


def test_by_file_and_by_network_each_report_counts_once():
    with World() as world:
        desk, (handset,) = begin(world, "G001")
        numbers = record(world, handset, 8, 2)
        bundle, ack = world.folder / "me.bundle", world.folder / "me.ack"
        handset.one("export", bundle)
        sync(handset)
        late = report(handset, "导出之后的一件")
        before = journal_of(world)
        taken = bihuan(world, "import", bundle, "--ack-out", ack)
        equal((taken["ops"], taken["ops_new"], taken["photos_new"]), (8, 0, 0), "taken after the network")
        equal(journal_of(world), before, "entries of the journal")
        equal(handset.one("import", ack)["ops"], 0, "an answer that says nothing new")
        sync(handset)
        bihuan(world, "import", bundle)
        equal(sorted(submitted(handset)), sorted(numbers + [late]), "reports of the handset")
        equal(sorted(case["number"] for case in desk.cases()), sorted(numbers + [late]), "cases at the server")
        # Only the later half: what came by file is acknowledged to the session that comes after it.
        later = [report(handset, f"再无网络{i}") for i in range(3)]
        handset.one("export", world.folder / "later.bundle")
        taken = bihuan(world, "import", world.folder / "later.bundle")
        equal((taken["ops"], taken["ops_new"]), (3, 3), "the later ones")
        sync(handset)
        equal(waiting(handset), (0, 0), "what waits")
        equal(sorted(case["number"] for case in desk.cases()), sorted(numbers + [late] + later), "all cases, once")
        desk.verify()
        world.server.stop()


def refused(world, path, code, expect=1):
    equal(bihuan(world, "import", path, expect=expect)["code"], code, f"the refusal of {path.name}")


def test_what_is_no_bundle_or_not_whole_is_refused_by_name_and_nothing_is_stored():
    with World() as world:
        desk, (handset, other) = begin(world, "G001", "G002")
        record(world, handset, 5, 1)
        bundle = world.folder / "me.bundle"
        handset.one("export", bundle)
        whole = bundle.read_bytes()
        before = journal_of(world)
        broken = world.folder / "broken.bundle"
        for size in (0, 1, 48, 49, 60, 4096, len(whole) // 2, len(whole) - 4096, len(whole) - 1):
            broken.write_bytes(whole[:size])
            refused(world, broken, "not-a-bundle" if size < 49 else "damaged")
        for at in (0, 8, 20, 49, 100, len(whole) // 2, len(whole) - 1):
            broken.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1:])
            refused(world, broken, {0: "not-a-bundle", 8: "sealed"}.get(at, "damaged"))
        broken.write_bytes(whole + b"\0")
        refused(world, broken, "damaged")
        broken.write_bytes(jpeg(300, 9))
        refused(world, broken, "not-a-bundle")
        refused(world, world.folder, "file")
        equal(journal_of(world), before, "entries of the journal")
        equal(desk.cases(), [], "cases")
        another_district(world, bundle)
        stranger_answers(world, handset, other, bundle)
        world.server.stop()


def another_district(world, bundle):
    world.server.must("POST", "/districts", {"code": "990102"})
    told = bihuan(world, "--district", "990102", "import", bundle, expect=1)
    equal(told["code"], "sealed", "another district's refusal")


def stranger_answers(world, handset, other, bundle):
    """An answer is for the handset that asked; changed or cut it is none."""
    ack = world.folder / "me.ack"
    bihuan(world, "--district", CODE, "import", bundle, "--ack-out", ack)
    whole = ack.read_bytes()
    # Nobody but the district can tell what it is: it is carried there, and refused.
    equal(other.one("import", ack)["bundle"], "cargo", "another's answer")
    sync(other)
    (row,) = other.run("cargo")
    equal((row["state"], row["reason"]), ("refused", "sealed"), "what the district says of it")
    broken = world.folder / "broken.ack"
    for at in (20, 100, len(whole) - 1):
        broken.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1:])
        handset.run("import", broken, expect=74)
        broken.write_bytes(whole[:at])
        handset.run("import", broken, expect=None)
        equal(waiting(handset)[0], 5, "what waits after a broken answer")
    equal(handset.one("import", ack)["ops"], 5, "the answer itself")


def test_a_handset_that_was_cut_off_is_heard_into_quarantine_and_one_that_is_not_known_is_not():
    with World() as world:
        desk, (handset,) = begin(world, "G001")
        sync(handset)
        record(world, handset, 4, 1)
        bundle, ack = world.folder / "me.bundle", world.folder / "me.ack"
        handset.one("export", bundle)
        device = desk.get("/devices")["items"][0]["device"]
        desk.post(f"/devices/{device}/revoke", {"reason": "遗失"})
        taken = bihuan(world, "import", bundle, "--ack-out", ack)
        equal((taken["ops"], taken["ops_new"], taken["ops_refused"]), (4, 4, 4), "of a handset that is cut off")
        equal(desk.cases(), [], "cases")
        equal([row["stands"] for row in desk.get(f"/devices/{device}/quarantine")["items"]], ["held"] * 4, "quarantine")
        equal(handset.one("import", ack)["ops"], 4, "its answer")
        equal({row["verdict"] for row in handset.run("ops")}, {"quarantined"}, "what the worker sees")
        desk.verify()
        world.server.stop()


def test_a_bundle_sealed_before_the_key_was_rolled_is_opened_after_it():
    with World() as world:
        desk, (handset,) = begin(world, "G001")
        record(world, handset, 3, 1)
        handset.one("export", world.folder / "old.bundle")
        world.server.stop()
        keys = world.server.data / CODE / "keys"
        (keys / "bundle.key").rename(keys / "bundle-1.key")
        world.server.start()
        equal((keys / "bundle.key").exists(), True, "a new key")
        equal(bihuan(world, "import", world.folder / "old.bundle")["ops_new"], 3, "sealed for the old key")
        sync(handset)  # and is told of the new one
        report(handset, "换钥之后")
        handset.one("export", world.folder / "new.bundle")
        equal((world.folder / "old.bundle").read_bytes()[8:16] == (world.folder / "new.bundle").read_bytes()[8:16],
              False, "the same key's id")
        equal(bihuan(world, "import", world.folder / "new.bundle")["ops_new"], 1, "sealed for the new key")
        world.server.stop()


if __name__ == "__main__":
    sys.exit(tap.run(cases_of(globals())))
