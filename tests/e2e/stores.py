"""Both sides' own stores, read by SQLite and a few lines of protobuf: not a line of the programs' code is asked.

    reports: (log, sequence) -> Report      photos: hash -> size      answers: case number -> {cycle: words}
"""
import contextlib
import dataclasses
import hashlib
import sqlite3

SUBMIT, ACCEPTED = 1, 1                  # PROTOCOL.md: verbs and verdicts
COMPLETE = 2                             # a handset's photo: whole at the server
CONTENT_TEXT = 1                         # fields of bihuan.proto
RECORDS_RECORD, RECORD_CLOSURES, CLOSURE_CYCLE, CLOSURE_RESULT = 1, 19, 1, 3
PLAINLY = 0                              # a handset keeps verdicts that say more than that it was accepted
OPS = """SELECT log_id, op.id & 4294967295 AS seq, (short << 32) | (op.id & 4294967295), link, content, verdict,
         acked_seq FROM op JOIN log ON log.id = op.id >> 32 WHERE verb = ?"""


@dataclasses.dataclass(frozen=True)
class Report:
    number: int
    link: bytes
    text: str


def varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            return value, at


def fields(data):
    """(field, value) of a message: whole numbers and byte strings, in their order."""
    at = 0
    while at < len(data):
        key, at = varint(data, at)
        if key & 7 == 0:
            value, at = varint(data, at)
        elif key & 7 == 2:
            size, at = varint(data, at)
            value, at = bytes(data[at:at + size]), at + size
        else:
            raise ValueError(f"wire type {key & 7}")
        yield key >> 3, value


def all_of(data, number):
    return [value for field, value in fields(data) if field == number]


def first_of(data, number, otherwise):
    return next(iter(all_of(data, number)), otherwise)


@contextlib.contextmanager
def rows_of(path):
    """A function that gives the rows of a query; the file is not written to."""
    store = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        yield lambda text, *values: store.execute(text, values).fetchall()
    finally:
        store.close()


def text_of(content):
    return first_of(content, CONTENT_TEXT, b"").decode()


class HandsetStore:
    """What one handset holds: reports the server took and those it did not, photos, the answers it was told."""

    def __init__(self, path):
        with rows_of(path) as rows:
            self.reports, self.refused, self.waiting = {}, [], []
            for log_id, seq, number, link, content, verdict, acked_seq in rows(OPS, SUBMIT):
                self.reports[log_id, seq] = Report(number, link, text_of(content))
                if verdict not in (PLAINLY, ACCEPTED):
                    self.refused.append(number)
                if seq > acked_seq:
                    self.waiting.append(number)
            self.photos = dict(rows("SELECT hash, size FROM blob"))
            self.photos_waiting = [digest for digest, in rows("SELECT hash FROM blob WHERE fate <> ?", COMPLETE)]
            own = {report.number for report in self.reports.values()}
            self.answers = {number: answers_of(body) for number, body in rows("SELECT number, body FROM record")
                            if number in own}


def answers_of(body):
    return {first_of(closure, CLOSURE_CYCLE, 0): first_of(closure, CLOSURE_RESULT, b"").decode()
            for record in all_of(body, RECORDS_RECORD) for closure in all_of(record, RECORD_CLOSURES)}


class ServerStore:
    """What a district's folder holds: accepted reports, its cases, and photos, each read and hashed."""

    def __init__(self, folder):
        with rows_of(folder / "district.db") as rows:
            self.reports = {(log, seq): Report(number, link, text_of(content)) for log, seq, number, link, content in rows(
                "SELECT l.log_id, j.seq, j.case_number, j.link, c.bytes FROM journal j JOIN log l ON l.short = j.log "
                "JOIN content c ON c.position = j.position WHERE j.verb = ? AND j.verdict = ?", SUBMIT, ACCEPTED)}
            self.cases = [number for number, in rows("SELECT number FROM cases")]
            self.open = [number for number, in rows("SELECT number FROM cases WHERE open <> 0")]
            self.epoch = rows("SELECT epoch FROM district")[0][0]
            named = dict(rows("SELECT DISTINCT hash, size FROM blob WHERE stored <> 0"))
        self.photos = {digest: size for digest, size in named.items() if is_whole(folder, digest, size)}
        self.photos_damaged = sorted(digest.hex() for digest in set(named) - set(self.photos))


def is_whole(folder, digest, size):
    name = digest.hex()
    path = folder / "blobs" / name[:2] / name[2:4] / name
    data = path.read_bytes() if path.exists() else b""
    return len(data) == size and hashlib.sha256(data).digest() == digest
