"""When an op was captured, by the journal alone: its claim, within what it says it may be off, is not before the entry of its
case that it names as seen, nor before an op of its log whose clock is believed (N5).

    said by the log so far ──┐
    seen: header's base ─────┴─▶ captured + bound is not before either; what is held (183) is held to that very instant
"""
from check_journal import decided, require

BASE_OF_OP, HELD, SEEN, LOG = 9, 183, 1, 2
FIELD = (100, 101)  # entries and rounds of a walk are written down in any order
BELIEVED_MS, UNKNOWN = 300000, 2**32 - 1


class Captured:
    def __init__(self):
        self.floors = {}

    def follow(self, entry, header, entries):
        if not entry.captured_ms or entry.captured_bound_ms == UNKNOWN:
            return
        base = header[BASE_OF_OP][0] if header and header[BASE_OF_OP] else 0
        seen = entries[base - 1] if 0 < base < entry.position else None
        seen_ms = seen.at_ms if seen and seen.case_number == entry.case_number else 0
        floor_ms = self.floors.get(entry.log, 0)
        latest_ms = entry.captured_ms + entry.captured_bound_ms
        require(entry.verb in FIELD or latest_ms >= min(max(seen_ms, floor_ms), entry.at_ms), 'D07', 'entry', entry.position,
                'was captured before what it had seen or its log had said')
        held = dict(decided(entry.decision)).get(HELD, 0) if entry.case_number and entry.cycle else 0
        require(held != SEEN or entry.captured_ms == seen_ms, 'D07', 'entry', entry.position, 'is not held to what it had seen')
        require(held != LOG or entry.captured_ms == min(floor_ms, entry.at_ms), 'D07', 'entry', entry.position,
                'is not held to its log')
        if entry.captured_bound_ms <= BELIEVED_MS:
            self.floors[entry.log] = max(floor_ms, entry.captured_ms - entry.captured_bound_ms)
