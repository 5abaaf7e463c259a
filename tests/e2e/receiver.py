"""A receiver of notices on loopback that a test tells how to behave, and what it was told."""
import hashlib
import hmac
import http.server
import json
import socket
import threading
import time


class Receiver:
    """Answers each POST by plan(attempt, message): an HTTP status, or (status, seconds) with when to come again, or "close"
    (reads, then breaks off) or "stall"."""

    def __init__(self, secret, plan=lambda attempt, message: 200, tls=None):
        self.secret, self.plan = secret.encode(), plan
        self.lock = threading.Lock()
        self.messages = []  # of each request that was read: (key, message, what was answered)
        self.bad = []
        self.released = threading.Event()
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                receiver.take(self)

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 64

        self.server = Server(("127.0.0.1", 0), Handler)
        if tls:
            self.server.socket = tls.wrap_socket(self.server.socket, server_side=True)
        self.url = f"http{'s' if tls else ''}://127.0.0.1:{self.server.server_address[1]}/notice"
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def take(self, request):
        body = request.rfile.read(int(request.headers["Content-Length"]))
        stamp, signature = request.headers["Bihuan-Timestamp"], request.headers["Bihuan-Signature"]
        key = request.headers["Idempotency-Key"]
        wanted = "v1=" + hmac.new(self.secret, stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
        message = json.loads(body)
        with self.lock:
            if not hmac.compare_digest(wanted, signature) or abs(time.time() - int(stamp)) > 300 or message["key"] != key:
                self.bad.append((stamp, signature, body))
            attempt = sum(1 for one in self.messages if one[0] == key)
            answer = self.plan(attempt, message)
            self.messages.append((key, message, answer))
        if answer == "stall":
            self.released.wait()
        if answer in ("close", "stall"):
            request.close_connection = True
            request.connection.shutdown(socket.SHUT_RDWR)
            return
        answer, wait = answer if isinstance(answer, tuple) else (answer, None)
        request.send_response(answer)
        request.send_header("Content-Length", "0")
        if wait is not None:
            request.send_header("Retry-After", str(wait))
        if 300 <= answer < 400:
            request.send_header("Location", "/elsewhere")
        request.end_headers()

    def of(self, kind=None, answer=None):
        with self.lock:
            return [message for _, message, told in self.messages
                    if (kind is None or message["kind"] == kind) and (answer is None or told == answer)]

    def keys(self, answer=None):
        with self.lock:
            return [key for key, _, told in self.messages if answer is None or told == answer]

    def close(self):
        self.released.set()
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()
