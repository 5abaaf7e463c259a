"""Figures of what is done about cases through a session, at the programs as shipped."""
import statistics

import harness

LANES = 8
ALL_AT_ONCE = "10010"  # a type the bench's district dispatches at once, to a handler's unit


def bench(say, quick, of):
    """Signing and finishing by a unit's handler, pushed over TLS, beside a bare table of the same run."""
    # All turns together stay below the 60,000 ops a minute that a server takes of one device.
    each, turns = (500, 3) if quick else (700, 5)
    rates, ratios = [], []
    with harness.World() as world:
        server = world.server.start()
        server.district(of.DISTRICT, of.profile(of.WORKERS_MAX))
        texts = of.texts_write(world.folder / "texts")
        load = of.Load(server, of.codes_write(server, world.folder / "codes", LANES + 1, LANES), texts)
        load.live(LANES + 1)
        for turn in range(turns):
            got = load.ask(f"acts {LANES} {each} 100 3 {ALL_AT_ONCE}")
            rates.append(got["acts"] / got["elapsed_s"])
            place = world.folder / f"acts-reference-{turn}"
            place.mkdir()
            raw = of.program(harness.BUILD / "tests/bench/bh_bench_reference", place, 40000, texts)
            ratios.append(rates[-1] / float(raw["reference_rows_per_s"]))
        done = server.must("GET", f"/districts/{of.DISTRICT}/stats")["states"]["done"]
        if done != LANES * each * turns:
            raise harness.Failed(f"{done} cases are done, not {LANES * each * turns}")
        load.close()
    say("session_commands_per_s", statistics.median(rates))
    say("session_commands_vs_reference", statistics.median(ratios))
