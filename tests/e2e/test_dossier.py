"""一案一卷 by the real programs: what lacks, papers, seal, loans; the ZIP opened by another program, its hashes made anew."""
import hashlib
import json
import pathlib
import re
import struct
import subprocess
import sys
import zipfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
import tap
from district import ACCEPTOR, CODE, DISPATCHER, LATITUDE, LEAD, LONGITUDE, TYPE, UNIT, sync
from expect import equal, holds
from harness import BIHUAN, World
from pictures import jpeg
from test_adjust import Terminal
from test_ends import ARCHIVIST, REPORTER, SUPERVISOR, days_later, handled, profile, served

TAG = b"bh-dossier-1"


def told(server, *words, acting=ARCHIVIST, expect=0):
    """bihuan's answer, as JSON."""
    done = subprocess.run([BIHUAN, "--json", f"--as={acting}", *words],
                          env={"BIHUAN_SOCKET": server.admin_path, "BIHUAN_DISTRICT": CODE},
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False)
    equal(done.returncode == 0, expect == 0, f"{words}: {done.stdout} {done.stderr}")
    return json.loads(done.stdout or done.stderr.splitlines()[0])


def verified(path, *words):
    done = subprocess.run([BIHUAN, "--json", "dossier", "verify", str(path), *words], env={}, capture_output=True,
                          text=True, timeout=60, check=False)
    return done.returncode, json.loads(done.stdout or done.stderr.splitlines()[0])


def closed_case(world, terminal, handset, text="井盖破损"):
    photo = world.folder / "seen.jpg"
    photo.write_bytes(jpeg(64, 1))
    number = handset.one("report", "--text", text, "--type", TYPE, "--lat", LATITUDE, "--lon", LONGITUDE,
                         "--photo", photo)["case"]
    sync(handset)
    handled(terminal, number)
    terminal.must(number, "close", ACCEPTOR, "closed", "--ended", "--text=已补好 <b>&\"")
    return number


def entries_of(archive):
    rows = []
    for line in archive.read("entries.txt").decode().splitlines():
        position, *fields = line.split(" ")
        rows.append((int(position), *(b"" if one == "-" else bytes.fromhex(one) for one in fields)))
    return rows


def words_of(archive, name):
    return dict(line.split(" ", 1) for line in archive.read(name).decode().splitlines())


def checked(path):
    """Every hash of an archive, computed here from its bytes alone; gives its seal's words."""
    with zipfile.ZipFile(path) as archive:
        equal(archive.testzip(), None, "the ZIP's own sums")
        listed = dict(reversed(line.split("  ")) for line in archive.read("hashes.txt").decode().splitlines())
        equal(sorted(listed) + ["hashes.txt"], sorted(set(archive.namelist()) - {"hashes.txt"}) + ["hashes.txt"], "names")
        for name, digest in listed.items():
            equal(hashlib.sha256(archive.read(name)).hexdigest(), digest, name)
            equal(bool(re.fullmatch(r"[a-z]+\.(html|txt)|photos/[0-9]{4}-[a-z_]+-[0-9a-f]{12}(-small)?\.jpg", name)),
                  True, f"a plain name: {name}")
        rows = entries_of(archive)
        for position, before, own, canonical, salt, content in rows:
            equal(hashlib.sha256(before + canonical).digest(), own, f"entry {position}")
            if content:
                holds(canonical.hex(), hashlib.sha256(salt + content).hexdigest())
        for name in listed:
            if name.startswith("photos/"):
                equal(any(bytes.fromhex(listed[name]) in row[3] for row in rows), True, f"an entry names {name}")
        said = words_of(archive, "seal.txt")
        if "seal" in said:
            upto = int(said["sealed_upto"])
            covered = [row for row in rows if row[0] <= upto]
            district = said["district"].encode()
            data = TAG + struct.pack(">I", len(district)) + district + struct.pack(">QI", int(said["number"]), len(covered))
            data += b"".join(struct.pack(">Q", row[0]) + row[2] for row in covered)
            equal(hashlib.sha256(data).hexdigest(), said["seal"], "the seal")
        return said, archive.read("index.html").decode(), archive.read("index.txt").decode()


def test_a_dossier_is_sealed_and_stands_in_one_file():
    with World() as world:
        server, terminal, (handset,) = served(world, REPORTER)
        number = closed_case(world, terminal, handset)
        now = told(server, "dossier", number)
        equal((now["complete"], now["missing"], now["photos"], now["photos_here"]), (True, [], 1, 1), "how it stands")
        equal([one["paper"] for one in now["papers"]], ["report", "dispatch", "sign", "result", "closing"], "its papers")
        equal(told(server, "dossier", "seal", number, acting=DISPATCHER, expect=1)["code"], "no_right", "who may not")
        told(server, "dossier", "seal", number)
        seal = told(server, "dossier", number)["seal"]
        equal((seal["holds"], seal["newer"]), (True, 0), "the seal")
        equal(told(server, "dossier", "seal", number, expect=1)["code"], "not_now", "sealed twice")
        first, second = world.folder / "a.zip", world.folder / "b.zip"
        told(server, "dossier", number, f"--zip={first}")
        told(server, "dossier", number, f"--zip={second}")
        equal(first.read_bytes() == second.read_bytes(), True, "the same case gives the same bytes")
        said, page, text = checked(first)
        equal((said["seal"], said["case"]), (seal["hash"], number), "the seal in the file")
        holds(page, "已补好 &lt;b&gt;&amp;&quot;", "<img src=\"photos/0001-submit-", "@media print", seal["hash"])
        holds(text, number, "材料齐全", seal["hash"])
        equal("<b>" in page, False, "markup of people's")
        status, answer = verified(first, f"--seal={seal['hash']}")
        equal((status, answer["holds"], answer["photos"], answer["seal"]), (0, True, 2, seal["hash"]), "by the terminal: a photo and its thumbnail")
        equal(verified(first, "--seal=" + "0" * 64)[1]["code"], "seal", "another seal")
        told(server, "dossier", "paper", number, "--kind=other", "--title=补充照片说明", "--text=一页")
        equal(told(server, "dossier", number)["seal"]["newer"], 1, "papers since")
        told(server, "dossier", number, f"--zip={second}")
        equal(checked(second)[0]["seal"], seal["hash"], "the older seal holds beside a newer paper")
        told(server, "dossier", "seal", number)
        told(server, "dossier", number, f"--zip={second}")
        equal(checked(second)[0]["seal"] != seal["hash"], True, "a new seal")
        equal(server.must("POST", f"/districts/{CODE}/verify")["holds"], True, "the journal and its rows")
        server.stop()
        equal([one.name for one in pathlib.Path(server.data).rglob("export/*")], [], "nothing is left behind")


def test_orders_and_photos_are_papers_that_the_index_names():
    """An order with its answers, and photos of before and after: by name, bytes and sum; a photo on its way lacks."""
    with World() as world:
        server, terminal, (handset,) = served(world, REPORTER)
        photo = world.folder / "seen.jpg"
        photo.write_bytes(jpeg(64, 1))
        number = handset.one("report", "--text", "井盖破损", "--type", TYPE, "--lat", LATITUDE, "--lon", LONGITUDE,
                             "--photo", photo)["case"]
        sync(handset)
        terminal.must(number, "dispatch", DISPATCHER, "dispatched", "--condition=none-of-them", f"--unit={UNIT}")
        terminal.must(number, "sign", LEAD, "handling")
        order = told(server, "order", "issue", "supervision", f"--case={number}", "--text=请写明 <进度>", acting=SUPERVISOR)
        equal([one["paper"] for one in told(server, "dossier", number)["missing"] if one["paper"] == "order_reply"],
              ["order_reply"], "an order waits for its answer")
        told(server, "order", "answer", order["order"], "--text=明天完成", acting=LEAD)
        told(server, "order", "send-back", order["order"], "--text=写明时间", acting=SUPERVISOR)
        told(server, "order", "answer", order["order"], "--text=上午十点", acting=LEAD)
        told(server, "order", "close", order["order"], acting=SUPERVISOR)
        terminal.must(number, "finish", LEAD, "done", "--text=已补")
        terminal.must(number, "close", ACCEPTOR, "closed", "--ended", "--text=已补好")
        now = told(server, "dossier", number)
        equal((now["complete"], [one["title"] for one in now["papers"] if one["paper"] == "order"]),
              (True, [order["order_zh"]]), "complete with what the order is called")
        file = world.folder / "ordered.zip"
        told(server, "dossier", number, f"--zip={file}")
        said, page, text = checked(file)
        for words in (page, text):
            holds(words, order["order_zh"], "明天完成", "写明时间", "上午十点", hashlib.sha256(photo.read_bytes()).hexdigest(),
                  str(len(photo.read_bytes())), "在卷")
        holds(page, "请写明 &lt;进度&gt;")
        equal((said["case"], verified(file)[0]), (number, 0), "proved without a server")
        equal(server.must("POST", f"/districts/{CODE}/verify")["holds"], True, "the journal and its rows")
        server.stop()


def test_an_incomplete_one_is_archived_with_a_reason_and_lent():
    with World() as world:
        server, terminal, (handset,) = served(world, REPORTER)
        number = closed_case(world, terminal, handset)
        told(server, "dossier", "paper", number, "--kind=agreement", "--title=协议书第7号", acting=ACCEPTOR)
        now = told(server, "dossier", number)
        equal((now["complete"], [one["paper"] for one in now["missing"]]), (False, ["performance"]), "what lacks")
        equal(told(server, "dossier", "paper", number, "--kind=novel", "--title=x", expect=1)["code"], "field", "kind")
        equal(told(server, "dossier", "paper", number, "--kind=other", expect=1)["code"], "field", "no title")
        equal(told(server, "dossier", "seal", number, expect=1)["code"], "no_reason", "sealing it")
        equal(told(server, "dossier", "lend", number, "--until=2099-01-01", "--text=法院", expect=1)["code"], "not_now",
              "lending what is not archived")
        true = dict(server.environment)
        days_later(server, 4)
        terminal.refused(number, "archive", ARCHIVIST, "no_reason")
        case = terminal.must(number, "archive", ARCHIVIST, "archived", "--text=履行期未到")
        equal(case["archived_with"], "incomplete", "as what it was archived")
        equal(told(server, "dossier", "lend", number, "--until=2020-01-01", "--text=法院", expect=1)["code"], "field",
              "due before today")
        until = server.must("GET", f"/districts/{CODE}/cases/{number}")["archived_at"][:10]
        year, rest = until.split("-", 1)
        equal(told(server, "dossier", "lend", number, f"--until={int(year) + 3}-{rest}", "--text=法院", expect=1)["code"],
              "field", "more than a year")
        told(server, "dossier", "lend", number, f"--until={int(year) + 1}-01-01" if rest[:2] == "12" else
             f"--until={year}-12-31", "--text=区法院,调阅")
        loans = told(server, "dossier", "loans")
        equal((loans["number"], loans["late"]), (number, False), "what is lent")
        equal(told(server, "dossier", "lend", number, f"--until={year}-12-31", "--text=x", expect=1)["code"], "not_now",
              "lent twice")
        told(server, "dossier", "back", number)
        equal(told(server, "dossier", number)["loan"], None, "after it came back")
        equal(server.must("POST", f"/districts/{CODE}/verify")["holds"], True, "the journal and its rows")
        server.stop()
        server.environment = true


def test_names_are_in_the_file_only_for_a_purpose():
    with World() as world:
        server = world.server.start()
        server.stop()
        server.start()
        server.district(profile=profile())
        handset = world.handset(REPORTER)
        handset.enrol(server.code_for(REPORTER))
        number = closed_case(world, Terminal(server), handset)
        file = world.folder / "names.zip"
        answer = told(server, "dossier", number, f"--zip={file}", "--purpose=handling", acting=ACCEPTOR, expect=1)
        equal(answer["code"] in ("seal-key", "not_now"), True, f"a case that names nobody: {answer}")
        equal(file.exists(), False, "a file of a refusal")
        if answer["code"] == "not_now":
            told(server, "party", "add", number, "--role=complainant", "--name=王金丝雀", "--contact=13900000007",
                 acting=ACCEPTOR)
            told(server, "dossier", number, f"--zip={file}")
            page = checked(file)[1]
            equal(("王金丝雀" in page, "(sealed)" in page), (False, True), "without a purpose")
            equal(told(server, "dossier", number, f"--zip={file}", "--purpose=handling", expect=1)["code"], "no_right",
                  "an archivist opens nothing")
            told(server, "dossier", number, f"--zip={file}", "--purpose=handling", acting=ACCEPTOR)
            page = checked(file)[1]
            equal(("王金丝雀" in page, "13900000007" in page), (True, True), "for a purpose")
        server.stop()


def changed(path, out, name, change):
    """The archive with one member's bytes changed."""
    with zipfile.ZipFile(path) as archive, zipfile.ZipFile(out, "w") as made:
        for one in archive.namelist():
            data = archive.read(one)
            data = change(data) if one == name else data
            if data is not None:
                made.writestr(one, data)


def test_what_somebody_changed_is_noticed():
    with World() as world:
        server, terminal, (handset,) = served(world, REPORTER)
        number = closed_case(world, terminal, handset)
        told(server, "dossier", "seal", number)
        whole, bad = world.folder / "whole.zip", world.folder / "bad.zip"
        told(server, "dossier", number, f"--zip={whole}")
        server.stop()
        equal(verified(whole)[0], 0, "the whole one, without a server")
        with zipfile.ZipFile(whole) as archive:
            photo = next(name for name in archive.namelist() if name.startswith("photos/"))
            hashes = archive.read("hashes.txt")

        def relisted(name, change):
            """Changed, and the list of hashes with it."""
            with zipfile.ZipFile(whole) as archive:
                old, new = archive.read(name), change(archive.read(name))
            listed = hashes.replace(hashlib.sha256(old).hexdigest().encode(), hashlib.sha256(new).hexdigest().encode())
            changed(whole, world.folder / "half.zip", name, lambda _: new)
            changed(world.folder / "half.zip", bad, "hashes.txt", lambda _: listed)

        def flip(data):
            return data[:-8] + bytes([data[-8] ^ 1]) + data[-7:]

        for name in ("index.html", "entries.txt", "seal.txt", "hashes.txt", photo):
            changed(whole, bad, name, flip)
            equal(verified(bad)[0] != 0, True, f"{name} was changed")
            changed(whole, bad, name, lambda _: None)
            equal(verified(bad)[0] != 0, True, f"{name} was taken out")
        for name, change in ((photo, lambda data: data + b"x"), ("seal.txt", lambda data: data.replace(b"sealed_by ", b"sealed_by 1")),
                             ("entries.txt", lambda data: b"".join(data.splitlines(True)[1:])),
                             ("entries.txt", lambda data: data.replace(b" - -\n", b" 00 11\n", 1)),
                             ("seal.txt", lambda data: data.replace(b"district " + CODE.encode(), b"district 330106"))):
            relisted(name, change)
            equal(verified(bad)[0] != 0, True, f"{name} was changed with the list of hashes")
        changed(whole, bad, "index.txt", lambda data: data)
        with zipfile.ZipFile(bad, "a") as archive:
            archive.writestr("../evil.txt", b"x")
        holds(verified(bad)[1]["message"], "none of a dossier's")
        data = whole.read_bytes()
        for cut in (0, 1, 100, len(data) // 2, len(data) - 1):
            bad.write_bytes(data[:cut])
            equal(verified(bad)[0] != 0, True, f"cut at {cut}")
        bad.write_bytes(b"no ZIP at all")
        equal(verified(bad)[1]["code"], "dossier", "no ZIP")
        equal(verified(world.folder / "absent.zip")[1]["code"], "file", "no file")


if __name__ == "__main__":
    sys.exit(tap.run([test for name, test in list(globals().items()) if name.startswith("test_")]))
