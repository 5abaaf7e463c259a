"""JPEGs of any size that decode, and a link that can be slowed, counted and cut, for tests of photos."""
import pathlib
import socket
import sys
import threading
import time

sys.path.append(str(pathlib.Path(__file__).resolve().parents[2] / "tools/demo.d"))
from picture import jpeg  # noqa: E402


QUANTIZATION = 8          # where the picture's table of steps is, from its first change of light on


class Album:
    """Photos like no other, nor are their thumbnails: one picture's noise, its coarsest parts stronger or weaker; so many
    files, over and over."""

    def __init__(self, folder, side, files):
        self.path, self.picture, self.files, self.made = folder / "photo.jpg", bytearray(jpeg(side, 1)), files, 0

    def photo(self):
        self.made += 1
        for place in range(4):
            self.picture[QUANTIZATION + place] = 1 + (self.made >> 4 * place) % 16
        path = self.path.with_name(f"photo{self.made % self.files}.jpg")
        path.write_bytes(self.picture)
        return path


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
