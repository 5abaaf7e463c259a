"""JPEGs of any size that decode, and a link that can be slowed, counted and cut, for tests of photos."""
import random
import socket
import threading
import time


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


class Link:
    """Carries one server's connections; counts what goes up, at most so many bytes a second."""

    def __init__(self, port, bytes_per_s):
        self.target = port
        self.bytes_per_s = bytes_per_s
        self.up = 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                near, _ = self.listener.accept()
            except OSError:
                return
            try:
                far = socket.create_connection(("127.0.0.1", self.target), 5)
            except OSError:
                near.close()
                continue
            # Small buffers: what was counted has arrived, but for a moment's bytes.
            near.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16384)
            for source, sink, counts in ((near, far, True), (far, near, False)):
                threading.Thread(target=self._carry, args=(source, sink, counts), daemon=True).start()

    def _carry(self, source, sink, counts):
        try:
            while True:
                data = source.recv(16384)
                if not data:
                    break
                if counts:
                    self.up += len(data)
                    time.sleep(len(data) / self.bytes_per_s)
                sink.sendall(data)
        except OSError:
            pass
        for end in (source, sink):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def close(self):
        self.listener.close()
