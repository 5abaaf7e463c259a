#!/usr/bin/python3
"""A data folder of another user's: what would make a district that its server cannot read is refused, and a server that
cannot look at a district does not start without it."""
import os
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
import tap
from district import CODE, sync
from expect import cases_of, equal
from harness import BIHUAN, BIHUAND, World
from test_backup import back_up, begin, photo

USER = 64123  # nobody here has it
NO_RIGHT, SETTING = 77, 78


def give(folder, user):
    for path in [folder, *folder.rglob("*")]:
        os.chown(path, user, user, follow_symlinks=False)


def run(*words, user=0):
    wrapper = ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups"] if user else []
    done = subprocess.run([*wrapper, *map(str, words)], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60,
                          check=False)
    return done.returncode, done.stdout + done.stderr


def test_a_district_of_another_user_is_neither_restored_nor_passed_over():
    if os.geteuid() != 0:
        raise tap.Skip("needs root: files are given to another user")
    with World() as world:
        desk, (handset,) = begin(world, "G001")
        photo(world, handset, 1)
        sync(handset)
        backup, _ = back_up(world)
        world.server.stop()
        server, data = world.server, world.server.data
        for folder in (world.folder, server.folder, backup.parent):
            folder.chmod(0o755)
        give(data, USER)
        give(backup, USER)
        os.chown(server.folder, USER, USER)
        restore = [BIHUAN, "restore", backup, "--to", data, "--replace"]
        status, said = run(*restore)
        equal((status, "it belongs to another user" in said), (NO_RIGHT, True), "a restore by another than the server's user")
        equal(run(*restore, user=USER)[0], 0, "a restore by the server's user")
        check = [BIHUAND, "--check", "-c", server.config_path]
        equal(run(*check, user=USER)[0], 0, f"a check by the server's user: {run(*check, user=USER)}")
        status, said = run(*check)
        equal((status, "belongs to another user" in said), (SETTING, True), "a check by another")
        give(data / CODE, 0)
        (data / CODE).chmod(0o700)
        for words in (check, [BIHUAND, "-c", server.config_path]):
            status, said = run(*words, user=USER)
            equal((status != 0, CODE in said and "its folder keeps this user out" in said), (True, True), f"{words[1]}: {said}")


if __name__ == "__main__":
    sys.exit(tap.run(cases_of(globals())))
