#!/usr/bin/python3
"""Writes sealed files as a stranger would who has read PROTOCOL.md alone: seed_bundle.py FOLDER

Nothing of the project's code is used, so a file that opens proves the page; the others say false
things under a good seal, which no change to a file can bring about.  Run by hand when the format
changes; its files are committed.  Prints the receiver's private key (PKCS#8, hex) for bundle_key.h.
"""
import hashlib
import os
import struct
import sys

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

CHUNK = 65536
STEP = 4096
RECEIVER = ec.derive_private_key(0xb1, ec.SECP256R1())
EPHEMERAL = ec.derive_private_key(0xe9, ec.SECP256R1())


def point(key):
    return key.public_key().public_bytes(
        serialization.Encoding.X962, serialization.PublicFormat.CompressedPoint)


def seal(chunks):
    head = b'bhbundl1' + hashlib.sha256(b'bh-bundle-key-1' + point(RECEIVER)).digest()[:8] + point(EPHEMERAL)
    shared = EPHEMERAL.exchange(ec.ECDH(), RECEIVER.public_key())
    key = HKDF(hashes.SHA256(), 32, None, b'bh-bundle-seal-1' + head).derive(shared)
    out = head
    for number, chunk in enumerate(chunks):
        last = number == len(chunks) - 1
        nonce = struct.pack('>I7xB', number, last)
        out += AESGCM(key).encrypt(nonce, chunk, head)
    return out


def chunk(content, size, count=None, rest=b''):
    return (struct.pack('>I', len(content) if count is None else count) + content + rest).ljust(size, b'\0')


FILES = {
    'good': [chunk(b'a stranger wrote this', STEP)],
    'empty': [chunk(b'', STEP)],
    'count': [chunk(b'giant', STEP, count=0xffffffff)],
    'rest': [chunk(b'zeros must follow', STEP, rest=b'\0\0x')],
    'late': [chunk(b'not full', CHUNK), chunk(b'and yet more', STEP)],
    'odd': [chunk(b'no whole number of steps', STEP + 1)],
}


def main():
    for name, chunks in FILES.items():
        with open(os.path.join(sys.argv[1], name), 'wb') as file:
            file.write(seal(chunks))
    print(RECEIVER.private_bytes(serialization.Encoding.DER, serialization.PrivateFormat.PKCS8,
                                 serialization.NoEncryption()).hex())


if __name__ == '__main__':
    main()
