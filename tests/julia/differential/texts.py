"""Texts for the differential run of the JSON reader, and the verdict.

    texts.py make COUNT SEED > texts     one text a record: its length in bytes, a line feed, its
                                         bytes
    texts.py judge texts answers         compares each answer with what Python's json says of the
                                         same text

Half of the texts are JSON, half are JSON with one to three bytes changed. Where Python is lax (NaN,
Infinity, halves of surrogate pairs, numbers beyond any float, a byte order mark) the reader must
refuse.
"""

import json
import math
import random
import sys

BROKEN = b'{}[]":,0123456789.eE+-truefalsnNaIify\\u \t\n\r\x00\x0b\x1f\xff\xc3\xa9\xed\xa0\x80'


def value(dice, depth):
    kind = dice.randrange(9 if depth < 5 else 7)
    if kind == 0:
        return dice.choice([None, True, False])
    if kind == 1:
        return dice.randrange(-10, 10)
    if kind == 2:
        return dice.randrange(-(10 ** dice.randrange(1, 40)), 10 ** dice.randrange(1, 40))
    if kind in (3, 4):
        return dice.choice(
            [
                dice.uniform(-1, 1),
                dice.uniform(-1, 1) * 10.0 ** dice.randrange(-320, 300),
                0.0,
                -0.0,
                5e-324,
            ]
        )
    if kind in (5, 6):
        return text(dice)
    if kind == 7:
        return [value(dice, depth + 1) for _ in range(dice.randrange(5))]
    return {text(dice): value(dice, depth + 1) for _ in range(dice.randrange(5))}


def text(dice):
    limits = (0x20, 0x80, 0x800, 0xD800, 0x110000)
    points = (dice.randrange(dice.choice(limits)) for _ in range(dice.randrange(8)))
    return "".join(chr(point) for point in points if not 0xD800 <= point <= 0xDFFF)


def record(dice):
    separators = dice.choice([(",", ":"), (", ", ": "), (" ,\n", "\t:\r")])
    made = json.dumps(value(dice, 0), ensure_ascii=dice.random() < 0.5, separators=separators)
    record = bytearray(made.encode())
    if dice.random() < 0.5:
        for _ in range(dice.randrange(1, 4)):
            at = dice.randrange(len(record) + 1)
            replaced = dice.randrange(2)
            record[at : at + replaced] = (
                bytes([dice.choice(BROKEN)]) if dice.random() < 0.8 else b""
            )
    return bytes(record)


class Refused(ValueError):
    pass


def refuse(what):
    raise Refused(what)


def finite(number):
    found = float(number)
    return found if math.isfinite(found) else refuse(number)


def whole(found):
    """Refuses halves of surrogate pairs, which no text of Unicode characters holds."""
    if isinstance(found, str):
        found.encode()
    elif isinstance(found, list):
        for one in found:
            whole(one)
    elif isinstance(found, dict):
        for one in found.items():
            whole(list(one))
    return found


def python(record):
    """What Python makes of a text, held to RFC 8259; None where it is no JSON."""
    if record.startswith(b"\xef\xbb\xbf"):
        return None
    try:
        # A name that is there twice leaves its last value, but no fault of the first may go unseen.
        def last(pairs):
            whole([list(pair) for pair in pairs])
            return dict(pairs)

        return [
            whole(
                json.loads(
                    record.decode(),
                    parse_constant=refuse,
                    parse_float=finite,
                    object_pairs_hook=last,
                )
            )
        ]
    except ValueError:
        return None


def same(one, other):
    """Equal, and of the same kind: 1 is not 1.0, True is not 1, 0.0 is not -0.0."""
    if type(one) is not type(other):
        return False
    if isinstance(one, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, float):
        return one == other and math.copysign(1, one) == math.copysign(1, other)
    return one == other


def records(path):
    with open(path, "rb") as file:
        while size := file.readline():
            yield file.read(int(size))


def make(count, seed):
    dice = random.Random(seed)
    for _ in range(count):
        made = record(dice)
        sys.stdout.buffer.write(b"%d\n%s" % (len(made), made))


def judge(texts, answers):
    counts = {"accepted": 0, "refused": 0}
    faults = 0
    for made, answer in zip(records(texts), records(answers), strict=True):
        ours = None if answer == b"!" else [json.loads(answer)]
        counts["refused" if ours is None else "accepted"] += 1
        theirs = python(made)
        if (ours is None) != (theirs is None) or (ours is not None and not same(ours, theirs)):
            faults += 1
            if faults <= 20:
                print(f"differs: {made!r}\n  jot:    {answer!r}\n  Python: {theirs!r}")
    print(
        f"{counts['accepted']} texts accepted, {counts['refused']} refused, "
        f"{faults} judged otherwise than by Python"
    )
    # A run in which one side never came up has shown nothing.
    return faults == 0 and min(counts.values()) > 0


if __name__ == "__main__":
    sys.set_int_max_str_digits(0)
    if sys.argv[1] == "make":
        make(int(sys.argv[2]), int(sys.argv[3]))
    else:
        sys.exit(not judge(sys.argv[2], sys.argv[3]))
