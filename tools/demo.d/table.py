"""Somebody's table of reports, dealt out to handsets: any of time, text, type, latitude, longitude."""
import csv
import io

from programs import Fault

COLUMNS = ('time', 'text', 'type', 'latitude', 'longitude')
TEXT_BYTES_MAX = 4000
NAMED_MAX = 10
# What a handset or this file finds wrong with a row.
WORDS = {'empty': 'without a text: refused', 'too_long': 'with a text over 4000 bytes: refused',
         'bad_time': 'with a time that cannot be read: taken as now',
         'ahead': 'with a time over a day ahead: taken as now',
         'bad_place': 'with a place that cannot be read: left out',
         'bad_type': 'with a type that is no code: recorded as unknown'}


def told(kind, lines):
    """"2 rows with ...: lines 3, 17" """
    lines = sorted(lines)
    named = ', '.join(map(str, lines[:NAMED_MAX])) + (' …' if len(lines) > NAMED_MAX else '')
    many = len(lines) > 1
    return f'{len(lines)} row{"s" if many else ""} {WORDS[kind]}: line{"s" if many else ""} {named}'


def faults_tell(sums, lines):
    """What the handsets said of the tables that they were dealt, by the lines of the first one."""
    found = {}
    for hand, done in enumerate(sums):
        for fault in done['faults']:
            found.setdefault(fault['kind'], []).append(lines[hand + (fault['row'] - 1) * len(sums)])
    return [told(kind, found[kind]) for kind in WORDS if kind in found]


def read(path):
    """The rows that can be recorded and their lines, the lines of those that cannot by kind, and the encoding."""
    try:
        with open(path, 'rb') as file:
            raw = file.read()
    except OSError as why:
        raise Fault(f'{path}: {why.strerror}') from None
    for encoding in ('utf-8-sig', 'gb18030'):
        try:
            text = raw.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise Fault(f'{path}: neither UTF-8 nor GB18030')
    csv.field_size_limit(len(text) + 1)
    reader = csv.reader(io.StringIO(text, newline=''))
    rows, lines, refused = [], [], {}
    try:
        header = [name.strip().lower() for name in next(reader, [])]
        if 'text' not in header:
            raise Fault(f'{path}:1: no column is called text; the header needs any of {",".join(COLUMNS)}')
        places = [header.index(name) if name in header else None for name in COLUMNS]
        line = reader.line_num + 1
        for fields in reader:
            row = [fields[at] if at is not None and at < len(fields) else '' for at in places]
            long = len(row[1].strip().encode()) > TEXT_BYTES_MAX
            if row[1].strip() and not long:
                rows.append(row)
                lines.append(line)
            elif fields:
                refused.setdefault('too_long' if long else 'empty', []).append(line)
            line = reader.line_num + 1
    except csv.Error as why:
        raise Fault(f'{path}:{reader.line_num}: {why}') from None
    return rows, lines, refused, 'UTF-8' if encoding == 'utf-8-sig' else 'GB18030'


def deal(rows, count, folder):
    """Writes the rows in turn into one table a handset; their paths."""
    paths = []
    for hand in range(count):
        path = folder / f'reports-{hand + 1}.csv'
        with open(path, 'w', encoding='utf-8', newline='') as file:
            writer = csv.writer(file)
            writer.writerow(COLUMNS)
            writer.writerows(rows[hand::count])
        paths.append(path)
    return paths
