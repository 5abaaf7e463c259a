"""A real bihuand with the demo district, strangers enrolled in it, its desk, and how it is doing."""
import contextlib
import os
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.dont_write_bytecode = True
sys.path[:0] = [str(HERE), str(HERE.parent), str(HERE.parents[1])]

import harness  # noqa: E402
import tap  # noqa: E402
import wire  # noqa: E402
from clock import preload  # noqa: E402
from client import Ended, Phone, Refused, Untrusted, clock  # noqa: E402
from wire import pb  # noqa: E402

DISTRICT = "990101"
PLACE = (31.0064380, 116.9725080)     # in the first grid of G001
ILLEGAL_BUILDING = 10001              # goes to U-T1, the township's unit, whose lead is L-T1
RSS_GROWTH_KB_MAX = 64 * 1024
LOG_LINES_PER_FAULT_MAX = 3


class Scene:
    """The server and what a test asks of it."""

    def __init__(self, world):
        self.server = world.server
        self.district = DISTRICT
        self.folder = world.folder
        self.server.start()
        self.server.district(DISTRICT)

    def phone(self, person="G001", now=clock, enrol=True):
        phone = Phone(self.server.code_for(person), now=now)
        if enrol:
            phone.enrol()
        return phone

    def verb(self, number, verb, acting, **body):
        if verb == "dispatch":
            body.setdefault("condition", "none-of-them")
        return self.server.ask("POST", f"/districts/{DISTRICT}/cases/{wire.shown_number(number)}/{verb}", body,
                               acting=acting)

    def must_verb(self, number, verb, acting, **body):
        answer = self.verb(number, verb, acting, **body)
        assert answer.status == 200, f"{verb} by {acting}: {answer.status} {answer.text}"
        return answer.json

    def case(self, number):
        """The case as the desk has it, or None."""
        answer = self.server.ask("GET", f"/districts/{DISTRICT}/cases/{wire.shown_number(number)}")
        return answer.json if answer.status == 200 else None

    def cases(self):
        return self.server.must("GET", f"/districts/{DISTRICT}/cases?limit=500")["count"]

    def revoke(self, device):
        return self.server.must("POST", f"/districts/{DISTRICT}/devices/{device}/revoke", {"reason": "lost"})

    def roll_ca(self):
        """As the operator does it; who is left behind is the test's to look at."""
        self.server.stop()
        subprocess.run([harness.BIHUAN, "keys", "roll-ca", self.server.data / DISTRICT, "--force"],
                       stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=True)
        self.server.start()

    def lacking(self):
        """Devices that have not said that they go by the present pins."""
        return self.server.must("GET", f"/districts/{DISTRICT}/keys")["lacking"]

    def libraries(self):
        """Paths of what the server has loaded."""
        rows = pathlib.Path(f"/proc/{self.server.process.pid}/maps").read_text().splitlines()
        return {row.split()[-1] for row in rows if "/" in row}

    def is_sanitized(self):
        return any("libasan" in path for path in self.libraries())

    @contextlib.contextmanager
    def clock_of_server(self, faketime, monotonic):
        """The server stops and goes on under another clock ("+8d", "+0 x20"), and afterwards under the true one."""
        libraries = preload()
        true = dict(self.server.environment)
        self.server.stop()
        self.server.environment.update(FAKETIME_DONT_FAKE_MONOTONIC="0" if monotonic else "1", FAKETIME=faketime,
                                       LD_PRELOAD=libraries)
        try:
            yield self.server.start()
        finally:
            self.server.environment = true
            self.server.stop()
            self.server.start()

    # How the server is doing.

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.server.process.pid}/fd"))

    def rss_kb(self):
        text = pathlib.Path(f"/proc/{self.server.process.pid}/status").read_text()
        return int(text.split("VmRSS:")[1].split()[0])

    def connections(self):
        text = self.server.scrape()[2]
        return int(text.split("\nbihuan_connections ")[1].split()[0])

    def grew_little(self, before_kb):
        """A sanitizer keeps what was freed, so there the size says nothing."""
        grown = self.rss_kb() - before_kb
        assert grown < RSS_GROWTH_KB_MAX or self.is_sanitized(), f"the server grew by {grown} KiB"

    @contextlib.contextmanager
    def unharmed(self, faults=1):
        """What happens inside leaves no descriptor, little memory and few lines in the log behind."""
        harness.until(lambda: self.connections() == 0, "no connection is left from before")
        before = (self.descriptors(), self.rss_kb(), self.server.log().count("\n"))
        yield
        harness.until(lambda: self.connections() == 0, "the connections go")
        harness.until(lambda: self.descriptors() <= before[0] + 2, "the descriptors go")
        self.grew_little(before[1])
        lines = self.server.log().count("\n") - before[2]
        assert lines <= LOG_LINES_PER_FAULT_MAX * faults + 10, f"{lines} lines in the log for {faults} faults"
        with self.phone("G008").session() as session:
            session.ping()


def refusal(link):
    """Reads until the server refuses; gives the code's word, or "closed" when it closed without one."""
    try:
        while True:
            answer = link.receive()
            if answer.HasField("refusal"):
                return Refused(answer.refusal).word
    except Ended:
        return "closed"


def is_closed(link):
    """Reads until the end of the link; TimeoutError when it stays open."""
    try:
        while True:
            link.receive()
    except Ended:
        return True


def refused(action):
    """The word of the Refusal that action raises; "closed" or "reset" when the link ended without one."""
    try:
        action()
    except Refused as why:
        return why.word
    except Ended as why:
        return "reset" if "ECONNRESET" in str(why) else "closed"
    return "taken"


def run(cases, **config):
    """Runs cases, each a function of the scene, over one server; gives the exit status."""
    with harness.World(**config) as world:
        scene = Scene(world)
        return tap.run([(name, lambda function=function: function(scene)) for name, function in cases])


def named(functions):
    """Cases called by their functions' sentences: A03_a_false_length_... is 'A03 a false length ...'."""
    return [(function.__name__.replace("_", " "), function) for function in functions]


__all__ = ["DISTRICT", "Ended", "ILLEGAL_BUILDING", "PLACE", "Phone", "Refused", "Scene", "Untrusted", "clock", "harness",
           "is_closed", "named", "pb", "refusal", "refused", "run", "tap", "wire"]
