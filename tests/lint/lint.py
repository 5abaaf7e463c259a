#!/usr/bin/python3
"""Runs every check over the tree, and each check over its own samples.

usage: lint.py ROOT [BUILD]   as TAP; without BUILD the libraries are not looked at
A check whose samples are not caught proves nothing, so each sample is a case as well.
"""
import os
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path[:0] = [HERE, os.path.dirname(HERE)]

import calls  # noqa: E402
import includes  # noqa: E402
import layout  # noqa: E402
import names  # noqa: E402
import rows  # noqa: E402
import sizes  # noqa: E402
import story  # noqa: E402
import tap  # noqa: E402
import words  # noqa: E402
from source import Tree  # noqa: E402

FINDINGS_MAX = 200
# (name, check of a tree, its samples)
CHECKS = (
    ('includes', includes.check, includes.SAMPLES),
    ('calls', calls.check, calls.SAMPLES),
    ('sizes', sizes.check, sizes.SAMPLES),
    ('format', layout.check_format, layout.FORMAT_SAMPLES),
    ('layout', layout.check, layout.SAMPLES),
    ('story', story.check, story.SAMPLES),
    ('words', words.check, words.SAMPLES),
    ('rows', rows.check, rows.SAMPLES),
)


def report(findings):
    if findings:
        more = ['and %d more' % (len(findings) - FINDINGS_MAX)] if len(findings) > FINDINGS_MAX else []
        raise tap.Fault('\n'.join(findings[:FINDINGS_MAX] + more))


def plant(root, files):
    for path, content in files.items():
        whole = os.path.join(root, path)
        os.makedirs(os.path.dirname(whole), exist_ok=True)
        with open(whole, 'wb') as file:
            file.write(content if isinstance(content, bytes) else content.encode())


def try_sample(check, files, expected):
    """expected is part of what the check has to say, or None for nothing at all."""
    with tempfile.TemporaryDirectory() as root:
        plant(root, files)
        findings = check(Tree(root))
    if expected is None:
        report(findings)
    elif not any(expected in finding for finding in findings):
        raise tap.Fault('expected "%s", found %s' % (expected, findings))


def sample_cases(name, check, samples):
    for what, files, expected in samples:
        verb = 'permits' if expected is None else 'catches'
        yield ('%s %s %s' % (name, verb, what),
               lambda files=files, expected=expected: try_sample(check, files, expected))


def check_libraries(build):
    if build is None:
        raise tap.Skip('no build folder was given')
    report(names.check_build(build))


def main():
    root = os.path.abspath(sys.argv[1])
    build = sys.argv[2] if len(sys.argv) > 2 else None
    tree = Tree(root)
    cases = [(name, lambda check=check: report(check(tree))) for name, check, _ in CHECKS]
    cases.append(('names', lambda: check_libraries(build)))
    for name, check, samples in CHECKS:
        cases += sample_cases(name, check, samples)
    cases += sample_cases('names', names.check, names.SAMPLES)
    return tap.run(cases)


if __name__ == '__main__':
    sys.exit(main())
