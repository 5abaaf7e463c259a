"""Files as papers of a dossier, by the real programs: what may come in, who may see it, what becomes of it (S0-54, S0-56)."""
import hashlib
import json
import pathlib
import socket
import sys
import zipfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
import tap
from district import ACCEPTOR, CODE, LEAD, report, sync
from expect import equal, holds
from harness import World, until
from pictures import jpeg
from test_adjust import Terminal
from test_dossier import closed_case, told, verified
from test_ends import ARCHIVIST, REPORTER, profile, served
from test_rating import PRIVACY, closed
from test_rating import served as served_public

OFFICER = "P001"
PDF = b"%PDF-1.7\n" + b"an agreement, signed by both\n" * 40 + b"%%EOF\n"
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + b"\0" * 60 + b"\0\0\0\0IEND\xae\x42\x60\x82"


def file_of(world, name, data):
    path = world.folder / name
    path.write_bytes(data)
    return str(path)


def packed(path, files):
    """An archive with its hashes made anew."""
    hashes = "".join(f"{hashlib.sha256(data).hexdigest()}  {name}\n" for name, data in files.items())
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in (files | {"hashes.txt": hashes.encode()}).items():
            archive.writestr(name, data)


def dossier(server, number):
    return told(server, "dossier", number)


def test_a_file_is_added_listed_fetched_and_in_the_archive():
    with World() as world:
        server, terminal, (handset,) = served(world, REPORTER)
        number = closed_case(world, terminal, handset)
        signed = file_of(world, "张三的协议 ../../x.pdf".replace("/", "_"), PDF)
        added = told(server, "paper", "add", number, "agreement", signed, "--title=签字协议")
        equal((added["paper"], added["form"], added["size"], added["hash"]),
              ("agreement", "pdf", len(PDF), hashlib.sha256(PDF).hexdigest()), "what was added")
        told(server, "paper", "add", number, "other", file_of(world, "b.png", PNG), acting=LEAD)
        told(server, "paper", "add", number, "other", file_of(world, "c.jpg", jpeg(64, 9)), acting=ACCEPTOR)
        now = dossier(server, number)
        files = [(one["title"], one["file"]["form"], one["photos"], one["photos_here"]) for one in now["papers"] if one["file"]]
        equal(files, [("签字协议", "pdf", 1, 1), ("other", "png", 1, 1), ("other", "jpg", 1, 1)], "in the list")
        equal((now["photos"], now["photos_here"]), (4, 4), "all that came is here")
        equal([one["paper"] for one in now["missing"]], ["performance"], "an agreement on paper asks whether it is kept")
        out, laid = world.folder / "out.pdf", world.folder / "out.pdf.part"
        laid.touch()
        laid.chmod(0o666)
        with laid.open("rb") as waiting:
            told(server, "paper", "get", number, str(added["position"]), str(out))
            equal((out.read_bytes(), waiting.read()), (PDF, b""), "by the terminal, and not by who laid a file there before")
        equal(out.stat().st_mode & 0o777, 0o600, "for its owner alone")
        answer = server.ask("GET", f"/districts/{CODE}/cases/{number}/papers/{added['position']}", acting=ARCHIVIST)
        equal((answer.status, answer.text), (200, PDF.decode()), "the bytes")
        stranger = server.ask("GET", f"/districts/{CODE}/cases/{number}/papers/{added['position']}", acting="L-M3")
        equal(stranger.status in (403, 404), True, "who does not see the case")
        equal(server.ask("GET", f"/districts/{CODE}/blobs/{added['hash']}", acting=ARCHIVIST).status, 404,
              "it is no photo")
        told(server, "dossier", "seal", number, "--text=缺履行核查")
        path = world.folder / "a.zip"
        told(server, "dossier", number, f"--zip={path}")
        status, report = verified(path)
        equal((status, report.get("holds", report)), (0, True), "the archive proves itself")
        with zipfile.ZipFile(path) as archive:
            names = [name for name in archive.namelist() if name.startswith("papers/")]
            equal(len(names), 3, "papers/")
            pdf = next(name for name in names if name.endswith(".pdf"))
            equal(archive.read(pdf), PDF, "its bytes there")
            page = archive.read("index.html").decode()
            holds(page, f'href="{pdf}"')
            equal("张三" in "".join(archive.namelist()), False, "no client's name in any")
            equal(report["papers_missing"], 0, "all of them")
            files = {name: archive.read(name) for name in archive.namelist() if name != "hashes.txt"}
        forged = world.folder / "forged.zip"
        photos = sorted(name for name in files if name.startswith("photos/"))
        for one, other in (names[:2], names[1:], photos[:2]):
            packed(forged, files | {one: files[other], other: files[one]})
            status, answer = verified(forged)
            equal((status == 0, "under the name of another" in answer["message"]), (False, True), f"{one} as {other}")
        packed(forged, {name: data for name, data in files.items() if name not in names[:2]})
        status, answer = verified(forged)
        equal((status, answer["papers_missing"]), (0, 2), "two that were taken out are told")
        equal(server.must("POST", f"/districts/{CODE}/verify")["holds"], True, "the journal and its rows")


def test_what_is_no_such_file_is_refused_and_leaves_nothing():
    with World() as world:
        server, terminal, (handset,) = served(world, REPORTER)
        number = closed_case(world, terminal, handset)
        before = [one["position"] for one in dossier(server, number)["papers"]]
        where = f"/districts/{CODE}/cases/{number}/papers/file"

        def post(data, query="?kind=agreement&title=x", acting=ARCHIVIST, path=where):
            return server.ask("POST", path + query, body=data, acting=acting)

        for data in (b"", b"%PDF-", b"%PDF-1.7\nand cut", PNG[:-1], b"MZ\x90", b"{}", b"<html>%PDF-1.7 %%EOF", b"\xff\xd8\xff"):
            equal(post(data).status, 422, data[:12])
        equal(post(PDF, "?kind=nothing&title=x").status, 422, "no such kind")
        equal(post(PDF, "?kind=agreement").status, 422, "no title")
        equal(post(PDF, "?kind=agreement&title=%20").status, 422, "a blank one")
        equal(post(PDF, "?kind=agreement&title=x&name=a.pdf").status, 400, "a client's name is no parameter")
        equal(post(PDF, acting="G002").status in (403, 404), True, "who has no right")
        equal(post(PDF, path=where.replace(number, "9-9-Z")).status, 404, "no such case")
        large = PDF[:9] + b"x" * (16 << 20) + b"%%EOF"
        try:
            equal(post(large).status in (400, 413), True, "too large")
        except BrokenPipeError:
            pass  # the server reads no more of it
        told(server, "paper", "add", number, "agreement", file_of(world, "l.pdf", large), expect=1)
        told(server, "paper", "add", number, "agreement", str(world.folder), expect=1)
        told(server, "paper", "add", number, "agreement", "/dev/zero", expect=1)
        cut = socket.socket(socket.AF_UNIX)
        cut.connect(server.admin_path)
        cut.sendall(f"POST {where}?kind=agreement&title=x HTTP/1.1\r\nHost: x\r\nBihuan-As: {ARCHIVIST}\r\n"
                    f"Content-Length: {len(PDF)}\r\n\r\n".encode() + PDF[:100])
        cut.close()
        equal([one["position"] for one in dossier(server, number)["papers"]], before, "nothing was added")
        equal(server.must("POST", f"/districts/{CODE}/verify")["holds"], True, "the journal and its rows")


def test_the_same_file_twice_and_one_that_is_withdrawn():
    with World() as world:
        server, terminal, (handset,) = served(world, REPORTER)
        number = closed_case(world, terminal, handset)
        signed = file_of(world, "a.pdf", PDF)
        first = told(server, "paper", "add", number, "agreement", signed, "--key=once")
        again = told(server, "paper", "add", number, "agreement", signed, "--key=once")
        equal((again["position"], again["repeat"]), (first["position"], True), "by the same key once")
        second = told(server, "paper", "add", number, "other", signed, "--title=副本")
        equal(second["hash"], first["hash"], "the same bytes are one file")
        folder = pathlib.Path(server.data) / CODE / "blobs"
        equal(len([one for one in folder.rglob("*") if one.is_file() and one.read_bytes() == PDF]), 1, "on the disk")
        told(server, "paper", "withdraw", number, str(first["position"]), expect=1)
        told(server, "paper", "withdraw", number, "1", "--text=x", expect=1)
        told(server, "paper", "withdraw", number, str(first["position"]), "--text=签错了页")
        told(server, "paper", "withdraw", number, str(first["position"]), "--text=又一次", expect=1)
        now = dossier(server, number)
        equal(([one["position"] for one in now["withdrawn"]], [one["paper"] for one in now["missing"]]),
              ([first["position"]], []), "it counts no more")
        path = world.folder / "w.zip"
        told(server, "dossier", number, f"--zip={path}")
        status, report = verified(path)
        equal(status, 0, f"what is withdrawn is in no page: {report}")
        for size in (131071, 131072, 300000, 1 << 20):
            large = PDF[:9] + b"x" * (size - 14) + b"%%EOF"
            added = told(server, "paper", "add", number, "other", file_of(world, f"{size}.pdf", large), f"--title={size}")
            told(server, "paper", "get", number, str(added["position"]), str(world.folder / f"{size}.out"))
            equal((world.folder / f"{size}.out").read_bytes() == large, True, f"a file of {size} bytes")
        answer = server.ask("GET", f"/districts/{CODE}/cases/{number}/papers/{first['position']}", acting=ARCHIVIST)
        equal(answer.status, 200, "and nothing was deleted")
        server.kill()
        server.start()
        equal(dossier(server, number)["withdrawn"][0]["position"], first["position"], "after a restart")
        equal(server.must("POST", f"/districts/{CODE}/verify")["holds"], True, "the journal and its rows")


def test_a_file_goes_with_its_case_and_with_a_backup():
    with World() as world:
        server, terminal, (handset,) = served(world, REPORTER)
        number = closed_case(world, terminal, handset)
        added = told(server, "paper", "add", number, "agreement", file_of(world, "a.pdf", PDF))
        place = world.folder / "backups"
        place.mkdir()
        made = server.must("POST", f"/districts/{CODE}/backup", {"place": str(place)})
        found = [one for one in pathlib.Path(made["folder"]).rglob("*") if one.is_file() and one.read_bytes() == PDF]
        equal(len(found), 1, "in the backup")
        blob = next(one for one in (pathlib.Path(server.data) / CODE / "blobs").rglob("*")
                    if one.is_file() and one.read_bytes() == PDF)
        server.stop()
        blob.unlink()
        server.start()
        where = f"/districts/{CODE}/cases/{number}/papers/{added['position']}"
        lost = server.ask("GET", where, acting=ARCHIVIST)
        equal((lost.status, lost.json["code"]), (404, "paper-lost"), "where its file is not here it says so")
        told(server, "paper", "add", number, "agreement", file_of(world, "a.pdf", PDF), "--title=补传")
        equal(server.ask("GET", where, acting=ARCHIVIST).text, PDF.decode(), "and who adds it again brings it back")


def test_an_erased_case_gives_no_paper_though_another_has_the_same_file():
    with World() as world:
        server, terminal, handset = served_public(world)
        numbers = [closed(terminal, handset) for _ in range(2)]
        signed = file_of(world, "a.pdf", PDF)
        places = []
        for number in numbers:
            added = told(server, "paper", "add", number, "agreement", signed, "--title=协议")
            places.append(f"/districts/{CODE}/cases/{number}/papers/{added['position']}")
        erased, other = numbers
        for who, verb in ((PRIVACY, "ask-erase"), (ARCHIVIST, "erase")):
            server.must("POST", f"/districts/{CODE}/cases/{erased}/{verb}", {"reason": "本人申请"}, acting=who)
        equal([server.ask("GET", place, acting=ARCHIVIST).status for place in places], [404, 200], "who gives the file")
        digest = hashlib.sha256(PDF).hexdigest()
        case, there = (server.must("GET", f"/districts/{CODE}/cases/{number}", acting=ARCHIVIST) for number in numbers)
        files = [entry["raw"]["header"] for entry in case["history"] if entry["verb"] in ("paper", "stored")]
        equal((len(files) > 1, set(files[-2:])), (True, {None}), "what names its file")
        equal(digest in json.dumps(there), True, "what names the other's")
        equal([digest in json.dumps([case, dossier(server, erased)]), digest in json.dumps(dossier(server, other))], [False, True],
              "where its hash is told, by which a form is guessed")
        equal(server.must("POST", f"/districts/{CODE}/verify")["holds"], True, "the journal and its rows")


def test_erasing_a_case_takes_the_files_that_no_other_case_has():
    with World() as world:
        server = world.server.start()
        people = json.loads(profile())
        people["people"].append({"code": OFFICER, "name": "区隐私专员", "posts": [{"role": "privacy_officer", "area": CODE}]})
        server.district(profile=json.dumps(people))
        handset = world.handset(REPORTER)
        handset.enrol(server.code_for(REPORTER))
        numbers = [report(handset) for _ in range(2)]
        sync(handset)
        terminal = Terminal(server)
        for number in numbers:
            terminal.must(number, "refuse", ACCEPTOR, "rejected", "--ground=outside", "--channel=12345", "--text=不属本区")
            told(server, "paper", "add", number, "other", file_of(world, "a.pdf", PDF))
        both = told(server, "paper", "add", numbers[1], "other", file_of(world, "a.pdf", PDF), "--title=副本")
        own = told(server, "paper", "add", numbers[0], "other", file_of(world, "b.png", PNG))
        withdrawn = told(server, "paper", "add", numbers[0], "other", file_of(world, "c.jpg", jpeg(64, 9)))
        told(server, "paper", "withdraw", numbers[0], str(withdrawn["position"]), "--text=拿错了")
        folder = pathlib.Path(server.data) / CODE / "blobs"

        def lying():
            return {one.read_bytes() for one in folder.rglob("*") if one.is_file()}

        equal({PDF, PNG, jpeg(64, 9)} <= lying(), True, "all of them")
        for person, verb in ((OFFICER, "ask-erase"), (ARCHIVIST, "erase")):
            answer = server.ask("POST", f"/districts/{CODE}/cases/{numbers[0]}/{verb}", {"reason": "本人申请"}, acting=person)
            equal(answer.status, 200, f"{verb}: {answer.text}")
        until(lambda: not {PNG, jpeg(64, 9)} & lying(), "its own files are gone, and what was withdrawn of them")
        equal(PDF in lying(), True, "the other case's stays")
        where = f"/districts/{CODE}/cases/{numbers[0]}/papers/{own['position']}"
        equal(server.ask("GET", where, acting=ARCHIVIST).status, 404, "who asks for it")
        where = f"/districts/{CODE}/cases/{numbers[1]}/papers/{both['position']}"
        equal(server.ask("GET", where, acting=ARCHIVIST).text, PDF.decode(), "the other one's")
        equal(server.must("POST", f"/districts/{CODE}/verify")["holds"], True, "the journal and its rows")
        server.stop()


if __name__ == "__main__":
    sys.exit(tap.run([test for name, test in list(globals().items()) if name.startswith("test_")]))
