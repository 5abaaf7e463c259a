"""A district's journal as its file holds it, for check.py: messages, decisions, entries, their canonical bytes."""
import collections
import hashlib
import os
import struct
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
import tap  # noqa: E402


def require(holds, invariant, *words):
    if not holds:
        raise tap.Fault(invariant + ': ' + ' '.join(str(word) for word in words))


# ---- Bytes

def varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7f) << shift
        shift += 7
        if byte < 0x80:
            return value, at


def fields_of(data):
    """A protobuf message as {number: [value, ...]}."""
    found, at = collections.defaultdict(list), 0
    while at < len(data):
        key, at = varint(data, at)
        if key & 7 == 0:
            value, at = varint(data, at)
        elif key & 7 == 2:
            length, at = varint(data, at)
            value, at = data[at:at + length], at + length
        else:
            length = 8 if key & 7 == 1 else 4
            value, at = data[at:at + length], at + length
        found[key >> 3].append(value)
    return found


def nonzero(case):
    return {field: value for field, value in case.items() if value}


TASK = 256  # the field that names a case's task: it and those behind it are the task's


def decided(decision):
    at = 0
    while at < len(decision):
        field, at = varint(decision, at)
        value, at = varint(decision, at)
        yield field, (value >> 1) ^ -(value & 1)


def patch(case, decision):
    case.update((field, value) for field, value in decided(decision) if field < TASK)
    return case


def block(data):
    return struct.pack('>I', len(data)) + data


# ---- The journal

class Entry:
    def __init__(self, row, content):
        for name, value in zip(row.keys(), tuple(row)):
            setattr(self, name, value if value is not None else (b'' if name in BLOBS else 0))
        self.salt, self.bytes, self.commitment = content

    def canonical(self):
        return (b'bh-entry-1' + struct.pack(
            '>QqIQIIIQQIBBHBBqI', self.position, self.at_ms, self.log, self.seq, self.device, self.person, self.post,
            self.case_number, self.prev, self.cycle, self.verb, self.verdict, self.reason, self.from_state,
            self.to_state, self.captured_ms, self.captured_bound_ms) + block(self.decision) + block(self.header) +
                self.commitment + (self.link or bytes(32)))


BLOBS = {'decision', 'header', 'link', 'hash'}


def entries_of(db):
    contents = {row['position']: row for row in db.execute('SELECT * FROM content')}
    for row in db.execute('SELECT * FROM journal ORDER BY position'):
        kept = contents.get(row['position'])
        salt, data, commitment = (kept['salt'], kept['bytes'], kept['commitment']) if kept else (None, None, None)
        if kept is None:
            commitment = bytes(32)
        elif not commitment:
            commitment = hashlib.sha256(salt + (data or b'')).digest()
        yield Entry(row, (salt, data or b'', commitment))
