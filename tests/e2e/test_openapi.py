#!/usr/bin/python3
"""A small district lives, and every route that is read answers as server/console/openapi.json says: whole, with nothing
that the document does not name.  So does every route that changes something, once; the tests that tell the rest of their
stories are run with BH_JUDGED (meson.build)."""
import datetime
import json
import pathlib
import sys

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
import tap
from district import ACCEPTOR, CODE, DISPATCHER, LATITUDE, LEAD, LONGITUDE, TYPE, UNIT, Desk, report, sync
from expect import cases_of, equal
from harness import DEMO, TOP, Server, World, until
from judge import Judge
from pictures import jpeg
from test_ends import days_later, state_is

ADMIN, SHIFT_LEADER, WORKER, NEIGHBOUR, CITIZEN = "X001", "S001", "G001", "G002", "R901"
OFFICER, OTHER_OFFICER, ARCHIVIST, AUDITOR, AGENT = "P001", "P002", "K001", "U001", "F001"
GRID, MARK = "990101001001001", "3408030000000A17"
PDF = b"%PDF-1.7\n" + b"an agreement\n" * 40 + b"%%EOF\n"
CHINA = datetime.timezone(datetime.timedelta(hours=8))


def profile():
    made = json.loads((DEMO / "profile.json").read_text())
    for code, role in ((OFFICER, "privacy_officer"), (OTHER_OFFICER, "privacy_officer"), (ARCHIVIST, "archivist"),
                       (AUDITOR, "auditor"), (AGENT, "followup_agent"), (CITIZEN, "reporter"), ("S002", "shift_leader")):
        made["people"].append({"code": code, "name": f"占位{role}", "posts": [{"role": role, "area": CODE}]})
    made["patrols"] = [{"code": "P1", "name": "早巡", "grid": GRID, "checkpoints": [
        {"name": "东门", "latitude": 31.0075, "longitude": 116.9745, "radius_m": 60}, {"name": "配电房"}]}]
    made["assets"] = [{"code": MARK, "type": TYPE, "unit": UNIT, "grade": "A", "state": "in_use"}]
    made["duty_periods"] = [{"name": "国庆", "from": "2027-10-01", "to": "2027-10-07", "paper": "通知"}]
    made["units"].append({"code": "U-NB", "name": "无人单位", "kind": "SANITATION", "area": CODE, "form": "body"})
    return made


class Life:
    """A district with what its days leave, and the way to ask of it."""

    def __init__(self, world):
        self.world, self.server = world, world.server.start()
        self.desk = Desk(self.server)
        self.keys = 0

    def get(self, tail="", **options):
        return self.server.must("GET", f"/districts/{CODE}{tail}", **options)

    def post(self, tail, body=None, acting=None):
        self.keys += 1
        return self.server.must("POST", f"/districts/{CODE}{tail}", body, acting=acting, key=f"key-{self.keys}")

    def refused(self, status, method, tail, body=None, **options):
        answer = self.server.ask(method, f"/districts/{CODE}{tail}", body, **options)
        equal(answer.status, status, f"{method} {tail}: {answer.text}")

    def act(self, number, verb, acting, **body):
        return self.post(f"/cases/{number}/{verb}", body, acting=acting)

    def enrolled(self, person):
        handset = self.world.handset(person)
        handset.enrol(self.post(f"/people/{person}/enrolment", {"ttl_minutes": 60})["payload"])
        return handset

    def closed(self, number):
        self.act(number, "dispatch", DISPATCHER, unit=UNIT, condition="none-of-them")
        self.act(number, "sign", LEAD)
        self.act(number, "finish", LEAD, text="已补")
        self.act(number, "close", ACCEPTOR, text="已补好", matter_ended=True)


def founded(life):
    """The district's rules, whole and in parts."""
    life.server.must("POST", "/districts", {"code": CODE}, key="found")
    life.server.must("POST", "/reload")
    made = profile()
    life.refused(409, "POST", "/calendar", {"year": 2027, "days": []})
    life.refused(422, "POST", "/profile", {**made, "name": "", "x": 1})
    life.post("/profile", made)
    life.post("/profile?apply=1", made)
    life.post("/tables?apply=1", {"people": [{"code": "G009", "name": "新人", "if_new": {"posts": []}}],
                                  "posts": [{"person": "G009", "role": "grid_worker", "area": GRID}]})
    life.post("/catalogue", json.loads((TOP / "server/console/catalogue.json").read_text()))
    life.post("/calendar?apply=1", {"year": 2027, "papers": [], "days": [
        {"name": "元旦", "date": "2027-01-01", "isOffDay": True}, {"name": "元旦", "date": "2027-01-09", "isOffDay": False}]})
    now = datetime.datetime.now(CHINA)
    begin, end = (f"{now + datetime.timedelta(hours=hours):%H:%M}" for hours in (-3, 1))
    life.post("/roster?apply=1", {"shifts": [{"desk": "U-ZZ", "person": SHIFT_LEADER, "from": begin, "to": end},
                                             {"desk": "U-ZZ", "person": "S002", "from": end, "to": begin}]})


def handed_over(life):
    life.post("/units/U-ZZ/hand-over", {"text": "无事"}, acting=SHIFT_LEADER)
    life.post("/units/U-ZZ/take-over", {}, acting="S002")


def reported(life):
    """Handsets bring cases, photos, service entries and a bundle; one is revoked, and what it drains is decided."""
    handset, other, citizen = (life.enrolled(person) for person in (WORKER, NEIGHBOUR, CITIZEN))
    picture = life.world.folder / "a.jpg"
    picture.write_bytes(jpeg(240, 3))
    numbers = [report(handset, f"{MARK} 井盖破损") for _ in range(2)]
    numbers.append(handset.one("report", "--text", "带照片", "--type", TYPE, "--lat", LATITUDE, "--lon", LONGITUDE,
                               "--photo", picture)["case"])
    handset.run("service", "consultation", "--text", "解答", "--grid", GRID)
    sync(handset)
    public = report(citizen)
    sync(citizen)
    late = [report(other, f"遗失的手机里{n}") for n in range(2)]
    carried = life.world.folder / "me.bundle"
    report(handset, "由人带来")
    handset.one("export", carried)
    life.post("/bundle", {"file": str(carried)})
    life.post("/devices/2/revoke", {"reason": "遗失"})
    other.run("sync", "--timeout", "20", expect=None)
    held = until(lambda: life.get("/devices/2/quarantine")["items"], "what was drained")
    equal(len(held), len(late), "held")
    life.refused(422, "POST", f"/devices/2/quarantine/{held[0]['position']}/release", {"reason": "找回"})
    life.post(f"/devices/2/quarantine/{held[0]['position']}/release", {"reason": "找回"}, acting=ADMIN)
    life.post(f"/devices/2/quarantine/{held[1]['position']}/discard", {"reason": "误报"}, acting=ADMIN)
    return numbers, public


def handled(life, numbers):
    """One case is closed with all that hangs on it, another is at work with a task and an order."""
    first, second = numbers[:2]
    life.closed(first)
    life.post(f"/cases/{first}/papers", {"kind": "other", "title": "记录", "text": "一页"}, acting=ACCEPTOR)
    added = life.server.must("POST", f"/districts/{CODE}/cases/{first}/papers/file?kind=agreement&title=a", PDF,
                             acting=ACCEPTOR, key="file")
    gone = life.post(f"/cases/{first}/papers", {"kind": "other", "title": "误"}, acting=ACCEPTOR)
    life.post(f"/cases/{first}/papers/{gone['position']}/withdraw", {"text": "错"}, acting=ACCEPTOR)
    life.act(second, "dispatch", DISPATCHER, unit=UNIT, condition="none-of-them")
    life.act(second, "sign", LEAD)
    life.act(second, "ask-help", LEAD, assignee="H-T1", text="帮看")
    life.act(second, "milestones", LEAD, steps=["1 work_hour look", "2 work_hour mend"], text="分步")
    order = life.post("/orders", {"kind": "chaser", "case": second, "text": "请速办"}, acting=DISPATCHER)["order"]
    life.post(f"/orders/{order}/answer", {"text": "在办"}, acting=LEAD)
    life.act(numbers[2], "merge", ACCEPTOR, main=second, text="同一件")
    return added["position"], order


def disputed(life):
    """A desk registers a dispute, which is graded and mediated; its parties are named, opened and asked to be erased."""
    made = life.post("/cases", {"intake": "hall", "visitors": 2, "type": "60001", "text": "邻里", "urgency": "P3",
                                "place": {"latitude": 31.0075, "longitude": 116.9745, "datum": "wgs84"}}, acting="D101")
    number = made["number"]
    party = life.post(f"/cases/{number}/parties", {"role": "complainant", "name": "占位姓名", "contact": "占位",
                                                   "consent": "given"}, acting="D101")
    equal(party["party"], 1, "the first party")
    life.act(number, "dispatch", "D101", unit="U-M1", condition="none-of-them")
    life.act(number, "sign", "L-M1")
    life.act(number, "mediate", "L-M1", kind="peoples")
    life.act(number, "session", "L-M1", outcome="agreed", present={"parties": 2, "mediators": 1}, text="谈成")
    life.act(number, "conclude", "L-M1", outcome="agreed", text="各让一步", agreement="1号", amount_fen=100,
             dates=[f"{datetime.datetime.now(CHINA) + datetime.timedelta(days=9):%Y-%m-%d}"])
    life.post(f"/cases/{number}/open", {"purpose": "mediation"}, acting="D101")
    life.act(number, "hold", OFFICER, reason="诉讼")
    life.act(number, "unhold", OFFICER, reason="结束")
    return number


def learnt(life):
    """Three cases that a unit gave back and another took speak for a rule, which is taken over."""
    handset = life.world.handsets[0]
    numbers = [report(handset, f"退回{n}") for n in range(3)]
    sync(handset)
    for number in numbers:
        life.act(number, "dispatch", DISPATCHER, unit=UNIT, condition="none-of-them")
        life.act(number, "return", LEAD, text="不属本单位职责")
        life.act(number, "accept-return", DISPATCHER)
        life.act(number, "dispatch", DISPATCHER, unit="U-HW", condition="none-of-them")
    rule = life.get("/routes/learn")["items"][0]
    life.post("/routes/learn?apply=1", {name: rule[name] for name in ("type", "area", "unit")} | {"paper": "纪要"})


def vouched(life):
    """For another key of a handset, which an administrator was told."""
    key = ec.generate_private_key(ec.SECP256R1()).public_key()
    told = key.public_bytes(serialization.Encoding.X962, serialization.PublicFormat.CompressedPoint).hex()
    equal(life.post("/devices/3/key", {"key": told})["key"], told, "the key that it has now")


def rated(life, public):
    """What the public reported is closed and rated, and somebody is told of nothing."""
    token = life.post(f"/cases/{public}/invite", {}, acting=CITIZEN)["token"]
    life.closed(public)
    life.refused(404, "POST", f"/cases/{public}/rating", {"token": "A" * 26, "rating": "fair"})
    life.server.must("POST", f"/districts/{CODE}/cases/{public}/rating",
                     {"token": token, "rating": "satisfied", "text": "好"})
    made = life.post(f"/people/{LEAD}/notice", {})
    life.post(f"/notices/{made['id']}/retry", {})


def archived(life, lent, erased):
    """Eight days later the clock has archived what was closed: one is sealed and lent, another's people are erased by two."""
    days_later(life.server, 8)
    for number in (lent, erased):
        state_is(life.server, number, "archived")
    life.act(lent, "seal", ARCHIVIST, text="缺件")
    for number in (lent, erased):
        life.act(number, "lend", ARCHIVIST, until=f"{datetime.datetime.now(CHINA) + datetime.timedelta(days=30):%Y-%m-%d}",
                 text="复议")
    life.act(erased, "give-back", ARCHIVIST)
    life.act(erased, "ask-erase", OFFICER, reason="本人请求")
    life.act(erased, "erase", OTHER_OFFICER, reason="同意")


def read_by_everybody(life, tails):
    """Each route is asked by the operator and by people who see more, or less, or nothing."""
    for tail in tails:
        for acting in (None, DISPATCHER, LEAD, WORKER, AUDITOR, ADMIN, OFFICER, CITIZEN, "NOBODY"):
            answer = life.server.ask("GET", f"/districts/{CODE}{tail}", acting=acting)
            equal(answer.status in (200, 403, 404), True, f"{tail} as {acting}: {answer.status} {answer.text[:200]}")


def tails_of(life, numbers, dispute, paper, order, public):
    first, second = numbers[:2]
    photo = next(one for one in life.get(f"/cases/{numbers[2]}")["photos"] if one["kind"] == "photo")["hash"]
    notice = life.get("/notices")["items"][0]["id"]
    now = datetime.datetime.now(CHINA)
    days = f"from={now - datetime.timedelta(days=1):%Y-%m-%d}"
    months = [f"/ratings?month={now + datetime.timedelta(days=more):%Y-%m}" for more in (-1, 0)]
    cases = [f"/cases/{number}" for number in (first, second, dispute, public)]
    return ["", *cases, *(f"{case}/dossier" for case in cases), f"{cases[1]}/similar", f"{cases[1]}/proposal",
            f"{cases[2]}/parties", f"{cases[3]}/ratings", f"{cases[1]}/dossier.zip", f"{cases[0]}/papers/{paper}",
            f"/blobs/{photo}", "/areas", "/units", "/people", "/routes", "/routes?version=1",
            f"/routes/explain?type={TYPE}&area={GRID}&asset={MARK}&at=2027-10-02", "/profile", "/catalogue",
            f"/catalogue?type={TYPE}", "/calendar", "/calendar?year=2027", "/roster", "/roster?desk=U-ZZ&at=2027-01-01",
            "/hand-overs", "/devices", "/keys", "/unmanned", "/census", "/census?holding=1", "/quarantine",
            "/devices/2/quarantine", "/queue", "/cases", f"/cases?state=handling,done&unit={UNIT}&limit=1", "/tasks",
            "/notices", f"/notices/{notice}", "/openings", "/erasures", f"/erasable?reporter={WORKER}", "/loans",
            *months, "/orders", "/orders?state=open", f"/orders/{order}", f"/orders/{order}/page",
            f"/services?{days}", f"/services/counts?{days}", f"/services/counts?by=day&{days}",
            f"/services/counts?by=grid&{days}", "/patrols",
            "/places/repeats", "/stats"]


def report_of_its_own(life):
    handset = life.world.handsets[0]
    number = report(handset, "将被删除")
    sync(handset)
    life.closed(number)
    return number


def test_every_route_answers_as_the_document_says():
    judge = Server.judge = Judge()
    with World() as world:
        life = Life(world)
        founded(life)
        handed_over(life)
        numbers, public = reported(life)
        paper, order = handled(life, numbers)
        dispute = disputed(life)
        rated(life, public)
        read_by_everybody(life, ["/routes/learn"])
        learnt(life)
        vouched(life)
        ended = report_of_its_own(life)
        tails = tails_of(life, numbers, dispute, paper, order, public)
        read_by_everybody(life, tails)
        archived(life, numbers[0], ended)
        life.server.must("GET", "/districts")
        opened = life.server.ask("POST", f"/districts/{CODE}/cases/{dispute}/dossier.zip", {"purpose": "mediation"},
                                 acting="L-M1")
        equal(opened.status, 200, f"a dossier with its names: {opened.text[:200]}")
        life.post("/verify")
        place = world.folder / "backups"
        place.mkdir()
        life.post("/backup", {"place": str(place)})
        read_by_everybody(life, [*tails[:9], f"/cases/{ended}", f"/cases/{ended}/dossier", "/loans", "/erasures"])
        life.get(f"/cases/{public}/ratings", acting=AGENT)
        life.get("/census?limit=1")
        world.server.stop()
    equal(set(judge.document.operations) - set(judge.answered), set(), "operations that nobody asked")
    empty = {pattern for method, pattern in judge.answered if judge.rows[(method, pattern)] == 0
             and '"items": {"' in json.dumps(judge.document.operations[(method, pattern)]["responses"])}
    equal(empty, set(), "lists that stayed empty")


def test_numbers_of_a_query_have_the_bounds_that_are_said():
    judge, count = Judge(), 0
    with World() as world:
        server = world.server.start()
        server.district()
        for (method, pattern), operation in judge.document.operations.items():
            for one in map(judge.document.whole, operation.get("parameters", [])):
                if one["in"] != "query" or "maximum" not in one["schema"] or "{" in pattern.replace("{d}", ""):
                    continue
                path, schema = pattern.replace("{d}", CODE), one["schema"]
                for value, status in ((schema["minimum"], 200), (schema["maximum"], 200), (schema["maximum"] + 1, 400),
                                      (schema["minimum"] - 1, 400), ("x", 400)):
                    answer = server.ask(method, f"{path}?{one['name']}={value}", acting=ADMIN)
                    equal(answer.status, status, f"{method} {path}: {one['name']} {value}")
                    count += 1
        world.server.stop()
    equal(count >= 50, True, f"bounds that were looked at: {count}")


if __name__ == "__main__":
    sys.exit(tap.run(cases_of(globals())))
