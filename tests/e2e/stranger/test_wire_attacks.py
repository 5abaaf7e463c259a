#!/usr/bin/python3
"""Faults and attacks on the wire and in the codec, by their rows in the catalogue of faults."""
import pathlib
import random
import socket
import struct
import sys
import time
import zlib

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from scene import (ILLEGAL_BUILDING, PLACE, Refused, harness, is_closed, named, pb, refusal,  # noqa: E402
                   refused, run, wire)
from forge import PLACE_WRONG, content, field, frame_of, header, judge, say  # noqa: E402

SOCKETS = 300
FRAMES = 200
HASTE = 20      # how much faster the server's clocks go where its deadlines are waited for


def A01_random_bytes_instead_of_TLS_end_the_connection(scene):
    chance = random.Random(1)
    with scene.unharmed(faults=SOCKETS // 10):
        for _ in range(SOCKETS // 30):
            batch = [socket.create_connection(("127.0.0.1", scene.server.port), timeout=20) for _ in range(30)]
            for plain in batch:
                # Never what looks like the head of a handshake: that one waits for the deadline of a handshake.
                plain.sendall(b"\x99\x98\x97" + chance.randbytes(chance.randrange(20, 2000)))
            for plain in batch:
                try:
                    while plain.recv(4096):
                        pass
                except ConnectionResetError:
                    pass
                plain.close()


def A02_a_frame_of_garbage_is_BAD_FRAME(scene):
    phone = scene.phone()
    hello = None
    with phone.link() as link:
        hello = phone.hello_message(link).SerializeToString()
    bodies = [b"\xff" * 20, b"\x08\x01", b"\x0a\x7f\x01", field(1, hello[:-3] + b"\xff"), field(1, hello) * 2,
              field(1, hello) + field(5, b""), b"\x0b\x0c", b"\x00\x00"]
    for number, body in enumerate(bodies):
        with phone.link() as link:
            link.send_bytes(wire.frame(body))
            said = refusal(link)
            assert said == "BAD_FRAME", f"body {number}, {body[:12].hex()}...: {said}"
            assert is_closed(link)
    with phone.link() as link:
        link.send_bytes(struct.pack(">IB", 3, 1) + b"\x2a\x00")
        assert refusal(link) == "BAD_FRAME" and is_closed(link), "the flag 1 was taken"


def A02_random_frames_never_hang_or_harm_the_server(scene):
    chance = random.Random(2)
    said = {}
    with scene.unharmed(faults=FRAMES):
        phone = scene.phone()
        for number in range(FRAMES):
            with phone.link() as link:
                body = chance.randbytes(chance.randrange(1, 400))
                if number % 2:     # a true Hello with some bits turned
                    body = bytearray(field(1, phone.hello_message(link).SerializeToString()))
                    body[chance.randrange(len(body))] ^= 1 << chance.randrange(8)
                # A frame of an unknown kind is skipped: the ping after it is out of order in any case.
                link.send_bytes(wire.frame(bytes(body)) + wire.message_frame("applied", pb.Applied()))
                try:
                    answer = refusal_or_welcome(link)
                except TimeoutError:
                    raise AssertionError(f"frame {number}, {bytes(body).hex()}: no answer") from None
                said[answer] = said.get(answer, 0) + 1
        say(f"answers: {said}")
        assert not set(said) & {"closed", "STORAGE", "BUSY"}, said


def refusal_or_welcome(link):
    answer = link.receive()
    if answer.HasField("refusal"):
        return Refused(answer.refusal).word
    return answer.WhichOneof("kind")


def A03_a_false_length_is_refused_from_the_head_alone(scene):
    phone = scene.phone()
    with scene.unharmed(faults=20):
        for length in (0xFFFFFFFF, 0x80000000, 0x7FFFFFFF, 16385, wire.FRAME_MAX, wire.FRAME_MAX + 1):
            with phone.link() as link:
                link.send_bytes(struct.pack(">I", length))
                said = refusal(link)
                assert said == "TOO_LARGE", f"{length} before Hello: {said}"
                assert is_closed(link)
        for length in (0, 1):
            with phone.link() as link:
                link.send_bytes(struct.pack(">IB", length, 0))
                said = refusal(link)
                assert said in ("BAD_FRAME", "TOO_LARGE"), f"{length}: {said}"
                say(f"a length of {length}: {said}")
        for length in (0xFFFFFFFF, wire.FRAME_MAX + 1):
            with phone.session() as session:
                session.link.send_bytes(struct.pack(">I", length))
                assert refusal(session.link) == "TOO_LARGE" and is_closed(session.link)


def A03_the_greatest_length_is_taken(scene):
    phone = scene.phone()
    with phone.link() as link:
        link.send_bytes(frame_of(99, b"x" * (16383 - 4 - 1)))
        link.send("hello", phone.hello_message(link))
        assert refusal_or_welcome(link) == "welcome"
    with phone.session() as session:
        body = field(99, b"x" * (wire.FRAME_MAX - 1 - 5))
        assert len(body) == wire.FRAME_MAX - 1, len(body)
        session.link.send_bytes(wire.frame(body))
        session.ping()


def A04_a_frame_begun_has_no_effect_and_ends_with_the_connection(scene):
    phone = scene.phone()
    phone.submit("半截", ILLEGAL_BUILDING, *PLACE)
    with phone.session() as session:
        whole = wire.message_frame("push", session.push_message(1, 1))
        session.link.send_bytes(whole[:-1])
        # Another connection of the worker is served meanwhile.
        with scene.phone().session() as other:
            other.ping()
        try:
            session.take(0.5)
            raise AssertionError("half a frame was answered")
        except TimeoutError:
            pass
        assert scene.case(phone.number(1)) is None
    harness.until(lambda: scene.connections() == 0, "the connection goes")
    with phone.session() as session:
        assert session.welcome.acked_seq == 0, "half a frame was stored"
        session.push_all()
    assert phone.verdicts[1].verdict == wire.ACCEPTED


def A04_deadlines_end_who_does_not_go_on(scene):
    phone = scene.phone()
    phone.submit("半截", ILLEGAL_BUILDING, *PLACE)
    with scene.clock_of_server(f"+0 x{HASTE}", monotonic=True):
        with phone.link() as link:
            ends_after(link, 10, "no Hello")
        with phone.session() as session:
            session.link.send_bytes(wire.message_frame("push", session.push_message(1, 1))[:-1])
            ends_after(session.link, 30, "half a frame")
        with phone.session() as session:
            began = time.monotonic()
            session.pump(lambda: session.pinged)
            assert 40 < (time.monotonic() - began) * HASTE < 80, "the server's Ping comes after 45 s"
        with phone.session() as session:
            ends_after(session.link, 90, "silence")
    with phone.session() as session:
        assert session.welcome.acked_seq == 0, "half a frame was stored"
        session.push_all()


def ends_after(link, seconds, what):
    """The server ends the link so many of its hastened seconds after now, not sooner, and soon."""
    began = time.monotonic()
    is_closed(link)
    took = (time.monotonic() - began) * HASTE
    assert seconds * 0.9 < took < seconds + 60, f"{what}: ended after {took:.1f} s, not {seconds}"


def A06_one_byte_at_a_time_or_all_at_once_is_the_same(scene):
    told = []
    for glued in (False, True):
        phone = scene.phone()
        phone.submit("逐字节", ILLEGAL_BUILDING, *PLACE)
        phone.submit("纬度不对", ILLEGAL_BUILDING, 91.0, PLACE[1])
        with phone.link() as link:
            frames = wire.message_frame("hello", phone.hello_message(link))
            push = pb.Push(first_seq=1, salts=b"".join(op.salt for op in phone.log.ops), batch=wire.pack(
                pb.Batch(headers=[op.header for op in phone.log.ops],
                         contents=[op.content for op in phone.log.ops]).SerializeToString()))
            push.head_signature = wire.sign(phone.key, wire.head_message(
                phone.payload.district, phone.device, phone.log.log_id, 2, phone.log.link(2)))
            frames += wire.message_frame("push", push) + wire.message_frame("ping", pb.Ping(wall_ms=1, mono_ms=1))
            for piece in [frames] if glued else [frames[at:at + 1] for at in range(len(frames))]:
                link.send_bytes(piece)
            kinds, ack = [], None
            while "ack" not in kinds or "pong" not in kinds:
                answer = link.receive()
                kinds.append(answer.WhichOneof("kind"))
                ack = answer.ack if answer.HasField("ack") else ack
        assert ack.seq == 2 and ack.link_check == phone.log.link(2)[:8]
        told.append([(verdict.seq, verdict.verdict, verdict.code) for verdict in ack.verdicts])
        assert kinds[0] == "welcome"
    assert told[0] == told[1] == [(2, wire.REJECTED, PLACE_WRONG)], told


def A08_a_version_that_is_not_spoken_is_refused_with_the_range(scene):
    phone = scene.phone()
    for least, most in ((2, 2), (2, 4000000000), (0, 0)):
        with phone.link() as link:
            link.send("hello", phone.hello_message(link, version_min=least, version_max=most))
            answer = link.receive()
            assert answer.HasField("refusal"), f"{least} to {most}: {answer.WhichOneof('kind')}"
            said = Refused(answer.refusal)
            assert said.word == "VERSION", f"{least} to {most}: {said}"
            assert (said.refusal.version_min, said.refusal.version_max) == (1, 1), said.refusal
            assert is_closed(link)
    with phone.link() as link:
        link.send("hello", phone.hello_message(link, version_min=1, version_max=9))
        assert link.receive().welcome.version == 1
    new = scene.phone(enrol=False)
    with new.link() as link:
        link.send("enrol", new.enrol_message(link, version_min=2, version_max=2))
        assert refusal(link) == "VERSION"
    new.enrol()


def A09_unknown_fields_and_values_are_skipped_or_judged_alone(scene):
    phone = scene.phone()
    with phone.link() as link:
        hello = phone.hello_message(link).SerializeToString() + field(77, 5) + field(78, b"new")
        link.send_bytes(frame_of(1, hello) + frame_of(40, b"a kind of tomorrow"))
        assert refusal_or_welcome(link) == "welcome"
    ops = [(lambda phone: (header(phone) + field(50, 1) + field(51, b"new"), None)),
           (lambda phone: (header(phone, type=99999, condition=77), None)),
           (lambda phone: (header(phone, verb=99), None)),
           (lambda phone: (header(phone, urgency=9), None)),
           (None, content(datum=9)),
           (None, content() + field(60, b"x"))]
    got = judge(scene, ops)
    assert got[0][0] == got[1][0] == got[5][0] == wire.ACCEPTED, got
    assert all(verdict == wire.REJECTED for verdict, _ in got[2:5]), got
    say(f"verb 99, urgency 9, datum 9: {got[2:5]}")
    with phone.link() as link:
        hello = phone.hello_message(link).SerializeToString() + field(77, 1) * 257
        link.send_bytes(frame_of(1, hello))
        said = refusal(link)
        assert said in ("TOO_COMPLEX", "BAD_FRAME"), said
        say(f"257 unknown fields: {said}")


def squeeze(raw):
    """Deflate without the dictionary."""
    packer = zlib.compressobj(9, wbits=-15)
    return packer.compress(raw) + packer.flush()


def A10_messages_that_would_swell_are_TOO_COMPLEX(scene):
    phone = scene.phone()
    swelling = {"empty cursors": field(4, field(1, b"") * 200000), "unknown fields": field(4, field(9, 0) * 200000),
                "pings in a frame": field(5, b"") * 200000, "headers of nothing": None, "unknown groups": b"\x4b\x4c" * 200000}
    raw = field(1, b"") * 1000000
    swelling["headers of nothing"] = field(3, pb.Push(first_seq=1, batch=pb.Packed(
        scheme=1, raw_bytes=len(raw), data=squeeze(raw))).SerializeToString())
    before = scene.rss_kb()
    for name, body in swelling.items():
        with phone.session() as session:
            session.link.send_bytes(wire.frame(body))
            said = refusal(session.link)
            say(f"{name}, {len(body)} bytes: {said}")
            assert said in ("TOO_COMPLEX", "BAD_FRAME", "TOO_LARGE", "UNPACK", "BATCH"), f"{name}: {said}"
    scene.grew_little(before)


def A12_a_stream_that_lies_is_refused_before_it_unpacks(scene):
    phone = scene.phone()
    phone.submit("好的", ILLEGAL_BUILDING, *PLACE)
    with phone.session() as session:
        good = session.push_message(1, 1)
    raw = wire.unpack(good.batch)
    data = wire.deflate(raw)
    bomb = squeeze(b"\0" * (256 << 20))
    lies = {"a bomb that says so": (1, 256 << 20, bomb), "a bomb that says little": (1, 1000, bomb),
            "the ratio": (1, 200000, squeeze(b"\0" * 200000)), "truncated": (1, len(raw), data[:-6]),
            "a zlib header": (1, len(raw), zlib.compress(raw)), "bytes behind": (1, len(raw), data + b"x"),
            "a size too small": (1, len(raw) - 1, data), "a size too large": (1, len(raw) + 1, data),
            "past the dictionary": (1, len(raw), wire.deflate(raw, raw + bytes(30000))),
            "no stream": (1, len(raw), b"abcdefgh"), "a bare size": (0, len(raw) + 1, raw), "scheme 2": (2, len(raw), raw),
            "nested": (1, len(data), squeeze(data))}
    before = scene.rss_kb()
    for name, (scheme, size, stream) in lies.items():
        with phone.session() as session:
            push = pb.Push()
            push.CopyFrom(good)
            push.batch.CopyFrom(pb.Packed(scheme=scheme, raw_bytes=size, data=stream))
            session.link.send("push", push)
            said = refused(lambda: session.pump(lambda: session.acks))
            say(f"{name}: {said}")
            wanted = {"nested": "BAD_FRAME", "a bomb that says so": "BATCH"}.get(name, "UNPACK")
            assert said == wanted, f"{name}: {said}"
    scene.grew_little(before)
    with phone.session() as session:
        session.push_all()


CASES = [value for name, value in list(globals().items()) if name[0] == "A" and name[1:3].isdigit()]

if __name__ == "__main__":
    sys.exit(run([case for case in named(CASES) if len(sys.argv) < 2 or case[0].startswith(sys.argv[1])]))
