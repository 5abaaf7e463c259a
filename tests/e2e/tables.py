"""Tables in a folder, and the terminal that takes them in."""
import csv
import io
import json
import pathlib
import subprocess

from district import CODE, Desk
from harness import BIHUAN, Failed

DATA_WRONG = 65


class Tables:
    """A folder of tables and the terminal that takes them in."""

    def __init__(self, world, code=CODE):
        self.folder = world.folder / f"tables-{code}"
        self.folder.mkdir()
        self.admin = world.server.admin_path
        self.code = code

    def write(self, name, rows, encoding="utf-8", end="\n"):
        text = io.StringIO()
        csv.writer(text, lineterminator=end).writerows(rows)
        path = self.folder / name
        path.write_bytes(text.getvalue().encode(encoding))
        return path

    def run(self, verb, *files, json_out=True, expect=0):
        words = [BIHUAN, "--socket", self.admin, "--district", self.code, "import", verb,
                 *map(str, files or [self.folder])]
        done = subprocess.run(words + ["--json"] * json_out, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=120, check=False)
        if done.returncode != expect:
            raise Failed(f"import {verb}: exit {done.returncode}\n{done.stdout}{done.stderr}")
        if not json_out:
            return done.stdout, done.stderr
        return json.loads(done.stderr if expect else done.stdout)

    def apply(self, *files):
        return self.run("apply", *files)


def changed(answer, name):
    return {kind: count for kind, count in answer["changes"][name].items() if count and kind != "kept"}


def faults(refusal):
    return [(pathlib.Path(one["file"]).name if one["file"] else None, one["line"], one["column"], one["message"])
            for one in refusal["errors"]]


def served(world):
    world.server.start().district()
    return Desk(world.server), Tables(world)
