"""The library as an embedder meets it: the headers in three languages, the names it exports, its size, its pages, and
the examples of the README and of EMBEDDING.md compiled against the installed headers alone and run.

    check_library.py SOURCE_ROOT LIBRARY
"""
import os
import re
import subprocess
import sys
import tempfile

ROOT, LIBRARY = sys.argv[1:3]
CLIENT = os.path.join(ROOT, "client-lib")
INCLUDE = os.path.join(CLIENT, "include")
HEADERS = sorted(os.listdir(INCLUDE))
STRICT = ["-Wall", "-Wextra", "-pedantic", "-Werror"]
SIZE_MAX = 307200
PAGE = 16384


def run(*command):
    return subprocess.run(command, capture_output=True, text=True, check=False)


def compiles(compiler, language, standard):
    with tempfile.TemporaryDirectory() as scratch:
        source = os.path.join(scratch, "user.c")
        with open(source, "w", encoding="ascii") as out:
            for header in HEADERS * 2:
                out.write(f"#include <{header}>\n")
            out.write("bh_client_options a = BH_CLIENT_OPTIONS_INIT;\n"
                      "bh_enrolment_input b = BH_ENROLMENT_INPUT_INIT;\n"
                      "bh_status_view c = BH_STATUS_VIEW_INIT;\n"
                      "bh_event d = BH_EVENT_INIT;\n"
                      "bh_report_input e = BH_REPORT_INPUT_INIT;\n"
                      "bh_report_ref f = BH_REPORT_REF_INIT;\n"
                      "bh_act_input g = BH_ACT_INPUT_INIT;\n"
                      "bh_case_view h = BH_CASE_VIEW_INIT;\n"
                      "bh_closure_view i = BH_CLOSURE_VIEW_INIT;\n"
                      "bh_op_view j = BH_OP_VIEW_INIT;\n"
                      "bh_type_view k = BH_TYPE_VIEW_INIT;\n"
                      "bh_photo_input l = BH_PHOTO_INPUT_INIT;\n"
                      "bh_photo_view m = BH_PHOTO_VIEW_INIT;\n"
                      "bh_grid_view n = BH_GRID_VIEW_INIT;\n"
                      "bh_service_input o = BH_SERVICE_INPUT_INIT;\n"
                      "bh_patrol_view p = BH_PATROL_VIEW_INIT;\n"
                      "bh_checkpoint_view q = BH_CHECKPOINT_VIEW_INIT;\n"
                      "bh_checkpoint_input r = BH_CHECKPOINT_INPUT_INIT;\n"
                      "bh_task_view s = BH_TASK_VIEW_INIT;\n"
                      "bh_due_view t = BH_DUE_VIEW_INIT;\n"
                      "bh_repeat_view u = BH_REPEAT_VIEW_INIT;\n"
                      "bh_emergency_view v = BH_EMERGENCY_VIEW_INIT;\n")
        done = run(compiler, "-x", language, "-std=" + standard, *STRICT, "-fsyntax-only",
                   "-I" + INCLUDE, source)
        return done.returncode == 0, done.stderr


def exported():
    lines = run("nm", "-D", "--defined-only", LIBRARY).stdout.splitlines()
    names = {line.split()[2].split("@")[0] for line in lines if line.split()[1] != "A"}
    with open(os.path.join(CLIENT, "exports.txt"), encoding="ascii") as wanted:
        listed = set(wanted.read().split())
    return names == listed, f"not listed: {names - listed}; not exported: {listed - names}"


def declared():
    names = set()
    for name in HEADERS:
        with open(os.path.join(INCLUDE, name), encoding="utf-8") as header:
            names |= set(re.findall(r"BH_API [^;(]*?(bh_\w+)\(", header.read()))
    with open(os.path.join(CLIENT, "exports.txt"), encoding="ascii") as wanted:
        listed = set(wanted.read().split())
    return names == listed, f"headers and list differ: {names ^ listed}"


def small():
    with tempfile.TemporaryDirectory() as scratch:
        out = os.path.join(scratch, "stripped.so")
        done = run("strip", "-o", out, LIBRARY)
        size = os.path.getsize(out) if done.returncode == 0 else 1 << 30
    print(f"# client_lib_bytes={size}")
    return size <= SIZE_MAX, f"{size} bytes, at most {SIZE_MAX}"


def pages():
    rows = [row.split() for row in run("readelf", "-lW", LIBRARY).stdout.splitlines()]
    aligned = [int(row[-1], 16) for row in rows if row and row[0] == "LOAD"]
    return bool(aligned) and all(a == PAGE for a in aligned), f"alignments {aligned}"


def soname():
    out = run("readelf", "-dW", LIBRARY).stdout
    return "[libbihuan.so.1]" in out, out


def example_text(page, number):
    with open(os.path.join(CLIENT, page), encoding="utf-8") as text:
        return text.read().split("```c\n")[number].split("```")[0]


def example(page, number, words, code, said):
    """Offline and not enrolled: what it says of that."""
    with tempfile.TemporaryDirectory() as scratch:
        source = os.path.join(scratch, "embed.c")
        program = os.path.join(scratch, "embed")
        with open(source, "w", encoding="utf-8") as out:
            out.write(example_text(page, number))
        folder = os.path.dirname(LIBRARY)
        done = run("cc", "-std=c11", *STRICT, "-I" + INCLUDE, source, "-L" + folder,
                   "-lbihuan", "-Wl,-rpath," + folder, "-pthread", "-o", program)
        if done.returncode != 0:
            return False, done.stderr
        done = run(program, os.path.join(scratch, "handset.db"), *words)
        good = done.returncode == code and all(word in done.stdout + done.stderr for word in said)
        return good, done.stdout + done.stderr


def build_lines():
    """As they stand, in a folder that has what the top folder has; what is installed is this build's."""
    with open(os.path.join(CLIENT, "README.md"), encoding="utf-8") as text:
        lines = [line.strip() for line in text if line.startswith(("    cc ", "    ./embed "))]
    with tempfile.TemporaryDirectory() as scratch:
        with open(os.path.join(scratch, "embed.c"), "w", encoding="utf-8") as out:
            out.write(example_text("README.md", 1))
        library = os.path.dirname(LIBRARY)
        os.symlink(CLIENT, os.path.join(scratch, "client-lib"))
        os.symlink(os.path.dirname(library), os.path.join(scratch, "build"))
        with open(os.path.join(scratch, "bihuan.pc"), "w", encoding="utf-8") as out:
            out.write(f"Name: bihuan\nDescription: -\nVersion: 0\nLibs: -L{library} -lbihuan\n"
                      f"Cflags: -I{INCLUDE}\n")
        done = subprocess.run(["sh", "-ec", "\n".join(lines)], capture_output=True, text=True, check=False,
                              cwd=scratch, env={**os.environ, "PKG_CONFIG_PATH": scratch})
    good = len(lines) == 3 and done.returncode == 0 and "0 unsent. This handset is not enrolled" in done.stdout
    return good, f"{lines}\n{done.stdout}{done.stderr}"


CHECKS = [
    ("the headers are C99", lambda: compiles("cc", "c", "c99")),
    ("the headers are C11", lambda: compiles("cc", "c", "c11")),
    ("the headers are C++", lambda: compiles("c++", "c++", "c++11")),
    ("the library exports exactly the listed names", exported),
    ("the headers declare exactly the listed names", declared),
    ("the stripped library is at most 300 KiB", small),
    ("every segment is aligned for 16 KiB pages", pages),
    ("the soname is libbihuan.so.1", soname),
    ("the README's example compiles and runs",
     lambda: example("README.md", 1, [], 0, ["not enrolled", "Scan the code"])),
    ("the README's lines build it as they stand", build_lines),
    ("EMBEDDING.md's thread drive compiles and runs",
     lambda: example("EMBEDDING.md", 1, [], 2, ["0 unsent", "Scan the code"])),
    ("EMBEDDING.md's host drive compiles and runs",
     lambda: example("EMBEDDING.md", 2, ["0"], 0, ["done, 0 unsent, 0 bytes up", "Scan the code"])),
]


def main():
    print(f"1..{len(CHECKS)}")
    failed = 0
    for number, (name, check) in enumerate(CHECKS, 1):
        good, why = check()
        print(f"{'ok' if good else 'not ok'} {number} - {name}")
        if not good:
            failed += 1
            print("\n".join("# " + line for line in why.splitlines()))
    return 1 if failed else 0


sys.exit(main())
