"""People are told: by a webhook that fails, stalls, breaks off and is away, and by a program; each notice under one key."""
import json
import pathlib
import shutil
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent), str(HERE / "stranger")]
import tap
from client import Phone
from district import CANARY, CODE, LATITUDE, LEAD, LONGITUDE, UNIT
from expect import CONFIG, cases_of, ends, equal, holds
from harness import BIHUAN, TOP, World, until
from outbox import HANDLER, QUICK, SECRET, SHIFT_LEADER, all_are, begun, dispatched, notices, secret_file, webhooked
from receiver import Receiver


def test_a_webhook_that_fails_and_breaks_off_gets_each_notice_under_one_key():
    receiver = Receiver(SECRET, lambda attempt, message: [500, "close", 429, 200][min(attempt, 3)])
    with World() as world:
        server, handset, desk = webhooked(world, receiver)
        number = dispatched(desk, handset)
        rows = until(lambda: all_are(desk, "sent", number=number, kind="dispatched"), "all of them are sent")
        equal({row["person"] for row in rows}, {LEAD, HANDLER}, "who is told")
        for row in rows:
            tries = [told for key, _, told in receiver.messages if key == row["key"]]
            equal(tries, [500, "close", 429, 200], f"what {row['key']} was answered")
        message = receiver.of("dispatched", 200)[0]
        equal((message["number"], message["unit"], message["todo"], message["light"]), (number, UNIT, "sign", "green"),
              "what it says")
        holds(message["text"], number)
        equal(receiver.bad, [], "signatures that do not hold")
        said = json.dumps([one[1] for one in receiver.messages], ensure_ascii=False) + server.log()
        for word in (CANARY, SECRET, receiver.url):
            equal(word in said, False, f"{word!r} is said somewhere")
        command = b"\0".join(pathlib.Path(f"/proc/{server.process.pid}/cmdline").read_bytes().split(b"\0"))
        equal(SECRET.encode() in command, False, "the secret in the process list")
        server.stop()
    receiver.close()


def test_what_is_refused_or_sent_elsewhere_is_tried_three_times_and_no_more():
    receiver = Receiver(SECRET, lambda attempt, message: 302 if message["person"] == LEAD else 413)
    with World() as world:
        server, handset, desk = webhooked(world, receiver)
        number = dispatched(desk, handset)
        rows = until(lambda: all_are(desk, "failed", number=number, kind="dispatched"), "all of them failed")
        equal({row["person"]: (row["error"], row["tries"]) for row in rows}, {LEAD: ("302", 3), HANDLER: ("413", 3)},
              "what became of them")
        _, _, metrics = server.scrape()
        holds(metrics, f'bihuan_notices_failed_total{{district="{CODE}"}} 2')
        receiver.plan = lambda attempt, message: 200
        done = subprocess.run([BIHUAN, "--json", "notice", "retry", str(rows[0]["id"])],
                              env={"BIHUAN_SOCKET": server.admin_path}, capture_output=True, text=True, check=False)
        equal(json.loads(done.stdout)["state"], "queued", done.stderr)
        until(lambda: desk.get(f"/notices/{rows[0]['id']}")["state"] == "sent", "the one that was let go again is sent")
        server.stop()
    receiver.close()


def test_a_receiver_that_stalls_holds_up_no_command():
    receiver = Receiver(SECRET, lambda attempt, message: "stall")
    with World() as world:
        server, handset, desk = webhooked(world, receiver)
        for _ in range(200):
            server.must("POST", f"/districts/{CODE}/people/{LEAD}/notice")
        until(lambda: len(receiver.of(answer="stall")) >= 8, "every slot stalls")
        slowest = 0.0
        for _ in range(20):
            begin = time.monotonic()
            dispatched(desk, handset)
            slowest = max(slowest, time.monotonic() - begin)
        equal(slowest < 5.0, True, f"the slowest report and dispatch took {slowest:.2f} s")
        equal(len(receiver.of()) <= 16, True, "no more at once than there are slots")
        begin = time.monotonic()
        server.stop()
        equal(time.monotonic() - begin < 10, True, "a stop that waits for nobody who stalls")
    receiver.close()


def test_kill_9_between_queue_and_sending_loses_none():
    receiver = Receiver(SECRET, lambda attempt, message: 503)
    with World() as world:
        server, handset, desk = webhooked(world, receiver)
        numbers = [dispatched(desk, handset) for _ in range(10)]
        until(lambda: len(set(receiver.keys())) >= 3, "some were tried")
        wanted = {row["key"] for row in notices(desk, kind="dispatched")}
        equal(len(wanted), 2 * len(numbers), "what was queued")
        server.kill()
        receiver.plan = lambda attempt, message: 200
        server.start()
        until(lambda: wanted <= set(receiver.keys(200)), "all that were queued arrive")
        until(lambda: all_are(desk, "sent", kind="dispatched"), "all are kept as sent")
        server.kill()
        server.start()
        equal({row["key"] for row in notices(desk, kind="dispatched")}, wanted, "the keys after another kill")
        equal(receiver.bad, [], "signatures that do not hold")
        server.stop()
    receiver.close()


def test_P1_that_nobody_signs_goes_to_the_next_and_then_above():
    receiver = Receiver(SECRET)
    with World() as world:
        _, handset, desk = webhooked(world, receiver)
        number = dispatched(desk, handset, "P1")
        signed = dispatched(desk, handset, "P1")
        equal(desk.act(signed, "sign", acting=LEAD).status, 200, "the other is signed")
        until(lambda: {row["person"] for row in notices(desk, number, "urgent")} == {LEAD, HANDLER}, "the unit is told")
        equal([row["person"] for row in notices(desk, number, "urgent-told")][0:1] != [], True, "others beside")
        called = until(lambda: notices(desk, number, "called"), "somebody is called")
        equal({row["person"] for row in called}, {SHIFT_LEADER}, "who is called")
        until(lambda: notices(desk, number, "called-above"), "the level above is")
        again = until(lambda: [row for row in notices(desk, number, "called-again") if row["person"] == LEAD], "and all of them")
        until(lambda: len([row for row in notices(desk, number, "called-again") if row["person"] == LEAD]) > len(again),
              "once more, as long as nobody acknowledges it")
        keys = [message["key"] for message in receiver.of("called-again") if message["person"] == LEAD]
        equal(len(keys), len(set(keys)), "keys of the calls")
        equal(notices(desk, signed, "called"), [], "what was signed calls nobody")
        until(lambda: receiver.of("called", 200), "the call arrives")
    receiver.close()


def test_a_flood_of_P1_by_one_reporter_holds_up_nobody_elses_notices():
    receiver, flood, gas_leak = Receiver(SECRET), 300, 50001
    with World() as world:
        server, handset, desk = webhooked(world, receiver)
        phone = Phone(server.code_for("G002"))
        phone.enrol()
        for number in range(flood):
            phone.submit(f"第{number}起", gas_leak, float(LATITUDE), float(LONGITUDE))
        with phone.session() as session:
            session.push_all()
            session.ping()
        true = dispatched(desk, handset, "P1")
        until(lambda: all_are(desk, "sent", number=true, kind="urgent"), "the notices of the true one are sent")
        more = until(lambda: receiver.of("urgent-more", 200), "who reads where to look is told of more")
        equal((more[0]["number"], more[0]["todo"]), (None, "look"), "what it says")
        for kind in ("arrived", "urgent-told"):
            told = [message["person"] for message in receiver.of(kind)]
            most = max((told.count(person) for person in set(told)), default=0)
            equal(most < flood / 3, True, f"{most} of {kind} to one person")
        equal(receiver.bad, [], "signatures that do not hold")
        server.stop()
    receiver.close()


def test_a_case_that_is_opened_and_a_delta_that_is_taken_up_are_seen():
    receiver = Receiver(SECRET, lambda attempt, message: 503)
    with World() as world:
        server, handset, desk = webhooked(world, receiver, test_due_divisor=1)
        lead = world.handset(LEAD)
        lead.enrol(server.code_for(LEAD))
        watching = lead.start("watch")
        try:
            number = dispatched(desk, handset)
            until(lambda: all_are(desk, "seen", number=number, person=LEAD), "the lead's handset took it up")
            equal(notices(desk, number, person=HANDLER)[0]["state"], "queued", "the handler's, who has no handset")
            server.must("GET", f"/districts/{CODE}/cases/{number}", acting=HANDLER)
            until(lambda: all_are(desk, "seen", number=number, person=HANDLER), "the handler opened it")
            equal(LEAD in {message["person"] for message in receiver.of()}, False, "the lead was told by the webhook")
        finally:
            watching.kill()
            watching.wait()
        server.stop()
    receiver.close()


class Robot(Receiver):
    """A group robot: no signature, its own words."""

    def take(self, request):
        body = json.loads(request.rfile.read(int(request.headers["Content-Length"])))
        with self.lock:
            attempt = len(self.messages)
            answer = self.plan(attempt, body)
            self.messages.append((request.headers["Idempotency-Key"], body, answer))
        request.send_response(answer)
        text = json.dumps({"errcode": 0, "errmsg": "ok"}).encode()
        request.send_header("Content-Length", str(len(text)))
        request.end_headers()
        request.wfile.write(text)


def program(world, robot):
    folder = world.folder / "programs"
    folder.mkdir()
    shutil.copy2(TOP / "tools/notice.d/to-robot", folder)
    (folder / "to-robot.json").write_text(json.dumps({"url": robot.url, "people": {LEAD: "zhangsan"}}))
    return str(folder / "to-robot")


def test_the_guides_program_tells_a_robot_and_comes_again_where_it_failed_first():
    robot = Robot(SECRET, lambda attempt, message: 503 if attempt == 0 else 200)
    with World() as world:
        server, handset, desk = begun(world, notice_command=program(world, robot))
        number = dispatched(desk, handset)
        rows = until(lambda: all_are(desk, "sent", number=number, kind="dispatched"), "both are sent")
        equal(sorted(row["tries"] for row in rows), [1, 2], "tries")
        texts = {tuple(message["text"].get("mentioned_list", ())): message["text"]["content"]
                 for _, message, told in robot.messages if told == 200}
        holds(texts[("zhangsan",)], number)
        equal(len({key for key, _, _ in robot.messages}), 2, "keys")
        server.stop()
    robot.close()


def script(world, text):
    path = world.folder / "program"
    path.write_text("#!/bin/sh\n" + text)
    path.chmod(0o755)
    return str(path)


def test_a_program_gets_what_the_webhook_does_not_take():
    receiver = Receiver(SECRET, lambda attempt, message: 410)
    with World() as world:
        taken = world.folder / "taken"
        command = script(world, f'cat /dev/stdin >> "{taken}"\n')
        server, handset, desk = webhooked(world, receiver, notice_command=command)
        number = dispatched(desk, handset)
        rows = until(lambda: all_are(desk, "sent", number=number, kind="dispatched"), "both are sent")
        equal({row["channel"] for row in rows}, {2}, "by which channel")
        lines = [json.loads(line) for line in taken.read_text().splitlines()]
        equal({line["key"] for line in lines} >= {row["key"] for row in rows}, True, "what the program got")
        server.stop()
    receiver.close()


def test_a_program_that_fails_for_good_is_not_run_again_and_leaves_nothing_behind():
    with World() as world:
        server, _, desk = begun(world, notice_command=script(world, "sleep 600 & exit 3\n"))
        row = server.must("POST", f"/districts/{CODE}/people/{LEAD}/notice")
        until(lambda: desk.get(f"/notices/{row['id']}")["state"] == "failed", "it failed")
        equal(desk.get(f"/notices/{row['id']}")["error"], "exit 3", "why")
        until(lambda: not children_of(server.process.pid), "what it began has ended")
        holds(server.log(), "notices do not go out by the program: exit status 3")
        server.stop()


def children_of(pid):
    text = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True, check=False).stdout
    return text.split()


def test_a_configuration_that_would_tell_strangers_is_refused():
    with World() as world:
        server = world.server
        path = pathlib.Path(secret_file(world))
        for url, words in (("http://example.com/x", "loopback"), ("ftp://127.0.0.1/x", "no URL of https"),
                           ("https://me:word@example.com/", "a name or a password"),
                           ("http://127.0.0.1.example.com/", "loopback")):
            server.configure(notice_webhook=url, notice_secret=str(path))
            ends(server, CONFIG, "notice-webhook", words)
        path.chmod(0o644)
        server.configure(notice_webhook="https://example.com/x", notice_secret=str(path))
        ends(server, CONFIG, "notice-secret", "can be read by others")


if __name__ == "__main__":
    sys.exit(tap.run(cases_of(globals())))
