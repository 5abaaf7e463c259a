#!/usr/bin/python3
"""Real days of a city's 311 line through the real programs, at their real spacing on the scale of due dates.

    test_streams.py                    a part of each stream, for every run of the suite
    test_streams.py --whole            2 January 2020 from midnight to midnight, and New Year's Eve from 18:52 on
    test_streams.py --scale 480        so many of the city's seconds in one

Each request of ../shared/data/sr311 comes in when it came in there, over live sessions.

    nobody     no dispatcher at all: the clock alone, and nothing is undispatched after 30 minutes
    a desk     six people work the queue by time left, each so long for a case as WORK_S says: the distribution of
               the time to dispatch is printed, in the city's minutes

A scale is good for what its machine does in time: the five minutes between the clock's margin and the limit are 0.8 s at
360, and 0.4 s at 800.
"""
import argparse
import csv
import datetime
import pathlib
import sys
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent), str(HERE / "stranger")]
import tap
from convert_311 import type_of
from district import UNKNOWN_OWNER, Desk, instant
from expect import cases_of, equal
from harness import TOP, Failed, World, until
from client import Phone

DATA = TOP.parent / "shared/data/sr311"
LIMIT_MIN = 30
PHONES = ("G001", "G002", "G003", "G004")
DISPATCHERS = 6
WORK_S = 45                  # of the city: what a case takes at the desk
PATIENCE_S = 60
PLACES = ((31.0064380, 116.9725080), (30.99, 116.98), (30.9862, 116.9834), (30.9905, 116.9921))


# ---- What came in there


def day_rows():
    with open(DATA / "nyc_2020-01.csv", encoding="utf-8", newline="") as source:
        return [(row["created_local"], row["type"]) for row in csv.DictReader(source)
                if row["created_local"].startswith("2020-01-02T")]


def eve_rows():
    with open(DATA / "nyc_2019-12-31_evening.csv", encoding="utf-8", newline="") as source:
        return [(row["created_local"], row["type"]) for row in csv.DictReader(source)
                if row["created_local"].startswith("2019-12-31T")]


def seconds_of(text):
    at = datetime.datetime.fromisoformat(text)
    return at.hour * 3600 + at.minute * 60 + at.second


def stream_of(rows, first_hour, last_hour):
    """[(second since first_hour, words)], in order."""
    taken = sorted((seconds_of(text) - first_hour * 3600, words) for text, words in rows)
    return [(at, words) for at, words in taken if 0 <= at < (last_hour - first_hour) * 3600]


# ---- How it comes in here


class Feed(threading.Thread):
    """Some of a stream over one live session: each request is pushed when its time has come."""

    def __init__(self, phone, requests, scale, began):
        super().__init__(daemon=True)
        self.phone, self.requests, self.scale, self.began = phone, requests, scale, began
        self.late_s, self.fault = 0.0, None

    def run(self):
        try:
            with self.phone.session() as session:
                for n, (at, words) in enumerate(self.requests):
                    due = self.began + at / self.scale
                    self._listen_until(session, due)
                    self.late_s = max(self.late_s, time.monotonic() - due)
                    latitude, longitude = PLACES[n % len(PLACES)]
                    self.phone.submit(words, int(type_of(words) or 0), latitude, longitude)
                    session.push()
                session.push_all()
        except Exception as why:  # told by whoever waits for it
            self.fault = why

    def _listen_until(self, session, due):
        """Takes what the server tells meanwhile, so that nothing stands in its way."""
        while True:
            left = due - time.monotonic()
            if left <= 0:
                return
            try:
                session.take(left)
            except TimeoutError:
                return


class Person(threading.Thread):
    """One of the desk: the case of least time left that no colleague has in hand, then the next."""

    def __init__(self, name, room):
        super().__init__(daemon=True)
        self.name, self.room, self.done, self.fault = name, room, 0, None

    def run(self):
        try:
            while not self.room.over.is_set():
                case = self.room.next_case()
                if case is None:
                    self.room.over.wait(0.02)
                    continue
                self.room.over.wait(self.room.work_s)
                order = {"condition": "none-of-them", **({} if case["type_known"] else {"type": UNKNOWN_OWNER})}
                answer = self.room.desk.act(case["number"], "dispatch", order, acting=self.name)
                self.done += answer.status == 200      # 409: the clock was quicker
                if answer.status not in (200, 403, 409, 422):
                    raise Failed(f"dispatch: {answer.status} {answer.text}")
        except Exception as why:  # told by whoever waits for it
            self.fault = why


class Room:
    """What the people of one desk share: who has which case in hand."""

    def __init__(self, desk, scale):
        self.desk, self.work_s = desk, WORK_S / scale
        self.over, self.lock, self.taken = threading.Event(), threading.Lock(), set()

    def next_case(self):
        with self.lock:
            for case in self.desk.get("/queue?limit=50&state=received,verifying,filed")["items"]:
                if case["number"] not in self.taken:
                    self.taken.add(case["number"])
                    return case
        return None


# ---- What became of it


def minutes_to_dispatch(cases, scale):
    return sorted((instant(case["dispatched_at"]) - instant(case["received_at"])) / 60000 * scale for case in cases)


def percentile(values, percent):
    return values[min(len(values) - 1, len(values) * percent // 100)]


def say(name, **figures):
    print("# " + " ".join(f"{name}_{key}={value}" for key, value in figures.items()), flush=True)


def run_stream(name, stream, scale, people):
    """Plays a stream; gives every case of it, dispatched."""
    with World(test_due_divisor=scale) as world:
        server = world.server.start()
        server.district()
        desk = Desk(server)
        phones = [Phone(server.code_for(person)) for person in PHONES]
        for phone in phones:
            phone.enrol()
        room = Room(desk, scale)
        team = [Person(("D001", "D002")[n % 2], room) for n in range(people)]
        began = time.monotonic() + 0.5
        feeds = [Feed(phone, stream[n::len(phones)], scale, began) for n, phone in enumerate(phones)]
        for thread in feeds + team:
            thread.start()
        for feed in feeds:
            feed.join(stream[-1][0] / scale + PATIENCE_S)
        until(lambda: desk.stats()["dispatched"] >= len(stream), "all is dispatched", LIMIT_MIN * 60 / scale + PATIENCE_S)
        room.over.set()
        for thread in feeds + team:
            thread.join(PATIENCE_S)
            if thread.fault or thread.is_alive():
                raise Failed(f"{thread.name}: {thread.fault or 'does not end'}")
        cases, stats = desk.cases(), desk.stats()
        equal(len(cases), len(stream), "cases")
        desk.verify()
        server.stop()
    say(name, requests=len(stream), scale=scale, seconds=round(stream[-1][0] / scale),
        fed_late_s=round(max(feed.late_s for feed in feeds), 3), by_people=sum(person.done for person in team))
    return cases, stats


def tell_distribution(name, cases, stats, scale):
    values = minutes_to_dispatch(cases, scale)
    say(name, automatic=stats["automatic"], breached=stats["breached"],
        p50_min=round(percentile(values, 50), 1), p90_min=round(percentile(values, 90), 1),
        p99_min=round(percentile(values, 99), 1), max_min=round(values[-1], 1))
    return values


def alone(name, rows, first_hour, last_hour, scale):
    stream = stream_of(rows, first_hour, last_hour)
    cases, stats = run_stream(name, stream, scale, 0)
    values = tell_distribution(name, cases, stats, scale)
    late = [round(value, 1) for value in values if value > LIMIT_MIN]
    equal((late, stats["breached"]), ([], 0), f"dispatched after {LIMIT_MIN} minutes, and breached")
    equal(stats["automatic"], len(stream), "dispatched by rules and the clock")


def with_desk(name, rows, first_hour, last_hour, scale):
    stream = stream_of(rows, first_hour, last_hour)
    cases, stats = run_stream(name, stream, scale, DISPATCHERS)
    values = tell_distribution(name, cases, stats, scale)
    equal((len([value for value in values if value > LIMIT_MIN]), stats["breached"]), (0, 0), "after 30 minutes")
    if stats["automatic"] * 2 > len(stream):
        raise Failed(f"the desk dispatched less than half: {stats['automatic']} of {len(stream)} went by themselves")


OPTIONS = argparse.Namespace(whole=False, scale=0)


def skip_without_data():
    if not DATA.is_dir():
        raise tap.Skip(f"{DATA} is not there")


def scale_or(usual):
    return OPTIONS.scale or usual


def test_S0_28_2_January_with_nobody_at_the_desk():
    skip_without_data()
    if OPTIONS.whole:
        alone("day_alone", day_rows(), 0, 24, scale_or(800))
    else:
        alone("day_alone", day_rows(), 9, 12, scale_or(360))


def test_S0_28_2_January_with_a_desk_of_six():
    skip_without_data()
    if OPTIONS.whole:
        with_desk("day_desk", day_rows(), 0, 24, scale_or(800))
    else:
        with_desk("day_desk", day_rows(), 9, 12, scale_or(360))


def test_S0_28_the_burst_of_New_Years_Eve_with_nobody_at_the_desk():
    skip_without_data()
    if OPTIONS.whole:
        alone("eve_alone", eve_rows(), 18, 24, scale_or(240))
    else:
        alone("eve_alone", eve_rows(), 22, 24, scale_or(360))


def test_S0_28_the_burst_of_New_Years_Eve_with_a_desk_of_six():
    skip_without_data()
    if OPTIONS.whole:
        with_desk("eve_desk", eve_rows(), 18, 24, scale_or(240))
    else:
        with_desk("eve_desk", eve_rows(), 22, 24, scale_or(360))


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--whole", action="store_true")
    parser.add_argument("--scale", type=int, default=0)
    parser.parse_args(namespace=OPTIONS)
    sys.exit(tap.run(cases_of(globals())))
