"""Composes dictionary 1: dictionary.py CATALOGUE.json WORDS.txt OUT.bin

The catalogue's names and condition labels come first, then the words, then the byte patterns of our own
batches, which every batch uses.  What stands last is nearest to the data and cheapest to point at.
The result is committed: once released it never changes, since both ends must hold the same bytes.
"""
import json
import sys

BYTES_MAX = 32768 - 262  # zlib looks no farther back than its window less MIN_LOOKAHEAD


def words_of(path):
    with open(path, encoding="utf-8") as lines:
        return [word for line in lines if not line.startswith("#") for word in line.split()]


def catalogue_words(path):
    with open(path, encoding="utf-8") as source:
        catalogue = json.load(source)
    words = []
    for group in ("classes", "unit_kinds", "types"):
        for item in catalogue[group]:
            words.append(item.get("name_zh", item.get("zh")))
            words += [condition["label_zh"] for condition in item.get("conditions", [])]
    return words


def distinct(words):
    """Each word once, where it stands last; none that is part of a later one."""
    kept, text = [], ""
    for word in reversed(words):
        if word not in text:
            kept.append(word)
            text = word + text
    return text


def patterns():
    """Openings of OpHeader and OpContent as a batch holds them (bihuan.proto, field numbers)."""
    place = bytes([0x10, 0x01, 0x18])  # has_place, latitude
    header = bytes([0x08, 0x01, 0x10])  # verb submit, captured_ms
    receipt = bytes([0x08, 0x28, 0x10])  # verb delivered
    return place + receipt + bytes([0x12, 0x00]) + header


def main():
    catalogue, words, out = sys.argv[1:4]
    text = distinct(catalogue_words(catalogue) + words_of(words)).encode()
    tail = patterns()
    data = text[-(BYTES_MAX - len(tail)):] + tail
    while data[0] & 0xC0 == 0x80:  # no half of a character at the front
        data = data[1:]
    with open(out, "wb") as target:
        target.write(data)
    print("%d of %d bytes" % (len(data), len(text) + len(tail)))


if __name__ == "__main__":
    main()
