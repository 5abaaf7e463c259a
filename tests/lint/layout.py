"""How the text lies: clang-format decides for C, in 100 columns; for every text file UTF-8, LF, no trailing blanks,
a newline at the end, and no character that makes text look other than it is."""
import os
import re
import shutil
import subprocess
import unicodedata

BIDI = set('\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200b\ufeff')
COLUMNS = 100
TAB = 8
INTERPRETERS = ('#!/bin/sh', '#!/bin/bash', '#!/usr/bin/python3')


def columns(line):
    """How wide a line stands: tabs to the next eighth, wide characters as two."""
    at = 0
    for letter in line:
        if letter == '\t':
            at += TAB - at % TAB
        elif not unicodedata.combining(letter):
            at += 2 if unicodedata.east_asian_width(letter) in 'WF' else 1
    return at


def interpreter_faults(source):
    """Debian's python has the modules; another one that comes first in the PATH may not."""
    findings = []
    first = source.lines[0] if source.lines else ''
    if first.startswith('#!') and first not in INTERPRETERS:
        findings.append('%s:1: starts %s, not one of %s' % (source.path, first, ', '.join(INTERPRETERS)))
    if source.path.endswith('.build'):
        findings += ['%s:%d: python is find_program(\'/usr/bin/python3\')' % (source.path, number)
                     for number, line in enumerate(source.lines, 1)
                     if re.search(r"find_installation|find_program\('python", line)]
    return findings


def text_faults(source):
    if source.text is None:
        return ['%s:1: not UTF-8' % source.path]
    findings = interpreter_faults(source)
    if source.text and not source.text.endswith('\n'):
        findings.append('%s: no newline at the end' % source.path)
    if source.text.endswith('\n\n'):
        findings.append('%s: blank lines at the end' % source.path)
    for number, line in enumerate(source.text.split('\n'), 1):
        where = '%s:%d: ' % (source.path, number)
        if '\r' in line:
            findings.append(where + 'a carriage return')
        elif line != line.rstrip(' \t'):
            findings.append(where + 'trailing blanks')
        if source.is_c and columns(line) > COLUMNS:
            findings.append(where + '%d columns, up to %d' % (columns(line), COLUMNS))
        hidden = BIDI.intersection(line)
        if hidden:
            findings.append(where + 'hidden character ' + unicodedata.name(min(hidden), 'U+%04X' % ord(min(hidden))))
    return findings


def check(tree):
    findings = []
    for source in tree.sources:
        findings += text_faults(source)
    return findings


def check_format(tree):
    """clang-format's opinion: the first place of each file that it would change."""
    tool = shutil.which('clang-format')
    if tool is None:
        return ['clang-format is not installed: run tools/deps']
    paths = [source.path for source in tree.c()]
    if not paths:
        return []
    if not os.path.exists(os.path.join(tree.root, '.clang-format')):
        return ['.clang-format is missing']
    said = subprocess.run([tool, '--dry-run', '--Werror', '--ferror-limit=1', '--style=file'] + paths,
                          cwd=tree.root, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    findings = []
    for line in said.stderr.splitlines():
        path = line.split(':')[0]
        if ' error: ' in line and not any(finding.startswith(path + ':') for finding in findings):
            findings.append(line.split(' [')[0])
    if said.returncode and not findings:
        findings.append('clang-format: exit status %d: %s' % (said.returncode, said.stderr[:500]))
    return findings


SAMPLES = (
    ('plain text', {'proto/a.c': '/* 闭环 */\nint a;\n', 'README.md': '# Bihuan 闭环\n'}, None),
    ('a line as wide as it may be', {'proto/a.c': '\t/* %s */\n' % ('a' * 86)}, None),
    ('a line that is too wide', {'proto/a.c': '\t/* %s */\n' % ('a' * 87)}, '101 columns'),
    ('wide characters', {'proto/a.c': '\t/* %s */\n' % ('闭' * 44)}, '102 columns'),
    ('programs with their interpreters', {'tools/a': '#!/bin/bash\n', 'tools/b.py': '#!/usr/bin/python3\n'}, None),
    ('an interpreter from the PATH', {'tools/a.py': '#!/usr/bin/env python3\n'}, 'starts #!'),
    ('python from the PATH', {'proto/meson.build': "p = find_program('python3')\n"}, 'python is find_program'),
    ('trailing blanks', {'README.md': 'a \nb\n'}, 'trailing blanks'),
    ('a carriage return', {'README.md': 'a\r\nb\n'}, 'carriage return'),
    ('a missing last newline', {'README.md': 'a'}, 'no newline'),
    ('blank lines at the end', {'README.md': 'a\n\n'}, 'blank lines at the end'),
    ('another encoding', {'README.md': b'caf\xe9\n'}, 'not UTF-8'),
    ('text that runs the other way', {'proto/a.c': '/* \u202e */\n'}, 'RIGHT-TO-LEFT OVERRIDE'),
)

STYLE = ('BasedOnStyle: LLVM\nUseTab: Always\nIndentWidth: 8\nBreakBeforeBraces: Linux\n'
         'AllowShortFunctionsOnASingleLine: None\n')
FORMAT_SAMPLES = (
    ('formatted code', {'.clang-format': STYLE, 'proto/a.c': 'int a(void)\n{\n\treturn 1;\n}\n'}, None),
    ('a brace elsewhere', {'.clang-format': STYLE, 'proto/a.c': 'int a(void) {\n\treturn 1;\n}\n'}, 'proto/a.c:1'),
    ('blanks for a tab', {'.clang-format': STYLE, 'proto/b.c': 'int a(void)\n{\n  return 1;\n}\n'}, 'proto/b.c:2'),
    ('no style at all', {'proto/a.c': 'int a;\n'}, '.clang-format is missing'),
)
