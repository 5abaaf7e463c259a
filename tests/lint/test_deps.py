#!/usr/bin/python3
"""tools/deps among stand-ins for the programs it calls, which write down how they were called.

usage: test_deps.py ROOT   as TAP
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

import tap  # noqa: E402

ROOT = os.path.abspath(sys.argv[1])
TOOLS = 'dirname awk wc comm sort cat grep mktemp rm env bash true'.split()


def packages(level):
    with open(ROOT + '/tools/deps.txt', encoding='utf-8') as file:
        rows = [line.split(None, 2) for line in file if line.strip() and not line.startswith('#')]
    return [name for kind, name, _ in rows if kind in ('build', level)]


def run(level, installed, user=0, apt='exit 0', sudo=None):
    """(status, stdout, stderr, calls); apt and sudo are the bodies of stand-ins, None: not there."""
    with tempfile.TemporaryDirectory() as folder:
        for tool in TOOLS:
            os.symlink(shutil.which(tool), os.path.join(folder, tool))
        rows = ''.join('%s installed\n' % name for name in installed)
        stand_ins = {'id': 'echo %d' % user, 'dpkg-query': "printf '%s'" % rows, 'apt-get': apt, 'sudo': sudo}
        for name, body in stand_ins.items():
            if body is not None:
                path = os.path.join(folder, name)
                with open(path, 'w', encoding='utf-8') as file:
                    file.write('#!/bin/sh\n' + body if name in ('id', 'dpkg-query') else
                               '#!/bin/sh\necho "%s $*" >>%s/calls\n%s\n' % (name, folder, body))
                os.chmod(path, 0o755)
        said = subprocess.run([ROOT + '/tools/deps', level], env={'PATH': folder}, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, check=False)
        with open(folder + '/calls', 'a+', encoding='utf-8') as file:
            file.seek(0)
            calls = file.read().splitlines()
    return said.returncode, said.stdout, said.stderr, calls


def check(holds, what):
    if not holds:
        raise tap.Fault(repr(what))


def nothing_to_do():
    for level in ('build', 'test'):
        status, out, _, calls = run(level, packages(level))
        check(status == 0 and calls == [] and out.count('\n') == 1, (status, out, calls))


def installs_only_what_is_missing():
    status, out, _, calls = run('test', [name for name in packages('test') if name not in ('xxd', 'gcc')])
    check(status == 0 and out == 'deps: installed gcc xxd\n', (status, out))
    check(len(calls) == 2 and calls[0].endswith(' update') and re.search(r'install \S+ gcc xxd$', calls[1]), calls)


def build_asks_for_less():
    status, _, _, calls = run('build', packages('build'))
    check(status == 0 and calls == [], calls)
    check('libcmocka-dev' in packages('test') and 'libcmocka-dev' not in packages('build'), packages('build'))


def refused(words, **how):
    status, out, err, _ = run('test', [name for name in packages('test') if name != 'xxd'], **how)
    check(status == 1 and out == '' and words in err and err.endswith('try again: xxd\n'), (status, out, err))


def through_sudo():
    status, out, _, calls = run('test', packages('test')[1:], user=1000, sudo='shift; exec "$@"')
    check(status == 0 and out == 'deps: installed %s\n' % packages('test')[0], (status, out, calls))
    check(calls[0] == 'sudo -n true' and calls[1].startswith('sudo -n env '), calls)


CASES = (
    ('does nothing when all is there', nothing_to_do),
    ('installs only what is missing', installs_only_what_is_missing),
    ('wants less for a build than for the tests', build_asks_for_less),
    ('names what is missing where there is no apt', lambda: refused('not Debian', apt=None)),
    ('names what is missing without root and sudo', lambda: refused('no sudo', user=1000)),
    ('names what is missing where sudo is refused', lambda: refused('sudo is refused', user=1000, sudo='exit 1')),
    ('shows what apt said when it failed', lambda: refused('no such mirror', apt='echo no such mirror; exit 100')),
    ('installs through sudo', through_sudo),
)

if __name__ == '__main__':
    sys.exit(tap.run([('deps ' + name, case) for name, case in CASES]))
