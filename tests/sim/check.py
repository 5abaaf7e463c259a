"""Checks what a run exported, sharing no code with the server: the standard library alone.

    check.py BH_SIM SEED...          runs each seed, exports it, checks it
    check.py --folder DIR            checks an export that is there

It reads the journal and its projections with sqlite3, hashes the chain anew by the layout in
server/domain/entry.h, replays the decisions, walks domain.md's table of moves, recomputes due times from
the working week, hashes the photos, and holds the truth that the simulated world kept against all of it.
"""
import collections
import hashlib
import json
import os
import sqlite3
import struct
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.dirname(HERE)]
import check_capture  # noqa: E402
import check_checking  # noqa: E402
import check_clock  # noqa: E402
import check_dispute  # noqa: E402
from check_dispute import COPIED  # noqa: E402
import check_dossier  # noqa: E402
import check_field  # noqa: E402
import check_filing  # noqa: E402
import check_held  # noqa: E402
import check_merged  # noqa: E402
import check_order  # noqa: E402
import check_photo  # noqa: E402
import check_rating  # noqa: E402
import check_register  # noqa: E402
import check_rules  # noqa: E402
import check_task  # noqa: E402
import check_threshold  # noqa: E402
import tap  # noqa: E402
from check_journal import block, entries_of, fields_of, nonzero, patch, require  # noqa: E402

DISTRICT = b'330106'
ACCEPTED, CLOCK = 1, 2
ARCHIVE, CLOSED_AT, DAY = 25, 31, 24 * check_clock.HOUR
SUBMIT, DELIVERED, SEEN, BREACH, RELEASE, STORED = 1, 40, 41, 43, 70, 71
ENROLLED, REVOKE, LOG_BEGIN, SUSPEND_DEVICE, RESTORED, PROFILE = 63, 64, 65, 66, 72, 61
BEGINS = (SUBMIT, RELEASE, check_register.REGISTER)
ENDS = {12, 13, 14, 15, 16, 17, 18}
ERASE, UNREADABLE = 86, 69
DOSSIER = {112, 113, 114, 115, 116, 124}
# What guards the people that a case names, and what is done with its dossier, is of no cycle.
ASIDE = {RELEASE} | set(range(84, 90)) | set(range(110, 117)) | DOSSIER
FIELDS = {1: 'cycle', 2: 'state', 3: 'reporter', 4: 'type', 5: 'condition', 10: 'unit', 21: 'queue_ms',
          22: 'dispatch_due_ms', 24: 'breached', 25: 'dispatched_ms', 26: 'sign_due_ms', 27: 'disposal_due_ms',
          28: 'review_due_ms', 30: 'check_due_ms', 45: 'resume_due_ms', 63: 'follow_due_ms',
          172: 'milestone_due_ms'}
# domain.md's rows that this version decides: (from, verb, to), by a person and by the clock.
MOVES = {(1, 8, 9), (0, 1, 1), (0, 70, 1), (0, check_register.REGISTER, 1), (1, 4, 3), (1, 5, 15), (1, 9, 4), (3, 9, 4), (4, 10, 5), (4, 11, 6), (5, 11, 6), (6, 12, 3),
         (6, 13, 5), (5, 18, 9), (9, 23, 12), (1, 28, 16), (3, 28, 16), (4, 29, 4), (5, 29, 4), (1, 7, 18), (5, 14, 7), (7, 15, 5), (9, 21, 11), (11, 22, 5),
         (12, 24, 3), (15, 30, 3), (5, 16, 8), (8, 17, 5), (12, 25, 13), (13, 53, 13), (13, 26, 14), (13, 27, 3), (14, 27, 3), (1, 6, 17), (17, 31, 1)}
# Requests, what grants and what refuses them: they stay where they are.
MOVES |= {(5, 121, 5), (5, 117, 5), (4, 48, 4), (4, 104, 4), (5, 104, 5)} | {(state, 103, state) for state in (2, *range(4, 15))}
MOVES |= {(5, verb, 5) for verb in (45, 46, 47, 48)} | {(state, verb, state) for state in (1, 3) for verb in (48, 49)}
MOVES |= {(state, 51, state) for state in (1, 2, 3, 4, 5, 6, 7, 9, 10, 11)} | {(1, 3, 1), (9, 20, 9), (9, 82, 10)} | check_task.MOVES | check_dispute.MOVES
CLOCK_MOVES = {(4, 10, 5), (1, 9, 4), (3, 9, 4), (9, 23, 12), (7, 15, 5), (11, 22, 5), (8, 17, 5), (12, 25, 13),
               (6, 12, 3), (9, 80, 9), (10, 80, 10), (13, 53, 13), (13, 26, 14)} | check_task.CLOCK_MOVES
LAID_TO_REST, DAY_MS = {25, 26}, 86400000  # by the clock, so long after its end that it is no news
# An appeal against lateness, wherever the paper is after closing.
MOVES |= {(state, verb, state) for state in (12, 13, 14) for verb in (108, 109)}
CLOCK_MOVES |= {(state, 109, state) for state in (12, 13, 14)}
CLOCK_MOVES |= {(4, 29, 4), (5, 29, 4)}  # its unit is no more
MOVES |= {(5, check_clock.MILESTONES, 5), (5, check_clock.MILESTONE_DONE, 5)}
SILENT = {DELIVERED, SEEN, 42, BREACH, 44, 50, 80, 108, 109, check_dispute.PERFORM_DUE, check_clock.FOLLOW_TRY,
          check_merged.MAIN_MOVED, check_clock.MILESTONE_DUE, STORED}
STILL = {40, 41, 42, 43, 44, 50, 52, 54, 55, 71, check_clock.MILESTONE_DUE} | check_task.ENDS | check_dispute.STILL


class Replay:
    """The district by its journal alone."""

    def __init__(self, db):
        self.entries, self.cases, self.history = [], {}, collections.defaultdict(list)
        self.tasks, self.orders = check_task.Tasks(), check_order.Orders()
        self.dossiers, self.rules = check_dossier.Dossiers(DISTRICT), check_rules.Rules(fields_of)
        self.ratings, self.checking = check_rating.Ratings(), check_checking.Checking()
        self.registered = check_register.Registered()
        self.logs, self.heads, self.links, self.held = {}, collections.Counter(), {}, check_held.Held()
        self.week, self.thresholds = check_clock.WEEK, check_threshold.Thresholds()
        self.cut_off, self.said, self.carried, self.delivered, self.epoch = set(), {}, set(), set(), 1
        self.erased = {}
        self.captured = check_capture.Captured()
        self.merged = check_merged.Merged(require, lambda entry: fields_of(entry.bytes)[1])
        previous, at_ms = bytes(32), None
        for entry in entries_of(db):
            self.chain(entry, previous, at_ms)
            previous, at_ms = entry.hash, entry.at_ms
            self.follow(entry)
        self.merged.check(self.erased)

    def chain(self, entry, previous, at_ms):
        require(entry.position == len(self.entries) + 1, 'I12', 'a hole before entry', entry.position)
        require(hashlib.sha256(previous + entry.canonical()).digest() == entry.hash, 'I12', 'entry', entry.position,
                'is not what its hash says')
        require(at_ms is None or at_ms <= entry.at_ms, 'I12', 'time goes back at entry', entry.position)
        self.entries.append(entry)

    def follow(self, entry):
        entry.week = self.week
        self.heads[entry.log] += 1
        require(entry.seq == self.heads[entry.log], 'I4', 'log', entry.log, 'has a gap at entry', entry.position)
        if entry.device:
            self.device(entry)
        elif entry.verb in (ENROLLED, LOG_BEGIN):
            self.begin(entry)
        elif entry.verb == PROFILE:
            self.week = check_clock.week_of(fields_of, entry.bytes)
            self.rules.profile(entry)
            self.checking.profile(entry)
        elif entry.verb == check_checking.FOUND:
            self.checking.secret = entry.salt
        elif entry.verb in (REVOKE, SUSPEND_DEVICE):
            self.cut_off.add(fields_of(entry.bytes)[1][0])
        elif entry.verb == RESTORED:
            before, self.epoch = self.epoch, fields_of(entry.bytes)[1][0]
            require(self.epoch > before, 'I16', 'entry', entry.position, 'begins epoch', self.epoch, 'after', before)
        self.held.follow(entry)
        if entry.case_number and entry.verdict == ACCEPTED and entry.cycle:
            self.move(entry)
        elif entry.verdict == ACCEPTED and self.orders.take(entry):
            self.dossiers.order(entry)
        elif entry.case_number and entry.verdict == ACCEPTED and entry.verb not in ASIDE:
            self.again(entry)
        elif entry.verb in DOSSIER and entry.verdict == ACCEPTED:
            self.dossiers.follow(entry, self.history[entry.case_number], self.held.released)
        elif entry.verb == ERASE:
            workers = {check_task.scope_of(task) for task in self.tasks.open_of(entry.case_number)}
            self.erased[entry.case_number] = entry.position, workers
        self.registered.follow(entry, self.cases.get(entry.case_number))
        if entry.case_number and entry.verdict == ACCEPTED:
            self.ratings.take(entry, self.cases.get(entry.case_number))
        if entry.verdict == ACCEPTED or entry.verb == RESTORED:
            self.merged.follow(entry, self.cases)

    def begin(self, entry):
        message = fields_of(entry.bytes)
        log_id, short = (message[field][0] for field in ((5, 6) if entry.verb == ENROLLED else (2, 3)))
        require(short not in self.logs, 'I2', 'short number', short, 'is given twice')
        self.logs[short] = log_id
        self.links[short] = hashlib.sha256(b'bh-log-1' + bytes([len(DISTRICT)]) + DISTRICT + log_id).digest()

    def device(self, entry):
        link = hashlib.sha256(b'bh-link-1' + self.links[entry.log] + struct.pack('>Q', entry.seq) +
                              block(entry.header) + entry.commitment).digest()
        if entry.header and entry.verb != UNREADABLE:  # of what cannot be read only the lengths are kept
            require(link == entry.link, 'I12', 'entry', entry.position, 'does not follow its log by its link')
        self.links[entry.log] = entry.link
        self.said[self.logs[entry.log], entry.seq, entry.link] = entry.verdict
        require(entry.device not in self.cut_off or entry.verdict != ACCEPTED, 'I14', 'entry', entry.position,
                'has effect, and its device was revoked')
        header = fields_of(entry.header) if entry.header and entry.verb != UNREADABLE else None
        self.captured.follow(entry, header, self.entries)
        origin = fields_of(entry.header)[11] if entry.header else []
        if origin:
            parts = fields_of(origin[0])
            self.carried.add((parts[1][0], parts[2][0], parts[3][0]))

    def move(self, entry):
        case = self.cases.get(entry.case_number)
        require((case is None) == (entry.verb in BEGINS), 'I2', 'entry', entry.position, 'and its case')
        case = case or {}
        require(entry.from_state == case.get(2, 0), 'I6', 'entry', entry.position, 'leaves a state the case was not in')
        step = (entry.from_state, entry.verb, entry.to_state)
        legal = CLOCK_MOVES if entry.log == CLOCK else MOVES
        require(step in legal or (entry.verb in STILL and entry.from_state == entry.to_state), 'I6', 'entry',
                entry.position, 'makes the move', step)
        before = dict(case)
        self.cases[entry.case_number] = patch(case, entry.decision)
        self.tasks.take(entry)
        self.ratings.closed(entry, case)
        require(case.get(2, 0) == entry.to_state, 'I6', 'entry', entry.position, 'says one state and decides another')
        self.history[entry.case_number].append(entry)
        self.thresholds.follow(entry, before)
        self.rules.follow(entry, before, case)
        check_filing.follow(entry, case)
        self.checking.follow(entry, before, case, self.cases)
        if entry.verb == BREACH:
            left = before.get(141, 0)  # a limit of a clock that it has left
            require(left or not before.get(24), 'I8', 'entry', entry.position, 'breaches a clock twice')
            require(entry.at_ms >= (left or before.get(22, 0)) > 0, 'I8', 'entry', entry.position, 'breaches too early')
        if entry.verb == ARCHIVE:  # nobody's right to reopen is taken; the clock's days are seven
            days = 7 if entry.log == CLOCK else 3
            require(entry.at_ms >= before[CLOSED_AT] + days * DAY, 'I8', 'entry', entry.position, 'archives too early')
        if entry.log == CLOCK and entry.verb in check_clock.FOLLOWS:
            require(entry.at_ms >= before[check_clock.FOLLOW_DUE], 'I8', 'entry', entry.position, 'lapses too early')
        if entry.verb == DELIVERED:
            once = (entry.case_number, entry.cycle)
            require(once not in self.delivered, 'I9', 'entry', entry.position, 'is a second receipt')
            self.delivered.add(once)

    def again(self, entry):
        """A receipt that was given before is accepted, of no cycle, and changes nothing."""
        given = {DELIVERED: 37, SEEN: 38}.get(entry.verb)
        require(given and self.cases[entry.case_number].get(given), 'I9', 'entry', entry.position,
                'was accepted, has no effect and repeats nothing')
        require(not entry.decision, 'I6', 'entry', entry.position, 'has no effect and decides')


# ---- The checks

def check_cases(db, replay):
    rows = {row['number']: row for row in db.execute('SELECT * FROM cases')}
    require(set(rows) == set(replay.cases), 'I6', 'the case table and the journal know different cases')
    for number, row in rows.items():
        case = replay.cases[number]
        require(nonzero(patch({}, row['body'])) == nonzero(case), 'I6', 'case', number, 'is not what its entries say')
        require(row['last'] == replay.history[number][-1].position, 'I6', 'case', number, 'has another last entry')


def check_dues(replay):
    """At every point of every history, not only where it ended."""
    for number, history in replay.history.items():
        case = {}
        for count, entry in enumerate(history, 1):
            patch(case, entry.decision)
            for field, due in check_clock.dues_of(case, history[:count]).items():
                require(case.get(field, 0) == due, 'I7', 'case', number, 'after entry', entry.position,
                        FIELDS[field], case.get(field, 0), 'should be', due)


def check_scopes(db, replay):
    """(scope, case) -> position: the reporter's from the second entry on, the unit's, and what was left.
    A photo that came is the unit's alone."""
    told = {}
    for number, history in replay.history.items():
        case, tasks = {}, check_task.Tasks()
        for count, entry in enumerate(history):
            unit, copied, dues = case.get(10, 0), case.get(COPIED, 0), (case.get(26, 0), case.get(27, 0))
            patch(case, entry.decision)
            same = entry.verb == check_clock.RECOMPUTE and dues == (case.get(26, 0), case.get(27, 0))
            rest = entry.log == CLOCK and entry.verb in LAID_TO_REST and entry.at_ms - case.get(31, 0) > 60 * DAY_MS
            silent = same or entry.verb in SILENT or rest
            if entry.verb == STORED and unit:
                told[2 << 56 | unit, number] = (entry.position, 0)
            tasks.tell(entry, case, told, silent)
            if not entry.decision or silent:
                continue
            if count or entry.verb in (RELEASE, check_register.REGISTER):
                told[1 << 56 | case[3], number] = (entry.position, 0)
            if case.get(10, 0):
                told[2 << 56 | case[10], number] = (entry.position, 0)
            check_dispute.tell(entry, copied, case, told)
            if unit and unit != case.get(10, 0):
                told[2 << 56 | unit, number] = (entry.position, 1)
            tasks.tell(entry, case, told, silent)
        if number in replay.erased:  # whoever has it on a handset erases it there
            position, workers = replay.erased[number]
            followers = {1 << 56 | case[3]} | {2 << 56 | case[field] for field in (10, COPIED) if case.get(field, 0)}
            for scope in followers | workers:
                told[scope, number] = max(told.get((scope, number), (0, 0)), (position, 0))
    rows = {(row['scope'], row['number']): (row['position'], row['gone'] or 0) for row in db.execute('SELECT * FROM scope')}
    require(rows == told, 'I5', 'scope rows differ:', sorted(set(rows.items()) ^ set(told.items()))[:4])


def check_ops(replay, truth, phones):
    tokens = collections.Counter()
    for number, history in replay.history.items():
        if history[0].verb == check_register.REGISTER:
            continue
        text = fields_of(replay.held.released.get(number, history[0]).bytes)[1][0].decode()
        tokens[int(text[1:].split(' ')[0])] += 1
    known = {op['token'] for op in truth if op['token']}
    require(set(tokens) <= known, 'I2', 'reports that nobody made:', sorted(set(tokens) - known)[:5])
    require(max(tokens.values(), default=1) == 1, 'I2', 'one report is two cases')
    doomed = {phone['phone'] for phone in phones if phone['doomed']}
    for op in truth:
        identity = (bytes.fromhex(op['log_id']), op['seq'], bytes.fromhex(op['link']))
        there = identity in replay.said or identity in replay.carried
        require(there or op['fate'] != 'recorded' or op['retired'] or op['phone'] in doomed, 'I3', 'op', op['seq'],
                'of handset', op['phone'], 'is nowhere')
    heads = {log_id: replay.heads[short] for short, log_id in replay.logs.items()}
    for phone in phones:  # who was cut off brings nothing again to a server that was put back
        held = heads.get(bytes.fromhex(phone['log_id']), 0)
        require(phone['acked_seq'] <= held or phone['doomed'] and replay.epoch > 1, 'I1', 'handset', phone['phone'],
                'believes', phone['acked_seq'], 'of', held)


def check_closures(replay, phones):
    """Whoever reported it and still belongs to the district has received the answer."""
    trusted = {bytes.fromhex(phone['log_id']) for phone in phones if not phone['doomed']}
    for number, case in replay.cases.items():
        require(case[2] in ENDS, 'I9', 'case', number, 'is still in state', case[2])
        if replay.logs[number >> 32] in trusted:
            for cycle in range(1, case[1] + 1):
                require((number, cycle) in replay.delivered, 'I9', 'case', number, 'had an answer in cycle', cycle,
                        'and nobody received it')


def check(folder):
    db = sqlite3.connect(os.path.join(folder, 'district.db'))  # nobody else's; its WAL is taken in
    db.row_factory = sqlite3.Row
    truth, phones = (read_lines(os.path.join(folder, name)) for name in ('truth.jsonl', 'phones.jsonl'))
    replay = Replay(db)
    check_cases(db, replay)
    replay.tasks.check(db, replay.cases, ENDS)
    replay.orders.check(db)
    replay.ratings.check(db)
    replay.dossiers.check(db)
    replay.held.check(replay.cases)
    check_dues(replay)
    check_scopes(db, replay)
    check_ops(replay, truth, phones)
    check_closures(replay, phones)
    entries, rounds = check_field.check(db, replay, fields_of, truth)
    photos = check_photo.check(check_photo.named_photos(replay), folder, read_lines(os.path.join(folder, 'photos.jsonl')), truth, phones)
    db.close()
    print('# %d entries, %d cases (%d of desks), %d ops of %d handsets, %d photos stored, %d service entries, %d rounds, epoch %d, '
          '%d closed at places that repeat, %d audits' %
          (len(replay.entries), len(replay.cases), replay.registered.count, len(truth), len(phones), photos, entries, rounds, replay.epoch,
           replay.checking.closed_at_repeats, replay.checking.audits), flush=True)


def read_lines(path):
    with open(path, encoding='utf-8') as lines:
        return [json.loads(line) for line in lines]


def check_seed(program, seed):
    with tempfile.TemporaryDirectory() as folder:
        ran = subprocess.run([program, '--seed', seed, '--kinds', '0', '--export', folder], check=False, text=True,
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        require(ran.returncode == 0, 'run', ran.stdout)
        check(folder)


# ---- That it would notice

TAMPERED = (
    ('I12', "UPDATE journal SET at_ms = at_ms + 1 WHERE position = 40"),
    ('I12', "UPDATE content SET bytes = x'0a0141' WHERE position = (SELECT max(position) FROM content)"),
    ('I5', "DELETE FROM scope WHERE position = (SELECT max(position) FROM scope)"),
    ('I6', "UPDATE cases SET body = (SELECT body FROM cases WHERE first = (SELECT min(first) FROM cases)) "
           "WHERE first = (SELECT max(first) FROM cases)"),
    ('I6', "DELETE FROM cases WHERE first = (SELECT min(first) FROM cases)"),
    ('I2', "DELETE FROM service WHERE position = (SELECT max(position) FROM service)"),
    ('I2', "INSERT INTO patrol SELECT 20514, 1111, 1, max(position), 1, 0, 1 FROM journal"),
    ('I12', "DELETE FROM journal WHERE position = (SELECT max(position) FROM journal) - 5"),
)


def check_tampered(program, seed):
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([program, '--seed', seed, '--kinds', '0', '--export', folder], check=True,
                       stdout=subprocess.DEVNULL)
        db = sqlite3.connect(os.path.join(folder, 'district.db'), isolation_level=None)
        for invariant, change in TAMPERED:
            db.execute('BEGIN')
            db.execute(change)
            db.row_factory = sqlite3.Row
            try:
                replay = Replay(db)
                check_cases(db, replay)
                check_scopes(db, replay)
                check_field.check(db, replay, fields_of, [])
            except tap.Fault as fault:
                require(str(fault).startswith(invariant), 'tampered', change, 'was taken for', fault)
            else:
                require(False, 'tampered', change, 'was not noticed')
            db.execute('ROLLBACK')
        photo, = db.execute('SELECT lower(hex(min(hash))) FROM blob WHERE stored != 0').fetchone()
        with open(os.path.join(folder, photo + '.jpg'), 'r+b') as file:
            file.seek(30)
            file.write(b'another')
        db.close()
        try:
            check(folder)
        except tap.Fault as fault:
            require(str(fault).startswith('I11'), 'a changed photo was taken for', fault)
        else:
            require(False, 'a changed photo was not noticed')


def main():
    if sys.argv[1] == '--folder':
        check(sys.argv[2])
        return 0
    program = sys.argv[1]
    cases = [('what seed %s exports holds' % n, lambda n=n: check_seed(program, n)) for n in sys.argv[2:]]
    cases.append(('what somebody changed is noticed', lambda: check_tampered(program, sys.argv[2])))
    return tap.run(cases)


if __name__ == '__main__':
    sys.exit(main())
