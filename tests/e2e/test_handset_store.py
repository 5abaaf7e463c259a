#!/usr/bin/python3
"""What --store names: somebody's file is left as it is, a store that is damaged is salvaged (E03)."""
import contextlib
import os
import pathlib
import shutil
import sqlite3
import sys

TESTS = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS), str(TESTS / 'e2e')]

from handset_bench import call, run  # noqa: E402

BENCH = None


def database(path, application, log):
    """Another program's SQLite file; log: its last writes are in its log of writes alone."""
    made = path.with_name('made.db')
    with contextlib.closing(sqlite3.connect(made)) as db:
        db.execute(f'PRAGMA application_id={application}')
        db.execute('PRAGMA journal_mode=WAL')
        db.execute('CREATE TABLE letters(text)')
        db.execute("INSERT INTO letters VALUES('dear')")
        db.commit()
        for end in ('', '-wal') if log else ():
            shutil.copy(f'{made}{end}', f'{path}{end}')
    if not log:
        shutil.copy(made, path)
    for file in made.parent.glob('made.db*'):
        file.unlink()


def somebodys_file_is_left_byte_for_byte_and_what_to_do_is_said():
    folder = BENCH.folder / 'foreign'
    folder.mkdir()
    (folder / 'letter.txt').write_text('to whom it may concern')
    (folder / 'one.db').write_bytes(b'S')
    database(folder / 'plain.db', 0, False)
    database(folder / 'theirs.db', 1234, False)
    database(folder / 'log.db', 0, True)
    database(folder / 'theirlog.db', 1234, True)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert {'log.db-wal', 'theirlog.db-wal'} < set(before), sorted(before)
    payload = 'BH1:127.0.0.1:1:990101:' + 'A' * 16 + ':' + 'A' * 32
    for name in sorted(name for name in before if not name.endswith('-wal')):
        for words in (('status',), ('report', '--text', 'x'), ('enrol', payload), ('sync',)):
            said = call('--json', '--store', folder / name, *words)
            assert said.exit == 65 and said.fault()['code'] == 'file', (name, words, said.err)
            assert said.fault()['message'] == "this is no handset's store, and is left as it is", said.err
            assert said.fault()['hint'] == '--store names another file; enrol makes one', said.err
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def a_damaged_store_is_salvaged_whatever_is_lost_of_it():
    """The first page is where a file says whose it is: without it, what lies beside says so."""
    with contextlib.closing(sqlite3.connect(f'file:{BENCH.worker.store}?mode=ro', uri=True)) as db:
        (root,) = db.execute("SELECT rootpage FROM sqlite_schema WHERE name='log'").fetchone()
    for what, ends, page, damage, enrolled in (
            ('first', ('', '-renew'), 1, os.urandom(4096), 'no'),
            ('zeros', ('', '-wal', '-renew'), 1, bytes(4096), 'no'),
            ('mark', ('', '-renew'), 1, b'SQLite format 3\0' + bytes(4080), 'no'),
            ('older', ('', '-wal'), 1, os.urandom(4096), 'no'),  # by a program that laid no "-renew"
            ('within', ('',), root, os.urandom(4096), 'yes')):
        folder = BENCH.folder / what
        folder.mkdir()
        store = folder / 'worker.db'
        for end in ends:
            shutil.copy(f'{BENCH.worker.store}{end}', f'{store}{end}')
        with open(store, 'r+b') as file:
            file.seek((page - 1) * 4096)
            file.write(damage)
        whole = store.read_bytes()
        said = call('--json', '--store', store, 'status')
        assert said.exit == 0, (what, said.err)
        row = said.rows()[0]
        assert (row['damaged_files'], row['enrolled']) == (1, enrolled), (what, said.out)
        assert (folder / 'worker.db-damaged-1').read_bytes() == whole, what
        said = call('--store', store, 'status')
        assert '1 files, put aside beside the store' in said.out, (what, said.out)
        if enrolled == 'no':
            said = call('--json', '--store', store, 'sync', '--timeout', '0')
            assert said.exit == 77 and said.fault()['code'] == 'not_enrolled', (what, said.err)
            assert 'Scan the code' in said.fault()['message'], said.err


def a_salvage_that_was_cut_goes_on():
    """Its file is aside already, and the new one not made yet."""
    folder = BENCH.folder / 'cut'
    folder.mkdir()
    shutil.copy(BENCH.worker.store, folder / 'worker.db-damaged-1')
    (folder / 'worker.db-salvage').write_bytes(b'b')
    said = call('--json', '--store', folder / 'worker.db', 'status')
    assert said.exit == 0 and said.rows()[0]['enrolled'] == 'yes', said.err
    assert not (folder / 'worker.db-salvage').exists()


def a_store_whose_making_was_cut_is_made():
    """Its mark is in its log of writes, and nothing else lies beside it yet."""
    store = BENCH.folder / 'begun.db'
    with contextlib.closing(sqlite3.connect(BENCH.folder / 'made.db', isolation_level=None)) as db:
        for sql in ('PRAGMA journal_mode=WAL', 'BEGIN', 'PRAGMA application_id=0x42484831', 'COMMIT'):
            db.execute(sql)
        for end in ('', '-wal'):
            shutil.copy(BENCH.folder / f'made.db{end}', f'{store}{end}')
    assert store.read_bytes()[68:72] == bytes(4), 'the file is marked already'
    said = call('--json', '--store', store, 'status')
    assert said.exit == 0 and said.rows()[0]['enrolled'] == 'no', said.err


CASES = [somebodys_file_is_left_byte_for_byte_and_what_to_do_is_said,
         a_damaged_store_is_salvaged_whatever_is_lost_of_it, a_salvage_that_was_cut_goes_on,
         a_store_whose_making_was_cut_is_made]

if __name__ == '__main__':
    sys.exit(run(globals(), CASES))
