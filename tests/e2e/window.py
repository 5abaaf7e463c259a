"""A way to the server that is open for so many bytes at a time: what a handset meets at the edge of a network.

A connection carries its allowance upwards and then stands still, so that a test knows that whatever happens next
happens in the middle of something.  Downwards everything passes.
"""
import contextlib
import selectors
import socket
import threading

PIECE = 16384


class Window:
    """Listens on a port of its own and passes on to the server's; allow(bytes) is for each new connection."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self.listener.getsockname()[1]
        self.server_port = 0
        self.allowance = None          # None: no end
        self.stands_still = threading.Event()
        self.passed_up = 0
        self.thread = threading.Thread(target=self._serve, daemon=True)

    def open(self, server_port, allowance):
        """From now on; connections that stand are left as they are."""
        self.server_port, self.allowance = server_port, allowance
        self.stands_still.clear()

    def _serve(self):
        while True:
            try:
                near = self.listener.accept()[0]
            except OSError:
                return
            threading.Thread(target=self._carry, args=(near,), daemon=True).start()

    def _carry(self, near):
        """One connection, until an end of it is gone."""
        left = self.allowance
        with contextlib.closing(near), contextlib.suppress(OSError):
            with socket.create_connection(("127.0.0.1", self.server_port)) as far, selectors.DefaultSelector() as ready:
                ready.register(near, selectors.EVENT_READ, far)
                ready.register(far, selectors.EVENT_READ, near)
                while True:
                    for key, _ in ready.select():
                        up = key.fileobj is near
                        piece = key.fileobj.recv(PIECE if left is None or not up else min(PIECE, left))
                        if not piece:
                            return
                        key.data.sendall(piece)
                        if not up:
                            continue
                        self.passed_up += len(piece)
                        left = left if left is None else left - len(piece)
                        if left == 0:
                            ready.unregister(near)
                            self.stands_still.set()

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, kind, value, traceback):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.thread.join(20)
        return False
