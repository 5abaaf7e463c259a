#!/usr/bin/python3
"""Texts, places and times that no op may hold, judged one by one, by their rows in the catalogue of faults."""
import pathlib
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from scene import ILLEGAL_BUILDING, PLACE, named, refusal, refused, run, wire  # noqa: E402
from forge import PLACE_WRONG, TEXT, UNREADABLE, content, field, frame_of, header, judge, say  # noqa: E402


def A14_texts_that_are_not_UTF_8_are_rejected_and_bidi_is_kept(scene):
    wrong = [b"\xff", b"\xc0\xaf", b"\xe0\x80\xaf", b"\xed\xa0\x80", b"\xef\xbf\xbe", b"\xef\xbf\xbf", b"\xf4\x90\x80\x80",
             b"\xe4\xb8", b"\x80", b"\xf8\x88\x80\x80\x80"]
    got = judge(scene, [(None, field(1, b"a" + text)) for text in wrong])
    assert all(verdict == wire.REJECTED and code in (UNREADABLE, TEXT) for verdict, code in got), got
    say(f"codes: {sorted(set(got))}")
    phone = scene.phone()
    text = "开\u202e头\u2066\u200fx\u0007\U0001f6b2"
    phone.submit(text, ILLEGAL_BUILDING, *PLACE)
    with phone.session() as session:
        session.push_all()
    assert phone.verdicts[1].verdict == wire.ACCEPTED and scene.case(phone.number(1))["text"] == text


def A15_NUL_huge_fields_and_empty_ids_are_rejected(scene):
    longest = "字" * 1333 + "x"
    got = judge(scene, [(None, content(text="a\0b")), (None, content(text=longest + "y")), (None, content(text="x" * 16000)),
                        (None, content() + field(70, b"x" * 16384)), (lambda phone: (header(phone) + field(70, b"x" * 1536), None)),
                        (lambda phone: (header(phone) + field(11, b""), None)),
                        (lambda phone: (header(phone) + field(11, field(1, b"short")), None)), (None, content(text=longest))])
    assert all(verdict == wire.REJECTED for verdict, _ in got[:-1]), got
    assert got[-1][0] == wire.ACCEPTED, "4,000 bytes are allowed"
    say(f"NUL, 4,001 and 16,000 bytes, content 16 KiB, header over 1,536, empty origin, short origin: {got[:-1]}")
    phone = scene.phone()
    for name in ("log_id", "signature", "acked_link", "head_hash", "forked_from"):
        for size in (0, 1, 15, 33, 1000):
            if size == 0 and name not in ("log_id", "signature"):
                continue
            with phone.link() as link:
                link.send("hello", phone.hello_message(link, **{name: b"x" * size}))
                said = refusal(link)
                assert said in ("BAD_FRAME", "NOT_PROVED"), f"{name} of {size} bytes: {said}"
    with phone.session() as session:
        session.link.send_bytes(frame_of(3, field(9, b"x" * 500000)))
        assert refused(lambda: session.pump(lambda: session.acks)) in ("BAD_FRAME", "BATCH", "TOO_COMPLEX")


def A16_places_and_times_out_of_range_are_rejected_one_by_one(scene):
    ops = {"latitude 91": (None, content(latitude_e7=910000000)), "latitude -90.0000001": (None, content(latitude_e7=-900000001)),
           "longitude 181": (None, content(longitude_e7=1810000000)), "accuracy 101 km": (None, content(accuracy_dm=1010000)),
           "the least int32": (None, content(longitude_e7=-2147483648)),
           "time 0": (lambda phone: (header(phone, captured_ms=0), None)),
           "time before 1970": (lambda phone: (header(phone, captured_ms=-5), None)),
           "the greatest time": (lambda phone: (header(phone, captured_ms=2 ** 63 - 1), None))}
    got = dict(zip(ops, judge(scene, list(ops.values()))))
    assert all(got[name] == (wire.REJECTED, PLACE_WRONG) for name in list(ops)[:5]), got
    # A phone's clock is a claim: what it says is kept, and the desk can still read the case.
    assert all(got[name] == (wire.ACCEPTED, 0) for name in list(ops)[5:]), got
    assert scene.server.must("GET", f"/districts/{scene.district}/cases?limit=500")["count"]
    edges = judge(scene, [(None, content(latitude_e7=900000000, longitude_e7=1800000000, accuracy_dm=1000000)),
                          (None, content(latitude_e7=-900000000, longitude_e7=-1800000000)),
                          (None, content(latitude_e7=0, longitude_e7=0))])
    assert all(verdict == wire.ACCEPTED for verdict, _ in edges), edges


def A16_a_place_must_state_its_datum(scene):
    got = judge(scene, [(None, content(datum=datum)) for datum in (0, 1, 2, 3)])
    assert got == [(wire.REJECTED, PLACE_WRONG)] + [(wire.ACCEPTED, 0)] * 3, f"datums 0 to 3: {got}"


def A17_one_bad_op_among_500_is_rejected_alone(scene):
    phone = scene.phone()
    for number in range(1, 501):
        phone.submit(f"第{number}件", ILLEGAL_BUILDING, 91.0 if number == 250 else PLACE[0], PLACE[1])
    with phone.session() as session:
        session.push(1, 500)
        session.pump(lambda: session.acks == 1)
        told = session.last_ack
    assert told.seq == 500 and [(v.seq, v.verdict, v.code) for v in told.verdicts] == [(250, wire.REJECTED, PLACE_WRONG)]
    assert told.verdicts[0].sentence and told.verdicts[0].correctable, told.verdicts[0]
    assert scene.case(phone.number(500)) and scene.case(phone.number(250)) is None
    say(f"the worker reads: {told.verdicts[0].sentence}")


def A17_a_batch_over_the_limit_is_told(scene):
    phone = scene.phone()
    for number in range(501):
        phone.submit(f"{number}", ILLEGAL_BUILDING, *PLACE)
    with phone.session() as session:
        assert refused(lambda: (session.push(1, 501), session.pump(lambda: session.acks))) == "BATCH"
        session.pushed = session.waiting = 0
        session.push_all()
    assert phone.acked_seq == 501


CASES = [value for name, value in list(globals().items()) if name[0] == "A" and name[1:3].isdigit()]

if __name__ == "__main__":
    sys.exit(run([case for case in named(CASES) if len(sys.argv) < 2 or case[0].startswith(sys.argv[1])]))
