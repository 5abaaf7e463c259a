"""Tasks by the journal alone: their rows, what their cases count, and in whose lists their cases stand (I5, I6, I7).

    a decision's fields from 256 on ──▶ the task that 256 names ──▶ OPEN (1) ──▶ answered, lapsed, withdrawn
"""
from check_dispute import COPIED
from check_journal import TASK, decided, nonzero, require

KIND, STATE, PERSON, UNIT, DUE, OPEN, VISIT = 257, 258, 259, 260, 266, 1, 4
STORED = 71
ENDS = {58, 59}
# Looked at before filing and before closing, and helped; also beside a case that was dispatched meanwhile.
MOVES = ({(1, 2, 2), (2, 3, 1), (9, 19, 10), (10, 20, 9), (10, 82, 10), (10, 21, 11), (4, 56, 4), (5, 56, 5)} |
         {(state, 3, state) for state in (4, 5, 6)} | {(state, 57, state) for state in (4, 5, 6, 7)} |
         {(state, 81, state) for state in (5, 7, 9, 12, 13)} |
         {(state, 83, state) for state in (4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14)})
CLOCK_MOVES = {(2, 9, 4), (2, 58, 1), (10, 58, 9), (10, 21, 11), (10, 23, 12)}


def scope_of(task):
    return 1 << 56 | task[PERSON] if task.get(PERSON) else 2 << 56 | task[UNIT]


class Tasks:
    def __init__(self):
        self.all = {}

    def take(self, entry):
        """Gives the task that an entry changes, or None, and whose list it leaves by that, or None."""
        fields = {field: value for field, value in decided(entry.decision) if TASK <= field < TASK + 100}
        if not fields:
            return None, None
        task = self.all.setdefault((entry.case_number, fields[TASK]), {})
        before = scope_of(task) if task else None
        task.update(fields)
        return task, before if task[STATE] != OPEN or before != scope_of(task) else None

    def open_of(self, number):
        return [task for name, task in self.all.items() if name[0] == number and task[STATE] == OPEN]

    def tell(self, entry, case, told, silent):
        """What a case's entry tells those who have a task of it; twice is once."""
        changed, left = self.take(entry)
        unit = case.get(10, 0)
        seen = {1 << 56 | case[3]} | {2 << 56 | case[field] for field in (10, COPIED) if case.get(field, 0)}
        loud = changed or entry.verb == STORED and unit or entry.decision and not silent
        if not loud:
            return
        for task in self.open_of(entry.case_number):
            told[scope_of(task), entry.case_number] = (entry.position, 0)
            seen.add(scope_of(task))
        if left and left not in seen:
            told[left, entry.case_number] = (entry.position, 1)

    def check(self, db, cases, ends):
        rows = {(row['number'], row['ordinal']): row for row in db.execute('SELECT * FROM task')}
        require(set(rows) == set(self.all), 'I6', 'the task table and the journal know different tasks')
        for name, row in rows.items():
            task = self.all[name]
            body = dict(decided(row['body']))
            require(nonzero(body) == nonzero(task), 'I6', 'task', name, 'is not what its entries say')
            is_open = task[STATE] == OPEN
            require(row['next_ms'] == (task[DUE] if is_open else 0), 'I7', 'task', name, 'has another instant')
            require(not is_open or task[KIND] == VISIT or cases[name[0]][2] not in ends, 'I7', 'task', name, 'is open, and its case is over')
        for number, case in cases.items():
            require(case.get(81, 0) == len(self.open_of(number)), 'I6', 'case', number, 'miscounts its tasks')
