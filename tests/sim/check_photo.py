"""What accepted ops name and what is said to be stored, against the files and against who took them (I11).

    named by an op ──▶ stored, once ──▶ its file        by one that was let in from quarantine: of who is cut off, too
"""
import collections
import hashlib
import os

import tap
from check_journal import fields_of

RELEASE, STORED, PHOTOS_OF_OP = 70, 71, 15  # OpHeader.blobs


def require(holds, *words):
    if not holds:
        raise tap.Fault('I11: ' + ' '.join(str(word) for word in words))


def named_photos(replay):
    """Each file that a paper of a case names, and each photo that an entry does: (entry, hash, size)."""
    for number, history in replay.history.items():
        yield from replay.dossiers.files.get(number, ())
        for entry in history:
            for blob in fields_of(entry.header)[PHOTOS_OF_OP] if entry.header else []:
                parts = fields_of(blob)
                yield entry, parts[1][0].hex(), parts[2][0]


class Album:
    """By the journal: what is named, and how large it is; what of that was let in, and what is stored."""

    def __init__(self, photos):
        self.named, self.released, self.stored = {}, set(), set()
        for entry, digest, size in photos:
            self.follow(entry, (entry.case_number, digest), size)

    def follow(self, entry, key, size):
        if entry.verb != STORED:
            self.named.setdefault(key, size)
            if entry.verb == RELEASE:
                self.released.add(key)
            return
        require(self.named.get(key) == size, 'entry', entry.position, 'stores what no op names')
        require(key not in self.stored, 'entry', entry.position, 'stores a photo again')
        self.stored.add(key)


def check(named, folder, photos, truth, phones):
    album = Album(named)
    for key in album.stored:
        with open(os.path.join(folder, key[1] + '.jpg'), 'rb') as file:
            data = file.read()
        require(len(data) == album.named[key], 'photo', key[1], 'has', len(data), 'bytes')
        require(hashlib.sha256(data).hexdigest() == key[1], 'photo', key[1], 'is not what its name says')
    doomed = {phone['phone'] for phone in phones if phone['doomed']}
    gone, shut_out = collections.defaultdict(bool), collections.defaultdict(bool)
    for photo in photos:
        gone[photo['hash']] |= photo['undone'] or photo['lost']
        shut_out[photo['hash']] |= truth[photo['op']]['phone'] in doomed
    for key in set(album.named) - album.stored:
        require(gone[key[1]] or shut_out[key[1]] and key not in album.released, 'photo', key[1], 'of case', key[0], 'never arrived')
    return len(album.stored)
