#!/usr/bin/python3
"""A bundle that another handset carries, over the real programs and real TLS: a handset that never sees the network
gives its reports and photos to a colleague's, whose sessions bring them; links are cut, the server restarts, and each
report counts once; whoever carries it learns neither what nor whose it was."""
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
import tap
from chaos import Chaos, Way
from district import TYPE, report, sync
from expect import cases_of, equal
from handset_bench import call
from harness import World
from hostile import small_disk
from test_bundle import PHOTOS, REPORTS, all_there, begin, bihuan, journal_of, nothing_outside, picture, record, waiting

CUT_AT = 120_000                       # of each link: three parts or so


def carried(handset):
    return [(row["state"], row.get("reason")) for row in handset.run("cargo")]


def test_reports_and_photos_travel_by_anothers_handset_and_the_answer_comes_back_by_it():
    with World() as world:
        desk, (owner, carrier) = begin(world, "G001", "G002")
        numbers = record(world, owner)
        bundle = world.folder / "me.bundle"
        owner.one("export", bundle)
        told = carrier.one("import", bundle)
        equal((told["bundle"], told["file_bytes"], told["ops"], told.get("reason")),
              ("cargo", bundle.stat().st_size, 0, None), "what is taken")
        equal(carrier.one("import", bundle)["bundle"], "cargo", "the same file once more")
        equal(carried(carrier), [("waiting", None)], "what is carried")
        bundle.unlink()
        sync(carrier)
        equal(carried(carrier), [("answered", None)], "after a session")
        all_there(desk, owner, numbers)
        equal(waiting(owner), (REPORTS, 2 * PHOTOS), "what the owner knows")
        out = world.folder / "out"
        out.mkdir()
        (row,) = carrier.run("cargo", "--ack-out", out)
        (ack,) = out.iterdir()
        equal(row["answer"], str(ack), "where the answer is")
        nothing_outside(ack, numbers)
        equal(carrier.run("cargo"), [], "what is carried after that")
        told = owner.one("import", ack)
        equal((told["bundle"], told["ops"], told["photos"]), ("answered", REPORTS, 2 * PHOTOS), "the answer")
        equal(waiting(owner), (0, 0), "what waits after the answer")
        equal(carrier.run("list"), [], "what whoever carried it sees of it")
        told = carrier.one("import", ack)  # it says so at once, and the district says it, too
        equal((told["bundle"], told["reason"]), ("cargo", "another-key"), "another handset's answer")
        said = call("--store", carrier.store, "import", ack)
        equal("an answer is for the handset that wrote the bundle" in said.err, True, f"what it says: {said.err}")
        sync(carrier)
        equal(carried(carrier), [("refused", "sealed")], "what the district says of it")
        desk.verify()
        world.server.stop()


def enrol_behind(world, net, name):
    """A handset whose every link goes through the bad network."""
    handset = world.handset(name)
    handset.enrol(world.server.code_for(name).replace(f":{world.server.port}:", f":{net.port}:"))
    return handset


def test_a_link_that_is_cut_and_a_server_that_restarts_go_on_where_they_were():
    with Chaos() as net, World() as world:
        desk, (owner,) = begin(world, "G001")
        net.to(world.server.port)
        carrier = enrol_behind(world, net, "G002")
        words = [word for seed in range(3) for word in ("--photo", picture(world, seed, 900))]
        number = owner.one("report", "--text", "一处塌方", "--type", TYPE, "--lat", "30.99", "--lon", "116.98",
                           *words)["case"]
        bundle = world.folder / "me.bundle"
        owner.one("export", bundle)
        carrier.one("import", bundle)
        size = bundle.stat().st_size
        equal(size > 4 * CUT_AT, True, f"{size} bytes are some links")
        own = report(carrier, "先走的一件")       # texts of its own go first
        sessions = 0
        while carried(carrier) == [("waiting", None)]:
            sessions += 1
            # A cut before anything else; from the third link on the way is whole.
            net.up = Way(cut_at=CUT_AT, how="rst" if sessions % 2 else "fin") if sessions < 3 else Way()
            if sessions == 2:
                world.server.kill()
                world.server.start()
                net.to(world.server.port)
            carrier.run("sync", "--timeout", 4, expect=None, timeout=60)
            if sessions == 1:
                equal([row["number"] for row in desk.cases()], [own], "after the first cut")
        equal(carried(carrier), [("answered", None)], "what is carried")
        equal(net.passed["up"] < 2 * size, True, f"{net.passed['up']} bytes went up for {size}")
        equal([row["stored"] for row in desk.case(number)["photos"]], [True] * 6, "its photos")
        desk.verify()
        world.server.stop()


def test_by_an_operator_and_by_a_handset_each_report_counts_once():
    with World() as world:
        desk, (owner, carrier) = begin(world, "G001", "G002")
        numbers = record(world, owner, 5, 2)
        bundle = world.folder / "me.bundle"
        owner.one("export", bundle)
        carrier.one("import", bundle)
        equal(bihuan(world, "import", bundle)["ops_new"], 5, "by the operator")
        before = journal_of(world)
        sync(carrier)
        equal(carried(carrier), [("answered", None)], "what is carried")
        equal(journal_of(world), before, "entries of the journal")
        (row,) = carrier.run("cargo", "--ack-out", world.folder)
        told = owner.one("import", row["answer"])
        equal((told["ops"], told["photos"]), (5, 4), "the answer of a repeat")
        equal(sorted(case["number"] for case in desk.cases()), sorted(numbers), "all cases, once")
        carrier.one("import", bundle)      # once more, by a session that is told what it was told
        sync(carrier)
        equal(carried(carrier), [("answered", None)], "the same file later")
        equal(journal_of(world), before, "entries of the journal")
        desk.verify()
        world.server.stop()


def test_what_is_no_bundle_of_this_district_is_refused_by_name_and_who_is_cut_off_carries_nothing():
    with World() as world:
        desk, (owner, carrier) = begin(world, "G001", "G002")
        record(world, owner, 3, 1)
        bundle, broken = world.folder / "me.bundle", world.folder / "broken.bundle"
        owner.one("export", bundle)
        whole = bundle.read_bytes()
        broken.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
        equal(carrier.one("import", broken).get("reason"), None, "what is odd of one whose end is damaged")
        broken.write_bytes(whole[:8] + bytes(8) + whole[16:])
        carrier.one("import", broken)
        broken.write_bytes(b"no such thing" * 1000)
        carrier.run("import", broken, expect=65)
        broken.write_bytes(whole[:60])
        carrier.run("import", broken, expect=65)
        broken.write_bytes(b"")
        carrier.run("import", broken, expect=65)
        equal(len(carried(carrier)), 2, "what it keeps of what is none")
        before = journal_of(world)
        sync(carrier)
        equal(sorted(carried(carrier)), [("refused", "damaged"), ("refused", "sealed")], "what the district says")
        equal(journal_of(world), before, "entries of the journal")
        equal(carrier.run("cargo", "--ack-out", world.folder / "nowhere") != [], True, "nothing to write out")
        device = next(row["device"] for row in desk.get("/devices")["items"]
                      if row["device"] == carrier.status()["device"])
        desk.post(f"/devices/{device}/revoke", {"reason": "遗失"})
        carrier.one("import", bundle)
        carrier.run("sync", "--timeout", 3, expect=None)
        equal(("waiting", None) in carried(carrier), True, "what who is cut off carries")
        equal(desk.cases(), [], "cases")
        world.server.stop()


def test_E02_what_does_not_fit_onto_a_handset_s_disk_leaves_nothing_there_and_is_taken_once_there_is_room():
    with World() as world, small_disk(world.folder / "handsets") as fill:
        desk, (owner,) = begin(world, "G001")
        carrier = world.handset("G002")
        carrier.enrol(world.server.code_for("G002"))
        numbers = record(world, owner, 2, 2)
        bundle = world.folder / "me.bundle"
        owner.one("export", bundle)
        size = bundle.stat().st_size
        equal(size > 100_000, True, f"{size} bytes are many")
        before = {path.name for path in carrier.store.parent.rglob("*") if path.is_file()}
        fill(size // 2)
        carrier.run("import", bundle, expect=74)
        after = {path.name for path in carrier.store.parent.rglob("*") if path.is_file()} - {"filler"}
        equal(after - before, set(), "files that stay of it")
        equal(carried(carrier), [], "what is carried")
        fill(None)
        equal(carrier.one("import", bundle)["bundle"], "cargo", "once there is room")
        sync(carrier)
        equal(carried(carrier), [("answered", None)], "after a session")
        equal(sorted(case["number"] for case in desk.cases()), sorted(numbers), "all cases, once")
        desk.verify()
        world.server.stop()


if __name__ == "__main__":
    sys.exit(tap.run(cases_of(globals())))
