#!/usr/bin/python3
"""Attacks by enrolled devices on the server's sessions and on other people's cases, by their rows in the catalogue."""
import contextlib
import copy
import itertools
import os
import pathlib
import sys
import threading
import time

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "stranger"))


from forge import say  # noqa: E402
from scene import (ILLEGAL_BUILDING, PLACE, harness, is_closed, named, pb, refusal, run, wire)  # noqa: E402

LOGS_A_MINUTE = 60       # of one device: a log costs 1,000 of 60,000 ops
STORM = LOGS_A_MINUTE + 20
LATENCY_S_MAX = 2.0
FLOOD_S = 2.0


def submits(phone, count):
    for number in range(1, count + 1):
        phone.submit(f"第{number}件", ILLEGAL_BUILDING, *PLACE)


def pushed(phone):
    with phone.session() as session:
        session.push_all()


def fork_on(link, phone, **changed):
    """Says a Hello that must be answered by a Welcome with fork."""
    link.send("hello", phone.hello_message(link, **changed))
    answer = link.receive()
    assert answer.HasField("welcome") and answer.welcome.fork, answer


def B03_a_link_that_forked_stays_its_device_s(scene):
    first, second = scene.phone(), scene.phone("G002")
    for phone in (first, second):
        submits(phone, 1)
        pushed(phone)
    for _ in range(3):
        with first.link() as link:
            fork_on(link, first, acked_seq=1, last_seq=9, acked_link=bytes(32))
            link.send("hello", second.hello_message(link))
            assert refusal(link) == "NOT_PROVED", "one link was two devices"
            assert is_closed(link)
        harness.until(lambda: scene.connections() == 0, "the connection goes")
        # What the hub remembers of the first device must not be the link that is gone.
        for phone in (first, second):
            with phone.session() as session:
                session.ping()
    assert scene.server.process.poll() is None


def B13_a_storm_of_new_logs_is_slowed_down(scene):
    phone, began = scene.phone(), time.monotonic()
    said = {}
    for _ in range(STORM):
        phone.log = wire.Log(phone.payload.district, os.urandom(16))
        with phone.link() as link:
            link.send("hello", phone.hello_message(link))
            answer = link.receive()
            word = answer.WhichOneof("kind") if not answer.HasField("refusal") else wire.REFUSALS[answer.refusal.code]
            said[word] = said.get(word, 0) + 1
            wait = answer.refusal.retry_after_ms
    took_s = time.monotonic() - began
    say(f"{STORM} new logs in {took_s:.1f} s: {said}, then wait {wait} ms")
    assert said["welcome"] <= LOGS_A_MINUTE + 1 + took_s * LOGS_A_MINUTE / 60, said
    assert said.get("BUSY") and 0 < wait <= 60000, (said, wait)
    with scene.phone().session() as session:
        session.ping()


def B13_forks_are_slowed_down_too(scene):
    phone, begun = scene.phone(), 0
    submits(phone, 1)
    pushed(phone)
    while begun < STORM:
        log_id = os.urandom(16)
        with phone.link() as link:
            fork_on(link, phone, acked_seq=1, last_seq=9, acked_link=bytes(32))
            link.send("hello", phone.hello_message(link, log_id=log_id, signed_log=log_id, acked_seq=0, last_seq=9))
            answer = link.receive()
            if answer.HasField("refusal"):
                assert wire.REFUSALS[answer.refusal.code] == "BUSY", answer
                break
            assert answer.HasField("welcome") and not answer.welcome.fork, answer
            begun += 1
            link.send("hello", phone.hello_message(link, log_id=os.urandom(16)))
            while not (answer := link.receive()).HasField("refusal"):
                pass  # what a session begins with
            assert wire.REFUSALS[answer.refusal.code] == "ORDER", answer
    say(f"{begun} logs begun by forks, one a link")
    assert begun < STORM, "forks begin as many logs as they like"


def B13_a_log_cannot_continue_what_is_not_its_device_s(scene):
    phone, victim = scene.phone(), scene.phone("G002")
    submits(victim, 2)
    pushed(victim)
    new = os.urandom(16)
    with phone.link() as link:
        link.send("hello", phone.hello_message(link, log_id=new, signed_log=new, forked_from=victim.log.log_id))
        assert refusal(link) in ("NOT_PROVED", "BAD_FRAME")
    # A log that nobody knows may have been begun after the backup which this server came from: it is as none.
    for name, log_id in (("nobody's", os.urandom(16)), ("itself", None)):
        new = os.urandom(16)
        with phone.link() as link:
            link.send("hello", phone.hello_message(link, log_id=new, signed_log=new, forked_from=log_id or new))
            answer = link.receive()
            assert answer.HasField("welcome") and not answer.welcome.fork and answer.welcome.acked_seq == 0, name
    # The victim's log has no successor: its device goes on and is not suspended.
    submits(victim, 1)
    pushed(victim)
    assert victim.verdicts[3].verdict == wire.ACCEPTED


def B07_an_origin_of_another_person_gives_and_takes_nothing(scene):
    victim, thief = scene.phone(), scene.phone("G002")
    submits(victim, 2)
    with victim.session() as session:
        session.push(1, 1)
        session.pump(lambda: session.acks == 1)
    before = scene.cases()
    for seq in (1, 2):       # one that is here, and one that is still to come
        thief.record(pb.OpHeader(verb=wire.SUBMIT, type=ILLEGAL_BUILDING), pb.OpContent(text="冒领"),
                     pb.Origin(log_id=victim.log.log_id, seq=seq, link=victim.log.link(seq)))
    pushed(thief)
    for seq in (1, 2):
        told = thief.verdicts[seq]
        assert told.verdict != wire.CARRIED and told.case_number != victim.number(seq), told
    assert scene.cases() == before + 2
    pushed(victim)
    assert victim.verdicts[2].verdict == wire.ACCEPTED and victim.verdicts[2].case_number in (0, victim.number(2))
    assert scene.case(victim.number(2))["text"] == "第2件", "the thief's copy stood for the report"
    # Another phone of the same worker is still told.
    again = scene.phone()
    again.record(pb.OpHeader(verb=wire.SUBMIT, type=ILLEGAL_BUILDING), pb.OpContent(text="第1件"),
                 pb.Origin(log_id=victim.log.log_id, seq=1, link=victim.log.link(1)))
    pushed(again)
    assert (again.verdicts[1].verdict, again.verdicts[1].case_number) == (wire.CARRIED, victim.number(1))
    assert scene.server.must("POST", f"/districts/{scene.district}/verify"), "the journal does not replay"


def B07_cases_of_others_cannot_be_acted_on(scene):
    reporter, stranger, lead = scene.phone(), scene.phone("G002"), scene.phone("L-T1")
    submits(reporter, 1)
    pushed(reporter)
    number = reporter.number(1)
    scene.must_verb(number, "dispatch", "D001")
    version = scene.case(number)["version"]
    headers = [pb.OpHeader(verb=verb, case_number=number, cycle=cycle, base_position=position)
               for verb in list(range(2, 32)) + [40, 41, 42, 43, 44] + list(range(60, 71)) + [255, 2 ** 31 - 1]
               for cycle, position in ((1, version), (0, 0))]
    headers += [pb.OpHeader(verb=verb, case_number=number, cycle=1, base_position=version, author=lead.person)
                for verb in (wire.SIGN, wire.FINISH)]
    headers += [pb.OpHeader(verb=wire.SUBMIT, type=ILLEGAL_BUILDING, case_number=number)]
    for header in headers:
        stranger.record(header, pb.OpContent(text="越权"))
    pushed(stranger)
    last = len(headers)
    got = {stranger.verdicts[seq].verdict for seq in range(1, last)}
    say(f"{last} ops: verdicts {sorted(got)}; submit with another's number: {stranger.verdicts[last].verdict}")
    assert wire.ACCEPTED not in got, [headers[seq - 1] for seq in range(1, last)
                                      if stranger.verdicts[seq].verdict == wire.ACCEPTED]
    case = scene.case(number)
    assert case["version"] == version and case["state"] == "dispatched", case
    assert case["text"] == "第1件"
    with stranger.session() as session:
        session.ping()
    assert number not in stranger.records


def B07_a_receipt_of_a_closure_is_its_reporter_s_alone(scene):
    reporter, stranger = scene.phone(), scene.phone("G002")
    submits(reporter, 1)
    pushed(reporter)
    number = reporter.number(1)
    for verb in (40, 41):
        for cycle in (0, 1, 2, 2 ** 32 - 1):
            stranger.record(pb.OpHeader(verb=verb, case_number=number, cycle=cycle), pb.OpContent())
            reporter.record(pb.OpHeader(verb=verb, case_number=number, cycle=cycle), pb.OpContent())
    pushed(stranger)
    pushed(reporter)
    assert all(verdict.verdict == wire.REJECTED for verdict in stranger.verdicts.values()), stranger.verdicts
    early = [reporter.verdicts[seq].verdict for seq in range(2, len(reporter.log.ops) + 1)]
    assert wire.ACCEPTED not in early, f"a closure that is not there was seen: {early}"


def I10_cursors_of_other_scopes_bring_nothing(scene):
    reporter, stranger = scene.phone(), scene.phone("G002")
    submits(reporter, 3)
    pushed(reporter)
    scene.must_verb(reporter.number(1), "dispatch", "D001")
    with reporter.session() as session:
        session.pump(lambda: reporter.records)
        scopes = list(session.welcome.scopes)
    units = [2 << 56 | unit for unit in range(1, 12)] + [3 << 56 | area for area in range(1, 12)]
    stranger.cursors = dict.fromkeys((scopes + units)[:60], 0)
    stranger.epoch, stranger.head_hash = reporter.epoch, reporter.head_hash
    with stranger.session() as session:
        told = set(session.welcome.scopes)
        session.ping()
        stranger.cursors = {scope: 0 for scope in scopes if scope not in told}
        session.link.send("applied", pb.Applied(cursors=[pb.Cursor(scope=scope, position=1) for scope in scopes]))
        session.ping()
    assert not told & set(scopes), "scopes of another worker"
    assert not set(stranger.records) & {reporter.number(seq) for seq in (1, 2, 3)}


def pings_of(phones, seconds):
    """How long each answer took, the Welcomes first; some of each, however slow the machine is."""
    waits, sessions, end = [], [], time.monotonic() + seconds
    with contextlib.ExitStack() as stack:
        for turn in itertools.count():
            began = time.monotonic()
            if turn < len(phones):
                sessions.append(stack.enter_context(phones[turn].session()))
            else:
                sessions[turn % len(phones)].ping()
            waits.append(time.monotonic() - began)
            if turn >= 2 * len(phones) and time.monotonic() > end:
                return waits


def flood(phone, begun, stop, frames):
    """Sends the same frames again and again, reads all answers."""
    try:
        with phone.session() as session:
            bytes_out = frames(session)
            begun.set()
            while not stop.is_set():
                session.link.send_bytes(bytes_out)
                while session.link.pending():
                    session.link.receive(5)
                try:
                    session.link.receive(0.001)
                except TimeoutError:
                    pass
    except Exception as why:  # the server may end it
        flood.ended = repr(why)
        begun.set()


def G05_floods_of_valid_frames_delay_nobody(scene):
    # Two good ones: it is rare that neither is on the loop of the flood.
    good, repeats, long = [scene.phone(), scene.phone("G005")], scene.phone("G003"), scene.phone("G004")
    submits(repeats, 500)
    submits(long, 501)
    pushed(repeats)
    floods = {
        "pings": (scene.phone("G002"), lambda session: wire.message_frame("ping", pb.Ping(wall_ms=1)) * 2000),
        "repeats": (repeats, lambda session: wire.message_frame("push", session.push_message(1, 500))),
        "gaps": (long, lambda session: wire.message_frame("push", session.push_message(2, 300)) * 10),
        "batches too long": (long, lambda session: wire.message_frame("push", session.push_message(1, 501)) * 10),
    }
    before = scene.cases()
    for name, (phone, frames) in floods.items():
        flood.ended = "not at all"
        begun, stop = threading.Event(), threading.Event()
        thread = threading.Thread(target=flood, args=(phone, begun, stop, frames))
        thread.start()
        try:
            begun.wait()
            waits = pings_of(good, FLOOD_S)
        finally:
            stop.set()
            thread.join()
        say(f"{name}: {len(waits)} pings of a good handset, the slowest {max(waits) * 1000:.0f} ms; ended: {flood.ended}")
        assert max(waits) < LATENCY_S_MAX, name
    assert scene.cases() == before, "a flood of repeats made cases"


def C01_a_log_of_exceptions_alone_is_told_in_parts(scene):
    phone = scene.phone("G005")
    count = 5000
    for number in range(count):
        phone.record(pb.OpHeader(verb=wire.SIGN, case_number=1 << 40, cycle=1), pb.OpContent(text=f"{number}"))
    lost = copy.deepcopy(phone)
    pushed(phone)
    assert len(phone.verdicts) == count
    assert all(verdict.verdict == wire.REJECTED for verdict in phone.verdicts.values())
    # All the answers were lost: the Welcome tells some, repeats the rest.
    with lost.session() as session:
        told = session.welcome.acked_seq
        session.push_all()
    assert 0 < told <= count and lost.acked_seq == count
    assert {seq: verdict.code for seq, verdict in lost.verdicts.items()} == \
        {seq: verdict.code for seq, verdict in phone.verdicts.items()}
    say(f"{count} exceptions: the Welcome told {told}")


CASES = [value for name, value in list(globals().items()) if name[:1] in "BCGI" and name[1:3].isdigit()]

if __name__ == "__main__":
    sys.exit(run([case for case in named(CASES) if len(sys.argv) < 2 or case[0].startswith(sys.argv[1])]))
