"""Everything that has a thread, at once: loops, two districts' writers, the administration socket, metrics, and handsets
with their own.  Of use under the thread sanitizer, which ends a program at its first report; elsewhere it is a short
storm that the district survives."""
import os
import pathlib
import signal
import sys
import threading

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
import tap
from district import CODE, LEAD, OPEN, Desk, Watch, check_loop, converge, report, sync
from expect import cases_of, equal
from harness import Failed, World, until

OTHER = "990102"
REPORTERS = ("G001", "G002", "G003")
REPORTS = 4  # of each reporter
ROUNDS = 8   # of each thread of the storm


class Storm:
    """Functions that run at the same time; the first failure is the storm's."""

    def __init__(self):
        self.threads = []
        self.failures = []

    def add(self, function, *arguments):
        def run():
            try:
                function(*arguments)
            except Exception as failure:  # told to the test's own thread
                self.failures.append(failure)
        self.threads.append(threading.Thread(target=run))

    def run(self):
        for thread in self.threads:
            thread.start()
        for thread in self.threads:
            thread.join(240)
            if thread.is_alive():
                raise Failed("a thread of the storm does not end")
        if self.failures:
            raise self.failures[0]


def reporting(handset, durable):
    for number in range(REPORTS):
        durable.setdefault(handset.name, set()).add(report(handset, f"井盖破损 {number}"))
    sync(handset)


def looking(desk):
    for _ in range(ROUNDS):
        for tail in ("", "/areas", "/people", "/routes", "/devices", "/queue", "/stats"):
            desk.get(tail)
        for case in desk.cases(OPEN):
            desk.case(case["number"])


def operating(server):
    """What an operator may do at any time: figures, reload by signal and by request, check, code, profile."""
    for turn in range(ROUNDS):
        server.scrape()
        server.must("GET", "/districts")
        server.configure(log_level=("debug", "info")[turn % 2])
        os.kill(server.process.pid, signal.SIGHUP)
        server.must("POST", "/reload")
        server.must("POST", f"/districts/{CODE}/verify")
        server.code_for("G005")
        server.must("GET", f"/districts/{OTHER}/profile")


def dispatching(desk):
    for _ in range(ROUNDS):
        for case in desk.cases("received,verifying,filed"):
            desk.dispatch(case)


def test_all_that_has_a_thread_runs_at_once_and_nothing_is_lost():
    with World(loops=3) as world:
        server = world.server.start()
        server.district()
        server.district(OTHER)
        desk, durable = Desk(server), {}
        reporters = [world.handset(name) for name in REPORTERS]
        lead, watcher, stranger = world.handset(LEAD), world.handset("G004"), world.handset("other")
        for handset in reporters + [lead, watcher]:
            handset.enrol(server.code_for(handset.name))
        stranger.enrol(server.code_for("G001", OTHER))
        watch = Watch(watcher)
        until(watch.is_live, "a handset watches")
        storm = Storm()
        for handset in reporters:
            storm.add(reporting, handset, durable)
        storm.add(reporting, stranger, {})
        for function in (looking, dispatching):
            storm.add(function, desk)
        storm.add(looking, Desk(server, OTHER))
        storm.add(operating, server)
        storm.run()
        converge(desk, [lead])
        for handset in reporters:
            sync(handset)
        equal(check_loop(desk, reporters, durable), REPORTS * len(REPORTERS), "cases closed")
        watch.end()
        equal(watch.process.returncode, 0, "how the watch ended")
        server.stop()


if __name__ == "__main__":
    sys.exit(tap.run(cases_of(globals())))
