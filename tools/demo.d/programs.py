"""The programs of the demo as objects: one server, its administration socket, handsets with stores of their own.

Every process is started in a session of its own, so that Ctrl-C reaches only this program, which then
ends the others in order.  Whatever goes wrong is a Fault with words for a person.
"""
import http.client
import json
import os
import pathlib
import signal
import socket
import subprocess
import threading
import time

BUILD = pathlib.Path(os.environ.get('BH_BUILD', pathlib.Path(__file__).resolve().parents[2] / 'build'))
BIHUAND = str(BUILD / 'server/main/bihuand')
HANDSET = str(BUILD / 'tools/bihuan-handset')
BIHUAN = str(BUILD / 'tools/bihuan')
DISTRICT = '990101'
READY_S = 30
STOP_S = 30


class Fault(Exception):
    """What went wrong, in words that need no traceback."""


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__('localhost', timeout=120)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class Server:
    """bihuand on a scratch folder: stopped and started again at will, always on the same port."""

    def __init__(self, folder, divisor):
        self.folder = folder
        self.admin = str(folder / 'admin.sock')
        self.config = folder / 'bihuan.conf'
        self.divisor = divisor
        self.listen = '127.0.0.1:0'
        self.process = None
        self.connections = threading.local()
        (folder / 'data').mkdir()

    def start(self):
        self.config.write_text(
            f'data = "{self.folder}/data"\nadmin = "{self.admin}"\nlisten = "{self.listen}"\n'
            f'metrics = "127.0.0.1:0"\nconnections-max = 1000\nadmit-per-second = 1000\n'
            f'test-due-divisor = {self.divisor}\n', encoding='utf-8')
        if not os.access(BIHUAND, os.X_OK) or not os.access(HANDSET, os.X_OK):
            raise Fault(f'{BUILD}: bihuand or bihuan-handset was not built there')
        with open(self.folder / 'bihuand.log', 'ab') as log:
            self.process = subprocess.Popen([BIHUAND, '-c', str(self.config)], stdin=subprocess.DEVNULL,
                                            stdout=log, stderr=log, start_new_session=True)
        end = time.monotonic() + READY_S
        while True:
            try:
                status = self.ask('GET', '/status')
                break
            except (OSError, http.client.HTTPException):
                if self.process.poll() is not None or time.monotonic() > end:
                    raise Fault('bihuand did not start:\n' + self.log()) from None
                time.sleep(0.02)
        self.listen = '127.0.0.1:%d' % status['handset_port']

    def log(self):
        return (self.folder / 'bihuand.log').read_text(encoding='utf-8', errors='replace')[-2000:]

    def stop(self):
        """Asks it to end, and waits; it is killed only when it does not."""
        if self.process is None or self.process.poll() is not None:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def ask(self, method, path, body=None, acting=None, key=None):
        """One request; each thread keeps its own connection."""
        headers = {'Content-Type': 'application/json'}
        if acting:
            headers['Bihuan-As'] = acting
        if key:
            headers['Idempotency-Key'] = key
        raw = None if method == 'GET' else body if isinstance(body, bytes) else json.dumps(body or {})
        for attempt in (1, 2):
            connection = getattr(self.connections, 'one', None) or UnixConnection(self.admin)
            self.connections.one = connection
            try:
                connection.request(method, path, raw, headers)
                response = connection.getresponse()
                text = response.read().decode('utf-8')
                break
            except (OSError, http.client.HTTPException):
                # The server may have ended a connection that was kept: once more, on a new one.  What
                # changes something carries a key, so asking twice does it once.
                connection.close()
                self.connections.one = None
                if attempt == 2:
                    raise
        answer = json.loads(text) if text else {}
        if response.status >= 300:
            raise Fault(f'{method} {path}: {response.status} {answer.get("message", text)}')
        return answer

    def in_district(self, path=''):
        return f'/districts/{DISTRICT}{path}'

    def stats(self):
        return self.ask('GET', self.in_district('/stats'))

    def pages(self, path, acting=None):
        """All items of a list, page by page."""
        after = None
        while True:
            more = f'&after={after}' if after else ''
            page = self.ask('GET', self.in_district(f'{path}limit=500{more}'), acting=acting)
            yield from page['items']
            after = page.get('next')
            if not after:
                return


class Handset:
    """bihuan-handset with a store of its own, in one person's hands."""

    def __init__(self, folder, person, name, more=''):
        self.store = folder / f'{person}{more}.db'
        self.person = person
        self.name = name
        self.watching = None
        self.running = None

    def command(self, *words):
        return [HANDSET, '--store', str(self.store), '--json', *map(str, words)]

    def run(self, *words, may_end=(0,)):
        """One verb; its objects.  may_end: the exit statuses that are no fault."""
        process = subprocess.Popen(self.command(*words), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, start_new_session=True)
        self.running = process
        out, err = process.communicate()
        self.running = None
        if process.returncode not in may_end:
            raise Fault(f'{self.person}: bihuan-handset {words[0]} ended with {process.returncode}: '
                        f'{err.decode("utf-8", "replace").strip()}')
        return [json.loads(line) for line in out.splitlines() if line.strip()]

    def stop(self):
        """Ends the verb under way, if any: what it recorded is durable."""
        process = self.running
        if process is not None:
            process.terminate()

    def enrol(self, server):
        code = server.ask('POST', server.in_district(f'/people/{self.person}/enrolment'))
        self.run('enrol', code['payload'])

    def sync(self):
        return self.run('sync', '--timeout', '120')[0]

    def watch(self, tell):
        """Stays connected; tell(closure) for each that arrives, on a thread."""
        self.watching = subprocess.Popen(self.command('watch', '--seen'), stdin=subprocess.DEVNULL,
                                         stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                         start_new_session=True)

        def listen():
            for line in self.watching.stdout:
                event = json.loads(line)
                if event['event'] == 'closure':
                    tell(event)
        self.listener = threading.Thread(target=listen, daemon=True)
        self.listener.start()

    def watch_end(self):
        if self.watching is None:
            return
        self.watching.send_signal(signal.SIGTERM)
        try:
            self.watching.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self.watching.kill()
            self.watching.wait()
        self.listener.join(STOP_S)
        self.watching = None
