"""Figures of service entries beside reports, in the same run: how fast they come in, and what they leave on the disk."""
import statistics

import harness

LANES = 8


def load_of(server, folder, of):
    texts = of.texts_write(folder / "texts")
    load = of.Load(server, of.codes_write(server, folder / "codes", LANES), texts)
    load.live(LANES)
    return load


def rates(say, of, each, turns):
    """Entries and reports in turns, into the same district."""
    taken = {"ingest": [], "entries": []}
    with harness.World() as world:
        server = world.server.start()
        server.district(of.DISTRICT, of.profile(of.WORKERS_MAX))
        load = load_of(server, world.folder, of)
        for _ in range(turns):
            for verb, found in taken.items():
                got = load.run(f"{verb} {LANES} {each} 100 3")
                found.append(got["reports"] / got["elapsed_s"])
        counted = server.must("GET", f"/districts/{of.DISTRICT}/services/counts")["items"][0]["all"]
        if counted != LANES * each * turns:
            raise harness.Failed(f"{counted} entries are counted, not {LANES * each * turns}")
        load.close()
    say("service_entries_per_s", statistics.median(taken["entries"]))
    say("service_entries_vs_reports", statistics.median(a / b for a, b in zip(taken["entries"], taken["ingest"])))


def bytes_each(of, verb, each):
    """What the district's file grows by, after clean stops, less what it was with nothing in it."""
    with harness.World() as world:
        server = world.server.start()
        server.district(of.DISTRICT, of.profile(of.WORKERS_MAX))
        file = server.data / of.DISTRICT / "district.db"
        server.stop()
        empty = file.stat().st_size
        load = load_of(server.start(), world.folder, of)
        load.run(f"{verb} {LANES} {each} 100 3")
        load.close()
        server.stop()
        return (file.stat().st_size - empty) / (LANES * each)


def bench(say, quick, of):
    each, turns = (500, 3) if quick else (5000, 5)
    rates(say, of, each, turns)
    say("bytes_per_service_entry_on_disk", bytes_each(of, "entries", each))
    say("bytes_per_report_on_disk", bytes_each(of, "ingest", each))
