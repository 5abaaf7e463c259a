#!/usr/bin/python3
"""compare_calendar.py PROGRAM [INTERVALS]: the calendar's arithmetic against a count of minutes (working_minutes.py).

PROGRAM is calendar_lines.  The edges by name come first, each with its answer as a person finds it on a paper calendar;
then random intervals over random weeks with random holidays and make-up days.
"""
import datetime
import os
import random
import subprocess
import sys

TOP = os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), '../../..'))
sys.path.insert(0, os.path.join(TOP, 'tests'))
import tap  # noqa: E402
from working_minutes import WEEK, WorkingMinutes, to_ms  # noqa: E402

DAY_MS = 86400000
HOUR_MS = 3600000
INTERVALS_EACH = 1250  # of one calendar
CALENDARS_AT_ONCE = 40
CHINA = 480
DATE_0 = datetime.date(1970, 1, 1)


def ask(program, lines):
    done = subprocess.run([program], input='\n'.join(lines) + '\n', stdout=subprocess.PIPE, text=True, check=True)
    return [tuple(map(int, line.split())) for line in done.stdout.splitlines()]


def calendar_lines(offset, periods, days):
    return [f'c {offset}', *(f'p {weekday} {begin} {end}' for weekday, begin, end in periods),
            *(f'd {(date - DATE_0).days} {weekday}' for date, weekday in days.items())]


# ---- The edges by name (D02) ----

def date(text):
    return datetime.date.fromisoformat(text)


def china(text):
    zone = datetime.timezone(datetime.timedelta(minutes=CHINA))
    return to_ms(datetime.datetime.fromisoformat(text).replace(tzinfo=zone))


NATIONAL_DAY = {**{date(f'2027-10-0{n}'): 0 for n in range(1, 8)}, date('2027-10-09'): 1, date('2027-09-26'): 1}
NIGHTS = [(1, 0, 1440), (2, 0, 120), (2, 1320, 1440), (3, 0, 60), (7, 1380, 1440)]
YEAR_OFF = {date('2027-01-01') + datetime.timedelta(days=n): 0 for n in range(365)}
# (name, week, days, start, working hours, due)
EDGES = (
    ('a day that ends at 24:00', NIGHTS, {date('2027-03-02'): 0}, '2027-03-01 12:00', 12, '2027-03-02 00:00'),
    ('24:00 into a make-up day', NIGHTS, {date('2027-03-02'): 1}, '2027-03-01 12:00', 36, '2027-03-03 00:00'),
    ('29 February is a holiday', WEEK, {date('2028-02-29'): 0}, '2028-02-28 17:00', 2, '2028-03-01 09:00'),
    ('29 February is worked', WEEK, {date('2032-02-29'): 5}, '2032-02-27 17:00', 2, '2032-02-29 09:00'),
    ('a make-up Saturday', WEEK, NATIONAL_DAY, '2027-10-08 17:00', 9, '2027-10-09 18:00'),
    ('a make-up Sunday, over the edge of its week', WEEK, NATIONAL_DAY, '2027-09-26 17:00', 2, '2027-09-27 09:00'),
    ('a limit that starts outside hours', WEEK, NATIONAL_DAY, '2027-10-03 03:00', 1, '2027-10-08 09:00'),
    ('a limit that starts at the last instant', WEEK, NATIONAL_DAY, '2027-09-30 18:00', 1, '2027-10-08 09:00'),
    ('a limit over a week of holidays', WEEK, NATIONAL_DAY, '2027-09-30 17:00', 2, '2027-10-08 09:00'),
    ('a limit that ends before them', WEEK, NATIONAL_DAY, '2027-09-30 17:00', 1, '2027-09-30 18:00'),
    ('a year without any day of work', WEEK, YEAR_OFF, '2026-12-31 17:00', 2, '2028-01-03 09:00'),
    ('no work at all', WEEK, NATIONAL_DAY, '2027-10-03 03:00', 0, '2027-10-03 03:00'),
)


def edge(program, week, days, start, hours, due):
    table = WorkingMinutes(CHINA, week, days, date(start[:10]) - datetime.timedelta(days=2), 800)
    begin, work, end = china(start), hours * HOUR_MS, china(due)
    (between, walked, following, works), = ask(program, [*calendar_lines(CHINA, week, days), f'q {begin} {end} {work}'])
    assert walked == end, f'{walked - end} ms beside {due}'
    assert table.walk(begin, work) == end, 'the count of minutes itself is wrong'
    assert between == work == table.between(begin, end)
    assert following == table.next_working(begin) and works == (following == begin)


def extension_across_a_holiday(program):
    """One more limit on what was due on the eve: as if it had been twice as long from the start."""
    lines = calendar_lines(CHINA, WEEK, NATIONAL_DAY)
    start, eve, limit = china('2027-09-30 09:00'), china('2027-09-30 17:00'), 6 * HOUR_MS
    answers = ask(program, [*lines, f'q {start} {eve} {limit}', f'q {eve} {eve} {limit}', f'q {start} {eve} {2 * limit}'])
    assert answers[0][1] == eve
    assert answers[1][1] == answers[2][1] == china('2027-10-08 15:00')


def pause_of_no_length(program):
    """What is used before it, and the rest after it, are due when the whole was; in a holiday too."""
    lines = calendar_lines(CHINA, WEEK, NATIONAL_DAY)
    start, limit = china('2027-09-30 16:00'), 20 * HOUR_MS
    due = ask(program, [*lines, f'q {start} {start} {limit}'])[0][1]
    for text in ('2027-09-30 16:00', '2027-09-30 18:00', '2027-10-04 11:11', '2027-10-08 12:00', '2027-10-09 09:30'):
        pause = china(text)
        used = ask(program, [*lines, f'q {start} {pause} 0'])[0][0]
        assert ask(program, [*lines, f'q {pause} {pause} {limit - used}'])[0][1] == due, text


# ---- Random ----

def random_week(chance):
    """Up to four periods a day that do not overlap; ends at 24:00 and touching ones are frequent."""
    periods = []
    for weekday in range(1, 8):
        edges = sorted(chance.sample(range(1441), 2 * chance.choice((0, 0, 1, 2, 2, 4))))
        if edges and chance.random() < 0.3:
            edges[-1] = 1440
        periods += [(weekday, *edges[i:i + 2]) for i in range(0, len(edges), 2)]
        if len(edges) > 2 and chance.random() < 0.3:
            periods[-1] = (weekday, edges[-3], edges[-1])
    return periods or [(chance.randint(1, 7), 0, 1)]


def random_days(chance, periods, first, count):
    """Blocks of holidays, make-up days alone, and single ones of either kind."""
    works = sorted({weekday for weekday, _, _ in periods})
    days = {}
    for _ in range(chance.randint(0, count // 6)):
        at, length = chance.randrange(count), chance.choice((1, 1, 1, 3, 8, 40))
        weekday = 0 if length > 1 else chance.choice((0, *works))
        for n in range(at, min(at + length, count)):
            days[first + datetime.timedelta(days=n)] = weekday
    shuffled = list(days.items())
    chance.shuffle(shuffled)
    return dict(shuffled)


def random_calendar(chance):
    offset = chance.choice((CHINA, 0, 345, chance.randint(-840, 840)))
    first = datetime.date(chance.randint(1950, 2150), chance.randint(1, 12), chance.randint(1, 28))
    count = chance.choice((20, 40, 90, 150, 400))
    periods = WEEK if chance.random() < 0.3 else random_week(chance)
    days = random_days(chance, periods, first, count)
    return WorkingMinutes(offset, periods, days, first, count), calendar_lines(offset, periods, days)


def random_question(chance, table):
    """On an edge of a minute or beside it, or anywhere; the work ends within the table."""
    a, b = (chance.randrange(table.begin_ms, table.end_ms) for _ in range(2))
    if chance.random() < 0.4:
        a += -(a - table.begin_ms) % 60000 + chance.choice((-1, 0, 0, 1))
        a = min(a, table.end_ms - 1)
    room = table.between(a, table.end_ms)
    work = chance.choice((0, 1, room, chance.randint(0, room), chance.randint(0, min(room, 3 * DAY_MS))))
    return a, b, min(work, room)


def check(table, question, told):
    a, b, work = question
    between, due, following, works = told
    assert between == table.between(a, b), (question, told)
    assert table.is_due(a, work, due), (question, told)
    assert works == table.works(a), (question, told)
    if following < table.end_ms:
        assert table.works(following) and table.between(a, following) == 0 and following >= a, (question, told)
    else:
        assert table.between(a, table.end_ms) == 0, (question, told)


def compare(program, intervals):
    chance = random.Random(20271001)
    left = intervals
    while left > 0:
        asked, lines = [], []
        while left > 0 and len(lines) < CALENDARS_AT_ONCE * INTERVALS_EACH:
            table, of_calendar = random_calendar(chance)
            questions = [random_question(chance, table) for _ in range(min(left, INTERVALS_EACH))]
            left -= len(questions)
            lines += [*of_calendar, *(f'q {a} {b} {work}' for a, b, work in questions)]
            asked += [(table, question) for question in questions]
        answers = ask(program, lines)
        assert len(answers) == len(asked)
        for (table, question), told in zip(asked, answers):
            check(table, question, told)


def main():
    program, intervals = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 50000
    cases = [(name, lambda row=row: edge(program, *row)) for name, *row in EDGES]
    cases += [('an extension across a holiday', lambda: extension_across_a_holiday(program)),
              ('a pause of no length', lambda: pause_of_no_length(program)),
              (f'{intervals} random intervals', lambda: compare(program, intervals))]
    return tap.run(cases)


if __name__ == '__main__':
    sys.exit(main())
