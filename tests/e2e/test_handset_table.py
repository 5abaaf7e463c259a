#!/usr/bin/python3
"""Tables of reports given to bihuan-handset: what it takes, and which lines it names."""
import pathlib
import sys

TESTS = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS), str(TESTS / 'e2e')]

from handset_bench import call, run  # noqa: E402

BENCH = None


def a_table_is_recorded_row_by_row():
    said = BENCH.table(b'\xef\xbb\xbf"Time", TEXT ,extra,type,latitude,longitude\r\n'
                       b'2026-10-12T07:31:00+08:00,"said ""no"", twice",zzz,10007,31.006,116.9725\r\n'
                       b'\r\n'
                       b'yesterday,"two\nlines",,kerb,91,5\r\n'
                       b',  ,,,,\r\n'
                       b'2026-10-12 08:00,last')
    assert said.exit == 0, said.err
    done = said.rows()[0]
    assert [(fault['line'], fault['row'], fault['kind']) for fault in done['faults']] == \
        [(4, 2, 'bad_time'), (4, 2, 'bad_type'), (4, 2, 'bad_place'), (6, 3, 'empty')]
    assert (done['rows'], done['recorded'], done['empty'], done['empty_lines']) == (4, 3, 1, [6])
    assert (done['bad_time'], done['bad_place'], done['bad_type'], done['too_long']) == (1, 1, 1, 0)
    assert done['encoding'] == 'UTF-8 with BOM'
    assert BENCH.texts()[:3] == ['last', 'two\nlines', 'said "no", twice']
    row = BENCH.worker.one('show', done['first'])
    assert row['type'] == 10007 and row['place']['datum'] == 'wgs84'
    assert row['captured_at'] == '2026-10-12T07:31:00.000+08:00'
    assert BENCH.worker.one('show', done['last'])['captured_at'] == '2026-10-12T08:00:00.000+08:00'


def a_table_in_gb18030_is_recognised():
    said = BENCH.table('text\n井盖破损,路滑\n'.replace(',', '，').encode('gb18030'))
    assert said.exit == 0 and said.rows()[0]['encoding'] == 'GB18030'
    assert BENCH.texts()[0] == '井盖破损，路滑'
    words = call('--store', BENCH.worker.store, 'report', '--csv', '-', stdin='text\n再报\n'.encode('gb18030'))
    assert words.exit == 0 and 'GB18030' in words.err and words.out == '1 recorded\n'


def a_text_that_is_too_long_is_refused_by_its_line():
    said = BENCH.table(('text\nshort\n' + 'a' + '井' * 2000 + '\nlast\n').encode())
    assert said.exit == 65, said.err
    done = said.rows()[0]
    assert (done['recorded'], done['too_long'], done['faults_count']) == (2, 1, 1)
    assert done['faults'][0]['line'] == 3 and BENCH.texts()[:2] == ['last', 'short']


def a_check_names_all_that_is_wrong_and_records_nothing():
    before = BENCH.worker.status()['unsent_ops']
    path = BENCH.folder / 'table.csv'
    path.write_text('time,text,type,latitude,longitude\n2999-01-01,a,,,\n,,,,\nnoon,b,kerb,91,0\n'
                    f',{"c" * 4001},,,\n', encoding='utf-8')
    said = call('--store', BENCH.worker.store, 'report', '--csv', path, '--check')
    assert said.exit == 65 and said.out == '4 checked, nothing was recorded\n', said.out
    for line, word in ((2, 'a day ahead'), (3, 'no text'), (4, 'the time cannot be read'), (4, 'the type is no code'),
                       (4, 'the place is no'), (5, 'over 4000 bytes')):
        assert any(told.startswith(f'{path}:{line}: ') and word in told for told in said.err.splitlines()), said.err
    done = BENCH.call('report', '--csv', path, '--check').rows()[0]
    assert done['check'] and done['recorded'] == 0 and done['faults_count'] == 6 == len(done['faults'])
    path.write_text('text\nfine\n', encoding='utf-8')
    assert BENCH.call('report', '--csv', path, '--check').exit == 0
    assert BENCH.worker.status()['unsent_ops'] == before


def a_table_that_cannot_be_read_says_where():
    before = BENCH.worker.status()['unsent_ops']
    for raw, line in ((b'time,words\nx,y\n', 1), (b'', 1), (b'text\n"never ends\n\n', 2),
                      ('text\nx\n'.encode('utf-16'), 1), (b'text\nx\n\xff\xff\xff\n', 3),
                      (b'text' + b',' * 300 + b'\n', 1)):
        said = BENCH.table(raw)
        assert said.exit == 65, (raw, said.exit, said.err)
        fault = said.fault()
        assert fault['file'].endswith('table.csv') and fault['line'] == line, (raw, fault)
    assert BENCH.worker.status()['unsent_ops'] == before
    assert BENCH.call('report', '--csv', BENCH.folder / 'absent.csv').exit == 65


CASES = [a_table_is_recorded_row_by_row, a_table_in_gb18030_is_recognised,
         a_text_that_is_too_long_is_refused_by_its_line, a_check_names_all_that_is_wrong_and_records_nothing,
         a_table_that_cannot_be_read_says_where]

if __name__ == '__main__':
    sys.exit(run(globals(), CASES))
