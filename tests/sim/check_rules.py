"""Under which rules cases begin, by the journal alone: the profile's version of then, the local day, and the period of
heightened duty of that day; none of it changes while a cycle goes on (I6)."""
from check_journal import require

SUBMIT, RELEASE, BEGINS = 1, 70, {1, 24, 27, 30, 31, 70, 125}
VERSION, DAY, DUTY, RECEIVED_MS = 115, 116, 117, 20
EAST, DAY_MS = 8 * 3600000, 24 * 3600000


def signed(value):
    return (value >> 1) ^ -(value & 1)


class Rules:
    def __init__(self, fields_of):
        self.fields_of, self.version, self.periods = fields_of, 0, []

    def profile(self, entry):
        profile = self.fields_of(entry.bytes)
        self.version = (profile[37] or [0])[0]
        self.periods = []
        for period in profile[38]:
            parts = self.fields_of(period)
            self.periods.append((parts[1][0], signed(parts[3][0]), signed(parts[4][0])))

    def follow(self, entry, before, case):
        now = [case.get(field, 0) for field in (VERSION, DAY, DUTY)]
        if entry.verb not in BEGINS:
            require(now == [before.get(field, 0) for field in (VERSION, DAY, DUTY)], 'I6', 'entry', entry.position,
                    'changes the rules of its case')
            return
        at_ms = case[RECEIVED_MS] if entry.verb == SUBMIT else entry.at_ms
        day = (at_ms + EAST) // DAY_MS
        duty = next((number for number, first, last in self.periods if first <= day <= last), 0)
        require(now == [self.version, day, duty], 'I6', 'entry', entry.position, 'begins under', now, 'and not',
                [self.version, day, duty])
