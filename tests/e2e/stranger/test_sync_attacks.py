#!/usr/bin/python3
"""Faults and attacks on what is told once and only once, and on time, by their rows in the catalogue of faults."""
import copy
import datetime
import pathlib
import sys
import threading

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from client import Fork  # noqa: E402
from scene import (ILLEGAL_BUILDING, PLACE, clock, harness, named, pb, refused, run, wire)  # noqa: E402

DAY_MS = 86400000
LOST_ACKS = 10
PAIRS = 12
LIMIT_MS = 30 * 60000     # the demo district dispatches within half an hour


def submits(phone, count, word="件"):
    for number in range(1, count + 1):
        phone.submit(f"第{number}{word}", ILLEGAL_BUILDING, *PLACE)


def C01_a_batch_whose_ack_is_lost_is_stored_once(scene):
    phone = scene.phone()
    submits(phone, 50)
    before = scene.cases()
    for number in range(LOST_ACKS):
        session = phone.session()
        session.push(1, 50, packed=number % 2 == 0)
        harness.until(lambda: scene.case(phone.number(50)), "the batch is there")
        # The phone dies before it stores any answer.
        session.link.close(notify=False)
        phone.acked_seq, phone.verdicts = 0, {}
    assert scene.cases() == before + 50, f"{scene.cases() - before} cases from 50 reports"
    with phone.session() as session:
        assert session.welcome.acked_seq == 50
    assert len(phone.verdicts) == 50


def C01_a_batch_twice_in_one_session_gets_the_same_ack(scene):
    phone = scene.phone()
    submits(phone, 3)
    phone.submit("纬度不对", ILLEGAL_BUILDING, 91.0, PLACE[1])
    acks = []
    with phone.session() as session:
        for first, last in ((1, 4), (1, 4), (2, 4), (4, 4), (1, 2)):
            session.push(first, last)
            session.pump(lambda: session.acks == len(acks) + 1)
            acks.append(session.last_ack)
    assert [ack.seq for ack in acks[:4]] == [4] * 4, acks
    told = [[(v.seq, v.verdict, v.code, v.sentence) for v in ack.verdicts] for ack in acks]
    assert told[0] == told[1] == told[2] == told[3] and len(told[0]) == 1, told
    assert acks[4].seq in (2, 4) and phone.acked_seq == 4


def C01_the_same_sequence_with_other_bytes_changes_nothing(scene):
    phone = scene.phone()
    submits(phone, 2)
    with phone.session() as session:
        session.push_all()
    liar = copy.deepcopy(phone)
    with phone.session() as session:
        liar.log.ops = []
        submits(liar, 2, "件,改过")
        session.phone = liar
        said = refused(lambda: (session.push(1, 2), session.pump(lambda: session.acks)))
        assert said == "FORK", said
    assert scene.case(phone.number(1))["text"] == "第1件"


def C02_the_newer_connection_of_a_device_wins(scene):
    phone = scene.phone()
    submits(phone, 4)
    twin = copy.deepcopy(phone)
    with phone.session() as older:
        older.push(1, 2)
        older.pump(lambda: older.acks == 1)
        with twin.session() as newer:
            assert newer.welcome.acked_seq == 2
            assert refused(lambda: older.pump(lambda: False)) == "REPLACED"
            newer.push_all()
    assert twin.acked_seq == 4 and all(scene.case(twin.number(seq)) for seq in range(1, 5))


def C02_many_connections_of_a_device_leave_no_gap(scene):
    phone = scene.phone()
    submits(phone, 40)
    before, results = scene.cases(), []

    def run_one(twin):
        try:
            with twin.session() as session:
                session.push_all()
                results.append("done")
        except Exception as why:  # a session that was replaced may end in any way
            results.append(getattr(why, "word", type(why).__name__))
    threads = [threading.Thread(target=run_one, args=(copy.deepcopy(phone),)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(results) <= {"done", "REPLACED", "Ended"}, results
    with phone.session() as session:
        session.push_all()
    assert phone.acked_seq == 40 and scene.cases() == before + 40


def C02_pushes_out_of_order_are_a_gap(scene):
    phone = scene.phone()
    submits(phone, 3)
    with phone.session() as session:
        assert refused(lambda: (session.push(3, 3), session.pump(lambda: session.acks))) == "GAP"
        assert refused(lambda: (session.push(2, 3), session.pump(lambda: session.acks))) == "GAP"
        session.pushed = session.waiting = 0
        session.push_all()
    assert phone.acked_seq == 3


def C02_a_fifth_push_that_waits_is_out_of_order(scene):
    phone = scene.phone()
    submits(phone, 8)
    with phone.session() as session:
        session.link.send_bytes(b"".join(wire.message_frame("push", session.push_message(seq, seq))
                                         for seq in range(1, 9)))
        assert refused(lambda: session.pump(lambda: session.acks == 8)) == "ORDER"
    with phone.session() as session:
        session.push_all()
    assert phone.acked_seq == 8


def C02_cursors_that_were_not_told_are_worth_nothing(scene):
    phone = scene.phone()
    submits(phone, 1)
    with phone.session() as session:
        session.push_all()
        scene.must_verb(phone.number(1), "dispatch", "D001")
        session.pump(lambda: phone.records)
        session.link.send("applied", pb.Applied(cursors=[pb.Cursor(scope=scope, position=10 ** 9)
                                                         for scope in phone.cursors]))
        assert refused(lambda: session.pump(lambda: False)) == "BAD_FRAME"
    for name, value in (("head_hash", b"\1" * 8), ("epoch", 77), ("cursors", {2 << 56 | 1: 10 ** 9})):
        twin = copy.deepcopy(phone)
        setattr(twin, name, value)
        with twin.session() as session:
            assert session.welcome.from_start, name
            session.pump(lambda twin=twin: phone.number(1) in twin.records)


def C05_a_head_that_is_not_signed_by_the_device_is_refused(scene):
    phone = scene.phone()
    submits(phone, 1)
    with phone.session() as session:
        push = session.push_message(1, 1)
        push.head_signature = wire.sign(wire.new_key(), b"another message")
        session.link.send("push", push)
        assert refused(lambda: session.pump(lambda: session.acks)) == "BAD_FRAME"
    assert scene.case(phone.number(1)) is None


def forks(phone):
    try:
        with phone.session():
            return False
    except Fork:
        phone.fork()
        return True


def C05_an_old_backup_goes_on_in_a_new_log(scene):
    phone = scene.phone()
    submits(phone, 3)
    phone.submit("纬度不对", ILLEGAL_BUILDING, 91.0, PLACE[1])
    backup = copy.deepcopy(phone)
    phone.submit("备份之后", ILLEGAL_BUILDING, *PLACE)
    with phone.session() as session:
        session.push_all()
    before = scene.cases()
    # The backup knows of no Ack; it records another fifth report and goes on.
    backup.submit("恢复之后", ILLEGAL_BUILDING, *PLACE)
    assert forks(backup), "the same sequence with another link was taken for a repeat"
    with backup.session() as session:
        session.push_all()
    told = [backup.verdicts[seq] for seq in range(1, 6)]
    assert [verdict.verdict for verdict in told] == [wire.CARRIED] * 3 + [wire.REJECTED, wire.ACCEPTED], told
    assert [verdict.case_number for verdict in told[:3]] == [phone.number(seq) for seq in (1, 2, 3)]
    assert scene.cases() == before + 1
    assert scene.case(backup.number(5))["text"] == "恢复之后" and backup.number(5) != phone.number(5)
    with backup.session() as session:
        assert session.welcome.acked_seq == 5


def C05_a_backup_that_is_behind_forks(scene):
    phone = scene.phone()
    submits(phone, 2)
    with phone.session() as session:
        session.push(1, 1)
        session.pump(lambda: session.acks == 1)
    backup = copy.deepcopy(phone)
    with phone.session() as session:
        session.push_all()
    # It knows of its second report, which the server has: no fork is needed.
    assert not forks(copy.deepcopy(backup))
    backup.log.ops = backup.log.ops[:1]
    assert forks(backup), "the server has what the phone has not"
    backup.submit("新的", ILLEGAL_BUILDING, *PLACE)
    with backup.session() as session:
        session.push_all()
    assert [verdict.verdict for verdict in backup.verdicts.values()] == [wire.ACCEPTED]


def C05_a_log_that_goes_on_after_its_fork_suspends_the_device(scene):
    phone = scene.phone()
    submits(phone, 1)
    twin = copy.deepcopy(phone)
    with phone.session() as session:
        session.push_all()
    twin.log.ops = []
    submits(twin, 1, "件,另一部")
    assert forks(twin)
    with twin.session() as session:
        session.push_all()
    said = refused(lambda: push_one(phone))
    assert said == "REVOKED" or phone.verdicts[2].verdict == wire.QUARANTINED, (said, phone.verdicts)
    push_one(twin)
    assert twin.verdicts[twin.acked_seq].verdict == wire.QUARANTINED, twin.verdicts
    rows = scene.server.must("GET", f"/districts/{scene.district}/devices")["items"]
    assert [row["state"] for row in rows if row["device"] == phone.device] == ["suspended"]


def push_one(phone):
    phone.submit("继续", ILLEGAL_BUILDING, *PLACE)
    with phone.session() as session:
        session.push_all()


def C17_of_two_dispatchers_one_wins_and_the_other_is_told(scene):
    phone = scene.phone()
    submits(phone, PAIRS)
    with phone.session() as session:
        session.push_all()
    for seq in range(1, PAIRS + 1):
        number, answers = phone.number(seq), {}
        version, gate = scene.case(number)["version"], threading.Barrier(2)

        def dispatch(who, unit, number=number, version=version, gate=gate, answers=answers):
            gate.wait()
            answers[who] = scene.verb(number, "dispatch", who, unit=unit, version=version)
        threads = [threading.Thread(target=dispatch, args=pair) for pair in (("D001", "U-T1"), ("D002", "U-T2"))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        won = [who for who, answer in answers.items() if answer.status == 200]
        lost = [answer for answer in answers.values() if answer.status != 200]
        assert len(won) == 1 and len(lost) == 1, {who: answer.text for who, answer in answers.items()}
        assert lost[0].status in (409, 412) and lost[0].json["code"] in ("moved_on", "not_now"), lost[0].text
        case = scene.case(number)
        assert case["unit"] == {"D001": "U-T1", "D002": "U-T2"}[won[0]] and case["dispatches"] == 1, case


def D07_a_phone_s_time_far_off_moves_no_deadline(scene):
    for days in (-3652, -30, -1, 1, 30, 3652):
        # The clock of the phone is right at Hello; only what was recorded says otherwise.
        phone = scene.phone()
        wall, mono = clock()
        phone.record(pb.OpHeader(verb=wire.SUBMIT, type=ILLEGAL_BUILDING, captured_ms=wall + days * DAY_MS,
                                 boot_ms=wall + days * DAY_MS - mono), pb.OpContent(text="时间不对"))
        with phone.session() as session:
            session.push_all()
        case = scene.case(phone.number(1))
        received, due = (datetime.datetime.fromisoformat(case[name]).timestamp() * 1000
                         for name in ("received_at", "dispatch_due"))
        assert abs(received - wall) < 60000 and abs(due - received - LIMIT_MS) < 1000, case
        header = pb.OpHeader.FromString(bytes.fromhex(case["history"][0]["raw"]["header"]))
        assert header.captured_ms == wall + days * DAY_MS, "the claim is not kept"


CASES = [value for name, value in list(globals().items()) if name[:1] in "CD" and name[1:3].isdigit()]

if __name__ == "__main__":
    # On two loops a device's connections come to both in turn.
    sys.exit(run([case for case in named(CASES) if len(sys.argv) < 2 or case[0].startswith(sys.argv[1])], loops=2))
