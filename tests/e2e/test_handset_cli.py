#!/usr/bin/python3
"""bihuan-handset from outside: what it takes, what it says, what it ends with.  One server enrols it;
most of the rest happens while that server is away."""
import datetime
import json
import os
import pathlib
import re
import socket
import subprocess
import sys

TESTS = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS), str(TESTS / 'e2e')]

import harness  # noqa: E402
from handset_bench import call, run  # noqa: E402

VERBS = ['enrol', 'report', 'service', 'grids', 'patrol', 'list', 'show', 'photo', 'ops', 'types', 'sync', 'watch', 'status', 'act',
         'session', 'seen', 'author', 'completion']
TIME = re.compile(r'\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d\d:\d\d$')


BENCH = None


def closed_port():
    with socket.socket() as taken:
        taken.bind(('127.0.0.1', 0))
        return taken.getsockname()[1]


# ---- Words

def help_is_everywhere_and_begins_with_an_example():
    for verb in VERBS:
        for words in ((verb, '--help'), ('-h', verb), ('--json', verb, '-h')):
            said = call(*words)
            assert said.exit == 0 and not said.err, said.err
            assert said.out.splitlines()[0].startswith(f'  bihuan-handset {verb}'), said.out
    said = call('--help')
    assert said.exit == 0 and said.out.splitlines()[0].startswith('  bihuan-handset ')
    assert all(f'\n  {verb} ' in said.out for verb in VERBS)
    chinese = call('list', '--help', LANG='zh_CN.UTF-8').out
    assert '新的在前' in chinese and chinese != call('list', '--help').out


def mistyped_words_are_answered_with_the_nearest():
    for words, near in ((['lst'], 'list'), (['list', '--jsn'], '--json'),
                        (['reprot', '--text', 'x'], 'report'), (['watch', '--closurs', '1'], '--closures'),
                        (['--sotre', 'x', 'list'], '--store')):
        said = call('--json', *words)
        assert said.exit == 64 and said.fault()['code'] == 'usage', said.err
        assert said.fault()['hint'] == f'did you mean {near}?', said.err
    assert 'did you mean list?' in call('lst').err
    said = call()
    assert said.exit == 64 and not said.out and said.err.startswith('  bihuan-handset '), said.out
    for words in (('-V',), ('--version',)):
        assert call(*words).out.startswith('bihuan-handset ') and call(*words).exit == 0
    assert call('--json').fault()['message'] == 'a verb is missing'


def what_belongs_to_another_verb_is_refused():
    said = BENCH.call('list', '--text', 'x')
    assert said.exit == 64 and '--text is not an option of bihuan-handset list' in said.err
    assert BENCH.call('status', 'more').exit == 64
    assert BENCH.call('show').exit == 64
    assert BENCH.call('report', '--text').exit == 64


def flags_may_stand_anywhere():
    store = BENCH.worker.store
    for words in (('--store', store, '--json', 'status'), ('status', '--json', '--store', store),
                  ('--json', 'status', f'--store={store}'), ('-s', store, 'status', '-j'),
                  ('-js', store, 'status')):
        said = call(*words)
        assert said.exit == 0 and said.rows()[0]['enrolled'] == 'yes', said.err
    assert call('status', '--json', BIHUAN_STORE=str(store)).rows()[0]['enrolled'] == 'yes'


def which_store_must_be_said_and_there():
    assert call('--json', 'list').exit == 64
    absent = BENCH.folder / 'absent.db'
    said = call('--json', '--store', absent, 'list')
    assert said.exit == 77 and said.fault()['file'] == str(absent)
    assert not absent.exists()
    assert call('--store', BENCH.folder, 'status').exit == 74


def a_full_stdout_is_a_failure():
    with open('/dev/full', 'wb') as full:
        done = subprocess.run([harness.HANDSET, '--store', BENCH.worker.store, '--json', 'status'],
                              stdout=full, stderr=subprocess.PIPE, timeout=60, check=False)
    assert done.returncode == 74, done


def completion_is_bash_and_knows_the_tables():
    script = call('completion', 'bash')
    assert script.exit == 0
    ask = ('\nCOMP_WORDS=(%s); COMP_CWORD=%d; _bihuan_handset; printf "%%s\\n" "${COMPREPLY[@]}"')
    for words, at, wanted in (('bihuan-handset s', 1, {'show', 'status', 'sync', 'seen', 'service', 'session'}),
                              ('bihuan-handset --store x report --da', 4, {'--datum'}),
                              ('bihuan-handset report --datum g', 3, {'gcj02'}),
                              ('bihuan-handset act s', 2, {'sign', 'self_dispose'})):
        done = subprocess.run(['/bin/bash', '-c', script.out + ask % (words, at)], capture_output=True,
                              timeout=60, check=True)
        assert set(done.stdout.decode().split()) == wanted, done
    assert call('completion', 'fish').exit == 64


# ---- Enrolment

def enrolment_says_why_not():
    store = BENCH.folder / 'other.db'
    bad = call('--json', '--store', store, 'enrol', 'BH1:nonsense')
    assert bad.exit == 65 and bad.fault()['code'] == 'BH_E_INVALID'
    pin = 'A' * 32
    away = call('--json', '--store', store, 'enrol', '-', '--wait', '1',
                stdin=f'BH1:127.0.0.1:{closed_port()}:990101:{"A" * 16}:{pin}\n'.encode())
    assert away.exit == 69 and away.fault()['code'] == 'unreachable', away.err
    assert call('--json', '--store', store, 'status').rows()[0]['enrolled'] == 'asked'
    assert call('--store', store, 'enrol', '-').exit == 64
    assert BENCH.call('report', '--text', '').exit == 65
    BENCH.server.start()
    try:
        payload = BENCH.server.code_for('G002')
        fields = payload.split(':')
        foreign = call('--json', '--store', store, 'enrol', '--wait', '2', ':'.join(fields[:5] + [pin]))
        assert foreign.exit == 69 and foreign.fault()['code'] == 'wrong_server', foreign.err
        wrong = call('--json', '--store', store, 'enrol', ':'.join(fields[:4] + ['A' * 16] + fields[5:]))
        assert wrong.exit == 77 and wrong.fault()['code'] == 'code_refused', wrong.err
        assert call('--store', store, '--json', 'enrol', payload).rows()[0]['enrolled'] == 'yes'
        again = call('--store', BENCH.folder / 'third.db', '--json', 'enrol', payload)
        assert again.exit == 77 and again.fault()['code'] == 'code_refused'
        assert call('--store', store, '--json', 'enrol', payload).fault()['code'] == 'BH_E_EXISTS'
    finally:
        BENCH.server.stop()


def what_is_recorded_is_its_owners_alone():
    names = sorted(BENCH.worker.store.parent.glob('worker.db*'))
    assert names and all(path.stat().st_mode & 0o077 == 0 for path in names), names


# ---- Without a server

def a_report_is_recorded_and_found_in_every_list():
    before = BENCH.worker.status()['unsent_ops']
    said = BENCH.call('report', '--text', '新桥路井盖破损', '--type', '10007', '--lat', '31.006', '--lon',
                      '116.9725', '--datum', 'gcj02', '--accuracy', '8', '--urgency', '2', '--captured',
                      '2026-10-12T07:31:00+08:00')
    assert said.exit == 0, said.err
    report = said.rows()[0]
    assert set(report) == {'case', 'number', 'id', 'sequence', 'emergency', 'repeat', 'hints'}
    row = BENCH.worker.one('show', report['case'])
    assert row['text'] == '新桥路井盖破损' and row['type'] == 10007 and row['state'] == 'outbox'
    assert row['place'] == {'latitude': 31.006, 'longitude': 116.9725, 'datum': 'gcj02'}
    assert row['captured_at'] == '2026-10-12T07:31:00.000+08:00' and row['id'] == report['id']
    assert report['case'] in [row['case'] for row in BENCH.worker.run('list', '--unsent')]
    assert report['case'] in [row['case'] for row in BENCH.worker.run('list', '--state', 'outbox')]
    assert BENCH.worker.run('list', '--state', 'closed') == []
    op = BENCH.worker.run('ops')[0]
    assert op['case'] == report['case'] and op['verdict'] == 'waiting' and op['verb'] == 'submit'
    assert BENCH.worker.run('ops', '--refused') == []
    status = BENCH.worker.status()
    assert status['unsent_ops'] == before + 1 and status['cause'] == 'waiting'
    assert status['sentence'] == (f'{before + 1} records wait to be sent.' if before else '1 record waits to be sent.')
    chinese = call('--store', BENCH.worker.store, 'status', LANG='zh_CN.UTF-8').out
    assert chinese.startswith(f'{before + 1} 条记录等待上报。'), chinese
    tried = BENCH.call('sync', '--timeout', '0')
    assert tried.exit == 75 and tried.fault()['code'] == 'not_in_time', tried.err
    assert 'Everything is in step' not in tried.out
    assert BENCH.call('show', report['case'], '--offset', 'Z').rows()[0]['captured_at'] == \
        '2026-10-11T23:31:00.000+00:00'
    lines = call('--store', BENCH.worker.store, 'list').out.splitlines()
    assert lines[0].split() == ['number', 'state', 'unit', 'text'] and report['case'] in lines[1], lines
    words = call('--store', BENCH.worker.store, 'show', report['case'])
    assert '新桥路井盖破损' in words.out and report['case'] in words.out


def bad_input_is_refused_and_nothing_is_recorded():
    before = BENCH.worker.status()['unsent_ops']
    for words, exit in ((('--text', ''), 65), (('--text', 'x' * 4001), 65), ((), 64),
                        (('--text', 'x', '--lat', '31'), 64), (('--text', 'x', '--lat', '91', '--lon', '0'), 64),
                        (('--text', 'x', '--lat', 'nan', '--lon', '0'), 64),
                        (('--text', 'x', '--urgency', '5'), 64), (('--text', 'x', '--type', '-1'), 64),
                        (('--text', 'x', '--type', '4294967296'), 64),
                        (('--text', 'x', '--datum', 'mars'), 64), (('--text', 'x', '--captured', 'noon'), 64),
                        (('--text', 'x', '--captured', '2026-02-30'), 64),
                        (('--text', 'x', '--csv', 'y'), 64), (('--text', ' \t\n'), 65),
                        (('--text', 'x', '--check'), 64), (('--text', 'x', '--captured', '2999-01-01'), 64), (('--text', b'\xff'), 65)):
        said = BENCH.call('report', *[os.fsdecode(word) if isinstance(word, bytes) else word for word in words])
        assert said.exit == exit, (words, said.exit, said.err)
        assert said.fault()['message']
    for words, exit in ((('show', '1-1-A'), 65), (('show', 'x'), 65), (('show', ''), 65),
                        (('seen', '1-1-A', '1'), 65), (('seen', '1-1-A'), 64), (('act', 'sign'), 64),
                        (('act', 'sing', 'x'), 64), (('act', 'finish', '--all'), 64),
                        (('list', '--state', 'nowhere'), 64), (('watch', '--closures', '0'), 64)):
        said = BENCH.call(*words)
        assert said.exit == exit, (words, said.exit, said.err)
    assert BENCH.worker.status()['unsent_ops'] == before


def own_cases_cannot_be_acted_upon_and_unknown_ones_are_not_found():
    case = BENCH.worker.one('report', '--text', 'x')['case']
    assert BENCH.call('act', 'sign', case).exit == 1
    assert BENCH.worker.run('act', 'sign', '--all') == []
    foreign = call('--json', '--store', BENCH.lead.store, 'show', case)
    assert foreign.exit == 1 and foreign.fault()['code'] == 'BH_E_NOT_FOUND'


def a_sync_without_a_server_says_so_and_keeps_everything():
    before = BENCH.worker.status()['unsent_ops']
    said = BENCH.call('sync', '--timeout', '1')
    assert said.exit == 69 and said.fault()['code'] == 'unreachable'
    row = said.rows()[0]
    assert row['unsent_ops'] == before and row['cause'] == 'unreachable'
    assert TIME.match(row['last_contact_at']) and row['last_contact_at'].endswith('+08:00')


def a_watch_holds_its_store_and_ends_in_time():
    watch = BENCH.worker.start('watch', '--timeout', '600')
    try:
        first = json.loads(watch.stdout.readline())
        assert first['event'] == 'status' and first['live'] is False and first['unsent_ops'] > 0
        said = BENCH.call('list')
        assert said.exit == 75 and said.fault()['code'] == 'BH_E_BUSY'
    finally:
        watch.terminate()
    assert watch.wait(harness.PATIENCE_S) == 0
    assert BENCH.call('watch', '--timeout', '0').exit == 0
    assert BENCH.call('watch', '--timeout', '0', '--closures', '1').exit == 75


# ---- With the server again

def what_was_recorded_travels_and_the_answer_comes_back_live():
    BENCH.server.start()
    worker, lead = BENCH.worker, BENCH.lead
    case = worker.one('report', '--text', '垃圾满溢', '--type', '10007', '--lat', '31.006438', '--lon',
                      '116.972508')['case']
    assert worker.one('sync')['unsent_ops'] == 0
    assert {op['verdict'] for op in worker.run('ops')} == {'accepted'}
    for row in worker.run('list'):
        # Nobody acted yet, and the reporter knows already until when somebody must.
        if not row['known']:
            due = datetime.datetime.fromisoformat(row['dispatch_due_at'])
            received = datetime.datetime.fromisoformat(row['received_at'])
            assert due - received == datetime.timedelta(minutes=30), row
    assert worker.one('show', case)['state'] == 'received'
    assert worker.run('list', '--state', 'outbox') == []
    assert len(worker.run('types')) > 100
    district = '/districts/990101/cases'
    BENCH.server.must('POST', f'{district}/{case}/dispatch', {'unit': 'U-HW', 'condition': 'none-of-them'}, acting='D001')
    lead.one('sync')
    assert lead.one('show', case)['state'] == 'dispatched'
    early = call('--json', '--store', lead.store, 'act', 'finish', case, '--text', 'x')
    assert early.exit == 1 and early.fault()['code'] == 'BH_E_STATE'
    assert [row['case'] for row in lead.run('act', 'sign', '--all', '--limit', '1')] == [case]
    assert lead.run('act', 'sign', '--all') == []
    assert lead.one('act', 'finish', case, '--text', '已清运')['verb'] == 'finish'
    lead.one('sync')
    watch = worker.start('watch', '--closures', '1', '--timeout', '60', '--seen')
    assert json.loads(watch.stdout.readline())['event'] == 'status'
    BENCH.server.must('POST', f'{district}/{case}/close', {'text': '已清运，谢谢', 'matter_ended': True}, acting='A001')
    out, _ = watch.communicate(timeout=harness.PATIENCE_S)
    assert watch.returncode == 0
    closure = [json.loads(line) for line in out.splitlines()][-1]
    assert closure['event'] == 'closure' and closure['case'] == case and closure['cycle'] == 1
    assert closure['result'] == '已清运，谢谢'
    assert TIME.match(closure['closed_at']) and TIME.match(closure['received_at'])
    worker.one('sync')
    assert worker.run('list', '--unseen') == []
    assert worker.run('seen', '--all') == []
    assert worker.one('seen', case, '1')['marked'] is False
    row = worker.one('show', case)
    assert row['text'] == '垃圾满溢' and row['place']['latitude'] == 31.006438 and row['known']
    assert row['state'] == 'closed' and row['closures'][0]['delivered'] and row['closures'][0]['seen']
    stats = BENCH.server.must('GET', '/districts/990101/stats')
    assert stats['closures_delivered'] == 1 and stats['closures_seen'] == 1


CASES = [help_is_everywhere_and_begins_with_an_example, mistyped_words_are_answered_with_the_nearest,
         what_belongs_to_another_verb_is_refused, flags_may_stand_anywhere,
         which_store_must_be_said_and_there, a_full_stdout_is_a_failure,
         completion_is_bash_and_knows_the_tables, enrolment_says_why_not, what_is_recorded_is_its_owners_alone,
         a_report_is_recorded_and_found_in_every_list, bad_input_is_refused_and_nothing_is_recorded,
         own_cases_cannot_be_acted_upon_and_unknown_ones_are_not_found,
         a_sync_without_a_server_says_so_and_keeps_everything, a_watch_holds_its_store_and_ends_in_time,
         what_was_recorded_travels_and_the_answer_comes_back_live]

if __name__ == '__main__':
    sys.exit(run(globals(), CASES))
