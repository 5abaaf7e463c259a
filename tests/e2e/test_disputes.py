#!/usr/bin/python3
"""A dispute over the real programs: from a report through grade and body, a session that a mediator records
offline, an agreement, its date, to closure and what the village of origin is told; and a major case's gate."""
import datetime
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
import tap
from district import ACCEPTOR, CODE, DISPATCHER, LATITUDE, LONGITUDE, sync
from expect import equal
from harness import World, until
from test_adjust import Terminal
from test_tasks import case_of

REPORTER, MEDIATOR, DESK, VILLAGE, SUPERVISOR = "G005", "H-M2", "L-T2", "L-V5", "V001"
BODY = "U-M2"


def begun(world):
    """A served district, a dispute that its mediation body handles, and the mediator's handset."""
    server = world.server.start()
    server.district()
    handsets = []
    for person in (REPORTER, MEDIATOR):
        handset = world.handset(person)
        handset.enrol(server.code_for(person))
        handsets.append(handset)
    number = handsets[0].one("report", "--text", "两家争路", "--type", "60001", "--lat", LATITUDE,
                             "--lon", LONGITUDE)["case"]
    sync(handsets[0])
    terminal = Terminal(server)
    return server, terminal, number, handsets


def handled(terminal, number):
    terminal.must(number, "dispatch", DISPATCHER, "dispatched", "--condition=none-of-them", f"--unit={BODY}")
    terminal.must(number, "sign", MEDIATOR, "handling")


def later(seconds):
    now = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)
    return now.strftime("%Y-%m-%dT%H:%M:%SZ")


def test_a_dispute_is_mediated_offline_agreed_and_its_date_is_asked_for():
    with World() as world:
        server, terminal, number, (_, mediator) = begun(world)
        case = terminal.must(number, "grade", ACCEPTOR, "received", "--grade=harder")
        equal((case["dispute"]["grade"], case["proposed_unit"]), ("harder", "U-T2"), "a grade names its tier's desk")
        handled(terminal, number)
        terminal.refused(number, "finish", MEDIATOR, "guard", "--text=好了")
        terminal.refused(number, "mediate", MEDIATOR, "field", "--kind=magic")
        terminal.must(number, "mediate", MEDIATOR, "handling", "--kind=peoples", "--linkage=police")
        sync(mediator)
        server.stop()
        mediator.run("session", number, "--outcome", "agreed", "--text", "双方同意", expect=64)
        mediator.one("session", number, "--outcome", "agreed", "--present", "2,1,0,1", "--text", "双方同意让路")
        server.start()
        sync(mediator)
        one = case_of(server, number)["mediations"][0]
        equal((one["state"], one["kind"], one["linkage"], one["sessions"], one["last_session"]["outcome"]),
              ("open", "peoples", "police", 1, "agreed"), "the record")
        equal(one["last_session"]["present"], {"parties": 2, "mediators": 1, "experts": 0, "officials": 1}, "who was there")
        terminal.refused(number, "conclude", MEDIATOR, "field", "--outcome=agreed", "--text=各让半米")
        terminal.must(number, "conclude", MEDIATOR, "handling", "--outcome=agreed", "--agreement=2026-17",
                      "--amount-fen=50000", f"--dates={later(3)},{later(864000)}", "--text=各让半米")
        sync(mediator)
        terminal.must(number, "finish", MEDIATOR, "done", "--text=已达成协议")
        case = terminal.must(number, "close", ACCEPTOR, "closed", "--ended", "--text=双方已达成协议")
        equal(case["dispute"]["copied_to"], "U-V5", "the village of origin is told")
        asked = until(lambda: case_of(server, number)["mediations"][0]["performances"][0]["asked"] or None, "its date comes")
        equal(asked, True, "the clock asks")
        case = terminal.must(number, "perform", MEDIATOR, "closed", "--date=1", "--outcome=not")
        equal((case["dispute"]["owed"], case["dispute"]["unkept"]), (1, 1), "one is not kept")
        case = terminal.must(number, "perform", MEDIATOR, "closed", "--date=1", "--outcome=done")
        equal(case["dispute"]["unkept"], 0, "now it is")
        case = case_of(server, number)
        one = case["mediations"][0]
        equal((one["agreement"], one["amount_fen"], one["text"], [row["outcome"] for row in one["performances"]]),
              ("2026-17", 50000, "各让半米", ["done", "open"]), "the agreement")
        equal([row["papers"]["outcome"] for row in case["history"] if row["verb"] == "conclude"], ["agreed"], "its entry")
        dossier = server.must("GET", f"/districts/{CODE}/cases/{number}/dossier")
        papers = [(row["paper"], row["verb"], [also["paper"] for also in row["also"]]) for row in dossier["papers"]]
        for wanted in (("mediation", "mediate", []), ("mediation", "session", []), ("agreement", "conclude", []),
                       ("closing", "close", ["copy"]), ("performance", "perform", [])):
            equal(wanted in papers, True, f"{wanted} of {papers}")
        equal((dossier["kinds"], dossier["missing"]), (["dispute"], []), "its dossier lacks nothing")
        told = {(row["person"], row["kind"]) for row in
                server.must("GET", f"/districts/{CODE}/notices?limit=500")["items"] if row["number"] == number}
        for wanted in ((MEDIATOR, "perform-due"), (VILLAGE, "copied")):
            equal(wanted in told, True, f"{wanted} of {sorted(told)}")
        equal(server.must("POST", f"/districts/{CODE}/verify")["holds"], True, "the district verifies")
        server.stop()


def test_a_dispute_goes_down_a_tier_and_a_party_is_given_time():
    with World() as world:
        server, terminal, number, _ = begun(world)
        handled(terminal, number)
        terminal.must(number, "suspend", MEDIATOR, "suspended", "--text=当事人外出")
        terminal.must(number, "resume", DISPATCHER, "handling")
        terminal.refused(number, "suspend", MEDIATOR, "guard", "--text=又外出")
        terminal.must(number, "move-down", DESK, "tier_moving", "--text=村里未先行调解")
        case = terminal.must(number, "receive", VILLAGE, "handling")
        equal((case["unit"], case["tier"]), ("U-V5", 1), "the village has it")
        terminal.must(number, "mediate", VILLAGE, "handling", "--kind=peoples")
        case = terminal.must(number, "move-up", DESK, "tier_moving", "--grade=complex", "--text=牵涉三户")
        equal((case["dispute"]["grade"], case["tier"], case_of(server, number)["mediations"][0]["state"]),
              ("complex", 3, "left"), "a raised grade moves it up")
        server.stop()


def test_a_major_case_waits_for_its_plan_and_experts_are_heard():
    with World() as world:
        server, terminal, number, _ = begun(world)
        handled(terminal, number)
        terminal.must(number, "grade", SUPERVISOR, "handling", "--major=yes")
        told = server.must("GET", f"/districts/{CODE}/notices?limit=500")["items"]
        equal([row["number"] for row in told if row["kind"] == "major"][:1], [number], "who can name sponsor and force is told")
        terminal.refused(number, "mediate", MEDIATOR, "guard", "--kind=professional")
        terminal.must(number, "grade", SUPERVISOR, "handling", "--major=no")
        terminal.must(number, "mediate", MEDIATOR, "handling", "--kind=professional")
        terminal.must(number, "conclude", MEDIATOR, "handling", "--outcome=failed", "--text=意见不一")
        terminal.must(number, "grade", SUPERVISOR, "handling", "--major=yes")
        terminal.refused(number, "finish", MEDIATOR, "guard", "--text=好了")
        terminal.refused(number, "plan", SUPERVISOR, "field", f"--sponsor={REPORTER}", "--text=方案")
        terminal.refused(number, "consult", MEDIATOR, "guard", "--outcome=held", "--text=意见")
        terminal.must(number, "consult", MEDIATOR, "handling", "--outcome=asked", "--text=请法律专家研判")
        terminal.must(number, "consult", MEDIATOR, "handling", "--outcome=held", "--text=建议诉讼",
                      "--decisions=司法所跟进\n镇里协助")
        papers = [row["papers"] for row in case_of(server, number)["history"] if row["verb"] == "consult"][-1]
        equal((papers["outcome"], papers["decisions"]), ("held", ["司法所跟进", "镇里协助"]), "what was decided")
        server.stop()


if __name__ == "__main__":
    sys.exit(tap.run([test for name, test in list(globals().items()) if name.startswith("test_")]))
