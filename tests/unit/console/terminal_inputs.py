#!/usr/bin/python3
"""terminal_inputs.py BIHUAN: what the terminal is given is taken whole or refused."""
import json
import os
import subprocess
import sys

sys.path[:0] = [os.path.dirname(os.path.abspath(__file__)),
                os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), '../..'))]
import tap  # noqa: E402
from terminal_world import ANSWERS, ASKED, BIHUAN, FOLDER, SOCKET, end, run  # noqa: E402


def test_terminal__no_table_is_left_out_of_an_import_in_silence():
    def told(folder, *more):
        done = subprocess.run([BIHUAN, 'import', 'check', '--json', *more], cwd=folder, capture_output=True, text=True,
                              env={'BIHUAN_SOCKET': SOCKET, 'BIHUAN_DISTRICT': 'd1'}, timeout=60, check=False)
        return done.returncode, done.stderr

    ASKED.clear()
    deep = FOLDER
    while len(deep) < 3900:
        deep = os.path.join(deep, 'd' * 120)
    inner = os.path.relpath(deep, FOLDER)[:900].rsplit('/', 1)[0]
    os.makedirs(os.path.join(FOLDER, inner))
    with open(os.path.join(FOLDER, inner, 'areas-' + 'x' * 200 + '.csv'), 'w', encoding='utf-8') as file:
        file.write('code,name,kind\nc,县,county\n')
    exit, said = told(FOLDER, inner)
    assert (exit, len(ASKED)) == (65, 0) and 'too long' in said, (exit, said)
    for name, count in (('many', 65), ('some', 33), ('more', 33)):
        os.mkdir(os.path.join(FOLDER, name))
        for i in range(count):
            with open(os.path.join(FOLDER, name, f'areas-{i}.csv'), 'w', encoding='utf-8') as file:
                file.write(f'code,name,kind\n{name}{i},县,county\n')
    for folders in (('many',), ('some', 'more')):
        exit, said = told(FOLDER, *folders)
        assert (exit, len(ASKED)) == (65, 0) and 'too many' in said, (folders, exit, said)


def test_terminal__one_key_is_not_given_to_many():
    reason = '--reason=x'
    for words in (['quarantine', 'release', '7'], ['quarantine', 'discard', '7', '11', '12'],
                  ['erase', 'ask', '--reporter=G001']):
        exit, _, said = run(*words, reason, '--key=k', '--as=P001')
        assert (exit, len(ASKED)) == (64, 0) and '--key' in said, (words, exit, said, ASKED)
    done = {'/districts/d1/devices/7/quarantine/11/release': (200, {'repeat': False})}
    run('quarantine', 'release', '7', '11', '12', reason, '--as=P001', answers=done)
    assert ASKED[0][2]['Idempotency-Key'] != ASKED[1][2]['Idempotency-Key'], ASKED


def test_terminal__a_line_that_is_too_long_is_not_cut_into_two():
    ANSWERS.clear()
    ANSWERS['/districts/d1/cases/16-1-C/parties'] = (200, {'party': 1, 'repeat': False})

    def told(typed):
        ASKED.clear()
        done = subprocess.run([BIHUAN, '--as=A001', 'party', 'add', '16-1-C', '--role=witness', '--stdin'], input=typed,
                              env={'BIHUAN_SOCKET': SOCKET, 'BIHUAN_DISTRICT': 'd1'}, capture_output=True, text=True,
                              timeout=60, check=False)
        return done.returncode, done.stderr

    for typed in ('x' * 512 + '\ny\n', 'x' * 600, 'name\n' + 'y' * 700 + '\n'):
        exit, said = told(typed)
        assert (exit, len(ASKED)) == (65, 0) and 'too long' in said, (exit, said, ASKED)
    for typed, name, contact in (('甲\n乙\n', '甲', '乙'), ('甲\n' + 'y' * 400, '甲', 'y' * 400), ('甲', '甲', None)):
        exit, said = told(typed)
        body = json.loads(ASKED[0][3])
        assert (exit, body['name'], body.get('contact')) == (0, name, contact), (exit, said, body)


status = tap.run([function for name, function in sorted(globals().items()) if name.startswith('test_')])
end()
sys.exit(status)
