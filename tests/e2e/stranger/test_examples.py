#!/usr/bin/python3
"""Every worked example of PROTOCOL.md, computed anew from the page's own words."""
import pathlib
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.dont_write_bytecode = True
sys.path[:0] = [str(HERE), str(HERE.parents[1])]

import tap  # noqa: E402
import wire  # noqa: E402
from wire import pb  # noqa: E402

PAGE = (wire.PROTO / "PROTOCOL.md").read_text()
SAID = {name: bytes.fromhex(value) for name, value in re.findall(r"^    (\w+) = ((?:[0-9a-f]{2})+)$", PAGE, re.M)}
SEEN = set()
DISTRICT, DEVICE, LOG_ID, SALT = "340803", 7, bytes(range(16)), bytes(range(0xf0, 0x100))
HEADER = pb.OpHeader(verb=1, captured_ms=1795000000000, boot_ms=1794995000000, author=17, type=10001)
CONTENT = pb.OpContent(text="路灯不亮", has_place=True, latitude_e7=311234567, longitude_e7=1211234567, datum=2,
                       accuracy_dm=120)


def says(name, value):
    SEEN.add(name)
    assert SAID[name] == value, f"{name}: the page has {SAID[name].hex()}, computed {value.hex()}"


def log_of_one():
    log = wire.Log(DISTRICT, LOG_ID)
    log.append(HEADER.SerializeToString(), CONTENT.SerializeToString(), SALT)
    return log


def a_ping_stands_in_its_frame():
    says("ping_frame", wire.message_frame("ping", pb.Ping(wall_ms=1795000000000, mono_ms=5000000)))


def the_session_message_and_its_signature_hold():
    message = wire.session_message(b"\xee" * 32, DISTRICT, b"\xdd" * 32, DEVICE, LOG_ID)
    says("session_message", message)
    says("pins_message", wire.pins_message(DISTRICT, bytes(range(20))))
    assert wire.verify(SAID["session_public_key"], message, SAID["session_signature"])
    assert not wire.verify(SAID["session_public_key"], message + b"x", SAID["session_signature"])
    SEEN.update(("session_public_key", "session_signature"))


def an_op_is_chained():
    log = log_of_one()
    says("header_1", log.ops[0].header)
    says("content_1", log.ops[0].content)
    says("link_0", log.link(0))
    says("commitment_1", wire.commitment(SALT, log.ops[0].content))
    says("link_1", log.link(1))
    says("op_id_1", wire.op_id(1795000000000, LOG_ID, 1, log.link(1)))


def a_bare_push_stands_in_its_frame():
    log = log_of_one()
    batch = pb.Batch(headers=[log.ops[0].header], contents=[log.ops[0].content]).SerializeToString()
    says("batch_1", batch)
    push = pb.Push(first_seq=1, salts=SALT, batch=pb.Packed(raw_bytes=len(batch), data=batch))
    says("push_frame", wire.message_frame("push", push))
    says("head_message", wire.head_message(DISTRICT, DEVICE, LOG_ID, 1, log.link(1)))


def a_batch_is_packed_with_the_dictionary():
    says("dictionary_sha256", wire.sha256(wire.DICTIONARY))
    op = log_of_one().ops[0]
    raw = pb.Batch(headers=[op.header] * 2, contents=[op.content] * 2).SerializeToString()
    packed = pb.Packed(scheme=1, raw_bytes=len(raw), data=SAID["packed_batch_2"])
    assert wire.unpack(packed) == raw
    # Another deflate may choose other bytes; what counts is that either side reads them.
    assert wire.unpack(wire.pack(raw)) == raw and wire.unpack(wire.pack(raw, allow=False)) == raw
    SEEN.add("packed_batch_2")


def a_case_number_is_shown_with_its_check():
    assert wire.shown_number(wire.case_number(17, 42)) == "17-42-P", wire.shown_number(17 << 32 | 42)


def a_payload_is_read_in_either_case():
    text = "BH1:[2001:DB8::1]:7443:340803:AAAQEAYEAUDAOCAJ:" + "A" * 32 + ":" + "b" * 32
    payload = wire.Payload(text)
    assert (payload.host, payload.port, payload.district) == ("2001:DB8::1", 7443, "340803")
    assert payload.code == bytes([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]) and len(payload.pins) == 2


def no_example_of_the_page_is_left_out():
    assert SAID and SEEN == set(SAID), f"not computed: {sorted(set(SAID) - SEEN)}"


if __name__ == "__main__":
    sys.exit(tap.run([a_ping_stands_in_its_frame, the_session_message_and_its_signature_hold, an_op_is_chained,
                      a_bare_push_stands_in_its_frame, a_batch_is_packed_with_the_dictionary,
                      a_case_number_is_shown_with_its_check, a_payload_is_read_in_either_case,
                      no_example_of_the_page_is_left_out]))
