#!/usr/bin/python3
"""Attacks on the administration socket and the metrics, and what a run leaves behind; by their rows in the catalogue."""
import contextlib
import os
import pathlib
import sys

sys.dont_write_bytecode = True
sys.path[:0] = [str(pathlib.Path(__file__).resolve().parent), str(pathlib.Path(__file__).resolve().parent / "stranger")]

from forge import say  # noqa: E402
from hostile import pushed, raw, status_of, submits  # noqa: E402
from scene import ILLEGAL_BUILDING, named, pb, run, wire  # noqa: E402

CANARY = "金丝雀报告7731"


def H03_JSON_bombs_are_refused(scene):
    bombs = {
        "depth": b"[" * 100000, "objects": b'{"a":' * 50000 + b"1" + b"}" * 50000,
        "elements": b"[" + b"1," * 5000000 + b"1]", "twice": b'{"code":"990105","code":"990106"}',
        "number": b'{"code":' + b"9" * 100000 + b"}", "exponent": b'{"code":1e999999}',
        "key": b'{"' + b"k" * 1000000 + b'":1}', "surrogate": b'{"code":"\\ud800"}', "NUL": b'{"code":"99\\u00001"}',
        "latin": b'{"code":"\xff\xfe"}', "nothing": b"", "BOM": b"\xef\xbb\xbf{}", "comment": b'{/* */"code":"1"}',
        "array": b'["990105"]', "null": b"null", "wrong type": b'{"code":{"$gt":""}}'}
    before = scene.rss_kb()
    for name, body in bombs.items():
        for path in ("/districts", f"/districts/{scene.district}/profile",
                     f"/districts/{scene.district}/people/G001/enrolment"):
            answer = scene.server.ask("POST", path, body)
            if name in ("nothing", "null") or "enrolment" in path and name == "wrong type":
                continue
            assert 400 <= answer.status < 500 and answer.json and answer.json["code"], (name, path, answer.status, answer.text[:200])
    scene.grew_little(before)
    assert scene.server.must("GET", "/districts")["count"] == 1


def H10_headers_beyond_measure_are_refused(scene):
    path = scene.server.admin_path
    requests = {
        "a long line": b"GET /status HTTP/1.1\r\nX: " + b"a" * 65536 + b"\r\n\r\n",
        "many": b"GET /status HTTP/1.1\r\n" + b"".join(b"X%d: 1\r\n" % n for n in range(10000)) + b"\r\n",
        "a long target": b"GET /" + b"a" * 65536 + b" HTTP/1.1\r\n\r\n",
        "a gigabyte": b"POST /districts HTTP/1.1\r\nContent-Length: 1000000000\r\n\r\n{}",
        "a negative length": b"POST /districts HTTP/1.1\r\nContent-Length: -1\r\n\r\n{}",
        "no method": b"\r\n\r\n\r\n", "another method": b"DELETE /districts/990101 HTTP/1.1\r\n\r\n",
        "TRACE": b"TRACE / HTTP/1.1\r\n\r\n", "CONNECT": b"CONNECT 127.0.0.1:22 HTTP/1.1\r\n\r\n",
        "an absolute target": b"GET http://elsewhere/status HTTP/1.1\r\nHost: elsewhere\r\n\r\n",
        "chunks without end": b"POST /districts HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFF\r\nx",
        "both lengths": b"POST /districts HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "random": os.urandom(3000)}
    said = {}
    for port in (path, scene.server.metrics_port):
        for name, request in requests.items():
            said[name] = status_of(raw(port, request))
            assert said[name] != 201 and (said[name] != 200 or name == "an absolute target"), (name, said[name])
    say(f"answers: {said}")
    pipelined = raw(path, b"GET /status HTTP/1.1\r\n\r\n" * 2000)
    say(f"2,000 requests at once: {pipelined.count(b'HTTP/1.1 200')} answers")
    assert scene.server.ask("GET", "/status").status == 200


def H10_keys_and_names_in_headers_are_bounded(scene):
    phone = scene.phone()
    submits(phone, 1)
    pushed(phone)
    number = wire.shown_number(phone.number(1))
    target = f"/districts/{scene.district}/cases/{number}/dispatch"
    for size in (201, 1000, 12000):
        answer = scene.server.ask("POST", target, {}, acting="D001", key="k" * size)
        assert answer.status == 400, (size, answer.status)
    here = f"/districts/{scene.district}"
    entries = scene.server.must("GET", here)["entries"]
    for path, body in (("/districts", {"code": "990199"}), (here + "/people/G001/enrolment", {}), (here + "/clock/confirm", {}),
                       (here + "/devices/1/revoke", {"reason": "x"}), (here + "/profile?apply=1", {"name": "x"}),
                       (here + "/catalogue?apply=1", {"types": []})):
        for size in (201, 12000):
            answer = scene.server.ask("POST", path, body, key="k" * size)
            assert (answer.status, answer.json["code"]) == (400, "key"), (path, size, answer.text)
    assert scene.server.must("GET", here)["entries"] == entries, "a key that is too long did something"
    assert len(scene.server.must("GET", "/districts")["items"]) == 1
    told = set()
    for key in ("' OR 1=1 --", "%", "k", "K", "../../x", "k" * 200, "k" * 199, "\u00e9" * 99, "k\tk", "a" + " " * 50 + "b"):
        for _ in range(2):
            answer = scene.server.ask("POST", here + "/people/G001/enrolment", {}, key=key)
            assert answer.status == 201, (key, answer.text)
            told.add(answer.json["code"])
    assert len(told) == 10, "as many codes as keys"
    for acting in ("D" * 12000, "D001/" + "9" * 5000, "D001/" * 1000, "D001/-1", "D001/99999999999999999999", "' OR 1=1 --",
                   "D001\tX", "%", "../../x", "D001/", "/", "é" * 100):
        with contextlib.suppress(UnicodeEncodeError, ValueError):
            answer = scene.server.ask("POST", target, {}, acting=acting)
            assert answer.status in (400, 403, 404), (acting[:40], answer.status, answer.text[:200])
    for line in (b"Bihuan-As: D001\r\nbihuan-as: A001\r\n", b"Idempotency-Key: a\r\nIdempotency-Key: b\r\n"):
        said = status_of(raw(scene.server.admin_path, b"GET /status HTTP/1.1\r\nHost: x\r\n" + line + b"\r\n"))
        assert said == 400, (line, said)    # of two the one counts that a proxy did not write
    assert scene.case(phone.number(1))["state"] == "received"


TRAVERSALS = ["../x", "..", ".", "", "/", "%2e%2e%2fx", "..%2f..%2fetc", "a/b", "a%00b", "%c0%ae%c0%ae", "990101%0a", "99 01",
              "CON", "a" * 13, "a" * 5000, "990101\u202e", "-a", "%", "%zz", "'; DROP TABLE journal; --"]


def H01_names_in_paths_and_bodies_are_only_names(scene):
    before = sorted(path.name for path in scene.server.data.parent.rglob("*"))
    for name in TRAVERSALS:
        answer = scene.server.ask("POST", "/districts", {"code": name})
        assert 400 <= answer.status < 500, (name, answer.status, answer.text[:100])
    for name in TRAVERSALS + ["17-42-P", "1-1-1", "0-0-0", "18446744073709551615-1-X", "-1-1-1", "4294967296-1-0"]:
        quoted = "".join(c if c.isalnum() or c in "-._%/" else "".join(f"%{b:02x}" for b in c.encode()) for c in name)
        for path in (f"/districts/{quoted}", f"/districts/{scene.district}/cases/{quoted}",
                     f"/districts/{scene.district}/cases/{quoted}/sign", f"/districts/{scene.district}/people/{quoted}/enrolment",
                     f"/districts/{scene.district}/devices/{quoted}/revoke"):
            method = "GET" if path.count("/") < 5 and path.split("/")[-1] not in ("sign", "enrolment", "revoke") else "POST"
            answer = raw(scene.server.admin_path, f"{method} {path} HTTP/1.0\r\nBihuan-As: D001\r\nContent-Length: 2\r\n\r\n{{}}".encode())
            status = status_of(answer)
            if status == 200:     # "..", "." and "" leave another route of the table
                assert name in ("", "."), (method, path, answer[:300])
            else:
                assert status is None or 400 <= status < 500, (method, path, answer[:300])
    for query in ("state=%27%20OR%201=1", "unit=%00", "area=../..", "limit=-1", "limit=1e9", "limit=99999999999999999999",
                  "after=%27", "after=-1", "state=" + "a," * 3000, "state=received;DROP", "a=b&" * 2000):
        answer = raw(scene.server.admin_path, f"GET /districts/{scene.district}/cases?{query} HTTP/1.0\r\n\r\n".encode())
        assert status_of(answer) in (None, 200, 400, 404, 413, 414), (query[:40], answer[:200])
    after = sorted(path.name for path in scene.server.data.parent.rglob("*"))
    assert [name for name in after if name not in before and not name.startswith("district.db")] == [], after


def H08_a_person_of_the_desk_reads_and_acts_only_as_the_posts_allow(scene):
    phone = scene.phone()
    submits(phone, 1)
    pushed(phone)
    number = wire.shown_number(phone.number(1))
    top = f"/districts/{scene.district}"
    for acting in ("G002", "L-T1", "NOBODY", "G001"):
        for method, path in (("GET", "/profile"), ("POST", "/profile?apply=1"), ("POST", "/catalogue?apply=1"),
                             ("POST", "/people/G001/enrolment"), ("GET", "/devices"), ("POST", f"/devices/{phone.device}/revoke"),
                             ("POST", "/verify"), ("POST", "/clock/confirm")):
            answer = scene.server.ask(method, top + path, acting=acting)
            assert answer.status in (403, 404), (acting, method, path, answer.status, answer.text[:120])
        for method, path in (("GET", "/status"), ("POST", "/reload"), ("GET", "/districts"), ("POST", "/districts")):
            answer = scene.server.ask(method, path, {"code": "990109"} if method == "POST" else None, acting=acting)
            assert answer.status in (403, 404), (acting, method, path, answer.status, answer.text[:120])
    for acting in ("G002", "NOBODY"):
        for verb in ("file", "dispatch", "redirect", "return", "sign", "finish", "close", "refuse", "void"):
            answer = scene.server.ask("POST", f"{top}/cases/{number}/{verb}", {"text": "越权"}, acting=acting)
            assert answer.status in (403, 404), (acting, verb, answer.status, answer.text[:120])
    assert scene.case(phone.number(1))["state"] == "received"


# ---- What a run leaves behind ----

def I08_nothing_of_a_report_or_a_key_is_in_logs_metrics_or_errors(scene):
    nasty = "\n2026-01-01 error: forged \x1b[31mline\x1b[0m\r\tend"
    phone = scene.phone("G006", enrol=False)
    payload = scene.server.must("POST", f"/districts/{scene.district}/people/G006/enrolment")
    phone.payload = wire.Payload(payload["payload"])
    with phone.link() as link:
        link.send("enrol", phone.enrol_message(link, device_model="HW" + nasty))
        answer = link.receive()
    if answer.HasField("enrolled"):
        receipt = pb.EnrolmentReceipt.FromString(answer.enrolled.receipt)
        phone.device, phone.person, phone.log_short = receipt.device, receipt.person, receipt.log_short
    else:
        say(f"such a device_model is refused: {wire.REFUSALS[answer.refusal.code]}")
        phone = scene.phone("G006")
    latitude, longitude = 31.0061234, 116.9727719
    phone.submit(CANARY + nasty, ILLEGAL_BUILDING, latitude, longitude)
    phone.submit(CANARY, ILLEGAL_BUILDING, 91.0, longitude)
    for text in ("=HYPERLINK(\"x\")", "\u202e" * 900, "e\u0301" + "\u0301" * 1900, "@SUM(1)"):
        phone.submit(text, 4294967295, latitude, longitude)
    pushed(phone)
    assert phone.verdicts[1].verdict == wire.ACCEPTED, phone.verdicts
    scene.must_verb(phone.number(1), "dispatch", "D001", text=CANARY + nasty)
    scene.server.ask("POST", f"/districts/{scene.district}/devices/{phone.device}/revoke", {"reason": "x" + nasty})
    for path in ("/districts/" + CANARY, "/" + CANARY):
        raw(scene.server.admin_path, f"GET {path} HTTP/1.0\r\n\r\n".encode())
    scene.server.ask("POST", "/districts", {"code": "x" + nasty})
    with phone.link() as link:
        link.send("hello", phone.hello_message(link, app_version=b"v" + nasty.encode()))
        with contextlib.suppress(Exception):
            link.receive()
    metrics, log = scene.server.scrape()[2], scene.server.log()
    keys = b"".join(path.read_bytes() for path in scene.server.data.rglob("*") if path.suffix in (".key", ".mac"))
    secrets = [CANARY, "310061234", "31.00612", "1169727719", "116.97277", payload["code"], phone.log.log_id.hex()]
    secrets += [line for line in keys.decode("latin-1").splitlines() if len(line) > 30 and "-----" not in line]
    for name, text in (("log", log), ("metrics", metrics)):
        found = [secret[:20] for secret in secrets if secret in text]
        assert not found, f"{name}: {found}"
        assert "\x1b" not in text and "\r" not in text, name
        assert not [line for line in text.splitlines() if line.startswith("2026-01-01 error: forged")], name
    say(f"{len(secrets)} secrets are in neither log nor metrics; {len(log.splitlines())} lines")
    # Nothing outside the district's own files holds the code or a report.
    for path in scene.folder.rglob("*"):
        if path.is_file() and not path.name.startswith("district.db"):
            data = path.read_bytes()
            assert CANARY.encode() not in data and payload["code"].encode() not in data, path
    for path in scene.server.data.iterdir():
        assert path.stat().st_mode & 0o077 == 0, f"{path}: {path.stat().st_mode:o}"
    for path in scene.server.data.rglob("district.db*"):
        assert payload["code"].encode() not in path.read_bytes(), "the journal has a code"


CASES = [value for name, value in list(globals().items()) if name[:1] in "BEGHI" and name[1:3].isdigit()]

if __name__ == "__main__":
    sys.exit(run([case for case in named(CASES) if len(sys.argv) < 2 or case[0].startswith(sys.argv[1])]))
