"""tests/README.md says which test proves a row of the catalogue of faults: each file it names is there and names the
row, and a row without a file says that it is not here."""
import os
import re

TABLE = 'tests/README.md'
ROW = re.compile(r'\| ([A-I]\d\d) \| (.*) \|$')
FILE = re.compile(r'`([^`]+\.(?:c|py))`')
ABSENT = 'not here'


def row_faults(tree, row, cell):
    files = FILE.findall(cell)
    if not files and ABSENT not in cell:
        return ['names no test of %s and does not say "%s"' % (row, ABSENT)]
    by_path = {source.path: source for source in tree.sources}
    faults = []
    for name in files:
        source = by_path.get('tests/' + name)
        if source is None:
            faults.append('%s: tests/%s is not there' % (row, name))
        elif not re.search(r'(?<![A-Za-z0-9])%s(?![A-Za-z0-9])' % row, source.text or ''):
            faults.append('%s: tests/%s does not name it' % (row, name))
    return faults


def check(tree):
    findings, seen = [], set()
    for source in tree.sources:
        if source.path != os.path.normpath(TABLE):
            continue
        for number, line in enumerate(source.lines, 1):
            match = ROW.match(line)
            if not match:
                continue
            faults = row_faults(tree, *match.groups())
            if match.group(1) in seen:
                faults.append('%s stands twice' % match.group(1))
            seen.add(match.group(1))
            findings += ['%s:%d: %s' % (source.path, number, fault) for fault in faults]
    return findings


def sample(row, test='/* A01: random bytes. */\n'):
    return {TABLE: row + '\n', 'tests/unit/test_a.c': test}


SAMPLES = (
    ('a row with its test', sample('| A01 | `unit/test_a.c` |'), None),
    ('a row in a name', sample('| A01 | `unit/test_a.c` |', 'static void test_a__A01_holds(void **state);\n'), None),
    ('a row that is not here and says why', sample('| A01 | not here: nothing drains yet |'), None),
    ('a test that does not name its row', sample('| A02 | `unit/test_a.c` |'), 'does not name it'),
    ('a row inside another word', sample('| A01 | `unit/test_a.c` |', '/* FA012 */\n'), 'does not name it'),
    ('a test that is gone', sample('| A01 | `unit/test_b.c` |'), 'is not there'),
    ('a row without a test', sample('| A01 | later |'), 'names no test'),
    ('a row twice', sample('| A01 | `unit/test_a.c` |\n| A01 | `unit/test_a.c` |'), 'stands twice'),
)
