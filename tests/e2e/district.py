"""The demo district in motion, for end-to-end tests: its desk, its handsets, and what must hold when all is quiet.

Nothing here knows the insides of a program: the desk speaks HTTP on the administration socket, handsets are run as
a person would run them.
"""
import datetime
import http.client
import json
import threading
import time

from harness import Failed, until

CODE = "990101"
DISPATCHER, ACCEPTOR = "D001", "A001"
# A report whose rule proposes one unit, and that unit's lead; a place in the demo district.
TYPE, LATITUDE, LONGITUDE = "10003", "30.99", "116.98"
UNIT, LEAD = "U-T2", "L-T2"
CANARY = "金丝雀夜里停在第七根电线杆上"
UNKNOWN_OWNER = 40006  # the type under which a person dispatches what nobody could name
OPEN = "received,verifying,filed,dispatched,handling,returning,suspended,tier_moving,rework,done,checking"
AWAY = (OSError, http.client.HTTPException)


class Desk:
    """What administrator, dispatcher and acceptor do, over the administration socket."""

    def __init__(self, server, code=CODE):
        self.server = server
        self.code = code

    def path(self, tail=""):
        return f"/districts/{self.code}{tail}"

    def get(self, tail="", **options):
        return self.server.must("GET", self.path(tail), **options)

    def post(self, tail, body=None, **options):
        return self.server.must("POST", self.path(tail), body, **options)

    def cases(self, states=None, list_name="cases"):
        """Every case of a list, over all its pages."""
        found, after = [], None
        while True:
            query = "?limit=500" + (f"&state={states}" if states else "") + (f"&after={after}" if after else "")
            page = self.get(f"/{list_name}{query}")
            found += page["items"]
            after = page["next"]
            if after is None:
                return found

    def case(self, number):
        return self.get(f"/cases/{number}")

    def stats(self):
        return self.get("/stats")

    def act(self, number, verb, body=None, acting=DISPATCHER, key=None):
        """One verb on a case; gives the answer whatever it is."""
        return self.server.ask("POST", self.path(f"/cases/{number}/{verb}"), body or {}, acting=acting, key=key)

    def dispatch(self, case, unit=UNIT, key=None):
        """case: a number, or a row of a list whose type may be unknown."""
        order = {"unit": unit, "condition": "none-of-them"}
        if isinstance(case, dict):
            if not case["type_known"]:
                order["type"] = UNKNOWN_OWNER
            case = case["number"]
        return self.act(case, "dispatch", order, key=key)

    def close(self, number, text="已处理", key=None):
        answer = self.act(number, "close", {"text": text, "matter_ended": True}, acting=ACCEPTOR, key=key)
        if answer.status >= 300 and answer.json.get("code") == "guard":
            self.checked(number)
            answer = self.act(number, "close", {"text": text, "matter_ended": True}, acting=ACCEPTOR, key=key)
        return answer

    def checked(self, number):
        """Somebody of the grid looks at what has to be checked, and it does."""
        self.act(number, "check", acting=ACCEPTOR)
        tasks = self.case(number)["tasks"]
        if not tasks:
            return None
        return self.act(number, "pass", {"task": tasks[-1]["task"], "text": "处置到位"}, acting=tasks[-1]["person"])

    def verify(self):
        """The journal's chain, its contents, and the projections against a replay; gives the report."""
        report = self.post("/verify")
        if not report["holds"]:
            raise Failed(f"the district does not verify: {report}")
        return report


def instant(text):
    """Milliseconds since 1970 of a time in an answer."""
    return round(datetime.datetime.fromisoformat(text).timestamp() * 1000)


def report(handset, text="井盖破损", **options):
    """Records one report; gives its case number."""
    return handset.one("report", "--text", text, "--type", TYPE, "--lat", LATITUDE, "--lon", LONGITUDE,
                       **options)["case"]


def own_cases(handset):
    return {row["case"]: row for row in handset.run("list") if row["own"]}


def submitted(handset):
    """Case number -> op, of the reports this store holds."""
    return {op["case"]: op for op in handset.run("ops") if op["verb"] == "submit"}


def sync(handset, timeout_s=30, patience_s=60):
    """Syncs until the handset says that all is sent and told."""
    until(lambda: _synced(handset, timeout_s), f"handset {handset.name} is in step", patience_s, 0.05)


def _synced(handset, timeout_s):
    rows = handset.run("sync", "--timeout", timeout_s, expect=None)
    return bool(rows) and rows[-1].get("unsent_ops") == 0 and rows[-1].get("cause") == "none"


def handle(handset, text="已到场处置"):
    """A unit's handset fetches, signs and finishes all it can."""
    sync(handset)
    done = handset.run("act", "sign", "--all") + handset.run("act", "finish", "--all", "--text", text)
    sync(handset)
    return len(done)


class Watch:
    """A handset that watches; its events are kept in order, each with the moment it came (monotonic)."""

    def __init__(self, handset, *words):
        self.events = []
        self.process = handset.start("watch", *words)
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        for line in self.process.stdout:
            try:
                self.events.append((time.monotonic(), json.loads(line)))
            except ValueError:
                pass  # the last line of one that was killed

    def of(self, kind, **fields):
        return [event for _, event in list(self.events) if event.get("event") == kind
                and all(event.get(name) == value for name, value in fields.items())]

    def is_live(self):
        told = self.of("status")
        return bool(told) and told[-1]["live"]

    def end(self):
        self.process.terminate()
        self.process.wait(30)
        self.reader.join(30)
        self.process.stdout.close()


def converge(desk, handlers, patience_s=90):
    """Dispatches, handles and closes until no case is open."""
    end = time.monotonic() + patience_s
    while True:
        open_cases = desk.cases(OPEN)
        if not open_cases:
            return
        if time.monotonic() > end:
            raise Failed(f"still open: {[(case['number'], case['state'], case['unit']) for case in open_cases]}")
        for case in open_cases:
            if case["state"] in ("received", "verifying", "filed", "rework"):
                desk.dispatch(case, case["unit"] or UNIT)
        for handset in handlers:
            handle(handset)
        for case in desk.cases("done,checking"):
            desk.close(case["number"])


def check_loop(desk, reporters, durable):
    """Nothing lost, nothing twice, all answered.  durable: handset's name -> numbers its command printed."""
    known = {}
    for handset in reporters:
        ops = submitted(handset)
        lost = durable.get(handset.name, set()) - set(ops)
        if lost:
            raise Failed(f"{handset.name}: recorded and gone from the handset: {sorted(lost)}")
        for number, op in ops.items():
            if op["verdict"] != "accepted":
                raise Failed(f"{handset.name}: {number} is {op['verdict']}: {op['verdict_text']}")
            if number in known:
                raise Failed(f"{number} stands on {known[number]} and on {handset.name}")
            known[number] = handset.name
    cases = desk.cases()
    numbers = [case["number"] for case in cases]
    if sorted(numbers) != sorted(known):
        raise Failed(f"the server has {len(numbers)} cases ({len(set(numbers))} different), the handsets "
                     f"recorded {len(known)}: {sorted(set(numbers) ^ set(known))}")
    check_closures(desk, reporters, cases)
    if desk.verify()["cases"] != len(known):
        raise Failed("the verified copy counts other cases")
    return len(known)


def check_closures(desk, reporters, cases):
    """Every case at its end, its answer on the handset that reported it, its receipt at the server."""
    by_number = {case["number"]: case for case in cases}
    for handset in reporters:
        for number, row in own_cases(handset).items():
            state = by_number[number]["state"]
            if row["state"] != state or state != "closed":
                raise Failed(f"{handset.name}: {number} is {row['state']}, at the server {state}")
            if [closure["delivered"] for closure in row["closures"]] != [True]:
                raise Failed(f"{handset.name}: {number} has {row['closures']}")
    stats = desk.stats()
    if not stats["closures_owed"] == stats["closures_delivered"] == len(cases):
        raise Failed(f"closures owed and delivered: {stats['closures_owed']}, {stats['closures_delivered']} "
                     f"of {len(cases)}")
