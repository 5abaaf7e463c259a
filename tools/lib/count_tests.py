#!/usr/bin/python3
"""Counts test cases over meson's JSON logs and prints the verdict as the last line.

usage: count_tests.py [--failed TEXT] [--skipped TEXT] LABEL=LOG.json ...

A program that speaks TAP is counted case by case, any other as one case.  A program that crashed,
ran out of time, or ran another number of cases than it announced is one failed case more, unless a
case of it already says so.  A skip needs a reason; without one it is a failure.  cmocka 1.1.5 writes
a skip as `not ok 2 # SKIP name` and gives the reason on the line before, which meson itself takes
for a failure: therefore the TAP is read again here.
"""
import argparse
import json
import re
import sys

CASE = re.compile(r'^(not )?ok\b\s*(\d+)?\s*(?:-\s*)?([^#]*?)\s*(?:#\s*(.*))?$')
PLAN = re.compile(r'^1\.\.(\d+)(?:\s*#\s*skip\s*(.*))?', re.IGNORECASE)
MESON_GOOD = ('OK', 'EXPECTEDFAIL')
OUTPUT_LINES_MAX = 400


class Tally:
    def __init__(self):
        self.passed = 0
        self.failed = []
        self.skipped = []


class Program:
    """What one test program said: its cases, its plan, the line before each case."""

    def __init__(self, stdout):
        self.passed, self.failed, self.skipped = [], [], []
        self.plan, self.plans, self.plan_skip = None, 0, None
        self.bailed = False
        said = ''
        for line in stdout.splitlines():
            plan, case = PLAN.match(line), CASE.match(line)
            if plan:
                self.plans += 1
                self.plan, self.plan_skip = int(plan.group(1)), plan.group(2)
            elif line.startswith('Bail out!'):
                self.bailed = True
                self.failed.append(line)
            elif case and (case.group(2) or case.group(3)):
                self.add_case(case, said)
                said = ''
            elif line.strip():
                said = line.strip().lstrip('# ')
        self.spoke_tap = self.plans > 0 or bool(self.count())

    def add_case(self, case, said):
        bad, _, name, directive = case.groups()
        skip = re.match(r'skip\w*\s*(.*)', directive or '', re.IGNORECASE)
        if skip:
            # Ours: `ok 2 - name # SKIP reason`.  cmocka's: `not ok 2 # SKIP name`, the reason before.
            name, reason = (name, skip.group(1)) if name else (skip.group(1), said)
            if reason:
                self.skipped.append((name, reason))
            else:
                self.failed.append(name + ': skipped without a reason')
        elif bad:
            self.failed.append(name)
        else:
            self.passed.append(name)

    def count(self):
        return len(self.passed) + len(self.failed) + len(self.skipped)

    def plan_fault(self):
        """Why the plan does not hold, or None."""
        if self.bailed:
            return None
        if self.plans == 0:
            return 'no TAP plan'
        if self.plans > 1:
            return 'more than one TAP plan'
        if self.plan != self.count():
            return '%d cases announced, %d reported' % (self.plan, self.count())
        return None


def ending(entry):
    """How the program ended when that was wrong in itself, or None."""
    code = entry.get('returncode', 0)
    if entry['result'] == 'TIMEOUT':
        return 'ran out of time after %.0f s' % entry.get('duration', 0)
    if entry['result'] == 'INTERRUPT':
        return 'was interrupted'
    if code is not None and code < 0:
        return 'was killed by signal %d' % -code
    return None


def count_tap(where, entry, program, tally):
    """Adds one TAP program's cases; True if anything of it failed."""
    tally.passed += len(program.passed)
    tally.skipped += ['%s: %s: %s' % (where, name, why) for name, why in program.skipped]
    if program.plan == 0 and program.plan_skip and not program.count():
        tally.skipped.append('%s: %s' % (where, program.plan_skip))
    faults = ['%s: %s' % (where, name) for name in program.failed]
    ended = ending(entry)
    code = entry.get('returncode', 0)
    if ended:
        faults.append('%s: %s' % (where, ended))
    elif program.plan_fault():
        faults.append('%s: %s' % (where, program.plan_fault()))
    elif code and not program.failed:
        faults.append('%s: exit status %d though no case failed' % (where, code))
    tally.failed += faults
    return bool(faults)


def count_plain(where, entry, tally):
    """Adds a program that only exits as one case; True if it failed."""
    if entry['result'] in MESON_GOOD:
        tally.passed += 1
        return False
    if entry['result'] == 'SKIP':
        # 77 is also how libFuzzer says that it found a crash, so the reason is a line `# ...`.
        said = [line for line in entry.get('stdout', '').splitlines() if line.startswith('# ')]
        if said:
            tally.skipped.append('%s: %s' % (where, said[-1][2:]))
            return False
        tally.failed.append(where + ': skipped without a reason')
        return True
    tally.failed.append('%s: %s' % (where, ending(entry) or 'exit status %s' % entry.get('returncode')))
    return True


def show(where, entry):
    """Prints what a program said, without the cases that passed."""
    lines = [line for line in (entry.get('stdout', '') + entry.get('stderr', '')).splitlines()
             if not re.match(r'ok \d', line)]
    print('---- %s failed: %s' % (where, ' '.join(entry.get('command', []))))
    if len(lines) > OUTPUT_LINES_MAX:
        print('(%d lines before these)' % (len(lines) - OUTPUT_LINES_MAX))
    print('\n'.join(lines[-OUTPUT_LINES_MAX:]))


def count_log(label, path, tally):
    with open(path, encoding='utf-8', errors='replace') as log:
        for line in log:
            entry = json.loads(line)
            where = '%s: %s' % (label, entry['name'].split(' / ')[-1])
            program = Program(entry.get('stdout', ''))
            if program.spoke_tap:
                bad = count_tap(where, entry, program, tally)
            else:
                bad = count_plain(where, entry, tally)
            if bad:
                show(where, entry)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--failed', action='append', default=[])
    parser.add_argument('--skipped', action='append', default=[])
    parser.add_argument('logs', nargs='*', metavar='LABEL=LOG')
    args = parser.parse_args()
    tally = Tally()
    tally.failed += args.failed
    tally.skipped += args.skipped
    for pair in args.logs:
        label, path = pair.split('=', 1)
        count_log(label, path, tally)
    if not (tally.passed or tally.failed or tally.skipped):
        tally.failed.append('nothing ran')
    for text in tally.skipped:
        print('skipped: ' + text)
    for text in tally.failed:
        print('FAILED: ' + text)
    print('%d passed, %d failed, %d skipped'
          % (tally.passed, len(tally.failed), len(tally.skipped)))
    return 1 if tally.failed else 0


if __name__ == '__main__':
    sys.exit(main())
