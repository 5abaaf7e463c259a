"""Checks what a year of a small district left, sharing no code with the server: tests/sim/check.py's road.

    check_year.py BH_YEAR SEED...

The chain, every decision and every move by the journal alone, and at every point of every case's history each due
time from the working week and the holidays of the year, by date.
"""
import datetime
import os
import sqlite3
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(os.path.dirname(HERE), 'sim'), os.path.dirname(HERE)]
import check  # noqa: E402
import check_clock  # noqa: E402
import check_field  # noqa: E402
import tap  # noqa: E402
from check_journal import fields_of, require  # noqa: E402

SIZE = ('--townships', '1', '--cases', '900', '--days', '75')  # past the Spring Festival
HOLIDAYS = ('01-01 01-02 02-16 02-17 02-18 02-19 02-20 04-06 05-01 05-04 05-05 06-19 09-25 10-01 10-02 10-05 '
            '10-06 10-07')
MAKE_UP = '01-04 02-14 02-28 05-09 09-20 10-10'


def days_of(text):
    return {(datetime.date.fromisoformat('2026-' + day) - datetime.date(1970, 1, 1)).days for day in text.split()}


def check_seed(program, seed):
    with tempfile.TemporaryDirectory() as folder:
        ran = subprocess.run([program, '--seed', seed, '--export', folder, *SIZE], check=False, text=True,
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        require(ran.returncode == 0, 'run', ran.stdout)
        db = sqlite3.connect(os.path.join(folder, 'district.db'))
        db.row_factory = sqlite3.Row
        replay = check.Replay(db)
        check.check_cases(db, replay)
        replay.tasks.check(db, replay.cases, check.ENDS)
        replay.orders.check(db)
        replay.dossiers.check(db)
        check.check_dues(replay)
        check.check_scopes(db, replay)
        entries, rounds = check_field.check(db, replay, fields_of, [])
        db.close()
        print('# %d entries, %d cases, %d service entries, %d rounds' %
              (len(replay.entries), len(replay.cases), entries, rounds), flush=True)


def main():
    check_clock.HOLIDAYS, check_clock.MAKE_UP = days_of(HOLIDAYS), days_of(MAKE_UP)
    return tap.run([('the year of seed %s holds' % n, lambda n=n: check_seed(sys.argv[1], n)) for n in sys.argv[2:]])


if __name__ == '__main__':
    sys.exit(main())
