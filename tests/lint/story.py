"""Every C file opens with a comment that says what it is and has a name of the field, and every
header has a guard of its own."""
import os
import re

WORDS_MIN = 4
GUARD = re.compile(r'\s*#ifndef (\w+)\n#define (\w+)\n')
EMPTY_NAMES = re.compile(r'(^|_)(manager|helpers?|utils?|misc|common|data|info)(_|$)')


def name_fault(source):
    match = EMPTY_NAMES.search(os.path.splitext(os.path.basename(source.path))[0])
    return 'a file called %s says nothing' % match.group(2) if match else None


def story_fault(source):
    opening = re.match(r'/\*(.*?)\*/', source.text or '', re.S)
    if not opening:
        return 'opens without a comment that says what it is'
    if len(re.findall(r'\w+', opening.group(1))) < WORDS_MIN:
        return 'opens with a comment that says nothing'
    return None


def guard_fault(source, seen):
    match = GUARD.match(source.code)
    if not match or match.group(1) != match.group(2) or not source.code.rstrip().endswith('#endif'):
        return 'has no guard around all of it'
    name = match.group(1)
    if not re.fullmatch(r'(BH|BIHUAN)_(\w+_)?H', name):
        return 'guard %s is not BH_..._H' % name
    if name in seen:
        return 'guard %s is also that of %s' % (name, seen[name])
    seen[name] = source.path
    return None


def check(tree):
    findings, seen = [], {}
    for source in tree.c():
        faults = [name_fault(source), story_fault(source)]
        if source.path.endswith('.h'):
            faults.append(guard_fault(source, seen))
        findings += ['%s:1: %s' % (source.path, fault) for fault in faults if fault]
    return findings


STORY = '/* What a frame is made of. */\n'
HEADER = STORY + '#ifndef BH_A_H\n#define BH_A_H\nint a;\n#endif\n'
SAMPLES = (
    ('a story and a guard', {'proto/a.c': STORY + 'int a;\n', 'proto/a.h': HEADER}, None),
    ('a file without a story', {'proto/a.c': 'int a;\n/* late */\n'}, 'opens without'),
    ('an empty name', {'proto/frame_utils.c': STORY + 'int a;\n'}, 'called utils says nothing'),
    ('a name that only contains one', {'proto/database.c': STORY, 'proto/datum.c': STORY}, None),
    ('a story in one word', {'proto/a.c': '/* frames */\nint a;\n'}, 'says nothing'),
    ('a header without a guard', {'proto/a.h': STORY + 'int a;\n'}, 'no guard'),
    ('code after the guard', {'proto/a.h': HEADER + 'int b;\n'}, 'no guard'),
    ('a guard under two names', {'proto/a.h': HEADER.replace('define BH_A_H', 'define BH_B_H')}, 'no guard'),
    ('a guard not ours', {'proto/a.h': HEADER.replace('BH_A_H', '_A_H')}, 'is not BH_'),
    ('one guard for two headers', {'proto/a.h': HEADER, 'proto/b.h': HEADER}, 'is also that of'),
)
