"""Who looks at what is done, by the journal alone: before it is closed (I6), where its place repeats (I23), after the
clock closed it (I6).

    finished ──▶ cases at its place in 90 days: three or more ──▶ 176 says so ──▶ closed only when it was checked
    the sample: SipHash-2-4 of a number under the salt of the district's first entry, modulo 100
"""
import math

from check_journal import fields_of, require

SELF_DISPOSE, FINISH, CLOSE, FOUND, PROFILE, CLOCK = 8, 18, 23, 60, 61, 2
STATE, TYPE, URGENCY, GRID, RECEIVED, LATITUDE, LONGITUDE, PLACED, ASSET = 2, 4, 6, 7, 20, 33, 34, 35, 119
CYCLE, REWORKS, CHECKED, AUDIT, REPEATS = 1, 51, 85, 151, 176
DONE, NOT_COUNTED = 9, {15, 16, 17}  # refused, void, merged
PASSED, LAPSED, ASKED = 1, 3, 1
OF_SETTINGS, OF_CATALOGUE, PERCENT, SAMPLING_OFF, REPEATS_OFF = 7, 8, 30, 31, 36
REPEAT_MS, RADIUS_M, REPEAT = 90 * 86400000, 30, 3
METRES, MASK = 111319.49 / 1e7, (1 << 64) - 1


def siphash(secret, number):
    def turned(word, bits):
        return (word << bits | word >> (64 - bits)) & MASK

    def rounds(count):
        nonlocal v0, v1, v2, v3
        for _ in range(count):
            v0 = v0 + v1 & MASK
            v1 = turned(v1, 13) ^ v0
            v2 = v2 + v3 & MASK
            v3 = turned(v3, 16) ^ v2
            v0 = turned(v0, 32) + v3 & MASK
            v3 = turned(v3, 21) ^ v0
            v2 = v2 + v1 & MASK
            v1 = turned(v1, 17) ^ v2
            v2 = turned(v2, 32)

    k0, k1 = (int.from_bytes(secret[at:at + 8], 'little') for at in (0, 8))
    v0, v1 = k0 ^ 0x736f6d6570736575, k1 ^ 0x646f72616e646f6d
    v2, v3 = k0 ^ 0x6c7967656e657261, k1 ^ 0x7465646279746573
    for word in (number, 8 << 56):
        v3 ^= word
        rounds(2)
        v0 ^= word
    v2 ^= 0xff
    rounds(4)
    return v0 ^ v1 ^ v2 ^ v3


def distance_m(a, b):
    north = (a.get(LATITUDE, 0) - b.get(LATITUDE, 0)) * METRES
    east = (a.get(LONGITUDE, 0) - b.get(LONGITUDE, 0)) * METRES * math.cos(math.radians(a.get(LATITUDE, 0) / 1e7))
    return math.hypot(north, east)


class Checking:
    def __init__(self):
        self.secret, self.counted, self.percent, self.sampling, self.repeating = b'', set(), 20, True, True
        self.closed_at_repeats = self.audits = 0

    def profile(self, entry):
        profile = fields_of(entry.bytes)
        settings, catalogue = fields_of(profile[OF_SETTINGS][0]), fields_of(profile[OF_CATALOGUE][0])
        self.percent = (settings[PERCENT] or [20])[0]
        self.sampling, self.repeating = not settings[SAMPLING_OFF], not settings[REPEATS_OFF]
        types = [fields_of(one) for one in catalogue[2]]
        self.counted = {one[1][0] for one in types if not (one[8] or [0])[0] and not (one[10] or [0])[0]}

    def drawn(self, number):
        return siphash(self.secret, number) % 100 < self.percent

    def counts(self, case, now_ms):
        return (case.get(TYPE, 0) in self.counted and now_ms - REPEAT_MS < case[RECEIVED] <= now_ms and
                case[STATE] not in NOT_COUNTED and case.get(GRID, 0) and (case.get(PLACED, 0) or case.get(ASSET, 0)))

    def at_place(self, case, other):
        if case is other or case.get(ASSET, 0) and case.get(ASSET, 0) == other.get(ASSET, 0):
            return True
        return case.get(PLACED, 0) and other.get(PLACED, 0) and distance_m(case, other) <= RADIUS_M

    def finish(self, entry, before, case, cases):
        """Its place is that of the case as it was; who counts is as of then, too."""
        count = 0
        if self.counts(before, entry.at_ms):
            near = (other for other in cases.values() if other is not case and other.get(GRID, 0) == before[GRID])
            count = 1 + sum(1 for other in near if self.counts(other, entry.at_ms) and self.at_place(before, other))
        require((count >= REPEAT) == bool(case.get(REPEATS, 0)), 'I23', 'entry', entry.position, 'finishes at a place of',
                count, 'cases, and says', case.get(REPEATS, 0))

    def close(self, entry, before, case):
        number, checked = entry.case_number, before.get(CHECKED, 0)
        repeats = self.repeating and before.get(REPEATS, 0)
        always = before.get(URGENCY, 0) == 1 or before.get(REWORKS, 0) or before.get(CYCLE, 0) > 1 or repeats
        sampled = checked != LAPSED and self.sampling and self.drawn(number)
        require(checked == PASSED or not (always or sampled), 'I6', 'entry', entry.position, 'closes what nobody checked',
                'at a place that repeats' if repeats else '')
        self.closed_at_repeats += bool(repeats)
        if case.get(AUDIT, 0) == ASKED:
            require(entry.log == CLOCK and self.sampling and self.drawn(number | 1 << 63), 'I6', 'entry', entry.position,
                    'is audited, and nobody drew it')
            self.audits += 1

    def follow(self, entry, before, case, cases):
        if entry.verb in (FINISH, SELF_DISPOSE) and case[STATE] == DONE:
            self.finish(entry, before, case, cases)
        elif entry.verb == CLOSE:
            self.close(entry, before, case)
