"""A JPEG of any size that decodes: what the demo's handlers show."""
import random


def segment(marker, body):
    return bytes([0xff, marker]) + (len(body) + 2).to_bytes(2, "big") + body


def jpeg(side, seed):
    """A grey picture of noise, side by side pixels; about 1.5 bytes a pixel.

    One code for "no change of the mean", one for "eight bits of the next coefficient": whatever the bits are, they
    are a picture.
    """
    rng = random.Random(seed)
    words = [f"00{n:08b}" for n in range(256)]
    blocks = ((side + 7) // 8) ** 2
    bits = "".join("0" + "".join([words[b] for b in rng.randbytes(63)]) for _ in range(blocks))
    bits += "1" * (-len(bits) % 8)
    scan = int(bits, 2).to_bytes(len(bits) // 8, "big").replace(b"\xff", b"\xff\x00")
    size = side.to_bytes(2, "big") * 2
    return (b"\xff\xd8" + segment(0xdb, b"\0" + b"\1" * 64) + segment(0xc0, b"\x08" + size + b"\1\1\x11\0")
            + segment(0xc4, b"\0" + bytes([1] + [0] * 15) + b"\0")
            + segment(0xc4, b"\x10" + bytes([0, 2] + [0] * 14) + b"\x08\0")
            + segment(0xda, b"\1\1\0\0\x3f\0") + scan + b"\xff\xd9")


def write(path, side, seed):
    path.write_bytes(jpeg(side, seed))
    return path
