"""Who may include whom.

The nearest `.may_include` above a C file lists what it may include:

    own PREFIX [in GLOB...]      our own headers below PREFIX, written from the top, in quotes
    system GROUP [in GLOB...]    foreign headers of a group, in angle brackets

`in` limits a line to files of that folder.  Of several `own` lines the longest matching prefix
decides.  Everything else is refused, and so is a header that only includes others.
"""
import fnmatch
import os
import re

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*(?:"([^"\n]*)"|<([^>\n]*)>|([^\n]*))', re.M)
FOLDERS = ('proto', 'client-lib', 'server', 'tools', 'tests')

# The first group with a matching pattern is the header's own.
GROUPS = (
    ('c', 'assert.h complex.h ctype.h errno.h float.h inttypes.h iso646.h limits.h locale.h math.h '
          'setjmp.h signal.h stdalign.h stdarg.h stdatomic.h stdbool.h stddef.h stdint.h stdio.h '
          'stdlib.h stdnoreturn.h string.h strings.h time.h wchar.h wctype.h'),
    ('threads', 'pthread.h threads.h semaphore.h'),
    ('sockets', 'sys/socket.h sys/un.h sys/epoll.h sys/eventfd.h sys/select.h netinet/*.h arpa/*.h '
                'net/*.h netdb.h poll.h'),
    ('posix', 'dirent.h dlfcn.h fcntl.h fnmatch.h fts.h ftw.h getopt.h glob.h grp.h iconv.h langinfo.h libgen.h malloc.h pwd.h '
              'spawn.h syslog.h termios.h ucontext.h unistd.h execinfo.h sys/*.h linux/*.h'),
    ('public', 'bihuan.h bihuan_*.h'),
    ('protobuf', '*.pb-c.h protobuf-c/*.h google/protobuf-c/*.h'),
    ('jpeg', 'jpeglib.h jerror.h'),
    ('exif', 'libexif/*.h'),
    ('zlib', 'zlib.h zconf.h'),
    ('ssl', 'openssl/ssl*.h openssl/tls*.h openssl/dtls*.h openssl/quic.h'),
    ('crypto', 'openssl/*.h'),
    ('sqlite', 'sqlite3.h sqlite3ext.h'),
    ('event', 'event.h event2/*.h evutil.h'),
    ('jansson', 'jansson.h'),
    ('confuse', 'confuse.h'),
    ('systemd', 'systemd/*.h'),
    ('qrencode', 'qrencode.h'),
    ('zip', 'zip.h'),
    ('geos', 'geos_c.h'),
    ('utf8proc', 'utf8proc.h'),
    ('curl', 'curl/*.h'),
    ('cmocka', 'cmocka.h'),
)


def group_of(header):
    for group, patterns in GROUPS:
        if any(fnmatch.fnmatch(header, pattern) for pattern in patterns.split()):
            return group
    return None


class Rules:
    """One .may_include."""

    def __init__(self, path, text):
        self.folder = os.path.dirname(path)
        self.own, self.system, self.faults = [], [], []
        for number, line in enumerate(text.splitlines(), 1):
            words = line.split('#')[0].split()
            if not words:
                continue
            known = words[0] in ('own', 'system') and len(words) > 1
            if not known or (len(words) > 2 and (words[2] != 'in' or len(words) == 3)):
                self.faults.append('%s:%d: cannot be understood' % (path, number))
            elif words[0] == 'own':
                self.own.append((words[1], words[3:]))
            elif words[1] in dict(GROUPS):
                self.system.append((words[1], words[3:]))
            else:
                self.faults.append('%s:%d: no group %s' % (path, number, words[1]))

    def reaches(self, globs, path):
        inside = os.path.relpath(path, self.folder)
        return not globs or any(fnmatch.fnmatch(inside, glob) for glob in globs)

    def permits_own(self, header, path):
        fitting = [(len(prefix), globs) for prefix, globs in self.own if header.startswith(prefix)]
        if not fitting:
            return False
        longest = max(length for length, _ in fitting)
        return any(self.reaches(globs, path) for length, globs in fitting if length == longest)

    def permits_group(self, group, path):
        return any(name == group and self.reaches(globs, path) for name, globs in self.system)


def rules_for(path, all_rules):
    folder = os.path.dirname(path)
    while folder:
        if folder in all_rules:
            return all_rules[folder]
        folder = os.path.dirname(folder)
    return None


def check_one(source, rules, quoted, angled):
    """What is wrong with one include, or None."""
    header = quoted or angled
    group = group_of(header)
    if quoted and group in (None, 'c', 'posix', 'sockets', 'threads'):
        if not header.startswith(tuple(folder + '/' for folder in FOLDERS)):
            return '"%s" is not written from the top' % header
        if not rules.permits_own(header, source.path):
            return '"%s" is not permitted here' % header
        return None
    if quoted and group not in ('protobuf', 'public'):
        return '"%s" is foreign: write it in angle brackets' % header
    if quoted and group == 'public' and source.path.startswith('client-lib/include/'):
        return None  # a part of the installed header, beside it
    if quoted and group == 'public' or header.startswith('client-lib/include/'):
        return None if rules.permits_own(header, source.path) else '"%s" is not permitted here' % header
    if group is None:
        return '<%s> is in no group of tests/lint/includes.py' % header
    if not rules.permits_group(group, source.path):
        return '<%s> (%s) is not permitted here' % (header, group)
    return None


def is_umbrella(source):
    """A header that says nothing itself.  cmocka's own needs others before it, so it may be wrapped."""
    if re.search(r'#include <cmocka\.h>', source.code_and_strings):
        return False
    rest = [line for line in source.code.splitlines() if line.strip()]
    includes = [line for line in rest if re.match(r'\s*#\s*include', line)]
    own = [line for line in rest if not re.match(r'\s*#\s*(include|ifndef|endif|pragma|define \w+\s*$)', line)]
    return source.path.endswith('.h') and len(includes) > 0 and not own


def check(tree):
    all_rules, findings = {}, []
    for source in tree.sources:
        if os.path.basename(source.path) == '.may_include':
            rules = Rules(source.path, source.text)
            all_rules[rules.folder] = rules
            findings += rules.faults
    for source in tree.c():
        rules = rules_for(source.path, all_rules)
        if rules is None:
            findings.append('%s:1: no .may_include says what this may include' % source.path)
            continue
        for match in INCLUDE.finditer(source.code_and_strings):
            quoted, angled, other = match.groups()
            fault = ('an include is written out' if other
                     else check_one(source, rules, quoted, angled))
            if fault:
                findings.append(source.at(match.start(), fault))
        if is_umbrella(source):
            findings.append('%s:1: an umbrella header: include what you use' % source.path)
    return findings


RULES = 'own proto/\nown server/domain/\nown server/store/store.h\nsystem c\nsystem sqlite in store*.c\n'
SAMPLES = (
    ('what is listed', {'server/x/.may_include': RULES,
                        'server/x/store_a.c': '#include "proto/err.h"\n#include "server/store/store.h"\n'
                                              '#include <sqlite3.h>\n#include <stdio.h>\n'}, None),
    ('a folder without rules', {'proto/a.c': 'int a;\n'}, 'no .may_include'),
    ('another folder of ours', {'server/x/.may_include': RULES,
                                'server/x/a.c': '#include "client-lib/log.h"\n'}, 'not permitted'),
    ('another file of a folder', {'server/x/.may_include': RULES,
                                  'server/x/a.c': '#include "server/store/rows.h"\n'}, 'not permitted'),
    ('a library outside its files', {'server/x/.may_include': RULES,
                                     'server/x/a.c': '#include <sqlite3.h>\n'}, '(sqlite) is not permitted'),
    ('generated headers', {'server/x/.may_include': RULES,
                           'server/x/a.c': '#include "proto/bihuan.pb-c.h"\n'}, '(protobuf) is not permitted'),
    ('an include beside the file', {'server/x/.may_include': RULES,
                                    'server/x/a.c': '#include "a.h"\n'}, 'from the top'),
    ('an unknown library', {'server/x/.may_include': RULES,
                            'server/x/a.c': '#include <glib.h>\n'}, 'in no group'),
    ('the C library in quotes', {'server/x/.may_include': RULES,
                                 'server/x/a.c': '#include "stdio.h"\n'}, 'from the top'),
    ('an umbrella header', {'server/x/.may_include': RULES,
                            'server/x/a.h': '#ifndef BH_A_H\n#define BH_A_H\n#include "proto/err.h"\n#endif\n'},
     'umbrella'),
    ('a rule with a slip', {'server/x/.may_include': 'sytem c\n'}, 'cannot be understood'),
    ('a rule with an unknown group', {'server/x/.may_include': 'system glib\n'}, 'no group glib'),
    ('a commented include', {'server/x/.may_include': RULES,
                             'server/x/a.c': '/*\n#include "client-lib/log.h"\n*/\n'}, None),
)
