"""A bad network between real handsets and a real server: it cuts bytes into single ones or glues them, delays, stands
still, swallows one way or both, ends at a given byte with a FIN or a reset, and loses answers.

    with Chaos() as net, World(public=f"127.0.0.1:{net.port}") as world:
        net.to(world.server.port)
        net.up, net.down = Way(piece=1), Way(piece=1)      # of what comes from now on, on standing links too
        net.up = Way(cut_at=4000, how="fin")               # of each link's own bytes

One thread carries a link.  What a way swallows is gone, and so is the news that an end has closed: as behind a router
that vanished.  Times are the machine's own.
"""
import contextlib
import dataclasses
import random
import selectors
import socket
import struct
import threading
import time

READ_BYTES = 65536
HELD_BYTES_MAX = 1 << 20           # of a way; more is not read before some went on
APPLICATION, RECORD_HEAD = 23, 5   # a TLS record's type, and the length of its head
PAUSE_S = 0.05                     # a look at the rules, where nothing comes


@dataclasses.dataclass(frozen=True)
class Way:
    """What happens to one direction's bytes.  Replace it whole: links look at it before each piece."""
    piece: int = READ_BYTES        # a send carries at most so many
    glue_s: float = 0.0            # all that came within this time leaves at once
    delay_s: float = 0.0           # every byte arrives so much later
    stall: float = 0.0             # the chance that a piece stands still, for up to stall_s
    stall_s: float = 0.0
    hole: bool = False             # swallows everything
    cut_at: int | None = None      # ends the link after so many bytes of it ...
    how: str = "fin"               # ... by "fin" or "rst" at the far end, by a reset at the near one
    after: int = 0                 # hole and delay begin once so many application records went up the link


class Records:
    """Counts the application records of one direction of a TLS link as their heads go by."""

    def __init__(self):
        self.count = 0
        self.head = b""
        self.body = 0

    def feed(self, data):
        at = 0
        while at < len(data):
            if self.body:
                step = min(self.body, len(data) - at)
                self.body -= step
            else:
                step = min(RECORD_HEAD - len(self.head), len(data) - at)
                self.head += data[at:at + step]
                if len(self.head) == RECORD_HEAD:
                    self.count += self.head[0] == APPLICATION
                    self.body = int.from_bytes(self.head[3:], "big")
                    self.head = b""
            at += step


class Stream:
    """One direction of one link: from source to sink."""

    def __init__(self, link, name, source, sink):
        self.link, self.name, self.source, self.sink = link, name, source, sink
        self.held = []             # (when it may go, bytes)
        self.held_bytes = self.passed = 0
        self.ended = self.told = False

    @property
    def way(self):
        return getattr(self.link.net, self.name)

    def swallows(self):
        return self.way.hole and self.link.records.count >= self.way.after

    def read(self):
        data = self.source.recv(READ_BYTES)
        way, now = self.way, time.monotonic()
        if not data:
            self.ended = True
            return
        if self.name == "up":
            self.link.records.feed(data)
        if self.swallows():
            self.link.net.swallowed += len(data)
            return
        wait = way.glue_s + (way.delay_s if self.link.records.count >= way.after else 0)
        for at in range(0, len(data), way.piece):
            if way.stall and self.link.rng.random() < way.stall:
                wait += self.link.rng.uniform(0, way.stall_s)
            self.held.append((max(now + wait, self.held[-1][0] if self.held else 0), data[at:at + way.piece]))
        self.held_bytes += len(data)

    def write(self):
        """What is due; gives the moment of the next, or None.  Raises EndOfLink at the cut."""
        while self.held and self.held[0][0] <= time.monotonic():
            data = self.held.pop(0)[1]
            self.held_bytes -= len(data)
            while self.way.glue_s and self.held and len(data) < READ_BYTES and self.held[0][0] <= time.monotonic():
                more = self.held.pop(0)[1]
                self.held_bytes -= len(more)
                data += more
            cut = self.way.cut_at
            if cut is not None:
                data = data[:max(0, cut - self.passed)]
            self.sink.sendall(data)
            self.passed += len(data)
            self.link.net.passed[self.name] += len(data)
            if cut is not None and self.passed >= cut:
                raise EndOfLink(self.way.how, self.sink)
        if self.ended and not self.held and not self.told:
            self.told = True
            if not self.swallows():
                self.sink.shutdown(socket.SHUT_WR)
        return self.held[0][0] if self.held else None


class EndOfLink(Exception):
    """The network ends a link: how, and towards whom in that way."""


class Link(threading.Thread):
    """One connection, until both its ends are through, one of them breaks, or the network ends it."""

    def __init__(self, net, near, seed):
        super().__init__(daemon=True)
        self.net, self.near, self.rng = net, near, random.Random(seed)
        self.broken = threading.Event()
        self.records = Records()

    def run(self):
        try:
            with contextlib.closing(self.near), socket.create_connection(("127.0.0.1", self.net.port_of_server)) as far:
                for end in (self.near, far):
                    end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self._carry(far)
        except OSError:
            pass                   # a server that is down
        finally:
            self.net.gone(self)

    def _carry(self, far):
        up, down = Stream(self, "up", self.near, far), Stream(self, "down", far, self.near)
        try:
            with selectors.DefaultSelector() as ready:
                while not (up.told and down.told):
                    if self.broken.is_set():
                        raise EndOfLink("rst", far)
                    self._turn(ready, (up, down))
        except EndOfLink as end:
            how, sink = end.args
            self.net.cuts += not self.broken.is_set()
            reset(self.near if sink is far else far)
            if how == "rst":
                reset(sink)
        except OSError:
            self._one_end_broke(up, down)

    def _turn(self, ready, streams):
        due = min((at for at in [stream.write() for stream in streams] if at is not None),
                  default=time.monotonic() + PAUSE_S)
        for stream in streams:
            wanted = not stream.ended and stream.held_bytes < HELD_BYTES_MAX
            known = stream.source in ready.get_map()
            if wanted and not known:
                ready.register(stream.source, selectors.EVENT_READ, stream)
            elif known and not wanted:
                ready.unregister(stream.source)
        wait = min(max(0.0, due - time.monotonic()), PAUSE_S)
        if not ready.get_map():
            self.broken.wait(wait)
            return
        for key, _ in ready.select(wait):
            key.data.read()

    def _one_end_broke(self, *streams):
        """A reset goes on to the other end, where its way carries anything."""
        for stream in streams:
            if stream.swallows():
                self.broken.wait()     # nobody is told before the network is put right or closed
        for stream in streams:
            reset(stream.source)


def reset(end):
    """Closes so that the peer gets a reset, not an end."""
    with contextlib.suppress(OSError):
        end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        end.close()


class Chaos:
    """Listens on a port of its own and carries to the server's under the two ways."""

    def __init__(self, seed=1):
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=512)
        self.port = self.listener.getsockname()[1]
        self.port_of_server = 0
        self.up, self.down = Way(), Way()
        self.passed = {"up": 0, "down": 0}     # of all links
        self.swallowed = 0
        self.links = set()
        self.made = self.cuts = 0
        self.seed = seed
        self.lock = threading.Lock()           # guards links
        self.thread = threading.Thread(target=self._accept, daemon=True)

    def to(self, port_of_server):
        self.port_of_server = port_of_server
        return self

    def calm(self):
        """An ordinary network from now on; links that were swallowed stay as they are."""
        self.up, self.down = Way(), Way()

    def both(self, **rules):
        self.up = self.down = Way(**rules)

    def break_all(self):
        """Resets every standing link, both its ends."""
        with self.lock:
            links = list(self.links)
        for link in links:
            link.broken.set()
        for link in links:
            link.join(20)

    def gone(self, link):
        with self.lock:
            self.links.discard(link)

    def _accept(self):
        while True:
            try:
                near = self.listener.accept()[0]
            except OSError:
                return
            self.made += 1
            link = Link(self, near, self.seed + self.made)
            with self.lock:            # whoever breaks all may wait for this one's end: it has begun
                self.links.add(link)
                link.start()

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, kind, value, traceback):
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.thread.join(20)
        self.break_all()
        return False
