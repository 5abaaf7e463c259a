#!/usr/bin/python3
"""The programs of client-lib/EMBEDDING.md, compiled from the page and run against a real server over TLS."""
import os
import pathlib
import re
import subprocess
import sys
import tempfile

TESTS = pathlib.Path(__file__).resolve().parents[1]
TOP = TESTS.parent
sys.path[:0] = [str(TESTS), str(TESTS / 'e2e')]

import harness  # noqa: E402
import tap  # noqa: E402

BUILD = pathlib.Path(os.environ['BH_BUILD'])
WORLD = None
PROGRAMS = {}


def compiled(folder):
    """{'thread': path, 'host': path}, in the order of the page."""
    page = (TOP / 'client-lib/EMBEDDING.md').read_text(encoding='utf-8')
    for name, text in zip(('thread', 'host'), re.findall(r'```c\n(.*?)```', page, re.S)):
        source = folder / (name + '.c')
        source.write_text(text, encoding='utf-8')
        done = subprocess.run(
            ['cc', '-std=c11', '-Wall', '-Wextra', '-pedantic', '-Werror', '-I', TOP / 'client-lib/include', source,
             '-L', BUILD / 'client-lib', '-lbihuan', '-Wl,-rpath,' + str(BUILD / 'client-lib'), '-pthread',
             '-o', folder / name], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        PROGRAMS[name] = folder / name


def run(name, *words):
    done = subprocess.run([PROGRAMS[name], *map(str, words)], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, (done.returncode, done.stdout, done.stderr)
    return done.stdout


def numbers(said):
    return tuple(int(word) for word in re.findall(r'(\d+) (?:unsent|bytes up|down|wake-ups)', said))


def the_librarys_thread_enrols_records_and_sends():
    handset = WORLD.handset('thread')
    said = run('thread', handset.store, WORLD.server.code_for('G001'))
    assert re.search(r'recorded \d+-1-\w, durable now', said), said
    assert said.count('0 unsent. Everything is in step.') == 2, said
    assert [row['text'] for row in handset.run('list')] == ['A street lamp is dark.']
    assert handset.run('ops')[0]['verdict'] == 'accepted'


def a_slot_enrols_and_hangs_up_when_all_is_told():
    said = run('host', WORLD.handset('slot').store, 30, WORLD.server.code_for('G002'))
    unsent, up, down, wakeups = numbers(said)
    # A TLS handshake alone is more than 500 bytes each way; the district's profile comes down.
    assert said.startswith('done, 0 unsent') and up > 500 and down > up and 0 < wakeups < 200, said


def a_hint_of_a_push_service_is_a_session():
    handset = WORLD.handset('slot')
    handset.one('report', '--text', 'seen on the way')
    unsent, up, down, _ = numbers(run('host', handset.store, 30, 'hint'))
    assert unsent == 0 and up > 500 and down > 100
    assert handset.run('ops')[0]['verdict'] == 'accepted'


def a_slot_ends_at_its_deadline_and_loses_nothing():
    handset = WORLD.handset('slot')
    handset.one('report', '--text', 'while the server is away')
    WORLD.server.stop()
    said = run('host', handset.store, 0)
    assert '1 unsent' in said, said
    WORLD.server.start()
    assert run('host', handset.store, 30).startswith('done, 0 unsent')


def the_status_counts_what_a_run_cost():
    handset = WORLD.handset('slot')
    counts = handset.one('status')['counts']
    assert counts['attempts'] == 0 and counts['bytes_up'] == 0, counts


def main():
    global WORLD
    with tempfile.TemporaryDirectory() as scratch, harness.World() as world:
        WORLD = world
        compiled(pathlib.Path(scratch))
        world.server.start()
        world.server.district()
        return tap.run([(case.__name__.replace('_', ' '), case) for case in (
            the_librarys_thread_enrols_records_and_sends, a_slot_enrols_and_hangs_up_when_all_is_told,
            a_hint_of_a_push_service_is_a_session, a_slot_ends_at_its_deadline_and_loses_nothing,
            the_status_counts_what_a_run_cost)])


if __name__ == '__main__':
    sys.exit(main())
