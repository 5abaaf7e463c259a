#!/usr/bin/python3
"""Turns a file into a C array:  embed.py INPUT OUTPUT NAME  gives  const unsigned char NAME[] and NAME_bytes."""
import sys

source, target, name = sys.argv[1:]
with open(source, 'rb') as file:
    data = file.read()
rows = [','.join(str(byte) for byte in data[i:i + 20]) for i in range(0, len(data), 20)]
with open(target, 'w', encoding='ascii') as file:
    file.write('/* Made by embed.py from a file of the tree: change that one. */\n#include <stddef.h>\n\n')
    file.write('extern const unsigned char %s[];\nextern const size_t %s_bytes;\n\n' % (name, name))
    file.write('const unsigned char %s[] = {\n%s};\n' % (name, ',\n'.join(rows)))
    file.write('const size_t %s_bytes = %d;\n' % (name, len(data)))
