"""Dossiers by the journal alone: each seal is the hash of its case's entries, papers and orders of then, loans are out
one at a time, and rows are what entries say (I6, I12).

    "bh-dossier-1" ‖ district ‖ number ‖ count ‖ (position ‖ hash) of each ──SHA-256──▶ what a SEAL's header says
"""
import collections
import hashlib
import struct

from check_journal import block, require

PAPER, SEAL, LEND, GIVE_BACK = 112, 113, 114, 115


class Dossiers:
    def __init__(self, district):
        self.district, self.papers, self.out, self.rows = district, collections.defaultdict(list), {}, {}

    def follow(self, entry, history, released):
        """history: the case's entries so far; released: {number: the op that was let in}."""
        number = entry.case_number
        if entry.verb == SEAL:
            self.seal(entry, history, released)
        if entry.verb in (PAPER, SEAL):
            self.papers[number].append(entry)
        if entry.verb == GIVE_BACK:
            require(number in self.out, 'I6', 'entry', entry.position, 'gives back what is not lent')
            self.rows[self.out.pop(number)][-1] = entry.position
            return
        until = struct.unpack('>q', entry.header)[0] if entry.verb == LEND else 0
        if entry.verb == LEND:
            require(number not in self.out and until > entry.at_ms, 'I6', 'entry', entry.position, 'lends twice, or for ever')
            self.out[number] = entry.position
        self.rows[entry.position] = [number, entry.verb, until, 0]

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
