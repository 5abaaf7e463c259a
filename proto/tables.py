"""The tables of bihuan.proto in C: tables.py PROTOC_C PROTO_FOLDER OUT_FOLDER PROTO

What protoc-c generates, but for the functions that fill a message with its defaults: nobody here makes messages by
protobuf-c (codec.h does), its reader does without them, and in a handset's library each takes room with its values.
"""
import pathlib
import re
import subprocess
import sys

PROTOC_C, PROTO_FOLDER, OUT_FOLDER, PROTO = sys.argv[1:]
INIT = re.compile(r"\(ProtobufCMessageInit\) \w+__init")

subprocess.run([PROTOC_C, f"--proto_path={PROTO_FOLDER}", f"--c_out={OUT_FOLDER}", PROTO], check=True)
tables = pathlib.Path(OUT_FOLDER, pathlib.Path(PROTO).stem + ".pb-c.c")
text, count = INIT.subn("NULL", tables.read_text(encoding="utf-8"))
if count == 0:
    sys.exit(f"{tables}: no message is filled as protoc-c 1.4 fills it")
tables.write_text(text, encoding="utf-8")
