"""The loopback endpoint read by a foreign parser, a disk that fills up under the running server, and keys asked twice."""
import contextlib
import errno
import http.client
import os
import pathlib
import subprocess
import sys

from prometheus_client.openmetrics.parser import text_string_to_metric_families

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
import tap
from district import CODE, Desk, report, submitted, sync
from expect import cases_of, equal, holds
from harness import Failed, World, until

OPENMETRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8"
# Each full disk takes a ballast of 8 MiB and leaves it in the file; verify copies the file at last.
TMPFS_BYTES = 512 << 20
ROOM_KIB = [0, 64, 128, 256, 512, 1024, 4096, 8192]
LONG = "long" in sys.argv[1:]
REPORTS_MAX, ROWS = 6400, 128
FILL_TURNS = 20


def families(server):
    """Name -> family, as a foreign parser understands the page."""
    status, kind, text = server.scrape()
    equal((status, kind), (200, OPENMETRICS), "/metrics")
    return {family.name: family for family in text_string_to_metric_families(text)}


def value(server, name, code=CODE):
    for sample in families(server)[name].samples:
        if sample.labels.get("district", code) == code:
            return sample.value
    raise Failed(f"{name} has no sample of {code}")


def test_metrics_are_openmetrics_with_no_label_but_the_district():
    with World() as world:
        server = world.server.start()
        equal(server.scrape("/readyz")[0], 200, "/readyz without a district")
        families(server)
        codes = ["990101", "990102"]
        for code in codes:
            server.district(code)
        found = families(server)
        for name, family in found.items():
            if not name.startswith("bihuan_") or not family.documentation.endswith("."):
                raise Failed(f"{name}: {family.documentation!r}")
            if family.type not in ("counter", "gauge"):
                raise Failed(f"{name} is a {family.type}")
            for sample in family.samples:
                if set(sample.labels) - {"district"}:
                    raise Failed(f"{name} has the labels {sample.labels}")
            districts = [sample.labels["district"] for sample in family.samples if sample.labels]
            if districts not in ([], codes):
                raise Failed(f"{name} is told of {districts}")
        equal(found["bihuan_dispatch_left_seconds"].unit, "seconds", "unit")
        server.stop()


def test_counters_rise_with_what_happened():
    with World(test_due_divisor=300) as world:
        server = world.server.start()
        server.district()
        desk, handset = Desk(server), world.handset("G001")
        handset.enrol(server.code_for("G001"))
        names = ["bihuan_commits", "bihuan_journal_entries", "bihuan_clock_acts"]
        before = {name: value(server, name) for name in names}
        entries = desk.stats()["entries"]
        equal(value(server, "bihuan_dispatch_left_seconds"), 1800.0, "time left when nothing waits")
        kept = value(server, "bihuan_kept_bytes")
        if not 100 < kept <= (server.data / f"{CODE}.kept").stat().st_size:
            raise Failed(f"{kept} bytes of what must not roll back")
        equal(value(server, "bihuan_kept_used_ratio"), kept / (64 << 20), "of its 64 MiB")
        for _ in range(3):
            report(handset)
        sync(handset)
        left = value(server, "bihuan_dispatch_left_seconds")
        if not 0 < left <= 6:
            raise Failed(f"{left} s are left of 6")
        until(lambda: desk.stats()["automatic"] == 3, "the clock dispatches", 15)
        equal(value(server, "bihuan_journal_entries") - before["bihuan_journal_entries"],
              desk.stats()["entries"] - entries, "entries counted")
        equal(value(server, "bihuan_clock_acts") - before["bihuan_clock_acts"], 9, "reminders and dispatches")
        if value(server, "bihuan_commits") <= before["bihuan_commits"]:
            raise Failed("commits do not rise")
        equal(value(server, "bihuan_dispatch_breaches"), 0, "breaches")
        watch = handset.start("watch", "--timeout", "20")
        until(lambda: families(server)["bihuan_connections"].samples[0].value == 1, "one connection", 10)
        watch.terminate()
        watch.communicate(timeout=20)
        until(lambda: families(server)["bihuan_connections"].samples[0].value == 0, "no connection", 10)
        server.stop()


def test_livez_readyz_and_what_is_not_there():
    with World() as world:
        server = world.server.start()
        server.district()
        equal(server.scrape("/livez")[::2], (200, "alive\n"), "/livez")
        equal(server.scrape("/readyz")[::2], (200, "ready\n"), "/readyz")
        equal(server.scrape("/districts")[0], 404, "the console's routes on the metrics' port")
        connection = http.client.HTTPConnection("127.0.0.1", server.metrics_port, timeout=10)
        connection.request("POST", "/metrics", b"x")
        equal(connection.getresponse().status, 405, "POST")
        connection.close()
        server.stop()


# ---- E01: the disk is full


@contextlib.contextmanager
def small_disk(folder):
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={TMPFS_BYTES}", "tmpfs", str(folder)],
                          capture_output=True, check=False)
    if done.returncode != 0:
        raise tap.Skip("needs root that may mount a small disk: " + done.stderr.decode().strip())
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(folder, room_kib):
    """A file takes all the room but so much; where the server writes meanwhile, the room is measured anew."""
    with open(folder / "filler", "wb") as filler:
        for turn in range(FILL_TURNS):
            filler.truncate(0)
            free = os.statvfs(folder)
            blocks = free.f_bavail - room_kib * 1024 // free.f_frsize
            try:
                os.posix_fallocate(filler.fileno(), 0, blocks * free.f_frsize)
                return
            except OSError as error:
                if error.errno != errno.ENOSPC or turn + 1 == FILL_TURNS:
                    raise


def report_until_full(server, handset, table):
    """Reports and syncs until the server cannot commit."""
    for _ in range(REPORTS_MAX // ROWS):
        equal(handset.one("report", "--csv", table)["recorded"], ROWS, "reports recorded")
        handset.run("sync", "--timeout", "1", expect=None)
        if server.scrape("/readyz")[0] == 503:
            return
    raise Failed(f"not full after {REPORTS_MAX} reports")


def full_and_healed(world, handset, table, room_kib):
    server, desk = world.server, Desk(world.server)
    fill(server.data, room_kib)
    report_until_full(server, handset, table)
    holds(server.scrape("/readyz")[2], f"district {CODE} cannot commit")
    equal(server.scrape("/livez")[0], 200, "/livez on a full disk")
    accepted = {number for number, op in submitted(handset).items() if op["verdict"] == "accepted"}
    known = {case["number"] for case in desk.cases()}  # reading goes on
    if accepted - known:
        raise Failed(f"acknowledged and not there: {sorted(accepted - known)}")
    answer = desk.dispatch(sorted(known)[0]) if known else None
    if answer is not None and answer.status not in (200, 409, 503):
        raise Failed(f"dispatch on a full disk: {answer.status} {answer.text}")
    if room_kib % 512 == 0:  # and the power goes while it is full
        server.kill()
    (server.data / "filler").unlink()
    if server.process.poll() is not None:
        server.start()
    if LONG:  # nobody comes by: a heartbeat shows it
        until(lambda: server.scrape("/readyz")[0] == 200, "ready again", 20)
    sync(handset)
    until(lambda: server.scrape("/readyz")[0] == 200, "ready again", 20)
    equal({case["number"] for case in desk.cases()}, set(submitted(handset)), f"cases after {room_kib} KiB were full")


def test_E01_a_full_disk_refuses_nothing_it_acknowledged_and_heals():
    with World() as world, small_disk(world.server.data):
        server = world.server.start()
        server.district()
        handset, table = world.handset("G001"), world.folder / "reports.csv"
        table.write_text("text,type,latitude,longitude\n" + "".join(
            f"第 {n} 件 {'满' * 1200},10003,30.99,116.98\n" for n in range(ROWS)))
        handset.enrol(server.code_for("G001"))
        for room_kib in ROOM_KIB if LONG else ROOM_KIB[:5]:
            full_and_healed(world, handset, table, room_kib)
        Desk(server).verify()
        print(f"# {len(submitted(handset))} reports over full disks, each a case once", flush=True)
        server.stop()


def test_E01_a_district_made_on_a_full_disk_is_refused_and_made_later():
    with World() as world, small_disk(world.server.data):
        server = world.server.start()
        server.district()
        for room_kib in (0, 4, 16, 64):
            fill(server.data, room_kib)
            answer = server.ask("POST", "/districts", {"code": "990102"})
            if answer.status == 201:
                raise Failed(f"a district fits into {room_kib} KiB: this test needs less room")
            equal(answer.status, 503, f"making a district in {room_kib} KiB: {answer.text}")
            # The others are served, now and after a restart: what is half made is no district.
            server.kill()
            (server.data / "filler").unlink()
            server.start()
        equal(len(server.must("GET", "/districts")["items"]), 1, "districts served")
        server.district("990102")
        server.stop()
        server.start()
        for code in (CODE, "990102"):
            Desk(server, code).verify()
        server.stop()


# ---- Idempotency keys


def test_a_key_asked_twice_over_a_restart_has_one_effect():
    with World() as world:
        server = world.server.start()
        server.district()
        desk, handset = Desk(server), world.handset("G001")
        handset.enrol(server.code_for("G001"))
        number = report(handset)
        sync(handset)
        first = desk.dispatch(number, key="abend-17")
        equal((first.status, first.json["repeat"]), (200, False), "the first time")
        again = desk.dispatch(number, key="abend-17")
        server.kill()
        server.start()
        later = desk.dispatch(number, key="abend-17")
        for answer in (again, later):
            equal((answer.status, answer.json["repeat"], answer.json["position"], answer.json["at"]),
                  (200, True, first.json["position"], first.json["at"]), "the same key again")
        other = desk.act(number, "dispatch", {"unit": "U-T1", "condition": "none-of-them"}, acting="D002", key="abend-17")
        equal(other.status, 409, f"the same key of another person is another command: {other.text}")
        equal([entry["verb"] for entry in desk.case(number)["history"]], ["submit", "dispatch"], "entries")
        desk.verify()
        server.stop()


def test_a_refusal_under_a_key_is_the_same_refusal_later():
    with World() as world:
        server = world.server.start()
        server.district()
        desk, handset = Desk(server), world.handset("G001")
        handset.enrol(server.code_for("G001"))
        number = report(handset)
        sync(handset)
        first = desk.close(number, key="zu früh")
        server.stop()
        server.start()
        later = desk.close(number, key="zu früh")
        equal((later.status, later.json["code"]), (first.status, first.json["code"]), "closing too early, twice")
        equal(first.status, 409, first.text)
        equal(desk.case(number)["state"], "received", "state")
        server.stop()


if __name__ == "__main__":
    sys.exit(tap.run([test_E01_a_full_disk_refuses_nothing_it_acknowledged_and_heals] if LONG
                     else cases_of(globals())))
