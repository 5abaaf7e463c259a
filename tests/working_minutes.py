"""Working time, counted minute by minute: a table of every minute of some days, worked or not, and nothing cleverer.

It knows the calendar only through datetime, and shares no code and no thought with proto/calendar.c.
"""
import datetime
import itertools

MINUTE_MS = 60000
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
WEEK = [(weekday, begin, end) for weekday in range(1, 6) for begin, end in ((480, 720), (840, 1080))]


def to_ms(moment):
    return (moment - EPOCH) // datetime.timedelta(milliseconds=1)


class WorkingMinutes:
    """periods: (weekday 1..7, from, to) in minutes of the day; days: {date: weekday it works as, 0 for a holiday}."""

    def __init__(self, offset_min, periods, days, first, count):
        self.worked = bytearray()
        shapes = {0: bytes(1440)}
        for weekday in range(1, 8):
            minutes = bytearray(1440)
            for of, begin, end in periods:
                if of == weekday:
                    minutes[begin:end] = b'\1' * (end - begin)
            shapes[weekday] = bytes(minutes)
        for n in range(count):
            date = first + datetime.timedelta(days=n)
            self.worked += shapes[days.get(date, date.isoweekday())]
        zone = datetime.timezone(datetime.timedelta(minutes=offset_min))
        self.begin_ms = to_ms(datetime.datetime.combine(first, datetime.time(), zone))
        self.end_ms = self.begin_ms + len(self.worked) * MINUTE_MS
        self.before = [0, *itertools.accumulate(self.worked)]

    def until(self, ms):
        minute, rest = divmod(ms - self.begin_ms, MINUTE_MS)
        return self.before[minute] * MINUTE_MS + (rest if rest and self.worked[minute] else 0)

    def between(self, a_ms, b_ms):
        return self.until(b_ms) - self.until(a_ms)

    def works(self, ms):
        return self.worked[(ms - self.begin_ms) // MINUTE_MS] == 1

    def is_due(self, start_ms, work_ms, due_ms):
        """Is it the first instant by which so much is worked?"""
        if work_ms == 0:
            return due_ms == start_ms
        return self.between(start_ms, due_ms) == work_ms and self.works(due_ms - 1)

    def walk(self, start_ms, work_ms):
        """The same found by going there, a minute at a time."""
        at = start_ms
        while work_ms > 0:
            step = MINUTE_MS - (at - self.begin_ms) % MINUTE_MS
            if self.works(at):
                step = min(step, work_ms)
                work_ms -= step
            at += step
        return at

    def next_working(self, at_ms):
        at = at_ms
        while not self.works(at):
            at += MINUTE_MS - (at - self.begin_ms) % MINUTE_MS
        return at
