"""kill -9 of server and handsets at random moments, while reports, dispatches and answers are under way.

Whatever command printed its result has happened, once, and is there in the end; what was killed before it could
print happened once or not at all.  BH_SEED repeats a run's choices (not the scheduler's); `long` runs more.
"""
import json
import os
import pathlib
import random
import subprocess
import sys
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
import tap
from district import (AWAY, UNIT, Desk, Watch, check_loop, converge, report, sync)
from harness import Failed, World, until

LONG = "long" in sys.argv[1:]
KILLS = 350 if LONG else 25           # of each: server, handsets
CHAOS_S = 240 if LONG else 40         # at most
SEED = int(os.environ.get("BH_SEED", "0")) or random.SystemRandom().randrange(1, 1 << 32)
REPORTERS = ["G001", "G002", "G003", "G004"]
UNITS = ["U-T1", "U-T2", "U-T3"]
TYPES = ["10003", "10008", "20001", "88888", ""]
DIVISOR = 40                          # the 30 minutes are 45 s: the clock takes part


class Chaos:
    """Threads that work, one that kills the server, until enough was killed or the time is over."""

    def __init__(self, world):
        self.world = world
        self.desk = Desk(world.server)
        self.over = threading.Event()
        self.lock = threading.Lock()
        self.faults = []
        self.durable = {}          # handset's name -> numbers printed
        self.acted = {}            # handset's name -> (verb, number) printed
        self.kills = {"server": 0, "report": 0, "sync": 0, "watch": 0, "act": 0}
        self.keys = {}             # idempotency key -> case and unit, of answered dispatches

    def handset_kills(self):
        return sum(count for name, count in self.kills.items() if name != "server")

    def enough(self):
        return self.over.is_set() or (self.kills["server"] >= KILLS and self.handset_kills() >= KILLS)

    def run_killed(self, rng, handset, *words):
        """One verb that may be killed; gives the lines it printed and whether it was killed."""
        process = handset.start(*words)
        killed = False
        if rng.random() < 0.6:
            try:
                process.wait(rng.uniform(0.0, 0.12))
            except subprocess.TimeoutExpired:
                process.kill()
                killed = True
        out, _ = process.communicate(timeout=60)
        rows = [json.loads(line) for line in out.decode().splitlines(keepends=True) if line.endswith("\n")]
        if killed:
            with self.lock:
                self.kills[words[0]] += 1
        return rows, killed

    def reporter(self, handset, seed):
        rng = random.Random(seed)
        durable = self.durable.setdefault(handset.name, set())
        count = 0
        while not self.enough():
            draw = rng.random()
            if draw < 0.5:
                count += 1
                words = ["report", "--text", f"{handset.name} 第 {count} 件", "--lat", f"{rng.uniform(30.983, 31.009):.6f}",
                         "--lon", f"{rng.uniform(116.975, 117.025):.6f}"]
                kind = rng.choice(TYPES)
                rows, _ = self.run_killed(rng, handset, *words, *(["--type", kind] if kind else []))
                durable.update(row["case"] for row in rows if "case" in row)
            elif draw < 0.85:
                self.run_killed(rng, handset, "sync", "--timeout", "1")
            else:
                self.run_killed(rng, handset, "watch", "--timeout", "1")

    def handler(self, handset, seed):
        rng = random.Random(seed)
        acted = self.acted.setdefault(handset.name, set())
        while not self.enough():
            self.run_killed(rng, handset, "sync", "--timeout", "1")
            for verb in ("sign", "finish"):
                text = ["--text", "已处理"] if verb == "finish" else []
                rows, _ = self.run_killed(rng, handset, "act", verb, "--all", "--limit", "5", *text)
                acted.update((row["verb"], row["case"]) for row in rows if "case" in row)

    def dispatcher(self, seed):
        rng = random.Random(seed)
        while not self.enough():
            try:
                for case in self.desk.cases(list_name="queue")[:5]:
                    key = f"dispatch-{case['number']}-{case['version']}"
                    unit = rng.choice(UNITS)
                    if self.desk.dispatch(case, unit, key).status == 200:
                        self.keys[key] = case, unit
                for case in self.desk.cases("done,checking")[:5]:
                    self.desk.close(case["number"])
            except (*AWAY, Failed):
                pass  # the server is down just now
            self.over.wait(0.03)

    def killer(self, seed):
        rng = random.Random(seed)
        server = self.world.server
        while not self.enough():
            # Now and then while it comes up, now and then before anybody spoke to it.
            server.start(expect_ready=False)
            if rng.random() < 0.25:
                self.over.wait(rng.uniform(0.0, 0.06))
            else:
                self.up()
                self.over.wait(rng.choice([rng.uniform(0.0, 0.1), rng.uniform(0.2, 1.5)]))
            if server.process.poll() is not None:
                raise Failed(f"bihuand ended by itself with {server.process.returncode}:\n{server.log()[-2000:]}")
            server.kill()
            self.kills["server"] += 1

    def up(self):
        server = self.world.server
        if server.process.poll() is not None:
            raise Failed(f"bihuand ended by itself with {server.process.returncode}:\n{server.log()[-2000:]}")
        until(server._status, "bihuand answers")

    def guarded(self, work, *arguments):
        try:
            work(*arguments)
        except Exception as fault:  # pylint: disable=broad-except
            self.faults.append(fault)
            self.over.set()

    def run(self, reporters, handlers):
        jobs = [(self.reporter, handset, SEED + n) for n, handset in enumerate(reporters)]
        jobs += [(self.handler, handset, SEED + 100 + n) for n, handset in enumerate(handlers)]
        jobs += [(self.dispatcher, SEED + 200), (self.killer, SEED + 300)]
        threads = [threading.Thread(target=self.guarded, args=job) for job in jobs]
        end = time.monotonic() + CHAOS_S
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(max(0.1, end - time.monotonic()))
            if time.monotonic() >= end:
                self.over.set()
        for thread in threads:
            thread.join(90)
        if self.faults:
            raise self.faults[0]


def check_acts(chaos, handlers):
    """A handler's act that was printed is on the handset, with a verdict."""
    for handset in handlers:
        ops = {(op["verb"], op["case"]): op for op in handset.run("ops")}
        for act in chaos.acted[handset.name]:
            if act not in ops:
                raise Failed(f"{handset.name}: {act} was printed and is gone")
            if ops[act]["verdict"] not in ("accepted", "stale"):
                raise Failed(f"{handset.name}: {act} is {ops[act]['verdict']}: {ops[act]['verdict_text']}")


def check_keys(chaos):
    """A dispatch that was answered is in the journal once, and its key asked again changes nothing."""
    for key, (case, unit) in list(chaos.keys.items())[:20]:
        number = case["number"]
        before = chaos.desk.case(number)["history"]
        again = chaos.desk.dispatch(case, unit, key)
        if again.status != 200 or not again.json["repeat"]:
            raise Failed(f"{key} asked again: {again.status} {again.text}")
        if len(chaos.desk.case(number)["history"]) != len(before):
            raise Failed(f"{key} asked again wrote an entry")


def test_C07_C08_kill_9_of_server_and_handsets_loses_nothing():
    print(f"# seed {SEED}", flush=True)
    with World(test_due_divisor=DIVISOR) as world:
        server = world.server.start()
        server.district()
        reporters = [world.handset(code) for code in REPORTERS]
        handlers = [world.handset("L-" + unit.removeprefix("U-")) for unit in UNITS]
        for handset in reporters + handlers:
            handset.enrol(server.code_for(handset.name))
        server.kill()
        chaos = Chaos(world)
        chaos.run(reporters, handlers)
        server.start()
        print(f"# killed: {chaos.kills}; {sum(map(len, chaos.durable.values()))} reports printed, "
              f"{len(chaos.keys)} dispatches answered", flush=True)
        if chaos.kills["server"] < KILLS // 2 or chaos.handset_kills() < KILLS // 2:
            raise Failed(f"too slow to be a test: {chaos.kills}")
        for handset in reporters + handlers:
            sync(handset)
        check_keys(chaos)
        every_lead(world, chaos.desk, handlers)
        converge(chaos.desk, handlers)
        for _ in range(2):  # the second says what the first's answers gave it to say
            for handset in reporters:
                sync(handset)
        until(lambda: chaos.desk.stats()["closures_delivered"] == chaos.desk.stats()["cases"],
              "every receipt is at the server", 10)
        count = check_loop(chaos.desk, reporters, chaos.durable)
        check_acts(chaos, handlers)
        print(f"# {count} cases, each once, closed and answered", flush=True)
        server.stop()


def every_lead(world, desk, handlers):
    """The clock dispatches by the rules: whichever units it chose need a handset too."""
    have = {handset.name for handset in handlers}
    for unit in sorted({case["unit"] for case in desk.cases() if case["unit"]}):
        lead = "L-" + unit.removeprefix("U-")
        if lead not in have:
            handset = world.handset(lead)
            handset.enrol(world.server.code_for(lead))
            handlers.append(handset)


def test_D05_restart_between_dispatch_and_telling_tells_later_and_once():
    rng = random.Random(SEED)
    with World() as world:
        server = world.server.start()
        server.district()
        desk = Desk(server)
        reporter, lead = world.handset("G001"), world.handset("L-T2")
        reporter.enrol(server.code_for("G001"))
        lead.enrol(server.code_for("L-T2"))
        numbers = [report(reporter) for _ in range(5)]
        sync(reporter)
        watch = Watch(lead)
        for number in numbers:
            until(watch.is_live, "the unit's handset is connected")
            dispatch_and_kill(server, desk, number, rng)
            server.start()
            # The same key again: done once, whether or not the answer was lost.
            answer = desk.dispatch(number, key=f"d05-{number}")
            if answer.status != 200:
                raise Failed(f"dispatch of {number}: {answer.status} {answer.text}")
            until(lambda n=number: watch.of("case", case=n), f"the unit is told of {number}")
        until(watch.is_live, "the unit's handset is connected")
        watch.end()
        for number in numbers:
            told = watch.of("case", case=number)
            entries = [entry for entry in desk.case(number)["history"] if entry["verb"] == "dispatch"]
            if len(told) != 1 or len(entries) != 1:
                raise Failed(f"{number}: told {len(told)} times, {len(entries)} dispatches in the journal")
        server.stop()


def test_C08_kill_9_while_a_district_is_made_leaves_none_or_a_whole_one():
    rng = random.Random(SEED)
    with World() as world:
        server = world.server.start()
        made = 0
        for n in range(10):
            code = f"99{n:04d}"
            asked = threading.Event()

            def ask(code=code, asked=asked):
                try:
                    server.ask("POST", "/districts", {"code": code})
                except AWAY:
                    pass  # killed before it answered
                asked.set()

            thread = threading.Thread(target=ask)
            thread.start()
            asked.wait(rng.uniform(0.0, 0.08))
            server.kill()
            thread.join(60)
            server.start()
            served = [item["code"] for item in server.must("GET", "/districts")["items"]]
            made += code in served
            answer = server.ask("POST", "/districts", {"code": code})
            if answer.status != (409 if code in served else 201):
                raise Failed(f"{code} again: {answer.status} {answer.text}")
            Desk(server, code).verify()
        print(f"# {made} of 10 were whole when the process died", flush=True)
        server.stop()


def dispatch_and_kill(server, desk, number, rng):
    done = threading.Event()

    def ask():
        try:
            desk.dispatch(number, key=f"d05-{number}")
        except AWAY:
            pass  # killed before it answered
        done.set()

    thread = threading.Thread(target=ask)
    thread.start()
    done.wait(rng.uniform(0.0, 0.012))
    server.kill()
    thread.join(60)


if __name__ == "__main__":
    sys.exit(tap.run([test_C07_C08_kill_9_of_server_and_handsets_loses_nothing] if LONG else [
        test_C07_C08_kill_9_of_server_and_handsets_loses_nothing,
        test_C08_kill_9_while_a_district_is_made_leaves_none_or_a_whole_one,
        test_D05_restart_between_dispatch_and_telling_tells_later_and_once]))
