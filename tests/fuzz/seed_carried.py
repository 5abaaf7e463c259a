#!/usr/bin/python3
"""Writes the first inputs of the target carried: seed_carried.py FOLDER

Run by hand when its steps change; its files are committed.  An input is steps, see fuzz_carried.c.
"""
import os
import struct
import sys

STATEMENT, STRANGE, FRAME, PUSH, BATCH, PHOTO, PART, BARE = range(8)


def step(kind, data=b''):
    return struct.pack('>BH', kind, len(data)) + data


def whole(which):
    return step(PHOTO, bytes([which]) + (1 << 20).to_bytes(3, 'big'))


FILES = {
    'all': step(STATEMENT, b'\0\4\0') + step(PUSH, b'\0\3') + whole(0) + whole(1),
    'pieces': step(STATEMENT, b'\0\4\0') + step(PUSH, b'\0\1') + step(PUSH, b'\2\1'),
    'part': step(STATEMENT, b'\0\2\0') + step(PUSH, b'\0\1') + step(PHOTO, b'\1\0\x80\0') + whole(0),
    'photos': step(STATEMENT, b'\0\0\0') + whole(0),
    'later': step(STATEMENT, b'\2\4\0') + step(PUSH, b'\2\1'),
    'empty': step(STATEMENT, b'\0\0\0'),
    'nothing': b'',
    'stranger': step(STATEMENT, b'\0\4\1') + step(PUSH, b'\0\3'),
    'unsigned': step(STATEMENT, b'\0\4\0\5') + step(PUSH, b'\0\3'),
    'longer': step(STATEMENT, b'\0\x20\0') + step(PUSH, b'\0\3'),
    'twisted': step(STATEMENT, b'\0\4\0') + step(PUSH, b'\1\2') + step(PUSH, b'\0\3'),
    'batch': step(STATEMENT, b'\0\1\0') + step(BATCH, b'\1\x0a\x02\x08\x01\x12\x00'),
    'parts': step(STATEMENT, b'\0\1\0') + step(PUSH, b'\0\0')
    + step(PART, b'\0\0\0\0\0\x0b\xb8' + b'\xff\xd8' * 40) + step(PART, b'\0\0\0\x50\0\x0b\xb8' + b'zz'),
    'frame': step(STATEMENT, b'\0\0\0') + step(FRAME, b'\x2a\x00') + step(FRAME, b'\xfa\x07\x00'),
    'bare': step(STATEMENT, b'\0\0\0') + step(BARE, b'\0\0\0\x09'),
    'strange': step(STRANGE, b'\x0a\x06371482\x10\x01'),
}


def main():
    os.makedirs(os.path.join(sys.argv[1], 'carried'), exist_ok=True)
    for name, content in FILES.items():
        with open(os.path.join(sys.argv[1], 'carried', name), 'wb') as file:
            file.write(content)


if __name__ == '__main__':
    main()
