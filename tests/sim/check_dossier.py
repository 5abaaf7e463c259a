"""Dossiers by the journal alone: each seal is the hash of its case's entries, papers and orders of then, loans are out
one at a time, what is withdrawn stood, and rows are what entries say (I6, I12).

    "bh-dossier-1" ‖ district ‖ number ‖ count ‖ (position ‖ hash) of each ──SHA-256──▶ what a SEAL's header says
"""
import collections
import hashlib
import struct

from check_journal import block, require

PAPER, SEAL, LEND, GIVE_BACK, OVERDUE, WITHDRAW = 112, 113, 114, 115, 116, 124


class Dossiers:
    def __init__(self, district):
        self.district, self.papers, self.out, self.rows = district, collections.defaultdict(list), {}, {}
        self.told, self.files = set(), collections.defaultdict(list)  # {number: [(entry, hash, size)]}

    def follow(self, entry, history, released):
        """history: the case's entries so far; released: {number: the op that was let in}."""
        number = entry.case_number
        if entry.verb == SEAL:
            self.seal(entry, history, released)
        if entry.verb in (PAPER, SEAL, WITHDRAW):
            self.papers[number].append(entry)
        if entry.verb == WITHDRAW:
            self.withdraw(entry)
        if entry.verb == PAPER and len(entry.header) > 4:
            _, _, size, digest = struct.unpack('>IBI32s', entry.header)
            self.files[number].append((entry, digest.hex(), size))
        if entry.verb == GIVE_BACK:
            require(number in self.out, 'I6', 'entry', entry.position, 'gives back what is not lent')
            self.rows[self.out.pop(number)][-1] = entry.position
            return
        if entry.verb == OVERDUE:
            loan = self.out.get(number)
            require(loan and loan not in self.told and self.rows[loan][2] <= entry.at_ms, 'I8', 'entry', entry.position,
                    'says of what is not overdue that it is, or says it again')
            self.told.add(loan)
            return
        until = struct.unpack('>q', entry.header)[0] if entry.verb == LEND else 0
        if entry.verb == LEND:
            require(number not in self.out and until > entry.at_ms, 'I6', 'entry', entry.position, 'lends twice, or for ever')
            self.out[number] = entry.position
        self.rows[entry.position] = [number, entry.verb, until, 0]

    def withdraw(self, entry):
        row = self.rows.get(struct.unpack('>Q', entry.header)[0])
        require(row and row[:2] == [entry.case_number, PAPER] and not row[-1], 'I6', 'entry', entry.position,
                'withdraws no paper that stands')
        row[-1] = entry.position

    def order(self, entry):
        """What is said of an order of a case lies in its dossier."""
        if entry.case_number:
            self.papers[entry.case_number].append(entry)
            self.rows[entry.position] = [entry.case_number, entry.verb, 0, 0]

    def seal(self, entry, history, released):
        number = entry.case_number
        said, upto, count = entry.header[:32], *struct.unpack('>QI', entry.header[32:])
        op = [released[number]] if number in released else []
        entries = sorted({e.position: e for e in op + history + self.papers[number]}.values(), key=lambda e: e.position)
        require(entries and upto == entries[-1].position and count == len(entries), 'I12', 'seal', entry.position,
                'says', count, 'entries up to', upto, 'of', len(entries))
        data = b'bh-dossier-1' + block(self.district) + struct.pack('>QI', number, count)
        data += b''.join(struct.pack('>Q', e.position) + e.hash for e in entries)
        require(hashlib.sha256(data).digest() == said, 'I12', 'seal', entry.position, 'is not that of its entries')

    def check(self, db):
        rows = {row['position']: [row['number'], row['verb'], row['until_ms'], row['back']]
                for row in db.execute('SELECT * FROM dossier')}
        require(rows == self.rows, 'I6', 'rows of dossiers differ from their entries')
        told = {row['position'] for row in db.execute('SELECT position FROM dossier WHERE until_ms <> 0 AND kind = 1')}
        require(told == self.told, 'I6', 'loans that were told of differ from their entries')
