"""What is beside the straight way of a case, by the terminal: more time, none until a date, once more, and by two."""
import datetime
import json
import pathlib
import subprocess
import sys
import zipfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
import tap
from clock import preload
from district import ACCEPTOR, CODE, DISPATCHER, LEAD, UNIT, report, sync
from expect import equal, holds
from harness import BIHUAN, World, until

HANDLER, SHIFT_LEADER, SUPERVISOR, REPORTER = "H-T2", "S001", "V001", "G001"


class Terminal:
    """bihuan as a person at a desk types it."""

    def __init__(self, server):
        self.server = server

    def run(self, number, verb, acting, *options, expect=0):
        words = [BIHUAN, "--json", f"--as={acting}", verb, number, *options]
        done = subprocess.run(words, env={"BIHUAN_SOCKET": self.server.admin_path, "BIHUAN_DISTRICT": CODE},
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30, check=False)
        equal((done.returncode == 0), expect == 0, f"{verb} by {acting}: {done.stdout} {done.stderr}")
        return json.loads(done.stdout) if done.stdout else json.loads(done.stderr.splitlines()[0])

    def must(self, number, verb, acting, state, *options):
        answer = self.run(number, verb, acting, *options)
        equal(answer["state"], state, f"the state after {verb}")
        return answer["case"]

    def checked(self, number):
        """Somebody of the grid looks, and it does."""
        task = self.must(number, "check", ACCEPTOR, "checking") and self.server.must(
            "GET", f"/districts/{CODE}/cases/{number}")["tasks"][-1]
        self.must(number, "pass", task["person"], "done", f"--task={task['task']}", "--text=处置到位")

    def refused(self, number, verb, acting, code, *options):
        equal(self.run(number, verb, acting, *options, expect=1)["code"], code, f"{verb} by {acting}")


def begun(world, **options):
    """A served district, a reporter's handset and a case that its unit handles."""
    server = world.server.start()
    server.district(**options)
    handset = world.handset(REPORTER)
    handset.enrol(server.code_for(REPORTER))
    number = report(handset)
    sync(handset)
    terminal = Terminal(server)
    terminal.must(number, "dispatch", DISPATCHER, "dispatched", "--condition=none-of-them", f"--unit={UNIT}")
    terminal.must(number, "sign", LEAD, "handling")
    return server, handset, terminal, number


def moment(text):
    return datetime.datetime.fromisoformat(text)


def test_a_unit_asks_for_more_time_and_gets_it_twice():
    with World() as world:
        server, _, terminal, number = begun(world)
        due = moment(server.must("GET", f"/districts/{CODE}/cases/{number}")["disposal_due"])
        terminal.refused(number, "extend", DISPATCHER, "guard")
        case = terminal.must(number, "ask-extension", HANDLER, "handling", "--text=下雨")
        equal((case["asked"], case["asked_of"], case["asked_by"]), ("extension", "unit", HANDLER), "what is asked for")
        terminal.refused(number, "extend", DISPATCHER, "guard")
        for turn in (1, 2):
            terminal.must(number, "ask-extension", LEAD, "handling", "--text=雨还在下")
            case = terminal.must(number, "extend", DISPATCHER, "handling")
            equal((case["extensions"], case["asked"]), (turn, None), "after it was granted")
            later = moment(case["disposal_due"])
            equal(later > due, True, f"{later} is later than {due}")
            due = later
        terminal.refused(number, "ask-extension", LEAD, "guard", "--text=还在下")
        server.stop()


def test_a_plan_of_steps_runs_beside_the_limit_of_its_case():
    with World() as world:
        server, _, terminal, number = begun(world)
        path = f"/districts/{CODE}/cases/{number}"
        terminal.refused(number, "milestone-done", LEAD, "guard", "--text=完成")
        for steps in ("survey", "0 work_hour survey\n1 work_hour mend", "1 tier survey\n1 work_hour mend", "1 work_hour",
                      "\n".join(["1 urgent_minute look"] * 17)):
            terminal.refused(number, "milestones", LEAD, "field", "--text=分步", f"--steps={steps}")
        for words in ("勘查\n第二行", "勘查\u202e"):  # a list's step is a line, too
            answer = server.ask("POST", path + "/milestones", {"text": "分步", "steps": [
                f"1 urgent_minute {words}", "2 urgent_minute 施工"]}, acting=LEAD)
            equal((answer.status, answer.json["code"]), (422, "field"), words)
        terminal.refused(number, "milestones", LEAD, "guard", "--text=分步", "--steps=900 work_day 勘查\n1 work_day 施工")
        terminal.refused(number, "milestones", LEAD, "no_reason", "--steps=10 urgent_minute 勘查\n20 urgent_minute 施工")
        plan = "--steps=10 urgent_minute 现场勘查\n20 urgent_minute 备料\n30 urgent_minute 施工"
        case = terminal.must(number, "milestones", LEAD, "handling", "--text=分步处置", plan)
        due = case["disposal_due"]
        equal({name: case["milestones"][name] for name in ("state", "steps", "done", "late")},
              {"state": "running", "steps": 3, "done": 0, "late": 0}, "the plan")
        terminal.must(number, "milestone-done", HANDLER, "handling", "--text=已勘查")
        case = terminal.must(number, "milestones", DISPATCHER, "handling", "--text=料已备齐", "--steps=15 urgent_minute 施工")
        equal((case["milestones"]["steps"], case["milestones"]["done"], case["disposal_due"]), (2, 1, due), "changed")
        case = server.must("GET", path)
        equal([(step["state"], step["text"], step["result"], step["late"]) for step in case["steps"]],
              [("done", "现场勘查", "已勘查", False), ("running", "施工", None, False)], "its steps")
        equal([(step["limit"], step["limit_unit"], step["done_by"]) for step in case["steps"]],
              [(10, "urgent_minute", HANDLER), (15, "urgent_minute", None)], "their limits")
        equal(case["history"][-1]["papers"]["decisions"], ["15 urgent_minute 施工"], "what was written")
        shown = subprocess.run([BIHUAN, f"--as={LEAD}", "show", number], capture_output=True, text=True, timeout=30, check=True,
                               env={"BIHUAN_SOCKET": server.admin_path, "BIHUAN_DISTRICT": CODE, "LANG": "C.UTF-8"})
        holds(shown.stdout, "现场勘查", "已勘查")
        case = terminal.must(number, "finish", HANDLER, "done", "--text=已修好")
        equal(case["milestones"]["state"], "dropped", "after it was finished")
        equal([step["state"] for step in server.must("GET", path)["steps"]], ["done", "dropped"], "what was not done")
        server.stop()


def test_a_lead_signs_off_what_a_handler_finished_without_a_network():
    with World() as world:
        profile = json.loads((HERE.parents[1] / "tools/demo.d/profile.json").read_text())
        profile["settings"]["unit_sign_off"] = True
        server, _, terminal, number = begun(world, profile=json.dumps(profile))
        handset = world.handset(HANDLER)
        handset.enrol(server.code_for(HANDLER))
        sync(handset)
        server.stop()
        handset.run("act", "finish", number, "--text", "已补好")
        server.start()
        sync(handset)
        told = [(op["verdict"], op["reason"], op["verdict_text"]) for op in handset.run("ops") if op["verb"] == "finish"]
        equal(told, [("accepted", 18, "已提交本单位负责人审签，审签后才算处置完成")], "what the handler is told")
        equal(handset.run("ops", "--refused"), [], "what was refused")
        case = server.must("GET", f"/districts/{CODE}/cases/{number}")
        equal((case["state"], case["handed_by"], case["handed_at"] is not None, case["disposal_due"] is not None),
              ("handling", HANDLER, True, True), "while it waits for the lead")
        equal((case["history"][-1]["verb"], case["history"][-1]["text"]), ("hand_in", "已补好"), "its history")
        notices = {(row["person"], row["kind"]) for row in server.must("GET", f"/districts/{CODE}/notices")["items"]}
        equal((LEAD, "handed") in notices, True, f"the lead is told: {sorted(notices)}")
        terminal.refused(number, "hand-back", LEAD, "no_reason")
        terminal.refused(number, "hand-back", HANDLER, "no_right", "--text=不行")
        case = terminal.must(number, "hand-back", LEAD, "handling", "--text=边角未补")
        equal(case["handed_by"], None, "after it was given back")
        notices = {(row["person"], row["kind"]) for row in server.must("GET", f"/districts/{CODE}/notices")["items"]}
        equal((HANDLER, "ask-refused") in notices, True, f"the handler is told: {sorted(notices)}")
        terminal.refused(number, "hand-back", LEAD, "guard", "--text=边角未补")
        case = terminal.must(number, "finish", HANDLER, "handling", "--text=边角已补")
        equal(case["handed_by"], HANDLER, "handed in once more")
        lead = world.handset(LEAD)
        lead.enrol(server.code_for(LEAD))
        sync(lead)
        lead.run("act", "hand_back", number, expect=64)  # it says why
        server.stop()
        lead.run("act", "hand_back", number, "--text", "还差一角")
        lead.run("act", "hand_back", number, "--text", "还差一角", expect=1)  # nothing waits any more
        server.start()
        sync(lead)
        case = server.must("GET", f"/districts/{CODE}/cases/{number}")
        last = case["history"][-1]
        equal((case["handed_by"], last["verb"], last["text"], last["person"]), (None, "hand_back", "还差一角", LEAD),
              "given back without a network")
        terminal.must(number, "finish", HANDLER, "handling", "--text=全部补好")
        sync(lead)
        lead.run("act", "finish", number)  # its words stand
        sync(lead)
        case = server.must("GET", f"/districts/{CODE}/cases/{number}")
        equal(case["state"], "done", "signed off on a handset")
        equal(case["handed_by"], None, "after it was signed off")
        equal(server.must("POST", f"/districts/{CODE}/verify")["holds"], True, "the district verifies")
        server.stop()


def test_a_suspended_case_goes_on_by_itself_at_its_date():
    with World() as world:
        server, _, terminal, number = begun(world)
        terminal.refused(number, "ask-suspension", LEAD, "field", "--text=待料", "--until=tomorrow")
        now = moment(server.must("GET", f"/districts/{CODE}/cases/{number}")["received_at"])
        until_day = (now + datetime.timedelta(days=2)).isoformat()
        case = terminal.must(number, "ask-suspension", LEAD, "handling", "--text=待料", f"--until={until_day}")
        equal(moment(case["asked_until"]), moment(until_day), "until when it is asked for")
        case = terminal.must(number, "suspend", DISPATCHER, "suspended")
        equal((moment(case["resume_due"]), case["disposal_due"]), (moment(until_day), None), "while it is suspended")
        terminal.refused(number, "finish", LEAD, "not_now", "--text=完成")
        # The server is away until after that date, and what was due meanwhile happens when it is back.
        server.stop()
        true = dict(server.environment)
        server.environment.update(LD_PRELOAD=preload(), FAKETIME="+3d", FAKETIME_DONT_FAKE_MONOTONIC="0")
        server.start()
        case = until(lambda: (lambda now: now if now["state"] == "handling" else None)(
            server.must("GET", f"/districts/{CODE}/cases/{number}")), "the clock resumes it")
        equal((case["suspensions"], case["history"][-1]["verb"], case["history"][-1]["source"]),
              (1, "resume", "clock"), "who resumed it")
        equal(case["disposal_due"] is not None, True, "its clock goes on")
        terminal.refused(number, "ask-suspension", LEAD, "guard", "--text=又缺", "--until=2099-01-01")
        server.stop()
        server.environment = true


def test_what_does_not_do_is_done_again_and_a_reporter_reopens():
    with World() as world:
        server, handset, terminal, number = begun(world)
        terminal.must(number, "finish", HANDLER, "done", "--text=已补")
        case = terminal.must(number, "fail", ACCEPTOR, "rework", "--text=只补了一半")
        equal(case["reworks"], 1, "reworks")
        equal((case["step"]["zh"], case["stage"]["zh"]), ("协同办理", "任务处理"), "how it looks from outside")
        sync(handset)
        row = handset.one("show", number)
        equal((row["step"], row["words"]), (3, case["for_reporter"]["en"]), "what its reporter reads")
        terminal.must(number, "start", LEAD, "handling")
        terminal.must(number, "finish", HANDLER, "done", "--text=全部补好")
        terminal.refused(number, "close", ACCEPTOR, "guard", "--ended", "--text=已补好,谢谢")
        terminal.checked(number)
        terminal.must(number, "close", ACCEPTOR, "closed", "--ended", "--text=已补好,谢谢")
        sync(handset)
        row = handset.one("show", number)
        equal([(one["cycle"], one["delivered"]) for one in row["closures"]], [(1, True)], "the first answer")
        terminal.refused(number, "reopen", "G003", "no_case", "--text=又坏了")
        case = terminal.must(number, "reopen", REPORTER, "filed", "--text=又坏了")
        equal((case["cycle"], case["unit"], case["dispatch_due"] is not None), (2, None, True), "the second cycle")
        sync(handset)
        equal(handset.one("show", number)["state"], "filed", "what its reporter sees")
        terminal.must(number, "dispatch", DISPATCHER, "dispatched", "--condition=none-of-them", f"--unit={UNIT}")
        terminal.must(number, "sign", LEAD, "handling")
        terminal.must(number, "finish", LEAD, "done", "--text=换新的了")
        terminal.checked(number)
        terminal.refused(number, "close", ACCEPTOR, "guard", "--text=已换新")
        terminal.must(number, "close", ACCEPTOR, "closed", "--ended", "--text=已换新")
        sync(handset)
        row = handset.one("show", number)
        equal([(one["cycle"], one["result"], one["delivered"]) for one in row["closures"]],
              [(1, "已补好,谢谢", True), (2, "已换新", True)], "both answers")
        history = server.must("GET", f"/districts/{CODE}/cases/{number}")["history"]
        read = [entry["for_reporter"]["zh"] for entry in history if entry["for_reporter"]]
        equal((read[0], read[1], read[-1]), ("您的上报已收到，正在受理。", "已派给处置单位。", "已结案。"), "what is told on the way")
        stats = server.must("GET", f"/districts/{CODE}/stats")
        equal((stats["closures_owed"], stats["closures_delivered"]), (2, 2), "answers owed and delivered")
        terminal.must(number, "reopen", SUPERVISOR, "filed", "--text=群众来电")
        server.stop()


def test_a_void_takes_two_and_a_refused_report_is_looked_at_once_more():
    with World() as world:
        server, handset, terminal, _ = begun(world)
        number, other = report(handset), report(handset)
        sync(handset)
        confirm = f"--confirm={number}"
        terminal.refused(number, "void", SHIFT_LEADER, "guard", "--text=重复", confirm)
        terminal.must(number, "ask-void", SHIFT_LEADER, "received", "--text=重复")
        terminal.refused(number, "void", SHIFT_LEADER, "guard", "--text=重复", confirm)
        terminal.must(number, "refuse-ask", SHIFT_LEADER, "received", "--text=不是重复")
        terminal.must(number, "ask-void", ACCEPTOR, "received", "--text=是重复")
        terminal.must(number, "void", SHIFT_LEADER, "void", "--text=确属重复", confirm)
        terminal.refused(other, "file", ACCEPTOR, "guard")
        terminal.refused(other, "refuse", ACCEPTOR, "field", "--text=不属受理范围")
        terminal.refused(other, "refuse", ACCEPTOR, "field", "--ground=private", "--text=不属受理范围")
        terminal.must(other, "refuse", ACCEPTOR, "rejected", "--ground=private", "--channel=court", "--text=不属受理范围")
        terminal.must(other, "reconsider", REPORTER, "filed", "--text=是路面的事")
        third = report(handset)
        sync(handset)
        terminal.refused(third, "refer", ACCEPTOR, "field", "--channel=119", "--text=已转 119")
        terminal.refused(third, "refer", ACCEPTOR, "field", "--receipt=4711", "--text=已转 119")
        terminal.must(third, "refer", ACCEPTOR, "referred", "--channel=119", "--receipt=119-4711", "--text=已转 119")
        sync(handset)
        equal([one["result"] for one in handset.one("show", third)["closures"]], ["已转：119 火警电话（受理编号 119-4711）。已转 119"], "where to it went")
        holds(json.dumps(handset.one("show", number), ensure_ascii=False), "确属重复")
        equal(server.must("GET", f"/districts/{CODE}/cases/{third}")["receipt"], "119-4711", "the number that it has there")
        equal(server.must("GET", f"/districts/{CODE}/cases/{number}")["receipt"], None, "of what went nowhere")
        env = {"BIHUAN_SOCKET": server.admin_path, "BIHUAN_DISTRICT": CODE, "LANG": "C.UTF-8"}
        book = world.folder / "book.zip"
        for words, said in ((["show", third], "119-4711"), (["dossier", third, f"--zip={book}"], "")):
            shown = subprocess.run([BIHUAN, f"--as={ACCEPTOR}", *words], capture_output=True, text=True, timeout=30, check=True, env=env)
            holds(shown.stdout, said)
        with zipfile.ZipFile(book) as pages:
            for name in ("index.html", "index.txt"):
                holds(pages.read(name).decode(), "已转：119 火警电话（受理编号 119-4711）。")
        server.stop()


if __name__ == "__main__":
    sys.exit(tap.run([test for name, test in list(globals().items()) if name.startswith("test_")]))
