#!/usr/bin/python3
"""tools/lib/count_tests.py over logs of which the right count is known.

usage: test_count_tests.py ROOT   as TAP
"""
import json
import os
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

import tap  # noqa: E402

ROOT = os.path.abspath(sys.argv[1])


def entry(stdout='', result='OK', code=0, **more):
    return dict({'name': 'bihuan:unit / a', 'stdout': stdout, 'result': result, 'returncode': code,
                 'duration': 1.0, 'command': ['a']}, **more)


def count(entries, arguments=()):
    """(last line, exit status, all it printed)"""
    with tempfile.NamedTemporaryFile('w', suffix='.json') as log:
        log.write(''.join(json.dumps(one) + '\n' for one in entries))
        log.flush()
        said = subprocess.run(['/usr/bin/python3', ROOT + '/tools/lib/count_tests.py', *arguments, 'gcc=' + log.name],
                              capture_output=True, text=True, check=False)
    return said.stdout.splitlines()[-1], said.returncode, said.stdout + said.stderr


def expect(verdict, entries, *mentions, arguments=()):
    last, status, said = count(entries, arguments)
    if last != verdict:
        raise tap.Fault('expected %s\n%s' % (verdict, said))
    if status != (0 if ' 0 failed' in verdict else 1):
        raise tap.Fault('exit status %d\n%s' % (status, said))
    for text in mentions:
        if text not in said:
            raise tap.Fault('does not say "%s"\n%s' % (text, said))


GOOD = '1..2\nok 1 - a\n# a word\nok 2 - b\n'
CMOCKA_SKIP = '1..2\nok 1 - a\n# needs a map\nnot ok 2 # SKIP b\n# ok - t\n'
CASES = (
    ('counts the cases of a program', lambda: expect('2 passed, 0 failed, 0 skipped', [entry(GOOD)])),
    ('counts a program without TAP as one case', lambda: expect('1 passed, 0 failed, 0 skipped', [entry('fine\n')])),
    ('adds programs up', lambda: expect('5 passed, 0 failed, 0 skipped', [entry(GOOD), entry(GOOD), entry('x')])),
    ('counts a failed case and shows what it said', lambda: expect(
        '1 passed, 1 failed, 0 skipped',
        [entry('1..2\nok 1 - a\nnot ok 2 - b\n# 1 != 2\n', 'FAIL', 1)], '# 1 != 2', 'FAILED: gcc: a: b')),
    ('reads how cmocka skips', lambda: expect(
        '1 passed, 0 failed, 1 skipped', [entry(CMOCKA_SKIP, 'FAIL')], 'skipped: gcc: a: b: needs a map')),
    ('reads how TAP skips', lambda: expect(
        '0 passed, 0 failed, 1 skipped', [entry('1..1\nok 1 - b # SKIP no map\n')], 'skipped: gcc: a: b: no map')),
    ('takes a skip without a reason for a failure', lambda: expect(
        '1 passed, 1 failed, 0 skipped', [entry('1..2\nok 1 - a\nnot ok 2 # SKIP b\n', 'FAIL')], 'without a reason')),
    ('counts a crash beside what had passed', lambda: expect(
        '1 passed, 1 failed, 0 skipped', [entry('1..2\nok 1 - a\n', 'ERROR', -11)], 'killed by signal 11')),
    ('counts a crash before the first word', lambda: expect(
        '0 passed, 1 failed, 0 skipped', [entry('', 'ERROR', -6)], 'killed by signal 6')),
    ('counts a time-out', lambda: expect(
        '1 passed, 1 failed, 0 skipped', [entry('1..2\nok 1 - a\n', 'TIMEOUT', -15)], 'ran out of time')),
    ('counts an early exit that looks like success', lambda: expect(
        '1 passed, 1 failed, 0 skipped', [entry('1..2\nok 1 - a\n')], '2 cases announced, 1 reported')),
    ('counts a missing plan', lambda: expect('1 passed, 1 failed, 0 skipped', [entry('ok 1 - a\n')], 'no TAP plan')),
    ('counts two plans', lambda: expect('4 passed, 1 failed, 0 skipped', [entry(GOOD + GOOD)], 'more than one')),
    ('counts a leak found after every case passed', lambda: expect(
        '2 passed, 1 failed, 0 skipped', [entry(GOOD, 'ERROR', 23)], 'exit status 23')),
    ('counts a leak beside a skip', lambda: expect(
        '1 passed, 1 failed, 1 skipped', [entry(CMOCKA_SKIP, 'ERROR', 1)], 'exit status 1')),
    ('counts a bail out', lambda: expect(
        '0 passed, 1 failed, 0 skipped', [entry('1..0\nBail out! no disk\n', 'ERROR', 1)], 'no disk')),
    ('takes exit 77 with a reason for a skip', lambda: expect(
        '0 passed, 0 failed, 1 skipped', [entry('# no map\n', 'SKIP', 77)], 'no map')),
    ('takes exit 77 of a fuzzer for a failure', lambda: expect(
        '0 passed, 1 failed, 0 skipped', [entry('', 'SKIP', 77, stderr='deadly signal')], 'deadly signal')),
    ('takes a silent TAP program for a failure', lambda: expect(
        '0 passed, 1 failed, 0 skipped', [entry('', 'SKIP')])),
    ('counts what could not be built', lambda: expect(
        '2 passed, 1 failed, 1 skipped', [entry(GOOD)], 'FAILED: clang: build', 'skipped: tsan: no kernel',
        arguments=('--failed', 'clang: build', '--skipped', 'tsan: no kernel'))),
    ('takes nothing at all for a failure', lambda: expect('0 passed, 1 failed, 0 skipped', [], 'nothing ran')),
)

if __name__ == '__main__':
    sys.exit(tap.run([('the count ' + name, case) for name, case in CASES]))
