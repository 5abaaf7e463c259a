#!/usr/bin/python3
"""A bundle that another handset carries, over the real programs and real TLS: a handset that never sees the network
gives its reports and photos to a colleague's, whose sessions bring them; links are cut, the server restarts, and each
report counts once; whoever carries it learns neither what nor whose it was."""
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
import tap
from district import sync
from expect import cases_of, equal
from harness import World
from test_bundle import PHOTOS, REPORTS, all_there, begin, bihuan, journal_of, nothing_outside, record, waiting


def carried(handset):
    return [(row["state"], row.get("reason")) for row in handset.run("cargo")]


def test_reports_and_photos_travel_by_anothers_handset_and_the_answer_comes_back_by_it():
    with World() as world:
        desk, (owner, carrier) = begin(world, "G001", "G002")
        numbers = record(world, owner)
        bundle = world.folder / "me.bundle"
        owner.one("export", bundle)
        told = carrier.one("import", bundle)
        equal((told["bundle"], told["file_bytes"], told["ops"]), ("cargo", bundle.stat().st_size, 0), "what is taken")
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
        desk.verify()
        world.server.stop()


if __name__ == "__main__":
    sys.exit(tap.run(cases_of(globals())))
