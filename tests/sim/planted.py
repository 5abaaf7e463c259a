"""Plants each known bug, one at a time, and shows that the simulator catches it.

    planted.py BH_SIM BUILD_DIR [BUG...]

A bug is a branch of the sources under BH_PLANTED_BUG.  Only the files that name it are compiled anew,
with the flags of the build, and linked before the build's own archives.  Seeds are run until one
fails; the same seed must pass without the bug.
"""
import concurrent.futures
import json
import os
import re
import shlex
import subprocess
import sys
import tempfile
import threading

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.dirname(HERE))
import tap  # noqa: E402

SEEDS_MAX = 48
# A seed that notices it where seed 1 does not: tried first.  Where another seed was the first to, `first tried` is said.
FIRST = {4: 4, 5: 3, 6: 3, 26: 3, 31: 2, 32: 3, 41: 3, 44: 2, 51: 4, 53: 2, 54: 12, 55: 11, 56: 2, 57: 2, 58: 3, 62: 2, 70: 3,
         71: 5, 74: 7, 76: 5}
FOLDERS = ('client-lib', 'server/domain', 'server/store', 'server/sync')
WHAT = {
    1: "the handset's synchronous=NORMAL",
    2: 'the cursor moves before its records',
    3: 'a push counts as acknowledged',
    4: 'a closure is received twice',
    5: 'a photo is let go once its report is accepted',
    6: 'what the server holds of a photo is believed to be ours',
    7: 'a photo is recorded before it is durable',
    10: 'an accepted return has no due time',
    11: 'a breach is not remembered',
    12: 'a redirected case never leaves its unit',
    13: 'a suspension gives the limit back that was used',
    14: 'a closed case is archived too early',
    15: 'half of those merged into a case are not told how it ended',
    16: 'a threshold is not remembered',
    17: 'a reminder does not wait for working hours',
    18: 'a task that lapses leaves its case waiting for it',
    19: 'a lead finishes before its helpers',
    20: "the server's synchronous=NORMAL",
    21: 'a repeat is decided again',
    22: 'a scope row keeps its old position',
    23: 'a failed commit passes for a good one',
    24: 'the device is not looked at in the transaction',
    25: 'a photo is whole before it is durable',
    26: 'a photo is whole by its length',
    27: 'a group that is run again tells nobody',
    30: 'acknowledged before the commit',
    31: 'the feed skips the next position',
    32: 'fed before it is kicked',
    33: "the handset's clock is believed",
    34: 'a photo is complete before its entry',
    40: 'a restore begins no new epoch',
    41: 'a receipt is believed without its MAC',
    42: 'an op that was acknowledged is dropped',
    43: 'what was revoked since the backup is not revoked again',
    44: 'what is given again goes with what is new',
    50: 'a key that was replaced is not kept from a restore',
    51: 'the old key is forgotten before the server has the new one',
    52: 'what is put away is let in',
    53: 'what is let in is no news to who reported it',
    54: 'what is let in has its photos before they came',
    55: 'what is let in is not asked for its photos',
    56: 'cargo is what it is called by its length',
    57: 'cargo is carried before it is durable',
    58: 'what a refusal threw back is not pushed again',
    62: 'a store is said to be sealed before it is',
    66: 'where two histories part, the older one is followed',
    67: "a replay does not write its logs' heads",
    68: 'numbers that desks gave out before a restore are given out again',
    70: "what a unit's people finish on a handset needs no lead",
    71: 'a paper that was withdrawn counts',
    72: "nothing says that a paper's file is here",
    73: 'what a handset finishes at a place that repeats is no repeat',
    74: 'what repeats is closed unchecked',
    75: 'a step begins when the one before it did',
    76: 'a handset without a network is late by its arrival',
    77: 'every district draws the same sample',
    78: 'who was checked is who is audited',
    79: "a restore by segments forgets callers' keys",
}


def bugs():
    """{number: [source, ...]} as the sources name them; headers only declare."""
    found = {}
    for folder in FOLDERS:
        for name in sorted(os.listdir(os.path.join(TOP, folder))):
            path = os.path.join(folder, name)
            if not name.endswith('.c'):
                continue
            with open(os.path.join(TOP, path), encoding='utf-8') as source:
                for number in set(re.findall(r'BH_PLANTED_BUG [!=]= (\d+)', source.read())):
                    found.setdefault(int(number), []).append(path)
    return found


class Build:
    def __init__(self, program, folder):
        self.program, self.folder = program, folder
        with open(os.path.join(folder, 'compile_commands.json'), encoding='utf-8') as commands:
            self.commands = {
                os.path.relpath(os.path.join(folder, one['file']), TOP): one['command'] for one in json.load(commands)}
        target = os.path.relpath(program, folder)
        lines = subprocess.run(['ninja', '-C', folder, '-t', 'commands', target], check=True, text=True,
                               stdout=subprocess.PIPE).stdout.splitlines()
        self.link = shlex.split(lines[-1])

    def plant(self, number, sources, scratch):
        objects = []
        for source in sources:
            words = shlex.split(self.commands[source])
            objects.append(os.path.join(scratch, source.replace('/', '_') + '.o'))
            words[words.index('-o') + 1] = objects[-1]
            words[words.index('-MF') + 1] = objects[-1] + '.d'  # the build's own is left as it is
            words = [word for word in words if not word.startswith('-Werror')]
            run(words + ['-DBH_PLANTED_BUG=%d' % number], self.folder)
        words = list(self.link)
        words[words.index('-o') + 1] = os.path.join(scratch, 'bh_sim')
        run(words[:1] + objects + words[1:], self.folder)
        return os.path.join(scratch, 'bh_sim')


def run(words, folder):
    done = subprocess.run(words, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode != 0:
        raise tap.Fault(done.stdout)


def seed_fails(program, seed):
    """None when the seed passes, else what was said."""
    done = subprocess.run([program, '--seed', str(seed), '--kinds', '0'], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode == 0:
        return None
    said = [line for line in done.stdout.splitlines() if 'FAILED' in line or 'ssert' in line]
    return said[-1] if said else 'it ended with %d' % done.returncode


class Clean:
    """What seeds say without a bug; each is run once."""

    def __init__(self, program):
        self.program, self.said, self.lock = program, {}, threading.Lock()

    def must_pass(self, seed):
        with self.lock:
            if seed not in self.said:
                self.said[seed] = seed_fails(self.program, seed)
        if self.said[seed] is not None:
            raise tap.Fault('seed %d fails without the bug, too: %s' % (seed, self.said[seed]))


def caught(build, clean, number, sources):
    """Where it was noticed, and what was said."""
    with tempfile.TemporaryDirectory() as scratch:
        planted = build.plant(number, sources, scratch)
        first = FIRST.get(number, 1)
        for seed in [first] + [seed for seed in range(1, SEEDS_MAX + 1) if seed != first]:
            said = seed_fails(planted, seed)
            if said is not None:
                clean.must_pass(seed)
                tried = '' if seed == first else ' (first tried: %d)' % first
                return '# bug %d, seed %d%s: %s' % (number, seed, tried, said.lstrip('# '))
    raise tap.Fault('no seed up to %d noticed it' % SEEDS_MAX)


def main():
    build = Build(os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2]))
    found, clean = bugs(), Clean(build.program)
    chosen = [int(word) for word in sys.argv[3:]] or sorted(found)
    cases = [('there are ten at least', lambda: enough(found))]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for number in chosen:
            told = pool.submit(caught, build, clean, number, found[number])
            cases.append(('bug %d is caught: %s' % (number, WHAT.get(number, 'unnamed')),
                          lambda told=told: print(told.result(), flush=True)))
        return tap.run(cases)


def enough(found):
    assert len(found) >= 10 and set(found) == set(WHAT), sorted(found)


if __name__ == '__main__':
    sys.exit(main())
