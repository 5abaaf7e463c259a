#!/usr/bin/python3
"""Makes reports for `tools/demo --reports` of a city's 311 file: time, text, type, latitude, longitude.

    convert_311.py FILE.csv > reports.csv

Which city it is, the header says.  Times without a zone are the city's winter time; words about the
type become a code of the catalogue where one fits, else none; places are WGS-84 as they are, far
from any district of ours, so every case lands on the backstop's desk.
"""
import csv
import re
import sys

COLUMNS = ('time', 'text', 'type', 'latitude', 'longitude')
EASTERN = '-05:00'

# A column that only this city's file has; the time's; what follows a time without a zone; the type's;
# what the text is made of.
CITIES = (
    ('neighborhood', 'created_local', EASTERN, 'type', ('type', 'block_address', 'neighborhood')),
    ('case_topic', 'open_utc', '', 'service_name', ('service_name', 'case_topic', 'street')),
    ('descriptor', 'created_local', EASTERN, 'type',
     ('type', 'descriptor', 'location_type', 'block_address', 'borough')),
    ('supporters', 'created_utc', '', 'title', ('title', 'description', 'block_address')),
    ('borough', 'created_local', EASTERN, 'type', ('type', 'borough')),
)

# The first that begins a word decides.
TYPES = (
    ('noise', '10020'), ('parking', '20011'), ('driveway', '20011'), ('abandoned vehicle', '20011'),
    ('light', '40007'), ('pothole', '10010'), ('street condition', '10010'), ('sidewalk', '10010'),
    ('heat', '80005'), ('no water', '80003'), ('water leak', '50001'), ('water system', '50001'),
    ('sewer', '50003'), ('bulk', '10025'), ('dirty', '10009'), ('sanita', '10008'), ('trash', '10007'),
    ('rat\\b', '10012'), ('rodent', '10012'), ('animal', '10031'), ('pet\\b', '10031'), ('tree', '40016'),
    ('pruning', '40016'), ('graffiti', '10040'), ('snow', '50007'), ('food', '70009'),
)


class Unknown(Exception):
    """A header of no city known here."""


def city_of(header):
    for city in CITIES:
        if city[0] in header and city[1] in header and city[3] in header:
            return city
    raise Unknown('no city is known with the columns ' + ','.join(header))


def type_of(words):
    return next((code for word, code in TYPES if re.search(r'\b' + word, words, re.I)), '')


def text_of(row, columns):
    said = []
    for name in columns:
        words = (row.get(name) or '').strip()
        if words and words not in said:
            said.append(words)
    return ', '.join(said)


def convert(rows, header):
    """Rows of the city's file to rows of ours, one for one."""
    _, time, zone, kind, words = city_of(header)
    for row in rows:
        when = (row.get(time) or '').strip()
        yield [when + zone if when else '', text_of(row, words), type_of(row.get(kind) or ''),
               (row.get('lat') or '').strip(), (row.get('lon') or '').strip()]


def main():
    if len(sys.argv) != 2:
        print('usage: convert_311.py FILE.csv > reports.csv', file=sys.stderr)
        return 64
    try:
        with open(sys.argv[1], encoding='utf-8-sig', newline='') as file:
            reader = csv.DictReader(file)
            writer = csv.writer(sys.stdout, lineterminator='\n')
            writer.writerow(COLUMNS)
            writer.writerows(convert(reader, reader.fieldnames or []))
    except (OSError, UnicodeDecodeError, csv.Error, Unknown) as why:
        print(f'{sys.argv[1]}: {why}', file=sys.stderr)
        return 65
    return 0


if __name__ == '__main__':
    sys.exit(main())
