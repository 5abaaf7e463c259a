"""What attacks from outside a session share: crowds of connections, raw bytes, a small disk."""
import contextlib
import os
import pathlib
import socket
import subprocess
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "stranger"))

from scene import ILLEGAL_BUILDING, PLACE, tap  # noqa: E402

SMALL_DISK_KB = 48 * 1024      # the ballast, as much again, and what a test writes


def submits(phone, count, text="件"):
    for number in range(1, count + 1):
        phone.submit(f"第{number}{text}", ILLEGAL_BUILDING, *PLACE)


def pushed(phone):
    with phone.session() as session:
        session.push_all()


def raw(path_or_port, data, patience_s=20):
    """Sends bytes as they are to the administration socket or to a port; gives all that comes back."""
    if isinstance(path_or_port, int):
        peer = socket.create_connection(("127.0.0.1", path_or_port), timeout=patience_s)
    else:
        peer = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        peer.settimeout(patience_s)
        peer.connect(path_or_port)
    got = b""
    with contextlib.closing(peer), contextlib.suppress(ConnectionError, TimeoutError):
        with contextlib.suppress(OSError):    # it may have said no and closed before the end
            peer.sendall(data)
            peer.shutdown(socket.SHUT_WR)
        while more := peer.recv(65536):
            got += more
    return got


def status_of(answer):
    return int(answer.split(b" ", 2)[1]) if answer.startswith(b"HTTP/1.") else None


IDLERS = """
import resource, socket, sys
port, count = int(sys.argv[1]), int(sys.argv[2])
hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, count + 100), hard))
peers = []
for number in range(count):
    peer = socket.socket()
    peer.bind((f"127.0.0.{2 + number % 50}", 0))
    peer.settimeout(20)
    peer.connect(("127.0.0.1", port))
    # A handshake's head and a byte of it; nothing; a head that promises the most.
    peer.sendall((b"\\x16\\x03\\x01\\x02\\x00\\x01", b"", b"\\x16\\x03\\x01\\x40\\x00\\x01\\x00\\x3f\\xfc")[number % 3])
    peers.append(peer)
print("up", flush=True)
sys.stdin.read()
"""


@contextlib.contextmanager
def idlers(port, count):
    """So many connections from several addresses that begin and do not go on, held by a process of their own."""
    with subprocess.Popen([sys.executable, "-c", IDLERS, str(port), str(count)], stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE) as holder:
        try:
            assert holder.stdout.readline() == b"up\n", "the idle connections did not come up"
            yield
        finally:
            holder.kill()


@contextlib.contextmanager
def small_disk(folder):
    """A file system of its own; fill(bytes) leaves so many free."""
    folder.mkdir(parents=True)
    if subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SMALL_DISK_KB}k", "none", str(folder)],
                      capture_output=True, check=False).returncode:
        raise tap.Skip("may not mount a small file system")

    def fill(left):
        filler = folder / "filler"
        filler.unlink(missing_ok=True)
        if left is not None:
            space = os.statvfs(folder)
            with filler.open("wb") as file:
                os.posix_fallocate(file.fileno(), 0, max(space.f_bavail * space.f_bsize - left, 4096))
    try:
        yield fill
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=False)
