#!/usr/bin/python3
"""A disk that is full, on either side, with so much room left and then a page more (E01, E02): what was acknowledged or
printed is there afterwards, reading goes on meanwhile, nothing is half-written, and room alone heals.  `long` tries
every page."""
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
import tap
from district import CODE, TYPE, Desk, submitted, sync
from expect import cases_of, equal
from harness import Failed, World, until
from hostile import pushed, small_disk, submits
from pictures import jpeg
from scene import Phone, refused

LONG = "long" in sys.argv[1:]
PAGE = 4096
STEP = PAGE if LONG else 12 * PAGE
SERVER_LEFT_MAX = 48 * PAGE           # beyond it a push of this size is taken
HANDSET_LEFT_MAX = 64 * PAGE          # a report with its photo and thumbnail, and what the store needs
HEALED = 2 << 20                      # room for all that is written, and for no ballast
PUSH = 20                             # reports of 900 characters in a push


def test_E01_a_server_s_disk_with_every_room_left_keeps_what_it_acknowledged():
    with World() as world, small_disk(world.server.data / "disk") as fill:
        server, server.data = world.server, world.server.data / "disk"
        server.start()
        server.district()
        phone, words = Phone(server.code_for("G001")), {}
        phone.enrol()
        give_the_ballast_up(server, phone, fill)
        for left in range(0, SERVER_LEFT_MAX, STEP):
            fill(left)
            submits(phone, PUSH, "x" * 900)
            word = refused(lambda: pushed(phone))
            words.setdefault(word, []).append(left // PAGE)
            acked = phone.acked_seq
            equal(server.process.poll(), None, f"its exit with {left} bytes left")
            equal(server.ask("GET", f"/districts/{CODE}/cases?limit=1").status, 200, "reading")
            fill(HEALED)
            until(lambda: refused(lambda: pushed(phone)) == "taken", f"it heals after {left} bytes", 30, 0.1)
            equal(phone.acked_seq >= acked, True, "what it has acknowledged")
        print(f"# pages left, by what a push was told: {words}", flush=True)
        equal(len(words) > 1, True, "pushes were taken and refused")
        server.kill()
        fill(None)
        server.start()
        with phone.session() as session:
            equal(session.welcome.acked_seq, len(phone.log.ops), "the log at the server, after a kill -9")
        equal(Desk(server).verify()["cases"], len(phone.log.ops), "cases of the verified copy")
        server.stop()


def give_the_ballast_up(server, phone, fill):
    ballast = server.data / CODE / "district.db-ballast"
    fill(0)
    for _ in range(100):
        submits(phone, PUSH, "x" * 900)
        if refused(lambda: pushed(phone)) != "taken" or not ballast.exists():
            return
    raise Failed("a disk without room was never full")


def photo_of(world, seed):
    path = world.folder / f"{seed}.jpg"
    path.write_bytes(jpeg(160, seed))
    return path


def report(handset, text, photo):
    """Exit status and, if it printed one, the number."""
    rows = handset.run("report", "--text", text, "--type", TYPE, "--lat", "30.99", "--lon", "116.98", "--photo", photo,
                       expect=None)
    return rows[0]["case"] if rows else None


def test_E02_a_handset_s_disk_with_every_room_left_keeps_what_it_printed():
    with World() as world, small_disk(world.folder / "handsets") as fill:
        server = world.server.start()
        server.district()
        handset = world.handset("G001")
        handset.enrol(server.code_for("G001"))
        printed, refusals = set(), []
        for left in range(0, HANDSET_LEFT_MAX, STEP):
            fill(left)
            photo = photo_of(world, left // PAGE)
            number = report(handset, f"剩下 {left}", photo)
            if number is None:
                refusals.append(left // PAGE)
            else:
                printed.add(number)
            equal(printed <= {row["case"] for row in handset.run("list")}, True, "reading goes on")
            handset.run("sync", "--timeout", "1", expect=None)
            fill(None)
            number = report(handset, f"又有了 {left}", photo)
            equal(number is not None, True, f"it heals after {left} bytes")
            printed.add(number)
        print(f"# pages left when a report was refused: {refusals}; {len(printed)} were recorded", flush=True)
        equal(bool(refusals), True, "something was refused")
        sync(handset)
        whole(server, handset, printed)
        server.stop()


def whole(server, handset, printed):
    """All that was printed is at the server, with its photo; nothing else is, and no half of one."""
    equal(set(submitted(handset)), printed, "what the handset holds")
    equal({case["number"] for case in Desk(server).cases()}, printed, "what the server has")
    for number in sorted(printed):
        states = [row["state"] for row in handset.one("show", number)["photos"]]
        equal(states, ["complete"] * 2, f"the photo and thumbnail of {number}")
    Desk(server).verify()


if __name__ == "__main__":
    sys.exit(tap.run(cases_of(globals())))
