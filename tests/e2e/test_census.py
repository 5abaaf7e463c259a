#!/usr/bin/python3
"""Who holds work that is not here: asked of the server after handsets had a word with it and went quiet."""
import json
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
import tap
from chaos import Chaos, Way
from district import Desk, report, sync
from expect import cases_of, equal
from harness import BIHUAN, Failed, World, until
from test_metrics import value

BEHIND_HELLO = 3  # application records of a link: the handshake's last, Hello, and then what it sends


def census(server, *words):
    done = subprocess.run([BIHUAN, "--socket", server.admin_path, "census", "--json", *words], check=False,
                          stdin=subprocess.DEVNULL, capture_output=True, timeout=60)
    if done.returncode:
        raise Failed(f"census: exit {done.returncode}: {done.stderr.decode(errors='replace')}")
    return [json.loads(line) for line in done.stdout.decode().splitlines()]


def said(server, device):
    return {row["device"]: row for row in census(server)}[device]


def test_what_a_handset_could_not_send_is_counted_until_it_arrives():
    with Chaos() as net, World(public=f"127.0.0.1:{net.port}") as world:
        server = world.server.start()
        net.to(server.port)
        server.district()
        desk = Desk(server)
        full, silent = world.handset("G001"), world.handset("G002")
        for handset in (full, silent):
            handset.enrol(server.code_for(handset.name))
        report(full)
        sync(full)
        until(lambda: said(server, 1)["unsent_ops"] == 0, "the first word", 20)
        row = said(server, 1)
        equal((row["unsent_bytes"], row["oldest_at"], row["state"]), (0, None, "live"), "a handset that sent all")
        equal(census(server, "--holding"), [], "who holds something")
        equal(value(server, "bihuan_unsent_devices"), 0, "metric")
        for n in range(3):
            report(full, f"未上传 {n}")
        net.up = Way(hole=True, after=BEHIND_HELLO)
        full.run("sync", "--timeout", "2", expect=None)
        net.up = Way()
        until(lambda: said(server, 1)["unsent_ops"] == 3, "what it could not send is known", 20)
        row = census(server, "--holding")[0]
        equal((row["device"], row["unsent_bytes"], row["since"]), (1, None, row["said_at"]), "their age is not known")
        equal((value(server, "bihuan_unsent_devices"), value(server, "bihuan_unsent_ops")), (1, 3), "metrics")
        equal(value(server, "bihuan_unsent_bytes"), 0, "of a size that was not said")
        equal([row["device"] for row in census(server, "--holding", "--area=990101")], [1], "in the whole district")
        equal(census(server, "--holding", "--unit=U-T2"), [], "of a unit's people")
        desk.post("/devices/1/revoke", {"reason": "遗失"})
        equal([row["state"] for row in census(server, "--holding")], ["revoked"], "a revoked one that holds something")
        full.run("sync", "--timeout", "20", expect=None)
        until(lambda: census(server, "--holding") == [], "it drained", 20)
        equal([row["device"] for row in census(server)], [2], "a revoked one that holds nothing is not waited for")
        equal(value(server, "bihuan_unsent_oldest_seconds"), 0, "metric")


if __name__ == "__main__":
    sys.exit(tap.run(cases_of(globals())))
