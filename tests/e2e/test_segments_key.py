"""Keys over a restore that goes on by segments (I2, D05): what a desk or an operator did after the backup was shipped, and
its answer was lost with the disk; who asks again under the same key is told what was told then, and it happens once."""
import json
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
import tap
from district import ACCEPTOR, CODE, UNIT
from expect import cases_of, equal
from test_backup import back_up, begin, restore
from test_keys import same
from test_register import CASES, KEY, MATTER, POTHOLE, registered
from test_segments import Shipping, lose_the_disk, numbers

D = f"/districts/{CODE}"


def test_what_a_key_did_after_the_backup_is_done_once_over_a_restore_by_segments():
    with Shipping() as world:
        desk, _ = begin(world, "G001")
        server = world.server
        backup, made = back_up(world)
        words = ("--text=路灯不亮", f"--type={POTHOLE}", f"--key={KEY}")
        terminal = registered(server, *words)
        asked = [(CASES, MATTER, ACCEPTOR, "first"), (f"{CASES}/{terminal['number']}/dispatch",
                 {"unit": UNIT, "condition": "none-of-them"}, "D001", "second"),
                 (f"{D}/people/G002/enrolment", {"ttl_minutes": 30}, None, "third")]
        told = [server.ask("POST", path, body, acting=acting, key=key) for path, body, acting, key in asked]
        equal([answer.status < 300 for answer in told], [True] * 3, [answer.text for answer in told])
        world.shipped()
        cases, entries = numbers(desk), desk.stats()["entries"]
        server.kill()
        keys = lose_the_disk(world)
        done, _ = restore(world, backup, "--segments", world.share, "--keys", keys)
        equal(done["gained_entries"], entries - made["entries"], "all of it is there again")
        server.start()
        entries = desk.stats()["entries"]
        again = registered(server, *words)
        equal((again["number"], again["at"], again["repeat"]), (terminal["number"], terminal["at"], True), "at the terminal")
        for (path, body, acting, key), first in zip(asked, told):
            last = server.ask("POST", path, body, acting=acting, key=key)
            for answer in (first, last):
                answer.json.pop("case", None)  # as it stands now
            same(first, last, path)
        other = server.ask("POST", CASES, {**MATTER, "text": "另一件"}, acting=ACCEPTOR, key="first")
        equal((other.status, other.json["code"]), (422, "key"), "with another request")
        equal((numbers(desk), desk.stats()["entries"]), (cases, entries), "nothing happened twice")
        desk.verify()
        server.stop()


def test_a_key_that_found_nothing_to_change_is_asked_again_and_finds_the_same():
    with Shipping() as world:
        desk, _ = begin(world, "G001")
        server = world.server
        backup, _ = back_up(world)
        profile = json.dumps(server.must("GET", f"{D}/profile"))
        first = server.must("POST", f"{D}/profile?apply=1", profile, key="fourth")
        equal((first["differs"], server.must("POST", f"{D}/profile?apply=1", profile, key="fourth")["repeat"]), (False, True),
              "nothing to change, and it is known")
        world.shipped()
        entries = desk.stats()["entries"]
        server.kill()
        restore(world, backup, "--segments", world.share, "--replace")
        server.start()
        equal(server.must("POST", f"{D}/profile?apply=1", profile, key="fourth")["differs"], False, "nor after the restore")
        equal(desk.stats()["entries"], entries + 1, "the restore's own entry alone is new")
        server.stop()


if __name__ == "__main__":
    sys.exit(tap.run(cases_of(globals())))
