"""A receiver that does not let us in, asks for quiet, is not found, has another certificate; and a secret that systemd hands over."""
import pathlib
import ssl
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
import tap
from district import CODE, LEAD
from expect import CONFIG, cases_of, ends, equal, holds
from harness import BIHUAND, BUILD, World, until
from outbox import QUICK, SECRET, all_are, begun, dispatched, notices, secret_file, webhooked
from receiver import Receiver


def test_who_is_not_let_in_goes_on_asking_and_the_administrator_is_told():
    receiver = Receiver(SECRET, lambda attempt, message: 503 if attempt == 0 else 401)
    with World() as world:
        server, handset, desk = webhooked(world, receiver)
        number = dispatched(desk, handset)
        until(lambda: all(row["tries"] >= 5 for row in notices(desk, number, "dispatched")), "they are tried on")
        equal({(row["state"], row["error"]) for row in notices(desk, number, "dispatched")}, {("queued", "401")}, "how they stand")
        holds(server.log(), "notices do not go out by the webhook: HTTP status 503")
        holds(server.log(), "HTTP status 401, it does not let us in: is the secret its own?")
        receiver.plan = lambda attempt, message: 200
        until(lambda: all_are(desk, "sent", number=number, kind="dispatched"), "once it lets us in all are sent")
        holds(server.log(), "notices go out again by the webhook")
        server.stop()
    receiver.close()


def test_a_receiver_that_asks_for_quiet_has_it_and_what_is_urgent_does_not_wait():
    asked = []

    def plan(_, message):
        asked.append((time.monotonic(), message["urgency"]))
        return (429, 3) if len(asked) == 1 else 200

    receiver = Receiver(SECRET, plan)
    with World() as world:
        server, handset, desk = webhooked(world, receiver)
        number = dispatched(desk, handset)
        until(lambda: asked, "the first is tried")
        until(lambda: any(row["error"] == "429" for row in notices(desk, number)), "it is kept that it is to wait")
        others = [dispatched(desk, handset) for _ in range(3)]
        urgent = dispatched(desk, handset, "P1")
        until(lambda: receiver.of("urgent", 200), "what is urgent goes at once")
        for one in [number, *others, urgent]:
            until(lambda one=one: all_are(desk, "sent", number=one, kind="urgent" if one == urgent else "dispatched"), "all are sent")
        first = asked[0][0]
        # eight may have been on their way when it asked
        early = [at for at, urgency in asked[8:] if urgency != 1 and at - first < 2.5]
        equal(early, [], "who came before their time")
        equal(max(at for at, _ in asked) - first >= 2.5, True, "that it was quiet at all")
        server.stop()
    receiver.close()


def test_a_stop_in_the_middle_of_a_send_sends_again_under_the_same_key():
    receiver = Receiver(SECRET, lambda attempt, message: "stall" if attempt == 0 else 200)
    with World() as world:
        server, _, desk = webhooked(world, receiver)
        for end in (server.stop, server.kill):
            row = server.must("POST", f"/districts/{CODE}/people/{LEAD}/notice")
            until(lambda row=row: row["key"] in receiver.keys("stall"), "it is on its way")
            end()
            server.start()
            until(lambda row=row: desk.get(f"/notices/{row['id']}")["state"] == "sent", "it is sent after all")
            equal([told for key, _, told in receiver.messages if key == row["key"]], ["stall", 200], "how often under its key")
        equal(receiver.bad, [], "signatures that do not hold")
        server.stop()
    receiver.close()


def no_answer():
    """In front of the C library's: names that end in .hangs are never answered; a sanitizer's runtime has to be the first."""
    needed = subprocess.run(["ldd", BIHUAND], capture_output=True, text=True, check=True).stdout
    if "libasan" in needed or "libtsan" in needed:
        raise tap.Skip("a sanitizer puts itself before these calls")
    return str(BUILD / "tests/e2e/no_answer.so")


def test_a_name_server_that_hangs_holds_up_no_command_and_no_stop():
    with World() as world:
        server = world.server
        server.environment["LD_PRELOAD"] = no_answer()
        _, handset, desk = begun(world, notice_webhook="https://gateway.hangs/notice", notice_secret=secret_file(world))
        for _ in range(20):
            server.must("POST", f"/districts/{CODE}/people/{LEAD}/notice")
        slowest = 0.0
        for _ in range(5):
            begin = time.monotonic()
            dispatched(desk, handset)
            slowest = max(slowest, time.monotonic() - begin)
        equal(slowest < 5.0, True, f"the slowest report and dispatch took {slowest:.2f} s")
        until(lambda: any(row["error"] for row in notices(desk)), "an attempt has had its time")
        equal({row["error"] for row in notices(desk) if row["error"]}, {"time"}, "what came of them")
        server.must("POST", f"/districts/{CODE}/people/{LEAD}/notice")
        begin = time.monotonic()
        server.stop()
        equal(time.monotonic() - begin < 5, True, "a stop that waits for no name")


def test_a_secret_may_be_what_systemd_hands_over():
    receiver = Receiver(SECRET)
    with World() as world:
        credentials = world.folder / "credentials"
        credentials.mkdir(mode=0o700)
        path = credentials / "bihuan.notice-secret"
        path.write_text(SECRET)
        path.chmod(0o440)  # as with an access list for a user of its own: the mask stands where a group's bits do
        world.server.configure(notice_webhook=receiver.url, notice_secret=str(path))
        ends(world.server, CONFIG, "notice-secret", "can be read by others")
        world.server.environment["CREDENTIALS_DIRECTORY"] = str(credentials)
        server, _, desk = begun(world, notice_webhook=receiver.url, notice_secret=str(path))
        row = server.must("POST", f"/districts/{CODE}/people/{LEAD}/notice")
        until(lambda: desk.get(f"/notices/{row['id']}")["state"] == "sent", "it is sent")
        server.stop()
        path.chmod(0o444)
        ends(server, CONFIG, "notice-secret", "can be read by others")
        outside = world.folder / "credentials-of-others"
        outside.write_text(SECRET)
        outside.chmod(0o440)
        for name in (outside, credentials / ".." / outside.name):
            server.configure(notice_secret=str(name))
            ends(server, CONFIG, "notice-secret", "can be read by others")
    receiver.close()


def certified(folder, name):
    """A certificate of its own for loopback, and a context that shows it."""
    key, certificate = folder / f"{name}.key", folder / f"{name}.crt"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                    "-keyout", key, "-out", certificate, "-subj", "/CN=gateway", "-addext", "subjectAltName=IP:127.0.0.1"],
                   check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return str(certificate), context


def test_a_webhook_goes_by_its_own_certificates_and_by_no_other():
    with World() as world:
        trusted, context = certified(world.folder, "trusted")
        strange, other = certified(world.folder, "strange")
        receiver, impostor = Receiver(SECRET, tls=context), Receiver(SECRET, tls=other)
        server, _, desk = webhooked(world, receiver, notice_ca=trusted)
        row = server.must("POST", f"/districts/{CODE}/people/{LEAD}/notice")
        until(lambda: desk.get(f"/notices/{row['id']}")["state"] == "sent", "it is sent")
        server.stop()
        for url, authority in ((impostor.url, trusted), (receiver.url, strange), (receiver.url, None)):
            server.configure(test_due_divisor=QUICK, notice_webhook=url, notice_secret=secret_file(world),
                             **({"notice_ca": authority} if authority else {}))
            server.start()
            row = server.must("POST", f"/districts/{CODE}/people/{LEAD}/notice")
            until(lambda row=row: desk.get(f"/notices/{row['id']}")["error"] == "tls", f"{url} by {authority} is refused")
            server.stop()
        equal((len(receiver.messages), impostor.messages), (1, []), "what was told to whom")
        receiver.close()
        impostor.close()


if __name__ == "__main__":
    sys.exit(tap.run(cases_of(globals())))
