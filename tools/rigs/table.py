"""The makers' tables, `makers/*.txt`: which bones a rig has, where they begin and end on the body, what they are.

A line is: name, parent (- for none), head, tail, slot; columns are two or more spaces apart, the slot may be missing.
A place is a landmark, `a:b:t` (on the way from a to b), `spine:t` or `nape:t` (on the way from pelvis to neck, from neck to
head), each with an optional `+x,y,z` in metres. `*` stands for either side: left and right in places and slots, the words of
the line `sides` in names. A slot with ` twist` behind it is a twist bone beside the limb.
`@fingers  name  parent  words of thumb to pinky  numbers` makes fingers ({f} is the word, {n} the number);
`@chain  name  parent  head  tail  count` makes count bones in a row; `@ik  bone  target  count` is an IK constraint.
"""

from __future__ import annotations

import dataclasses
import itertools
import re
from collections.abc import Iterator
from pathlib import Path

_FOLDER = Path(__file__).with_name("makers")
_FINGERS = ("thumb", "index", "middle", "ring", "pinky")
_SIDES = ("left", "right")


@dataclasses.dataclass(frozen=True)
class Row:
    """One bone: its parent's name or None, places of head and tail, its slot or an empty string."""

    name: str
    parent: str | None
    head: str
    tail: str
    slot: str = ""


@dataclasses.dataclass(frozen=True)
class Table:
    """rows: parents before children. ik: bone, target bone, chain length. settings: `rest`, `tails`, `sizes` and so on."""

    rows: tuple[Row, ...]
    ik: tuple[tuple[str, str, int], ...]
    settings: dict[str, str]


def makers() -> tuple[str, ...]:
    """Names of all tables."""
    return tuple(sorted(path.stem for path in _FOLDER.glob("*.txt")))


def load(maker: str) -> Table:
    """The table of one maker."""
    lines = [line.split("#")[0].rstrip() for line in (_FOLDER / f"{maker}.txt").read_text("utf-8").splitlines()]
    lines = [line for line in lines if line]
    settings = dict(re.split(r":\s*", line, maxsplit=1) for line in lines if re.match(r"\w+: ", line))
    words = settings.get("sides", "left right").split(" ")
    rows: list[Row] = []
    ik: list[tuple[str, str, int]] = []
    for line in lines:
        if re.match(r"\w+: ", line):
            continue
        for side in range(2) if "*" in line else (0,):
            columns = re.split(r"\s{2,}", line)
            if columns[0] == "@ik":
                bone, target, count = columns[1:]
                ik.append((bone.replace("*", words[side]), target.replace("*", words[side]), int(count)))
            else:
                rows += [_sided(row, words[side], _SIDES[side]) for row in _rows(columns)]
    return Table(_parents_first(rows), tuple(ik), settings)


def _rows(columns: list[str]) -> Iterator[Row]:
    if columns[0] == "@fingers":
        name, parent, words, numbers = columns[1:]
        for finger, word in zip(_FINGERS, words.split(" "), strict=True):
            above = parent
            for place, number in enumerate(numbers.split(" "), start=1):
                bone = name.replace("{f}", word).replace("{n}", number)
                tail = f"*_{finger}{place + 1}" if place < 4 else f"*_{finger}{place}+0,-.02,0"
                yield Row(bone, above, f"*_{finger}{place}", tail)
                above = bone
    elif columns[0] == "@chain":
        name, parent, head, tail, count = columns[1:]
        places = [f"{head}:{tail}:{step / int(count)}" for step in range(int(count) + 1)]
        for number, (begin, end) in enumerate(itertools.pairwise(places), start=1):
            bone = name.replace("{n}", str(number))
            yield Row(bone, parent, begin, end)
            parent = bone
    else:
        name, parent, head, tail, *slot = columns
        yield Row(name, None if parent == "-" else parent, head, tail, *slot)


def _sided(row: Row, word: str, side: str) -> Row:
    return Row(
        row.name.replace("*", word),
        row.parent and row.parent.replace("*", word),
        row.head.replace("*", side),
        row.tail.replace("*", side),
        row.slot.replace("*", side),
    )


def _parents_first(rows: list[Row]) -> tuple[Row, ...]:
    assert len({row.name for row in rows}) == len(rows), "a name stands twice"
    known: list[Row] = []
    names: set[str | None] = {None}
    while len(known) < len(rows):
        ready = [row for row in rows if row.name not in names and row.parent in names]
        assert ready, f"no parent: {[row.name for row in rows if row.name not in names]}"
        known += ready
        names |= {row.name for row in ready}
    return tuple(known)
