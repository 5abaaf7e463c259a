"""Thresholds of disposal limits, for check.py: each once of a limit, in working hours but of P1, never too early."""
import collections

import check_clock
import tap

OVERDUE, WARN = 44, 50
URGENCY, DISPOSAL_DUE, WARNED = 6, 27, 71
MISS, AGAIN = 172, 200
HOURS = {100: 0, 124: 24, MISS: 72, AGAIN: 144}


class Thresholds:
    def __init__(self):
        self.told, self.steps = collections.Counter(), collections.Counter()

    def follow(self, entry, before):
        """An entry that took effect, and its case before it."""
        if entry.verb in check_clock.ARMS:
            self.told[entry.case_number] = 0
        self.step(entry, before)
        if entry.verb not in (WARN, OVERDUE):
            return
        due, hours = before.get(DISPOSAL_DUE, 0), HOURS.get(entry.reason)
        told, again = self.told[entry.case_number], entry.reason == AGAIN
        for holds, what in ((before.get(WARNED) == MISS if again else entry.reason > told, 'tells what was told'),
                            ((entry.verb == OVERDUE) == (hours is not None), 'has another verb'),
                            (due and (hours is None or entry.at_ms >= due + hours * check_clock.HOUR), 'is too early'),
                            (before.get(URGENCY) == 1 or check_clock.works(entry.at_ms, entry.week),
                             'reminds outside working hours')):
            if not holds:
                raise tap.Fault('I8: entry %d %s' % (entry.position, what))
        if not again:
            self.told[entry.case_number] = entry.reason

    def step(self, entry, before):
        """Of the running step of a plan: 50, 80 and 100 % of its limit, each once of a step."""
        if entry.verb in (check_clock.MILESTONES, check_clock.MILESTONE_DONE):
            self.steps[entry.case_number] = 0
        if entry.verb != check_clock.MILESTONE_DUE:
            return
        due = before.get(check_clock.STEP_DUE, 0)
        for holds, what in ((entry.reason in (50, 80, 100) and entry.reason > self.steps[entry.case_number],
                             'tells of a step what was told'),
                            (due and (entry.reason < 100 or entry.at_ms >= due), 'is too early for its step'),
                            (before.get(URGENCY) == 1 or check_clock.works(entry.at_ms, entry.week),
                             'reminds of a step outside working hours')):
            if not holds:
                raise tap.Fault('I8: entry %d %s' % (entry.position, what))
        self.steps[entry.case_number] = entry.reason
