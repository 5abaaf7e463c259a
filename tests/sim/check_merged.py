"""Merged cases and the answers of their main cases, for check.py.

Whatever ends a main case's cycle is followed, entry upon entry, by the same words for each case that is merged into
it; and one that is merged into a closed case has that case's words at once.  With the main case's words
these are erased, too; where they alone are, that was their own case's erasure.
"""
MERGE, MAIN_ENDED, MAIN_MOVED, RESTORED = 6, 54, 55, 72
MAIN, CLOSED, MERGED = 60, 12, 17
ENDS = {12, 15, 16, 18}


class Merged:
    def __init__(self, require, text_of):
        self.require, self.text_of = require, text_of
        self.owed, self.answers, self.lost = {}, {}, set()

    def words(self, entry):
        """None: they are erased."""
        return self.text_of(entry) if entry.salt is not None or not any(entry.commitment) else None

    def follow(self, entry, cases):
        """After an entry took effect; cases: {number: {field: value}}."""
        number = entry.case_number
        if entry.verb == RESTORED:  # what was owed was never told, and is not known here
            self.owed.clear()
        if entry.verb == MAIN_ENDED:
            known, owed, words = number in self.owed, self.owed.pop(number, None), self.words(entry)
            self.require(known and (owed == words or words is None or not (owed or words)), 'I9', 'entry',
                         entry.position, 'is not the answer of its main case, or outlived it')
            if owed and words is None:
                self.lost.add(number)
            return
        if entry.verb == MAIN_MOVED:
            self.require(number in self.owed or cases[cases[number][MAIN]][2] != CLOSED, 'I9', 'entry',
                         entry.position, 'moves a case that is owed nothing')
            return
        self.require(not self.owed, 'I9', 'entry', entry.position, 'comes before what merged cases are owed:',
                     sorted(self.owed)[:4])
        if not number or entry.from_state == entry.to_state:
            return
        if entry.to_state in ENDS:
            self.answers[number] = self.words(entry)
            self.owe(number, self.answers[number], cases)
        elif entry.verb == MERGE and cases[cases[number][MAIN]][2] == CLOSED:
            answer = self.answers[cases[number][MAIN]]
            self.owed[number] = answer
            self.owe(number, answer, cases)

    def check(self, erased):
        """What has no words any more though its main case has, was erased itself; erased: {number: position}."""
        self.require(self.lost <= set(erased), 'I9', 'cases without their words:', sorted(self.lost - set(erased))[:4])

    def owe(self, main, answer, cases):
        for number, case in cases.items():
            if case.get(2) == MERGED and case.get(MAIN) == main:
                self.owed[number] = answer
