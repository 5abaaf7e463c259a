"""Orders to units by the journal alone: numbers without holes, rows as their entries say, and no case moved (I4, I6).

    a decision's fields from 512 on ──▶ the order that 512 names ──▶ issued 1, answered 2, sent back 3, closed 4, withdrawn 5
"""
from check_journal import decided, nonzero, require

ORDER, ANSWER, REVIEW = 105, 106, 107
REF, STATE, DUE, NEXT = 512, 520, 527, 528
STEPS = {ANSWER: {(1, 2), (3, 2)}, REVIEW: {(1, 1), (3, 3), (2, 3), (2, 4), (1, 4), (3, 4), (1, 5), (2, 5), (3, 5)}}


class Orders:
    def __init__(self):
        self.all = {}

    def take(self, entry):
        """True: the entry is about an order."""
        if entry.verb not in (ORDER, ANSWER, REVIEW):
            return False
        fields = dict(decided(entry.decision))
        ref = fields.get(REF, 0)
        require(min(fields, default=0) >= REF, 'I6', 'entry', entry.position, 'is about an order and decides more')
        if entry.verb == ORDER:
            require(ref not in self.all, 'I16', 'entry', entry.position, 'gives a number twice')
            require(ref & 0xffffff == 1 or ref - 1 in self.all, 'I4', 'entry', entry.position, 'leaves a number out')
            self.all[ref] = {}
        order = self.all.get(ref)
        require(order is not None, 'I6', 'entry', entry.position, 'is about no order')
        before = order.get(STATE, 0)
        order.update(fields)
        require(entry.verb == ORDER or (before, order[STATE]) in STEPS[entry.verb], 'I6', 'entry', entry.position,
                'takes an order from', before, 'to', order[STATE])
        return True

    def check(self, db):
        rows = {row['ref']: row for row in db.execute('SELECT * FROM orders')}
        require(set(rows) == set(self.all), 'I6', 'the order table and the journal know different orders')
        for ref, row in rows.items():
            order = self.all[ref]
            require(nonzero(dict(decided(row['body']))) == nonzero(order), 'I6', 'order', ref, 'is not what its entries say')
            require(row['next_ms'] == order.get(NEXT, 0), 'I7', 'order', ref, 'has another instant')
            require(order[STATE] < 4 or not order.get(NEXT), 'I7', 'order', ref, 'has ended, and a clock')
