"""The tables of bihuan.proto in C: tables.py PROTOC_C PROTO_FOLDER OUT_FOLDER PROTO

bihuan_wire.c: of each message's fields the number and the type, two bytes for what protoc-c's own descriptions take
a hundred.  The codec reads these alone, and so a handset's library has room for its work.
bihuan.pb-c.c: what protoc-c generates, for the tests that set the codec against protobuf-c itself.
"""
import pathlib
import re
import subprocess
import sys

PROTOC_C, PROTO_FOLDER, OUT_FOLDER, PROTO = sys.argv[1:]
MESSAGE = re.compile(r"ProtobufCFieldDescriptor bh__pb__(\w+)__field_descriptors\[\d+\] =\n\{\n(.*?)\n\};", re.S)
FIELD = re.compile(r'\{\n    "\w+",\n    (\d+),\n    PROTOBUF_C_LABEL_(\w+),\n    PROTOBUF_C_TYPE_(\w+),')

subprocess.run([PROTOC_C, f"--proto_path={PROTO_FOLDER}", f"--c_out={OUT_FOLDER}", PROTO], check=True)
stem = pathlib.Path(PROTO).stem
folder = pathlib.Path(OUT_FOLDER)
messages = MESSAGE.findall((folder / (stem + ".pb-c.c")).read_text(encoding="utf-8"))
if not messages:
    sys.exit(f"{PROTO}: protoc-c describes no message as its version 1.4 does")

header = ["/* Generated from bihuan.proto. */", "#ifndef BH_PROTO_WIRE_ROWS_H", "#define BH_PROTO_WIRE_ROWS_H", "",
          '#include "proto/codec_map.h"', ""]
rows = ["/* Generated from bihuan.proto. */", f'#include "proto/{stem}_wire.h"', ""]
for name, body in messages:
    fields = FIELD.findall(body)
    header.append(f"extern const struct bh_wire_row bh_wire_{name}[{len(fields)}];")
    rows.append(f"const struct bh_wire_row bh_wire_{name}[{len(fields)}] = {{")
    for number, label, kind in fields:
        if int(number) > 255:
            sys.exit(f"{PROTO}: {name} has a field above 255")
        repeated = ", .repeated = true" if label == "REPEATED" else ""
        rows.append(f"\t{{.id = {number}, .type = BH_FIELD_{kind}{repeated}}},")
    rows.append("};")
header += ["", "#define BH_WIRE_MESSAGES(X) " + " ".join(f"X({name})" for name, _ in messages), "", "#endif"]
(folder / (stem + "_wire.h")).write_text("\n".join(header) + "\n", encoding="ascii")
(folder / (stem + "_wire.c")).write_text("\n".join(rows) + "\n", encoding="ascii")
