#!/usr/bin/python3
"""tools/demo itself, on a dozen reports: its last line, what it refuses, how it ends, what it leaves."""
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile

TESTS = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS), str(TESTS / 'e2e')]

import convert_311  # noqa: E402
import harness  # noqa: E402
import tap  # noqa: E402

DEMO = str(harness.TOP / 'tools/demo')
LAST = re.compile(r'demo: (\d+) recorded, (\d+) accepted, (\d+) dispatched \(longest wait \d+\.\d s\), '
                  r'(\d+) closed, (\d+) closures delivered, 0 lost$')
ROWS = ('time,text,type,latitude,longitude,weather\n'
        '2026-10-12T07:31:00+08:00,垃圾桶旁堆了生活垃圾,10007,31.006438,116.972508,sun\n'
        '2026-10-12T07:34:00+08:00,路面有污水,10009,31.007604,116.988,sun\n'
        ',没有时间,10010,31.0,117.0,\n'
        'noon,看不懂的时间,10010,31.0,117.0,\n'
        '2026-10-12T07:40:00Z,没有位置,40007,,,\n'
        '2026-10-12T07:41:00Z,没有类别,,31.0,117.0,\n'
        '2026-10-12T07:42:00Z,类别不明,kerb,31.0,117.0,\n'
        '2026-10-12T07:43:00Z,目录没有的类别,99999,31.0,117.0,\n'
        '2026-10-12T07:44:00Z,很远,10007,40.7,-74.0,\n'
        '2026-10-12T07:45:00Z,水管破裂,50001,31.0,117.0,\n'
        '2026-10-12T07:46:00Z,邻里争吵,60001,31.0,117.0,\n'
        '2026-10-12T07:47:00Z,  ,10007,31.0,117.0,\n'
        '2026-10-12T07:48:00Z,"引号""里,有逗号",10007,31.0,117.0,\n')


class Scratch:
    """A folder that the demo takes for temporary files; what is in it afterwards was left behind."""

    def __init__(self):
        self.held = tempfile.TemporaryDirectory(prefix='bihuan-demo-test-')
        self.folder = pathlib.Path(self.held.name)
        self.temporary = self.folder / 'tmp'
        self.temporary.mkdir()
        self.env = dict(os.environ, TMPDIR=str(self.temporary), BH_BUILD=str(harness.BUILD))

    def table(self, raw):
        path = self.folder / 'reports.csv'
        path.write_bytes(raw)
        return path

    def start(self, *words):
        return subprocess.Popen([DEMO, *map(str, words)], stdin=subprocess.DEVNULL, env=self.env,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding='utf-8')

    def run(self, *words):
        demo = self.start(*words)
        out, err = demo.communicate(timeout=180)
        return demo.returncode, out, err

    def left(self):
        return sorted(path.name for path in self.temporary.iterdir())

    def __enter__(self):
        return self

    def __exit__(self, kind, value, traceback):
        self.held.cleanup()
        return False


def every_report_goes_through_the_whole_loop():
    with Scratch() as scratch:
        status, out, err = scratch.run('--reports', scratch.table(ROWS.encode()))
        assert status == 0, out + err
        figures = LAST.match(out.splitlines()[-1])
        assert figures and set(figures.groups()) == {'12'}, out
        assert '1 row without a text: refused: line 13\n' in out, out
        assert '1 row with a time that cannot be read: taken as now: line 5\n' in out, out
        assert '1 row with a type that is no code: recorded as unknown: line 8\n' in out, out
        assert '\033' not in out, 'colour on a pipe'
        assert scratch.left() == []


def a_table_from_a_chinese_spreadsheet_is_taken():
    with Scratch() as scratch:
        status, out, err = scratch.run('--reports', scratch.table('text\r\n井盖破损\r\n'.encode('gb18030')))
        assert status == 0, out + err
        assert 'GB18030' in out and LAST.match(out.splitlines()[-1]).group(1) == '1', out


def what_is_no_table_is_refused_at_once():
    with Scratch() as scratch:
        for raw, words in ((b'time,words\nx,y\n', ':1: no column is called text'), (b'text\n\n', 'no row'),
                           (b'text\n  \n', 'no row'), (b'\xff\xff\xff', 'neither')):
            status, _, err = scratch.run('--reports', scratch.table(raw))
            assert status == 1 and words in err, (raw, status, err)
        status, _, err = scratch.run('--reports', scratch.folder / 'absent.csv')
        assert status == 1 and 'absent.csv' in err, err
        scratch.env['BH_BUILD'] = str(scratch.folder)
        status, _, err = scratch.run('--reports', scratch.table(b'text\nx\n'))
        assert status == 1 and 'was not built there' in err, err
        assert scratch.left() == []


def an_interrupt_ends_it_and_leaves_nothing():
    with Scratch() as scratch:
        demo = scratch.start()
        for line in demo.stdout:
            if line.startswith('== 四'):
                break
        data = next(scratch.temporary.iterdir())
        assert (data / 'admin.sock').exists()
        demo.send_signal(signal.SIGINT)
        _, err = demo.communicate(timeout=60)
        assert demo.returncode == 130, err
        assert scratch.left() == []


def keep_leaves_a_server_and_says_how_to_end_it():
    with Scratch() as scratch:
        status, out, err = scratch.run('--keep', '--reports', scratch.table(b'text\nx\n'))
        assert status == 0, out + err
        pid, folder = re.search(r'kill (\d+); rm -r (\S+)', out).groups()
        try:
            connection = harness.UnixConnection(f'{folder}/admin.sock', 30)
            connection.request('GET', '/districts/990101/stats')
            answer = connection.getresponse()
            assert answer.status == 200 and b'"cases":1' in answer.read().replace(b' ', b'')
            connection.close()
        finally:
            os.kill(int(pid), signal.SIGTERM)
        harness.until(lambda: not pathlib.Path(f'/proc/{pid}/cmdline').exists()
                      or not pathlib.Path(f'/proc/{pid}/cmdline').read_bytes(), 'the server ends')


def files_of_five_cities_become_reports():
    cities = (
        ({'created_local': '2020-01-01T00:00:00', 'type': 'Noise - Residential', 'borough': 'BRONX'},
         ['2020-01-01T00:00:00-05:00', 'Noise - Residential, BRONX', '10020', '', '']),
        ({'created_local': '2019-12-31T18:54:18', 'type': 'Street Condition', 'descriptor': 'Pothole',
          'borough': 'BRONX', 'lat': '40.7', 'lon': '-74'},
         ['2019-12-31T18:54:18-05:00', 'Street Condition, Pothole, BRONX', '10010', '40.7', '-74']),
        ({'open_utc': '2025-08-01T06:35:06.539Z', 'service_name': 'Lost Pet', 'case_topic': 'Lost Pet',
          'street': 'Ceylon St', 'lat': '', 'lon': ''},
         ['2025-08-01T06:35:06.539Z', 'Lost Pet, Ceylon St', '10031', '', '']),
        ({'created_local': '2014-01-01T03:53:10', 'type': 'TRM-Alleys', 'neighborhood': 'X',
          'block_address': '600 block OLDHAM ST'},
         ['2014-01-01T03:53:10-05:00', 'TRM-Alleys, 600 block OLDHAM ST, X', '', '', '']),
        ({'created_utc': '2010-04-09T00:00:00Z', 'title': 'Carpet', 'description': 'no pets', 'supporters': '2'},
         ['2010-04-09T00:00:00Z', 'Carpet, no pets', '', '', '']),
    )
    for row, wanted in cities:
        got = list(convert_311.convert([row], list(row)))
        assert got == [wanted], got
    try:
        list(convert_311.convert([{'text': 'x'}], ['text']))
    except convert_311.Unknown:
        return
    raise AssertionError('a header of no city was taken')


if __name__ == '__main__':
    sys.exit(tap.run([every_report_goes_through_the_whole_loop, a_table_from_a_chinese_spreadsheet_is_taken,
                      what_is_no_table_is_refused_at_once, an_interrupt_ends_it_and_leaves_nothing,
                      keep_leaves_a_server_and_says_how_to_end_it, files_of_five_cities_become_reports]))
