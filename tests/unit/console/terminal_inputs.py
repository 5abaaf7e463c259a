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


def case_of(**more):
    case = {'number': '16-1-C', 'state': 'handling', 'urgency': 'P3', 'cycle': 1, 'reworks': 0, 'checked': None, 'asked': None,
            'asked_of': None, 'handed_by': None, 'history': [],
            'dispute': {'grade': None, 'major': False, 'sponsor': None, 'mediation': None}}
    case.update(more)
    return case


def test_terminal__the_next_command_is_one_that_the_case_takes():
    dispute = {'grade': 'harder', 'major': False, 'sponsor': None, 'mediation': None}
    for more, next_one in (
            ({}, 'finish 16-1-C --as=CODE --text=RESULT'),
            ({'asked': 'extension', 'asked_of': 'desk'}, 'extend 16-1-C --as=CODE'),
            ({'asked': 'suspension', 'asked_of': 'unit'}, 'ask-suspension 16-1-C --as=CODE --text=REASON'),
            ({'handed_by': 'H-HW'}, 'finish 16-1-C --as=CODE'),
            ({'dispute': dispute}, 'mediate 16-1-C --as=CODE --kind=KIND'),
            ({'dispute': dict(dispute, mediation='open')}, 'conclude 16-1-C --as=CODE --outcome=agreed|failed --text=WORDS'),
            ({'dispute': dict(dispute, mediation='agreed')}, 'finish 16-1-C --as=CODE --text=RESULT'),
            ({'dispute': dict(dispute, major=True)}, 'plan 16-1-C --as=CODE --sponsor=CODE --force=UNIT --measures=LIST --text=PLAN'),
            ({'state': 'done'}, 'close 16-1-C --as=CODE --ended --text=FEEDBACK\n'
             'or, where it has to be checked first: bihuan check 16-1-C --as=CODE'),
            ({'state': 'done', 'urgency': 'P1'}, 'check 16-1-C --as=CODE'),
            ({'state': 'done', 'reworks': 1}, 'check 16-1-C --as=CODE'),
            ({'state': 'done', 'urgency': 'P1', 'checked': 'passed'}, 'close 16-1-C --as=CODE --ended --text=FEEDBACK'),
            ({'state': 'done', 'checked': 'failed'}, 'fail 16-1-C --as=CODE --text=REASON')):
        exit, _, said = run('show', '16-1-C', answers={'/districts/d1/cases/16-1-C': (200, case_of(**more))})
        assert (exit, said) == (0, f'next: bihuan {next_one}\n'), (more, exit, said)


def test_terminal__show_lists_what_its_options_name():
    case = case_of(condition=2, place={'latitude': 31.5, 'longitude': 117.25, 'datum': 'wgs84', 'marked': False},
                   asked_unit='U-CG', ground='private', channel='court',
                   tasks=[{'task': 3, 'kind': 'check', 'kind_zh': '核查', 'state': 'open', 'person': 'G003', 'unit': None,
                           'due': 'soon', 'result': None, 'text': None}],
                   mediations=[{'mediation': 1, 'state': 'agreed', 'kind': 'peoples', 'kind_zh': '人民', 'unit': 'HD',
                                'sessions': 2, 'agreement': '2026-17', 'amount_fen': 500, 'ended_at': 'then', 'text': 'w',
                                'performances': [{'date': 1, 'due': 'one-day', 'outcome': 'done'},
                                                 {'date': 2, 'due': 'another', 'outcome': 'open'}]}],
                   photos=[{'hash': 'ab' * 32, 'size': 4, 'kind': 'photo', 'verb': 'submit', 'cycle': 1, 'person': 'G001',
                            'stored': True}])
    for language in ('C.UTF-8', 'zh_CN.UTF-8'):
        exit, out, _ = run('show', '16-1-C', answers={'/districts/d1/cases/16-1-C': (200, case)}, LANG=language)
        rows = [' '.join(line.split()) for line in out.splitlines()]
        assert exit == 0, out
        for row in ('3 check 核查 open G003 soon', '1 1 one-day done', '1 2 another open'):
            assert row in rows, (row, rows)
        for word in ('31.5000000,117.2500000', 'U-CG', '2026-17', 'ab' * 32):
            assert word in out, (word, out)


def test_terminal__a_dispatch_that_lacks_its_condition_is_told_the_option():
    def hint(detail, *words):
        refused = {'code': 'guard', 'message': 'no', 'hint': None, 'detail': detail}
        return run(*words, '--as=D001', answers={'/districts/d1/cases/16-1-C/' + words[0]: (422, refused)})[2]

    assert '--type=N' in hint(None, 'dispatch', '16-1-C')
    assert '--condition=none-of-them' in hint('name the condition it is filed under, or say none of them', 'dispatch', '16-1-C')
    assert '--grid=outside' in hint('it lies in no grid: name one, or say outside', 'file', '16-1-C')
    assert 'bihuan check' in hint('it has to be checked first', 'close', '16-1-C', '--ended')


def test_terminal__an_amount_goes_by_either_spelling_and_moves_name_the_commands():
    path = '/districts/d1/cases/16-1-C/conclude'
    for spelling in ('--amount-fen=500', '--amount_fen=500'):
        exit, _, _ = run('conclude', '16-1-C', '--as=T', spelling, answers={path: (200, {'state': 'handling'})})
        assert (exit, json.loads(ASKED[0][3])) == (0, {'amount_fen': '500'}), ASKED
    assert run('conclude', '16-1-C', '--as=T', '--amount-fen=1', '--amount_fen=2')[0] == 64 and ASKED == []
    rows = [json.loads(line) for line in run('moves', 'received', '--json')[1].splitlines()]
    named = {row['verb']: row['command'] for row in rows}
    assert (named['verify'], named['dispatch'], named['self_dispose']) == ('ask-verify', 'dispatch', None), named


def test_terminal__the_catalogue_tells_a_type_s_conditions():
    types = [{'type': 10001, 'name': '私搭乱建', 'class': 10, 'class_name': '市容环境', 'urgency': 'P2', 'unit_kind': 'SUBDISTRICT',
              'limit': {'value': 2, 'unit': 'natural_day'}, 'privacy': 'public-safe', 'min_photos': 2, 'dispute': False,
              'self_dispose': None, 'conditions': [{'condition': 2, 'label': '已建成', 'limit': {'value': 15, 'unit': 'work_day'}}]}]
    answers = {path: (200, {'items': types, 'count': 1, 'next': None})
               for path in ('/districts/d1/catalogue', '/districts/d1/catalogue?type=10001')}
    exit, out, _ = run('catalogue', 'show', '10001', answers=answers)
    assert exit == 0 and ['2', '15', 'work_day', '已建成'] in [line.split() for line in out.splitlines()] and 'SUBDISTRICT' in out, out
    exit, out, said = run('catalogue', 'show', answers=answers)
    assert exit == 0 and out.splitlines()[1].split() == ['10001', '10', 'P2', 'SUBDISTRICT', '2', 'natural_day', '1', '2',
                                                         'public-safe', '私搭乱建'], out
    assert said == 'next: bihuan catalogue show TYPE\n', said
    assert json.loads(run('catalogue', 'show', '--json', answers=answers)[1]) == types[0]


status = tap.run([function for name, function in sorted(globals().items()) if name.startswith('test_')])
end()
sys.exit(status)
