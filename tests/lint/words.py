"""What no file of this tree says: where somebody's machine keeps things, where packages come from,
how the text came about, and what is still to be done.  The tree speaks of the project alone."""
import re

# Written in pieces, so that this file does not say them either.
PLACES = (r'/wo' r'rk/', r'/tm' r'p/brief', r'/ho' r'me/\w', r'/ro' r'ot/', r'/Use' r'rs/\w')
HOSTS = (r'py' r'pi\.org', r'pythonho' r'sted\.org', r'np' r'mjs\.(org|com)', r'crates' r'\.io',
         r'proxy\.go' r'lang\.org', r'ruby' r'gems\.org', r'repo1?\.mav' r'en', r'deb\.deb' r'ian\.org',
         r'\bgh' r'cr\.io', r'\bdock' r'er\.io', r'quay' r'\.io')
ORIGINS = (r'helper ag' r'ent', r'sub-?ag' r'ent', r'session li' r'mit', r'context win' r'dow', r'\bLL' r'M\b',
           r'language mo' r'del', r'chat' r'gpt', r'\bcla' r'ude\b', r'anth' r'ropic', r'open' r'ai\b',
           r'\bcopi' r'lot\b', r'\bAI assi' r'stant', r'\bas an A' r'I\b', r'the br' r'ief says')
UNFINISHED = (r'\bTO' r'DO\b', r'\bFIX' r'ME\b', r'\bXX' r'X\b', r'\bHA' r'CK\b')
KINDS = ((PLACES, 'a path of somebody\'s machine', 0), (HOSTS, 'a host that packages come from', re.I),
         (ORIGINS, 'how the text came about', re.I), (UNFINISHED, 'work left undone', 0))


def check(tree):
    findings = []
    for words, what, flags in KINDS:
        pattern = re.compile('|'.join(words), flags)
        for source in tree.sources:
            for number, line in enumerate(source.lines, 1):
                match = pattern.search(line)
                if match:
                    findings.append('%s:%d: %s: %s' % (source.path, number, what, match.group(0)))
    return findings


SAMPLES = (
    ('plain words', {'README.md': 'Bihuan sends every report back closed; /tmp is scratch.\n'}, None),
    ('a machine\'s path', {'README.md': 'see /wo' + 'rk/x\n'}, 'somebody\'s machine'),
    ('a home folder', {'tools/a.sh': 'cd /ho' + 'me/li\n'}, 'somebody\'s machine'),
    ('a registry', {'README.md': 'from py' + 'pi.org\n'}, 'packages come from'),
    ('an origin', {'proto/a.c': '/* by the helper ag' + 'ent */\n'}, 'came about'),
    ('a promise', {'proto/a.c': '/* TO' + 'DO */\n'}, 'left undone'),
)
