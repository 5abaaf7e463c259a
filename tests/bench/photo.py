"""Figures of photos: how fast they go up beside a plain TLS copy of the same bytes, and what a cut costs."""
import os
import random
import socket
import ssl
import statistics
import subprocess
import time

import harness
from pictures import Link, jpeg

PART = 32 << 10
CHUNK = 64 << 10
STILL = 5   # looks that see the same


class Cutter(Link):
    """Carries so many bytes up, then nothing more: the handset loses its link, the server finds the end of its own."""

    def __init__(self, port):
        super().__init__(port, 1 << 40)
        self.left = 1 << 60
        self.forwarded = 0
        self.open = 0

    def _carry(self, source, sink, counts):
        self.open += not counts
        try:
            while data := source.recv(16384):
                if counts:
                    data = data[:self.left]
                    self.left -= len(data)
                    self.forwarded += len(data)
                elif self.left == 0:
                    continue  # read, so that the server is not told of the cut before it has read all
                sink.sendall(data)
                if counts and self.left == 0:
                    break
        except OSError:
            pass
        for end, how in ((source, socket.SHUT_RDWR), (sink, socket.SHUT_WR)):
            try:
                end.shutdown(how)
            except OSError:
                pass
        self.open -= not counts


def picture(folder, side, seed):
    path = folder / f"{side}-{seed}.jpg"
    path.write_bytes(jpeg(side, seed))
    return path


def report(handset, path):
    return handset.one("report", "--text", "井盖破损", "--type", "10003", "--lat", "30.99", "--lon", "116.98",
                       "--photo", path)["case"]


def unsent(handset):
    return handset.status()["unsent_photos"]


def timed_sync(handset):
    begun = time.monotonic()
    handset.run("sync", "--timeout", "120")
    return time.monotonic() - begun


# ---- beside it: the same bytes through TLS 1.3 into a file, synced


def plain_context(folder):
    key, certificate = folder / "plain.key", folder / "plain.crt"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                    "-subj", "/CN=plain", "-days", "2", "-keyout", key, "-out", certificate],
                   check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.load_cert_chain(certificate, key)
    return context


def plain_receive(listener, context, path):
    near, _ = listener.accept()
    with context.wrap_socket(near, server_side=True) as link, open(path, "wb") as out:
        buffer = bytearray(CHUNK)
        while got := link.recv_into(buffer):
            out.write(memoryview(buffer)[:got])
        out.flush()
        os.fsync(out.fileno())
        link.unwrap()


def plain_copy(folder, context, data):
    """Seconds from connecting to the word that it is synced."""
    trusting = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
    with socket.create_server(("127.0.0.1", 0)) as listener:
        child = os.fork()
        if child == 0:
            plain_receive(listener, context, folder / "plain.out")
            os._exit(0)
        begun = time.monotonic()
        link = trusting.wrap_socket(socket.create_connection(listener.getsockname()))
        for at in range(0, len(data), CHUNK):
            link.sendall(data[at:at + CHUNK])
        link.unwrap()  # answered once it is synced
        took = time.monotonic() - begun
        link.close()
        os.waitpid(child, 0)
    return took


def goodput(say, turns):
    with harness.World() as world:
        server = world.server.start()
        server.district()
        context = plain_context(world.folder)
        handset = world.handset("G001")
        handset.enrol(server.code_for("G001"))
        ratios, rates = [], []
        for turn in range(turns):
            for n in range(4):
                report(handset, picture(world.folder, 1600, turn * 4 + n))
            waiting = handset.status()["unsent_photo_bytes"]
            took = timed_sync(handset)
            if unsent(handset) != 0:
                raise harness.Failed("photos were left")
            idle = timed_sync(handset)  # a program's start, a session, nothing to send
            plain = plain_copy(world.folder, context, os.urandom(waiting))
            rates.append(waiting / max(took - idle, 1e-3))
            ratios.append(rates[-1] / (waiting / plain))
        say("photo_bytes_per_s", statistics.median(rates))
        say("photo_goodput_vs_tls", statistics.median(ratios))
        server.stop()


# ---- what a cut costs


def held(server):
    """Bytes of photos that the server has on its disk, whole or on their way."""
    return sum(path.stat().st_size for path in server.data.rglob("*")
               if path.is_file() and "blob" in str(path.relative_to(server.data)))


def framing_of(server, link, handset, folder, session):
    """TLS bytes that carry one byte of a report's photo, of one that nothing cuts."""
    report(handset, picture(folder, 1600, 1000))
    before, link.forwarded = held(server), 0
    handset.run("sync", "--timeout", "60")
    return (link.forwarded - session) / (held(server) - before)


def settled(server):
    """What is held once what had been read is written, too: the writing is not the link's to wait for."""
    seen = []
    harness.until(lambda: seen.append(held(server)) or (len(seen) > STILL and seen[-1] == seen[-STILL]), "it is written", 30)
    return seen[-1]


def resent(say, cuts):
    rng = random.Random(7)
    worst = done = photo = 0
    with harness.World() as world:
        server = world.server.start()
        server.district()
        link = Cutter(server.port)
        handset = world.handset("G001")
        handset.enrol(server.code_for("G001").replace(f":{server.port}:", f":{link.port}:"))
        link.forwarded = 0
        handset.run("sync", "--timeout", "20")
        session = link.forwarded  # what a session costs that sends nothing
        framing = framing_of(server, link, handset, world.folder, session)
        while done < cuts:
            photo += 1
            report(handset, picture(world.folder, 1600, 1000 + photo))
            while unsent(handset) > 0 and done < cuts:
                before, link.forwarded = held(server), 0
                link.left = session + rng.randrange(4 * PART, 40 * PART)
                handset.run("sync", "--timeout", "1", expect=None)
                if link.left == 0:
                    done += 1
                    harness.until(lambda: link.open == 0, "the server hangs up", 30)
                    worst = max(worst, (link.forwarded - session) / framing - (settled(server) - before))
            link.left = 1 << 60
            handset.run("sync", "--timeout", "60")
        link.close()
        server.stop()
    say("photo_cuts", done)
    say("photo_wire_vs_bytes", framing)
    say("photo_resume_resent_bytes", round(worst))


def bench(say, quick):
    goodput(say, 1 if quick else 5)
    resent(say, 20 if quick else 200)
