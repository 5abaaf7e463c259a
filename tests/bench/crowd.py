"""Figures of many at once and of one alone: a herd that comes back, a new handset with much to fetch, a closure's bytes."""
import pathlib
import statistics
import time

import harness

HERD = 10000
BOOTSTRAP = 10000
ALL_AT_ONCE = "10010"    # a type the bench's district dispatches at once, to a handler's unit
CLOSURES = 100
DONE, CLOSED = 9, 12     # states, as in proto/caseflow.h
ADMIT_PER_S = 500        # as shipped; the other figures let everybody in


def peak_mb(pid):
    text = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(text.split("VmHWM:")[1].split()[0]) / 1024


def sign_all(server, bench):
    """Each handset of the herd has something to fetch: its unit signs while it is away."""
    top, after = f"/districts/{bench.DISTRICT}/cases", ""
    while after is not None:
        page = server.must("GET", f"{top}?limit=500{after and f'&after={after}'}")
        for case in page["items"]:
            server.must("POST", f"{top}/{case['number']}/sign", acting=bench.HANDLER)
        after = page["next"]


def herd(say, quick, bench):
    """Handsets that all know the server, and have something to fetch, when it is there again after an outage."""
    count = HERD // 10 if quick else HERD
    with harness.World(connections_max=32000) as world:
        server = world.server.start()
        server.district(bench.DISTRICT, bench.profile(bench.WORKERS_MAX))
        texts = bench.texts_write(world.folder / "texts")
        load = bench.Load(server, bench.codes_write(server, world.folder / "codes", count), texts)
        load.live(count)
        load.run(f"ingest {count} 1 1 1 {ALL_AT_ONCE}")
        load.live(0)
        sign_all(server, bench)
        server.stop()
        server.config["admit-per-second"] = ADMIT_PER_S
        server.start()
        got = load.ask(f"herd {count}")
        if got["told"] < count or got["lost"]:
            raise harness.Failed(f"herd: {got}")
        say("herd_handsets", count)
        say("herd_10k_s", got["elapsed_s"])
        say("herd_10k_rss_mb", peak_mb(server.process.pid))
        load.close()
        server.stop()


def bootstrap(say, quick, bench):
    """A new handset of a unit's handler, whose unit has so many open cases: enrolled and in step, to the
    last record in its store."""
    count = BOOTSTRAP // 10 if quick else BOOTSTRAP
    with harness.World() as world:
        server = world.server.start()
        server.district(bench.DISTRICT, bench.profile(8))
        texts = bench.texts_write(world.folder / "texts")
        load = bench.Load(server, bench.codes_write(server, world.folder / "codes", 8), texts)
        load.live(8)
        load.run(f"ingest 8 {count // 8} 100 3 {ALL_AT_ONCE}")
        load.close()
        took = []
        for turn in range(3):
            handset = world.handset(f"handler-{turn}")
            code = server.code_for(bench.HANDLER, bench.DISTRICT)
            begun = time.monotonic()
            handset.enrol(code)     # which may fetch already
            handset.run("sync", "--timeout", "120")
            took.append(time.monotonic() - begun)
            held = handset.run("list")
            if len(held) != count // 8 * 8:
                raise harness.Failed(f"the new handset has {len(held)} records")
        say("bootstrap_records", count // 8 * 8)
        say("bootstrap_10k_records_s", statistics.median(took))
        server.stop()


def closure(say, bench):
    """Bytes down the reporter's link from its case's being done to its having the answer, each alone."""
    with harness.World() as world:
        server = world.server.start()
        server.district(bench.DISTRICT, bench.profile(1))
        texts = bench.texts_write(world.folder / "texts")
        load = bench.Load(server, bench.codes_write(server, world.folder / "codes", 1), texts)
        load.live(1)
        load.run(f"ingest 1 {CLOSURES} 1 1 {ALL_AT_ONCE}")
        top = f"/districts/{bench.DISTRICT}/cases"
        cases = server.must("GET", f"{top}?limit=500")["items"]
        taken = []
        for case in cases:
            for verb, acting in (("sign", bench.HANDLER), ("finish", bench.HANDLER)):
                server.must("POST", f"{top}/{case['number']}/{verb}", {"text": "已到场处置"}, acting=acting)
            before = load.ask(f"told {DONE}")["bytes"]
            server.must("POST", f"{top}/{case['number']}/close", {"text": "您反映的问题已处理完毕,感谢您的反映。", "matter_ended": True}, acting="A001")
            taken.append(load.ask(f"told {CLOSED}")["bytes"] - before)
        say("wire_bytes_per_closure", statistics.mean(taken))
        load.close()
        server.stop()


def bench(say, quick, only, of):
    if "herd" in only:
        herd(say, quick, of)
    if "bootstrap" in only:
        bootstrap(say, quick, of)
    if "closure" in only:
        closure(say, of)
