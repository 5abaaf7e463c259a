"""bihuand while it serves: reload, what systemd is told, several districts in one process, its stop, and its log."""
import os
import pathlib
import signal
import socket
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
import tap
from district import CANARY, CODE, Desk, Watch, report, sync
from expect import CONFIG, cases_of, equal, holds
from harness import BIHUAN, Failed, World, until
from systemd import Notify, activation


# ---- Reload


def test_reload_says_what_took_effect_and_what_waits_for_a_restart():
    with World() as world:
        server = world.server.start()
        server.district()
        server.configure(log_level="debug", connections_max=400, admit_per_second=7, public="bihuan.example:7443",
                         loops=2, metrics="127.0.0.1:1")
        answer = server.must("POST", "/reload")
        equal(answer["reloaded"], True, "reloaded")
        equal(sorted(answer["took_effect"]), ["admit-per-second", "connections-max", "log-level", "public"],
              "what took effect")
        equal(sorted(answer["waits_for_restart"]), ["listen", "loops", "metrics"], "what waits for a restart")
        payload = server.code_for("G001")
        holds(payload, "BH1:BIHUAN.EXAMPLE:7443:")
        again = server.must("POST", "/reload")
        equal((again["took_effect"], sorted(again["waits_for_restart"])), ([], ["listen", "loops", "metrics"]),
              "the same file once more")
        server.stop()


def test_a_bad_file_keeps_the_old_meaning_by_request_and_by_signal():
    with World() as world:
        server = world.server.start()
        server.district()
        handset = world.handset("G001")
        handset.enrol(server.code_for("G001"))
        watch = Watch(handset)
        until(watch.is_live, "the handset is connected")
        before = len(watch.events)
        good = server.config_path.read_text()
        server.config_path.write_text(good + 'public = "other.example:1"\nloops = 0\nlisen = "quoted"\n')
        answer = server.ask("POST", "/reload")
        equal((answer.status, answer.json and answer.json["code"], answer.json["reloaded"]),
              (422, "configuration", False), answer.text)
        lines = good.count("\n")
        equal(answer.json["faults"], [f"{server.config_path}:{lines + 3}: no such option 'lisen'",
                                      f"{server.config_path}:{lines + 2}: loops is 0, needs 1 to 32"], "faults")
        equal(sorted(answer.json), ["code", "faults", "hint", "message", "reloaded"], "the error's members")
        said = f"error: reload: {server.config_path}:{lines + 3}: no such option 'lisen'"
        equal(server.log().count(said), 1, "the log of a reload by request")
        os.kill(server.process.pid, signal.SIGHUP)
        until(lambda: server.log().count(said) == 2, "the log of a reload by signal")
        if '{"' in server.log():
            raise Failed("JSON in the log:\n" + server.log())
        done = subprocess.run([BIHUAN, "reload"], env={"BIHUAN_SOCKET": server.admin_path}, capture_output=True,
                              text=True, check=False)
        equal((done.returncode, done.stdout), (CONFIG, ""), "bihuan reload of a bad file")
        holds(done.stderr, *answer.json["faults"], "2 faults; the old one stays in force")
        server.config_path.unlink()
        answer = server.ask("POST", "/reload")
        equal((answer.status, answer.json["faults"]),
              (422, [f"{server.config_path}: No such file or directory"]), "a file that is gone")
        holds(server.log(), f"reload: {server.config_path}: No such file or directory")
        holds(server.code_for("G002"), "BH1:127.0.0.1:")
        server.config_path.write_text(good + 'public = "other.example:1"\n')
        os.kill(server.process.pid, signal.SIGHUP)
        until(lambda: "reload: public took effect, nothing waits for a restart" in server.log(),
              "the log says what took effect")
        holds(server.code_for("G002"), "BH1:OTHER.EXAMPLE:1:")
        equal(watch.is_live(), True, "the session is live through all reloads")
        equal([event for _, event in watch.events[before:] if event.get("live") is False], [], "interruptions")
        watch.end()
        server.stop()
        equal(os.path.exists(server.admin_path), False, "the administration socket's file after a clean stop")


# ---- systemd


def test_systemd_is_told_the_truth():
    with World() as world:
        server = world.server
        notify = Notify(world.folder)
        server.environment.update(NOTIFY_SOCKET=notify.path, WATCHDOG_USEC="20000000")
        listening = []

        def at_message(fields):
            if "READY" in fields and not listening:
                listening.append(os.path.exists(server.admin_path))

        notify.at_message = at_message
        server.start()
        first = notify.wait("READY")[0][1]
        equal(first["READY"], "1", "READY")
        holds(first["STATUS"], "0 districts", "nothing waits for dispatch")
        equal(listening, [True], "listening when READY was said")
        server.district()
        handset = world.handset("G001")
        handset.enrol(server.code_for("G001"))
        report(handset)
        sync(handset)
        before = time.monotonic()
        os.kill(server.process.pid, signal.SIGHUP)
        reloading = notify.wait("RELOADING")[0]
        usec = int(reloading[1]["MONOTONIC_USEC"]) / 1e6
        if not before - 1 <= usec <= reloading[0] + 0.1:
            raise Failed(f"MONOTONIC_USEC is {usec}, CLOCK_MONOTONIC was {before}")
        notify.wait("READY", 2)
        status = notify.of("READY")[1][1]["STATUS"]
        holds(status, "1 districts", "shortest dispatch time left 29 min")
        notify.wait("WATCHDOG")
        notify.wait("STATUS", 3)
        server.stop()
        equal(notify.messages[-1][1], {"STOPPING": "1"}, "the last word")
        notify.close()


def test_systemd_sockets_are_taken_by_name():
    with World() as world:
        server = world.server
        handsets, metrics = socket.create_server(("127.0.0.1", 0)), socket.create_server(("127.0.0.1", 0))
        admin = socket.socket(socket.AF_UNIX)
        admin.bind(server.admin_path)
        admin.listen()
        server.config.update(listen="192.0.2.1:1", metrics="127.0.0.1:1")  # would fail if it were bound
        server.wrapper, server.pass_fds = activation({"metrics": metrics, "admin": admin, "handset": handsets})
        inode = os.stat(server.admin_path).st_ino
        server.start()
        equal((server.port, server.metrics_port), (handsets.getsockname()[1], metrics.getsockname()[1]), "ports")
        equal(os.stat(server.admin_path).st_ino, inode, "the administration socket's inode")
        server.district()
        handset = world.handset("G001")
        handset.enrol(server.code_for("G001"))
        report(handset)
        sync(handset)
        equal(server.scrape("/readyz")[0], 200, "/readyz")
        server.stop()
        equal(os.path.exists(server.admin_path), True, "systemd's socket file after the stop")
        # The sockets stay: who connects while nobody serves is served by the next process, not refused.
        waiting = socket.create_connection(handsets.getsockname())
        server.start()
        waiting.close()
        server.stop()
        for sock in (handsets, metrics, admin):
            sock.close()


# ---- Districts


def test_I10_districts_of_one_process_do_not_mix():
    with World(loops=2) as world:
        server = world.server.start()
        codes = ["990101", "990102"]
        handsets, numbers = {}, {}
        for code in codes:
            server.district(code)
            handsets[code] = world.handset(f"G001-{code}")
            handsets[code].enrol(server.code_for("G001", code))
            numbers[code] = [report(handsets[code], f"{CANARY} {code}") for _ in range(3 if code == codes[0] else 2)]
            sync(handsets[code])
        for code in codes:
            cases = Desk(server, code).cases()
            equal(sorted(case["number"] for case in cases), sorted(numbers[code]), f"cases of {code}")
            text = str([Desk(server, code).case(case["number"])["text"] for case in cases])
            equal(codes[1 - codes.index(code)] in text, False, f"the other district's words in {code}")
            equal(len(handsets[code].run("list")), len(numbers[code]), f"cases on the handset of {code}")
            equal(len(Desk(server, code).get("/devices")["items"]), 1, f"devices of {code}")
        cross_talk(world, codes)
        equal(len(Desk(server, codes[0]).cases()), 3, "cases of A")
        equal(Desk(server, codes[1]).stats()["devices"], 1, "devices of B")
        for code in codes:
            Desk(server, code).verify()
        server.stop()


def cross_talk(world, codes):
    """A's code under B's name and B's pins: B knows no such code, and A's still works where it belongs."""
    server = world.server
    a, b = server.code_for("G002", codes[0]), server.code_for("G002", codes[1])
    mixed = a.split(":")
    mixed[3], mixed[5], mixed[6] = b.split(":")[3], b.split(":")[5], b.split(":")[6]
    stranger = world.handset("stranger")
    stranger.run("enrol", ":".join(mixed), "--wait", "3", expect=None)
    if stranger.status()["enrolled"] == "yes":
        raise Failed("a code of one district enrolled in the other")
    # A's code and name with B's pins: the handset itself refuses that server.
    wrong_pins = a.split(":")
    wrong_pins[5:] = b.split(":")[5:]
    unpinned = world.handset("unpinned")
    unpinned.run("enrol", ":".join(wrong_pins), "--wait", "3", expect=None)
    if unpinned.status()["enrolled"] == "yes":
        raise Failed("a handset trusted another district's key")
    honest = world.handset("honest")
    honest.enrol(a)
    equal(honest.status()["district"], codes[0], "the district of A's code")


# ---- Stop and log


def test_sigterm_with_live_sessions_ends_cleanly_and_they_come_back():
    with World(loops=2) as world:
        server = world.server.start()
        server.district()
        handsets = [world.handset(f"G00{n}") for n in range(1, 5)]
        for handset in handsets:
            handset.enrol(server.code_for(handset.name))
        watches = [Watch(handset) for handset in handsets]
        until(lambda: all(watch.is_live() for watch in watches), "all are connected")
        started = time.monotonic()
        server.stop(expect=0)
        took = time.monotonic() - started
        if took > 5:
            raise Failed(f"stopping took {took:.1f} s")
        holds(server.log(), "signal 15: stopping", "stopped cleanly")
        for path in server.data.rglob("district.db-*"):
            path.unlink()  # after a clean stop the file alone is whole
        server.start()
        until(lambda: all(watch.is_live() for watch in watches), "all are connected again")
        equal(Desk(server).stats()["devices"], 4, "devices of the file alone")
        for watch in watches:
            watch.end()
        server.stop()


def test_I08_log_holds_no_text_place_code_or_key():
    with World(log_level="debug") as world:
        server = world.server.start()
        server.district()
        payload = server.code_for("G001")
        handset = world.handset("G001")
        handset.enrol(payload)
        world.handset("again").run("enrol", payload, "--wait", "2", expect=None)  # used: refused, logged
        number = report(handset, f"{CANARY} 30.990123")
        sync(handset)
        desk = Desk(server)
        equal(desk.dispatch(number).status, 200, "dispatch")
        desk.act(number, "close", {"text": CANARY, "matter_ended": True}, acting="A001")
        server.ask("POST", "/nowhere", {"text": CANARY})
        server.stop()
        log = server.log()
        keys = world.server.data / CODE / "keys"
        secrets = [CANARY, CANARY.encode().hex(), "30.99", "309900000", "116.98", payload, payload.split(":")[4],
                   (keys / "receipt.mac").read_bytes().hex()]
        secrets += [line for name in ("ca.key", "server.key", "backup-ca.key")
                    for line in (keys / name).read_text().splitlines() if len(line) > 20 and "-" not in line]
        for secret in secrets:
            if secret.lower() in log.lower():
                raise Failed(f"the log holds {secret!r}:\n{log}")
        holds(log, "ready: handsets on port", "device 1", "stopped cleanly")
        for line in log.splitlines():
            if not line.isprintable() or len(line) > 1100:
                raise Failed(f"not a line an operator reads: {line!r}")


def test_G09_a_log_that_cannot_be_written_stops_nothing():
    with World() as world:
        server = world.server
        server.log_path = pathlib.Path("/dev/full")
        server.start()
        server.district()
        handset = world.handset("G001")
        handset.enrol(server.code_for("G001"))
        report(handset)
        sync(handset)
        dropped = server.must("GET", "/status")["log_lines_dropped"]
        if dropped < 2:
            raise Failed(f"{dropped} lines are counted as dropped")
        server.stop()


if __name__ == "__main__":
    sys.exit(tap.run(cases_of(globals())))
