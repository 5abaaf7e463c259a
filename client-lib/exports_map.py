"""Writes libbihuan.map from exports.txt: exports_map.py EXPORTS OUT."""
import sys

with open(sys.argv[1], encoding="ascii") as lines:
    names = [line.strip() for line in lines if line.strip()]
with open(sys.argv[2], "w", encoding="ascii") as out:
    out.write("BIHUAN_1 {\n\tglobal:\n")
    out.writelines(f"\t\t{name};\n" for name in names)
    out.write("\tlocal:\n\t\t*;\n};\n")
