"""A small handset for tests, written from PROTOCOL.md and bihuan.proto alone.

    phone = Phone(payload)                 key, log and records of one device; copy.deepcopy makes an old backup
    phone.enrol()
    with phone.session() as session:       Hello and Welcome done
        phone.submit("...", 10001, 31.0, 117.0)
        session.push_all()
        session.pump(lambda: phone.records)

Everything waits with a bound and raises: Refused for a Refusal, Ended when the server closes, TimeoutError else.
"""
import contextlib
import copy
import os
import time

import wire
from link import Ended, Link, Untrusted
from wire import pb

__all__ = ["Ended", "Fork", "Phone", "Refused", "Session", "Untrusted", "clock"]


class Refused(Exception):
    """The server said Refusal; text is the code's word."""

    def __init__(self, refusal):
        self.refusal = refusal
        self.word = wire.REFUSALS[refusal.code] if refusal.code < len(wire.REFUSALS) else str(refusal.code)
        super().__init__(f"{self.word}: {refusal.sentence}")


class Fork(Exception):
    """The server's log is not ours."""


def clock():
    """The phone's clocks: wall and monotonic, in milliseconds."""
    return time.time_ns() // 1000000, time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1000000


# ---- What the phone keeps (sections 1, 7, 10 and 11) --------------------------------------------

class Phone:
    """One device: everything that it would keep on disk."""

    def __init__(self, payload, key=None, log_id=None, now=clock):
        self.payload = wire.Payload(payload) if isinstance(payload, str) else payload
        self.key = key or wire.new_key()
        self.log = wire.Log(self.payload.district, log_id or os.urandom(16))
        self.pins = list(self.payload.pins)
        self.now = now
        self.device = self.person = self.log_short = 0
        self.receipt = self.district = self.forked_from = None
        self.old_logs = []
        self.acked_seq = 0
        self.verdicts = {}       # seq: pb.Verdict, of the current log
        self.receipts = []       # (log_id, seq, received_ms, mac, verdicts)
        self.records, self.cursors = {}, {}
        self.epoch, self.head_hash = 0, b""
        self.batch_bytes_max = 262144
        self.deltas = self.deltas_of = 0    # deltas and records that came, ever
        self.boot = 1            # this program lives within one boot of its machine
        self.acts = set()        # (verb, case_number, cycle) recorded already

    def __deepcopy__(self, memo):
        """An old backup of the phone: the key is the same object, all else is copied."""
        twin = Phone(self.payload, self.key, self.log.log_id, self.now)
        for name, value in self.__dict__.items():
            twin.__dict__[name] = value if name in ("key", "now", "payload") else copy.deepcopy(value, memo)
        return twin

    # Recording.

    def record(self, header, content, origin=None):
        """Appends an op; header lacks the clocks and the author.  Gives its sequence."""
        if not header.captured_ms:
            wall, mono = self.now()
            header.captured_ms, header.boot_ms, header.boot = wall, wall - mono, self.boot
        header.author = header.author or self.person
        if origin:
            header.origin.CopyFrom(origin)
        return self.log.append(header.SerializeToString(), content.SerializeToString(), os.urandom(16))

    def submit(self, text, kind=10001, latitude=None, longitude=None, datum=1, **fields):
        content = pb.OpContent(text=text)
        if latitude is not None:
            content.has_place, content.datum, content.accuracy_dm = True, datum, 80
            content.latitude_e7, content.longitude_e7 = round(latitude * 1e7), round(longitude * 1e7)
        return self.record(pb.OpHeader(verb=wire.SUBMIT, type=kind, **fields), content)

    def act(self, verb, record, text="", **fields):
        """An op on a case as it is seen: sign, finish."""
        header = pb.OpHeader(verb=verb, case_number=record.case_number, cycle=record.cycle,
                             base_position=record.position, **fields)
        return self.record(header, pb.OpContent(text=text))

    def receipt_op(self, verb, case_number, cycle):
        """delivered or seen, once for each closure."""
        if (verb, case_number, cycle) not in self.acts:
            self.acts.add((verb, case_number, cycle))
            self.record(pb.OpHeader(verb=verb, case_number=case_number, cycle=cycle), pb.OpContent())

    def open_closures(self):
        """The worker opens every closure that has come."""
        for record in self.records.values():
            for closure in self.own_closures(record):
                self.receipt_op(wire.SEEN, record.case_number, closure.cycle)

    def own_closures(self, record):
        own = any(scope >> 56 == 1 and scope & 0xFFFFFFFF == self.person for scope in record.scopes)
        return list(record.closures) if own else []

    def number(self, seq):
        return wire.case_number(self.log_short, seq)

    def fork(self):
        """Section 9: a new log, in which everything that was not seen acknowledged is recorded again."""
        old, acked = self.log, self.acked_seq
        self.old_logs.append((old, self.verdicts))
        self.log = wire.Log(old.district, os.urandom(16))
        self.forked_from, self.acked_seq, self.verdicts, self.log_short = old.log_id, 0, {}, 0
        for seq, op in enumerate(old.ops[acked:], acked + 1):
            header = pb.OpHeader.FromString(op.header)
            first = header.origin if header.HasField("origin") else pb.Origin(log_id=old.log_id, seq=seq, link=op.link)
            header.origin.CopyFrom(first)
            self.log.append(header.SerializeToString(), op.content, os.urandom(16))

    # What the server says.

    def acknowledge(self, seq, received_ms, mac, verdicts):
        for number in range(self.acked_seq + 1, seq + 1):
            self.verdicts[number] = pb.Verdict(seq=number, verdict=wire.ACCEPTED)
        for verdict in verdicts:
            self.verdicts[verdict.seq] = verdict
        if seq:
            self.receipts.append((self.log.log_id, seq, received_ms, mac, list(verdicts)))
        self.acked_seq = max(self.acked_seq, seq)

    def apply(self, delta):
        """One Delta, in one step; gives the cursors for Applied."""
        if delta.epoch != self.epoch:
            self.cursors = {} if self.epoch else self.cursors
            self.epoch = delta.epoch
        records = pb.Records.FromString(wire.unpack(delta.records)) if delta.HasField("records") else pb.Records()
        for record in records.records:
            held = self.records.get(record.case_number)
            if held is None or held.position <= record.position:
                self.records[record.case_number] = record
                for closure in self.own_closures(record):
                    self.receipt_op(wire.DELIVERED, record.case_number, closure.cycle)
        for left in records.left:
            if left.case_number in self.records:
                record = self.records[left.case_number]
                kept = [scope for scope in record.scopes if scope != left.scope]
                del record.scopes[:]
                record.scopes.extend(kept)
        self.drop_unseen()
        for cursor in delta.cursors:
            if cursor.position < self.cursors.get(cursor.scope, 0):
                raise AssertionError(f"the cursor of {cursor.scope:x} went backwards")
            self.cursors[cursor.scope] = cursor.position
        self.head_hash = delta.head_hash
        self.deltas += 1
        self.deltas_of += len(records.records)

    def drop_unseen(self, scopes=None):
        """Records go whose every scope is gone, and the cursors of scopes that are no longer ours."""
        for number, record in list(self.records.items()):
            if not any(scopes is None or scope in scopes for scope in record.scopes):
                del self.records[number]
        if scopes is not None:
            self.cursors = {scope: at for scope, at in self.cursors.items() if scope in scopes}

    # Connecting.

    def link(self, **options):
        return Link(self.payload, pins=self.pins, **options)

    def enrol_message(self, link, **changed):
        """A signed Enrol; what is changed is signed as changed."""
        wall, mono = self.now()
        enrol = pb.Enrol(version_min=1, version_max=1, code=self.payload.code, public_key=wire.public_bytes(self.key),
                         log_id=self.log.log_id, device_model="stranger", wall_ms=wall, mono_ms=mono)
        for name, value in changed.items():
            setattr(enrol, name, value)
        enrol.signature = wire.sign(self.key, wire.enrol_message(
            link.exporter, self.payload.district, link.server_key_hash, enrol.code, enrol.public_key, enrol.log_id))
        return enrol

    def enrol(self, link=None):
        """Enrols on a link of its own, or on the one given, which then stays open."""
        with contextlib.ExitStack() as stack:
            link = link or stack.enter_context(self.link())
            link.send("enrol", self.enrol_message(link))
            answer = link.receive()
        if answer.HasField("refusal"):
            raise Refused(answer.refusal)
        enrolled = answer.enrolled
        if not wire.verify(link.ca_key, wire.blocks("bh-receipt-1", enrolled.receipt), enrolled.receipt_signature):
            raise Untrusted("the receipt is not signed by the pinned key")
        receipt = pb.EnrolmentReceipt.FromString(enrolled.receipt)
        ours = (self.payload.district, self.log.log_id, wire.public_bytes(self.key))
        if (receipt.district, receipt.log_id, receipt.public_key) != ours:
            raise Untrusted("the receipt is of another device")
        self.receipt = (enrolled.receipt, enrolled.receipt_signature)
        self.device, self.person, self.log_short = receipt.device, receipt.person, receipt.log_short
        self.take_district(link, enrolled.district)
        return receipt

    def take_district(self, link, district):
        """Section 12: it replaces what is held, and the pins move one step when the second one answers."""
        if district.backup_pin:
            message = wire.pins_message(self.payload.district, district.backup_pin)
            if not wire.verify(link.ca_key, message, district.pins_signature):
                raise Untrusted("the pins are not signed by the CA's key")
            if district.backup_pin != link.ca_pin and (len(self.pins) == 1 or link.ca_pin == self.pins[1]):
                self.pins = [link.ca_pin, district.backup_pin]
        self.district = district

    def profile_version(self):
        """Section 6: what is held, and whether its pins are gone by."""
        if not self.district:
            return 0
        goes_by = len(self.pins) > 1 and self.district.backup_pin == self.pins[1]
        return self.district.version ^ (int.from_bytes(self.pins[1][:4], "big") if goes_by else 0)

    def hello_message(self, link, **changed):
        """A signed Hello; exporter, district, server_key_hash and key change what is signed, the rest what is sent."""
        wall, mono = self.now()
        hello = pb.Hello(version_min=1, version_max=1, device=self.device, log_id=self.log.log_id,
                         acked_seq=self.acked_seq, acked_link=self.log.link(self.acked_seq) if self.acked_seq else b"",
                         last_seq=len(self.log.ops), epoch=self.epoch, wall_ms=wall, mono_ms=mono, boot=self.boot,
                         profile_version=self.profile_version(), app_version=b"stranger 1",
                         forked_from=self.forked_from or b"", head_hash=self.head_hash,
                         cursors=[pb.Cursor(scope=scope, position=at) for scope, at in sorted(self.cursors.items())])
        signed = wire.session_message(changed.pop("exporter", link.exporter),
                                      changed.pop("district", self.payload.district),
                                      changed.pop("server_key_hash", link.server_key_hash),
                                      changed.pop("signed_device", self.device),
                                      changed.pop("signed_log", self.log.log_id))
        hello.signature = wire.sign(changed.pop("key", self.key), signed)
        for name, value in changed.items():
            setattr(hello, name, value)
        return hello

    def session(self, **options):
        """A link with Hello and Welcome done.  Raises Fork after taking the Welcome's verdicts."""
        link = self.link(**options)
        try:
            link.send("hello", self.hello_message(link))
            return Session(self, link)
        except Exception:
            link.close()
            raise


# ---- A session (sections 6, 8, 10 and 14) -------------------------------------------------------

class Session:
    """A link after Welcome."""

    def __init__(self, phone, link):
        self.phone, self.link = phone, link
        self.pushed = phone.acked_seq
        self.waiting = 0              # pushes without an Ack
        self.acks, self.pongs, self.pinged, self.last_ack = 0, 0, 0, None
        self.welcome = self._welcome()

    def _welcome(self):
        phone, answer = self.phone, self.link.receive()
        if answer.HasField("refusal"):
            raise Refused(answer.refusal)
        welcome = answer.welcome
        known = len(phone.log.ops) >= welcome.acked_seq
        if known and not welcome.fork and welcome.acked_seq and \
                welcome.acked_link != phone.log.link(welcome.acked_seq):
            known = False
        if welcome.fork or not known:
            raise Fork(f"the server's log goes to {welcome.acked_seq}")
        phone.acknowledge(welcome.acked_seq, welcome.received_ms, welcome.mac, welcome.verdicts)
        phone.log_short, phone.forked_from = welcome.log_short, None
        phone.batch_bytes_max = welcome.batch_bytes_max or phone.batch_bytes_max
        if welcome.from_start:
            phone.cursors, phone.records, phone.head_hash = {}, {}, b""
        phone.drop_unseen(set(welcome.scopes))
        self.pushed = welcome.acked_seq  # less than ours: a server that was put back gets the rest again
        return welcome

    def push_message(self, first, last, packed=True):
        """The Push of ops first to last, with the head signature."""
        phone, ops = self.phone, self.phone.log.ops[first - 1:last]
        raw = pb.Batch(headers=[op.header for op in ops], contents=[op.content for op in ops]).SerializeToString()
        head = wire.head_message(phone.payload.district, phone.device, phone.log.log_id, last, phone.log.link(last))
        return pb.Push(first_seq=first, salts=b"".join(op.salt for op in ops), batch=wire.pack(raw, packed),
                       head_signature=wire.sign(phone.key, head))

    def push(self, first=None, last=None, packed=True):
        first, last = first or self.pushed + 1, last or len(self.phone.log.ops)
        self.link.send("push", self.push_message(first, last, packed))
        self.pushed, self.waiting = max(self.pushed, last), self.waiting + 1

    def push_all(self, packed=True):
        """Pushes what waits, in batches of the allowed size, and waits for every Ack."""
        while self.pushed < len(self.phone.log.ops) or self.waiting:
            if self.pushed < len(self.phone.log.ops) and self.waiting < wire.PUSHES_MAX:
                self.push(last=self._batch_end(), packed=packed)
            else:
                before = self.acks
                self.pump(lambda: self.acks > before)
        return self.phone.verdicts

    def _batch_end(self):
        end = size = 0
        for end in range(self.pushed + 1, min(self.pushed + wire.OPS_MAX, len(self.phone.log.ops)) + 1):
            op = self.phone.log.ops[end - 1]
            size += len(op.header) + len(op.content)
            if size > self.phone.batch_bytes_max and end > self.pushed + 1:
                return end - 1
        return end

    def take(self, patience_s=None):
        """Takes one frame and does what it asks for."""
        frame = self.link.receive(patience_s)
        kind = frame.WhichOneof("kind")
        if kind is not None:
            getattr(self, "on_" + kind)(getattr(frame, kind))
        return kind

    def pump(self, done, patience_s=None):
        """Takes frames until done() holds; everything else is TimeoutError, Refused or Ended."""
        end = time.monotonic() + (self.link.patience_s if patience_s is None else patience_s)
        while not done():
            left = end - time.monotonic()
            if left <= 0:
                raise TimeoutError("what was waited for did not come")
            self.take(left)

    def ping(self):
        """Ping and its Pong: whatever the server had to tell before has come then."""
        before = self.pongs
        wall, mono = self.phone.now()
        self.link.send("ping", pb.Ping(wall_ms=wall, mono_ms=mono))
        self.pump(lambda: self.pongs > before)

    def settle(self):
        """Pings until a Pong comes with nothing else before it."""
        told = None
        while told != self.phone.deltas:
            told = self.phone.deltas
            self.ping()

    def bye(self):
        waiting = self.phone.log.ops[self.phone.acked_seq:]
        oldest = pb.OpHeader.FromString(waiting[0].header).captured_ms if waiting else 0
        self.link.send("bye", pb.Bye(unsent_ops=len(waiting), oldest_ms=oldest,
                                     unsent_bytes=sum(len(op.header) + len(op.content) for op in waiting)))
        self.link.close()

    def on_ack(self, ack):
        if ack.link_check != self.phone.log.link(ack.seq)[:8]:
            raise Fork(f"the Ack of {ack.seq} speaks of another log")
        if len(ack.mac) != 16 or not ack.received_ms:
            raise AssertionError("an Ack without a receipt")
        self.phone.acknowledge(ack.seq, ack.received_ms, ack.mac, ack.verdicts)
        self.last_ack, self.acks, self.waiting = ack, self.acks + 1, self.waiting - 1

    def on_delta(self, delta):
        self.phone.apply(delta)
        self.link.send("applied", pb.Applied(cursors=delta.cursors))

    def on_district(self, district):
        self.phone.take_district(self.link, district)

    def on_ping(self, ping):
        self.pinged += 1
        wall, mono = self.phone.now()
        self.link.send("pong", pb.Ping(wall_ms=wall, mono_ms=mono))

    def on_pong(self, pong):
        self.pongs += 1

    def on_refusal(self, refusal):
        raise Refused(refusal)

    def __enter__(self):
        return self

    def __exit__(self, kind, value, traceback):
        self.link.close()
        return False
