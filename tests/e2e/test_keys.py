"""Idempotency keys of what runs a district, over kill -9 and restart: each request happens once and is told the same.

The moments of the kills are random; whatever they hit, what is checked holds.  BH_SEED repeats a run's choices.
"""
import json
import os
import pathlib
import random
import signal
import subprocess
import sys
import threading

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
import tap
from district import AWAY, CODE, Desk, report, sync
from expect import cases_of, equal
from harness import BIHUAN, DEMO, Failed, World, until

SEED = int(os.environ.get("BH_SEED") or random.SystemRandom().randrange(1 << 32))
D = f"/districts/{CODE}"


def entries(server):
    return server.must("GET", D)["entries"]


def same(first, answer, what):
    """The same answer, which says that it is a repeat."""
    equal(answer.status, first.status, f"{what}: {answer.text}")
    equal(answer.json["repeat"], True, f"{what}: repeat of {answer.text}")
    equal({**answer.json, "repeat": None}, {**first.json, "repeat": None}, what)


def through_a_kill(server, rng, path, body, key):
    """Asks, kills the server within some milliseconds, and asks until it is done; gives the answer."""
    lost = []

    def ask():
        try:
            lost.append(server.ask("POST", path, body, key=key))
        except AWAY:
            pass  # killed before it answered

    thread = threading.Thread(target=ask)
    thread.start()
    thread.join(rng.choice((0.0, 0.002, 0.004, 0.008, 0.016, 0.2)))
    server.kill()
    thread.join(60)
    server.start()
    done = server.ask("POST", path, body, key=key)
    if lost and lost[0].status < 300:
        same(lost[0], done, f"{path} after a kill")
    return done


def test_D05_a_district_is_run_by_requests_that_happen_once():
    print(f"# seed {SEED}", flush=True)
    rng = random.Random(SEED)
    profile = json.loads((DEMO / "profile.json").read_text())
    with World() as world:
        server = world.server.start()
        server.district()
        for n in range(8):
            before = entries(server)
            name = f"第{n}版"
            for path, body in ((f"{D}/profile?apply=1", json.dumps({**profile, "name": name})),
                               (f"{D}/people/G00{n % 4 + 1}/enrolment", {"ttl_minutes": 30 + n})):
                first = through_a_kill(server, rng, path, body, f"round {n}")  # one key, refused for the second
                if "enrolment" in path:
                    equal((first.status, first.json["code"]), (422, "key"), first.text)
                    first = through_a_kill(server, rng, path, body, f"code {n}")
                equal(first.status in (200, 201), True, f"{path}: {first.text}")
                same(first, server.ask("POST", path, body, key=f"{'code' if 'enrolment' in path else 'round'} {n}"), path)
            equal(entries(server), before + 2, f"entries of round {n}")
            equal(server.must("GET", f"{D}/profile")["name"], name, "the profile in force")
        late = server.ask("POST", f"{D}/profile?apply=1", json.dumps({**profile, "name": "第0版"}), key="round 0")
        equal((late.status, late.json["applied"], late.json["repeat"]), (200, True, True), late.text)
        equal(server.must("GET", f"{D}/profile")["name"], "第7版", "the profile after a late repeat")
        Desk(server).verify()
        server.stop()


def test_D05_a_code_is_told_again_works_once_and_then_says_who_used_it():
    rng = random.Random(SEED)
    with World() as world:
        server = world.server.start()
        server.district()
        path = f"{D}/people/G001/enrolment"
        told = through_a_kill(server, rng, path, {}, "for G001")
        equal(told.json["device"], None, "nobody has used it yet")
        for person, key in (("G002", "for G001"), ("G001", "k" * 201)):
            answer = server.ask("POST", f"{D}/people/{person}/enrolment", {}, key=key)
            equal((answer.status in (400, 422), answer.json["code"]), (True, "key"), answer.text)
        handset = world.handset("G001")
        handset.enrol(told.json["payload"])
        number = report(handset)
        sync(handset)
        server.kill()
        server.start()
        again = server.ask("POST", path, {}, key="for G001")
        equal({**again.json, "device": None, "repeat": None}, {**told.json, "repeat": None}, "the same code")
        equal(again.json["device"], 1, "the handset that used it")
        world.handset("late").run("enrol", told.json["payload"], "--wait", "2", expect=None)
        equal(len(Desk(server).get("/devices")["items"]), 1, "a used code lets nobody in")
        revoked = through_a_kill(server, rng, f"{D}/devices/1/revoke", {"reason": "丢失"}, "lost phone")
        equal((revoked.status, revoked.json["state"]), (200, "revoked"), revoked.text)
        head = entries(server)
        same(revoked, server.ask("POST", f"{D}/devices/1/revoke", {"reason": "丢失"}, key="lost phone"), "revoke")
        other = server.ask("POST", f"{D}/devices/1/revoke", {"reason": "坏"}, key="lost phone")
        equal((other.status, other.json["code"]), (422, "key"), other.text)
        equal(entries(server), head, "entries after all repeats")
        equal(Desk(server).case(number)["number"], number, "the case is there")
        no_doubt = server.ask("POST", f"{D}/clock/confirm", {}, key="clock")
        equal(no_doubt.status, 409, no_doubt.text)
        secret = told.json["code"].encode()
        for file in server.data.rglob("district.db*"):
            equal(secret in file.read_bytes(), False, f"the code in {file.name}")
        Desk(server).verify()
        server.stop()


def test_C08_a_district_is_made_once_under_its_key_whenever_the_process_dies():
    rng = random.Random(SEED)
    with World() as world:
        server = world.server.start()
        for n in range(8):
            body = {"code": f"99{n:04d}"}
            made = through_a_kill(server, rng, "/districts", body, f"made {n}")
            equal((made.status, made.json["code"]), (201, body["code"]), made.text)
            server.kill()
            server.start()
            same(made, server.ask("POST", "/districts", body, key=f"made {n}"), "made again")
            without = server.ask("POST", "/districts", body)
            equal((without.status, without.json["code"]), (409, "exists"), without.text)
            other = server.ask("POST", "/districts", {"code": "990999"}, key=f"made {n}")
            equal((other.status, other.json["code"]), (422, "key"), other.text)
            equal(len(server.must("GET", "/districts")["items"]), n + 1, "districts served")
            Desk(server, body["code"]).verify()
        server.stop()


def is_waiting(process):
    """Sleeps with a socket open: it has asked, and waits for the answer."""
    folder = pathlib.Path(f"/proc/{process.pid}")
    state = (folder / "stat").read_text().rpartition(")")[2].split()[0]
    links = [os.readlink(fd) for fd in (folder / "fd").iterdir() if fd.is_symlink()]
    return state == "S" and any(link.startswith("socket:") for link in links)


def test_D05_the_terminal_asks_again_by_itself_when_the_answer_is_lost():
    with World() as world:
        server = world.server.start()
        server.district()
        before = entries(server)
        words = [BIHUAN, "--socket", server.admin_path, "--district", CODE, "enrol", "G001", "--json"]
        os.kill(server.process.pid, signal.SIGSTOP)
        with subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as terminal:
            until(lambda: is_waiting(terminal), "the terminal has asked")
            server.kill()
            server.start()
            out, said = terminal.communicate(timeout=60)
        if terminal.returncode != 0:
            raise Failed(f"exit {terminal.returncode}: {said.decode()}")
        equal(json.loads(out)["person"], "G001", "the code's person")
        equal(entries(server), before + 1, "entries")
        world.handset("G001").enrol(json.loads(out)["payload"])
        again = [subprocess.run([*words, "--key", "mine"], capture_output=True, check=True).stdout for _ in range(2)]
        first, second = map(json.loads, again)
        equal({**second, "repeat": False}, first, "the same key by hand")
        server.stop()


if __name__ == "__main__":
    sys.exit(tap.run(cases_of(globals())))
