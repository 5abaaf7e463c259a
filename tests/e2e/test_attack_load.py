#!/usr/bin/python3
"""Attacks from outside a session: exhaustion, slowness, a full disk, an end at any moment; by their rows in the catalogue."""
import contextlib
import copy
import http.client
import os
import pathlib
import resource
import shutil
import signal
import socket
import sys
import threading
import time

sys.dont_write_bytecode = True
sys.path[:0] = [str(pathlib.Path(__file__).resolve().parent), str(pathlib.Path(__file__).resolve().parent / "stranger")]

from forge import say  # noqa: E402
from hostile import idlers, pushed, small_disk, submits  # noqa: E402
from scene import Phone, harness, named, refusal, refused, run, wire  # noqa: E402

IDLE = 2000
GOOD = 5
LATENCY_S_MAX = 2.0
HASTE = 20
HTTP_IDLERS = 600
CROWD_GROWTH_KB_MAX = 16 * 1024
QUIET_FDS_MAX = 100      # of a server with a district and nobody connected
GUESSES = 40             # of 30 that one source has a minute
BALLAST = 8 << 20


def B09_who_guesses_codes_keeps_nobody_else_from_enrolling(scene):
    phone, said = scene.phone(enrol=False), {}
    for _ in range(GUESSES):
        payload = copy.copy(phone.payload)
        payload.code = os.urandom(10)
        # On every loop of the server: each counts for itself.
        for _ in range(2):
            with Phone(payload).link(source="127.0.0.9") as link:
                link.send("enrol", Phone(payload).enrol_message(link))
                word = refusal(link)
                said[word] = said.get(word, 0) + 1
    assert said.get("BUSY"), said
    say(f"the guesser is told: {said}")
    for number in range(4):
        scene.phone(f"G00{number + 1}")


def G02_idle_and_half_shaken_connections_delay_nobody(scene):
    phones = [scene.phone(f"G00{number}") for number in range(1, GOOD + 1)]
    waits, sizes = [], []
    for _ in range(4):     # a crowd finds the memory that the ones before left
        with idlers(scene.server.port, IDLE):
            for phone in phones:
                submits(phone, 1)
                began = time.monotonic()
                pushed(phone)
                waits.append(time.monotonic() - began)
            held = scene.connections()
        harness.until(lambda: scene.connections() == 0, "the connections go")
        sizes.append(scene.rss_kb())
    waits.sort()
    say(f"{held} idle connections; {len(waits)} good ones took {waits[0] * 1000:.0f} to {waits[-1] * 1000:.0f} ms; "
        f"MiB after each crowd: {[size // 1024 for size in sizes]}")
    assert waits[-1] < LATENCY_S_MAX, waits
    # What a crowd leaves to the next one comes and goes with the allocator; a leak would be on top of it each time.
    assert scene.is_sanitized() or sizes[3] - max(sizes[:3]) < CROWD_GROWTH_KB_MAX, sizes


def G02_slow_HTTP_ends_by_its_deadline_and_keeps_nobody_out(scene):
    body = b"POST /districts HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n{"
    with scene.clock_of_server(f"+0 x{HASTE}", monotonic=True):
        peers = []
        for where in ("admin", "metrics"):
            for first in (b"G", body):
                peer = socket.socket(socket.AF_UNIX) if where == "admin" else socket.socket()
                peer.settimeout(5)
                peer.connect(scene.server.admin_path if where == "admin" else ("127.0.0.1", scene.server.metrics_port))
                peer.sendall(first)
                peers.append((where, first[:4], peer))
        stop, began, ended = threading.Event(), time.monotonic(), {}

        def trickle():
            while not stop.wait(0.25):    # every 5 of the server's seconds a byte
                for where, first, peer in peers:
                    if (where, first) in ended:
                        continue
                    try:
                        peer.sendall(b"E" if first == b"G" else b" ")
                        peer.settimeout(0.01)
                        if peer.recv(1000) == b"":
                            raise ConnectionError
                    except TimeoutError:
                        pass
                    except OSError:
                        ended[where, first] = (time.monotonic() - began) * HASTE
        thread = threading.Thread(target=trickle)
        thread.start()
        try:
            harness.until(lambda: len(ended) == len(peers), "slow requests end", 10)
            assert scene.server.ask("GET", "/status").status == 200
        finally:
            stop.set()
            thread.join()
            say(f"ended after (server's seconds): {ended}")
            for _, _, peer in peers:
                peer.close()


def E09_connections_to_the_metrics_are_bounded(scene):
    harness.until(lambda: scene.descriptors() < QUIET_FDS_MAX, "the crowd before has gone")
    before = scene.descriptors()
    with idlers(scene.server.metrics_port, HTTP_IDLERS):
        harness.until(lambda: scene.descriptors() > before + 10, "they come in")
        held = scene.descriptors() - before
        with scene.phone().session() as session:
            session.ping()
        assert scene.server.ask("GET", "/status").status == 200
    say(f"{held} descriptors for {HTTP_IDLERS} idle readers of the metrics")
    assert held < HTTP_IDLERS, "whoever reaches the metrics takes every descriptor"
    harness.until(lambda: scene.descriptors() <= before + 2, "the descriptors go")
    assert scene.server.scrape()[0] == 200


def E09_without_descriptors_accepting_pauses_and_the_district_goes_on(scene):
    harness.until(lambda: scene.descriptors() < QUIET_FDS_MAX, "the crowd before has gone")
    phone = scene.phone()
    pid = scene.server.process.pid
    soft, hard = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    with phone.session() as session:
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (scene.descriptors() + 8, hard))
        try:
            with idlers(scene.server.port, 40):
                submits(phone, 100)
                session.push_all()
                assert phone.acked_seq == 100
        finally:
            resource.prlimit(pid, resource.RLIMIT_NOFILE, (soft, hard))
    harness.until(lambda: scene.server.scrape()[0] == 200, "it answers again")
    pushed(scene.phone("G002"))


def G03_half_closed_connections_go(scene):
    with scene.unharmed(faults=10):
        peers = []
        for number in range(60):
            peer = socket.create_connection(("127.0.0.1", scene.server.port), timeout=20)
            peer.sendall(b"\x16\x03\x01\x02\x00\x01"[:number % 6])
            peer.shutdown(socket.SHUT_WR)
            peers.append(peer)
        for peer in peers:
            with contextlib.suppress(ConnectionError):
                while peer.recv(1000):
                    pass
            peer.close()


def G06_churn_leaves_nothing(scene):
    phone = scene.phone()
    with scene.unharmed(faults=20):
        for _ in range(150):
            with phone.session() as session:
                session.link.socket.close() if _ % 3 == 0 else session.ping()


# ---- Districts, processes, the disk ----

def H01_districts_made_at_once_are_each_made_once(scene):
    answers = []

    def make(code):
        answers.append((code, scene.server.ask("POST", "/districts", {"code": code}).status))
    codes = ["990110", "990111", "990110", "990111", "990110", "990112"]
    threads = [threading.Thread(target=make, args=(code,)) for code in codes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    made = sorted(code for code, status in answers if status == 201)
    assert made == ["990110", "990111", "990112"], answers
    assert all(status in (201, 409) for _, status in answers), answers


def B07_a_device_of_one_district_is_nobody_in_another(scene):
    scene.server.district("990120")
    phone = scene.phone()
    submits(phone, 1)
    pushed(phone)
    there = Phone(scene.server.code_for("G001", "990120"))
    there.enrol()
    for change in ({}, {"device": there.device, "signed_device": there.device}):
        with contextlib.closing(Phone(there.payload).link()) as link:
            link.send("hello", phone.hello_message(link, district="990120", **change))
            answer = link.receive()
            assert answer.HasField("refusal") and wire.REFUSALS[answer.refusal.code] == "NOT_PROVED", answer
    stray = Phone(there.payload)
    stray.payload = there.payload
    code = wire.Payload(scene.server.code_for("G002"))
    stray.payload.code = code.code
    assert refused(stray.enrol) == "CODE", "a code of another district was taken"


def E07_two_servers_on_one_folder_and_links_are_refused(scene):
    other = harness.Server(scene.folder / "second", listen="127.0.0.1:0")
    shutil.rmtree(other.data)
    other.data = scene.server.data
    other.start(expect_ready=False)
    assert other.process.wait(30) != 0 and "bihuand" not in other.log()[:0]
    say(f"the second ends with {other.process.returncode}: {other.log().strip().splitlines()[-1][-160:]}")
    pushed_phone = scene.phone()
    submits(pushed_phone, 1)
    pushed(pushed_phone)
    scene.server.stop()
    real = scene.server.data / scene.district
    moved = scene.folder / "moved"
    (real / "district.db").rename(moved)
    (real / "district.db").symlink_to(moved)
    scene.server.start(expect_ready=False)
    code = scene.server.process.wait(30)
    assert code not in (0, -6, -11) and "symbolic link" in scene.server.log(), (code, scene.server.log()[-300:])
    (real / "district.db").unlink()
    moved.rename(real / "district.db")
    scene.server.start()
    pushed(scene.phone())


def E03_killed_at_its_operator_s_work_it_goes_on(scene):
    phone = scene.phone()
    submits(phone, 50)
    pushed(phone)
    profile = (harness.DEMO / "profile.json").read_text()
    works = {"verify": ("POST", f"/districts/{scene.district}/verify", None),
             "profile": ("POST", f"/districts/{scene.district}/profile?apply=1", profile),
             "create": ("POST", "/districts", {"code": "990130"})}
    for name, (method, path, body) in works.items():
        for delay_ms in (0, 2, 10, 40):
            asked = threading.Thread(target=quietly, args=(scene.server.ask, method, path, body))
            asked.start()
            asked.join(delay_ms / 1000)    # each delay meets another step of the work
            scene.server.kill()
            asked.join()
            scene.server.start()
            listed = [row["code"] for row in scene.server.must("GET", "/districts")["items"]]
            if name == "create":
                again = scene.server.ask("POST", "/districts", {"code": "990130"})
                assert again.status == (409 if "990130" in listed else 201), (delay_ms, again.status, again.text)
                works[name] = (method, path, body)
                scene.server.stop()
                shutil.rmtree(scene.server.data / "990130")
                # It says which keys handsets go by, and no others are served under this code.
                (scene.server.data / "990130.kept").unlink(missing_ok=True)
                scene.server.start()
    answer = scene.server.must("POST", f"/districts/{scene.district}/verify")
    assert answer, answer
    assert not list(scene.server.data.rglob("verify.copy*")), "a copy was left"
    assert scene.case(phone.number(50))


def quietly(action, *arguments):
    with contextlib.suppress(OSError, http.client.HTTPException):
        action(*arguments)


def E03_stopped_and_continued_it_goes_on(scene):
    phone = scene.phone()
    submits(phone, 200)
    with phone.session() as session:
        session.push()
        scene.server.process.send_signal(signal.SIGSTOP)
        try:
            session.pump(lambda: session.acks == 1, 0.3)
        except TimeoutError:
            pass
        finally:
            scene.server.process.send_signal(signal.SIGCONT)
        session.pump(lambda: session.acks == 1)
    assert phone.acked_seq == 200


def E01_a_full_disk_refuses_every_kind_of_write_and_heals(scene):
    with harness.World() as world, small_disk(world.server.data / "disk") as fill:
        world.server.data = world.server.data / "disk"
        world.server.start()
        world.server.district(scene.district)
        top = f"/districts/{scene.district}"
        profile = (harness.DEMO / "profile.json").read_text()
        phone, acked, said = Phone(world.server.code_for("G001")), 0, {}
        phone.enrol()
        for number, left in enumerate((0, 16384, 65536, 262144)):
            fill(left)
            for name, (path, body) in {"create": ("/districts", {"code": f"99020{number}"}),
                                       "profile": (top + "/profile?apply=1", profile),
                                       "code": (top + "/people/G002/enrolment", None),
                                       "verify": (top + "/verify", None)}.items():
                try:
                    status = world.server.ask("POST", path, body).status
                except (OSError, http.client.HTTPException):
                    status = "ended"
                said.setdefault(name, []).append(status)
            submits(phone, 60, "x" * 900)
            said.setdefault("push", []).append(refused(lambda: pushed(phone)))
            assert world.server.process.poll() is None, f"it ended: {world.server.log()[-400:]}"
            assert world.server.ask("GET", top + "/cases").status == 200, "reading stopped"
            acked = max(acked, phone.acked_seq)
            fill(None)
            harness.until(lambda: refused(lambda: pushed(phone)) == "taken", "it heals", 30, 0.2)
            assert phone.acked_seq == len(phone.log.ops) >= acked
            there = world.server.ask("POST", "/districts", {"code": f"99020{number}"})
            assert there.status in (201, 409), f"a half-made district: {there.status} {there.text}"
        say(f"with 0, 16, 64, 256 KiB left: {said}; {gauge(world.server, 'bihuan_ballast_bytes')} bytes of ballast")
        assert world.server.must("GET", top + "/cases?limit=1") and world.server.must("POST", top + "/verify")
        world.server.kill()
        world.server.start()
        assert all(verdict.verdict == wire.ACCEPTED for verdict in phone.verdicts.values())
        with phone.session() as session:
            assert session.welcome.acked_seq == len(phone.log.ops)


def gauge(server, name):
    return next(int(line.split()[-1]) for line in server.scrape()[2].splitlines() if line.startswith(name + "{"))


def pushes_until(phone, condition):
    """Batches go up one by one; gives the first word that is not "taken", or "taken" when the condition holds."""
    for _ in range(100):
        submits(phone, 60, "x" * 900)
        word = refused(lambda: pushed(phone))
        if word != "taken" or condition():
            return word
    raise AssertionError("a disk without room was never full")


def E01_a_disk_that_fills_takes_the_ballast_and_refuses_nobody(scene):
    with harness.World() as world, small_disk(world.server.data / "disk") as fill:
        server, server.data = world.server, world.server.data / "disk"
        server.start()
        server.district(scene.district)
        ballast = server.data / scene.district / "district.db-ballast"
        laid = lambda: gauge(server, "bihuan_ballast_bytes")  # noqa: E731
        assert laid() == ballast.stat().st_size == BALLAST <= ballast.stat().st_blocks * 512
        phone = Phone(server.code_for("G001"))
        phone.enrol()
        fill(0)
        assert pushes_until(phone, lambda: laid() == 0) == "taken", "refused, though there was a ballast"
        assert not ballast.exists() and "its ballast of 8 MiB was given up" in server.log()
        assert server.scrape("/readyz")[0] == 200 and phone.acked_seq == len(phone.log.ops)
        fill(0)     # the ballast's room, too
        word = pushes_until(phone, lambda: False)
        assert server.scrape("/readyz")[0] == 503 and server.ask("GET", "/districts").status == 200, word
        fill(None)
        harness.until(lambda: laid() == BALLAST, "the ballast is laid again", 40, 0.5)
        assert ballast.stat().st_size == BALLAST and "its ballast of 8 MiB is laid again" in server.log()
        assert refused(lambda: pushed(phone)) == "taken" and phone.acked_seq == len(phone.log.ops)
        assert server.scrape("/readyz")[0] == 200
        server.kill()
        fill(0)
        server.start()      # what opening writes finds the ballast's room
        assert not ballast.exists() and laid() == 0 and server.log().count("was given up") == 2
        fill(None)
        server.must("POST", f"/districts/{scene.district}/verify")
        with phone.session() as session:
            assert session.welcome.acked_seq == len(phone.log.ops)
        say(f"{len(phone.log.ops)} reports, {word} only without a ballast")


CASES = [value for name, value in list(globals().items()) if name[:1] in "BEGHI" and name[1:3].isdigit()]

if __name__ == "__main__":
    sys.exit(run([case for case in named(CASES) if len(sys.argv) < 2 or case[0].startswith(sys.argv[1])]))
