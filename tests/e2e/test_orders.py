#!/usr/bin/python3
"""Orders to units over the real programs: issued, answered, judged, printed, raised by the clock and ended by the work; and
what somebody tries who has no business with them."""
import html
import json
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
import tap
from district import CODE, DISPATCHER, LEAD, UNIT, report, sync
from expect import equal
from harness import BIHUAN, World, until
from test_adjust import SHIFT_LEADER, SUPERVISOR, Terminal
from test_thresholds import ALWAYS, begun as limits_begun

OTHER_LEAD, WORKER, OTHER_UNIT = "L-HW", "G001", "U-HW"
ORDERS = f"/districts/{CODE}/orders"


def bihuan(server, *words, expect=0):
    done = subprocess.run([BIHUAN, "--json", *words],
                          env={"BIHUAN_SOCKET": server.admin_path, "BIHUAN_DISTRICT": CODE},
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30, check=False)
    equal(done.returncode == 0, expect == 0, f"{words}: {done.stdout} {done.stderr}")
    return done.stdout if expect == 0 else json.loads(done.stderr.splitlines()[0])


def order(server, *words):
    return json.loads(bihuan(server, "order", *words))


def refused(server, code, *words):
    equal(bihuan(server, "order", *words, expect=1)["code"], code, f"{words}")


def begun(world):
    server = world.server.start()
    server.district()
    handset = world.handset(WORKER)
    handset.enrol(server.code_for(WORKER))
    number = report(handset)
    sync(handset)
    terminal = Terminal(server)
    terminal.must(number, "dispatch", DISPATCHER, "dispatched", "--condition=none-of-them", f"--unit={UNIT}")
    terminal.must(number, "sign", LEAD, "handling")
    return server, terminal, number


def test_an_order_is_issued_answered_sent_back_and_closed():
    with World() as world:
        server, _, number = begun(world)
        version = server.must("GET", f"/districts/{CODE}/cases/{number}")["version"]
        refused(server, "no_right", "issue", "supervision", f"--as={DISPATCHER}", f"--case={number}", "--text=催")
        refused(server, "guard", "issue", "chaser", f"--as={DISPATCHER}", f"--case={number}", f"--unit={OTHER_UNIT}", "--text=催")
        one = order(server, "issue", "supervision", f"--as={SUPERVISOR}", f"--case={number}", "--text=请说明进度", "--key=k1")
        equal((one["order"][:12], one["state"], one["unit"], one["number"]), ("supervision-", "issued", UNIT, number), "the order")
        again = order(server, "issue", "supervision", f"--as={SUPERVISOR}", f"--case={number}", "--text=请说明进度", "--key=k1")
        equal((again["order"], again["repeat"]), (one["order"], True), "the same key")
        ref = one["order"]
        refused(server, "no_order", "answer", ref, f"--as={OTHER_LEAD}", "--text=马上")
        refused(server, "no_order", "answer", ref, f"--as={WORKER}", "--text=马上")
        refused(server, "no_right", "answer", ref, f"--as={DISPATCHER}", "--text=马上")
        refused(server, "no_reason", "answer", ref, f"--as={LEAD}")
        refused(server, "not_now", "close", ref, f"--as={SUPERVISOR}")
        equal(order(server, "answer", ref, f"--as={LEAD}", "--text=明天完成")["state"], "answered", "answered")
        refused(server, "no_right", "close", ref, f"--as={LEAD}")
        refused(server, "no_right", "close", ref, f"--as={DISPATCHER}")
        back = order(server, "send-back", ref, f"--as={SUPERVISOR}", "--text=请写明措施")
        equal((back["state"], back["sent_back"], back["review"]), ("sent_back", True, "请写明措施"), "sent back")
        order(server, "answer", ref, f"--as={LEAD}", "--text=更换井盖并复核")
        refused(server, "guard", "send-back", ref, f"--as={SUPERVISOR}", "--text=再写")
        done = order(server, "close", ref, f"--as={SUPERVISOR}")
        equal((done["state"], done["answer"], done["late"]), ("closed", "更换井盖并复核", False), "closed")
        refused(server, "not_now", "withdraw", ref, f"--as={SUPERVISOR}", "--text=不需要")
        case = server.must("GET", f"/districts/{CODE}/cases/{number}")
        equal((case["version"], [row["order"] for row in case["orders"]]), (version, [ref]), "its case is as it was")
        equal(server.must("POST", f"/districts/{CODE}/verify")["holds"], True, "the district verifies")
        server.stop()


def test_a_handover_stands_free_and_its_page_escapes_what_was_written():
    evil = "<script>alert(1)</script> & \"引号\" 'x'"
    with World() as world:
        server = world.server.start()
        server.district()
        refused(server, "no_unit", "issue", "handover", f"--as={SHIFT_LEADER}", "--text=专项推进")
        refused(server, "not_now", "issue", "chaser", f"--as={DISPATCHER}", f"--unit={OTHER_UNIT}", "--text=催")
        first = order(server, "issue", "handover", f"--as={SHIFT_LEADER}", f"--unit={OTHER_UNIT}", f"--text={evil}")
        second = order(server, "issue", "handover", f"--as={SUPERVISOR}", f"--unit={OTHER_UNIT}", "--text=第二件")
        numbers = [int(one["order"].rsplit("-", 1)[1]) for one in (first, second)]
        equal(numbers, [1, 2], "numbers without holes")
        page = bihuan(server, "order", "show", first["order"], "--print")
        found = [word in page for word in (html.escape(evil).replace("&#x27;", "&#39;"), "<script", "@page", first["order_zh"])]
        equal(found, [True, False, True, True], "a page that prints and runs nothing")
        listed = [row["order"] for row in server.must("GET", f"{ORDERS}?state=open&unit={OTHER_UNIT}")["items"]]
        equal(listed, [second["order"], first["order"]], "newest first")
        pages = server.must("GET", f"{ORDERS}?limit=1")
        more = server.must("GET", f"{ORDERS}?limit=1&after={pages['next']}")
        equal([pages["items"][0]["order"], more["items"][0]["order"], more["next"]], [*listed, None], "page by page")
        equal(order(server, "show", first["order"], f"--as={OTHER_LEAD}")["text"], evil, "what was written")
        refused(server, "no_order", "show", first["order"], f"--as={LEAD}")
        equal(server.must("GET", ORDERS, acting=LEAD)["items"], [], "what another unit is shown")
        for wrong in ("handover", "handover-2026-0", "handover-2026-99999999999", "..%2f..", "handover-2026-3;drop"):
            answer = server.ask("GET", f"{ORDERS}/{wrong}")
            equal((answer.status, answer.json["code"]), (404, "no_order"), wrong)
        order(server, "withdraw", second["order"], f"--as={SUPERVISOR}", "--text=重复")
        equal(order(server, "issue", "handover", f"--as={SUPERVISOR}", f"--unit={OTHER_UNIT}", "--text=第三件")["order"][-4:],
              "0003", "a number is not given again")
        equal(server.must("POST", f"/districts/{CODE}/verify")["holds"], True, "the district verifies")
        server.stop()


def test_the_clock_chases_what_is_overdue_and_the_work_ends_it():
    with World(test_due_divisor=14400) as world:
        server, desk, handset = limits_begun(world, ALWAYS)
        number = report(handset)
        sync(handset)
        terminal = Terminal(server)

        def raised(done):
            return until(lambda: [row for row in desk.case(number)["orders"] if done(row)], "an order is raised")[0]
        one = raised(lambda row: True)
        equal((one["source"], one["kind"], one["unit"], one["by"]), ("clock", "chaser", UNIT, None), "what the clock issued")
        server.kill()
        server.start()
        told = raised(lambda row: row["told_up"] > 0)
        equal((told["order"], told["state"]), (one["order"], "issued"), "what nobody answers")
        terminal.run(number, "finish", LEAD, "--text=已换井盖")
        equal({row["state"] for row in desk.case(number)["orders"]}, {"closed"}, "after the work")
        desk.verify()
        server.stop()


if __name__ == "__main__":
    sys.exit(tap.run([test for name, test in list(globals().items()) if name.startswith("test_")]))
