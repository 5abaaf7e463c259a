"""Due times from a case's entries and the working week alone, for check.py.

An entry has verb, at_ms and decision; a case is {field id: value} as in server/domain/case.c.
"""
SUBMIT, DISPATCH, RETURN, ACCEPT_RETURN, FINISH, REDIRECT, RELEASE = 1, 9, 11, 12, 18, 29, 70
SUSPEND, RESUME, FAIL, REOPEN, RECONSIDER, EXTEND = 14, 15, 21, 24, 30, 47
MOVE_UP, RECEIVE, TIER_MOVING, TIER = 16, 17, 8, 54
TIERS = {2: 7 * 24 * 60 * 60000, 3: 15 * 24 * 60 * 60000}  # of a dispute; a village's three days are the type's limit
RECEIVED, VERIFYING, FILED, DISPATCHED, HANDLING, RETURNING, SUSPENDED = 1, 2, 3, 4, 5, 6, 7
DONE, CHECKING, REWORK = 9, 10, 11
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


def working_periods(from_ms):
    """(begin, end) from an instant on: 8-12 and 14-18, Monday to Friday, eight hours east."""
    east = 8 * HOUR
    day = (from_ms + east) // (24 * HOUR)
    while True:
        weekday = (day + 3) % 7  # 1970-01-01 was a Thursday
        for begin, end in ((8, 12), (14, 18)) if weekday < 5 else ():
            opens, closes = day * 24 * HOUR - east + begin * HOUR, day * 24 * HOUR - east + end * HOUR
            if closes > from_ms:
                yield max(opens, from_ms), closes
        day += 1


def walk(from_ms, length_ms):
    for begin, end in working_periods(from_ms):
        if length_ms <= end - begin:
            return begin + length_ms
        length_ms -= end - begin


def passed(working, from_ms, to_ms):
    """How much of a limit's own time lies between two instants."""
    if not working:
        return to_ms - from_ms
    length = 0
    for begin, end in working_periods(from_ms):
        if begin >= to_ms:
            return length
        length += min(end, to_ms) - begin


def disposal_due(case, history):
    """Stretch by stretch: a suspension ends one, a rework begins with half, an extension adds a whole limit."""
    key = (case.get(4, 0), case.get(5, 0))
    working, limit = LIMITS.get(key) or LIMITS.get((key[0], 0)) or LIMITS[40006, 0]
    if key[0] == 60001:
        limit = TIERS.get(case.get(TIER, 0), limit)
    since = left = 0
    for entry in history:
        if not entry.decision:
            continue
        if entry.verb in (DISPATCH, REDIRECT, FAIL, RECEIVE):
            since, left = entry.at_ms, limit // 2 if entry.verb == FAIL else limit
        elif entry.verb == EXTEND:
            left += limit
        elif entry.verb == SUSPEND:
            left -= passed(working, since, entry.at_ms)
        elif entry.verb == RESUME:
            since = entry.at_ms
    return walk(since, left) if working else since + left


def dues_of(case, history):
    at = {}
    for entry in history:
        if not entry.decision:
            continue
        for name, verbs in (('queue', (SUBMIT, RELEASE, ACCEPT_RETURN, REOPEN, RECONSIDER)),
                            ('out', (DISPATCH, REDIRECT)), ('again', (FAIL,)), ('up', (MOVE_UP,)),
                            ('back', (RETURN,)), ('done', (FINISH,))):
            if entry.verb in verbs:
                at[name] = entry.at_ms
    state, dues = case[2], dict.fromkeys((22, 26, 27, 28, 30, UNTIL), 0)
    if state in (RECEIVED, VERIFYING, FILED):
        dues[22] = at['queue'] + DISPATCH_LIMIT
    elif state in (DONE, CHECKING):
        dues[30] = walk(at['done'], CHECK_LIMIT)
    elif state == TIER_MOVING:
        dues[26] = walk(at['up'], CHECK_LIMIT)
    elif state == SUSPENDED:
        dues[UNTIL] = case[UNTIL]
    elif state in (DISPATCHED, HANDLING, RETURNING, REWORK):
        dues[27] = disposal_due(case, history)
        since = {DISPATCHED: 'out', REWORK: 'again'}.get(state)
        dues[26] = walk(at[since], SIGN_LIMIT) if since else 0
        dues[28] = at['back'] + REVIEW_LIMIT if state == RETURNING else 0
    return dues
