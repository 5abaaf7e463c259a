#!/usr/bin/python3
"""E07: a data folder of another user's: what would make a district that its server cannot read is refused, root makes and rolls
what is that user's, and a server that cannot look at a district does not start without it."""
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


def strangers(data):
    """What the folder's user does not own."""
    return [str(path.relative_to(data)) for path in [data, *data.rglob("*")] if path.lstat().st_uid != USER]


def given(world):
    """A district with a backup, all of it another user's; root may look."""
    desk, (handset,) = begin(world, "G001")
    photo(world, handset, 1)
    sync(handset)
    backup, _ = back_up(world)
    world.server.stop()
    for folder in (world.folder, world.server.folder, backup.parent):
        folder.chmod(0o755)
    give(world.server.data, USER)
    give(backup, USER)
    os.chown(world.server.folder, USER, USER)
    return handset, backup


def needs_root():
    if os.geteuid() != 0:
        raise tap.Skip("needs root: files are given to another user")


def test_a_district_of_another_user_is_neither_restored_nor_passed_over():
    needs_root()
    with World() as world:
        _, backup = given(world)
        server, data = world.server, world.server.data
        for folder in (data, backup):
            for path in (folder, *folder.rglob("*")):
                path.chmod(path.stat().st_mode | (0o055 if path.is_dir() else 0o044))
        restore = [BIHUAN, "restore", backup, "--to", data, "--replace"]
        before = sorted(data.rglob("*"))
        status, said = run(*restore, user=USER + 1)
        equal((status, "it belongs to another user" in said), (NO_RIGHT, True), "a restore by another than the server's user")
        equal(sorted(data.rglob("*")), before, "what lies there after that")
        give(data, USER)
        equal(run(*restore, user=USER)[0], 0, "a restore by the server's user")
        check = [BIHUAND, "--check", "-c", server.config_path]
        equal(run(*check, user=USER)[0], 0, f"a check by the server's user: {run(*check, user=USER)}")
        status, said = run(*check)
        equal((status, "belongs to another user" in said), (SETTING, True), "a check by another")
        status, said = run(BIHUAN, "keys", "roll-server", data / CODE, user=USER + 1)
        equal((status, "belongs to another user" in said), (NO_RIGHT, True), "a roll of keys by another")
        give(data / CODE, 0)
        (data / CODE).chmod(0o700)
        for words in (check, [BIHUAND, "-c", server.config_path]):
            status, said = run(*words, user=USER)
            equal((status != 0, CODE in said and "its folder keeps this user out" in said), (True, True), f"{words[1]}: {said}")


def test_what_root_restores_is_given_to_whom_the_folder_belongs():
    needs_root()
    with World() as world:
        handset, backup = given(world)
        server, data = world.server, world.server.data
        elsewhere, mine = world.folder / "elsewhere", data / "mine"
        elsewhere.write_text("root's")
        mine.write_text("root's, and nobody's district")
        (data / CODE / "link").symlink_to(elsewhere)
        os.link(elsewhere, data / CODE / "hard")  # what is root's elsewhere is not given away
        restore = [BIHUAN, "restore", backup, "--to", data, "--replace"]
        (world.folder / "no-keys").mkdir()
        status, said = run(*restore, "--keys", world.folder / "no-keys")
        equal((status, "the district's key is not there" in said), (65, True), f"a restore that fails: {said}")
        equal(strangers(data), ["mine", f"{CODE}/hard"], "root's after a restore that failed")
        (data / CODE / "hard").unlink()
        equal(run(*restore, "--dry-run")[0], 0, "a dry run by root")
        equal(strangers(data), ["mine"], "root's after a dry run")
        keys, theirs = data / CODE / "keys", world.folder / "theirs"
        keys.rename(theirs)
        keys.symlink_to(theirs)
        equal(run(*restore)[0] != 0, True, "a restore by root with keys that a link leads to")
        keys.unlink()
        theirs.rename(keys)
        equal(strangers(data), ["mine"], "root's after that")
        link = world.folder / "a-link-to-it"
        link.symlink_to(data)
        status, said = run("env", "LC_ALL=zh_CN.UTF-8", BIHUAN, "restore", backup, "--to", link, "--replace")
        equal((status, "各终端同步时补回其所保存的内容" in said), (0, True), f"a restore by root: {said}")
        equal(strangers(data), ["mine"], "root's after a restore")
        equal([path.lstat().st_uid for path in (elsewhere, mine)], [0, 0], "what is no part of the district")
        mine.unlink()
        give(server.folder, USER)
        server.wrapper = ["setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups"]
        server.start()
        sync(handset)
        equal(handset.one("status")["unsent_ops"], 0, "what waits after a session with the server's user")
        server.stop()


def test_keys_that_root_rolls_are_the_servers_users():
    needs_root()
    with World() as world:
        handset, _ = given(world)
        server, data = world.server, world.server.data
        keys, safe = data / CODE / "keys", world.folder / "safe"
        safe.mkdir(mode=0o700)
        (keys / "backup-ca.key").rename(safe / "backup-ca.key")
        os.chown(safe / "backup-ca.key", 0, 0)
        # What a planted link leads to is what its planter may touch, and no more.
        mine = world.folder / "mine"
        mine.mkdir()
        (mine / "file").write_text("root's")
        (data / CODE / "keys.roll").symlink_to(mine)
        equal(run(BIHUAN, "keys", "roll-server", data / CODE)[0] != 0, True, "a roll where a link was planted")
        equal((mine / "file").read_text(), "root's", "what the link leads to")
        (data / CODE / "keys.roll").unlink()
        # As the unit's folder of states lies: nobody but root gets there.
        server.folder.chmod(0o700)
        os.chown(server.folder, 0, 0)
        link = world.folder / "a-link-to-it"
        link.symlink_to(data)
        for words in (["keys", "roll-server"], ["keys", "roll-bundle"], ["seal-key", "roll"]):
            before = {path.name: path.read_bytes() for path in keys.iterdir()}
            status, said = run(BIHUAN, *words, link / CODE)
            equal(status, 0, f"{words} by root: {said}")
            equal({path.name: path.read_bytes() for path in keys.iterdir()} != before, True, f"{words}: the keys")
        status, said = run(BIHUAN, "keys", "roll-ca", link / CODE, "--backup-key", safe / "backup-ca.key", "--force")
        equal((status, (keys / "backup-ca.key").exists()), (0, True), f"a roll of the CA by root: {said}")
        status, said = run(BIHUAN, "keys", "roll-ca", link / CODE)
        equal((status, "of 1 handsets" in said), (1, True), f"handsets are counted for root, too: {said}")
        equal(strangers(data), [], "root's after the rolls")
        server.folder.chmod(0o755)
        give(server.folder, USER)
        server.wrapper = ["setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups"]
        server.start()
        sync(handset)
        equal(handset.one("status")["unsent_ops"], 0, "what waits after a session with the new keys")
        server.stop()


if __name__ == "__main__":
    sys.exit(tap.run(cases_of(globals())))
