"""What names a person: sealed, opened for a purpose, erased by two, by the real programs; and what of it lies on the disk."""
import json
import pathlib
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
import tap
from district import ACCEPTOR, CODE, DISPATCHER, Desk, handle, report, sync
from district import LEAD as DESK  # of the township that the case lies in
from expect import equal
from harness import BIHUAN, BIHUAND, DEMO, World, until
from pictures import jpeg

NAME, CONTACT = "被封存的占位姓名某甲", "占位联系方式第七号信箱"
TOLD = "这句话只有被删除的上报里才有"
OFFICER, ARCHIVIST, AUDITOR, HELPER, LEAD = "P001", "R001", "U001", "F001", "L-HW"
SEALED = "(sealed)"


def profile():
    """The demo's, with those who guard and read."""
    demo = json.loads((DEMO / "profile.json").read_text())
    for code, role in ((OFFICER, "privacy_officer"), ("P002", "privacy_officer"), (ARCHIVIST, "archivist"),
                       (AUDITOR, "auditor"), (HELPER, "helper"), ("N001", "followup_agent")):
        demo["people"].append({"code": code, "name": f"占位{role}", "posts": [{"role": role, "area": CODE}]})
    return json.dumps(demo)


def begun(world, text="井盖破损", **options):
    server = world.server.start()
    server.district(profile=profile())
    handset = world.handset("G001")
    handset.enrol(server.code_for("G001"))
    number = report(handset, text, **options)
    sync(handset)
    return Desk(server), handset, number


def name(desk, number, acting=ACCEPTOR, **more):
    body = {"role": "complainant", "name": NAME, "contact": CONTACT, "consent": "given", **more}
    return desk.server.ask("POST", desk.path(f"/cases/{number}/parties"), body, acting=acting)


def opened(desk, number, acting=ACCEPTOR, purpose="contact", key=None):
    return desk.act(number, "open", {"purpose": purpose}, acting=acting, key=key)


def found(world, text):
    """The files below the world's folder that hold it."""
    raw = text.encode()
    return sorted(str(path.relative_to(world.folder)) for path in world.folder.rglob("*")
                  if path.is_file() and raw in path.read_bytes())


def at_server(world, text):
    return [path for path in found(world, text) if path.startswith("server/")]


def tool(server, *words, typed=None, expect=0):
    done = subprocess.run([BIHUAN, "--json", *words], input=typed, capture_output=True, text=True, timeout=30, check=False,
                          env={"BIHUAN_SOCKET": server.admin_path, "BIHUAN_DISTRICT": CODE})
    equal(done.returncode == 0, expect == 0, f"{words}: {done.stdout} {done.stderr}")
    return done


def test_a_name_is_seen_by_who_opens_it_and_lies_nowhere_in_plain():
    with World() as world:
        desk, _, number = begun(world)
        tool(desk.server, f"--as={ACCEPTOR}", "party", "add", number, "--role=complainant", "--stdin",
             typed=f"{NAME}\n{CONTACT}\n")
        equal(at_server(world, NAME), [], "right after it was added")
        row = desk.get(f"/cases/{number}/parties", acting=ACCEPTOR)["items"][0]
        equal((row["name"], row["contact"], row["role"]), (SEALED, SEALED, "complainant"), "what a list shows")
        case = desk.case(number)
        equal(NAME in json.dumps(case, ensure_ascii=False), False, "in the case's history")
        answer = opened(desk, number).json
        equal((answer["items"][0]["name"], answer["items"][0]["contact"]), (NAME, CONTACT), "what was opened")
        rows = desk.get("/openings", acting=AUDITOR)["items"]
        equal([(r["person"], r["number"], r["purpose"]) for r in rows], [(ACCEPTOR, number, "contact")], "openings")
        printed = json.loads(tool(desk.server, f"--as={DISPATCHER}", "party", "open", number, "--purpose=handling").stdout)
        equal(printed["items"][0]["name"], NAME, "by the terminal")
        desk.verify()
        world.server.stop()
        for text in (NAME, CONTACT):
            equal(at_server(world, text), [], "on the disk and in the log")


def test_each_opening_is_an_entry_before_anything_leaves():
    with World() as world:
        desk, _, number = begun(world)
        equal(name(desk, number).status, 200, "named")
        equal(opened(desk, number, purpose="curiosity").status, 422, "for no purpose of the list")
        first = opened(desk, number, key="once").json
        again = opened(desk, number, key="once").json
        equal(again["position"], first["position"], "an answer that was lost is told again")
        equal(len(desk.get("/openings", acting=OFFICER)["items"]), 1, "openings")
        for _ in range(49):
            equal(opened(desk, number).status, 200, "opened")
        refused = opened(desk, number)
        equal((refused.status, "50" in refused.json["message"]), (409, True), f"past the bound: {refused.text}")
        world.server.stop()


def test_who_may_open_is_by_role_and_area_alone():
    with World() as world:
        desk, _, number = begun(world)
        name(desk, number)
        desk.dispatch(number, unit="U-HW")
        may = {ACCEPTOR, DISPATCHER, "S001", DESK, LEAD, OFFICER, "N001"}
        for person in (ACCEPTOR, DISPATCHER, DESK, LEAD, OFFICER, "N001", "X001", AUDITOR, HELPER, ARCHIVIST, "S001", "V001",
                       "G001", "L-CG", "H-HW"):
            answer = opened(desk, number, acting=person, purpose="legal")
            equal(answer.status == 200, person in may, f"{person}: {answer.text}")
            equal(NAME in answer.text, person in may, f"what {person} is told")
        equal(desk.server.ask("GET", desk.path("/openings"), acting=ACCEPTOR).status, 403, "who may list openings")
        equal(desk.server.ask("POST", desk.path(f"/cases/{number}/open"), {"purpose": "legal"}).status, 403, "the operator")
        for person in (HELPER, "G001", AUDITOR):
            equal(name(desk, number, acting=person).status in (403, 404), True, f"{person} names nobody")
        equal(name(desk, number, acting=OFFICER, party=1).json["party"], 1, "who has the consents records one")
        equal(name(desk, number, acting=LEAD, role="witness").json["party"], 2, "the lead of the case's unit names one")
        desk.server.must("POST", desk.path(f"/cases/{number}/parties"), {"party": 1, "remove": True}, acting=LEAD)
        equal([row["party"] for row in opened(desk, number).json["items"]], [2], "who is left")
        name(desk, number, acting=LEAD, party=2, role="witness", consent="withdrawn")
        equal([row["name"] for row in opened(desk, number).json["items"]], [SEALED], "consent that was withdrawn")
        equal([row["name"] for row in opened(desk, number, purpose="subject_request").json["items"]], [NAME], "by the person")
        desk.verify()
        world.server.stop()


def erase(desk, number, by=ARCHIVIST):
    for person, verb in ((OFFICER, "ask-erase"), (by, "erase")):
        answer = desk.act(number, verb, {"reason": "本人申请"}, acting=person)
        equal(answer.status, 200, f"{verb} by {person}: {answer.text}")


def ended(desk, number):
    equal(desk.act(number, "refuse", {"ground": "outside", "channel": "12345", "text": "不属本区"}, acting=ACCEPTOR).status, 200, "refused")


def test_two_erase_and_content_photos_and_names_are_gone():
    with World() as world:
        desk, handset, _ = begun(world)
        number = pictured(world, handset, "seen")
        files = photo_files(world, desk, number)
        name(desk, number)
        equal(desk.act(number, "ask-erase", {"reason": "本人申请"}, acting=OFFICER).status, 409, "it goes on")
        ended(desk, number)
        equal(desk.act(number, "hold", {"reason": "诉讼"}, acting=ARCHIVIST).status, 200, "held")
        equal(desk.act(number, "ask-erase", {"reason": "本人申请"}, acting=OFFICER).status, 422, "a hold stops it")
        equal(desk.act(number, "unhold", {"reason": "诉讼结束"}, acting=OFFICER).status, 200, "not held")
        equal(desk.act(number, "ask-erase", {"reason": "本人申请"}, acting=OFFICER).status, 200, "asked")
        equal(desk.act(number, "erase", {"reason": "本人申请"}, acting=OFFICER).status, 422, "by the same person")
        rows = json.loads(tool(desk.server, f"--as={OFFICER}", "--json", "party", "list", number).stdout)
        equal((rows["erase_asked_by"], rows["held"]), (OFFICER, False), "how it stands")
        tool(desk.server, f"--as={ARCHIVIST}", "erase", number, "--reason=本人申请", f"--confirm={number}")
        until(lambda: not any(path.exists() for path in files), "its photos are gone")
        case = desk.case(number)
        equal((case["text"], case["photos"], case["state"]), (None, [], "rejected"), "what is left")
        equal(desk.get(f"/cases/{number}/parties", acting=ACCEPTOR)["items"], [], "whom it names")
        equal([(r["number"], r["how"], r["person"]) for r in desk.get("/erasures", acting=OFFICER)["items"]],
              [(number, "asked", ARCHIVIST)], "the report")
        until(lambda: not at_server(world, TOLD), "its text is nowhere at the server")
        equal(desk.verify()["contents_erased"] > 0, True, "erased contents verify")
        sync(handset)
        equal(TOLD in json.dumps(handset.run("list"), ensure_ascii=False), True, "the reporter's own handset keeps its own")
        world.server.stop()
        equal(at_server(world, TOLD), [], "on the disk")
        world.server.start()
        desk.verify()
        world.server.stop()


def test_a_units_handset_is_told_a_placeholder_of_what_was_erased():
    with World() as world:
        desk, _, number = begun(world, TOLD)
        lead = world.handset(LEAD)
        lead.enrol(desk.server.code_for(LEAD))
        equal(desk.dispatch(number, unit="U-HW").status, 200, "dispatched")
        handle(lead)
        equal(TOLD in json.dumps(lead.run("list"), ensure_ascii=False), True, "what the unit was told")
        equal(desk.close(number).status, 200, "closed")
        erase(desk, number)
        sync(lead)
        rows = lead.run("list")
        equal(TOLD in json.dumps(rows, ensure_ascii=False), False, f"what it is told now: {rows}")
        desk.verify()
        world.server.stop()


def test_a_class_is_kept_as_long_as_the_profile_says():
    with World() as world:
        desk, _, number = begun(world, TOLD)
        ended(desk, number)
        demo = json.loads(profile())
        demo["settings"]["retention"] = [{"class": 0, "days": 0}]
        equal(desk.server.ask("POST", desk.path("/profile?apply=1"), json.dumps(demo)).status, 422, "no days")
        demo["settings"]["retention"] = [{"days": 30}]
        equal(desk.server.ask("POST", desk.path("/profile?apply=1"), json.dumps(demo)).status, 200, "thirty days")
        shown = desk.get("/profile")["settings"]["retention"]
        equal(shown, [{"class": 0, "days": 30}], "as it was said")
        equal(desk.case(number)["text"], TOLD, "not yet")
        desk.verify()
        world.server.stop()


def restored(world, folder, *more):
    world.server.stop()
    done = subprocess.run([BIHUAN, "--json", "restore", str(folder), f"--to={world.server.data}", "--replace", *more],
                          capture_output=True, text=True, timeout=60, check=False, stdin=subprocess.DEVNULL)
    equal(done.returncode, 0, f"restore: {done.stdout} {done.stderr}")
    for path in world.server.data.glob(f"{CODE}.before-*"):
        shutil.rmtree(path)
    world.server.start()


def backed_up(world, desk):
    out = world.folder / "backups"
    out.mkdir(exist_ok=True)
    answer = json.loads(tool(desk.server, "backup", CODE, f"--out={out}").stdout)
    return next(path for path in out.iterdir() if path.name == pathlib.Path(answer.get("folder", answer.get("name"))).name)


def test_H18_a_backup_from_before_the_erasure_brings_nothing_back():
    with World() as world:
        desk, handset, number = begun(world, TOLD)
        name(desk, number)
        ended(desk, number)
        early = backed_up(world, desk)
        erase(desk, number)
        other = report(handset, "另一件与此无关")
        sync(handset)
        restored(world, early)
        case = desk.case(number)
        equal(case["text"], None, "the text after a restore")
        equal(desk.get(f"/cases/{number}/parties", acting=ACCEPTOR)["items"], [], "names after a restore")
        equal(opened(desk, number).status, 409, "nobody is there to be opened")
        equal([row["how"] for row in desk.get("/erasures", acting=OFFICER)["items"]], ["after_restore"], "the report")
        sync(handset)
        equal(desk.case(other)["text"], "另一件与此无关", "what was not erased comes back")
        equal(desk.case(number)["text"], None, "and what was erased does not, by no handset")
        equal(at_server(world, TOLD), [], "at the server")
        desk.verify()
        world.server.stop()


def test_H18_photos_and_a_report_that_the_backup_does_not_know_stay_away():
    with World() as world:
        desk, handset, _ = begun(world)
        before = pictured(world, handset, "before")
        files = photo_files(world, desk, before)
        ended(desk, before)
        early = backed_up(world, desk)
        after = pictured(world, handset, "after")
        ended(desk, after)
        erase(desk, before)
        erase(desk, after)
        until(lambda: not any(path.exists() for path in files), "its photos are gone")
        restored(world, early)
        sync(handset)
        until(lambda: not any(path.exists() for path in files), "the photos that the backup held are gone again")
        equal(desk.case(after)["text"], None, "what its handset brought again")
        equal([desk.case(number)["photos"] for number in (before, after)], [[], []], "photos")
        equal(handset.status()["unsent_ops"], 0, "nothing waits on the handset")
        until(lambda: not at_server(world, TOLD), "its text is nowhere at the server")
        desk.verify()
        world.server.stop()


def pictured(world, handset, label):
    photo = world.folder / f"{label}.jpg"
    photo.write_bytes(jpeg(60, len(label)))
    number = handset.one("report", "--text", f"{TOLD}:{label}", "--type", "10003", "--lat", "30.99", "--lon", "116.98",
                         "--photo", photo)["case"]
    sync(handset)
    until(lambda: handset.status()["unsent_photos"] == 0 or sync(handset), "its photo is sent")
    return number


def photo_files(world, desk, number):
    hashes = [row["hash"] for row in desk.case(number)["photos"]]
    files = [path for path in (world.server.data / CODE).rglob("*") if path.name in hashes]
    equal((len(files), len(files) > 0), (len(hashes), True), "the files of its photos")
    return files


def test_H18_segments_bring_nothing_back():
    with World() as world:
        second = world.folder / "second"
        second.mkdir()
        world.server.configure(segments=str(second))
        desk, handset, early_number = begun(world)
        early = backed_up(world, desk)
        number = report(handset, TOLD)
        sync(handset)
        name(desk, number)
        name(desk, early_number)
        ended(desk, number)
        erase(desk, number)
        world.server.stop()
        restored(world, early, f"--segments={second}")
        equal(desk.case(number)["text"], None, "the text")
        equal(desk.get(f"/cases/{number}/parties", acting=ACCEPTOR)["items"], [], "the names")
        row = opened(desk, early_number).json["items"][0]
        equal((row["name"], row["withheld"]), (SEALED, "the case's key is gone"), "a key that was in no backup")
        until(lambda: not at_server(world, TOLD), "at the server")
        desk.verify()
        world.server.stop()


def test_all_ended_cases_of_a_reporter_are_erased_by_two():
    with World() as world:
        desk, handset, goes_on = begun(world, "仍在办理")
        numbers = []
        for i in range(3):
            numbers.append(report(handset, f"{TOLD}之{i}"))
        sync(handset)
        for number in numbers:
            ended(desk, number)
        desk.act(numbers[0], "hold", {"reason": "诉讼"}, acting=ARCHIVIST)
        tool(desk.server, f"--as={OFFICER}", "erase", "ask", "--reporter=G001", "--reason=本人申请")
        tool(desk.server, f"--as={ARCHIVIST}", "erase", "--reporter=G001", "--reason=本人申请", "--confirm=G001", expect=1)
        tool(desk.server, "--as=P002", "erase", "--reporter=G001", "--reason=本人申请", "--confirm=G001")
        texts = [desk.case(number)["text"] for number in numbers]
        equal(texts, [f"{TOLD}之0", None, None], "held, erased, erased")
        equal(desk.case(goes_on)["text"], "仍在办理", "what goes on")
        desk.verify()
        world.server.stop()


def test_the_seal_key_is_rolled_lost_and_given_by_a_program():
    with World() as world:
        desk, _, number = begun(world)
        name(desk, number)
        keys = world.server.data / CODE / "keys"
        first = (keys / "seal.key").read_bytes()
        equal((keys / "seal.key").stat().st_mode & 0o777, 0o600, "for its owner alone")
        world.server.stop()
        tool(desk.server, "seal-key", "roll", str(world.server.data / CODE))
        older = list(keys.glob("seal-*.key"))
        equal(([path.read_bytes() for path in older], (keys / "seal.key").read_bytes() != first), ([first], True), "rolled")
        world.server.start()
        equal(opened(desk, number).json["items"][0]["name"], NAME, "after the roll")
        until(lambda: opened_without(world, desk, number, older), "every case's key is wrapped anew")
        world.server.stop()
        second = (keys / "seal.key").read_bytes()
        (keys / "seal.key").rename(world.folder / "copy")
        warned = subprocess.run([BIHUAND, "--check", "-c", world.server.config_path], capture_output=True, text=True, timeout=30,
                                check=False)
        equal((warned.returncode, "seal.key is not there: put your copy back" in warned.stderr), (0, True), warned)
        world.server.start()
        equal((opened(desk, number).status, name(desk, number).status), (409, 422), "without its key")
        equal(desk.case(number)["text"], "井盖破损", "all else is as it was")
        desk.verify()
        world.server.stop()
        tool(desk.server, "seal-key", "roll", str(world.server.data / CODE))
        copy = (world.folder / "copy").rename(keys / "seal-0000000000000001.key")
        world.server.start()
        equal(opened(desk, number).json["items"][0]["name"], NAME, "by a copy beside another key")
        world.server.stop()
        copy.unlink()
        third = (keys / "seal.key").read_bytes()
        program = world.folder / "give-key"
        program.write_text(f"#!/bin/sh\n[ \"$2\" = {CODE} ] && printf '%s\\n' {third.hex()} {second.hex()}\n")
        program.chmod(0o700)
        world.server.configure(seal_key_command=f"{program} word")
        world.server.config["seal-key-command"] = f"{program} word"
        world.server.start()
        equal(opened(desk, number).json["items"][0]["name"], NAME, "by a program's key")
        equal([key for key in (first, second, third) if key.hex() in world.server.log()], [], "keys in the log")
        world.server.stop()


def opened_without(world, desk, number, older):
    world.server.stop()
    for path in older:
        path.rename(world.folder / path.name)
    world.server.start()
    row = opened(desk, number).json["items"][0]
    if row["name"] == NAME:
        return True
    for path in older:
        (world.folder / path.name).rename(path)
    return False


if __name__ == "__main__":
    sys.exit(tap.run([test_a_name_is_seen_by_who_opens_it_and_lies_nowhere_in_plain,
                      test_each_opening_is_an_entry_before_anything_leaves,
                      test_who_may_open_is_by_role_and_area_alone,
                      test_two_erase_and_content_photos_and_names_are_gone,
                      test_a_units_handset_is_told_a_placeholder_of_what_was_erased,
                      test_a_class_is_kept_as_long_as_the_profile_says,
                      test_H18_a_backup_from_before_the_erasure_brings_nothing_back,
                      test_H18_photos_and_a_report_that_the_backup_does_not_know_stay_away,
                      test_H18_segments_bring_nothing_back,
                      test_all_ended_cases_of_a_reporter_are_erased_by_two,
                      test_the_seal_key_is_rolled_lost_and_given_by_a_program]))
