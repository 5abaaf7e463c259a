#!/usr/bin/python3
"""Names what the tests of a suite need built, a line each, for ninja.

usage: suite_targets.py BUILD_DIR SUITE
"""
import json
import os
import sys


def read(build, what):
    with open(os.path.join(build, 'meson-info', 'intro-%s.json' % what), encoding='utf-8') as told:
        return json.load(told)


def main():
    build, suite = sys.argv[1:]
    files = {target['id']: target['filename'] for target in read(build, 'targets')}
    needed = {file for test in read(build, 'tests') for name in test['suite'] if name.split(':')[-1] == suite
              for target in test['depends'] for file in files[target]}
    print('\n'.join(sorted(os.path.relpath(file, build) for file in needed)))


if __name__ == '__main__':
    main()
