#!/usr/bin/python3
"""One day of one district on the real programs: 351 handsets with real texts and photos, cuts and stalls, three server
crashes, one restore.  In the evening every report and photo is on the server and every closure on its handset.

    morning     reports over a bad network; the server is killed while they come in; a backup under load
    forenoon    the desk dispatches and closes, units sign and finish, more comes in; killed again
    noon        killed, and its disk is lost: the morning's backup is the district now, in a new epoch
    afternoon   what was lost comes back from the handsets, the desk decides anew, more comes in
    evening     a calm network, until nothing is left

Then all programs have ended, and both sides' own stores are read (stores.py).  Texts and photos are those of
../shared/data; where they are not, this is skipped.
"""
import csv
import json
import pathlib
import random
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
import tap
from chaos import Chaos, Way
from district import CODE, OPEN, TYPE, Desk
from expect import cases_of, equal
from harness import DEMO, TOP, Failed, World, until
from stores import HandsetStore, ServerStore
from test_backup import bihuan

DATA = TOP.parent / "shared/data"
HANDSETS = 351
WAVES = ("morning", "forenoon", "afternoon")
PHOTO_EVERY = 4                    # of the reports
ALIKE_EVERY = 10                   # of the photos: two handsets took the very same one
UNITS = {"U-T1": "L-T1", "U-T2": "L-T2", "U-T3": "L-T3"}
DISPATCHER, ACCEPTOR = "D001", "A001"
HANDS = 6                          # programs at a time
SHIFT_SYNC_S, QUIET_SYNC_S = 3, 30
TRIES_MAX = 20
SEED = 20180912


# ---- What the day brings


def messages(count):
    with open(DATA / "complaints-zh/messages.csv", encoding="utf-8", newline="") as source:
        texts = [row["title"].strip() + "\n" + row["text"].strip() for row in csv.DictReader(source)]
    return texts[:count]


def marked(photo, mark):
    """Another photo of the same view: the last steps of its first quantisation table, those of the finest detail, say
    which.  What a handset strips of a file would not."""
    at = 2
    while photo[at + 1] != 0xDB:       # from segment to segment: a thumbnail in one has tables of its own
        at += 2 + int.from_bytes(photo[at + 2:at + 4], "big")
    end = at + 5 + 64
    return photo[:end - 2] + bytes((1 + mark % 250, 1 + mark // 250 % 250)) + photo[end:]


def photo_files(folder, count):
    """So many files; some of them are alike."""
    views = [path.read_bytes() for path in sorted((DATA / "photos").glob("photo-*.jpg"))]
    paths = []
    for n in range(count):
        path = folder / f"view-{n}.jpg"
        mark = n - 1 if n % ALIKE_EVERY == 1 else n
        path.write_bytes(marked(views[mark % len(views)], mark))
        paths.append(path)
    return paths


def workers_of_the_district():
    base = json.loads((DEMO / "profile.json").read_text(encoding="utf-8"))
    base["people"] += [{"code": f"W{n:03}", "name": "网格员", "posts": [{"role": "grid_worker", "area": CODE}]}
                       for n in range(HANDSETS)]
    return json.dumps(base, ensure_ascii=False)


# ---- The network


class Weather(threading.Thread):
    """Changes the network's rules every moment, and now and then breaks all that stands, until it is calmed."""

    def __init__(self, net):
        super().__init__(daemon=True)
        self.net, self.rng, self.calmed = net, random.Random(SEED), threading.Event()
        self.start()

    def run(self):
        while not self.calmed.wait(self.rng.uniform(0.2, 1.0)):
            self.net.up, self.net.down = self._way(), self._way()
            if self.rng.random() < 0.1:
                self.net.break_all()

    def _way(self):
        kind = self.rng.choices(("fair", "cut", "stalls", "slow", "hole"), (50, 20, 15, 10, 5))[0]
        return {"fair": Way(),
                "cut": Way(cut_at=self.rng.randrange(1, 1 << self.rng.randrange(9, 21)),
                           how=self.rng.choice(("fin", "rst"))),
                "stalls": Way(stall=0.2, stall_s=0.3),
                "slow": Way(delay_s=self.rng.uniform(0.01, 0.2)),
                "hole": Way(hole=True)}[kind]

    def calm(self):
        self.calmed.set()
        self.join()
        self.net.calm()


# ---- The day


class Day:
    def __init__(self, world, net):
        self.world, self.net, self.server = world, net, world.server
        self.backups = world.folder / "backups"
        self.backups.mkdir()
        self.texts = messages(HANDSETS * len(WAVES))
        self.photos = photo_files(world.folder, HANDSETS * len(WAVES) // PHOTO_EVERY)
        self.rng = random.Random(SEED)
        self.crashes = 0
        self.promised = {}             # case number -> its words, once a report's program has said it is kept
        self.photos_taken = 0
        self.answers = {}              # case number -> the last words that the desk closed it with
        self.pool = ThreadPoolExecutor(HANDS)

    def each(self, work, things):
        return list(self.pool.map(work, things))

    def begin(self):
        self.server.config["public"] = f"127.0.0.1:{self.net.port}"
        self.net.to(self.server.start().port)
        self.server.district(CODE, workers_of_the_district())
        self.desk = Desk(self.server)
        self.workers = [self.world.handset(f"W{n:03}") for n in range(HANDSETS)]
        self.leads = [self.world.handset(lead) for lead in UNITS.values()]
        self.each(lambda handset: handset.enrol(self.server.code_for(handset.name)), self.workers + self.leads)

    # -- the workers

    def report(self, wave, worker):
        """One report of this wave, kept on the handset before it is said to be."""
        n = wave * HANDSETS + worker
        words = ["--text", self.texts[n], "--type", TYPE, "--lat", f"{30.985 + worker % 20 / 1000:.4f}", "--lon",
                 f"{116.98 + worker // 20 / 1000:.4f}"]
        if n % PHOTO_EVERY == 0 and n // PHOTO_EVERY < len(self.photos):
            words += ["--photo", self.photos[n // PHOTO_EVERY]]
            self.photos_taken += 1
        self.promised[self.workers[worker].one("report", *words)["case"]] = self.texts[n]

    def shift(self, wave):
        """Everybody reports, and tries to send in whatever network there is."""
        def work(worker):
            self.report(wave, worker)
            self.workers[worker].run("sync", "--timeout", SHIFT_SYNC_S, expect=None)
        self.each(work, self.rng.sample(range(HANDSETS), HANDSETS))

    def sent(self, handset):
        rows = handset.run("sync", "--timeout", QUIET_SYNC_S, expect=None)
        return bool(rows) and rows[-1]["cause"] == "none" and handset.status()["unsent_photos"] == 0

    def settle(self, handsets):
        """Until all of them have sent everything and been told everything."""
        for _ in range(TRIES_MAX):
            done = self.each(self.sent, handsets)
            handsets = [handset for handset, through in zip(handsets, done) if not through]
            if not handsets:
                return
        raise Failed(f"not in step: {[(handset.name, handset.status()) for handset in handsets][:3]}")

    # -- the server

    def crash(self):
        self.server.kill()
        self.crashes += 1

    def crash_at(self, cases):
        """Killed once so many cases are there, and started again."""
        until(lambda: self.desk.stats()["cases"] >= cases, f"{cases} cases", 60)
        self.crash()
        self.server.start()

    def back_up(self):
        return bihuan(self.world, "backup", CODE, "--out", self.backups)[0]

    def lose_the_disk(self, backup):
        self.crash()
        restored = bihuan(self.world, "restore", backup["folder"], "--to", self.server.data, "--replace")[0]
        equal(restored["epoch"], backup["epoch"] + 1, "the epoch after the restore")
        self.server.start()

    # -- the desk

    def desk_round(self):
        """Dispatches what waits, lets the units work, closes what is done; gives what is still open."""
        waiting = self.desk.cases("received,verifying,filed,rework")
        self.each(self.dispatch, waiting)
        self.each(self.unit_works, self.leads)
        self.each(self.close, self.desk.cases("done,checking"))
        return len(self.desk.cases(OPEN))

    def dispatch(self, case):
        unit = case["unit"] if case["unit"] in UNITS else self.rng.choice(list(UNITS))
        bihuan_try(self.world, "dispatch", case["number"], "--as", DISPATCHER, "--condition=none-of-them", "--unit", unit)

    def unit_works(self, lead):
        lead.run("sync", "--timeout", QUIET_SYNC_S, expect=None)
        lead.run("act", "sign", "--all", expect=None)
        lead.run("act", "finish", "--all", "--text", "已到场处置", expect=None)
        lead.run("sync", "--timeout", QUIET_SYNC_S, expect=None)

    def close(self, case):
        words = f"已处置,回复 {case['number']}"
        if case["state"] == "done" and case["urgency"] == "P1" and case["checked"] != "passed":
            self.check(case["number"])
        if bihuan_try(self.world, "close", case["number"], "--as", ACCEPTOR, "--ended", "--text", words):
            self.answers[case["number"]] = words

    def check(self, number):
        try:
            self.desk.checked(number)
        except (Failed, OSError):
            pass  # the server may be away: another round comes

    def close_all(self):
        until(lambda: self.desk_round() == 0, "no case is open", 120)


def bihuan_try(world, *words):
    """A verb of the desk, whatever becomes of it: a server may be away, or a case may have moved on."""
    try:
        return bihuan(world, *words)[0]
    except Failed:
        return None


def meanwhile(work):
    """Runs it beside what follows; the function given waits for it."""
    one = ThreadPoolExecutor(1)
    return one.submit(work).result


def live_through(day, clock):
    weather = Weather(day.net)
    crashed = meanwhile(lambda: day.crash_at(HANDSETS // 3))
    day.shift(0)
    crashed()
    clock("morning")
    backed_up = meanwhile(day.back_up)
    day.settle(day.rng.sample(day.workers, HANDSETS // 2))
    backup = backed_up()
    day.desk_round()
    clock("backup")
    crashed = meanwhile(lambda: day.crash_at(HANDSETS + HANDSETS // 3))
    day.shift(1)
    crashed()
    day.desk_round()
    clock("forenoon")
    day.lose_the_disk(backup)
    clock(f"restored, with {backup['cases']} of {2 * HANDSETS} cases")
    day.shift(2)
    clock("afternoon")
    weather.calm()
    day.settle(day.workers)
    clock("all is sent")
    day.close_all()
    clock("all is closed")
    day.settle(day.workers)
    clock("evening")
    day.desk.verify()
    day.server.stop()


# ---- What is so in the evening


def merge(name, parts):
    """One mapping of the handsets' own; what two of them hold must be alike."""
    whole = {}
    for part in parts:
        for key, value in getattr(part, name).items():
            equal(whole.setdefault(key, value), value, f"{name} on two handsets")
    return whole


def alike(at_server, on_handsets, what):
    """Two mappings; says which keys differ, not what stands there."""
    odd = {key for key in at_server.keys() | on_handsets.keys() if at_server.get(key) != on_handsets.get(key)}
    if odd:
        raise Failed(f"{what}: {len(odd)} differ, {len(odd - at_server.keys())} are not at the server, "
                     f"{len(odd - on_handsets.keys())} on no handset, such as {next(iter(odd))}")


def count(day, say):
    handsets = [HandsetStore(handset.store) for handset in day.workers]
    server = ServerStore(day.server.data / CODE)
    reports, photos, answers = (merge(name, handsets) for name in ("reports", "photos", "answers"))
    say("handsets", len(handsets))
    say("reports_on_handsets", len(reports))
    say("reports_on_server", len(server.reports))
    say("cases_open", len(server.open))
    say("photos_on_handsets", len(photos))
    say("photos_on_server", len(server.photos))
    say("closures_on_handsets", sum(len(cycles) for cycles in answers.values()))
    say("epoch", server.epoch)
    equal([number for handset in handsets for number in handset.refused + handset.waiting], [],
          "reports that were refused, or are not known to be there")
    equal([digest.hex() for handset in handsets for digest in handset.photos_waiting], [], "photos not told complete")
    alike(server.reports, reports, "reports, by log and sequence: number, link and text")
    equal(sorted(report.text for report in reports.values()), sorted(day.promised.values()), "the words")
    equal(sorted(server.cases), sorted(report.number for report in reports.values()), "cases, each once")
    equal((server.open, server.photos_damaged), ([], []), "open cases, damaged photos")
    alike(server.photos, photos, "photos, by hash: size")
    equal(sorted(answers), sorted(server.cases), "cases with an answer on their handset")
    equal(sorted(words for cycles in answers.values() for words in cycles.values()), sorted(day.answers.values()),
          "the answers' words")
    stats_equal(day, len(reports))


def stats_equal(day, reports):
    equal(len(day.promised), HANDSETS * len(WAVES), "reports that were promised")
    equal((reports, day.crashes), (len(day.promised), 3), "reports, crashes")
    if day.net.cuts < 10:
        raise Failed(f"the network made only {day.net.cuts} cuts")


def test_C04_C08_E11_one_day_of_one_district():
    if not DATA.is_dir():
        raise tap.Skip(f"{DATA} is not there")
    began = time.monotonic()

    def say(key, value):
        print(f"# {key}={value}", flush=True)

    def clock(what):
        print(f"# {time.monotonic() - began:.1f} s: {what}", flush=True)

    with Chaos(SEED) as net, World() as world:
        day = Day(world, net)
        day.begin()
        clock("all are enrolled")
        live_through(day, clock)
        count(day, say)
        say("cuts", net.cuts)
        say("crashes", day.crashes)
        say("links", net.made)
        say("seconds", round(time.monotonic() - began))


if __name__ == "__main__":
    sys.exit(tap.run(cases_of(globals())))
