"""What tests of the dispatcher's terminal share: a socket that answers what a case wants, and one run of the program."""
import http.server
import json
import os
import socketserver
import subprocess
import sys
import tempfile
import threading

BIHUAN = os.path.abspath(sys.argv[1])
FOLDER = tempfile.mkdtemp(prefix='bihuan-terminal-')
SOCKET = os.path.join(FOLDER, 'admin.sock')
ANSWERS, ASKED = {}, []
LOST = {}  # path -> how many more answers are cut off, after so many bytes


class Handler(http.server.BaseHTTPRequestHandler):
    def answer(self):
        length = int(self.headers.get('Content-Length') or 0)
        ASKED.append((self.command, self.path, dict(self.headers), self.rfile.read(length)))
        left, sent = LOST.get(self.path, (0, 0))
        LOST[self.path] = left - 1, sent
        if left > 0:
            self.wfile.write(b'HTTP/1.0 200 OK\r\nContent-Length: 9\r\n\r\n{"code"'[:sent])
            self.close_connection = True
            return
        status, body = ANSWERS.get(self.path, (404, {'code': 'path', 'message': 'no such path', 'hint': None}))
        text = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header('Content-Length', str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    do_GET = do_POST = answer

    def address_string(self):
        return 'terminal'

    def log_message(self, *words):
        pass


SERVER = socketserver.ThreadingUnixStreamServer(SOCKET, Handler)
threading.Thread(target=SERVER.serve_forever, daemon=True).start()


def run(*words, answers=None, lost=None, **environment):
    """(exit status, stdout, stderr) of the terminal with these answers."""
    ANSWERS.clear()
    ANSWERS.update(answers or {})
    ASKED.clear()
    LOST.clear()
    LOST.update(lost or {})
    clean = {'PATH': os.environ['PATH'], 'BIHUAN_SOCKET': SOCKET, 'BIHUAN_DISTRICT': 'd1'}
    clean.update(environment)
    done = subprocess.run([BIHUAN, *words], env=clean, stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, timeout=60, check=False)
    return done.returncode, done.stdout, done.stderr


def end():
    SERVER.shutdown()
    SERVER.server_close()
    subprocess.run(['rm', '-rf', FOLDER], check=False)
