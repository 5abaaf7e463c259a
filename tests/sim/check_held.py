"""What stands in quarantine, and what an administrator said of it, by the journal alone (I14).

    held ──▶ let in, once: one case under the op's own number        nobody said anything, or put away: none
"""
import tap

SUBMIT, RELEASE, QUARANTINED = 1, 70, 4


def require(holds, *words):
    if not holds:
        raise tap.Fault('I14: ' + ' '.join(str(word) for word in words))


class Held:
    """Ops in quarantine by position, and the cases that were made of them: {number: the op's entry}."""

    def __init__(self):
        self.ops, self.released, self.discarded = {}, {}, set()

    def follow(self, entry):
        if entry.device and entry.verdict == QUARANTINED and entry.case_number:
            self.ops[entry.position] = entry
        elif entry.verb == RELEASE and not entry.device:
            self.decide(entry)

    def decide(self, entry):
        op = self.ops.get(entry.prev)
        require(op is not None and op.case_number == entry.case_number, 'entry', entry.position,
                'decides about nothing that stands in quarantine')
        # Why something was put away is destroyed with its words.
        require(entry.person and (entry.bytes or not entry.cycle), 'entry', entry.position,
                'decides in nobody\'s name, or for no reason')
        require(entry.case_number not in self.released or op.verb != SUBMIT, 'entry', entry.position,
                'decides about what was let in')
        if entry.cycle:
            require(op.verb == SUBMIT, 'entry', entry.position, 'lets in what is no report')
            self.released[entry.case_number] = op
        else:
            require(not entry.decision, 'entry', entry.position, 'puts away and decides')
            require(entry.prev not in self.discarded, 'entry', entry.position, 'puts away again')
            self.discarded.add(entry.prev)

    def check(self, cases):
        for op in self.ops.values():
            if op.verb == SUBMIT:
                require((op.case_number in cases) == (op.case_number in self.released), 'case', op.case_number,
                        'is there, and was not let in; or the other way round')
