"""What desks registered, by the journal alone: each a case under the next number of the desks' own log, in the name and under
the post of who did it; and where the server was put back the log before that gives out no more (I16)."""
from check_journal import fields_of, require

REGISTER, LOG_BEGIN, RESTORED = 125, 65, 72
REPORTER, BY_PUBLIC, INTAKE, VISITORS = 3, 105, 177, 178
HALL, TELEPHONE, LETTER, VISIT, DEPARTMENT = range(1, 6)


class Registered:
    def __init__(self):
        self.log, self.count = None, 0  # the one that grows

    def follow(self, entry, case):
        """case: as it is after an entry that begins one."""
        at = ('entry', entry.position)
        if entry.verb == RESTORED:
            self.log = None
        elif entry.verb == LOG_BEGIN and not fields_of(entry.bytes)[1]:
            if fields_of(entry.bytes)[4]:  # of before, as the kept file knows it
                return
            require(self.log is None, 'I16', *at, 'begins a second log for desks')
            self.log = fields_of(entry.bytes)[3][0]
        elif entry.verb == REGISTER:
            require(entry.log == self.log and not entry.device, 'I16', *at, 'has a number of a log that has ended')
            require(entry.case_number == entry.log << 32 | entry.seq, 'I2', *at, 'has another number than its place')
            require(case[REPORTER] == entry.person and entry.person and entry.post, 'I2', *at, 'is in nobody\'s name')
            require(HALL <= case.get(INTAKE, 0) <= DEPARTMENT, 'I6', *at, 'came in no way that there is')
            require(case.get(BY_PUBLIC, 0) == (case[INTAKE] != DEPARTMENT), 'I6', *at, 'may be rated, or not')
            require(0 <= case.get(VISITORS, 0) <= 9999, 'I6', *at, 'was brought by too many')
            self.count += 1
