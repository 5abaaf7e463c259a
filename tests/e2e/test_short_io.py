#!/usr/bin/python3
"""Reads and writes that move half, or are interrupted (E04), in both programs at once: the whole loop with a photo comes
out the same, and what is on the disks is whole."""
import hashlib
import os
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
import tap
from district import LEAD, TYPE, UNIT, Desk, handle, own_cases, report, submitted, sync
from expect import cases_of, equal
from harness import BIHUAND, BUILD, World, until
from pictures import jpeg

SHIM = sys.argv[1] if len(sys.argv) > 1 else str(BUILD / "tests/e2e/short_io.so")
REPORTS = 40


def shim_first():
    """The environment in which every call may be short; a sanitizer's runtime has to be the first."""
    needed = subprocess.run(["ldd", BIHUAND], capture_output=True, text=True, check=True).stdout
    if "libasan" in needed or "libtsan" in needed:
        raise tap.Skip("a sanitizer puts itself before these calls")
    return {"LD_PRELOAD": os.path.realpath(SHIM)}


def test_E04_short_and_interrupted_calls_change_nothing():
    with World() as world:
        photo = world.folder / "photo.jpg"
        photo.write_bytes(jpeg(600, 4))
        world.server.environment.update(shim_first())
        server = world.server.start()
        libraries = pathlib.Path(f"/proc/{server.process.pid}/maps").read_text()
        equal("short_io" in libraries, True, "the calls are in between")
        server.district()
        desk = Desk(server)
        handset, lead = world.handset("G001"), world.handset(LEAD)
        for program in (handset, lead):
            program.environment.update(shim_first())
            program.enrol(server.code_for(program.name))
        for n in range(REPORTS):
            report(handset, f"第{n}件" + "长" * 300)
        number = handset.one("report", "--text", "有照片", "--type", TYPE, "--lat", "30.99", "--lon", "116.98", "--photo",
                             photo)["case"]
        sync(handset)
        for case in desk.cases():
            equal(desk.dispatch(case, UNIT).status, 200, "dispatch")
        handle(lead)
        for case in desk.cases("done,checking"):
            equal(desk.close(case["number"]).status, 200, "close")
        sync(handset)
        until(lambda: desk.stats()["closures_delivered"] == REPORTS + 1, "every receipt is at the server", 30)
        server.kill()
        server.start()
        equal(sorted(case["number"] for case in desk.cases()), sorted(submitted(handset)), "cases after a kill -9")
        equal({row["state"] for row in own_cases(handset).values()}, {"closed"}, "what the handset shows")
        check_photos(world, handset.one("show", number)["photos"])
        desk.verify()
        server.stop()


def check_photos(world, rows):
    equal([row["state"] for row in rows], ["complete"] * 2, "photo and thumbnail")
    for row in rows:
        held = [path for path in world.server.data.rglob(row["hash"]) if path.is_file()]
        equal([hashlib.sha256(path.read_bytes()).hexdigest() for path in held], [row["hash"]], "a photo at the server")


if __name__ == "__main__":
    sys.exit(tap.run(cases_of(globals())))
