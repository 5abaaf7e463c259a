#!/usr/bin/python3
"""Attacks by who has a post: reads more than his views, hands on what is restricted, consents for others, grants himself."""
import hashlib
import json
import pathlib
import sqlite3
import struct
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
import tap
from district import ACCEPTOR, CODE, DISPATCHER, LATITUDE, LEAD, LONGITUDE, UNIT, Desk, sync
from expect import cases_of, equal
from harness import DEMO, World, until
from test_rating import token_for

CITIZEN, OTHER, AUDITOR, ASSESSOR, PRIVACY, PRIVACY_2, BOTH = "R901", "R902", "AU01", "AS01", "Q001", "Q002", "B001"
CHILDREN, CHILDREN_LEAD, HER_ACCEPTOR, HER_DISPATCHER = "U-CP", "L-CP", "A080", "D080"
COVER, QUARREL, CARE, CHILD = "10003", "60001", "80006", "80009"
CANARY = "金丝雀"


def profile(children=True, classes=()):
    """The demo's people, and one of each whom it lacks; children: a unit for those, too."""
    made = json.loads((DEMO / "profile.json").read_text())

    def person(code, *posts):
        made["people"].append({"code": code, "name": code, "posts": [{"area": CODE, **post} for post in posts]})

    for code, role in ((CITIZEN, "reporter"), (OTHER, "reporter"), (AUDITOR, "auditor"), (ASSESSOR, "assessor"),
                       (PRIVACY, "privacy_officer"), (PRIVACY_2, "privacy_officer"), ("F001", "followup_agent")):
        person(code, {"role": role})
    person(HER_ACCEPTOR, {"role": "acceptor", "classes": [80]})
    person(HER_DISPATCHER, {"role": "dispatcher", "classes": [80]})
    person(BOTH, {"role": "dispatcher"}, {"role": "tier_desk", "unit": UNIT, "area": CODE + "002"})
    if children:
        made["units"].append({"code": CHILDREN, "name": "未保中心", "kind": "CHILD_PROTECTION", "area": CODE, "desk": False})
        person(CHILDREN_LEAD, {"role": "unit_lead", "unit": CHILDREN})
    made["settings"]["self_dispose_classes"] = list(classes)
    return json.dumps(made)


class Town:
    """A district, whoever reports in it, and its desk."""

    def __init__(self, world, raw=None, **config):
        self.world, self.server = world, world.server
        if config:
            self.server.configure(**config)
        self.server.start()
        self.server.district(profile=raw or profile())
        self.desk, self.handsets = Desk(self.server), {}

    def report(self, person=CITIZEN, kind=COVER, text="正文"):
        if person not in self.handsets:
            self.handsets[person] = self.world.handset(person)
            self.handsets[person].enrol(self.server.code_for(person))
        handset = self.handsets[person]
        number = handset.one("report", "--text", text, "--type", kind, "--lat", LATITUDE, "--lon", LONGITUDE)["case"]
        sync(handset)
        return number

    def act(self, number, verb, acting, status=200, **body):
        answer = self.desk.act(number, verb, body, acting=acting)
        equal(answer.status, status, f"{verb} by {acting}: {answer.text}")
        return answer

    def get(self, tail, acting=None):
        return self.server.ask("GET", self.desk.path(tail), acting=acting)

    def handled(self, person=CITIZEN, **words):
        number = self.report(person, **words)
        self.act(number, "dispatch", DISPATCHER, unit=UNIT, condition="none-of-them")
        self.act(number, "sign", LEAD)
        return number


def test_a_task_and_a_party_are_shown_to_whom_the_case_is():
    with World() as world:
        town = Town(world)
        number = town.handled()
        town.act(number, "ask-visit", ACCEPTOR, assignee="G004", until="2027-01-02", text=CANARY)
        town.act(number, "parties", ACCEPTOR, role="witness", name="甲", consent="given")
        for person, rows, told in ((None, 1, True), (ACCEPTOR, 1, True), ("G004", 1, True), (AUDITOR, 1, False),
                                   (ASSESSOR, 1, False), (CITIZEN, 0, False), (OTHER, 0, False)):
            tasks = town.get("/tasks", person).json["items"]
            equal((len(tasks), [CANARY] == [task["text"] for task in tasks]), (rows, told), f"/tasks of {person}")
            answer = town.get(f"/cases/{number}", person)
            shown = answer.json.get("tasks", [])
            equal((len(shown), CANARY in json.dumps(shown, ensure_ascii=False)), (rows, told), f"the case's tasks for {person}")
        for person, status in ((ACCEPTOR, 200), (PRIVACY, 200), (CITIZEN, 403), (AUDITOR, 403), (ASSESSOR, 403),
                               ("G004", 403), (OTHER, 404)):
            equal(town.get(f"/cases/{number}/parties", person).status, status, f"the parties for {person}")


def test_what_is_restricted_is_given_to_nobody_by_a_task_and_listed_to_no_auditor():
    with World() as world:
        town = Town(world)
        plain = town.handled()
        child = town.report(kind=CHILD)
        town.act(child, "file", HER_ACCEPTOR)
        town.act(child, "dispatch", HER_DISPATCHER, unit=CHILDREN)
        town.act(child, "sign", CHILDREN_LEAD)
        for whom in ({"assignee": "G004"}, {"unit": "U-HW"}):
            town.act(child, "ask-visit", HER_ACCEPTOR, 422, until="2027-01-02", text="去看", **whom)
        for whom in ({"assignee": "H-HW"}, {"unit": "U-HW"}):
            town.act(child, "ask-help", CHILDREN_LEAD, 422, text="来帮", **whom)
        for made, verb, words in ((town.handled, "ask-visit", {"until": "2027-01-02", "text": "去看"}),
                                  (town.report, "ask-verify", {})):
            number = made()
            town.act(number, verb, ACCEPTOR, assignee="G004", **words)
            town.act(number, "amend", "S001", type=CHILD, text="改类")
            case = town.desk.case(number)
            equal(([task["state"] for task in case["tasks"]], case["state"] == "verifying"), (["lapsed"], False), "its task")
            equal(town.get(f"/cases/{number}", "G004").status, 404, "for whose task it was")
        town.act(child, "parties", HER_ACCEPTOR, role="complainant", name="甲", consent="given")
        town.act(child, "open", HER_ACCEPTOR, purpose="handling")
        for tail in (f"/erasable?reporter={CITIZEN}", "/openings"):
            equal(child in town.get(tail, PRIVACY).text, True, f"{tail} of a privacy officer")
            equal(child in town.get(tail, AUDITOR).text, False, f"{tail} of an auditor")
        told = town.desk.get("/notices?limit=500")["items"]
        equal(child in {row["number"] for row in told}, True, "the operator's outbox")
        shown = {row["id"]: (row["kind"], row["number"], row["key"])
                 for row in town.get("/notices?limit=500", "X001").json["items"]}
        sight = {row["number"]: shown[row["id"]] for row in told if row["person"] != "X001"}
        equal((sight[child], sight[plain][1]), ((None, None, None), plain), "an administrator's")
        town.desk.verify()


def test_without_a_unit_the_clock_gives_what_is_restricted_to_the_county_s_desk():
    with World() as world:
        town = Town(world, profile(children=False), test_due_divisor=600)
        number = town.report(kind=CHILD)
        until(lambda: town.desk.case(number)["state"] != "received", "the clock dispatches it", 30)
        equal(town.desk.case(number)["unit"], "U-ZZ", "to the desk of")
        equal(town.get(f"/cases/{number}", "L-V5").status, 404, "for the village's desk")
        told = [row["person"] for row in town.desk.get("/notices?limit=100")["items"] if row["kind"] == "automatic"]
        equal("S001" in told, True, f"the shift leader is told: {told}")


def test_only_the_complainant_or_who_represents_him_consents():
    with World() as world:
        town = Town(world, profile(classes=[10, 80]))
        number = town.report(kind=CARE)
        town.act(number, "parties", ACCEPTOR, role="complainant", name="甲", consent="refused")
        town.act(number, "parties", ACCEPTOR, role="witness", name="乙", consent="given")
        town.act(number, "file", ACCEPTOR, 422)
        town.act(number, "parties", ACCEPTOR, role="representative", name="丙", consent="given")
        town.act(number, "file", ACCEPTOR, 422)
        town.act(number, "parties", ACCEPTOR, party=1, role="complainant", name="甲", consent="given")
        town.act(number, "file", ACCEPTOR)
        town.act(number, "parties", ACCEPTOR, party=3, role="representative", name="丙", consent="withdrawn")
        town.act(number, "dispatch", DISPATCHER, 422, unit="U-V5")
        town.act(number, "parties", ACCEPTOR, party=3, role="representative", name="丙", consent="given")
        town.act(number, "dispatch", DISPATCHER, unit="U-V5")


def test_what_was_asked_with_a_key_cannot_be_guessed_from_the_file():
    with World() as world:
        town = Town(world)
        number = town.handled()
        target, body = town.desk.path(f"/cases/{number}/finish"), json.dumps({"text": "尾号4711"})
        ask = lambda text: town.server.ask("POST", target, text, acting=LEAD, key="k-1")
        equal(ask(body).status, 200, "finish")
        equal((ask(body).json["repeat"], ask(body + " ").status), (True, 422), "the same again, and another")
        town.server.stop()
        con = sqlite3.connect(f"file:{town.server.data / CODE / 'district.db'}?mode=ro", uri=True)
        kept = b"".join(row[0] for row in con.execute("SELECT hash FROM desk_key"))
        con.close()
        parts = [b"bh-request-1", struct.pack(">I", 0), b"POST\0", target.encode() + b"\0", body.encode()]
        plain = hashlib.sha256(b"".join(parts)).digest()
        framed = hashlib.sha256(b"".join(struct.pack(">I", len(part)) + part for part in parts)).digest()
        equal((len(kept) >= 64, plain in kept, framed in kept), (True, False, False), "its hash in the file")
        town.server.start()
        equal(ask(body).json["repeat"], True, "after a restart")


def erased(town, number):
    town.act(number, "ask-erase", PRIVACY, reason="本人要求")
    town.act(number, "erase", PRIVACY_2, reason="同意")


def test_an_erasure_takes_the_answer_out_of_the_cases_that_were_merged_into_it():
    with World() as world:
        town = Town(world)
        main, merged, late, undone = (town.report(person) for person in (CITIZEN, OTHER, OTHER, OTHER))
        for number in (merged, undone):
            town.act(number, "merge", ACCEPTOR, main=main, text="同一件")
        town.act(main, "dispatch", DISPATCHER, unit=UNIT, condition="none-of-them")
        town.act(main, "sign", LEAD)
        town.act(main, "finish", LEAD, text="已补")
        town.act(main, "close", ACCEPTOR, text=CANARY, matter_ended=True)
        town.act(late, "merge", ACCEPTOR, main=main, text="同一件")
        town.act(undone, "unmerge", ACCEPTOR, text="另一件")
        for number in (merged, late, undone):
            equal(CANARY in json.dumps(town.desk.case(number), ensure_ascii=False), True, "its main case's answer before")
        erased(town, main)
        for number in (main, merged, late, undone):
            case = json.dumps(town.desk.case(number), ensure_ascii=False)
            equal((CANARY in case, number == main or "正文" in case), (False, True), f"{number} after")
        town.desk.verify()
        town.server.stop()
        held = b"".join(path.read_bytes() for path in (town.server.data / CODE).glob("district.db*"))
        equal(CANARY.encode() in held, False, "on the disk")


def test_an_administrator_is_not_told_which_case_was_rated_badly():
    with World() as world:
        town = Town(world)
        number = town.handled()
        town.act(number, "finish", LEAD, text="已补")
        town.act(number, "close", ACCEPTOR, text="已补好", matter_ended=True)
        town.server.must("POST", town.desk.path(f"/cases/{number}/rating"),
                         {"token": token_for(town.server, number), "rating": "dissatisfied", "text": "没补好"})
        rows = lambda person: town.get("/notices?limit=100", person).json["items"]
        known = [row for row in rows(None) if row["kind"] == "rated-low"]
        equal([row["number"] for row in known], [number] * len(known), "the operator's list")
        equal(bool(known), True, "somebody is told of it")
        ids = {row["id"] for row in known}
        hidden = [row for row in rows("X001") if row["id"] in ids]
        equal({(row["kind"], row["number"], row["key"]) for row in hidden}, {(None, None, None)}, "the administrator's")
        one = town.get(f"/notices/{known[0]['id']}", "X001").json
        equal((one["kind"], one["number"]), (None, None), "one of them")


def test_nobody_grants_what_he_or_his_unit_asks_for():
    with World() as world:
        town = Town(world)
        number = town.handled()
        town.act(number, "ask-extension", BOTH, text="请延期")
        town.act(number, "extend", BOTH, 422, text="准")
        town.act(number, "extend", DISPATCHER, text="准")
        town.act(number, "ask-extension", LEAD, text="再延期")
        town.act(number, "extend", BOTH, 422, text="准")
        town.act(number, "refuse-ask", DISPATCHER, text="不准")
        town.act(number, "ask-suspension", BOTH, until="2027-03-01", text="请挂账")
        town.act(number, "suspend", BOTH, 422, text="准")
        other = town.handled()
        town.act(other, "return", LEAD, text="不归我办")
        town.act(other, "accept-return", BOTH, 422, text="同意")
        town.act(other, "accept-return", DISPATCHER, text="同意")


if __name__ == "__main__":
    sys.exit(tap.run(cases_of(globals())))
