"""Who answers is not the district's server (B04), or it is but has no time (C11): the handset says so, sends nothing
or waits, and keeps everything."""
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE / "stranger"), str(HERE.parent)]
import tap
import wire
from district import CODE, Desk, report, submitted, sync
from expect import cases_of, equal, holds
from harness import Failed, World
from impostor import Impostor, authority, crt_pem, key_pem, leaf, new_key, read_chain, read_key
from wire import pb

AWAY, AGAIN = 69, 75
SENTENCES = {"en_US.UTF-8": "Who answered is not your district's server. Nothing was sent.",
             "zh_CN.UTF-8": "对方不是本区的服务器，未发送任何内容。"}


def keys_of(world):
    return world.server.data / CODE / "keys"


def begin(world):
    """A handset that was in step once, and has a report that waits while its server is away."""
    server = world.server.start()
    server.district()
    handset = world.handset("G001")
    handset.enrol(server.code_for("G001"))
    report(handset, "甲")
    sync(handset)
    waiting = report(handset, "乙:等着上报")
    server.stop()
    return handset, waiting


def chains(world):
    """What a wrong server may show: its name, its key, its certificates."""
    true_key = read_key(keys_of(world) / "ca.key")
    true_ca = authority(true_key)
    foreign_key, key = new_key(), new_key()
    foreign_ca = authority(foreign_key)
    yield "a CA that is not pinned", key, [leaf(key, foreign_key, CODE), foreign_ca]
    yield "the pinned CA beside a foreign one", key, [leaf(key, foreign_key, CODE), true_ca, foreign_ca]
    yield "a key of its own", key, [leaf(key, key, CODE)]
    yield "another district's name", key, [leaf(key, true_key, "990102"), true_ca]


def later(retry_after_ms):
    """Says BUSY to whatever it was told."""
    refusal = pb.Refusal(code=wire.REFUSALS.index("BUSY"), sentence="later", retry_after_ms=retry_after_ms)
    frame = wire.frame(pb.ServerFrame(refusal=refusal).SerializeToString())
    return lambda link: link.sendall(frame)


def words_of(handset, lang):
    """What sync says to a person."""
    words = [word for word in handset.command("sync", "--timeout", 1) if word != "--json"]
    done = subprocess.run(words, env={**handset.environment, "LC_ALL": lang}, stdin=subprocess.DEVNULL,
                          capture_output=True, timeout=60, check=False)
    return (done.stdout + done.stderr).decode()


def test_B04_a_server_with_another_key_name_or_CA_is_told_nothing_and_the_worker_reads_why():
    with World() as world:
        handset, waiting = begin(world)
        before = handset.run("list")
        for n, (what, key, chain) in enumerate(chains(world)):
            with Impostor(world.folder / f"wrong{n}", world.server.port, key, chain) as wrong:
                told = handset.one("sync", "--timeout", 1, expect=AWAY)
                if n == 0:
                    for lang, sentence in SENTENCES.items():
                        holds(words_of(handset, lang), sentence)
            equal((told["cause"], told["unsent_ops"]), ("wrong_server", 1), what)
            equal((wrong.met >= 1, wrong.heard), (True, b""), f"{what}: what it was told")
            equal(handset.run("list"), before, f"{what}: what the handset holds")
        world.server.start()
        sync(handset)
        equal(submitted(handset)[waiting]["verdict"], "accepted", "the report, once the true server is back")
        equal(sorted(Desk(world.server).case(number)["text"] for number in submitted(handset)), ["乙:等着上报", "甲"],
              "what the server has")
        world.server.stop()


def test_B04_the_day_the_first_key_is_lost_the_backup_pin_brings_it_in():
    with World() as world:
        handset, waiting = begin(world)
        keys = keys_of(world)
        backup, key = read_key(keys / "backup-ca.key"), new_key()
        chain = [leaf(key, backup, CODE), authority(backup)]
        for name, raw in (("ca.key", key_pem(backup)), ("server.key", key_pem(key)), ("server.crt", crt_pem(*chain))):
            (keys / name).write_bytes(raw)
        world.server.start()
        sync(handset)
        equal(submitted(handset)[waiting]["verdict"], "accepted", "the report")
        Desk(world.server).verify()
        world.server.stop()


def test_C11_a_server_that_always_says_later_is_asked_ever_more_rarely_and_nothing_is_lost():
    with World() as world:
        handset, waiting = begin(world)
        keys = keys_of(world)
        key, chain = read_key(keys / "server.key"), read_chain(keys / "server.crt")
        # After 1, 2 and 4 s, a quarter less at most; with a time, no sooner than it says.
        for retry_after_ms, times in ((0, (2, 4)), (3000, (1, 2)), (3600000, (1, 1))):
            with Impostor(world.folder / f"busy{retry_after_ms}", world.server.port, key, chain,
                          later(retry_after_ms)) as busy:
                told = handset.one("sync", "--timeout", 5 if retry_after_ms < 5000 else 2, expect=AGAIN)
            equal((told["cause"], told["unsent_ops"]), ("server_busy", 1), f"retry after {retry_after_ms} ms")
            if not times[0] <= busy.met <= times[1]:
                raise Failed(f"retry after {retry_after_ms} ms: {busy.met} connects, not {times}")
        world.server.start()
        sync(handset)
        equal(submitted(handset)[waiting]["verdict"], "accepted", "the report")
        world.server.stop()


if __name__ == "__main__":
    sys.exit(tap.run(cases_of(globals())))
