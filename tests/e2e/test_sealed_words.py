"""What is written in a case of a sealed type: who reads it as it is, and who says first what for."""
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
import tap
from district import ACCEPTOR, CODE, DISPATCHER, LATITUDE, LONGITUDE, sync
from district import LEAD as DESK  # of the township that the case lies in
from expect import cases_of, equal
from harness import World
from test_sealed import ARCHIVIST, AUDITOR, SEALED, begun, name, opened


def read_of(desk, number, person):
    return desk.get(f"/cases/{number}", acting=person)["text"]


def test_what_is_written_in_a_sealed_case_is_read_for_a_purpose_by_who_oversees():
    told, noted = "替一位老人办证", "先与他约好"
    with World() as world:
        desk, handset, plain = begun(world)
        row, other = (handset.one("report", "--text", text, "--type", "80002", "--lat", LATITUDE, "--lon", LONGITUDE)
                      for text in (told, "再办一件"))
        sync(handset)
        number = row["case"]
        equal(("no-names" in row["hints"], handset.one("report", "--text", "x", "--type", "10001")["hints"]), (True, ["photo"]),
              "what the handset says of it")
        name(desk, number)
        desk.server.must("POST", desk.path(f"/cases/{number}/dispatch"),
                         {"unit": "U-T2", "condition": "none-of-them", "text": noted}, acting=DISPATCHER)

        def read(person):
            case = desk.get(f"/cases/{number}", acting=person)
            return case["text"], [entry["text"] for entry in case["history"] if entry["text"]]

        zipped = desk.path(f"/cases/{number}/dossier.zip")
        for person in (ACCEPTOR, DISPATCHER, DESK, "G001"):
            equal(read(person)[0], told, f"what {person} reads")
        for person in ("V001", ARCHIVIST, AUDITOR):
            equal(read(person), (None, []), f"what {person} reads")
        equal([desk.server.ask("GET", zipped, acting=ARCHIVIST).json["code"], desk.get(f"/cases/{plain}", acting="V001")["text"]],
              ["purpose", "井盖破损"], "all of it in one file; and what is not sealed")
        beside = desk.get(f"/cases/{other['case']}/similar", acting=ACCEPTOR)["items"]
        equal([item["text"] for item in beside if item["number"] == number], [None], "beside another case")
        equal([opened(desk, number, acting=AUDITOR, purpose="oversight").status, opened(desk, plain, acting="V001").status],
              [403, 403], "who may not open it, and what is not sealed")
        answer = opened(desk, number, acting="V001", purpose="oversight").json["items"][0]
        equal((answer["name"], answer["withheld"]), (SEALED, "this post opens nobody's name"), "names")
        equal((read("V001")[0], noted in read("V001")[1], read(ARCHIVIST)[0]), (told, True, None), "with a purpose")
        equal(opened(desk, number, acting=ARCHIVIST, purpose="oversight").status, 200, "the archivist, too")
        equal(desk.server.ask("GET", zipped, acting=ARCHIVIST).status, 200, "all of it in one file")
        equal(desk.server.ask("POST", zipped, {"purpose": "legal"}, acting=ARCHIVIST).status, 403, "with names")
        nobody = other["case"]  # it names nobody: there are words alone to read
        equal(read_of(desk, nobody, "V001"), None, "before")
        equal((opened(desk, nobody, acting=DISPATCHER).json["code"],
               opened(desk, nobody, acting="V001", purpose="oversight").json["items"]), ("not_now", []), "a case that names nobody")
        equal(read_of(desk, nobody, "V001"), "再办一件", "with a purpose")
        rows = [(row["person"], row["number"], row["purpose"]) for row in desk.get("/openings", acting=AUDITOR)["items"]]
        equal(rows, [("V001", number, "oversight"), (ARCHIVIST, number, "oversight"), ("V001", nobody, "oversight")], "openings")
        desk.verify()
        world.server.stop()
        # Without a seal key it is names that nobody reads.
        (world.server.data / CODE / "keys" / "seal.key").unlink()
        world.server.start()
        equal((opened(desk, nobody, acting=ARCHIVIST, purpose="legal").status, read_of(desk, nobody, ARCHIVIST)), (200, "再办一件"),
              "words without a seal key")
        answer = opened(desk, number, acting="V001", purpose="legal").json["items"][0]
        equal((answer["name"], answer["withheld"]), (SEALED, "the district has no seal key"), "names without a seal key")
        equal(opened(desk, number, acting=DISPATCHER).json["code"], "seal-key", "who opens names")
        desk.verify()
        world.server.stop()


if __name__ == "__main__":
    sys.exit(tap.run(cases_of(globals())))
