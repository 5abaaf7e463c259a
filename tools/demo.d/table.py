"""Somebody's table of reports, dealt out to handsets: any of time, text, type, latitude, longitude."""
import csv
import io

from programs import Fault

COLUMNS = ('time', 'text', 'type', 'latitude', 'longitude')


def read(path):
    """The rows that say something, the lines of those that do not, and the encoding."""
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
    rows, empty = [], []
    try:
        header = [name.strip().lower() for name in next(reader, [])]
        if 'text' not in header:
            raise Fault(f'{path}:1: no column is called text; the header needs any of {",".join(COLUMNS)}')
        places = [header.index(name) if name in header else None for name in COLUMNS]
        for fields in reader:
            row = [fields[at] if at is not None and at < len(fields) else '' for at in places]
            if row[1].strip():
                rows.append(row)
            elif fields:
                empty.append(reader.line_num)
    except csv.Error as why:
        raise Fault(f'{path}:{reader.line_num}: {why}') from None
    return rows, empty, 'UTF-8' if encoding == 'utf-8-sig' else 'GB18030'


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
