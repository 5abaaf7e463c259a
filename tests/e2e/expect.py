"""What tests of a program's life say about it: equal, holds, and the way it must end."""
import subprocess

from harness import Failed

USAGE, STORAGE, AGAIN, CONFIG = 64, 74, 75, 78  # statuses a program ends with


def equal(got, wanted, what):
    if got != wanted:
        raise Failed(f"{what}: {got!r}, not {wanted!r}")


def holds(text, *words):
    for word in words:
        if word not in text:
            raise Failed(f"{word!r} is not in:\n{text}")


def ends(server, status, *words, patience_s=20):
    """A server that does not come up: its status, and what it says.  Started before, or started here."""
    before = len(server.log())
    server.start(expect_ready=False)
    try:
        got = server.process.wait(patience_s)
    except subprocess.TimeoutExpired:
        server.kill()
        raise Failed(f"bihuand came up:\n{server.log()[before:]}") from None
    said = server.log()[before:]
    equal(got, status, f"exit status, having said:\n{said}")
    holds(said, *words)
    return said


def cases_of(names):
    """The functions of a test file named test_*, in the order of its lines."""
    return sorted((value for name, value in names.items() if name.startswith("test_") and callable(value)),
                  key=lambda case: case.__code__.co_firstlineno)
