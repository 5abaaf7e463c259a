#!/usr/bin/python3
"""Bundles where something went wrong on the way: a stick that gives other bytes the second time, a server that was put
back, a handset whose key changed and that did not hear of it."""
import os
import pathlib
import subprocess
import sys
import threading

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent), str(HERE / "stranger"), str(HERE.parent / "fuzz")]
import seed_bundle
import tap
import wire
from chaos import Chaos, Way
from client import Phone, clock
from cryptography.hazmat.primitives.asymmetric import ec
from district import CODE, TYPE, Desk, report, submitted, sync
from expect import cases_of, equal
from harness import BIHUAN, World
from test_bundle import begin, bihuan, picture
from test_rotate import BEHIND_HELLO, key_of
from wire import pb


# ---- A stick that gives other bytes the second time ----

class Stick:
    """Writes over what the server has read, as soon as it has; at its second reading, over the rest at once."""

    def __init__(self, server, path, evil):
        self.pid, self.path, self.evil = server.process.pid, path, evil
        self.over, self.done = 0, threading.Event()
        self.thread = threading.Thread(target=self.run)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.done.set()
        self.thread.join()

    def opened(self):
        for fd in os.listdir(f"/proc/{self.pid}/fd"):
            try:
                if os.readlink(f"/proc/{self.pid}/fd/{fd}") == str(self.path):
                    return fd
            except OSError:
                pass
        return None

    def run(self):
        out, fd = os.open(self.path, os.O_WRONLY), None
        while fd is None and not self.done.is_set():
            fd = self.opened()
        while fd and self.over < len(self.evil) and not self.done.is_set():
            try:
                at = int(pathlib.Path(f"/proc/{self.pid}/fdinfo/{fd}").read_text().split("pos:")[1].split()[0])
            except OSError:
                break
            upto = len(self.evil) if at < self.over else at
            os.pwrite(out, self.evil[self.over:upto], self.over)
            self.over = upto
        os.close(out)


def sealed(district, content, size):
    """A file of this very size that anybody may seal for the district: its key is told to each handset."""
    to = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), district.bundle_key)
    own = ec.generate_private_key(ec.SECP256R1())
    head = b"bhbundl1" + district.bundle_key_id + seed_bundle.point(own)
    key = seed_bundle.HKDF(seed_bundle.hashes.SHA256(), 32, None, b"bh-bundle-seal-1" + head).derive(
        own.exchange(ec.ECDH(), to))
    out, left, number = head, size - len(head), 0
    while left > 0:
        this = min(seed_bundle.CHUNK + 16, left)
        left -= this
        part, content = content[:this - 20], content[this - 20:]
        nonce = number.to_bytes(4, "big") + bytes(7) + bytes([left == 0])
        out += seed_bundle.AESGCM(key).encrypt(nonce, seed_bundle.chunk(part, this - 16), head)
        number += 1
    return out


def invented(person, count):
    """A push of reports that this person never wrote."""
    now = clock()[0]
    headers = [pb.OpHeader(verb=1, type=10001, captured_ms=now, boot_ms=now - 1000, boot=1, author=person)
               for _ in range(count)]
    contents = [pb.OpContent(text=f"伪造{i}", has_place=True, datum=1, accuracy_dm=80, latitude_e7=310064380,
                             longitude_e7=1169725080) for i in range(count)]
    batch = pb.Batch(headers=[header.SerializeToString() for header in headers],
                     contents=[content.SerializeToString() for content in contents])
    push = pb.Push(first_seq=1, salts=os.urandom(16 * count), batch=wire.pack(batch.SerializeToString()))
    return wire.frame(b"\x08\x01") + wire.message_frame("push", push)


def test_a_stick_that_gives_other_bytes_the_second_time_forges_nothing():
    with World() as world:
        desk, (victim,) = begin(world, "G001")
        for i in range(4):
            victim.one("report", "--text", f"真实{i}", "--type", TYPE, "--lat", "30.99", "--lon", "116.98", "--photo",
                       picture(world, i, 2600))
        stick = world.folder / "stick"
        victim.one("export", stick)
        mallory = Phone(world.server.code_for("G002"))
        mallory.enrol()
        person = world.server.must("POST", f"/districts/{CODE}/people/G001/enrolment")["person_number"]
        evil = sealed(mallory.district, invented(person, 3), stick.stat().st_size)
        equal(len(evil), stick.stat().st_size, "the size of both")
        with Stick(world.server, stick, evil) as swapped:
            done = subprocess.run([BIHUAN, "--socket", world.server.admin_path, "import", stick],
                                  stdin=subprocess.DEVNULL, capture_output=True, timeout=120, check=False)
        equal(swapped.over > 0, True, f"{swapped.over} bytes were others the second time")
        equal(done.returncode != 0, True, "what changed while it was read is refused")
        said = [desk.case(case["number"])["text"] for case in desk.cases()]
        equal([text for text in said if "伪造" in text], [], "what was invented")
        victim.one("export", world.folder / "again")
        bihuan(world, "import", world.folder / "again")
        equal(sorted(desk.case(case["number"])["text"] for case in desk.cases()), [f"真实{i}" for i in range(4)],
              "what it wrote")
        desk.verify()
        world.server.stop()


# ---- A server that was put back ----

def test_a_handset_without_a_network_gives_a_server_that_was_put_back_what_it_lost():
    with World() as world:
        desk, (handset,) = begin(world, "G001")
        (world.folder / "backups").mkdir()
        backup = bihuan(world, "backup", CODE, "--out", world.folder / "backups")["folder"]
        first = [handset.one("report", "--text", f"先前{i}", "--type", TYPE, "--lat", "30.99", "--lon", "116.98",
                             "--photo", picture(world, i))["case"] for i in range(3)]
        by_hand(world, handset, "first")
        told = {number: desk.case(number)["received_at"] for number in first}
        world.server.stop()
        bihuan(world, "restore", backup, "--to", world.server.data, "--replace")
        world.server.start()
        equal(desk.cases(), [], "cases of the server that was put back")
        last = report(handset, "之后")
        handset.one("export", world.folder / "gap.bundle")
        answer = world.folder / "gap.ack"
        equal(bihuan(world, "import", world.folder / "gap.bundle", "--ack-out", answer, expect=1)["code"], "gap",
              "what is missing")
        for _ in range(2):  # once more changes nothing
            handset.one("import", answer)
        equal(by_hand(world, handset, "whole")["ops_new"], 4, "all of it")
        handset.one("import", answer)  # an old word
        equal(sorted(case["number"] for case in desk.cases()), sorted([*first, last]), "cases")
        for number in first:
            equal(desk.case(number)["received_at"], told[number], f"when {number} had come")
            equal([row["stored"] for row in desk.case(number)["photos"]], [True, True], f"photos of {number}")
        report(handset, "再后")
        equal(by_hand(world, handset, "later")["ops"], 1, "and from there on what is new")
        equal({row["verdict"] for row in submitted(handset).values()}, {"accepted"}, "what the worker sees")
        desk.verify()
        world.server.stop()


def by_hand(world, handset, name):
    """Out, in and the answer back."""
    bundle, answer = world.folder / f"{name}.bundle", world.folder / f"{name}.ack"
    handset.one("export", bundle)
    told = bihuan(world, "import", bundle, "--ack-out", answer)
    handset.one("import", answer)
    equal(handset.status()["unsent_ops"], 0, f"what waits after {name}")
    return told


# ---- A key that changed ----

def test_a_bundle_of_a_handset_that_did_not_hear_of_its_own_new_key_is_taken():
    with Chaos() as net, World(public=f"127.0.0.1:{net.port}") as world:
        server = world.server.start()
        net.to(server.port)
        server.district()
        desk, handset = Desk(server), world.handset("G001")
        handset.enrol(server.code_for("G001"))
        sync(handset)
        before = key_of(desk)
        net.down = Way(hole=True, after=BEHIND_HELLO)
        equal(handset.run("rotate", "--timeout", "2", expect=None)[0]["rotated"], False, "its answer swallowed")
        equal(key_of(desk) == before, False, "the server has the new one")
        net.up = Way(hole=True)
        for i in range(2):
            report(handset, f"要带走的{i}")
            equal(by_hand(world, handset, f"cut {i}")["ops_new"], 1, "by hand")
        net.up = net.down = Way()
        sync(handset)
        report(handset, "换钥之后")
        equal(by_hand(world, handset, "after")["ops_new"], 1, "with the new one alone")
        equal({row["verdict"] for row in submitted(handset).values()}, {"accepted"}, "what the worker sees")
        desk.verify()
        world.server.stop()


if __name__ == "__main__":
    sys.exit(tap.run(cases_of(globals())))
