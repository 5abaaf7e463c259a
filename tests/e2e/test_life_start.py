"""bihuand before it serves: its options, the check of its configuration, and what refuses to start, with which words
and which status."""
import hashlib
import os
import pathlib
import socket
import stat
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
import tap
from district import CODE, Desk, report, sync
from expect import AGAIN, CONFIG, STORAGE, USAGE, cases_of, ends, equal, holds
from harness import BIHUAN, BIHUAND, HANDSET, Failed, Server, World


def run(*words, **options):
    return subprocess.run([BIHUAND, *map(str, words)], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          timeout=30, check=False, **options)


def picture(folder):
    """Every file below a folder: name, kind, mode, content, times."""
    found = {}
    for path in sorted(pathlib.Path(folder).rglob("*")):
        info = path.lstat()
        content = hashlib.sha256(path.read_bytes()).hexdigest() if stat.S_ISREG(info.st_mode) else ""
        found[str(path)] = (info.st_mode, content, info.st_mtime_ns, info.st_ino)
    return found


def settled(world):
    """A district with one accepted report, stopped; gives the number."""
    world.server.start().district()
    handset = world.handset("G001")
    handset.enrol(world.server.code_for("G001"))
    number = report(handset)
    sync(handset)
    world.server.stop()
    return number


# ---- Options and --check


def test_options_help_version_and_what_is_not_an_option():
    told = run("--help")
    equal(told.returncode, 0, "--help")
    holds(told.stdout, "--check", "--config FILE", "--version")
    equal(run("-V").stdout.split()[0], "bihuand", "-V")
    for words in (["--lisen"], ["-c"], ["surplus"]):
        wrong = run(*words)
        equal(wrong.returncode, USAGE, f"{words}")
        if not wrong.stderr or wrong.stdout:
            raise Failed(f"{words}: {wrong}")


def test_each_word_of_the_terminals_is_one_thing():
    for program in (BIHUAN, HANDSET):
        told = subprocess.run([program, "--help"], capture_output=True, text=True, check=True,
                              env={**os.environ, "LC_ALL": "C"}).stdout
        # A verb's row is "  verb [ARGUMENT]  what it does"; of two words a verb's first stands in many.
        words = [line[2:27].rstrip().rstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ[] .").strip() for line in told.splitlines()
                 if line[:2] == "  " and line[2:3].islower()]
        holds(" ".join(words), "queue" if program == BIHUAN else "report")
        equal(sorted({word for word in words if words.count(word) > 1}), [], f"words of {program} that stand twice")


def test_check_of_a_right_file_says_so_and_touches_nothing():
    with World() as world:
        settled(world)
        before = picture(world.folder)
        done = run("--check", "-c", world.server.config_path)
        equal((done.returncode, done.stdout.strip()), (0, f"{world.server.config_path} is right"), "--check")
        equal(picture(world.folder), before, "the folder after --check")


FAULTS = [
    ('lisen = "127.0.0.1:1"', ["bihuan.conf:3: no such option 'lisen'"]),
    ("loops = many", ["bihuan.conf:3: ", "loops"]),
    ("loops = 0", ["loops is 0, needs 1 to 32"]),
    ("connections-max = 5\nadmit-per-second = 0", ["admit-per-second is 0, needs 1 to 100000"]),
    ("connections-max = 5\nadmit-per-second = 50", ["admit-per-second (50) is above connections-max (5)"]),
    ('log-level = "loud"', ["log-level is 'loud', needs error, warning, info or debug"]),
    ('metrics = "0.0.0.0:9000"', ["metrics: 0.0.0.0:9000 is not a loopback address"]),
    ('listen = "127.0.0.1:9000"\nmetrics = "127.0.0.1:9000"', ["metrics and listen name the same address"]),
    ('public = "host:0x"', ["public is 'host:0x', needs host:port"]),
    ("test-due-divisor = 0\nloops = 99", ["test-due-divisor is 0", "loops is 99"]),
    ("listen = {", ["bihuan.conf:3: "]),
    ('lisen = "x"\nloops = many\nlog-level = "loud"',
     ["bihuan.conf:3: no such option 'lisen'", "bihuan.conf:4: ", "bihuan.conf:5: log-level is 'loud'"]),
    ('listen = "99999"', ["bihuan.conf:3: listen is '99999', needs port"]),
    ('listen = "abc:def"', ["listen is 'abc:def'"]),
    ('listen = ""', ["listen is ''"]),
    ('listen = "127.0.0.1:7443x"', ["listen is '127.0.0.1:7443x'"]),
    ('metrics = "127.0.0.1:99999"', ["metrics is '127.0.0.1:99999', needs a loopback address with a port"]),
    ('metrics = "127.0.0.1"', ["metrics is '127.0.0.1'"]),
    ('public = "a b"', ["public is 'a b', needs host:port"]),
    ('admin = "/nowhere/admin.sock"', ["bihuan.conf:3: admin: /nowhere: No such file or directory"]),
]


def test_I01_check_names_every_fault_exits_78_and_touches_nothing():
    with World() as world:
        settled(world)
        path = world.folder / "bihuan.conf"
        head = f'data = "{world.server.data}"\nadmin = "{world.server.admin_path}"\n'
        for text, words in FAULTS:
            path.write_text(head + text + "\n")
            before = picture(world.folder)
            for done in (run("--check", "-c", path), run("-c", path)):
                equal(done.returncode, CONFIG, text)
                equal(done.stdout, "", text)
                holds(done.stderr, *words)
            equal(picture(world.folder), before, f"the folder after checking {text!r}")
        path.write_text(f'data = "{world.folder}/nowhere"\nadmin = ""\n')
        done = run("--check", "-c", path)
        equal(done.returncode, CONFIG, "two relations at once")
        holds(done.stderr, f"{path}:1: data: {world.folder}/nowhere: No such file or directory",
              f"{path}:2: admin: a path is needed")
        done = run("--check", "-c", world.folder / "none.conf")
        equal((done.returncode, done.stderr.strip()),
              (CONFIG, f"{world.folder}/none.conf: No such file or directory"), "a file that is not there")
        done = run("--check", "-c", world.folder)
        equal((done.returncode, done.stderr.strip()), (CONFIG, f"{world.folder}: is a folder, not a file"), "a folder")


# ---- What refuses to start


def test_a_second_bihuand_on_the_same_folder_is_told_so_with_75():
    with World() as world:
        server = world.server.start()
        server.district()
        other = Server(world.folder / "other", metrics="127.0.0.1:0")
        other.data = server.data
        ends(other, AGAIN, f"{CODE}: error: cannot be served", "another process has it open")
        other.data = world.folder / "empty"
        other.data.mkdir()
        other.admin_path = server.admin_path
        ends(other, AGAIN, "another bihuand answers there")
        equal(server.ask("GET", "/status").status, 200, "the first one's status")
        server.stop()


def test_a_taken_address_is_named_with_its_reason():
    with World() as world, socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        world.server.config["listen"] = f"127.0.0.1:{taken.getsockname()[1]}"
        ends(world.server, AGAIN, f"cannot listen on {world.server.config['listen']}: Address already in use")


def test_I08_keys_that_others_can_read_or_that_are_gone_are_refused_with_78():
    with World() as world:
        settled(world)
        keys = world.server.data / CODE / "keys"
        for name in ("ca.key", "server.key", "receipt.mac"):
            os.chmod(keys / name, 0o640)
            ends(world.server, CONFIG, f"{CODE}: error: cannot be served", f"keys/{name} can be read by others")
            os.chmod(keys / name, 0o600)
        for name in ("ca.key", "server.key", "receipt.mac", "server.crt", "backup-ca.pin"):
            (keys / name).rename(world.folder / name)
            ends(world.server, CONFIG, f"keys/{name}")
            (world.folder / name).rename(keys / name)
        world.server.start().stop()


def test_I08_check_names_every_district_whose_keys_the_server_would_refuse():
    with World() as world:
        server = world.server.start()
        for code in ("990101", "990102", "990103"):
            server.must("POST", "/districts", {"code": code})
        server.stop()
        folder = server.data
        equal(run("--check", "-c", server.config_path).returncode, 0, "--check of good keys")
        os.chmod(folder / "990101/keys/server.key", 0o644)
        os.chmod(folder / "990102/keys/ca.key", 0o600)
        (folder / "990102/keys/ca.key").write_text("garbage\n")
        (folder / "990103/keys/server.crt").write_bytes((folder / "990101/keys/server.crt").read_bytes())
        before = picture(world.folder)
        done = run("--check", "-c", server.config_path)
        equal((done.returncode, done.stdout), (CONFIG, ""), "--check of bad keys")
        equal(done.stderr.splitlines(),
              [f"{folder}/990101: keys/server.key can be read by others: chmod 600 it",
               f"{folder}/990102: keys/ca.key does not hold what it should",
               f"{folder}/990103: keys/server.crt does not belong to keys/server.key"], "what --check says")
        equal(picture(world.folder), before, "the folder after --check")
        ends(server, CONFIG, "990101: error: cannot be served")


def test_E07_a_database_that_is_no_district_or_broken_or_newer_is_refused():
    with World() as world:
        settled(world)
        path = world.server.data / CODE / "district.db"
        whole = path.read_bytes()
        for beside in path.parent.glob("district.db-*"):
            beside.unlink()  # what its log of writes still holds would mend the file
        ruined = [
            (b"", "an empty file", STORAGE, ["district.db is empty"]),
            (b"not a database at all, only words" * 400, "words", STORAGE, [f"{CODE}: error: cannot be served"]),
            (whole[:4096] + os.urandom(len(whole) - 4096), "pages of noise", STORAGE, [f"{CODE}: error: "]),
            (whole[:len(whole) // 2 // 4096 * 4096], "half of it", STORAGE, [f"{CODE}: error: "]),
        ]
        for content, what, status, words in ruined:
            path.write_bytes(content)
            ends(world.server, status, *words)
            if path.read_bytes() != content:
                raise Failed(f"{what}: the file was changed")
        path.write_bytes(whole)
        newer = whole[:60] + (999).to_bytes(4, "big") + whole[64:]
        path.write_bytes(newer)
        ends(world.server, STORAGE, "the file was written by a newer program")
        path.write_bytes(whole)
        world.server.start()
        equal(Desk(world.server).verify()["cases"], 1, "cases after all that")
        world.server.stop()


def test_E07_a_symlinked_database_is_refused():
    with World() as world:
        settled(world)
        path = world.server.data / CODE / "district.db"
        path.rename(world.folder / "elsewhere.db")
        path.symlink_to(world.folder / "elsewhere.db")
        ends(world.server, CONFIG, "district.db is a symbolic link")
        done = run("--check", "-c", world.server.config_path)
        equal((done.returncode, "district.db is a symbolic link" in done.stderr), (CONFIG, True), f"--check: {done.stderr}")


def test_E07_a_read_only_data_folder_is_refused():
    with World() as world:
        settled(world)
        folder = str(world.server.data)
        if os.geteuid() != 0 or subprocess.run(["mount", "--bind", folder, folder], check=False,
                                               capture_output=True).returncode != 0:
            raise tap.Skip("needs root that may mount: a read-only file system is mounted over the data folder")
        try:
            subprocess.run(["mount", "-o", "remount,bind,ro", folder], check=True)
            ends(world.server, CONFIG, f"data: {folder}: Read-only file system")
            done = run("--check", "-c", world.server.config_path)
            equal(done.returncode, CONFIG, "--check on a read-only folder")
        finally:
            subprocess.run(["umount", folder], check=True)
        world.server.start().stop()


if __name__ == "__main__":
    sys.exit(tap.run(cases_of(globals())))
