#!/usr/bin/python3
"""A client that knows the protocol's page alone takes a report through the whole loop at a real server."""
import sys
import pathlib

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from scene import ILLEGAL_BUILDING, PLACE, Phone, Untrusted, harness, named, pb, refused, run, wire  # noqa: E402

STATE_DISPATCHED, STATE_HANDLING, STATE_DONE, STATE_CLOSED = 4, 5, 9, 12
BURST_MAIN = 50001
KEPT = {}


def reported(scene):
    """One phone whose one report was accepted; the cases go on with it in turn."""
    if "phone" not in KEPT:
        phone = scene.phone()
        phone.submit("违建一处", ILLEGAL_BUILDING, *PLACE)
        with phone.session() as session:
            session.push_all()
            session.bye()
        KEPT["phone"] = phone
    return KEPT["phone"]


def it_enrols_and_its_receipt_is_signed_by_the_pinned_key(scene):
    phone = scene.phone(enrol=False)
    receipt = phone.enrol()
    assert receipt.algorithm == 1 and receipt.device and receipt.person and receipt.log_short
    assert phone.district.code == phone.payload.district and phone.district.person == phone.person
    assert phone.district.types and phone.district.units and len(phone.district.grids) == 3
    again = Phone(phone.payload, phone.key, phone.log.log_id).enrol()
    assert again == receipt, "the same code, key and log got another receipt"


def hello_may_follow_enrolled_on_the_same_link(scene):
    phone = scene.phone(enrol=False)
    with phone.link() as link:
        phone.enrol(link)
        link.send("hello", phone.hello_message(link))
        welcome = link.receive().welcome
    assert welcome.log_short == phone.log_short and welcome.version == 1


def a_report_is_accepted_and_its_number_is_the_server_s(scene):
    phone = reported(scene)
    assert phone.verdicts[1].verdict == wire.ACCEPTED
    case = scene.case(phone.number(1))
    assert case["number"] == wire.shown_number(phone.number(1)) and case["state"] == "received"
    assert case["text"] == "违建一处" and case["reporter"] == "G001"


def a_batch_pushed_again_gets_the_same_verdicts_and_changes_nothing(scene):
    phone = scene.phone()
    phone.submit("好的", ILLEGAL_BUILDING, *PLACE)
    phone.submit("纬度不对", ILLEGAL_BUILDING, 91.0, PLACE[1])
    cases = None
    for packed in (True, False, True):
        with phone.session() as session:
            session.push(1, 2, packed)
            session.pump(lambda: session.acks == 1)
            told = [(verdict.seq, verdict.verdict, verdict.code) for verdict in session.last_ack.verdicts]
            assert told == [(2, wire.REJECTED, 4)], told
            assert cases in (None, scene.cases())
            cases = scene.cases()


def what_was_acknowledged_while_the_ack_was_lost_comes_with_welcome(scene):
    phone = scene.phone()
    phone.submit("一", ILLEGAL_BUILDING, *PLACE)
    phone.submit("二", ILLEGAL_BUILDING, 91.0, PLACE[1])
    with phone.session() as session:
        session.push()
        harness.until(lambda: scene.case(phone.number(1)), "the report is there")
    assert not phone.verdicts
    with phone.session() as session:
        assert session.welcome.acked_seq == 2 and session.welcome.received_ms
    assert [phone.verdicts[seq].verdict for seq in (1, 2)] == [wire.ACCEPTED, wire.REJECTED]
    assert len(phone.receipts[-1][3]) == 16, "Welcome has no receipt"


def it_sees_the_case_dispatched_and_closed(scene):
    phone = reported(scene)
    number = phone.number(1)
    with phone.session() as session:
        def until_state(state):
            session.pump(lambda: number in phone.records and phone.records[number].state == state)
        scene.must_verb(number, "dispatch", "D001")
        until_state(STATE_DISPATCHED)
        scene.must_verb(number, "sign", "L-T1")
        until_state(STATE_HANDLING)
        scene.must_verb(number, "finish", "L-T1", text="已拆除")
        until_state(STATE_DONE)
        scene.must_verb(number, "close", "A001", text="感谢上报", matter_ended=True)
        until_state(STATE_CLOSED)
    closure = phone.records[number].closures[0]
    assert (closure.cycle, closure.result, closure.kind) == (1, "感谢上报", STATE_CLOSED)
    assert closure.closed_ms and closure.unit_name


def it_sends_delivered_and_seen_once(scene):
    phone = reported(scene)
    phone.open_closures()
    phone.open_closures()
    verbs = [pb.OpHeader.FromString(op.header).verb for op in phone.log.ops]
    assert verbs == [wire.SUBMIT, wire.DELIVERED, wire.SEEN], verbs
    with phone.session() as session:
        verdicts = session.push_all()
    assert [verdicts[seq].verdict for seq in (2, 3)] == [wire.ACCEPTED] * 2, verdicts
    told = [entry["verb"] for entry in scene.case(phone.number(1))["history"]]
    assert told.count("delivered") == 1 and told.count("seen") == 1, told


def it_connects_again_and_gets_nothing_twice(scene):
    phone = reported(scene)
    with phone.session() as session:
        session.settle()
    records = phone.deltas_of
    for _ in range(3):
        with phone.session() as session:
            assert not session.welcome.from_start
            session.settle()
            session.bye()
    assert phone.deltas_of == records, f"{phone.deltas_of - records} records came again"
    assert len(phone.log.ops) == 3
    harness.until(lambda: scene.connections() == 0, "the server noticed the goodbye")


def another_phone_of_the_worker_gets_what_is_closed_from_the_start(scene):
    first = reported(scene)
    number = first.number(1)
    twin = scene.phone()
    with twin.session() as session:
        session.pump(lambda: number in twin.records)
    assert [closure.result for closure in twin.records[number].closures] == ["感谢上报"]


def the_unit_s_phone_signs_and_finishes(scene):
    phone, unit = scene.phone(), scene.phone("L-T1")
    phone.submit("由单位手机办理", ILLEGAL_BUILDING, *PLACE)
    with phone.session() as session:
        session.push_all()
    number = phone.number(1)
    scene.must_verb(number, "dispatch", "D001", text="请尽快")
    with unit.session() as session:
        session.pump(lambda: number in unit.records)
        record = unit.records[number]
        assert (record.text, record.unit_note) == ("由单位手机办理", "请尽快")
        assert abs(record.latitude_e7 - round(PLACE[0] * 1e7)) <= 1
        unit.act(wire.SIGN, record)
        session.push_all()
        session.pump(lambda: unit.records[number].state == STATE_HANDLING)
        # The worker signs again from an old view, then finishes.
        unit.act(wire.SIGN, record)
        unit.act(wire.FINISH, unit.records[number], "处理完毕")
        session.push_all()
        session.pump(lambda: unit.records[number].state == STATE_DONE)
    assert [unit.verdicts[seq].verdict for seq in (1, 3)] == [wire.ACCEPTED] * 2
    assert (unit.verdicts[2].verdict, unit.verdicts[2].state) == (wire.STALE, STATE_HANDLING)


def what_the_desk_does_comes_without_being_asked_for(scene):
    phone = scene.phone()
    for count in range(1, 21):
        phone.submit(f"第{count}件", ILLEGAL_BUILDING, *PLACE)
    with phone.session() as session:
        session.push_all()
        for count in range(1, 21):
            scene.must_verb(phone.number(count), "dispatch", "D001")
            session.pump(lambda count=count: phone.number(count) in phone.records)
        told = phone.deltas_of
        session.ping()
        assert phone.deltas_of == told, "a record came that was told already"


def many_records_come_in_deltas_of_200_at_most(scene):
    phone, pages = scene.phone("G006"), []
    for count in range(450):
        phone.submit(f"第{count}处", BURST_MAIN, *PLACE)     # dispatched at once, by the rules
    with phone.session() as session:
        session.push_all()
    twin = scene.phone("G006")
    with twin.session() as session:
        while len(twin.records) < 450:
            answer = session.link.receive()
            if answer.HasField("delta"):
                before = twin.deltas_of
                session.on_delta(answer.delta)
                pages.append((twin.deltas_of - before, answer.delta.more))
        session.ping()
    assert max(size for size, _ in pages) <= 200 and sum(size for size, _ in pages) == 450, pages
    assert [more for _, more in pages][-1] is False and all(more for _, more in pages[:-1]), pages


def a_gap_is_told_and_the_session_lives_on(scene):
    phone = scene.phone()
    for count in range(3):
        phone.submit(f"第{count}件", ILLEGAL_BUILDING, *PLACE)
    with phone.session() as session:
        assert refused(lambda: (session.push(2, 3), session.pump(lambda: session.acks))) == "GAP"
        session.pushed = session.waiting = 0
        session.push_all()
    assert [phone.verdicts[seq].verdict for seq in (1, 2, 3)] == [wire.ACCEPTED] * 3


def it_follows_a_ca_that_is_rolled(scene):
    phone, away = scene.phone(), scene.phone("G002")
    first = list(phone.pins)
    scene.roll_ca()
    for _ in range(2):
        with phone.session() as session:
            session.ping()
            session.bye()
    assert phone.pins[0] == first[1] and phone.pins[1] not in first, "one step"
    harness.until(lambda: phone.device not in scene.lacking(), "it has said so")
    assert away.device in scene.lacking()
    with away.session() as session:
        session.ping()
    assert away.pins == phone.pins, "by its second pin"
    late = Phone(wire.Payload(scene.server.code_for("G003")))
    late.pins = first[:1]
    try:
        late.link().close()
        raise AssertionError("a server with another key was believed")
    except Untrusted:
        pass


if __name__ == "__main__":
    sys.exit(run(named([
        it_enrols_and_its_receipt_is_signed_by_the_pinned_key, hello_may_follow_enrolled_on_the_same_link,
        a_report_is_accepted_and_its_number_is_the_server_s,
        a_batch_pushed_again_gets_the_same_verdicts_and_changes_nothing,
        what_was_acknowledged_while_the_ack_was_lost_comes_with_welcome, it_sees_the_case_dispatched_and_closed,
        it_sends_delivered_and_seen_once, it_connects_again_and_gets_nothing_twice,
        another_phone_of_the_worker_gets_what_is_closed_from_the_start, the_unit_s_phone_signs_and_finishes,
        what_the_desk_does_comes_without_being_asked_for,
        many_records_come_in_deltas_of_200_at_most, a_gap_is_told_and_the_session_lives_on,
        it_follows_a_ca_that_is_rolled])))
