#!/usr/bin/python3
"""The demo district is what its generator draws, and its map and reports are what its README says."""
import collections
import csv
import json
import os
import subprocess
import sys

TOP = os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), '../../..'))
sys.path.insert(0, os.path.join(TOP, 'tests'))
import tap  # noqa: E402

DEMO = os.path.join(TOP, 'tools/demo.d')
with open(os.path.join(DEMO, 'profile.json'), encoding='utf-8') as file:
    PROFILE = json.load(file)
with open(os.path.join(DEMO, 'reports.csv'), encoding='utf-8') as file:
    REPORTS = list(csv.DictReader(file))
with open(os.path.join(TOP, 'server/console/catalogue.json'), encoding='utf-8') as file:
    TYPES = {one['code']: one for one in json.load(file)['types']}


def rings(kind):
    return [[(round(x * 1e7), round(y * 1e7)) for x, y in area['polygon']]
            for area in PROFILE['areas'] if area['kind'] == kind]


def twice_area(ring):
    return sum(ax * by - bx * ay for (ax, ay), (bx, by) in zip(ring, ring[1:]))


def inside(ring, x, y):
    within = False
    for (ax, ay), (bx, by) in zip(ring, ring[1:]):
        if (ay > y) != (by > y) and x < (bx - ax) * (y - ay) / (by - ay) + ax:
            within = not within
    return within


def test_demo__profile_is_what_the_generator_draws():
    subprocess.run(['/usr/bin/python3', os.path.join(DEMO, 'make_profile.py'), '--check'], check=True)


def test_demo__each_level_of_areas_covers_the_county_exactly():
    whole = twice_area(rings('county')[0])
    assert whole > 0
    for kind, count in (('township', 3), ('village', 8), ('grid', 24)):
        assert len(rings(kind)) == count, kind
        assert sum(twice_area(ring) for ring in rings(kind)) == whole, kind


def test_demo__grids_share_every_edge_with_a_neighbour_or_the_border():
    edges = collections.Counter()
    for ring in rings('grid'):
        edges.update(zip(ring, ring[1:]))
    border = set(zip(rings('county')[0], rings('county')[0][1:]))
    assert max(edges.values()) == 1
    for start, end in edges:
        assert ((end, start) in edges) != ((start, end) in border), (start, end)


def test_demo__reports_are_spread_as_promised():
    assert len(REPORTS) == 120
    assert all(report['text'] for report in REPORTS)
    types = [report['type'] for report in REPORTS]
    assert sum(TYPES.get(one, {}).get('default_urgency') == 'P1' for one in types) == 10
    assert sum(one in TYPES and one.startswith('6') for one in types) == 11
    assert sorted(one for one in types if one and one not in TYPES) == ['88888', '99999']
    assert types.count('') == 4
    grids = rings('grid')
    held = [sum(inside(ring, float(report['longitude']) * 1e7, float(report['latitude']) * 1e7)
                for ring in grids) for report in REPORTS if report['latitude']]
    assert len(held) == 119 and held.count(0) == 2 and max(held) == 1


sys.exit(tap.run([function for name, function in sorted(globals().items()) if name.startswith('test_')]))
