#!/usr/bin/python3
"""Any desk registers any matter: at the terminal and over HTTP, once however often it is asked, from the hall to the
answer; what is wrong is refused; a killed server and a backup that is put back lose and repeat no number."""
import json
import pathlib
import subprocess
import sys
import zipfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
import tap
from district import ACCEPTOR, CODE, DISPATCHER, LATITUDE, LEAD, LONGITUDE, UNIT, sync
from expect import equal, holds
from harness import BIHUAN, World, until
from test_adjust import SHIFT_LEADER, Terminal
from test_backup import back_up, restore
from test_orders import bihuan
from test_rating import rate, token_for

CASES = f"/districts/{CODE}/cases"
TOWN_DESK, OTHER_DESK, TIER_DESK, WORKER = "D102", "D101", "L-T2", "G005"
POTHOLE, GRID, OTHER_GRID = "10003", "990101002002001", "990101001001001"
MATTER = {"intake": "hall", "type": 10003, "grid": GRID, "text": "路面塌陷"}
KEY = "0123456789abcdef0123456789abcdef"


def served(world, **options):
    server = world.server
    server.configure(**options)
    server.start()
    server.district()
    return server, Terminal(server)


def registered(server, *words, acting=ACCEPTOR):
    return json.loads(bihuan(server, f"--as={acting}", "register", "--intake=hall", f"--grid={GRID}", *words))


def refused(server, code, body, acting=ACCEPTOR, status=None, key="k"):
    answer = server.ask("POST", CASES, body, acting=acting, key=key)
    equal((answer.status >= 400, answer.json.get("code")), (True, code), f"{str(body)[:200]} by {acting}: {answer.text[:300]}")
    equal(answer.status if status else None, status, f"{str(body)[:200]} by {acting}")


def case_of(server, number, acting=None):
    return server.must("GET", f"{CASES}/{number}", acting=acting)


def finished(terminal, number):
    terminal.must(number, "dispatch", DISPATCHER, "dispatched", "--condition=none-of-them", f"--unit={UNIT}")
    terminal.must(number, "sign", LEAD, "handling")
    terminal.must(number, "finish", LEAD, "done", "--text=已修补")


def holds_whole(server):
    equal(server.must("POST", f"/districts/{CODE}/verify")["holds"], True, "the district verifies")


def test_what_came_to_the_hall_is_registered_once_and_its_registrar_is_told():
    with World() as world:
        server, terminal = served(world)
        first = registered(server, "--text=路面塌陷", f"--type={POTHOLE}", "--visitors=3", f"--key={KEY}")
        again = registered(server, "--text=路面塌陷", f"--type={POTHOLE}", "--visitors=3", f"--key={KEY}")
        number = first["number"]
        equal((again["number"], again["repeat"], first["repeat"]), (number, True, False), "the same, asked twice")
        equal(len(server.must("GET", CASES)["items"]), 1, "cases")
        case = case_of(server, number)
        equal([case[name] for name in ("state", "intake", "intake_zh", "visitors", "grid", "reporter", "text", "urgency")],
              ["received", "hall", "来访", 3, GRID, ACCEPTOR, "路面塌陷", first["case"]["urgency"]], "the case")
        equal([(entry["verb"], entry["source"], entry["person"]) for entry in case["history"]],
              [("register", "desk", ACCEPTOR)], "its history")
        second = registered(server, "--text=路灯不亮", acting=TOWN_DESK)["number"]
        equal(second.split("-")[:2], [number.split("-")[0], "2"], "the next number of the series")
        mine = [json.loads(row)["number"] for row in bihuan(server, f"--as={ACCEPTOR}", "cases", "--mine").splitlines()]
        equal(mine, [number], "what is his")
        after = "1" * (2047 - len(f"{CASES}?after="))
        for words, code in (((f"--after={after}",), "parameter"), ((f"--after={after}", "--mine"), "usage"), ((f"--after={after}1",), "usage")):
            equal(bihuan(server, f"--as={ACCEPTOR}", "cases", *words, expect=1)["code"], code, f"{len(after)} digits and {words[1:]}")
        equal([row["number"] for row in server.must("GET", f"{CASES}?intake=hall")["items"]], [number, second], "the hall's")
        equal(server.must("GET", f"{CASES}?intake=letter")["items"], [], "no letters")
        terminal.refused(number, "unmerge", WORKER, "no_case", "--text=不是我的")
        bihuan(server, "party", "add", number, f"--as={ACCEPTOR}", "--role=complainant", "--name=王某", "--contact=13800000000")
        finished(terminal, number)
        terminal.must(number, "check", ACCEPTOR, "checking")
        task = case_of(server, number)["tasks"][-1]
        equal(task["person"] == ACCEPTOR, False, "its checker is another")
        terminal.must(number, "pass", task["person"], "done", f"--task={task['task']}", "--text=平整")
        terminal.must(number, "close", SHIFT_LEADER, "closed", "--ended", "--text=已修补,请查看")
        told = until(lambda: [row for row in server.must("GET", f"/districts/{CODE}/notices")["items"]
                              if row["kind"] == "ended" and row["number"] == number], "its registrar is told")
        equal([row["person"] for row in told], [ACCEPTOR], "who is told")
        equal(rate(server, number, token_for(server, number, ACCEPTOR))["rating"], "satisfied", "what the citizen says")
        terminal.must(number, "reopen", ACCEPTOR, "filed", "--text=又塌了")
        papers = json.loads(bihuan(server, "dossier", number))["papers"]
        equal((papers[0]["paper"], papers[0]["verb"]), ("report", "register"), "the first paper of its dossier")
        book = world.folder / "book.zip"
        bihuan(server, "dossier", number, f"--zip={book}")
        with zipfile.ZipFile(book) as archive:
            holds(archive.read("index.html").decode(), "<th>来源</th><td class=\"words\">来访</td>")
        holds_whole(server)
        server.stop()


def test_an_unattended_matter_is_dispatched_by_the_margin_clock():
    with World() as world:
        server, _ = served(world, test_due_divisor=600)
        number = registered(server, "--text=无人处理", f"--type={POTHOLE}")["number"]
        case = until(lambda: (lambda now: now if now["state"] == "dispatched" else None)(case_of(server, number)),
                     "the clock dispatches it")
        equal((case["automatic"], case["breached"]), (True, False), "by the clock, in time")
        urgent = registered(server, "--text=煤气泄漏", "--urgency=P1", acting=TOWN_DESK)
        equal(urgent["emergency"], [110, 119], "whom to call first")
        told = until(lambda: [row["person"] for row in server.must("GET", f"/districts/{CODE}/notices?limit=500")["items"]
                              if row["kind"] == "arrived" and row["number"] == urgent["number"]], "P1 is told of")
        holds(told, SHIFT_LEADER)
        holds_whole(server)
        server.stop()


def test_who_may_register_and_what():
    with World() as world:
        server, _ = served(world)
        for who in (ACCEPTOR, DISPATCHER, SHIFT_LEADER, TOWN_DESK, TIER_DESK):
            equal(server.must("POST", CASES, MATTER, acting=who, key=f"of {who}")["state"], "received", who)
        for who in ("L-HW", "H-T2", WORKER, "V001", "X001", OTHER_DESK):
            refused(server, "no_right", MATTER, acting=who)
        refused(server, "no_right", {**MATTER, "grid": OTHER_GRID}, acting=TOWN_DESK)
        equal(server.ask("POST", CASES, MATTER, key="k").status, 403, "nobody in particular")
        for change, code in (({"intake": "dream"}, "field"), ({"intake": None}, "field"), ({"intake": "handset"}, "field"),
                             ({"type": 99999}, "field"), ({"type": "x"}, "field"), ({"condition": 900}, "field"),
                             ({"grid": "990101002"}, "field"), ({"grid": "nowhere"}, "field"), ({"urgency": "P9"}, "field"),
                             ({"visitors": 10000}, "field"), ({"visitors": -1}, "field"), ({"text": "长" * 3000}, "field"),
                             ({"text": 7}, "field"), ({"place": {"latitude": 99, "longitude": 1}}, "field"),
                             ({"reporter": WORKER}, "field"), ({"ground": "other"}, "field"), ({"number": "1-1-K"}, "field"),
                             ({"type": None, "text": " "}, "text"), ({"type": None, "text": None}, "text")):
            refused(server, code, {**MATTER, **change})
        for key, code in ((None, "key"), ("", "key"), ("k" * 201, "key")):
            refused(server, code, MATTER, status=400, key=key)
        equal(server.ask("POST", CASES, "[]", acting=ACCEPTOR, key="k").status, 400, "no object")
        for place in ("nan,nan", "nan,1", "1,-inf", "1e999,1", "1", "1,", "1,x"):
            said = bihuan(server, f"--as={ACCEPTOR}", "register", "--intake=hall", "--text=x", f"--at={place}", expect=1)
            equal((said["code"], said["message"]), ("usage", "--at is no position"), place)
        refused(server, "key", {**MATTER, "text": "另一件"}, status=422, key=f"of {ACCEPTOR}")
        equal(len(server.must("GET", CASES)["items"]), 5, "what was refused left nothing")
        placed = server.must("POST", CASES, {"intake": "telephone", "text": "井盖丢失", "place": {
            "latitude": float(LATITUDE), "longitude": float(LONGITUDE)}}, acting=TOWN_DESK, key="placed")["case"]
        equal((placed["grid"] is not None, placed["type"], placed["intake_zh"]), (True, None, "来电"), "by its position")
        outside = server.must("POST", CASES, {"intake": "department", "text": "跨区事项", "grid": "outside"},
                              acting=ACCEPTOR, key="outside")["case"]
        equal((outside["area"], outside["grid"], outside["outside"], outside["intake"]), (CODE, None, True, "department"),
              "in no grid")
        desk = server.must("POST", CASES, {"intake": "letter", "text": "无地点"}, acting=TOWN_DESK, key="no place")["case"]
        equal((desk["area"], desk["grid"]), ("990101002", None), "without a place it is the desk's own area")
        holds_whole(server)
        server.stop()


def test_a_tier_desk_names_who_came_and_is_told_of_nothing_else():
    with World() as world:
        server, _ = served(world)

        def told(acting):
            done = subprocess.run([BIHUAN, f"--as={acting}", "register", "--intake=hall", f"--grid={GRID}", "--type=10003", "--text=路面塌陷"],
                                  capture_output=True, text=True, timeout=30, check=False,
                                  env={"BIHUAN_SOCKET": server.admin_path, "BIHUAN_DISTRICT": CODE, "LANG": "C.UTF-8"})
            equal(done.returncode, 0, done.stderr)
            return done.stdout.split()[0], ["party add" in done.stderr, "bihuan dispatch" in done.stderr]

        def named(number, acting, role="complainant", expect=0):
            return bihuan(server, "party", "add", number, f"--as={acting}", f"--role={role}", "--name=王某", expect=expect)
        number, hints = told(TIER_DESK)
        equal((hints, told(DISPATCHER)[1]), ([True, False], [True, True]), "what is told to go on with")
        equal(named(number, TIER_DESK, "witness", expect=1)["code"], "no_right", "whom else it names")
        named(number, TIER_DESK)
        equal([row["role"] for row in server.must("GET", f"{CASES}/{number}/parties", acting=TIER_DESK)["items"]], ["complainant"],
              "whom it names")
        Terminal(server).must(number, "dispatch", DISPATCHER, "dispatched", "--condition=none-of-them", f"--unit={UNIT}")
        equal(named(number, TIER_DESK, expect=1)["code"], "no_right", "once it is taken up")
        for who, code in ((TIER_DESK, "no_right"), (DISPATCHER, "no_right"), (SHIFT_LEADER, None)):
            answer = server.ask("POST", f"{CASES}/{number}/invite", acting=who).json
            equal(answer.get("code"), code, f"a token by {who}: {answer}")
            equal("a shift leader or a follow-up agent" in answer.get("message", ""), code is not None, f"who may: {answer}")
        holds_whole(server)
        server.stop()


def test_a_server_that_is_killed_has_registered_it_or_not_and_once():
    with World() as world:
        server, _ = served(world)
        numbers = set()
        for i in range(6):
            body = {**MATTER, "text": f"第{i}件"}
            numbers.add(server.must("POST", CASES, body, acting=ACCEPTOR, key=f"{KEY}{i}")["number"])
            server.kill()
            server.start()
            answer = server.must("POST", CASES, body, acting=ACCEPTOR, key=f"{KEY}{i}")
            equal((answer["repeat"], answer["number"] in numbers), (True, True), "asked again after the server was killed")
        equal(len(numbers), 6, "each its own number")
        equal(sorted(case["number"] for case in server.must("GET", CASES)["items"]), sorted(numbers), "the cases")
        holds_whole(server)
        server.stop()


def test_no_number_is_given_out_twice_over_a_restore():
    with World() as world:
        server, _ = served(world)
        handset = world.handset(WORKER)
        handset.enrol(server.code_for(WORKER))
        (world.folder / "backups").mkdir()
        kept = registered(server, "--text=备份之前")["number"]
        backup, _ = back_up(world)
        sync(handset)
        lost = [registered(server, f"--text=备份之后{i}", f"--key={KEY}{i}")["number"] for i in range(3)]
        server.kill()
        restore(world, backup, "--replace")
        server.start()
        fresh = registered(server, "--text=备份之后0", f"--key={KEY}0")
        equal((fresh["repeat"], fresh["number"] in [kept, *lost]), (False, False), "a number that was never told")
        equal([case["number"] for case in server.must("GET", CASES)["items"]], [kept, fresh["number"]], "the cases")
        equal(server.ask("GET", f"{CASES}/{lost[0]}").json["code"], "no_case", "what was lost is nobody's")
        sync(handset)
        holds_whole(server)
        # A folder that was put back by hand, from before anything was registered, is found out by what is kept.
        more = registered(server, "--text=再登记")["number"]
        equal(more.split("-")[0], fresh["number"].split("-")[0], "one series an epoch")
        server.stop()
        folder, aside = world.server.data / CODE, world.folder / "aside"
        folder.rename(aside)
        (world.server.data / f"{CODE}.before-1").rename(folder)
        server.start()
        last = registered(server, "--text=又一次")["number"]
        equal(last in [kept, *lost, fresh["number"], more], False, "nor after that")
        holds_whole(server)
        server.stop()


if __name__ == "__main__":
    sys.exit(tap.run([test for name, test in list(globals().items()) if name.startswith("test_")]))
