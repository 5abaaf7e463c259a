"""What leaves the static libraries: every external symbol starts with bh_, and nothing is writable.

Generated messages keep the names protobuf-c gives them.  Read with nm from the libraries of a build.
"""
import json
import os
import subprocess

# Words that hold no state of ours: the one flag a signal may set, the one sink logs go to.
WRITABLE_PERMITTED = ('bh_signal_flag', 'bh_log_sink')
GENERATED = '.pb-c.c.o'


def libraries(build):
    """Static libraries of the build, those of the tests excepted."""
    with open(os.path.join(build, 'meson-info', 'intro-targets.json'), encoding='utf-8') as file:
        targets = json.load(file)
    return [path for target in targets if target['type'] == 'static library'
            and '/tests/' not in target['defined_in'] for path in target['filename']]


def is_writable(section):
    """Constant tables of pointers lie in .data.rel.ro, which is closed after relocation."""
    if section.startswith('.data.rel.ro'):
        return False
    return section == '*COM*' or section.startswith(('.data', '.bss', '.tdata', '.tbss'))


def symbols(library):
    """(object, name, class letter, section) of each defined symbol."""
    said = subprocess.run(['nm', '--defined-only', '--format=sysv', library], capture_output=True,
                          text=True, check=True)
    member = ''
    for line in said.stdout.splitlines():
        if line.startswith('Symbols from '):
            member = line.split('[')[-1].rstrip(']:')
        columns = [column.strip() for column in line.split('|')]
        if len(columns) == 7 and columns[0] != 'Name':
            yield member, columns[0], columns[2], columns[6]


def library_faults(library):
    findings = []
    for member, name, letter, section in symbols(library):
        where = '%s(%s): ' % (os.path.basename(library), os.path.basename(member))
        if member.endswith(GENERATED):
            continue
        if letter.isupper() and not name.startswith('bh_'):
            findings.append(where + '%s leaves without the prefix bh_' % name)
        plain = name.split('.')[0]
        if is_writable(section) and plain not in WRITABLE_PERMITTED:
            findings.append(where + '%s is a global that changes' % name)
    return findings


def check_build(build):
    findings = []
    for library in libraries(build):
        if os.path.exists(library):
            findings += library_faults(library)
        else:
            findings.append('%s is not built' % library)
    return findings


def check(tree):
    """For samples: compiles each C file into a library of its own and looks at that."""
    findings = []
    for source in tree.c():
        stem = os.path.join(tree.root, os.path.basename(source.path))
        subprocess.run(['gcc', '-fPIE', '-c', '-o', stem + '.o', os.path.join(tree.root, source.path)],
                       check=True, capture_output=True)
        subprocess.run(['ar', 'crs', stem + '.a', stem + '.o'], check=True, capture_output=True)
        findings += library_faults(stem + '.a')
    return findings


TABLE = 'static int bh_b(void)\n{\n\treturn 1;\n}\nint (*const bh_t[])(void) = {bh_b};\n'
SAMPLES = (
    ('what is ours and constant', {'a.c': 'int bh_a(void)\n{\n\treturn 1;\n}\n' + TABLE}, None),
    ('a name without the prefix', {'a.c': 'int frame_a(void)\n{\n\treturn 1;\n}\n'}, 'frame_a leaves'),
    ('a global', {'a.c': 'int bh_a = 3;\n'}, 'bh_a is a global'),
    ('a hidden global', {'a.c': 'int bh_a(void)\n{\n\tstatic int n;\n\treturn n++;\n}\n'}, 'is a global'),
    ('a thread\'s global', {'a.c': '_Thread_local int bh_a;\n'}, 'bh_a is a global'),
    ('generated messages', {'a.pb-c.c': 'int bh__pb__a(void)\n{\n\treturn 1;\n}\n'}, None),
)
