#!/usr/bin/python3
"""Draws the demo district's map and writes profile.json.

    make_profile.py [--check]     --check: compares, writes nothing, exit status 1 if it differs

The map is a lattice of 6 by 4 grids whose corners and edges are pushed about a little, always by the
same amounts.  An edge is made once and used by both of its neighbours, so neighbours share every
point exactly.  A village is three grids, a township two or three villages: their polygons are what
is left when inner edges cancel out.  Everything here is invented.
"""
import json
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
DISTRICT = '990101'
WEST, SOUTH = 1169700000, 309800000          # 1e-7 degrees
WIDTH, HEIGHT = 100000, 80000                # a grid: about 950 m by 890 m
COLUMNS, ROWS = 6, 4

TOWNSHIPS = [
    ('001', '柳溪镇', ['柳溪社区', '上湾村', '竹塘村']),
    ('002', '石桥乡', ['石桥村', '枫林村', '大坪村']),
    ('003', '城东街道', ['新桥社区', '河畔社区']),
]
# Each village's row and the column of its first grid, so that townships hang together.
VILLAGE_PLACES = [(3, 0), (3, 3), (2, 3), (2, 0), (1, 0), (1, 3), (0, 3), (0, 0)]

# code, name, kind, area (district-relative), desk
COUNTY_UNITS = [
    ('U-ZZ', '云河区综治中心', 'SERVICE_CENTRE', True),
    ('U-HW', '区环卫所', 'SANITATION', False),
    ('U-SZ', '区市政公用所', 'MUNICIPAL_WORKS', False),
    ('U-PS', '区排水管理所', 'DRAINAGE', False),
    ('U-GS', '云河供水公司', 'WATER_SUPPLY', False),
    ('U-RQ', '云河燃气热力公司', 'GAS_HEAT', False),
    ('U-DL', '云河供电所', 'POWER', False),
    ('U-CG', '区城管执法大队', 'URBAN_MGMT', False),
    ('U-YL', '区园林所', 'LANDSCAPE', False),
    ('U-XF', '区消防救援站', 'FIRE', False),
    ('U-SJ', '区市场监管所', 'MARKET', False),
    ('U-JJ', '区交管中队', 'TRAFFIC_POLICE', False),
]
SETTINGS = {
    'dispatch_limit_min': 30, 'dispatch_margin_min': 5, 'sign_limit_work_min': 120,
    'check_limit_work_min': 480, 'return_window_work_min': 480, 'nearest_grid_m': 200,
    'utc_offset_min': 480, 'check_sampling_off': True, 'evidence_off': True, 'repeat_check_off': True,
}
IMMEDIATE = [('50001', 'WATER_SUPPLY'), ('50002', 'GAS_HEAT'), ('50003', 'DRAINAGE'),
             ('50005', 'MUNICIPAL_WORKS'), ('50006', 'DRAINAGE'), ('50008', 'POWER'),
             ('50011', 'FIRE')]


def push(a, b, c, reach):
    """A fixed amount between -reach and reach for three whole numbers."""
    value = (a * 7919 + b * 104729 + c * 1299709 + 12345) % 100003
    return value * 2 * reach // 100003 - reach


def corner(x, y):
    return (WEST + x * WIDTH + push(x, y, 1, WIDTH // 7),
            SOUTH + y * HEIGHT + push(x, y, 2, HEIGHT // 7))


def edge(start, end):
    """Points from one lattice corner to the next, the last one left out."""
    if start > end:
        first, *rest = edge(end, start)
        return [corner(*start)] + rest[::-1]
    (ax, ay), (bx, by) = corner(*start), corner(*end)
    points = [(ax, ay)]
    for part in (1, 2):
        key = start[0] * 31 + end[0], start[1] * 31 + end[1]
        points.append((ax + (bx - ax) * part // 3 + push(*key, 10 + part, WIDTH // 22),
                       ay + (by - ay) * part // 3 + push(*key, 20 + part, HEIGHT // 22)))
    return points


def ring(cells):
    """The outline of lattice cells, counter-clockwise, closed."""
    sides = set()
    for x, y in cells:
        corners = [(x, y), (x + 1, y), (x + 1, y + 1), (x, y + 1)]
        for i, start in enumerate(corners):
            side = (start, corners[(i + 1) % 4])
            if side[::-1] in sides:
                sides.remove(side[::-1])
            else:
                sides.add(side)
    steps = dict(sides)
    at = first = min(steps)
    points = []
    while True:
        points += edge(at, steps[at])
        at = steps[at]
        if at == first:
            break
    points.append(points[0])
    return [[lon / 1e7, lat / 1e7] for lon, lat in points]


def square(x, y, half):
    """A special grid in the middle of a cell."""
    lon, lat = WEST + x * WIDTH + WIDTH // 2, SOUTH + y * HEIGHT + HEIGHT // 2
    signs = [(-1, -1), (1, -1), (1, 1), (-1, 1), (-1, -1)]
    return [[(lon + sx * half) / 1e7, (lat + sy * half) / 1e7] for sx, sy in signs]


def villages():
    """(township code, village code, name, cells) in order."""
    places = iter(VILLAGE_PLACES)
    for township, _, names in TOWNSHIPS:
        for number, name in enumerate(names, 1):
            row, column = next(places)
            code = '%s%s%03d' % (DISTRICT, township, number)
            yield DISTRICT + township, code, name, [(column + i, row) for i in range(3)]


def areas():
    everything = [(x, y) for x in range(COLUMNS) for y in range(ROWS)]
    out = [{'code': DISTRICT, 'kind': 'county', 'name': '云河区', 'polygon': ring(everything)}]
    for number, name, _ in TOWNSHIPS:
        cells = [cell for township, _, _, group in villages() for cell in group
                 if township == DISTRICT + number]
        out.append({'code': DISTRICT + number, 'kind': 'township', 'name': name,
                    'parent': DISTRICT, 'polygon': ring(cells)})
    for township, code, name, cells in villages():
        out.append({'code': code, 'kind': 'village', 'name': name, 'parent': township,
                    'polygon': ring(cells)})
    for _, code, name, cells in villages():
        for number, cell in enumerate(cells, 1):
            out.append({'code': '%s%03d' % (code, number), 'kind': 'grid',
                        'name': '%s第%s网格' % (name, '一二三'[number - 1]), 'parent': code,
                        'polygon': ring([cell])})
    out.append({'code': DISTRICT + '001001801', 'kind': 'special', 'name': '柳溪农贸市场专属网格',
                'parent': DISTRICT + '001001', 'polygon': square(1, 3, 15000), 'classes': ['20']})
    out.append({'code': DISTRICT + '003001801', 'kind': 'special', 'name': '城东产业园专属网格',
                'parent': DISTRICT + '003001', 'polygon': square(4, 0, 20000),
                'classes': ['30', '70']})
    return out


def units():
    out = [{'code': code, 'name': name, 'kind': kind, 'area': DISTRICT, 'desk': desk}
           for code, name, kind, desk in COUNTY_UNITS]
    for number, name, _ in TOWNSHIPS:
        area, tail = DISTRICT + number, number[-1]
        out.append({'code': 'U-T' + tail, 'name': name + '综治中心', 'kind': 'SUBDISTRICT',
                    'area': area, 'desk': True})
        out.append({'code': 'U-P' + tail, 'name': name + '派出所', 'kind': 'POLICE_STATION',
                    'area': area})
        out.append({'code': 'U-M' + tail, 'name': name + '人民调解委员会', 'kind': 'MEDIATION',
                    'area': area})
    for number, (_, code, name, _) in enumerate(villages(), 1):
        out.append({'code': 'U-V%d' % number, 'name': name + '综治服务站', 'kind': 'VILLAGE',
                    'area': code, 'desk': True})
    return out


def person(code, name, *posts):
    return {'code': code, 'name': name,
            'posts': [dict(zip(('role', 'unit', 'area'), post)) if post[1]
                      else {'role': post[0], 'area': post[2]} for post in posts]}


def people():
    out = [person('G%03d' % number, name + '网格员',
                  *[('grid_worker', None, '%s%03d' % (code, i)) for i in (1, 2, 3)])
           for number, (_, code, name, _) in enumerate(villages(), 1)]
    out += [person('A001', '区受理员', ('acceptor', None, DISTRICT)),
            person('D001', '区派遣员甲', ('dispatcher', None, DISTRICT)),
            person('D002', '区派遣员乙', ('dispatcher', None, DISTRICT)),
            person('S001', '区值班长', ('shift_leader', None, DISTRICT)),
            person('V001', '区督办员', ('supervisor', None, DISTRICT)),
            person('X001', '区系统管理员', ('admin', None, DISTRICT))]
    for number, name, _ in TOWNSHIPS:
        out.append(person('D1' + number[-2:], name + '派遣员',
                          ('acceptor', None, DISTRICT + number),
                          ('dispatcher', None, DISTRICT + number)))
    for unit in units():
        tail = unit['code'][2:]
        if unit.get('desk'):
            out.append(person('L-' + tail, unit['name'] + '负责人',
                              ('tier_desk', unit['code'], unit['area'])))
        else:
            out.append(person('L-' + tail, unit['name'] + '负责人',
                              ('unit_lead', unit['code'], unit['area'])))
        role = 'mediator' if unit['kind'] == 'MEDIATION' else 'handler'
        out.append(person('H-' + tail, unit['name'] + '经办人',
                          (role, unit['code'], unit['area'])))
    return out


def routes():
    out = [{'type': code, 'unit_kind': kind, 'immediate': True, 'paper': '演示规则一:突发事件直接派单'}
           for code, kind in IMMEDIATE]
    out.append({'type': '20005', 'area': DISTRICT + '003', 'unit': 'U-CG',
                'paper': '演示规则二:城东街道占道经营由城管执法大队承办'})
    out.append({'type': '60001', 'unit_kind': 'MEDIATION', 'paper': '演示规则三:邻里纠纷先行调解'})
    out.append({'class': '10', 'area': DISTRICT + '001001801', 'unit_kind': 'SANITATION',
                'paper': '演示规则四:农贸市场环境由环卫承办'})
    return out


def lines(items):
    """One element a line: what is wrong with one has a line of its own."""
    return '[\n' + ',\n'.join('    ' + json.dumps(item, ensure_ascii=False) for item in items) + '\n  ]'


def profile_text():
    parts = [('areas', areas()), ('units', units()), ('people', people()), ('routes', routes())]
    return ('{\n  "name": "云河区",\n  ' +
            ',\n  '.join('"%s": %s' % (name, lines(items)) for name, items in parts) +
            ',\n  "settings": %s\n}\n' % json.dumps(SETTINGS))


def main():
    path = os.path.join(HERE, 'profile.json')
    text = profile_text()
    if '--check' in sys.argv[1:]:
        with open(path, encoding='utf-8') as file:
            sys.exit(0 if file.read() == text else 1)
    with open(path, 'w', encoding='utf-8') as file:
        file.write(text)


if __name__ == '__main__':
    main()
