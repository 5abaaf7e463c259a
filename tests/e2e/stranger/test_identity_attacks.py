#!/usr/bin/python3
"""Faults and attacks on the link and on who is who, by their rows in the catalogue of faults."""
import copy
import os
import pathlib
import socket
import struct
import subprocess
import sys
import threading

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from scene import (ILLEGAL_BUILDING, PLACE, Phone, clock, harness, is_closed, named, pb, refusal,  # noqa: E402
                   refused, run, wire)

NO_RIGHT, NOT_NOW, AUTHOR, UNSUPPORTED = 7, 8, 14, 15
TEN_YEARS_MS = 3652 * 86400000
WRONG_CODES = 200    # of 30 a minute on each of the server's loops
SLACK_MS = 5000


def say(text):
    print("# " + text, flush=True)


def end_abruptly(link, reset):
    """FIN without close_notify, or RST."""
    if reset:
        link.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        link.socket.close()
    else:
        link.socket.shutdown(socket.SHUT_WR)


def B01_an_end_inside_a_frame_loses_the_frame_alone(scene):
    for reset in (False, True):
        phone = scene.phone()
        phone.submit("一", ILLEGAL_BUILDING, *PLACE)
        phone.submit("二", ILLEGAL_BUILDING, *PLACE)
        with phone.session() as session:
            session.push(1, 1)
            session.pump(lambda: session.acks == 1)
            whole = wire.message_frame("push", session.push_message(2, 2))
            session.link.send_bytes(whole[:-5])
            end_abruptly(session.link, reset)
            if not reset:
                assert is_closed(session.link)
        harness.until(lambda: scene.connections() == 0, "the connection goes")
        with phone.session() as session:
            assert session.welcome.acked_seq == 1, f"reset {reset}: {session.welcome.acked_seq}"


def B01_an_end_between_frames_is_an_end(scene):
    for reset in (False, True):
        phone = scene.phone()
        phone.submit("一", ILLEGAL_BUILDING, *PLACE)
        with phone.session() as session:
            session.push(1, 1)
            session.pump(lambda: session.acks == 1)
            end_abruptly(session.link, reset)
            if not reset:
                assert is_closed(session.link)
        harness.until(lambda: scene.connections() == 0, "the connection goes")
        with phone.session() as session:
            assert session.welcome.acked_seq == 1


def s_client(scene, *arguments):
    """The cipher that openssl s_client agrees on, or None."""
    done = subprocess.run(["openssl", "s_client", "-connect", f"127.0.0.1:{scene.server.port}", *arguments], input=b"",
                          capture_output=True, timeout=30, check=False)
    text = done.stdout.decode(errors="replace")
    return None if "Cipher is (NONE)" in text or "Cipher is" not in text else text.split("Cipher is ")[1].split()[0]


def B02_only_TLS_1_3_with_the_district_s_name_is_spoken(scene):
    name, alpn = ["-servername", scene.district], ["-alpn", "bihuan/1"]
    assert s_client(scene, "-tls1_3", *name, *alpn), "TLS 1.3 was refused"
    for version in ("-tls1", "-tls1_1", "-tls1_2"):
        for suites in ("ALL:COMPLEMENTOFALL:@SECLEVEL=0", "eNULL:@SECLEVEL=0", "aNULL:@SECLEVEL=0", "DEFAULT"):
            assert s_client(scene, version, "-cipher", suites, *name, *alpn) is None, f"{version} {suites}"
    assert s_client(scene, "-tls1_3", *alpn, "-servername", "990102") is None, "another district's name"
    assert s_client(scene, "-tls1_3", *alpn, "-noservername") is None, "no name"
    assert s_client(scene, "-tls1_3", "-alpn", "h2", *name) is None, "another protocol"


def B03_a_session_that_is_not_proved_is_refused(scene):
    phone, other = scene.phone(), scene.phone("G002")
    revoked = scene.phone("G003")
    scene.revoke(revoked.device)
    with other.link() as elsewhere:
        variants = {
            "a wrong key": {"key": wire.new_key()},
            "another connection's exporter": {"exporter": elsewhere.exporter},
            "another server's key": {"server_key_hash": os.urandom(32)},
            "another district": {"district": "990102"},
            "another device, signed": {"device": other.device, "signed_device": other.device},
            "another device, not signed": {"device": other.device},
            "a device that is not there": {"device": 999, "signed_device": 999},
            "device 0": {"device": 0, "signed_device": 0},
            "another log, not signed": {"log_id": os.urandom(16)},
            "another device's log": {"log_id": other.log.log_id, "signed_log": other.log.log_id},
            "garbage": {"signature": os.urandom(64)},
            "zeros": {"signature": bytes(64)},
            "r and s at the order": {"signature": bytes.fromhex(
                "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551" * 2)},
            "missing": {"signature": b""},
            "DER": {"signature": b"\x30\x44" + os.urandom(68)},
        }
        said = {}
        for name, changed in variants.items():
            with phone.link() as link:
                link.send("hello", phone.hello_message(link, **changed))
                said[name] = refusal(link)
                assert said[name] in ("NOT_PROVED", "BAD_FRAME"), f"{name}: {said[name]}"
                assert is_closed(link)
    proved = [name for name, word in said.items() if word != "NOT_PROVED"]
    assert set(proved) <= {"missing", "DER", "device 0"}, said
    with revoked.link() as link:
        link.send("hello", revoked.hello_message(link))
        welcome = link.receive().welcome
        assert welcome.draining and not welcome.scopes, welcome
    with revoked.link() as link:
        link.send("hello", revoked.hello_message(link, key=wire.new_key()))
        assert refusal(link) == "NOT_PROVED", "a stranger learns of a revocation"


def B03_nothing_is_possible_before_Hello(scene):
    phone = scene.phone()
    phone.submit("未登记", ILLEGAL_BUILDING, *PLACE)
    with phone.session() as session:
        push = session.push_message(1, 1)
    for kind, message in (("push", push), ("applied", pb.Applied()), ("ping", pb.Ping(wall_ms=1)),
                          ("pong", pb.Ping()), ("bye", pb.Bye(unsent_ops=1))):
        with phone.link() as link:
            link.send(kind, message)
            said = refusal(link)
            assert said == "ORDER", f"{kind} before Hello: {said}"
            assert is_closed(link)
    assert scene.case(phone.number(1)) is None
    with phone.session() as session:
        session.link.send("hello", phone.hello_message(session.link))
        assert refusal(session.link) == "ORDER", "a second Hello"


def B06_a_revocation_takes_no_half_of_a_batch(scene):
    phone = scene.phone("G004")
    for number in range(2000):
        phone.submit(f"第{number}件", ILLEGAL_BUILDING, *PLACE)
    with phone.session() as session:
        for first in range(1, 2000, 500):
            session.push(first, first + 499)
        asked = threading.Thread(target=scene.revoke, args=(phone.device,))
        asked.start()
        said = refused(lambda: session.pump(lambda: False))
        asked.join()
        # With pushes on their way the word may get lost; it is said again to every later Hello.
        assert said in ("REVOKED", "closed", "reset"), said
        assert is_closed(session.link)
        say(f"the session ended with {said}")
    there = [scene.case(phone.number(seq)) is not None for seq in range(1, 2001)]
    for first in range(0, 2000, 500):
        assert len(set(there[first:first + 500])) == 1, f"half of the batch from {first + 1} was taken"
    # What came after the revocation is kept for an administrator; it makes no case.
    for seq, verdict in phone.verdicts.items():
        wanted = wire.ACCEPTED if there[seq - 1] else wire.QUARANTINED
        assert verdict.verdict == wanted, f"op {seq}: {verdict}, and it is {there[seq - 1]} that it has a case"
    say(f"{sum(there)} ops made cases, {phone.acked_seq} were acknowledged")
    rows = scene.server.must("GET", f"/districts/{scene.district}/devices")["items"]
    assert [row["state"] for row in rows if row["device"] == phone.device] == ["revoked"]
    with phone.link() as link:
        link.send("hello", phone.hello_message(link))
        assert link.receive().welcome.draining


def B06_a_revoked_session_gets_nothing_more(scene):
    phone = scene.phone("G005")
    phone.submit("撤销前", ILLEGAL_BUILDING, *PLACE)
    with phone.session() as session:
        session.push_all()
        scene.revoke(phone.device)
        scene.must_verb(phone.number(1), "dispatch", "D001")
        assert refused(lambda: session.pump(lambda: False)) == "REVOKED"
    assert not phone.records, "a record came after the revocation"


def B07_forged_names_inside_messages_are_rejected(scene):
    phone, other = scene.phone(), scene.phone("G002")
    other.submit("别人的", ILLEGAL_BUILDING, *PLACE)
    with other.session() as session:
        session.push_all()
    number = other.number(1)
    scene.must_verb(number, "dispatch", "D001")
    case = scene.case(number)
    acts = [pb.OpHeader(verb=wire.SUBMIT, type=ILLEGAL_BUILDING, author=other.person),
            pb.OpHeader(verb=wire.SUBMIT, type=ILLEGAL_BUILDING, author=9999),
            pb.OpHeader(verb=wire.SIGN, case_number=number, cycle=1, base_position=case["version"]),
            pb.OpHeader(verb=9, case_number=number, cycle=1, base_position=case["version"]),
            pb.OpHeader(verb=64, case_number=number, cycle=1), pb.OpHeader(verb=61),
            pb.OpHeader(verb=wire.SIGN, case_number=1 << 40, cycle=1, base_position=1),
            pb.OpHeader(verb=wire.DELIVERED, case_number=number, cycle=1)]
    for header in acts:
        phone.record(header, pb.OpContent(text="伪造"))
    with phone.session() as session:
        session.push_all()
    got = [(phone.verdicts[seq].verdict, phone.verdicts[seq].code) for seq in range(1, len(acts) + 1)]
    say(f"(verdict, code): {got}")
    assert all(verdict in (wire.REJECTED, wire.QUARANTINED) for verdict, _ in got), got
    assert got[0] == got[1] == (wire.REJECTED, AUTHOR), got
    assert scene.case(number)["state"] == "dispatched" and scene.case(number)["version"] == case["version"]


def B07_an_origin_that_was_guessed_names_nothing(scene):
    victim, thief = scene.phone(), scene.phone("G002")
    victim.submit("原件", ILLEGAL_BUILDING, *PLACE)
    with victim.session() as session:
        session.push_all()
    for log_id, seq in ((victim.log.log_id, 1), (victim.log.log_id, 7), (thief.log.log_id, 1), (os.urandom(16), 1)):
        thief.record(pb.OpHeader(verb=wire.SUBMIT, type=ILLEGAL_BUILDING), pb.OpContent(text="冒领"),
                     pb.Origin(log_id=log_id, seq=seq, link=os.urandom(32)))
    with thief.session() as session:
        session.push_all()
    got = [(thief.verdicts[seq].verdict, thief.verdicts[seq].case_number) for seq in range(1, 5)]
    assert all(verdict != wire.CARRIED and number != victim.number(1) for verdict, number in got), got


def B07_a_post_of_somebody_else_gives_no_right(scene):
    phone, other, unit = scene.phone(), scene.phone("G002"), scene.phone("L-T1")
    other.submit("别人的", ILLEGAL_BUILDING, *PLACE)
    with other.session() as session:
        session.push_all()
    number = other.number(1)
    scene.must_verb(number, "dispatch", "D001")
    version = scene.case(number)["version"]
    for post in [post.id for post in unit.district.posts] + [0, 9999]:
        phone.record(pb.OpHeader(verb=wire.SIGN, case_number=number, cycle=1, base_position=version, post=post),
                     pb.OpContent())
    with phone.session() as session:
        session.push_all()
    assert all(verdict.verdict == wire.REJECTED for verdict in phone.verdicts.values()), phone.verdicts
    assert scene.case(number)["state"] == "dispatched"


def B09_a_code_works_once(scene):
    first = scene.phone()
    for name, phone in {"another key": Phone(first.payload), "the same key, another log": Phone(first.payload, first.key),
                        "another key, the same log": Phone(first.payload, None, first.log.log_id)}.items():
        said = refused(phone.enrol)
        assert said == "CODE", f"{name}: {said}"
    payload = copy.copy(scene.phone(enrol=False).payload)
    payload.code = payload.code[:-1] + bytes([payload.code[-1] ^ 1])
    assert refused(Phone(payload).enrol) == "CODE"
    with first.link() as link:
        enrol = Phone(scene.server.code_for("G001")).enrol_message(link)
        enrol.signature = os.urandom(64)
        link.send("enrol", enrol)
        assert refusal(link) in ("NOT_PROVED", "CODE")


def B14_a_phone_s_clock_ten_years_off_works(scene):
    for off in (-TEN_YEARS_MS, TEN_YEARS_MS):
        phone = scene.phone(now=lambda off=off: (clock()[0] + off, clock()[1]))
        phone.submit("钟不准", ILLEGAL_BUILDING, *PLACE)
        before = clock()[0]
        with phone.session() as session:
            assert abs(session.welcome.server_ms - before) < SLACK_MS, "the server's clock is not told"
            session.push_all()
        assert phone.verdicts[1].verdict == wire.ACCEPTED
        raw = scene.case(phone.number(1))["history"][0]["raw"]["header"]
        claimed = pb.OpHeader.FromString(bytes.fromhex(raw)).captured_ms
        assert abs(claimed - before - off) < SLACK_MS, "what the phone said is not kept"


def B09_a_code_expires(scene):
    late = scene.phone(enrol=False)
    # The wall clock alone goes on by eight days; an administrator has to say that this is right.
    with scene.clock_of_server("+8d", monotonic=False):
        scene.server.must("POST", f"/districts/{scene.district}/clock/confirm")
        assert refused(late.enrol) == "CODE"
        assert refused(scene.phone(enrol=False).enrol) == "taken"
    scene.server.must("POST", f"/districts/{scene.district}/clock/confirm")


def B09_guessing_is_slowed_down_and_does_not_flood_the_log(scene):
    phone = scene.phone(enrol=False)
    said, waits, lines = {}, [], scene.server.log().count("\n")
    for _ in range(WRONG_CODES):
        payload = copy.copy(phone.payload)
        payload.code = os.urandom(10)
        with Phone(payload).link() as link:
            link.send("enrol", Phone(payload).enrol_message(link))
            answer = link.receive().refusal
            said[wire.REFUSALS[answer.code]] = said.get(wire.REFUSALS[answer.code], 0) + 1
            waits.append(answer.retry_after_ms)
    say(f"answers: {said}, wait {max(waits)} ms")
    assert said["CODE"] <= WRONG_CODES // 2 and said.get("BUSY", 0) >= WRONG_CODES // 2 and waits[-1] > 0, said
    written = scene.server.log().count("\n") - lines
    assert "too many enrolments" in scene.server.log(), "nobody is told"
    assert written < said["CODE"] + 20, f"{written} lines for {WRONG_CODES} wrong codes"


CASES = [value for name, value in list(globals().items()) if name[0] == "B" and name[1:3].isdigit()]

if __name__ == "__main__":
    sys.exit(run([case for case in named(CASES) if len(sys.argv) < 2 or case[0].startswith(sys.argv[1])]))
