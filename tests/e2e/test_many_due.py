"""20,000 timers due at once in the real server (D08): each fires once, and meanwhile the desk and handsets are answered.

They fall due while nobody serves, so that the first turn of the clock meets them all.  How long it took, and how long
whoever asked meanwhile had to wait, is printed: on a quiet machine within 5 s and 200 ms.
"""
import pathlib
import select
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
import tap
from district import LATITUDE, LONGITUDE, Desk, report, submitted, sync
from expect import cases_of, equal
from harness import Failed, World, until
from test_time import CLOCK_TYPE, in_parallel, limit_s, waits_for

PEOPLE = ("G001", "G002", "G003", "G004")
EACH = 5000
DIVISOR = 60       # the 30 minutes are 30 s: longer than all of them take to come in
SAMPLE = 400
PAUSE_S = 0.01     # fewer requests a second than the socket takes
FIRE_S_MAX = 120   # hung, not slow


def fill(world, handsets):
    table = world.folder / "table.csv"
    rows = [f"第 {n} 件,{CLOCK_TYPE},{LATITUDE},{LONGITUDE}" for n in range(EACH)]
    table.write_text("\n".join(["text,type,latitude,longitude", *rows]) + "\n")

    def come_in(handset):
        handset.run("report", "--csv", table)
        sync(handset)
    in_parallel(come_in, handsets)


def watch_fire(desk, handset, count):
    """Asks on the administration socket, and reports, until all is dispatched: what each answer took, in seconds."""
    waits, seen = [], []
    end = time.monotonic() + FIRE_S_MAX
    while not seen or seen[-1] < count:
        if time.monotonic() > end:
            raise Failed(f"{seen[-1]} of {count} fired in {FIRE_S_MAX} s")
        began = time.monotonic()
        seen.append(desk.stats()["dispatched"])
        waits.append(time.monotonic() - began)
        select.select([], [], [], PAUSE_S)
        if len(seen) == 2:
            report(handset, "在大家都到期的时候")
            began = time.monotonic()
            sync(handset)
            print(f"# a handset came, reported and went within {time.monotonic() - began:.2f} s", flush=True)
    return waits, seen


def test_D08_20000_timers_due_at_once_fire_once_each_while_others_are_answered():
    with World(test_due_divisor=DIVISOR) as world:
        server = world.server.start()
        server.district()
        desk, handsets = Desk(server), [world.handset(person) for person in PEOPLE]
        for handset in handsets:
            handset.enrol(server.code_for(handset.name))
        late = world.handset("late")
        late.enrol(server.code_for("G001"))
        fill(world, handsets)
        count = len(PEOPLE) * EACH
        equal(desk.stats()["cases"], count, "cases")
        server.kill()
        waits_for(time.monotonic() + limit_s(DIVISOR) + 1, "every due time passes while nobody serves")
        began = time.monotonic()
        server.start()
        waits, seen = watch_fire(desk, late, count)
        print(f"# {count} cases fired {time.monotonic() - began:.2f} s after the start; {len(waits)} answers meanwhile, "
              f"the slowest {max(waits) * 1000:.0f} ms", flush=True)
        between = [number for number in seen if 0 < number < count]
        if not between:
            raise Failed("nothing was answered while they fired: all in one go")
        equal(sorted(seen), seen, "the count only grows")
        stats = until(lambda: desk.stats()["breached"] >= count and desk.stats(), "all breaches stand", 20)
        equal((stats["breached"], stats["automatic"]), (count, count), "breached and dispatched, once each")
        for number in list(submitted(handsets[0]))[::SAMPLE]:
            equal([entry["verb"] for entry in desk.case(number)["history"]], ["submit", "breach", "dispatch"], number)
        desk.verify()
        server.stop()


if __name__ == "__main__":
    sys.exit(tap.run(cases_of(globals())))
