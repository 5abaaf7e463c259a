#!/usr/bin/python3
"""terminal.py BIHUAN: the dispatcher's terminal against a socket that answers what a case wants."""
import fcntl
import json
import os
import pty
import re
import struct
import subprocess
import sys
import termios
import unicodedata

sys.path[:0] = [os.path.dirname(os.path.abspath(__file__)),
                os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), '../..'))]
import tap  # noqa: E402
from terminal_world import ANSWERS, ASKED, BIHUAN, FOLDER, LOST, SOCKET, end, run  # noqa: E402


def error(status, code):
    return {'/districts/d1/stats': (status, {'code': code, 'message': 'so it is', 'hint': 'do that'})}


def test_terminal__exit_status_tells_the_kind():
    for status, code, wanted in ((409, 'not_now', 1), (404, 'no_case', 1), (422, 'no_unit', 1), (422, 'profile', 65),
                                 (422, 'field', 65), (404, 'person', 65), (404, 'district', 65), (403, 'acting', 65),
                                 (400, 'json', 65), (413, 'too-large', 65), (403, 'no_right', 77),
                                 (503, 'busy', 75), (503, 'storage-full', 74), (503, 'storage', 74),
                                 (500, 'corrupt', 74), (422, 'configuration', 78)):
        exit, out, said = run('stats', answers=error(status, code))
        assert (exit, out) == (wanted, ''), (status, code, exit)
        assert 'so it is' in said and 'do that' in said and '\x1b' not in said, said


def test_terminal__errors_are_json_on_stderr_when_asked():
    exit, out, said = run('stats', '--json', answers=error(409, 'not_now'))
    assert exit == 1 and out == ''
    assert json.loads(said) == {'code': 'not_now', 'message': 'so it is', 'hint': 'do that'}


def test_terminal__a_server_that_is_away_or_talks_nonsense_is_told():
    exit, _, said = run('status', BIHUAN_SOCKET='/nonexistent/socket')
    assert exit == 69 and '/nonexistent/socket' in said, said
    for text in (b'<html>', b'{}', b'', b'[1'):
        exit, _, said = run('stats', answers={'/districts/d1/stats': (502, text)})
        assert exit == 70, (text, exit)


def test_terminal__who_may_not_speak_to_the_server_is_not_told_that_it_is_away():
    other = 64123 if os.geteuid() == 0 else None
    os.chmod(FOLDER, 0o755)
    os.chmod(SOCKET, 0o600 if other else 0)
    done = subprocess.run([BIHUAN, 'status'], env={'BIHUAN_SOCKET': SOCKET}, stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, timeout=60, check=False, user=other, group=other, extra_groups=[] if other else None)
    os.chmod(SOCKET, 0o755)
    assert done.returncode == 77 and f'no right to the socket {SOCKET}: Permission denied' in done.stderr, done
    assert 'sudo' in done.stderr and 'running' not in done.stderr, done


def test_terminal__a_chinese_reader_is_told_the_reason_too():
    answer = {'code': 'guard', 'message': 'say that the matter has ended: A condition is not met.',
              'message_zh': '办理条件尚未满足', 'detail': 'say that the matter has ended', 'hint': 'do that'}
    refused = {'/districts/d1/stats': (422, answer)}
    assert run('stats', answers=refused) == (1, '', f'bihuan: {answer["message"]}\n  do that\n')
    exit, _, said = run('stats', answers=refused, LANG='zh_CN.UTF-8')
    assert (exit, said) == (1, 'bihuan: 办理条件尚未满足\n  say that the matter has ended\n  do that\n'), said


def test_terminal__lists_are_one_line_of_json_an_item():
    items = [{'number': '16-1-C', 'state': 'received'}, {'number': '16-2-A', 'state': 'filed'}]
    pages = {'/districts/d1/cases?state=received%2Cfiled': (200, {'items': items, 'count': 2, 'next': '16-2-A'}),
             '/districts/d1/cases?state=received%2Cfiled&after=16-2-A': (200, {'items': items[:1], 'count': 1,
                                                                             'next': None})}
    exit, out, said = run('cases', '--state=received,filed', '--json', answers=pages)
    assert exit == 0 and said == ''
    assert [json.loads(line) for line in out.splitlines()] == items
    exit, out, _ = run('cases', '--state', 'received,filed', '--json', '--all', answers=pages)
    assert len(out.splitlines()) == 3
    exit, out, said = run('cases', '--state=received,filed', answers=pages)
    assert out.splitlines()[1].startswith('16-1-C  received'), out
    assert '--after=16-2-A' in said


def test_terminal__words_of_operands_stay_in_their_part_of_the_path():
    run('enrol', '../../x?y#z%')
    assert ASKED[0][1] == '/districts/d1/people/..%2F..%2Fx%3Fy%23z%25/enrolment', ASKED


def test_terminal__the_only_district_is_the_usual_one():
    one = {'/districts': (200, {'items': [{'code': 'd7'}], 'count': 1, 'next': None}),
           '/districts/d7/stats': (200, {'cases': 3})}
    exit, out, _ = run('stats', '--json', answers=one, BIHUAN_DISTRICT='', BIHUAN_AS='D001')
    assert exit == 0 and json.loads(out) == {'cases': 3}
    assert 'Bihuan-As' not in ASKED[0][2] and ASKED[1][2]['Bihuan-As'] == 'D001'
    for words in (['status'], ['districts'], ['reload'], ['district', 'create', 'd9']):
        run(*words, '--as=D001')
        assert ASKED[-1][2]['Bihuan-As'] == 'D001', (words, ASKED)
    two = {'/districts': (200, {'items': [{'code': 'd7'}, {'code': 'd8'}], 'count': 2, 'next': None})}
    exit, _, said = run('stats', answers=two, BIHUAN_DISTRICT='')
    assert exit == 64 and '--district' in said


def test_terminal__each_command_has_a_key_of_its_own_unless_it_is_given_one():
    path = '/districts/d1/cases/16-1-C/dispatch'
    done = {path: (200, {'number': '16-1-C', 'state': 'dispatched', 'repeat': False})}
    keys = []
    for more in ([], [], ['--key=mine']):
        exit, out, said = run('dispatch', '16-1-C', '--as=D001', '--unit=U-HW', '--text=尽快', *more, answers=done)
        assert exit == 0 and out.startswith('16-1-C  dispatched'), out
        assert 'bihuan sign 16-1-C' in said
        assert json.loads(ASKED[0][3]) == {'unit': 'U-HW', 'text': '尽快'}
        assert ASKED[0][2]['Bihuan-As'] == 'D001'
        keys.append(ASKED[0][2]['Idempotency-Key'])
    assert keys[0] != keys[1] and len(keys[0]) == 32 and keys[2] == 'mine'


def test_terminal__every_command_that_changes_something_takes_a_key_and_no_other_does():
    path = os.path.join(FOLDER, 'file.json')
    with open(path, 'w', encoding='utf-8') as file:
        file.write('{}')
    for words, target in ((['district', 'create', 'd9'], '/districts'),
                          (['profile', 'apply', path], '/districts/d1/profile?apply=1'),
                          (['catalogue', 'apply', path], '/districts/d1/catalogue?apply=1'),
                          (['calendar', 'apply', path], '/districts/d1/calendar?apply=1'),
                          (['enrol', 'G001'], '/districts/d1/people/G001/enrolment'),
                          (['revoke', '7', '--confirm=7'], '/districts/d1/devices/7/revoke'),
                          (['clock', 'confirm'], '/districts/d1/clock/confirm')):
        done = {target: (200, {'repeat': True, 'code': 'x', 'device': 3, 'payload': 'BH1:X'})}
        for option in ('--key=mine', '-kmine'):
            exit, _, said = run(*words, option, answers=done)
            assert exit == 0 and 'done before' in said, (words, exit, said)
            assert [(asked[1], asked[2]['Idempotency-Key']) for asked in ASKED] == [(target, 'mine')], ASKED
        own = []
        for _ in range(2):
            run(*words, answers=done)
            own.append(ASKED[0][2]['Idempotency-Key'])
        assert own[0] != own[1] and {len(key) for key in own} == {32}, own
    for words in (['profile', 'check', path], ['catalogue', 'check', path], ['calendar', 'check', path], ['verify'], ['reload'], ['queue']):
        assert run(*words, '--key=mine')[0] == 64 and ASKED == [], words


def test_terminal__a_used_code_is_told_as_such():
    path = '/districts/d1/people/G001/enrolment'
    answer = {'code': 'ABCD', 'payload': 'BH1:HOST:1:D1:ABCD:P:P', 'expires_at': 'then', 'repeat': True, 'device': 12}
    exit, out, said = run('enrol', 'G001', '--key=k', answers={path: (201, answer)})
    assert exit == 0 and '12' in said and 'another' in said and 'bihuan-handset' not in said, said
    assert '\x1b[30;107m' not in out, 'a QR of a code that is used up'
    exit, out, said = run('enrol', 'G001', '--key=k', answers={path: (201, dict(answer, device=None, repeat=False))})
    assert exit == 0 and 'bihuan-handset --store FILE enrol BH1:' in said and 'done before' not in said, said
    assert re.search(r'^person number +12 *$', run('enrol', 'G001', answers={path: (201, dict(answer, person_number=12))})[1], re.M)
    assert '\x1b[30;107m' in out


def test_terminal__a_lost_answer_is_asked_for_again_with_the_same_key():
    path = '/districts/d1/clock/confirm'
    done = {path: (200, {'confirmed': True, 'repeat': True})}
    for sent in (0, 10, 40, 45):
        exit, _, said = run('clock', 'confirm', answers=done, lost={path: (2, sent)})
        assert exit == 0 and 'same key' in said and 'done before' in said, (sent, exit, said)
        keys = [asked[2]['Idempotency-Key'] for asked in ASKED]
        assert len(keys) == 3 and len(set(keys)) == 1, keys
    exit, out, said = run('clock', 'confirm', '--json', '--key=mine', answers=done, lost={path: (1, 0)})
    assert (exit, json.loads(out)['confirmed'], said) == (0, True, ''), (exit, out, said)


def test_terminal__an_answer_that_stays_lost_names_the_key():
    path = '/districts/d1/clock/confirm'
    exit, out, said = run('clock', 'confirm', '--json', lost={path: (1000, 0)})
    error_said = json.loads(said)
    assert (exit, out, error_said['code']) == (69, '', 'lost'), (exit, out, said)
    assert '--key=' + ASKED[0][2]['Idempotency-Key'] in error_said['hint'], said
    assert 2 < len(ASKED) < 100
    # What keeps no key is not asked again by itself.
    exit, _, said = run('reload', '--json', lost={'/reload': (1000, 0)})
    assert (exit, json.loads(said)['code'], len(ASKED)) == (69, 'away', 1), said


def test_terminal__severe_acts_are_not_done_without_their_name():
    there = {'/districts/d1/devices?after=6': (200, {'items': [{'device': 7}, {'device': 8}], 'next': None})}
    for words, looks in ((['void', '16-1-C', '--as=S001', '--text=x'], []), (['revoke', '7', '--reason=lost'], list(there)),
                         (['rekey', '7', '02' * 33], list(there))):
        for more in ([], ['--confirm=other'], ['--confirm='], ['--json']):
            exit, _, said = run(*words, *more, answers=there)
            assert exit == 64 and [asked[1] for asked in ASKED] == looks, (words, more, exit, ASKED)
            assert 'confirm' in said, said
        exit, _, _ = run(*words, '--confirm=' + words[1])
        assert exit == 1 and len(ASKED) == 1


def test_terminal__a_device_that_is_not_there_needs_no_confirmation():
    others = (200, {'items': [{'device': 9}], 'next': None})
    for name, after in (('7', 6), ('0', 0), ('x', 0), ('4294967296', 0), ('-7', 0)):
        words = ['revoke', '--reason=lost', '--', name]
        exit, _, said = run(*words, answers={f'/districts/d1/devices?after={after}': others})
        assert exit == 65 and 'there is no such device' in said and 'confirm' not in said, (name, exit, said)
    assert run('revoke', '7', answers={'/districts/d1/devices?after=6': (200, {'items': [], 'next': None})})[0] == 65
    assert run('revoke', '7', answers={'/districts/d1/devices?after=6': (503, {'code': 'busy', 'message': '-'})})[0] == 75


def test_terminal__faults_of_a_file_are_named_by_file_and_line():
    path = os.path.join(FOLDER, 'profile.json')
    with open(path, 'wb') as file:
        file.write(b'\xef\xbb\xbf{"name": "x"}')
    answer = {'code': 'profile', 'message': '2 things are wrong', 'hint': None, 'errors_count': 2, 'errors': [
        {'list': 'people', 'index': 3, 'code': 'G004', 'field': 'role', 'line': 17, 'message': 'there is no role x'},
        {'list': '', 'index': 0, 'code': '', 'field': 'areas', 'line': None, 'message': 'it is missing'}]}
    exit, out, said = run('profile', 'check', path, answers={'/districts/d1/profile': (422, answer)})
    assert exit == 65 and out == ''
    assert path + ':17: people[3] G004 role: there is no role x\n' in said, said
    assert path + ': areas: it is missing\n' in said, said
    assert ASKED[0][3] == b'{"name": "x"}'
    exit, _, said = run('profile', 'apply', path, '--json', answers={'/districts/d1/profile?apply=1': (422, answer)})
    assert json.loads(said)['file'] == path
    assert run('profile', 'check', os.path.join(FOLDER, 'none'))[0] == 65


def test_terminal__a_file_in_another_encoding_is_named():
    path = os.path.join(FOLDER, 'gb.json')
    with open(path, 'wb') as file:
        file.write('{"name": "云河区"}'.encode('gb18030'))
    exit, _, said = run('profile', 'check', path)
    assert exit == 65 and 'is not UTF-8' in said and 'GB18030' in said and ASKED == [], said


def test_terminal__what_is_wrong_on_the_line_is_not_asked():
    for words in (['cases', '--limit=0'], ['cases', '--limit=x'], ['cases', '--limit=501'], ['enrol', 'G1', '--minutes=1h'],
                  ['dispatch', '16-1-C', '--type=kerb'], ['dispatch', '16-1-C', '--version=0'], ['show', ''],
                  ['devices', '--limit=1'], ['completion'], ['completion', 'fish'], ['profile'], []):
        exit, out, said = run(*words)
        assert exit == 64 and out == '' and said and ASKED == [], (words, exit, out, said)
    for words in (['show', '16-1-D'], ['show', 'x'], ['close', '16-1', '--as=A'], ['close', '16-1-C', '--text= ']):
        exit, _, said = run(*words)
        assert exit == 65 and ASKED == [], (words, exit, said)
    assert 'bihuan queue' in run()[2]
    for words, near in ((['district', 'creat', 'x'], 'district create'), (['profile', 'chekc', 'f'], 'profile check'),
                        (['profile'], 'profile show'), (['clok', 'confirm'], 'clock confirm'), (['queu'], 'queue')):
        assert f'did you mean `bihuan {near}`?' in run(*words)[2], words
    assert 'there is no verb mend\n' in run('mend', '16-1-C')[2]
    for words in (['-V'], ['--version']):
        exit, out, _ = run(*words)
        assert exit == 0 and out.startswith('bihuan ') and out.strip()[-1].isdigit(), out
    assert 'completion bash' in run('--help')[1]


def test_terminal__the_next_command_has_the_ids_that_are_known():
    case = {'number': '16-1-C', 'state': 'received', 'type_known': False, 'proposed_unit': None, 'condition': None, 'grid': None, 'dispatch_left_s': 1799}
    queue = {'/districts/d1/queue': (200, {'items': [case], 'count': 1, 'next': None})}
    exit, out, said = run('queue', answers=queue, BIHUAN_AS='D001')
    assert exit == 0 and said == 'next: bihuan dispatch 16-1-C --as=D001 --type=N --condition=N --grid=CODE --unit=CODE\n', said
    assert ' 29:59 ' in out, out
    case.update(type_known=True, proposed_unit='U-HW', condition=2, grid='990101001001001', dispatch_left_s=-3661)
    _, out, said = run('queue', answers=queue)
    assert said == 'next: bihuan dispatch 16-1-C --as=CODE\n' and ' -1:01:01 ' in out, (out, said)
    people = {'/districts/d1/people': (200, {'items': [{'code': 'G001', 'name': '甲', 'posts': [
        {'role': 'handler', 'unit': 'U-HW'}, {'role': 'dispatcher'}]}], 'count': 1, 'next': None})}
    _, out, said = run('people', answers=people)
    assert out.splitlines()[1] == 'G001  甲    handler U-HW, dispatcher' and said == 'next: bihuan enrol G001\n', out


def on_terminal(*words, rows=24, columns=80):
    """What such a terminal shows of stdout and stderr together."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack('HHHH', rows, columns, 0, 0))
    clean = {'PATH': os.environ['PATH'], 'BIHUAN_SOCKET': SOCKET, 'BIHUAN_DISTRICT': 'd1', 'TERM': 'xterm'}
    done = subprocess.Popen([BIHUAN, *words], env=clean, stdin=subprocess.DEVNULL, stdout=theirs, stderr=theirs)
    os.close(theirs)
    shown = b''
    while True:
        try:
            part = os.read(ours, 65536)
        except OSError:
            break
        if not part:
            break
        shown += part
    os.close(ours)
    assert done.wait(60) == 0, shown
    return re.sub(r'\x1b\[[0-9;]*m', '', shown.decode()).replace('\r\n', '\n')


def test_terminal__an_enrolment_code_stands_whole_on_a_small_terminal():
    path = '/districts/d1/people/G001/enrolment'
    payload = 'BH1:BIHUAN.SOMEWHERE.EXAMPLE:17443:990101990101:' + 'A' * 16 + (':' + 'B' * 32) * 2
    answer = {'code': 'A' * 16, 'payload': payload, 'expires_at': 'then', 'repeat': False, 'device': None, 'posts': 0}
    ANSWERS.clear()
    ANSWERS[path] = (201, answer)
    LOST.clear()
    shown = on_terminal('enrol', 'G001')
    lines = shown.split('\n')
    first = next(i for i, line in enumerate(lines) if set(line) <= set(' █▀▄') and len(line) > 40)
    assert len(lines) - first <= 24, shown  # the last is the prompt's
    assert all(len(line) <= 80 for line in lines[first:]) and 'holds no post' in shown, shown
    assert payload in shown[:shown.index(lines[first])]


def test_terminal__no_code_is_issued_for_a_picture_that_cannot_be_written():
    path = os.path.join(FOLDER, 'there.png')
    with open(path, 'w', encoding='utf-8') as file:
        file.write('mine')
    exit, _, said = run('enrol', 'G001', '--png', path)
    assert exit == 74 and 'File exists' in said and ASKED == [], (exit, said)
    with open(path, encoding='utf-8') as file:
        assert file.read() == 'mine'
    fresh = os.path.join(FOLDER, 'fresh.png')
    assert run('enrol', 'G001', '--png', fresh)[0] == 1 and not os.path.exists(fresh)
    answer = {'code': 'A' * 16, 'payload': 'BH1:X', 'expires_at': 'then', 'repeat': False, 'device': None}
    assert run('enrol', 'G001', '--png', fresh, '--json',
               answers={'/districts/d1/people/G001/enrolment': (201, answer)})[0] == 0
    assert os.stat(fresh).st_mode & 0o777 == 0o600
    with open(fresh, 'rb') as file:
        assert file.read(4) == b'\x89PNG'


def test_terminal__a_table_takes_one_line_a_row_and_one_header():
    items = [{'number': f'16-{i}-C', 'state': 'received', 'urgency': 'P3', 'received_at': '2026-11-28T15:00:00.000+08:00',
              'area_name': '柳溪社区第一网格东', 'unit_name': '区环境卫生管理所', 'type_name': '井盖缺失或破损'}
             for i in range(3)]
    ANSWERS.clear()
    ANSWERS['/districts/d1/cases'] = (200, {'items': items, 'count': 3, 'next': 'x'})
    ANSWERS['/districts/d1/cases?after=x'] = (200, {'items': items, 'count': 3, 'next': None})
    LOST.clear()
    shown = on_terminal('cases', '--all', columns=60)
    lines = [line for line in shown.split('\n') if line and not line.startswith('next:')]
    assert len(lines) == 7 and sum(line.startswith('number') for line in lines) == 1, shown
    for line in lines:
        assert sum(2 if unicodedata.east_asian_width(c) in 'WF' else 1 for c in line) <= 60, line


def test_terminal__a_full_stdout_is_a_failure():
    ANSWERS.clear()
    ANSWERS['/districts/d1/cases'] = (200, {'items': [{'number': '16-1-C'}], 'count': 1, 'next': None})
    with open('/dev/full', 'wb') as full:
        done = subprocess.run([BIHUAN, 'cases'], stdout=full, stderr=subprocess.PIPE, timeout=60, check=False,
                              env={'BIHUAN_SOCKET': SOCKET, 'BIHUAN_DISTRICT': 'd1'})
    assert done.returncode == 74 and b'stdout cannot be written' in done.stderr, done


def test_terminal__a_report_cannot_move_the_cursor():
    case = {'number': '16-1-C', 'state': 'received', 'text': 'a\x1b[2Jb', 'history': [
        {'at': 'then', 'verb_zh': '上报', 'words': 'submit', 'text': '\x1b]0;x\x07'}]}
    exit, out, _ = run('show', '16-1-C', answers={'/districts/d1/cases/16-1-C': (200, case)})
    assert exit == 0 and '\x1b' not in out and '\x07' not in out
    assert json.loads(run('show', '16-1-C', '--json', answers={'/districts/d1/cases/16-1-C': (200, case)})[1]) == case


def test_terminal__photos_are_saved_and_those_that_are_not_here_are_named():
    here, away = 'ab' * 32, 'cd' * 32
    case = {'photos': [{'hash': here, 'size': 4, 'kind': 'photo', 'verb': 'submit', 'cycle': 1, 'stored': True},
                       {'hash': away, 'size': 4, 'kind': 'thumbnail', 'verb': 'finish', 'cycle': 1, 'stored': False}]}
    answers = {'/districts/d1/cases/16-1-C': (200, case), '/districts/d1/blobs/' + here: (200, b'\xff\xd8\x00\n')}
    folder = os.path.join(FOLDER, 'photos')
    os.mkdir(folder)
    exit, out, said = run('photo', '16-1-C', '--out=' + folder, answers=answers)
    name = os.path.join(folder, '16-1-C-submit-%s.jpg' % here[:12])
    assert (exit, out) == (75, name + '\n'), (exit, out, said)
    assert '16-1-C-finish-%s-small.jpg' % away[:12] in said, said
    assert os.listdir(folder) == [os.path.basename(name)]
    with open(name, 'rb') as file:
        assert file.read() == b'\xff\xd8\x00\n'
    asked, _ = len(ASKED), case['photos'].pop()
    assert run('photo', '16-1-C', '--out=' + folder, answers=answers)[0] == 0
    assert len(ASKED) == asked - 1  # what is there is not fetched again
    answers['/districts/d1/blobs/' + here] = (404, {'code': 'photo', 'message': 'so it is', 'hint': None})
    exit, out, said = run('photo', '16-1-C', '--out=' + os.path.join(folder, 'nowhere'), answers=answers)
    assert (exit, out) == (1, '') and 'so it is' in said, (exit, said)
    answers['/districts/d1/blobs/' + here] = (200, b'\xff')
    exit, out, said = run('photo', '16-1-C', '--out=' + os.path.join(folder, 'nowhere'), answers=answers)
    assert (exit, out) == (74, '') and 'nowhere' in said, (exit, said)


def test_terminal__completion_is_bash_that_completes():
    script = subprocess.run([BIHUAN, 'completion', 'bash'], capture_output=True, text=True, check=True).stdout
    script += '\nCOMP_WORDS=(bihuan disp); COMP_CWORD=1; _bihuan; echo "${COMPREPLY[@]}"'
    script += '\nCOMP_WORDS=(bihuan dispatch 1 --un); COMP_CWORD=3; _bihuan 2>/dev/null; echo "${COMPREPLY[@]}"'
    done = subprocess.run(['bash', '-c', script], capture_output=True, text=True, check=False)
    assert done.stdout.split() == ['dispatch', '--unit='], (done.stdout, done.stderr)


status = tap.run([function for name, function in sorted(globals().items()) if name.startswith('test_')])
end()
sys.exit(status)
