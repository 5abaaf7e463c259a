"""Messages that no honest client would write, byte by byte."""
import os

from scene import ILLEGAL_BUILDING, pb, wire

# Reasons of verdicts: section 18 of PROTOCOL.md.
UNREADABLE, TOO_LARGE, TEXT, PLACE_WRONG = 1, 2, 3, 4


def say(text):
    print("# " + text, flush=True)


def frame_of(number, value):
    """A ClientFrame with one length-delimited field, whatever its number."""
    return wire.frame(field(number, value))


def varint(value):
    out = b""
    while value > 127:
        out += bytes([value & 127 | 128])
        value >>= 7
    return out + bytes([value])


def field(number, value):
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    return varint(number << 3 | 2) + varint(len(value)) + value


def header(phone, **fields):
    wall, mono = phone.now()
    return pb.OpHeader(**{"verb": wire.SUBMIT, "captured_ms": wall, "boot_ms": wall - mono, "boot": phone.boot, "author": phone.person,
                          "type": ILLEGAL_BUILDING, **fields}).SerializeToString()


def content(**fields):
    return pb.OpContent(**{"text": "好", "has_place": True, "latitude_e7": 310064380, "longitude_e7": 1169725080, "datum": 1,
                           **fields}).SerializeToString()


def judge(scene, ops):
    """Pushes raw (header, content) pairs between two good ones; gives (verdict, code) of each."""
    phone = scene.phone()
    pairs = [pair(phone) if callable(pair) else pair for pair in ops]
    for head, body in [(header(phone), content())] + pairs + [(header(phone), content())]:
        phone.log.append(head or header(phone), body if body is not None else content(), os.urandom(16))
    with phone.session() as session:
        session.push_all()
        session.ping()
    around = [phone.verdicts[seq] for seq in (1, len(ops) + 2)]
    assert [verdict.verdict for verdict in around] == [wire.ACCEPTED] * 2, f"neighbours: {phone.verdicts}"
    return [(phone.verdicts[seq].verdict, phone.verdicts[seq].code) for seq in range(2, len(ops) + 2)]
