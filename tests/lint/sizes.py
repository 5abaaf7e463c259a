"""How long files and functions may be, with a ratchet.

A file has up to 400 lines and never more than 800; a C function up to 40 between its braces and
never more than 70.  What is above the first figure stands in exceptions.txt with its present size:
a bigger one fails, a smaller one asks for the list to be lowered, and what no longer exceeds has to
leave the list.  So the list only shrinks.
"""
import re

EXCEPTIONS = 'tests/lint/exceptions.txt'
FILE_LINES, FILE_LINES_NEVER = 400, 800
FUNCTION_LINES, FUNCTION_LINES_NEVER = 40, 70
MEASURED = ('.c', '.h', '.py', '.sh')


def functions(source):
    """(name, lines between the braces) of each function: `{` and `}` stand in column 0."""
    lines = source.code.splitlines()
    found, start = [], None
    for number, line in enumerate(lines):
        if line.rstrip() == '{' and start is None:
            start = number
        elif line.startswith('}') and start is not None:
            found.append((name_before(lines, start), number - start - 1))
            start = None
    return found


def name_before(lines, brace):
    """The name in the declarator that ends just above a brace."""
    head = ''
    for line in reversed(lines[:brace]):
        head = line + '\n' + head
        match = re.match(r'\w[^;{}]*?(\w+)\s*\(', head)
        if match and head.count('(') == head.count(')'):
            return match.group(1)
        if not line.strip() and head.strip():
            break
    return '?'


def measure(tree):
    """{'file PATH': lines, 'function PATH:NAME': lines}, and the limits of each kind."""
    sizes = {}
    for source in tree.sources:
        if source.path.endswith(MEASURED):
            sizes['file ' + source.path] = len(source.lines)
        if source.is_c:
            for name, lines in functions(source):
                key = 'function %s:%s' % (source.path, name)
                sizes[key] = max(lines, sizes.get(key, 0))
    return sizes


def read_exceptions(tree):
    listed, faults = {}, []
    for source in tree.sources:
        if source.path != EXCEPTIONS:
            continue
        for number, line in enumerate(source.lines, 1):
            words = line.split('#')[0].split()
            if not words:
                continue
            if len(words) != 3 or words[0] not in ('file', 'function') or not words[2].isdigit():
                faults.append('%s:%d: cannot be understood' % (EXCEPTIONS, number))
            else:
                listed[words[0] + ' ' + words[1]] = int(words[2])
    return listed, faults


def check(tree):
    sizes = measure(tree)
    listed, findings = read_exceptions(tree)
    for thing, lines in sorted(sizes.items()):
        soft, hard = ((FILE_LINES, FILE_LINES_NEVER) if thing.startswith('file ')
                      else (FUNCTION_LINES, FUNCTION_LINES_NEVER))
        allowed = listed.pop(thing, None)
        if lines > hard:
            findings.append('%s: %d lines, never more than %d' % (thing, lines, hard))
        elif lines > soft and allowed is None:
            findings.append('%s: %d lines, up to %d' % (thing, lines, soft))
        elif allowed is not None and lines <= soft:
            findings.append('%s: now %d lines: take it off %s' % (thing, lines, EXCEPTIONS))
        elif allowed is not None and lines > allowed:
            findings.append('%s: grew from %d to %d lines' % (thing, allowed, lines))
        elif allowed is not None and lines < allowed:
            findings.append('%s: now %d lines: lower its %d in %s' % (thing, lines, allowed, EXCEPTIONS))
    findings += ['%s: is no more: take it off %s' % (thing, EXCEPTIONS) for thing in sorted(listed)]
    return findings


def function(lines, name='bh_a'):
    return 'static int %s(int a,\n\tint b)\n{\n%s}\n' % (name, '\ta++;\n' * lines)


TABLE = 'static const int bh_t[] = {\n' + '\t1,\n' * 90 + '};\n'
LIST = {EXCEPTIONS: 'file proto/a.c 450\nfunction proto/a.c:bh_a 50\n'}
SAMPLES = (
    ('what is short, and a long table', {'proto/a.c': function(40) + TABLE}, None),
    ('a long function', {'proto/a.c': function(41)}, 'proto/a.c:bh_a: 41 lines, up to 40'),
    ('a function beyond any exception', {'proto/a.c': function(71), EXCEPTIONS: 'function proto/a.c:bh_a 71\n'},
     'never more than 70'),
    ('a long file', {'proto/a.c': '/* a */\n' * 401}, 'proto/a.c: 401 lines, up to 400'),
    ('a file beyond any exception', {'proto/a.c': '/* a */\n' * 801, EXCEPTIONS: 'file proto/a.c 801\n'},
     'never more than 800'),
    ('what is listed as it is', dict(LIST, **{'proto/a.c': function(50) + '\n' * 396}), None),
    ('a listed function that grew', dict(LIST, **{'proto/a.c': function(51) + '\n' * 395}), 'grew from 50 to 51'),
    ('a listed function that shrank', dict(LIST, **{'proto/a.c': function(49) + '\n' * 397}), 'lower its 50'),
    ('a listed function that is short now', dict(LIST, **{'proto/a.c': function(9) + '\n' * 437}), 'take it off'),
    ('a listed file that is gone', LIST, 'is no more'),
    ('a list with a slip', {EXCEPTIONS: 'file proto/a.c many\n'}, 'cannot be understood'),
)
