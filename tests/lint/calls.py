"""What may be called, written or jumped to only in the file that owns it, or nowhere.

A rule names functions, the files that own them and why.  SQL is looked for in strings; `goto` goes
forward to `out` and nowhere else; a macro neither returns nor jumps; conditional compilation lives
in platform_*.c and *driver*.c.
"""
import fnmatch
import re

CLOCK = ('proto/clock_system.c',)
RANDOM = ('proto/clock_system.c', 'proto/rng*.c')
LIBRARIES = ('proto/*', 'client-lib/*', 'server/*')

# (names, files they are forbidden in, files that own them, why)
CALLS = (
    ('time gettimeofday clock_gettime clock ftime timespec_get', ('*',), CLOCK,
     'the time is passed in'),
    ('localtime localtime_r mktime tzset', ('*',), CLOCK, 'a time zone is a setting, not the machine\'s'),
    ('rand rand_r random srand srandom drand48 lrand48 arc4random arc4random_buf getrandom getentropy '
     'RAND_bytes RAND_priv_bytes', ('*',), RANDOM, 'randomness is passed in'),
    ('sleep usleep nanosleep clock_nanosleep sqlite3_sleep', ('*',), (), 'nothing here sleeps'),
    ('strcpy strcat sprintf vsprintf gets strtok alloca', ('*',), (), 'it knows no bound'),
    ('assert', ('*',), (), 'bh_assert stays on'),
    ('printf fprintf vprintf vfprintf dprintf puts fputs putchar fputc perror', LIBRARIES,
     ('proto/err.c', 'server/main/*'), 'library code never prints'),
)

SQL = re.compile(
    r'^\s*select\s|\bSELECT\b|\binsert\s+(or\s+\w+\s+)?into\b|^\s*update\s+\w+\s+set\b|\bUPDATE \w+ SET\b'
    r'|\bdelete\s+from\b|\bcreate\s+(unique\s+|temp\s+|virtual\s+)?(table|index|view|trigger)\b'
    r'|\bdrop\s+(table|index|view)\b|\balter\s+table\b|^\s*pragma\s+\w|^\s*begin\s+(immediate|exclusive)\b'
    r'|^\s*(savepoint|release|rollback\s+to)\s+\w+\s*;?$|^(commit|rollback|begin);?$')
SQL_OWNERS = ('server/store/*', 'client-lib/store*', 'tests/*', 'tools/bench*', 'tools/load*')
STRINGS = re.compile(r'"(?:\\.|[^"\\\n])*"(?:\s*"(?:\\.|[^"\\\n])*")*')

CONDITIONAL = re.compile(r'^[ \t]*#[ \t]*(ifdef|ifndef|if|elif)\b([^\n]*)', re.M)
CONDITIONAL_OWNERS = ('*/platform_*', '*driver*', 'client-lib/include/*.h')
CONDITIONAL_ABOUT = re.compile(r'__cplusplus|BH_PLANTED_BUG|__SANITIZE_|__has_feature')
DEFINE = re.compile(r'^[ \t]*#[ \t]*define\b((?:[^\n]*\\\n)*[^\n]*)', re.M)


def fits(path, globs):
    return any(fnmatch.fnmatch(path, glob) for glob in globs)


def forbidden_calls(source):
    findings = []
    for names, where, owners, why in CALLS:
        if not fits(source.path, where) or fits(source.path, owners):
            continue
        call = re.compile(r'(?<![\w.>])(%s)\s*\(' % '|'.join(names.split()))
        for match in call.finditer(source.code):
            findings.append(source.at(match.start(), '%s(): %s' % (match.group(1), why)))
    return findings


def sql_text(source):
    if fits(source.path, SQL_OWNERS):
        return []
    findings = []
    for match in STRINGS.finditer(source.code_and_strings):
        text = ''.join(re.findall(r'"((?:\\.|[^"\\\n])*)"', match.group(0)))
        # The keyword patterns are lower case; prose in capitals is not SQL unless it selects.
        if SQL.search(text) or (text[:1].isupper() and SQL.search(text.lower())):
            findings.append(source.at(match.start(), 'SQL lives in the stores: "%s"' % text[:40]))
    return findings


def jumps(source):
    findings = []
    for match in re.finditer(r'\bgoto\s+(\w+)', source.code):
        if match.group(1) != 'out':
            findings.append(source.at(match.start(), 'goto %s: only to out' % match.group(1)))
            continue
        rest = source.code[match.end():]
        end = re.search(r'^}', rest, re.M)
        if not re.search(r'^\s*out:', rest[:end.start() if end else len(rest)], re.M):
            findings.append(source.at(match.start(), 'goto out: only forward'))
    return findings


def macros(source):
    return [source.at(match.start(), 'a macro hides a return or a jump')
            for match in DEFINE.finditer(source.code)
            if re.search(r'\b(return|goto)\b', match.group(1))]


def conditionals(source):
    if fits(source.path, CONDITIONAL_OWNERS):
        return []
    found = list(CONDITIONAL.finditer(source.code))
    if source.path.endswith('.h') and found and found[0].group(1) == 'ifndef':
        found = found[1:]
    return [source.at(match.start(), '#%s outside platform_*.c' % match.group(1)) for match in found
            if not CONDITIONAL_ABOUT.search(match.group(2))]


def check(tree):
    findings = []
    for source in tree.c():
        for part in (forbidden_calls, sql_text, jumps, macros, conditionals):
            findings += part(source)
    return findings


def sample(body, path='server/domain/a.c'):
    return {path: body}


SAMPLES = (
    ('asking the clock', sample('long a = time(NULL);\n'), 'time()'),
    ('asking the clock where it is owned', sample('clock_gettime(1, &a);\n', 'proto/clock_system.c'), None),
    ('a member called time', sample('a = step->time(3); b = x.clock(1); bh_time(2); uptime (3);\n'), None),
    ('a call in a comment or a string', sample('/* time(NULL) */ s = "rand()";\n'), None),
    ('the machine\'s zone', sample('localtime_r(&a, &b);\n'), 'localtime_r()'),
    ('its own randomness', sample('a = rand ();\n'), 'rand()'),
    ('its own randomness by libcrypto', sample('RAND_bytes(a, 3);\n'), 'RAND_bytes()'),
    ('a sleep in a test', sample('usleep(3);\n', 'tests/unit/domain/test_a.c'), 'usleep()'),
    ('a copy without a bound', sample('strcpy(a, b);\n'), 'strcpy()'),
    ('an assert that can be switched off', sample('assert(a);\n'), 'assert()'),
    ('the assertions that stay on', sample('bh_assert(a); _Static_assert(1, ""); assert_true(a);\n'), None),
    ('a library that prints', sample('fprintf(stderr, "x");\n'), 'fprintf()'),
    ('a program that prints', sample('fprintf(stderr, "x");\n', 'tools/bihuan.c'), None),
    ('SQL in the domain', sample('a = "INSERT INTO entry(a)"\n " VALUES (?)";\n'), 'SQL lives'),
    ('SQL in small letters', sample('a = "select a from b";\n'), 'SQL lives'),
    ('SQL over two strings', sample('a = "DELETE "\n"FROM b";\n'), 'SQL lives'),
    ('SQL in a store', sample('a = "SELECT 1";\n', 'server/store/a.c'), None),
    ('prose that selects', sample('a = "update it and select one from the list"; b = "Create a district";\n'),
     None),
    ('a jump elsewhere', sample('int a(void)\n{\n\tgoto done;\ndone:\n\treturn 1;\n}\n'), 'goto done'),
    ('a jump backward', sample('int a(void)\n{\nout:\n\tgoto out;\n}\n'), 'only forward'),
    ('a jump to out', sample('int a(void)\n{\n\tgoto out;\nout:\n\treturn 1;\n}\n'), None),
    ('a macro that returns', sample('#define A(x) \\\n\tdo { return x; } while (0)\n'), 'a macro hides'),
    ('a condition in a common file', sample('#ifdef __linux__\n#endif\n'), '#ifdef outside'),
    ('a condition where it belongs', sample('#ifdef __linux__\n#endif\n', 'client-lib/platform_linux.c'), None),
    ('a guard', sample('#ifndef BH_A_H\n#define BH_A_H\n#ifdef __cplusplus\n#endif\n#endif\n',
                       'proto/a.h'), None),
    ('a planted bug', sample('#if BH_PLANTED_BUG == 3\n#endif\n'), None),
)
