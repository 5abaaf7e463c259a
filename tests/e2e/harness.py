"""What end-to-end tests share: a real bihuand and real handsets over real TLS on loopback, in a folder of their own.

No fixed port, no sleep for luck: everything waits for a condition with a bound (Until), and every process that was
started is ended by its own handle.
"""
import http.client
import json
import os
import pathlib
import select
import shutil
import signal
import socket
import subprocess
import tempfile
import time

TOP = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("BH_BUILD", TOP / "build"))
BIHUAND = os.environ.get("BH_BIHUAND", str(BUILD / "server/main/bihuand"))
BIHUAN = os.environ.get("BH_BIHUAN", str(BUILD / "tools/bihuan"))
HANDSET = os.environ.get("BH_HANDSET", str(BUILD / "tools/bihuan-handset"))
DEMO = TOP / "tools/demo.d"
PATIENCE_S = 60.0


class Failed(AssertionError):
    """A condition that did not come true in its time, or a program that said no."""


def until(condition, what, patience_s=PATIENCE_S, pause_s=0.02):
    """Calls condition until it gives something true; gives that.  Failed after the bound."""
    end = time.monotonic() + patience_s
    while True:
        got = condition()
        if got:
            return got
        if time.monotonic() >= end:
            raise Failed(f"not within {patience_s:g} s: {what}")
        select.select([], [], [], pause_s)


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path, timeout):
        super().__init__("localhost", timeout=timeout)
        self.unix_path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.unix_path)


class Answer:
    def __init__(self, status, body, content_type=None):
        self.status = status
        self.content_type = content_type
        self.text = body.decode("utf-8", "replace")
        try:
            self.json = json.loads(self.text) if self.text.strip() else None
        except ValueError:
            self.json = None


class Server:
    """One bihuand with its own data folder; may be stopped, killed and started again on the same folder."""
    judge = None  # what looks at every answer: judge(method, path, body, answer), and raises

    def __init__(self, folder, **config):
        self.folder = pathlib.Path(folder)
        self.data = self.folder / "data"
        self.data.mkdir(parents=True, exist_ok=True)
        self.admin_path = str(self.folder / "admin.sock")
        self.config_path = self.folder / "bihuan.conf"
        self.log_path = self.folder / "bihuand.log"
        self.config = {"listen": "127.0.0.1:0", "metrics": "127.0.0.1:0", "admit-per-second": 5000,
                       "connections-max": 20000}
        self.config.update({key.replace("_", "-"): value for key, value in config.items()})
        self.process = None
        self.port = 0
        self.metrics_port = 0
        self.environment = dict(os.environ)
        self.wrapper = []
        self.pass_fds = ()

    def configure(self, **config):
        self.config.update({key.replace("_", "-"): value for key, value in config.items()})
        lines = [f'data = "{self.data}"', f'admin = "{self.admin_path}"']
        for key, value in self.config.items():
            lines.append(f"{key} = {value}" if isinstance(value, int) else f'{key} = "{value}"')
        self.config_path.write_text("\n".join(lines) + "\n")

    def start(self, expect_ready=True):
        self.configure()
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(self.wrapper + [BIHUAND, "-c", str(self.config_path)],
                                            stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                            env=self.environment, pass_fds=self.pass_fds)
        if expect_ready:
            status = until(self._status, "bihuand answers on its administration socket")
            self.port = status["handset_port"]
            self.metrics_port = status["metrics_port"]
            # The port stays the same over restarts, as a real server's does.
            self.config["listen"] = f"127.0.0.1:{self.port}"
        return self

    def _status(self):
        if self.process.poll() is not None:
            raise Failed(f"bihuand ended with {self.process.returncode}:\n{self.log()}")
        try:
            answer = self.ask("GET", "/status")
        except OSError:
            return None
        return answer.json if answer.status == 200 else None

    def ask(self, method, path, body=None, acting=None, key=None, timeout=60):
        """One request on the administration socket."""
        connection = UnixConnection(self.admin_path, timeout)
        headers = {}
        if acting:
            headers["Bihuan-As"] = acting
        if key:
            headers["Idempotency-Key"] = key
        raw = None
        if body is not None:
            raw = body if isinstance(body, (bytes, str)) else json.dumps(body)
            headers["Content-Type"] = "application/json"
        elif method == "POST":
            raw = "{}"
        try:
            connection.request(method, path, raw.encode() if isinstance(raw, str) else raw, headers)
            response = connection.getresponse()
            answer = Answer(response.status, response.read(), response.getheader("Content-Type"))
        finally:
            connection.close()
        if Server.judge is not None:
            Server.judge(method, path, raw, answer)
        return answer

    def must(self, method, path, body=None, **options):
        answer = self.ask(method, path, body, **options)
        if answer.status >= 300:
            raise Failed(f"{method} {path}: {answer.status} {answer.text}")
        return answer.json

    def scrape(self, path="/metrics"):
        connection = http.client.HTTPConnection("127.0.0.1", self.metrics_port, timeout=10)
        try:
            connection.request("GET", path)
            response = connection.getresponse()
            return response.status, response.getheader("Content-Type"), response.read().decode()
        finally:
            connection.close()

    def district(self, code="990101", profile=None):
        """Creates a district with the demo profile (or the one given)."""
        self.must("POST", "/districts", {"code": code})
        raw = profile if profile is not None else (DEMO / "profile.json").read_text()
        self.must("POST", f"/districts/{code}/profile?apply=1", raw)
        return code

    def code_for(self, person, district="990101"):
        """A fresh enrolment payload for a person."""
        return self.must("POST", f"/districts/{district}/people/{person}/enrolment")["payload"]

    def stop(self, expect=0):
        if self.process is None or self.process.poll() is not None:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            got = self.process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise Failed("bihuand did not stop on SIGTERM") from None
        if expect is not None and got != expect:
            raise Failed(f"bihuand ended with {got}, not {expect}:\n{self.log()}")

    def kill(self):
        """Power is not cut, the process is: kill -9."""
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def log(self):
        return self.log_path.read_text(errors="replace") if self.log_path.exists() else ""


class Handset:
    """A terminal handset with its own store."""

    def __init__(self, folder, name):
        self.name = name
        self.store = pathlib.Path(folder) / f"{name}.db"
        self.store.parent.mkdir(parents=True, exist_ok=True)
        self.environment = dict(os.environ)
        self.wrapper = []

    def command(self, *words):
        return self.wrapper + [HANDSET, "--store", str(self.store), "--json", *map(str, words)]

    def run(self, *words, expect=0, timeout=PATIENCE_S):
        """Runs one verb; gives its JSON lines as a list."""
        done = subprocess.run(self.command(*words), stdin=subprocess.DEVNULL, capture_output=True,
                              timeout=timeout, env=self.environment, check=False)
        if expect is not None and done.returncode != expect:
            raise Failed(f"handset {self.name}: {' '.join(map(str, words))}: exit {done.returncode}\n"
                         f"{done.stdout.decode(errors='replace')}{done.stderr.decode(errors='replace')}")
        return [json.loads(line) for line in done.stdout.decode().splitlines() if line.strip()]

    def one(self, *words, **options):
        rows = self.run(*words, **options)
        if len(rows) != 1:
            raise Failed(f"handset {self.name}: {words[0]} gave {len(rows)} objects, not one")
        return rows[0]

    def start(self, *words):
        """A verb that goes on, such as watch; the caller ends it."""
        return subprocess.Popen(self.command(*words), stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                env=self.environment)

    def enrol(self, payload):
        return self.one("enrol", payload)

    def status(self):
        return self.one("status")


class World:
    """A scratch folder with a server; gone afterwards unless kept."""

    def __init__(self, keep=False, **config):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="bihuan-e2e-"))
        self.keep = keep
        self.server = Server(self.folder / "server", **config)
        self.handsets = []

    def handset(self, name):
        handset = Handset(self.folder / "handsets", name)
        self.handsets.append(handset)
        return handset

    def __enter__(self):
        return self

    def __exit__(self, kind, value, traceback):
        try:
            self.server.stop(expect=None)
        finally:
            self.server.kill()
            if not self.keep:
                shutil.rmtree(self.folder, ignore_errors=True)
        return False


if os.environ.get("BH_JUDGED"):
    from judge import Judge
    Server.judge = Judge()
