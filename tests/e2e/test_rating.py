"""What the public says of an answer, by the terminal and without a name: tokens, ratings, what units are shown, erasure."""
import base64
import json
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
import tap
from district import ACCEPTOR, CODE, DISPATCHER, LEAD, UNIT, report, sync
from expect import equal
from harness import DEMO, World, until
from test_adjust import SHIFT_LEADER, Terminal
from test_ends import days_later
from test_orders import bihuan

AGENT, SUPERVISOR, PRIVACY, ARCHIVIST, CITIZEN, WORKER = "F001", "V001", "Q001", "K001", "R901", "G001"
CASES, RATINGS = f"/districts/{CODE}/cases", f"/districts/{CODE}/ratings"
WRONG = "A" * 26


def profile():
    """The demo's people, one of the public, and who has to do with what they say."""
    made = json.loads((DEMO / "profile.json").read_text())
    there = {person["code"] for person in made["people"]}
    made["people"] += [person for person in (
        {"code": CITIZEN, "name": "居民", "posts": [{"role": "reporter", "area": CODE}]},
        {"code": AGENT, "name": "区回访员", "posts": [{"role": "followup_agent", "area": CODE}]},
        {"code": PRIVACY, "name": "个人信息保护负责人", "posts": [{"role": "privacy_officer", "area": CODE}]},
        {"code": ARCHIVIST, "name": "区档案员", "posts": [{"role": "archivist", "area": CODE}]}) if person["code"] not in there]
    return json.dumps(made)


def served(world, person=CITIZEN):
    server = world.server.start()
    server.district(profile=profile())
    handset = world.handset(person)
    handset.enrol(server.code_for(person))
    return server, Terminal(server), handset


def closed(terminal, handset):
    number = report(handset)
    sync(handset)
    answer(terminal, number)
    return number


def answer(terminal, number):
    terminal.must(number, "dispatch", DISPATCHER, "dispatched", "--condition=none-of-them", f"--unit={UNIT}")
    terminal.must(number, "sign", LEAD, "handling")
    if terminal.must(number, "finish", LEAD, "done", "--text=已补")["cycle"] > 1:
        terminal.checked(number)
    terminal.must(number, "close", ACCEPTOR, "closed", "--ended", "--text=已补好,谢谢")


def token_for(server, number, person=CITIZEN):
    return json.loads(bihuan(server, "invite", number, f"--as={person}"))["token"]


def rate(server, number, token, rating="satisfied", *words):
    return json.loads(bihuan(server, "rate", number, f"--token={token}", f"--rating={rating}", *words))


def refused(server, code, number, token, rating="satisfied"):
    answer = bihuan(server, "rate", number, f"--token={token}", f"--rating={rating}", expect=1)
    equal(answer["code"], code, f"{number} with {token}")


def kept_in(folder, words):
    """Which of the words stand in a file below it."""
    files = [path.read_bytes() for path in pathlib.Path(folder).rglob("*") if path.is_file()]
    return [word for word in words if any(word in data for data in files)]


def test_an_answer_is_rated_by_its_token_and_by_nobody():
    with World() as world:
        server, terminal, handset = served(world)
        number, other = closed(terminal, handset), closed(terminal, handset)
        before = {who: server.must("GET", f"{CASES}/{number}", acting=who) for who in (LEAD, DISPATCHER)}
        token, theirs = token_for(server, number), token_for(server, other, AGENT)
        equal((len(token), token != theirs), (26, True), "the tokens")
        for who, code in ((LEAD, "no_right"), (DISPATCHER, "no_right"), (WORKER, "no_case")):
            equal(bihuan(server, "invite", number, f"--as={who}", expect=1)["code"], code, f"a token for {who}")
        wrong = [(number, WRONG), (number, theirs), (number, "x"), (number, token[:-1]), ("17-999-K", token), ("nothing", token)]
        answers = {server.ask("POST", f"{CASES}/{case}/rating", {"token": one, "rating": "fair"}).json["message"] for case, one in wrong}
        equal(len(answers), 1, "answers to what is wrong")
        for case, one in wrong[:4]:
            refused(server, "token", case, one)
        refused(server, "case_number", "17-999-K", token)  # the terminal sees it by the check character
        equal(rate(server, number, token.lower(), "dissatisfied", "--text=井盖又松了")["rating"], "dissatisfied", "the rating")
        refused(server, "not_now", number, token)
        server.kill()
        server.start()
        refused(server, "not_now", number, token)
        for who, case in before.items():
            equal(server.must("GET", f"{CASES}/{number}", acting=who), case, f"what {who} sees of it")
        for who in (LEAD, DISPATCHER, None):
            equal(server.ask("GET", f"{CASES}/{number}/ratings", acting=who).status, 403, f"ratings for {who}")
        row = server.must("GET", f"{CASES}/{number}/ratings", acting=SUPERVISOR)["items"][0]
        equal((row["rating"], row["text"], row["unit"], row["cycle"]), ("dissatisfied", "井盖又松了", UNIT, 1), "what was said")
        told = until(lambda: [row for row in server.must("GET", f"/districts/{CODE}/notices")["items"] if row["kind"] == "rated-low"],
                     "the supervisor is told")
        equal([row["person"] for row in told], [SUPERVISOR], "who is told")
        month = row["closed_at"][:7]
        for who in (LEAD, None):
            rows = server.must("GET", f"{RATINGS}?month={month}", acting=who)["items"]
            equal([(row["unit"], row["hidden"], "satisfaction" in row) for row in rows], [(UNIT, True, False)], f"figures for {who}")
        whole = server.must("GET", f"{RATINGS}?month={month}", acting=SUPERVISOR)["items"][0]
        equal((whole["satisfaction"]["numerator"], whole["satisfaction"]["denominator"], whole["response"]["denominator"],
               whole["response"]["percent"], whole["dissatisfied"]), (0, 1, 2, 50.0, 1), "figures for who watches")
        table = json.loads(bihuan(server, "ratings", f"--month={month}", f"--as={LEAD}"))
        equal((table["month"], table["complete"]), (month, False), "the month by the terminal")
        equal(server.must("POST", f"/districts/{CODE}/verify")["holds"], True, "the district verifies")
        server.stop()
        secret = base64.b32decode(theirs + "======")
        equal(kept_in(world.server.data, [theirs.encode(), secret, token.encode()]), [], "tokens in its files")
        equal([one for one in (token, theirs) if one in server.log()], [], "tokens in its log")


def test_whoever_guesses_waits_and_who_has_the_token_does_not():
    with World() as world:
        server, terminal, handset = served(world)
        number = closed(terminal, handset)
        token = token_for(server, number)
        said = [server.ask("POST", f"{CASES}/{number}/rating", {"token": WRONG, "rating": "fair"}).status for _ in range(60)]
        equal((said[:20], 429 in said, set(said)), ([404] * 20, True, {404, 429}), "what guesses are told")
        for body in ({}, {"token": token}, {"token": token, "rating": "great"}, {"token": [token], "rating": "fair"},
                     {"token": token, "rating": "fair", "text": "很" * 401}, {"token": token, "rating": "fair", "person": CITIZEN}):
            equal(server.ask("POST", f"{CASES}/{number}/rating", body).status, 422, f"{body}")
        equal(server.must("POST", f"{CASES}/{number}/rating", {"token": token, "rating": "fair", "text": "'; DROP TABLE rating; --"},
                          key="k", acting=LEAD)["rating"], "fair", "who has it, whatever else is said")
        row = server.must("GET", f"{CASES}/{number}/ratings", acting=SUPERVISOR)["items"][0]
        equal(row["text"], "'; DROP TABLE rating; --", "what was said")
        equal(server.must("GET", f"{CASES}/{number}/ratings", acting=AGENT)["count"], 1, "its rows")
        server.stop()


def test_who_closed_a_case_hands_nothing_out_and_the_desk_says_who_did():
    with World() as world:
        server, terminal, handset = served(world)
        number, other = closed(terminal, handset), closed(terminal, handset)
        answer = bihuan(server, "invite", number, f"--as={ACCEPTOR}", expect=1)
        equal((answer["code"], "another acceptor, a shift leader or a follow-up agent" in answer["message"]), ("guard", True),
              "a token by who closed it")
        slip, own = token_for(server, number, AGENT), token_for(server, number)
        equal(bihuan(server, "invite", number, f"--as={AGENT}", expect=1)["code"], "guard", "a token after the reporter's own")
        rate(server, number, own, "dissatisfied")
        refused(server, "not_now", number, slip)
        token_for(server, other)

        def invites(case, who):
            history = server.must("GET", f"{CASES}/{case}", acting=who)["history"]
            return [entry["person"] for entry in history if entry["verb"] in ("invite", "rate")]
        equal([invites(number, who) for who in (SUPERVISOR, DISPATCHER, LEAD)], [[AGENT], [AGENT], []], "who reads that the desk gave one out")
        equal(invites(other, SUPERVISOR), [], "who reads that the reporter took one")
        equal(server.must("POST", f"/districts/{CODE}/verify")["holds"], True, "the district verifies")
        server.stop()


def test_a_token_of_who_dispatches_or_closes_then_rates_nothing():
    with World() as world:
        server, terminal, handset = served(world)
        number = report(handset)
        sync(handset)
        early = token_for(server, number, ACCEPTOR)
        answer(terminal, number)
        refused(server, "guard", number, early)
        refused(server, "token", number, WRONG)
        equal(server.must("GET", f"{CASES}/{number}/ratings", acting=SUPERVISOR)["items"][0]["rating"], None, "nobody rated")
        rate(server, number, token_for(server, number, AGENT), "fair")
        equal(server.must("POST", f"/districts/{CODE}/verify")["holds"], True, "the district verifies")
        server.stop()


def test_each_cycle_has_its_seven_days():
    with World() as world:
        server, terminal, handset = served(world)
        number, late = closed(terminal, handset), closed(terminal, handset)
        token, theirs = token_for(server, number), token_for(server, late)
        rate(server, number, token, "dissatisfied")
        terminal.must(number, "reopen", CITIZEN, "filed", "--text=又坏了")
        refused(server, "window", number, token)
        answer(terminal, number)
        rate(server, number, token, "satisfied")
        refused(server, "not_now", number, token)
        rows = server.must("GET", f"{CASES}/{number}/ratings", acting=SUPERVISOR)["items"]
        equal([(row["cycle"], row["rating"]) for row in rows], [(1, "dissatisfied"), (2, "satisfied")], "both cycles")
        days_later(server, 8)
        refused(server, "window", late, theirs)
        equal(server.must("POST", f"/districts/{CODE}/verify")["holds"], True, "the district verifies")
        server.stop()


def test_what_is_void_merged_a_workers_or_erased_is_not_rated():
    with World() as world:
        server, terminal, handset = served(world)
        main, erased = closed(terminal, handset), closed(terminal, handset)
        tokens = {erased: token_for(server, erased)}
        for number, verb, who, state in ((report(handset), "void", SHIFT_LEADER, "void"), (report(handset), "merge", ACCEPTOR, "merged")):
            sync(handset)
            tokens[number] = token_for(server, number)
            if verb == "void":
                terminal.must(number, "ask-void", ACCEPTOR, "received", "--text=重复")
            terminal.must(number, verb, who, state, *(["--text=重复", f"--confirm={number}"] if verb == "void" else [main]))
            refused(server, "window", number, tokens[number])
            equal(bihuan(server, "invite", number, f"--as={CITIZEN}", expect=1)["code"], "not_now", f"a token of a {state} one")
        rate(server, erased, tokens[erased], "fair", "--text=李四很好")
        (world.folder / "backups").mkdir()
        backup = json.loads(bihuan(server, "backup", CODE, f"--out={world.folder / 'backups'}"))["folder"]
        server.must("POST", f"{CASES}/{erased}/ask-erase", {"reason": "本人申请"}, acting=PRIVACY)
        server.must("POST", f"{CASES}/{erased}/erase", {"reason": "本人申请"}, acting=ARCHIVIST)

        def gone(when):
            refused(server, "token", erased, tokens[erased])
            row = server.must("GET", f"{CASES}/{erased}/ratings", acting=SUPERVISOR)["items"][0]
            equal((row["rating"], row["text"]), ("fair", None), f"what stays {when}")
            equal(bihuan(server, "invite", erased, f"--as={AGENT}", expect=1)["code"], "guard", f"a token {when}")
            equal(server.must("POST", f"/districts/{CODE}/verify")["holds"], True, f"the district verifies {when}")
        gone("of the erased")
        server.stop()
        bihuan(server, "restore", backup, f"--to={world.server.data}", "--replace")
        server.start()
        gone("after a restore from before")
        other = world.handset(WORKER)
        other.enrol(server.code_for(WORKER))
        number = closed(terminal, other)
        equal(bihuan(server, "invite", number, f"--as={AGENT}", expect=1)["code"], "guard", "a worker's report")
        server.stop()


if __name__ == "__main__":
    sys.exit(tap.run([test for name, test in list(globals().items()) if name.startswith("test_")]))
