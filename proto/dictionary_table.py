"""Writes the C table of the compression dictionary: dictionary_table.py IN.bin OUT.c"""
import sys

with open(sys.argv[1], "rb") as source:
    data = source.read()
rows = [", ".join("%d" % b for b in data[i:i + 20]) for i in range(0, len(data), 20)]
with open(sys.argv[2], "w", encoding="ascii") as table:
    table.write('#include "proto/pack.h"\n\nstatic const uint8_t dictionary[%d] = {\n' % len(data))
    table.write("".join("\t%s,\n" % row for row in rows))
    table.write("};\n\nstruct bh_span bh_pack_dictionary(void)\n{\n"
                "\treturn bh_span(dictionary, sizeof(dictionary));\n}\n")
