#!/usr/bin/python3
"""Handsets that several people use, and stores that lie sealed: the real programs over real TLS."""
import json
import os
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
import tap
import test_bundle
from district import LEAD, TYPE, Desk, sync
from harness import BIHUAN, DEMO, Failed, Handset, World
from pictures import jpeg

TEXT = "荷花巷三号王某家门前井盖破损"


def equal(got, wanted, what):
    if got != wanted:
        raise Failed(f"{what}: {got!r}, not {wanted!r}")


class Keyed(Handset):
    """A handset whose verbs say more: a key, an author."""

    def __init__(self, folder, name):
        super().__init__(folder, name)
        self.more = []

    def command(self, *words):
        return super().command(*words) + [str(word) for word in self.more]


def profile():
    """The demo's, and a second worker of the first one's grids."""
    told = json.loads((DEMO / "profile.json").read_text())
    first = next(person for person in told["people"] if person["code"] == "G001")
    told["people"].append(dict(first, code="G101", name="同网格网格员"))
    return json.dumps(told)


def number_of(server, person):
    return server.must("POST", f"/districts/990101/people/{person}/enrolment")["person_number"]


def report(handset, *words, text=TEXT):
    return handset.one("report", "--text", text, "--type", TYPE, "--lat", "30.99", "--lon", "116.98", *words)


def entry_of(desk, number):
    return desk.case(number)["history"][0]


def pin_file(world, name, pin):
    path = world.folder / name
    path.write_text(pin + "\n")
    return path


def show_words(server, number):
    """What bihuan show says of a case's beginning."""
    done = subprocess.run([BIHUAN, "--socket", server.admin_path, "show", number],
                          capture_output=True, timeout=30, check=False, text=True)
    equal(done.returncode, 0, f"bihuan show: {done.stderr}")
    return done.stdout


def test_colleagues_share_a_handset():
    with World() as world:
        server = world.server.start()
        server.district(profile=profile())
        desk, handset = Desk(server), Keyed(world.folder, "shared")
        handset.enrol(server.code_for("G001"))
        colleague, stranger = number_of(server, "G101"), number_of(server, "H-T2")
        right, wrong = pin_file(world, "right", "2468"), pin_file(world, "wrong", "1111")
        own = handset.one("author")
        equal((own["unlocked"], own["name"]), (True, ""), "who records on a handset of one")
        becomes_shared(world, handset, own["person"], (colleague, "李四"), (stranger, "别处的人"), right)
        numbers = record_as(world, handset, colleague, stranger, right)
        handset.run("report", "--text", "x", "--author", colleague, "--pin", wrong, expect=77)
        sync(handset)
        check_journal(server, desk, handset, numbers, colleague)
        goes_round(world, desk, handset, numbers["unlocked"], colleague)
        desk.verify()
        server.stop()


def becomes_shared(world, handset, owner, first, second, pin):
    """First whose handset it is; nobody else registers a number, theirs or a colleague's, but by that one's PIN."""
    owners = pin_file(world, "owners", "1357")

    def make(person, name, *words, expect=0):
        handset.run("author", "--author", person, "--name", name, *words, expect=expect)

    make(*first, "--pin", pin, expect=77)
    make(owner, "张三", "--pin", owners)
    make(owner, "张三", "--pin", pin, expect=77)
    make(*first, "--pin", pin, expect=77)
    make(*first, "--pin", pin, "--owner-pin", pin, expect=77)
    for person, name in (first, second):
        make(person, name, "--pin", pin, "--owner-pin", owners)
    equal(entry_pairs(handset), sorted((person, person == owner) for person in (owner, first[0], second[0])),
          "the authors")


def entry_pairs(handset):
    return [(row["person"], row["chosen"]) for row in handset.run("author") if row["name"]]


def record_as(world, handset, colleague, stranger, pin):
    picture = world.folder / "cover.jpg"
    picture.write_bytes(jpeg(400, 1))
    return {"unlocked": report(handset, "--author", colleague, "--pin", pin, "--photo", picture)["case"],
            "claimed": report(handset, "--author", colleague)["case"],
            "nobody": report(handset)["case"],
            "stranger": report(handset, "--author", stranger, "--pin", pin)["case"]}


def check_journal(server, desk, handset, numbers, colleague):
    """Who, and whether that was proved, stands in the journal; who is no colleague reports nothing."""
    told = {name: (entry_of(desk, numbers[name])["person"], entry_of(desk, numbers[name])["claimed"])
            for name in ("unlocked", "claimed", "nobody")}
    equal(told, {"unlocked": ("G101", False), "claimed": ("G101", True), "nobody": ("G001", True)}, "authors")
    words = show_words(server, numbers["claimed"])
    if "as claimed" not in words or "as claimed" in show_words(server, numbers["unlocked"]):
        raise Failed(f"bihuan show does not tell what is claimed: {words}")
    refused = handset.run("ops", "--refused")
    equal([row["case"] for row in refused], [numbers["stranger"]], "what was refused")
    shown = handset.one("show", numbers["unlocked"])
    equal((shown["author"], shown["claimed"]), (colleague, False), "who reported it, on the handset")
    mine = {row["case"] for row in handset.run("list", "--mine", "--author", colleague)}
    equal(mine, {numbers["unlocked"], numbers["claimed"]}, "the colleague's own reports")
    equal({row["state"] for row in shown["photos"]}, {"complete"}, "the colleague's photo")


def goes_round(world, desk, handset, number, colleague):
    """The answer comes to the handset, and is the colleague's."""
    equal(desk.dispatch(number).status, 200, "dispatch")
    lead = world.handset(LEAD)
    lead.enrol(world.server.code_for(LEAD))
    sync(lead)
    lead.run("act", "sign", number)
    lead.run("act", "finish", number, "--text", "井盖已更换")
    sync(lead)
    equal(desk.close(number).status, 200, "close")
    sync(handset)
    shown = handset.one("show", number)
    equal((shown["state"], shown["author"], len(shown["closures"])), ("closed", colleague, 1), "the answer")
    handset.run("seen", number, 1, "--author", colleague)
    sync(handset)
    seen = [entry for entry in desk.case(number)["history"] if entry["verb"] == "seen"]
    equal([(entry["person"], entry["claimed"]) for entry in seen], [("G101", True)], "who has seen it")


# ---- Sealed

def lies_open(folder, name, words):
    """Which of the words stand in any file of a store."""
    files = [path for path in folder.rglob("*") if path.is_file() and name in str(path)]
    if not files:
        raise Failed("there is no store to search")
    held = [path.read_bytes() for path in files]
    return sorted({word for word in words for data in held if word in data})


def test_a_sealed_store_shows_nothing():
    with World() as world:
        server = world.server.start()
        server.district(profile=profile())
        key, other = world.folder / "key", world.folder / "other"
        key.write_bytes(os.urandom(32))
        other.write_bytes(os.urandom(32))
        open_one, sealed = Keyed(world.folder, "openstore"), Keyed(world.folder, "sealedstore")
        sealed.more = ["--key", key]
        picture = world.folder / "house.jpg"
        picture.write_bytes(jpeg(500, 7))
        secrets = [TEXT.encode(), "柳溪社区网格员".encode(), picture.read_bytes()[5000:5100]]
        for handset in (open_one, sealed):
            handset.enrol(server.code_for("G001"))
            report(handset, "--photo", picture, "--accuracy", "5")
            sync(handset)
            report(handset)
        equal(lies_open(world.folder, "openstore", secrets), sorted(secrets), "an open store")
        equal(lies_open(world.folder, "sealedstore", secrets), [], "a sealed store")
        becomes_sealed(open_one, key, other, secrets)
        sync(sealed)
        sync(open_one)
        Desk(server).verify()
        server.stop()


def becomes_sealed(handset, key, other, secrets):
    """By being opened with a key, and then by that one alone."""
    folder = handset.store.parent
    handset.more = ["--key", key]
    equal(len(handset.run("list")), 2, "cases of the store that was open")
    equal(lies_open(folder, "openstore", secrets), [], "the store that was open")
    for more in ([], ["--key", other]):
        handset.more = more
        before = handset.store.read_bytes()
        handset.run("list", expect=77)
        equal(handset.store.read_bytes() == before, True, "it was not changed")
    handset.more = ["--key", key]
    shown = handset.one("show", handset.run("list")[-1]["case"])
    equal((shown["text"], {row["state"] for row in shown["photos"]}), (TEXT, {"complete"}), "what was sealed")


def test_a_store_that_is_sealed_while_a_bundle_is_away_takes_its_answer():
    with World() as world:
        server = world.server.start()
        server.district()
        key, handset = world.folder / "key", Keyed(world.folder, "away")
        key.write_bytes(os.urandom(32))
        handset.enrol(server.code_for("G001"))
        report(handset)
        bundle, answer = world.folder / "bundle", world.folder / "answer"
        handset.run("export", bundle)
        opened = [path.read_bytes()[-40:] for path in world.folder.rglob("reply.key.jpg")]
        equal(len(opened), 1, "keys that lie open")
        test_bundle.bihuan(world, "import", bundle, "--ack-out", answer)
        handset.more = ["--key", key]
        equal(handset.status()["unsent_ops"], 1, "what waits for the answer")
        equal(lies_open(world.folder, "away", opened), [], "the key of the answer")
        handset.run("import", answer)
        equal(handset.status()["unsent_ops"], 0, "what waits behind the answer")
        server.stop()


if __name__ == "__main__":
    sys.exit(tap.run([test_colleagues_share_a_handset, test_a_sealed_store_shows_nothing,
                      test_a_store_that_is_sealed_while_a_bundle_is_away_takes_its_answer]))
