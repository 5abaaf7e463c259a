#!/usr/bin/python3
"""A unit appeals against its lateness, over the real programs: once, two people review it, what is granted stays late to be
seen; what the clock does where nobody looks; and what somebody tries who has no business with it."""
import hashlib
import pathlib
import sys
import zipfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
import tap
from district import ACCEPTOR, CODE, DISPATCHER, LEAD, UNIT, report, sync
from expect import equal, holds
from harness import World, until
from test_adjust import HANDLER, SHIFT_LEADER, SUPERVISOR
from test_dossier import told
from test_ends import REPORTER, days_later, handled, served

OTHER_LEAD, WORKER = "L-HW", "G003"


def case_of(server, number):
    return server.must("GET", f"/districts/{CODE}/cases/{number}")


def closed_late(world, *more):
    """Two cases of one unit, of which it finished one days after its limit, and everything that served them."""
    server, terminal, (handset,) = served(world, REPORTER)
    late, soon = report(handset), report(handset, "路灯不亮")
    sync(handset)
    terminal.must(late, "dispatch", DISPATCHER, "dispatched", "--condition=none-of-them", f"--unit={UNIT}")
    terminal.must(late, "sign", LEAD, "handling")
    handled(terminal, soon)
    terminal.must(soon, "close", ACCEPTOR, "closed", "--ended", "--text=已处理")
    days_later(server, 12)
    terminal.must(late, "finish", LEAD, "done", "--text=已补")
    terminal.must(late, "close", ACCEPTOR, "closed", "--ended", "--text=已补好")
    equal((case_of(server, late)["late"], case_of(server, soon)["late"]), (True, False), "which of them was late")
    return server, terminal, handset, late, soon


def appeal_of(server, number):
    case = case_of(server, number)
    return case["appeal"]["state"] if case["appeal"] else None, case["exempt"], case["late"]


def test_what_two_grant_is_exempt_and_stays_late():
    with World() as world:
        server, terminal, handset, late, soon = closed_late(world)
        terminal.refused(soon, "appeal", LEAD, "guard", "--text=下雨")
        for acting in (HANDLER, SUPERVISOR, DISPATCHER):
            terminal.refused(late, "appeal", acting, "no_right", "--text=下雨")
        for acting in (OTHER_LEAD, WORKER):
            terminal.refused(late, "appeal", acting, "no_case", "--text=下雨")
        terminal.refused(late, "appeal", LEAD, "no_reason")
        terminal.refused(late, "appeal", LEAD, "text", "--text= ")
        terminal.refused(late, "review-appeal", DISPATCHER, "not_now", "--result=yes", "--text=属实")
        first = terminal.must(late, "appeal", LEAD, "closed", "--text=连续暴雨 <停工令>", "--key=a1")
        equal((first["appeal"]["state"], first["appeal"]["by"], first["late"]), ("first_review", LEAD, True), "it waits")
        equal(terminal.run(late, "appeal", LEAD, "--text=连续暴雨 <停工令>", "--key=a1")["repeat"], True, "the same key")
        terminal.refused(late, "appeal", LEAD, "guard", "--text=再说一次")
        # the first review is the desk's; nobody of the unit, nor a supervisor, and it says yes or no
        terminal.refused(late, "review-appeal", LEAD, "no_right", "--result=yes", "--text=属实")
        terminal.refused(late, "review-appeal", SUPERVISOR, "guard", "--result=yes", "--text=属实")
        terminal.refused(late, "review-appeal", DISPATCHER, "no_reason", "--result=yes")
        for wrong in ({}, {"result": "maybe", "text": "属实"}, {"result": 1, "text": "属实"}, {"result": "yes", "text": 7},
                      {"result": "yes", "text": "属实" * 5000}):
            answer = server.ask("POST", f"/districts/{CODE}/cases/{late}/review-appeal", wrong, acting=DISPATCHER)
            equal((answer.status in (400, 409, 422), appeal_of(server, late)[0]), (True, "first_review"), f"{wrong}"[:60])
        second = terminal.must(late, "review-appeal", DISPATCHER, "closed", "--result=yes", "--text=属实")
        equal((second["appeal"]["state"], second["appeal"]["granted_first_by"], second["exempt"]),
              ("second_review", DISPATCHER, False), "one is not enough")
        for acting in (DISPATCHER, SHIFT_LEADER):
            terminal.refused(late, "review-appeal", acting, "guard", "--result=yes", "--text=属实")
        server.kill()
        server.start()
        done = terminal.must(late, "review-appeal", SUPERVISOR, "closed", "--result=yes", "--text=准予")
        equal((done["appeal"]["state"], done["exempt"], done["late"]), ("granted", True, True), "granted, and late all the same")
        terminal.refused(late, "review-appeal", SUPERVISOR, "not_now", "--result=no", "--text=反悔")
        terminal.refused(late, "appeal", LEAD, "guard", "--text=还要")
        # its dossier has both sides' words, and what a reporter reads has nothing of it
        papers = [one["paper"] for one in told(server, "dossier", late)["papers"]]
        equal((papers.count("appeal"), papers.count("appeal_review")), (1, 2), "papers of the appeal")
        file = world.folder / "appeal.zip"
        told(server, "dossier", late, f"--zip={file}")
        with zipfile.ZipFile(file) as archive:
            page = archive.read("index.html").decode()
            equal(hashlib.sha256(archive.read("index.html")).hexdigest() in archive.read("hashes.txt").decode(), True, "sums")
        holds(page, "申诉审核", "连续暴雨 &lt;停工令&gt;", "准予")
        sync(handset)
        equal("暴雨" in str(handset.run("show", late)), False, "the reporter's handset")
        # another cycle begins without one; what was granted was granted
        case = terminal.must(late, "reopen", SUPERVISOR, "filed", "--text=又坏了")
        equal((case["cycle"], case["appeal"], case["late"]), (2, None, False), "the next cycle")
        equal(server.must("POST", f"/districts/{CODE}/verify")["holds"], True, "the journal and its rows")
        server.stop()


def test_either_reviewer_refuses_and_what_nobody_reviews_lapses():
    with World() as world:
        server, terminal, handset, late, _ = closed_late(world)
        case = terminal.must(late, "appeal", LEAD, "closed", "--text=等材料")
        terminal.must(late, "review-appeal", DISPATCHER, "closed", "--result=no", "--text=材料不足")
        equal(appeal_of(server, late), ("refused", False, True), "after a refusal")
        terminal.refused(late, "appeal", LEAD, "guard", "--text=再来")
        equal(bool(case["appeal"]["due"]), True, "a review has its limit")
        server.stop()
    with World() as world:
        server, terminal, _, late, _ = closed_late(world)
        terminal.must(late, "appeal", LEAD, "closed", "--text=等材料")
        for days, state in ((24, "second_review"), (36, "lapsed")):
            days_later(server, days)
            until(lambda state=state: appeal_of(server, late)[0] == state, f"a review passes by: {state}")
        equal(appeal_of(server, late), ("lapsed", False, True), "as it was")
        verbs = [(entry["verb"], entry["source"]) for entry in case_of(server, late)["history"] if entry["verb"] == "review_appeal"]
        equal(verbs, [("review_appeal", "clock")] * 2, "who passed it on")
        terminal.refused(late, "appeal", LEAD, "guard", "--text=太晚")
        equal(server.must("POST", f"/districts/{CODE}/verify")["holds"], True, "the journal and its rows")
        server.stop()


def test_an_appeal_comes_within_seven_days():
    with World() as world:
        server, terminal, _, late, _ = closed_late(world)
        days_later(server, 20)
        terminal.refused(late, "appeal", LEAD, "window", "--text=忘了")
        equal(appeal_of(server, late), (None, False, True), "nothing was asked")
        server.stop()


if __name__ == "__main__":
    sys.exit(tap.run([test for name, test in list(globals().items()) if name.startswith("test_")]))
