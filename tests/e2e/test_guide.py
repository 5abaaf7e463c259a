#!/usr/bin/python3
"""server/GUIDE.md, executed: every fenced command in its order, by one shell, with the built programs, in a folder of its
own.

Places of a real machine (/etc/bihuan, /var/lib/bihuan ...) are folders there, and ports are free ones.  What belongs to the
machine is stood in for: sudo runs what follows it, systemctl starts, stops and reloads the built server, journalctl shows its log, and
meson, ninja, ldconfig, tools/deps and what makes users are called for and only noted (test_install.py has what an install puts where,
test_owner.py what root does for another user).
"""
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
import tap
from expect import cases_of, equal, holds
from harness import BIHUAN, BIHUAND, HANDSET, TOP, Failed, until
from pictures import jpeg

GUIDE = TOP / "server/GUIDE.md"
PATIENCE_S = 150
# What an install, the unit or whoever mounts a disk makes; all else the guide makes itself.
THERE = ("/etc/bihuan", "/var/lib/bihuan", "/run/bihuan", "/mnt/second", "/media/safe")
PLACES = (*THERE, "/usr/local/lib/bihuan", "/var/backups/bihuan", "/etc/systemd/system")
MACHINE = ("tools/deps", "meson", "ninja", "ldconfig", "useradd", "usermod", "chown bihuan:", "journalctl --namespace=bihuan")

# The machine's own: what a block calls is what a person would type.
STAND_INS = r"""
set -eu -o pipefail
note() { echo "$@" >> called; }
sudo() { "$@"; }
meson() { note meson "$@"; }
ninja() { note ninja "$@"; }
ldconfig() { note ldconfig; }
deps() { note tools/deps "$@"; }
useradd() { note useradd "$@"; }
usermod() { note usermod "$@"; }
chown() { note chown "$@"; ls -d "${@:2}"; }
journalctl() { note journalctl "$@"; cat bihuand.log; }
ready() { for n in $(seq 200); do bihuan districts > /dev/null 2>&1 && return; read -rt 0.1 <> <(:) || :; done; cat bihuand.log; return 1; }
systemctl() {
	case " $* " in
	*" stop "*) kill "$(cat pid)"; while kill -0 "$(cat pid)" 2> /dev/null; do read -rt 0.05 <> <(:) || :; done; rm pid ;;
	*" reload "*) kill -HUP "$(cat pid)" ;;
	*) "$BIHUAND" -c "$CONF" >> bihuand.log 2>&1 & echo $! > pid; ready ;;
	esac
}
bihuand() { "$BIHUAND" "$@"; }
bihuan() { "$BIHUAN" "$@"; }
bihuan-handset() { "$HANDSET" "$@"; }
"""


def blocks():
    """[(line, commands)] of every fenced block of the guide."""
    found = re.finditer(r"^```(\w*)\n(.*?)^```$", GUIDE.read_text(encoding="utf-8"), re.M | re.S)
    text = GUIDE.read_text(encoding="utf-8")
    taken = [(text.count("\n", 0, one.start()) + 2, one.group(1), one.group(2)) for one in found]
    equal({kind for _, kind, _ in taken}, {"sh"}, "kinds of fences")
    return [(line, commands) for line, _, commands in taken]


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def moved(commands, folder, port):
    """The same commands, in this folder."""
    for place in PLACES:
        commands = commands.replace(place, str(folder) + place)
    commands = commands.replace("tools/deps build", "deps build").replace('"127.0.0.1:9464"', '"127.0.0.1:0"')
    return commands.replace('listen = "7443"', f'listen = "127.0.0.1:{port}"').replace("bihuan.example.cn:7443",
                                                                                     f"127.0.0.1:{port}")


def script(folder, port):
    parts = [STAND_INS]
    for line, commands in blocks():
        parts += [f"echo '== line {line}'", moved(commands, folder, port)]
    return "\n".join(parts)


def end(folder):
    """The server, where a command failed before it was stopped."""
    pid = folder / "pid"
    if pid.exists():
        server = pathlib.Path("/proc") / pid.read_text().strip()
        if server.exists():
            os.kill(int(server.name), signal.SIGTERM)
        until(lambda: not server.exists(), "the server ends")


def run(folder):
    port = free_port()
    for place in THERE:
        (folder / place.lstrip("/")).mkdir(parents=True)
    conf = folder / "etc/bihuan/bihuan.conf"
    environment = dict(os.environ, BIHUAND=BIHUAND, BIHUAN=BIHUAN, HANDSET=HANDSET, CONF=str(conf), LC_ALL="C.UTF-8",
                       BIHUAN_SOCKET=str(folder / "run/bihuan/admin.sock"))
    (folder / "done.jpg").write_bytes(jpeg(60, 5))
    path = folder / "guide.bash"
    path.write_text(script(folder, port), encoding="utf-8")
    try:
        with open(folder / "said", "w", encoding="utf-8") as said:
            done = subprocess.run(["bash", str(path)], cwd=folder, stdin=subprocess.DEVNULL, stdout=said,
                                  stderr=subprocess.STDOUT, timeout=PATIENCE_S, env=environment, check=False)
    finally:
        end(folder)
    return done.returncode, (folder / "said").read_text(encoding="utf-8", errors="replace")


def test_every_command_of_the_guide_does_what_it_says():
    with tempfile.TemporaryDirectory(prefix="bh-guide-") as name:
        folder = pathlib.Path(name)
        status, said = run(folder)
        if status != 0:
            raise Failed(f"ended with {status}; the last that was said:\n" + "\n".join(said.splitlines()[-30:]))
        holds((folder / "called").read_text(), *(f"{word} " if word != "ldconfig" else word for word in MACHINE))
        # What a reader would see is there, and not only an exit status.
        holds(said, "示范区综治中心", "第一网格网格员", "S001", "HW", "已清运", "张某", "holds")
        drop_in = (folder / "etc/systemd/system/bihuand.service.d/district.conf").read_text()
        holds(drop_in, "ReadWritePaths=-", "mnt/second/bihuan", "var/backups/bihuan")
        holds((folder / "var/lib/bihuan/gateway.log").read_text(encoding="utf-8"), '"kind":"test"', '"person":"L-HW"')


def test_the_guide_goes_through_what_an_administrator_has_to_do():
    text = "\n".join(commands for _, commands in blocks())
    holds(text, "district create", "import apply", "calendar apply", "roster apply", "profile apply", "enrol ", "notice test",
          "backup verify", "restore ", "revoke ", "keys roll-server", "seal-key roll")


if __name__ == "__main__":
    sys.exit(tap.run(cases_of(globals())))
