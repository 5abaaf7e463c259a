"""A served district whose outbox goes to a receiver, and what stands in it."""
from district import UNIT, Desk, report, sync
from expect import equal

SECRET = "a secret of sixteen bytes at least"
HANDLER, REPORTER, SHIFT_LEADER = "H-T2", "G001", "S001"
QUICK = 60  # pauses and limits are divided by it


def secret_file(world):
    path = world.folder / "secret"
    path.write_text(SECRET + "\n")
    path.chmod(0o600)
    return str(path)


def begun(world, **config):
    """A served district with a reporter's handset."""
    server = world.server
    server.configure(**{"test_due_divisor": QUICK, **config})
    server.start()
    server.district()
    handset = world.handset(REPORTER)
    handset.enrol(server.code_for(REPORTER))
    return server, handset, Desk(server)


def webhooked(world, receiver, **config):
    return begun(world, notice_webhook=receiver.url, notice_secret=secret_file(world), **config)


def dispatched(desk, handset, urgency=None):
    number = report(handset)
    sync(handset)
    answer = desk.act(number, "dispatch", {"unit": UNIT, "condition": "none-of-them", **({"urgency": urgency} if urgency else {})})
    equal(answer.status, 200, f"the dispatch: {answer.text}")
    return number


def notices(desk, number=None, kind=None, person=None):
    return [one for one in desk.get("/notices?limit=500")["items"]
            if (number is None or one["number"] == number) and (kind is None or one["kind"] == kind)
            and (person is None or one["person"] == person)]


def all_are(desk, state, **which):
    rows = notices(desk, **which)
    return rows if rows and all(one["state"] == state for one in rows) else None
