#!/usr/bin/python3
"""Photos over the real programs: taken without a network, whole at the server, on the handler's handset, and the
handler's own back at the reporter; and a large one that everybody who carries it is killed over."""
import hashlib
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
import tap
from district import LEAD, TYPE, UNIT, Desk, sync
from harness import Failed, World, until
from pictures import Link, jpeg

PART = 32 << 10
PARTS_OUT = 8


def equal(got, wanted, what):
    if got != wanted:
        raise Failed(f"{what}: {got!r}, not {wanted!r}")


def picture(world, name, side, seed):
    path = world.folder / f"{name}.jpg"
    path.write_bytes(jpeg(side, seed))
    return path


def report(handset, *files, text="井盖破损"):
    words = [word for path in files for word in ("--photo", path)]
    return handset.one("report", "--text", text, "--type", TYPE, "--lat", "30.99", "--lon", "116.98",
                       *words)["case"]


def photos(handset, number):
    return handset.one("show", number)["photos"]


def at_server(server, digest):
    """The bytes the server has under a hash, or none."""
    found = [path for path in server.data.rglob(f"{digest}*") if path.is_file()]
    return found[0].read_bytes() if found else b""


def check_whole(server, rows, count):
    equal([row["state"] for row in rows], ["complete"] * count, "states of own photos")
    for row in rows:
        held = at_server(server, row["hash"])
        equal((len(held), hashlib.sha256(held).hexdigest()), (row["size"], row["hash"]), "a photo at the server")


def test_photos_go_the_whole_loop():
    with World() as world:
        server = world.server.start()
        server.district()
        desk = Desk(server)
        reporter, lead = world.handset("G001"), world.handset(LEAD)
        reporter.enrol(server.code_for("G001"))
        lead.enrol(server.code_for(LEAD))
        server.stop()
        number = report(reporter, picture(world, "wide", 800, 1), picture(world, "near", 400, 2))
        equal(reporter.status()["unsent_photos"], 4, "unsent photos and thumbnails")
        equal({row["state"] for row in photos(reporter, number)}, {"waiting"}, "states without a network")
        server.start()
        sync(reporter)
        equal(reporter.status()["unsent_photos"], 0, "unsent photos")
        rows = photos(reporter, number)
        check_whole(server, rows, 4)
        equal(desk.dispatch(number).status, 200, "dispatch")
        sync(lead)
        told = photos(lead, number)
        equal([(row["hash"], row["thumbnail"], row["here"]) for row in told],
              [(row["hash"], row["thumbnail"], row["thumbnail"]) for row in rows], "what the unit was told")
        out = world.folder / "saved"
        out.mkdir()
        saved = lead.run("photo", number, "--out", out)
        equal(len(saved), 4, "photos saved")
        for row in saved:
            equal(hashlib.sha256(pathlib.Path(row["file"]).read_bytes()).hexdigest(), row["hash"], "a saved photo")
        evidence(world, desk, reporter, lead, number)
        server.stop()


def evidence(world, desk, reporter, lead, number):
    """What the handler shows comes back to whoever reported."""
    lead.run("act", "sign", number)
    lead.run("act", "finish", number, "--text", "井盖已更换", "--photo", picture(world, "mended", 500, 3))
    sync(lead)
    own = [row for row in photos(lead, number) if row["own"]]
    check_whole(world.server, own, 2)
    equal({row["verb"] for row in own}, {"finish"}, "what brought them")
    equal(desk.close(number).status, 200, "close")
    sync(reporter)
    told = [row for row in photos(reporter, number) if not row["own"]]
    equal([(row["hash"], row["verb"], row["here"]) for row in told],
          [(row["hash"], "finish", row["thumbnail"]) for row in own], "what the reporter was told")
    saved = reporter.run("photo", number, "--out", world.folder / "saved")
    equal({row["hash"] for row in saved} >= {row["hash"] for row in own}, True, "the evidence was fetched")
    desk.verify()


def carried(world, server, digest):
    return len(at_server(server, digest))


def killed_while_sending(world, server, handset, link, digest, who):
    """Lets a sync run until more of the photo is at the server, then kills who."""
    before = link.up
    process = handset.start("sync", "--timeout", "60")
    try:
        until(lambda: link.up - before > 12 * PART or process.poll() is not None, "parts go up")
        if process.poll() is not None:
            raise Failed("the photo was sent before anybody could be killed")
        if who == "server":
            server.kill()
    finally:
        process.kill()
        process.communicate()
    if who == "server":
        server.start()


def test_kill_9_of_either_side_loses_at_most_the_parts_that_were_out():
    with World() as world:
        server = world.server.start()
        server.district()
        link = Link(server.port, 1 << 20)
        handset = world.handset("G001")
        handset.enrol(server.code_for("G001").replace(f":{server.port}:", f":{link.port}:"))
        number = report(handset, picture(world, "large", 1600, 4))
        rows = photos(handset, number)
        large = max(rows, key=lambda row: row["size"])
        if large["size"] < 80 * PART:
            raise Failed(f"{large['size']} bytes are no large photo")
        kills = ["handset", "server", "handset", "server"]
        for who in kills:
            killed_while_sending(world, server, handset, link, large["hash"], who)
        sync(handset)
        check_whole(server, photos(handset, number), 2)
        spare = link.up - sum(row["size"] for row in rows)
        print(f"# {link.up} bytes went up for {large['size']}: {spare / PART:.1f} parts more, {len(kills)} kills")
        if spare > (len(kills) * (PARTS_OUT + 2) + 4) * PART:
            raise Failed(f"{spare} bytes were sent twice")
        Desk(server).verify()
        link.close()
        server.stop()


if __name__ == "__main__":
    sys.exit(tap.run([test_photos_go_the_whole_loop,
                      test_kill_9_of_either_side_loses_at_most_the_parts_that_were_out]))
