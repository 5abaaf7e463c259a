#!/usr/bin/python3
"""Every number that a verb could have is pushed by a live and by a revoked handset: nothing moves, the journal holds; and a
handset dates its work back, within what its clock alone would prove."""
import pathlib
import subprocess
import sys

sys.dont_write_bytecode = True
HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent), str(HERE / "stranger")]
import client
import tap
import wire
from district import CODE, LATITUDE, LEAD, LONGITUDE, Desk, instant
from expect import cases_of, equal
from harness import BIHUAN, World
from wire import pb

STORED = 71
VERBS = [*range(256), 512, 2**31]
BLOB = pb.Blob(hash=bytes(31) + b"1", size=100, kind=1)


def ops(phone, number):
    """One of each verb on the case; what the store alone says also of no case, of a strange one, and of a photo."""
    for verb in VERBS:
        phone.record(pb.OpHeader(verb=verb, case_number=number, cycle=1, base_position=1, reason=1, type=10003, urgency=1),
                     pb.OpContent(text="各种动作"))
    for fields in ({}, {"case_number": 999999999}, {"case_number": number, "blobs": [BLOB]}):
        phone.record(pb.OpHeader(verb=STORED, cycle=1, **fields), pb.OpContent(text="x"))


def push(phone):
    with phone.session() as session:
        session.push_all()
        session.ping()


def holds(desk, folder):
    """The journal verifies; so does its backup, which is put back in its place."""
    server = desk.server
    desk.verify()
    copy = desk.post("/backup", {"place": str(folder)})["folder"]
    server.stop()
    for words in (["backup", "verify", copy], ["restore", copy, "--to", str(server.data), "--replace"]):
        done = subprocess.run([BIHUAN, *words], capture_output=True, text=True, check=False)
        equal(done.returncode, 0, f"{words[0]}: {done.stderr}")
    server.start()
    desk.verify()


def released(desk, device):
    """An administrator lets in all that is held of it; each answer."""
    after = "0"
    while after:
        page = desk.get(f"/devices/{device}/quarantine?after={after}")
        after = page["next"]
        for row in page["items"]:
            path = desk.path(f"/devices/{device}/quarantine/{row['position']}/release")
            yield desk.server.ask("POST", path, {"reason": "已找回"}, acting="X001")


def test_no_verb_of_a_handset_harms_the_journal():
    with World() as world:
        server = world.server.start()
        server.district()
        desk = Desk(server)
        worker, other = client.Phone(server.code_for("G001")), client.Phone(server.code_for("G002"))
        for phone in (worker, other):
            phone.enrol()
        first = worker.submit("井盖破损", 10003)
        push(worker)
        number = worker.number(first)
        desk.post(f"/devices/{other.device}/revoke", {"reason": "遗失"})
        for phone in (worker, other):
            ops(phone, number)
            push(phone)
        accepted = {VERBS[seq - first - 1] for seq, said in worker.verdicts.items()
                    if seq > first and said.verdict == wire.ACCEPTED and seq - first <= len(VERBS)}
        equal(accepted, {wire.SUBMIT}, "what a live handset may say of a case that nobody took up")
        desk.verify()
        said = [answer.status for answer in released(desk, other.device)]
        equal((len(said), said.count(200)), (len(VERBS) + 3, 1), "of what was held a report alone is let in")
        holds(desk, world.folder)
        late = worker.submit("之后", 10003)
        push(worker)
        equal(worker.verdicts[late].verdict, wire.ACCEPTED, "the next report")
        desk.verify()


HOUR_MS = 3600000


def dated_back(phone, header, text):
    """Recorded now, by a handset that says: an hour ago."""
    wall, mono = phone.now()
    header.captured_ms, header.boot_ms, header.boot = wall - HOUR_MS, wall - mono, phone.boot
    return phone.record(header, pb.OpContent(text=text))


def captured(desk, number, verb):
    entry = [entry for entry in desk.case(number)["history"] if entry["verb"] == verb][-1]
    return instant(entry["captured_at"]), entry["captured_bound_ms"], entry["raw"]["sets"].get("held_to"), instant(entry["at"])


def test_who_dates_back_is_held_to_what_he_had_seen_and_said():
    """D07, N5."""
    with World() as world:
        server = world.server.start()
        server.district()
        desk = Desk(server)
        phone = client.Phone(server.code_for(LEAD))
        phone.enrol()
        said = phone.submit("井盖破损", 10003, float(LATITUDE), float(LONGITUDE))
        push(phone)
        number = phone.number(said)
        text = wire.shown_number(number)
        dispatched = desk.dispatch(text)
        equal(dispatched.status, 200, f"dispatch: {dispatched.text}")
        with phone.session() as session:
            session.pump(lambda: number in phone.records)
            record = phone.records[number]
            dated_back(phone, pb.OpHeader(verb=wire.SIGN, case_number=number, cycle=1, base_position=record.position), "")
            later = dated_back(phone, pb.OpHeader(verb=wire.SUBMIT, type=10003), "又一处")
            session.push_all()
        at, bound, held, received = captured(desk, text, "sign")
        seen = instant(next(entry["at"] for entry in desk.case(text)["history"] if entry["verb"] == "dispatch"))
        equal((at, at + bound, held), (seen, received, 1), "signed, as it says, before it was dispatched")
        first = instant(desk.case(text)["captured_at"])
        at, bound, held, received = captured(desk, wire.shown_number(phone.number(later)), "submit")
        equal((first - HOUR_MS // 2 < at <= received, at + bound, held), (True, received, 2), "said before what its log had said")
        desk.verify()


if __name__ == "__main__":
    sys.exit(tap.run(cases_of(globals())))
