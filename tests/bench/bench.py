"""tools/bench: figures of the programs as shipped, as key=value lines; README.md defines each.

Everything runs on this machine over loopback, each rate beside a reference in the same run.  The real messages are used
where ../shared/data is there; without them made-up ones of the same length stand in, and the line texts=made_up says so.
"""
import argparse
import csv
import json
import os
import pathlib
import resource
import select
import shutil
import statistics
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "e2e")]
import acts  # noqa: E402
import crowd  # noqa: E402
import entries  # noqa: E402
import harness  # noqa: E402
import photo  # noqa: E402

DATA = harness.TOP.parent / "shared/data/complaints-zh/messages.csv"
DISTRICT = "990101"
WORKER = "bench-worker"
WORKERS_MAX = 1000
PARTS = ("ingest", "wire", "push", "idle", "client", "sim", "growth", "photo", "herd", "bootstrap", "closure", "due", "entries", "services", "desk",
         "year", "acts")
HANDLER = "bench-handler"


def say(key, value):
    text = f"{value:.4g}" if isinstance(value, float) else str(value)
    print(f"{key}={text}", flush=True)


def texts_write(path):
    """A text a line: title and 40 characters of the real messages, or made-up ones of that length."""
    rows = []
    if DATA.exists():
        with open(DATA, encoding="utf-8", newline="") as source:
            for row in csv.DictReader(source):
                rows.append((row["title"].strip() + " " + row["text"].strip()[:40]).replace("\n", " "))
        rows = rows[:4000]
    else:
        words = "小区 路口 井盖 破损 积水 垃圾 清运 占道 经营 噪音 扰民 路灯 不亮 围挡 施工 停车 消防 通道".split()
        for n in range(4000):
            rows.append("".join(words[(n * 7 + k * k) % len(words)] for k in range(26)))
    path.write_text("\n".join(row for row in rows if row) + "\n", encoding="utf-8")
    return path


def profile(workers):
    """The demo district, with workers, each with a handset of their own, and a handler of a unit to which one type
    goes at once."""
    base = json.loads((harness.DEMO / "profile.json").read_text(encoding="utf-8"))
    county = next(area["code"] for area in base["areas"] if area["kind"] == "county")
    unit = next(unit["code"] for unit in base["units"] if unit["kind"] == "SANITATION")
    for n in range(workers):
        base["people"].append({"code": f"{WORKER}-{n}", "name": "测量",
                               "posts": [{"role": "grid_worker", "area": county}]})
    base["people"].append({"code": HANDLER, "name": "测量二",
                           "posts": [{"role": "handler", "unit": unit, "area": county}]})
    base["routes"] = [{"type": "10010", "unit": unit, "immediate": True, "paper": "bench"}] + [
        route for route in base["routes"] if str(route.get("type")) != "10010"]
    return json.dumps(base, ensure_ascii=False)


class Load:
    """The generator and its lines."""

    def __init__(self, server, codes, texts):
        self.process = subprocess.Popen(
            [str(harness.BUILD / "tests/bench/bh_load"), str(server.port), DISTRICT, str(codes), str(texts)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def line(self, patience_s=600):
        ready, _, _ = select.select([self.process.stdout], [], [], patience_s)
        text = self.process.stdout.readline() if ready else ""
        if not text or text.startswith("error="):
            raise harness.Failed(f"bh_load said {text!r}")
        return {key: float(value) for key, value in (pair.split("=") for pair in text.split())}

    def ask(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        return self.line()

    def run(self, line):
        """A line that first says what it made, then runs."""
        self.ask(line)
        got = self.line()
        if got.get("lost"):
            raise harness.Failed(f"{line}: {got['lost']:g} lanes lost")
        return got

    def live(self, count):
        got = self.ask(f"live {count}")
        if got["live"] != count:
            raise harness.Failed(f"only {got['live']:g} of {count} lanes are live")

    def close(self):
        self.process.stdin.close()
        self.process.wait(60)


def cpu_s(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def rss_bytes(pid):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    return 0


def codes_write(server, path, count, last_for_handler_at=None):
    """count enrolment codes, one a line; the one at that index is the handler's."""
    with open(path, "w", encoding="ascii") as out:
        for n in range(count):
            person = HANDLER if n == last_for_handler_at else f"{WORKER}-{n % WORKERS_MAX}"
            out.write(server.code_for(person, DISTRICT).split(":")[4] + "\n")
    return path


def program(*words):
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise harness.Failed(f"{words[0]}: exit {done.returncode}: {done.stderr}")
    return dict(line.split("=", 1) for line in done.stdout.splitlines() if "=" in line)


def ingest_rate(load, lanes, reports, batch, window):
    got = load.run(f"ingest {lanes} {reports} {batch} {window}")
    return got["reports"] / got["elapsed_s"], got["reports"]


def bench_ingest(server, load, folder, texts, rounds):
    batches, cpus, singles, references = [], [], [], []
    load.live(64)
    for n in range(rounds):
        before = cpu_s(server.process.pid)
        rate, reports = ingest_rate(load, 8, 5000, 100, 3)
        cpus.append((cpu_s(server.process.pid) - before) / reports * 1000)
        batches.append(rate)
        ref = folder / f"reference-{n}"
        ref.mkdir()
        references.append(float(program(harness.BUILD / "tests/bench/bh_bench_reference", ref, 40000,
                                        texts)["reference_rows_per_s"]))
        shutil.rmtree(ref)
        singles.append(ingest_rate(load, 64, 300, 1, 1)[0])
    say("ingest_reports_per_s", statistics.median(batches))
    say("ingest_single_per_s", statistics.median(singles))
    say("cpu_s_per_1000_reports", statistics.median(cpus))
    say("reference_rows_per_s", statistics.median(references))
    say("ingest_vs_reference", statistics.median(a / b for a, b in zip(batches, references)))


def bench_wire(load):
    got = load.ask("wire 4 1000 50")
    say("wire_bytes_per_report", got["bytes"] / got["reports"])
    got = load.ask("wire 4 250 1")
    say("wire_bytes_single_report", got["bytes"] / got["reports"])


def bench_push(load, lanes, echoes):
    load.live(lanes + 1)
    got = load.ask(f"echo {lanes} {echoes} 10010")
    if got["echoes"] != echoes:
        raise harness.Failed(f"only {got['echoes']:g} of {echoes} echoes came back")
    say("push_p50_ms", got["p50_ms"])
    say("push_p99_ms", got["p99_ms"])


def bench_idle(server, load, count):
    load.live(1)
    settle(server)
    before = rss_bytes(server.process.pid)
    load.live(count)
    settle(server)
    say("idle_sessions", count)
    say("idle_rss_bytes_per_connection", (rss_bytes(server.process.pid) - before) / (count - 1))


def settle(server):
    """Until the server has used no CPU for a while."""
    last = -1.0
    for _ in range(100):
        now = cpu_s(server.process.pid)
        if now == last:
            return
        last = now
        select.select([], [], [], 0.3)


def bench_growth(server, load, cases):
    small = statistics.median(ingest_rate(load, 8, 2500, 100, 3)[0] for _ in range(3))
    made = server.must("GET", f"/districts/{DISTRICT}/stats")["cases"]
    while made < cases:
        reports = min(cases - made, 100000)
        ingest_rate(load, 64, max(1, -(-reports // 64)), 100, 3)  # one device may push 60,000 a minute
        made += reports
    large = statistics.median(ingest_rate(load, 8, 2500, 100, 3)[0] for _ in range(3))
    say("ingest_growth_from", "fresh")
    say("ingest_growth_to", made)
    say("ingest_growth", large / small)


def bench_disk_and_restart(server):
    cases = server.must("GET", f"/districts/{DISTRICT}/stats")["cases"]
    server.stop()
    file = server.data / DISTRICT / "district.db"
    say("bytes_per_case_on_disk", file.stat().st_size / cases)
    begun = time.monotonic()
    server.start()
    say("restart_cases", cases)
    say("restart_s_1m_cases", time.monotonic() - begun)


def bench_backup(server, folder):
    """A backup of the district that is served, and its restore over it, photos aside."""
    place = folder / "backups"
    place.mkdir()
    words = [harness.BIHUAN, "--socket", server.admin_path, "--json"]
    begun = time.monotonic()
    done = subprocess.run(words + ["backup", DISTRICT, "--out", str(place)], capture_output=True, text=True, check=False)
    took = time.monotonic() - begun
    if done.returncode != 0:
        raise harness.Failed(f"backup: {done.stderr}")
    say("backup_1m_cases_s", took)
    server.stop()
    begun = time.monotonic()
    restored = subprocess.run(words + ["restore", json.loads(done.stdout)["folder"], "--to", str(server.data), "--replace"],
                              capture_output=True, text=True, check=False)
    if restored.returncode != 0:
        raise harness.Failed(f"restore: {restored.stderr}")
    say("restore_1m_cases_s", time.monotonic() - begun)
    server.start()


def bench_client(server, folder):
    handset = harness.Handset(folder / "handsets", "recorder")
    handset.enrol(server.code_for(f"{WORKER}-0", DISTRICT))
    sealed = handset.store.with_name("sealed.db")
    shutil.copyfile(handset.store, sealed)  # of a handset that is closed, and whose WAL is empty
    got = program(harness.BUILD / "tests/bench/bh_bench_record", handset.store, sealed, folder, 8)
    for key in ("record_per_s", "raw_per_s", "record_vs_raw_commit", "sealed_vs_open"):
        say(key, got[key])
    library = next(path for path in (harness.BUILD / "client-lib").glob("libbihuan.so.*") if path.is_file()
                   and not path.is_symlink())
    stripped = folder / "libbihuan.so"
    subprocess.run(["strip", "-o", str(stripped), str(library)], check=True)
    say("client_lib_bytes", stripped.stat().st_size)


def bench_simulator():
    sim = harness.BUILD / "tests/sim/bh_sim"
    if not sim.exists():
        say("device_years_per_minute", "not_built")
        return
    got = program(sim, "--seeds", "1..20")
    say("device_years_per_minute", got["device_years_per_minute"])


def bench_due(folder, quick):
    place = folder / "due"
    place.mkdir()
    got = program(harness.BUILD / "tests/bench/bh_bench_due", place, 10000 if quick else 100000)
    for key in ("due_lag_ms_p50", "due_lag_ms_p99", "due_cpu_us"):
        say(key, got[key])
    shutil.rmtree(place)


def bench_services(folder, quick):
    """A year of a district's service entries, into the store and counted."""
    place = folder / "services"
    place.mkdir()
    for key, value in program(harness.BUILD / "tests/bench/bh_bench_service", place, 40000 if quick else 400000).items():
        say(key, value)
    shutil.rmtree(place)


def bench_desk(folder, cases):
    """A large district as a desk feels it: the queue, commands, and everything built again."""
    place = folder / "desk"
    place.mkdir()
    for key, value in program(harness.BUILD / "tests/bench/bh_bench_desk", place, cases).items():
        say(key, value)
    shutil.rmtree(place)


def bench_year(quick):
    size = ("--townships", "1", "--cases", "1500", "--days", "42") if quick else ()
    got = program(harness.BUILD / "tests/year/bh_year", *size)
    for key in ("district_year_s", "district_year_cpu_s"):
        say(key, got["# " + key])


def main():
    parser = argparse.ArgumentParser(description="measure the programs as shipped; prints key=value lines")
    parser.add_argument("--quick", action="store_true", help="a tenth of everything: for a look, not for figures")
    parser.add_argument("--idle", type=int, default=5000)
    parser.add_argument("--cases", type=int, default=1000000)
    parser.add_argument("--only", default="", help="comma list of " + ",".join(PARTS))
    chosen = parser.parse_args()
    if chosen.quick:
        chosen.idle, chosen.cases = min(chosen.idle, 500), min(chosen.cases, 50000)
    only = set(chosen.only.split(",")) - {""} or set(PARTS)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 32768), hard))
    echo_lanes = 100 if chosen.quick else 1000
    lanes = max(chosen.idle if "idle" in only else 0, echo_lanes + 1, 64)
    with harness.World(connections_max=32000) as world:
        server = world.server.start()
        server.district(DISTRICT, profile(WORKERS_MAX))
        texts = texts_write(world.folder / "texts")
        say("texts", "messages" if DATA.exists() else "made_up")
        codes = codes_write(server, world.folder / "codes", lanes, echo_lanes)
        load = Load(server, codes, texts)
        if "ingest" in only:
            bench_ingest(server, load, world.folder, texts, 2 if chosen.quick else 5)
        if "wire" in only:
            load.live(64)
            bench_wire(load)
        if "push" in only:
            bench_push(load, echo_lanes, 200 if chosen.quick else 2000)
        if "idle" in only:
            bench_idle(server, load, chosen.idle)
        if "client" in only:
            bench_client(server, world.folder)
        load.close()
        if "due" in only:
            server.stop()
            bench_due(world.folder, chosen.quick)
            server.start()
        if "desk" in only:
            server.stop()
            bench_desk(world.folder, 100000 if chosen.quick else chosen.cases)
            server.start()
        if "year" in only:
            bench_year(chosen.quick)
        if "sim" in only:
            bench_simulator()
        if "growth" in only:
            server.stop()
            shutil.rmtree(server.data)
            server.data.mkdir()
            server.start()
            server.district(DISTRICT, profile(WORKERS_MAX))
            codes = codes_write(server, world.folder / "codes", 64)
            load = Load(server, codes, texts)
            load.live(64)
            bench_growth(server, load, chosen.cases)
            load.close()
            bench_disk_and_restart(server)
            bench_backup(server, world.folder)
    crowd.bench(say, chosen.quick, only, sys.modules[__name__])
    if "acts" in only:
        acts.bench(say, chosen.quick, sys.modules[__name__])
    if "entries" in only:
        entries.bench(say, chosen.quick, sys.modules[__name__])
    if "services" in only:
        with harness.World() as world:
            bench_services(world.folder, chosen.quick)
    if "photo" in only:
        photo.bench(say, chosen.quick)
    return 0


if __name__ == "__main__":
    sys.exit(main())
