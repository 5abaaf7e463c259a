"""Field work, by the journal alone: what is counted is each accepted entry's, once, by the day of its doing (I2).

    service ──▶ (day, grid, kind)        patrol ──▶ (day, grid, plan) with checkpoints done and missed, and minutes
"""
import struct

import tap

SERVICE, PATROL, ACCEPTED = 100, 101, 1
TYPE, ORIGIN, AREA, ROUND = 5, 11, 30, 31  # OpHeader
DAY_MS, EAST_MS = 86400000, 8 * 3600000


def require(holds, *words):
    if not holds:
        raise tap.Fault('I2: ' + ' '.join(str(word) for word in words))


def one(fields, number):
    return fields[number][0] if fields[number] else 0


def row_of(entry, header, fields_of):
    """What its op says, against what was decided."""
    require(not entry.case_number and not entry.cycle and entry.from_state == entry.to_state == 0, 'entry',
            entry.position, 'is field work, and about a case')
    day = (entry.captured_ms + EAST_MS) // DAY_MS
    if entry.verb == SERVICE:
        decided_day, grid, kind = struct.unpack('>HIB', entry.decision)
        row = (day, grid, one(header, TYPE), entry.position)
        require((day, one(header, TYPE)) == (decided_day, kind), 'entry', entry.position, 'counts as another')
    else:
        went = fields_of(one(header, ROUND))
        said = (one(went, 1), bin(one(went, 2)).count('1'), bin(one(went, 3)).count('1'), one(went, 4))
        decided_day, grid, *decided = struct.unpack('>HIIBBH', entry.decision)
        row = (day, grid, said[0], entry.position, *said[1:])
        require((day, *said) == (decided_day, *decided), 'entry', entry.position, 'counts as another round')
    require(not one(header, AREA) or one(header, AREA) == grid, 'entry', entry.position, 'is of another grid than it named')
    return row


def check(db, replay, fields_of, truth):
    """Gives how many there are."""
    rows, known = {SERVICE: [], PATROL: []}, set()
    for entry in replay.entries:
        if entry.verb not in rows or entry.verdict != ACCEPTED or not entry.device:
            continue
        header = fields_of(entry.header)
        rows[entry.verb].append(row_of(entry, header, fields_of))
        origin = fields_of(header[ORIGIN][0]) if header[ORIGIN] else None
        identity = (one(origin, 1), one(origin, 2), one(origin, 3)) if origin else \
            (replay.logs[entry.log], entry.seq, entry.link)
        require(identity not in known, 'entry', entry.position, 'counts what counted before')
        known.add(identity)
    for verb, table in ((SERVICE, 'service'), (PATROL, 'patrol')):
        there = {tuple(row) for row in db.execute('SELECT * FROM ' + table)}
        require(there == set(rows[verb]), table, 'and the journal differ:', sorted(there ^ set(rows[verb]))[:4])
    made = {(bytes.fromhex(op['log_id']), op['seq'], bytes.fromhex(op['link'])) for op in truth
            if op['verb'] in rows and op['fate'] == 'recorded'}
    for identity in made:
        accepted = replay.said.get(identity) == ACCEPTED
        require(not accepted or identity in known, 'op', identity[1], 'was accepted and counts nowhere')
    return len(rows[SERVICE]), len(rows[PATROL])
