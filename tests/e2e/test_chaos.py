#!/usr/bin/python3
"""The real programs over a bad network, by the rows of the catalogue: whatever it does, what was recorded arrives once,
and what was answered is known."""
import functools
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
import tap
from chaos import Chaos, Way
from clock import preload
from district import TYPE, UNIT, LEAD, Desk, Watch, handle, report, submitted, sync
from expect import cases_of, equal
from harness import Failed, World, until
from pictures import jpeg

HASTE = 20              # virtual seconds in one of ours, where clocks are hurried
CUTS = 10               # a way, over the bytes of a session
SILENCE_S = 90.0        # PROTOCOL.md, section 14
GREETING_RECORDS = 3    # that go up: Finished, Hello, and the first that follows the Welcome


class Scene:
    """A server behind the network, one handset, one unit's lead, and the desk."""

    def __init__(self, world, net):
        self.world, self.net, self.server = world, net, world.server
        self.server.config["public"] = f"127.0.0.1:{net.port}"
        net.to(self.server.start().port)
        self.server.district()
        self.desk = Desk(self.server)

    def handset(self, person="G001"):
        handset = self.world.handset(person)
        handset.enrol(self.server.code_for(person))
        return handset

    def count(self):
        return self.desk.stats()["cases"]

    def each_once(self, *handsets):
        numbers = sorted(number for handset in handsets for number in submitted(handset))
        equal(sorted(case["number"] for case in self.desk.cases()), numbers, "cases at the server")
        for handset in handsets:
            equal({op["verdict"] for op in handset.run("ops")}, {"accepted"}, f"verdicts on {handset.name}")
        self.desk.verify()

    def hurry(self, *programs):
        """Their clocks run HASTE times as fast: the server's, from its next start on."""
        for program in programs:
            program.environment.update(LD_PRELOAD=preload(), FAKETIME=f"+0 x{HASTE}", FAKETIME_DONT_FAKE_MONOTONIC="0")


def on_a_bad_network(case):
    with Chaos() as net, World() as world:
        case(Scene(world, net))
        world.server.stop()


def test_A06_bytes_one_by_one_or_glued_give_the_same(scene):
    photo = scene.world.folder / "photo.jpg"
    seen = []
    for name, rules in (("whole", {}), ("one by one", {"piece": 1}), ("glued", {"glue_s": 0.1})):
        photo.write_bytes(jpeg(64, len(seen)))     # of each its own: one that is there is not sent
        scene.net.both(**rules)
        person = f"G00{len(seen) + 1}"
        handset = scene.handset(person)
        for n in range(20):
            report(handset, f"第{n}件")
        number = handset.one("report", "--text", "有照片", "--type", TYPE, "--lat", "30.99", "--lon", "116.98", "--photo",
                             photo)["case"]
        sync(handset)
        ops = [(op["verb"], op["verdict"]) for op in handset.run("ops")]
        seen.append((ops, [row["state"] for row in handset.one("show", number)["photos"]]))
        print(f"# {name}: {scene.net.passed} bytes so far", flush=True)
    equal(seen[1:], seen[:1] * 2, "what the handsets hold")
    equal(set(seen[0][1]), {"complete"}, "photos")
    scene.each_once(*scene.world.handsets)


def cut_points(scene, handset):
    """Bytes that a session with one report takes each way."""
    before = dict(scene.net.passed)
    report(handset, "量一量")
    sync(handset)
    return {way: scene.net.passed[way] - before[way] for way in before}


def test_B01_a_link_that_ends_at_any_byte_loses_nothing(scene):
    handset, net = scene.handset(), scene.net
    length = cut_points(scene, handset)
    scene.hurry(handset)
    for way in ("up", "down"):
        for k, at in enumerate(range(1, length[way], max(1, length[way] // CUTS))):
            how = ("fin", "rst")[k % 2]
            report(handset, f"{way} {at} {how}")
            setattr(net, way, Way(cut_at=at, how=how))
            handset.run("sync", "--timeout", "4", expect=None)
            net.calm()
            waiting = handset.status()["unsent_ops"]
            if len(submitted(handset)) - waiting > scene.count():
                raise Failed(f"{way} {at} {how}: the handset takes for sent what is not there")
    print(f"# {length} bytes a session; {net.cuts} links were cut", flush=True)
    equal(net.cuts >= 2 * CUTS, True, "links that were cut")
    sync(handset)
    scene.each_once(handset)
    until(lambda: connections(scene) == 0, "the server lets go of every link", 30)


def connections(scene):
    text = scene.server.scrape()[2]
    return int(text.split("\nbihuan_connections ")[1].split()[0])


def test_C01_every_acknowledgement_is_lost_once(scene):
    handset = scene.handset()
    rounds = 8
    for n in range(rounds):
        for k in range(3):
            report(handset, f"第{n}次第{k}件")
        scene.net.down = Way(hole=True, after=GREETING_RECORDS)
        process = handset.start("sync", "--timeout", "30")
        try:
            until(lambda done=3 * n + 3: scene.count() == done, "the push is at the server", 20)
            equal(process.poll(), None, "the handset waits for the answer")
        finally:
            process.kill()
            process.communicate()
        equal(handset.status()["unsent_ops"], 3, "what it holds for unsent")
        scene.net.break_all()
        scene.net.calm()
        sync(handset)
        equal(scene.count(), 3 * n + 3, "cases after the push's second time")
    print(f"# {rounds} answers lost, {scene.net.swallowed} bytes swallowed", flush=True)
    equal(scene.net.swallowed > 0, True, "answers were swallowed")
    scene.each_once(handset)


def test_G03_a_peer_that_vanished_is_let_go_within_90_seconds_by_both(scene):
    handset = scene.handset()
    scene.server.stop()
    scene.hurry(scene.server, handset)
    scene.net.to(scene.server.start().port)
    watch = Watch(handset)
    try:
        until(watch.is_live, "the handset is connected")
        equal(connections(scene), 1, "links of the server")
        scene.net.both(hole=True)
        # Ours is the machine's clock; theirs is HASTE times as fast.  The pings go into the hole, too.
        until(lambda: connections(scene) == 0, "the server lets go", 2 * SILENCE_S / HASTE)
        until(lambda: not watch.is_live(), "the handset lets go", 2 * SILENCE_S / HASTE)
        scene.net.calm()
        until(watch.is_live, "the handset is connected again")
    finally:
        watch.end()
    scene.net.break_all()
    report(handset, "之后")
    sync(handset)
    scene.each_once(handset)


def test_G07_one_way_partitions_and_stalls_lead_to_progress_without_repeats(scene):
    handset, lead = scene.handset(), scene.handset(LEAD)
    for way in ("up", "down"):
        report(handset, f"{way}不通")
        setattr(scene.net, way, Way(hole=True))
        handset.run("sync", "--timeout", "1", expect=None)
        equal(handset.status()["unsent_ops"] >= 1, True, f"unsent, while {way} is gone")
        scene.net.calm()
        scene.net.break_all()
        sync(handset)
    scene.net.both(piece=256, stall=0.5, stall_s=0.06)
    for n in range(30):
        report(handset, f"时断时续{n}")
    sync(handset)
    for case in scene.desk.cases():
        equal(scene.desk.dispatch(case, UNIT).status, 200, "dispatch")
    handle(lead)
    for case in scene.desk.cases("done,checking"):
        equal(scene.desk.close(case["number"]).status, 200, "close")
    sync(handset)
    until(lambda: scene.desk.stats()["closures_delivered"] == 32, "every receipt is at the server", 20)
    scene.net.calm()
    scene.each_once(handset)


def test_G07_a_way_of_30_seconds_there_and_back_still_brings_everything_once(scene):
    handset = scene.handset()
    scene.server.stop()
    scene.hurry(scene.server, handset)
    scene.net.to(scene.server.start().port)
    made = scene.net.made
    scene.net.both(delay_s=15.0 / HASTE, after=GREETING_RECORDS)
    for turn in range(2):
        for n in range(20):
            report(handset, f"第{turn}次第{n}件")
        sync(handset, 200)
    equal((scene.net.made - made, scene.count()), (2, 40), "links, cases")
    # Who cannot prove itself within 10 s is not let in: nothing is lost by that.
    report(handset, "最后一件")
    scene.net.both(delay_s=15.0 / HASTE)
    handset.run("sync", "--timeout", "60", expect=None)
    equal((scene.count(), handset.status()["unsent_ops"]), (40, 1), "cases there, ops that wait")
    scene.net.calm()
    sync(handset)
    scene.each_once(handset)


if __name__ == "__main__":
    sys.exit(tap.run([(case.__name__, functools.partial(on_a_bad_network, case)) for case in cases_of(globals())
                      if len(sys.argv) < 2 or any(row in case.__name__ for row in sys.argv[1:])]))
