#!/usr/bin/python3
"""A handset is revoked with 200 reports that nobody has (B12): it drains them into quarantine, and is told nothing."""
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
import tap
from district import LATITUDE, LONGITUDE, TYPE, Desk, report, submitted, sync
from expect import cases_of, equal
from harness import World

REPORTS = 200


def record_many(world, handset, count):
    table = world.folder / "many.csv"
    rows = ["text,type,latitude,longitude"] + [f"离线 {n},{TYPE},{LATITUDE},{LONGITUDE}" for n in range(count)]
    table.write_text("\n".join(rows) + "\n")
    handset.run("report", "--csv", table)


def test_B12_a_revoked_handset_drains_200_reports_and_is_told_nothing():
    with World() as world:
        server = world.server.start()
        server.district()
        desk = Desk(server)
        worker = world.handset("G001")
        worker.enrol(server.code_for("G001"))
        first = report(worker, "撤销之前")
        sync(worker)
        record_many(world, worker, REPORTS)
        desk.post("/devices/1/revoke", {"reason": "遗失"})
        equal(desk.dispatch(first).status, 200, "dispatch")
        before = {row["case"]: row["state"] for row in worker.run("list")}
        worker.run("sync", "--timeout", "20", expect=None)
        verdicts = [op["verdict"] for op in submitted(worker).values()]
        equal((verdicts.count("accepted"), verdicts.count("quarantined")), (1, REPORTS), "verdicts")
        status = worker.status()
        equal((status["cause"], status["unsent_ops"]), ("revoked", 0), "what the worker reads")
        equal({row["case"]: row["state"] for row in worker.run("list")}, before, "what the handset shows")
        equal(desk.get("/stats")["cases"], 1, "cases")
        desk.verify()


if __name__ == "__main__":
    sys.exit(tap.run(cases_of(globals())))
