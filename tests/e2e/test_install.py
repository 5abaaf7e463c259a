"""What `meson install` would put where, and whether the programs look there."""
import json
import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
import tap
from expect import cases_of, equal, holds
from harness import BIHUAND, BUILD, Failed


def installed():
    """Destination -> file of this build; in meson's own words."""
    done = subprocess.run(["meson", "introspect", "--installed", str(BUILD)], capture_output=True, text=True,
                          check=True, stdin=subprocess.DEVNULL)
    return {destination: source for source, destination in json.loads(done.stdout).items()}


def documents(files):
    """[(path, text)] of what people read: Markdown and manual pages."""
    return [(path, pathlib.Path(source).read_text(encoding="utf-8")) for path, source in sorted(files.items())
            if path.endswith(".md") or "/man/" in path]


def pointed_at(text):
    """What a document sends its reader to: links, and files that it names."""
    links = re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", text)
    plain = re.sub(r"\[[^\]]*\]\([^)]*\)", "", text)
    return set(links + re.findall(r"(?<![\w./])((?:[\w.-]+/)*[\w-]+\.md)\b", plain))


def only(files, end):
    found = [path for path in files if path.endswith(end)]
    if len(found) != 1:
        raise Failed(f"{end} goes to {found}")
    return found[0]


def test_the_configuration_is_installed_where_the_server_reads_it():
    path = only(installed(), "/bihuan/bihuan.conf")
    told = subprocess.run([BIHUAND, "--help"], capture_output=True, text=True, check=True).stdout
    holds(told, f"instead of {path}\n")


def test_the_unit_names_what_is_installed():
    files = installed()
    unit = pathlib.Path(files[only(files, "/bihuand.service")]).read_text(encoding="utf-8")
    holds(unit, f"ExecStart={only(files, '/bihuand')}\n", f"Documentation=file:{only(files, '/doc/bihuan/README.md')}\n")
    handed = re.search(r"^LoadCredential=(\S+)$", unit, re.M).group(1)
    conf = pathlib.Path(files[only(files, "/bihuan/bihuan.conf")]).read_text(encoding="utf-8")
    holds(conf, f"/run/credentials/bihuand.service/{handed}", f"/etc/credstore/{handed}")


def test_the_documents_lead_to_what_is_installed():
    files = installed()
    below = pathlib.Path(only(files, "/doc/bihuan/README.md")).parent
    names = {path[len(str(below)) + 1:] for path in files if path.startswith(f"{below}/")}
    told = documents(files)
    equal(len(told) > 15, True, f"{len(told)} documents")
    for path, text in told:
        at = pathlib.Path(path).parent
        nowhere = {word for word in pointed_at(text)
                   if str((at / word).resolve()) not in files and word not in names}
        equal(nowhere, set(), f"what {path} sends to, and is not installed")
    for page in ("/man1/bihuan.1", "/man5/bihuan.conf.5", "/man8/bihuand.8"):
        holds(pathlib.Path(files[only(files, page)]).read_text(encoding="utf-8").replace("\\-", "-"), str(below))
    forms = "".join(text for path, text in told if path.endswith(("/IMPORT.md", "/PROFILE.md")))
    holds(forms, "polygon", "dissolved", "duty_periods", "industries", "unit_sign_off")


def test_both_terminals_complete_once_installed():
    files = installed()
    for name in ("bihuan", "bihuan-handset"):
        path = only(files, f"/share/bash-completion/completions/{name}")
        script = pathlib.Path(files[path]).read_text(encoding="utf-8")
        holds(script, f"complete -F _{name.replace('-', '_')} {name}\n")
        program = files[only(files, f"/bin/{name}")]
        said = subprocess.run([program, "completion", "bash"], capture_output=True, text=True, check=True).stdout
        equal(script, said, f"{name}'s completion file")


def test_every_verb_and_key_has_its_place_in_a_manual_page():
    files = installed()
    pages = {name: pathlib.Path(files[only(files, name)]).read_text(encoding="utf-8")
             for name in ("/man1/bihuan.1", "/man5/bihuan.conf.5", "/man8/bihuand.8")}
    program = files[only(files, "/bin/bihuan")]
    words = subprocess.run([program, "completion", "bash"], capture_output=True, text=True, check=True).stdout
    verbs = re.findall(r"^\t'([^']+)'\*\) words='([^']*)'", words, re.M)
    equal(len(verbs) > 60, True, f"{len(verbs)} verbs")
    for verb, options in verbs:
        section = re.search(r"\.SS %s(?: [A-Z[].*)?\n((?:(?!\.S[SH]).*\n)*)" % re.escape(verb.replace("-", r"\-")),
                            pages["/man1/bihuan.1"])
        equal(section is not None, True, f"{verb} in bihuan.1")
        holds(section.group(1) + pages["/man1/bihuan.1"].split(".SH VERBS")[0],
              *(r"\-\-" + option.strip("-=").replace("-", r"\-") for option in options.split()))
    keys = re.findall(r"^#([a-z-]+) = ", pathlib.Path(files[only(files, "/bihuan/bihuan.conf")]).read_text(encoding="utf-8"), re.M)
    equal(len(keys) > 10, True, f"{len(keys)} keys")
    holds(pages["/man5/bihuan.conf.5"], *(f".B {key}".replace("-", r"\-") + " = " for key in keys))
    holds(pages["/man8/bihuand.8"], "SIGHUP", r"\-\-check")


if __name__ == "__main__":
    sys.exit(tap.run(cases_of(globals())))
