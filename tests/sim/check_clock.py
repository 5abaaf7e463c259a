"""Due times from a case's entries, the working weeks of their times, holidays and make-up days alone, for check.py.

An entry has verb, at_ms, decision and the week in force; a case is {field id: value} as in server/domain/case.c.
"""
import datetime

from check_journal import patch

SELF_DISPOSE, SUBMIT, DISPATCH, RETURN, ACCEPT_RETURN, FINISH, REDIRECT, RELEASE, REGISTER = 8, 1, 9, 11, 12, 18, 29, 70, 125
SUSPEND, RESUME, FAIL, REOPEN, RECONSIDER, EXTEND, RECUR, UNMERGE = 14, 15, 21, 24, 30, 47, 27, 31
ARCHIVE, FOLLOW_TRY, ARCHIVED, FOLLOW_DUE = 25, 53, 13, 63
FOLLOWS = {26, FOLLOW_TRY}
MOVE_UP, MOVE_DOWN, RECEIVE, TIER_MOVING, TIER = 16, 98, 17, 8, 54
AMEND, RECOMPUTE = 51, 52
MILESTONES, MILESTONE_DONE, MILESTONE_DUE, STEP_LIMITS, STEPS, STEP_DUE, CALENDAR = 118, 119, 122, 166, 164, 172, 70
ARMS = {DISPATCH, REDIRECT, RECEIVE, FAIL, EXTEND, AMEND, RESUME}  # after these thresholds may be told of again
TIERS = {2: 7 * 24 * 60 * 60000, 3: 15 * 24 * 60 * 60000}  # of a dispute; a village's three days are the type's limit
RECEIVED, VERIFYING, FILED, DISPATCHED, HANDLING, RETURNING, SUSPENDED = 1, 2, 3, 4, 5, 6, 7
DONE, CHECKING, REWORK = 9, 10, 11
CLOSED_AT = 31
UNTIL = 45  # the date that a person suspended it to
MINUTE = 60000
HOUR = 60 * MINUTE
DISPATCH_LIMIT, SIGN_LIMIT, CHECK_LIMIT, REVIEW_LIMIT = 30 * MINUTE, 120 * MINUTE, 480 * MINUTE, 60 * MINUTE
# demo_rules.c: limits by (type, condition); what is of no known type is handled as 40006.
WORK, ALWAYS = True, False
LIMITS = {(10001, 0): (WORK, 4 * HOUR), (10001, 1): (WORK, 2 * HOUR), (10001, 2): (WORK, 8 * HOUR),
          (20001, 0): (WORK, 8 * HOUR), (40001, 0): (WORK, 16 * HOUR), (40001, 1): (ALWAYS, 2 * HOUR),
          (40001, 2): (WORK, 4 * HOUR), (40001, 3): (WORK, 16 * HOUR), (40001, 4): (WORK, 40 * HOUR),
          (40006, 0): (ALWAYS, 2 * HOUR), (50001, 0): (ALWAYS, HOUR), (60001, 0): (ALWAYS, 72 * HOUR),
          (70001, 0): (ALWAYS, 24 * HOUR)}
DUTY = 117  # the period of heightened duty that it began in, whose rule is of class 40
HEIGHTENED = {40001: (ALWAYS, HOUR), 40006: (ALWAYS, HOUR)}

# desk.c: two days in the first week for its weekend, and a week for a Saturday.
HOLIDAYS = {(datetime.date.fromisoformat(text) - datetime.date(1970, 1, 1)).days for text in (
    '2026-03-04', '2026-03-05', '2026-03-14', '2026-03-23', '2026-03-24', '2026-03-25', '2026-03-26', '2026-03-27')}
MAKE_UP = {(datetime.date.fromisoformat(text) - datetime.date(1970, 1, 1)).days for text in (
    '2026-03-07', '2026-03-08', '2026-03-28')}


# {weekday: ((from, to), ...)} in minutes of the day, Monday is 0
WEEK = {day: ((480, 720), (840, 1080)) for day in range(5)}


def week_of(fields_of, profile):
    """A profile's working periods as {weekday: ((from, to), ...)}; the usual ones where it names none."""
    week = {}
    for settings in fields_of(profile)[7]:
        for period in fields_of(settings)[9]:
            parts = fields_of(period)
            week.setdefault(parts[1][0] - 1, []).append((parts[2][0], parts[3][0]))
    return week or WEEK


def working_periods(from_ms, week):
    """(begin, end) from an instant on, eight hours east."""
    east = 8 * HOUR
    day = (from_ms + east) // (24 * HOUR)
    while True:
        weekday = 0 if day in MAKE_UP else (day + 3) % 7  # 1970-01-01 was a Thursday
        for begin, end in week.get(weekday, ()) if day not in HOLIDAYS else ():
            opens, closes = day * 24 * HOUR - east + begin * MINUTE, day * 24 * HOUR - east + end * MINUTE
            if closes > from_ms:
                yield max(opens, from_ms), closes
        day += 1


def works(at_ms, week):
    return next(working_periods(at_ms, week))[0] == at_ms


def walk(from_ms, length_ms, week):
    for begin, end in working_periods(from_ms, week):
        if length_ms <= 0:
            return from_ms
        if length_ms <= end - begin:
            return begin + length_ms
        length_ms -= end - begin


def passed(working, from_ms, to_ms, week):
    """How much of a limit's own time lies between two instants."""
    if not working:
        return to_ms - from_ms
    length = 0
    for begin, end in working_periods(from_ms, week):
        if begin >= to_ms:
            return length
        length += min(end, to_ms) - begin


def limit_of(case):
    """What type, condition and tier give: does it count working periods, and its length."""
    key = (case.get(4, 0), case.get(5, 0))
    known = key[0] if (key[0], 0) in LIMITS else 40006
    if case.get(DUTY) and known in HEIGHTENED:
        return HEIGHTENED[known]
    working, limit = LIMITS.get(key) or LIMITS.get((key[0], 0)) or LIMITS[40006, 0]
    return working, TIERS.get(case.get(TIER, 0), limit) if key[0] == 60001 else limit


def disposal_due(case, history):
    """Stretch by stretch: a suspension ends one, a rework begins with half, an extension adds a whole limit.  What
    an amendment makes of the type counts from the beginning; the calendar is the one of the last entry that computed."""
    working, limit = limit_of(case)
    since = used = 0
    halves = 2
    alone = False  # put right by its worker: where that does not do, its first unit has the whole limit
    week = WEEK
    for entry in history:
        if not entry.decision:
            continue
        if entry.verb == SELF_DISPOSE:
            alone = True
        elif entry.verb in (DISPATCH, REDIRECT, FAIL, RECEIVE):
            since, used, halves, alone = entry.at_ms, 0, 1 if entry.verb == FAIL and not alone else 2, False
        elif entry.verb == EXTEND:
            halves += 2
        elif entry.verb == SUSPEND:
            used += passed(working, since, entry.at_ms, entry.week)
        elif entry.verb == RESUME:
            since = entry.at_ms
        if entry.verb in ARMS or entry.verb == RECOMPUTE:
            week = entry.week
    left = limit * halves // 2 - used
    return walk(since, left, week) if working else since + max(left, 0)


def follow_due(case, asked, week, history):
    """A first try: three working days after closing or one after archiving, the later; any other: three after the last."""
    last = [entry for entry in history if entry.decision and entry.verb in (ARCHIVE, FOLLOW_TRY)][-1]
    if last.verb == FOLLOW_TRY:
        return walk(asked, 3 * CHECK_LIMIT, week)
    by_closing = walk(case[CLOSED_AT], 3 * CHECK_LIMIT, last.week) > walk(asked, CHECK_LIMIT, last.week)
    return walk(case[CLOSED_AT], 3 * CHECK_LIMIT, week) if by_closing else walk(asked, CHECK_LIMIT, week)


# A step's limit by the unit of the clock, in the upper three of its sixteen bits.
STEP_UNITS = {1: (ALWAYS, MINUTE), 2: (ALWAYS, HOUR), 3: (WORK, HOUR), 4: (WORK, 8 * HOUR), 5: (ALWAYS, 24 * HOUR)}


def step_limit(facts, step):
    packed = facts.get(STEP_LIMITS + step // 4, 0) >> 16 * (step % 4) & 0xffff
    working, length = STEP_UNITS[packed >> 13]
    return working, length * (packed & 0x1fff)


def step_due(history):
    """The running step of a plan: which one is counted, since when and how long is folded; 0: none runs."""
    facts, runs, paused, step, since, used, week = {}, False, False, 0, 0, 0, WEEK
    for entry in history:
        if not entry.decision:
            continue
        calendar = facts.get(CALENDAR, 0)
        patch(facts, entry.decision)
        if entry.verb in (MILESTONES, MILESTONE_DONE):
            step = (step if runs else 0) + (entry.verb == MILESTONE_DONE)
            runs, paused, since, used, week = step < facts[STEPS], False, entry.at_ms, 0, entry.week
        elif runs and entry.verb == SUSPEND:
            used, paused = used + passed(step_limit(facts, step)[0], since, entry.at_ms, entry.week), True
        elif runs and entry.verb == RESUME:
            paused, since, week = False, entry.at_ms, entry.week
        elif entry.verb in (RETURN, REDIRECT, MOVE_UP, MOVE_DOWN, FINISH):
            runs = False
        if facts.get(CALENDAR, 0) != calendar:
            week = entry.week
    if not runs or paused:
        return 0
    working, limit = step_limit(facts, step)
    return walk(since, limit - used, week) if working else since + max(limit - used, 0)


def dues_of(case, history):
    at, week = {}, {}
    for entry in history:
        if not entry.decision:
            continue
        if entry.verb == RECOMPUTE:
            week = dict.fromkeys(week, entry.week)
        for name, verbs in (('queue', (SUBMIT, REGISTER, RELEASE, ACCEPT_RETURN, REOPEN, RECONSIDER, RECUR, UNMERGE)),
                            ('out', (DISPATCH, REDIRECT)), ('again', (FAIL,)), ('up', (MOVE_UP, MOVE_DOWN)),
                            ('back', (RETURN,)), ('done', (FINISH, SELF_DISPOSE)), ('asked', (ARCHIVE, FOLLOW_TRY))):
            if entry.verb in verbs:
                at[name], week[name] = entry.at_ms, entry.week
    state, dues = case[2], dict.fromkeys((22, 26, 27, 28, 30, UNTIL, FOLLOW_DUE), 0)
    dues[STEP_DUE] = step_due(history) if STEPS in case else 0
    if state in (RECEIVED, VERIFYING, FILED):
        dues[22] = at['queue'] + DISPATCH_LIMIT
    elif state in (DONE, CHECKING):
        dues[30] = walk(at['done'], CHECK_LIMIT, week['done'])
    elif state == TIER_MOVING:
        dues[26] = walk(at['up'], CHECK_LIMIT, week['up'])
    elif state == SUSPENDED:
        dues[UNTIL] = case[UNTIL]
    elif state == ARCHIVED:
        dues[FOLLOW_DUE] = follow_due(case, at['asked'], week['asked'], history)
    elif state in (DISPATCHED, HANDLING, RETURNING, REWORK):
        dues[27] = disposal_due(case, history)
        since = {DISPATCHED: 'out', REWORK: 'again'}.get(state)
        dues[26] = walk(at[since], SIGN_LIMIT, week[since]) if since else 0
        dues[28] = at['back'] + REVIEW_LIMIT if state == RETURNING else 0
    return dues
