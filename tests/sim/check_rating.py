"""Ratings by the journal alone: in nobody's name, once a cycle, within seven days, and rows as their entries say (I6).

    a closure of a case of the public (field 105) ──▶ a row without a rating ──▶ 110: its header is u8 rating, u32 cycle
"""
import struct

from check_journal import require

ERASE, RATE, INVITE, CLOSED = 86, 110, 111, 12
UNIT, CLOSED_AT, CYCLE, BY_PUBLIC = 10, 31, 1, 105
WINDOW = 7 * 86400000


class Ratings:
    def __init__(self):
        self.rows, self.tokens = {}, {}

    def closed(self, entry, case):
        """After the entry: its case was answered."""
        if entry.to_state == CLOSED and entry.from_state != CLOSED and case.get(BY_PUBLIC):
            self.rows[entry.case_number, case[CYCLE]] = [case.get(UNIT, 0), case[CLOSED_AT], 0, 0]

    def take(self, entry, case):
        if entry.verb == ERASE:
            for own in (False, True):
                self.tokens.pop((entry.case_number, own), None)
        if entry.verb not in (RATE, INVITE):
            return
        require(not entry.decision and entry.from_state == entry.to_state, 'I6', 'entry', entry.position, 'rates and moves')
        if entry.verb == INVITE and not entry.bytes:  # erased since
            return
        if entry.verb == INVITE:
            of = entry.case_number, entry.post == 0  # under no post: who reported it, himself
            _, _, count = self.tokens.get(of, (0, 0, 0))
            self.tokens[of] = (entry.bytes, entry.position, count + 1)
            return
        rating, cycle = struct.unpack('>BI', entry.header)
        require((entry.person, entry.post) == (0, 0), 'I6', 'entry', entry.position, 'rates in a name')
        require(cycle == case[CYCLE], 'I6', 'entry', entry.position, 'rates another cycle')
        row = self.rows[entry.case_number, cycle]
        require(row[2] == 0 and entry.at_ms <= row[1] + WINDOW, 'I6', 'entry', entry.position, 'rates twice, or late')
        row[2:] = rating, entry.position

    def check(self, db):
        rows = {(row['number'], row['cycle']): [row['unit'], row['closed_ms'], row['rating'], row['position']]
                for row in db.execute('SELECT * FROM rating')}
        require(rows == self.rows, 'I6', 'rows of ratings differ:', sorted(set(rows) ^ set(self.rows))[:4])
        tokens = {(row['number'], bool(row['own'])): (row['hash'], row['position'], row['invites'])
                  for row in db.execute('SELECT * FROM rating_token')}
        require(tokens == self.tokens, 'I6', 'tokens differ:', sorted(set(tokens) ^ set(self.tokens))[:4])
