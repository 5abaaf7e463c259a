"""What tests of bihuan-handset from outside share: one call and what it said, and a server that enrolled two."""
import json
import os
import subprocess

import harness
import tap

EXITS = {0, 1, 64, 65, 69, 70, 74, 75, 77, 78}


class Said:
    """What one call said and ended with."""

    def __init__(self, done):
        self.exit = done.returncode
        self.out = done.stdout.decode('utf-8')
        self.err = done.stderr.decode('utf-8')
        assert self.exit in EXITS, f'exit {self.exit}: {self.err}'

    def rows(self):
        return [json.loads(line) for line in self.out.splitlines()]

    def fault(self):
        """The one JSON object on stderr."""
        lines = self.err.splitlines()
        assert len(lines) == 1, self.err
        return json.loads(lines[0])


def call(*words, stdin=b'', **environment):
    env = {key: value for key, value in os.environ.items()
           if key not in ('BIHUAN_STORE', 'LANG', 'LC_ALL', 'LC_MESSAGES')}
    env.update(environment)
    return Said(subprocess.run([harness.HANDSET, *map(str, words)], input=stdin, capture_output=True,
                               timeout=harness.PATIENCE_S, env=env, check=False))


class Bench:
    """A server, an enrolled worker, a unit's lead; the server can be away."""

    def __init__(self, world):
        self.world = world
        self.server = world.server
        self.folder = world.folder
        self.server.start()
        self.server.district()
        self.worker = world.handset('worker')
        self.worker.enrol(self.server.code_for('G001'))
        self.lead = world.handset('lead')
        self.lead.enrol(self.server.code_for('L-HW'))
        self.server.stop()

    def call(self, *words, **options):
        return call('--store', self.worker.store, '--json', *words, **options)

    def table(self, raw):
        path = self.folder / 'table.csv'
        path.write_bytes(raw)
        return self.call('report', '--csv', path)

    def texts(self):
        """Of all reports, the newest first."""
        return [row['text'] for row in self.worker.run('list')]


def run(module, cases):
    """Each with a Bench as the module's BENCH; gives the exit status."""
    with harness.World() as world:
        module['BENCH'] = Bench(world)
        return tap.run(cases)
