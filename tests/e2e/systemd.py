"""What systemd is to a service, for tests: a notification socket that keeps what it was told, and sockets handed over
by name."""
import os
import select
import socket
import sys
import threading
import time

from harness import until


class Notify:
    """A NOTIFY_SOCKET of our own; every message in order, with the moment it came (monotonic, in seconds)."""

    def __init__(self, folder):
        self.path = str(folder / "notify.sock")
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.path)
        self.messages = []
        self.at_message = None     # called with each message, in the reader's thread
        self.over = False
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()

    def _read(self):
        while not self.over:
            if select.select([self.socket], [], [], 0.1)[0]:
                fields = dict(line.split("=", 1) for line in self.socket.recv(4096).decode().splitlines() if line)
                if self.at_message:
                    self.at_message(fields)
                self.messages.append((time.monotonic(), fields))

    def of(self, name):
        return [(at, fields) for at, fields in list(self.messages) if name in fields]

    def wait(self, name, count=1, patience_s=20):
        return until(lambda: len(self.of(name)) >= count and self.of(name), f"{name} in a notification", patience_s)

    def close(self):
        self.over = True
        self.thread.join(10)
        self.socket.close()


def activation(sockets):
    """sockets: name -> listening socket.  A wrapper (words before the program) that hands them over as systemd
    does, and the descriptors that must stay open for it."""
    fds = [sock.fileno() for sock in sockets.values()]
    for fd in fds:
        os.set_inheritable(fd, True)
    words = ["/usr/bin/python3", __file__, ",".join(map(str, fds)), ":".join(sockets)]
    return words, fds


def hand_over():
    """The wrapper itself: descriptors 3, 4 ..., LISTEN_PID is its own pid, then it becomes the program."""
    fds = [int(text) for text in sys.argv[1].split(",")]
    high = [os.dup2(fd, 100 + n) for n, fd in enumerate(fds)]
    for n, fd in enumerate(high):
        os.dup2(fd, 3 + n)
    os.closerange(3 + len(fds), 200)
    os.environ["LISTEN_PID"] = str(os.getpid())
    os.environ["LISTEN_FDS"] = str(len(fds))
    os.environ["LISTEN_FDNAMES"] = sys.argv[2]
    os.execv(sys.argv[3], sys.argv[3:])


if __name__ == "__main__":
    hand_over()
