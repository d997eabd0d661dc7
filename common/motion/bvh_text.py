"""The text of a BVH file -> its skeleton and numbers.

The format has no standard: what other readers take is taken (any case, comments, braces beside names, counts that are off),
repairs are noted, and what cannot be read is refused with the line's number.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from . import bvh_numbers
from .bvh_numbers import Row

CHANNELS = ("Xposition", "Yposition", "Zposition", "Xrotation", "Yrotation", "Zrotation")
MAX_JOINTS = 2_000
_CHANNEL = re.compile(r"([xyz])[-_]?(pos|rot|scale)(?:ition|ation)?,?", re.IGNORECASE)
_KINDS = {"pos": "position", "rot": "rotation", "scale": "scale"}
_COMMENT = re.compile(r"(?:^|\s)(?:#|//|;).*$")
_PIECES = re.compile(r"[{}]|[^{}]+")
_FRAMES = re.compile(r"frames?\s*[:=]?\s*(\S+)\s*", re.IGNORECASE)
_FRAME_TIME = re.compile(r"frame[\s_]*time\s*[:=]?\s*(\S+)\s*", re.IGNORECASE)
_LINE_ENDS = re.compile(r"\r\n|\r|\n")
_FRAME_TIMES_S = (0.001, 1.0)
"""What a capture can have; milliseconds or frames a second under this name are outside."""


@dataclasses.dataclass(frozen=True)
class Bvh:
    """A BVH file as it stands: its own units and degrees.

    offsets: [joint, 3] from the parent. channels: each joint's channel names in the file's order. end_sites: joint index ->
    offset [3] of the (first) end site below it. values: [frame, channel], all joints' channels side by side.
    notes: what was repaired while reading, one sentence each.
    """

    names: tuple[str, ...]
    parents: tuple[int, ...]
    offsets: NDArray[np.float64]
    channels: tuple[tuple[str, ...], ...]
    end_sites: dict[int, NDArray[np.float64]]
    frame_time: float
    values: NDArray[np.float64]
    notes: tuple[str, ...] = ()


def parse(text: str) -> Bvh:
    """The file's content; InputError naming the line where it is malformed."""
    lines = _Lines(text.lstrip("\ufeff"))
    skeleton = _Skeleton(lines)
    skeleton.read()
    frames, frame_time = _header(lines)
    values, notes = bvh_numbers.values(lines.rest(), frames, sum(map(len, skeleton.channels)))
    return Bvh(
        tuple(skeleton.names),
        tuple(skeleton.parents),
        np.array([offset for offset in skeleton.offsets if offset is not None]),
        tuple(skeleton.channels),
        skeleton.end_sites,
        frame_time,
        values,
        (*lines.notes, *notes),
    )


def _bare(line: str) -> str:
    """The line without its comment."""
    return _COMMENT.sub("", line) if "#" in line or "//" in line or ";" in line else line


class _Lines:
    """The file's lines without comments, braces on lines of their own, the line's number at hand for errors."""

    def __init__(self, text: str) -> None:
        self.lines = _LINE_ENDS.split(text)
        self.number = 0
        self.notes: list[str] = []
        self._pieces = self._walk()

    def _walk(self) -> Iterator[str]:
        for number, line in enumerate(self.lines, start=1):
            self.number = number
            for piece in _PIECES.findall(_bare(line)):
                if piece.strip():
                    yield piece.strip()

    def next(self, allowed: str) -> str:
        """The next line or brace; InputError if the file ends instead of what is `allowed`."""
        piece = next(self._pieces, None)
        if piece is None:
            raise InputError(f"BVH line {self.number + 1}", "the end of the file", allowed)
        return piece

    def rest(self) -> list[Row]:
        """The lines after the one at hand that hold anything, with their numbers."""
        rows = ((number, _bare(line)) for number, line in enumerate(self.lines[self.number :], self.number + 1))
        return [(number, line) for number, line in rows if line and not line.isspace()]

    def error(self, found: object, allowed: str) -> InputError:
        """The refusal of what was found on the line at hand."""
        return InputError(f"BVH line {self.number}", found, allowed)

    def note(self, sentence: str) -> None:
        """Keeps what was repaired on the line at hand."""
        self.notes.append(f"line {self.number}: {sentence}")


class _Skeleton:
    """The joints of the HIERARCHY part, read up to the word MOTION."""

    def __init__(self, lines: _Lines) -> None:
        self.lines = lines
        self.names: list[str] = []
        self.parents: list[int] = []
        self.offsets: list[list[float] | None] = []
        self.channels: list[tuple[str, ...]] = []
        self.end_sites: dict[int, NDArray[np.float64]] = {}
        self._open: list[int | None] = []  # None is an end site

    def read(self) -> None:
        """All of it; InputError naming the line."""
        self._heading()
        while True:
            piece = self.lines.next("JOINT, End Site, } or MOTION" if self.names else "ROOT with a name")
            word, _, rest = piece.replace("\t", " ").partition(" ")
            keyword = word.upper()
            if keyword.rstrip(":") == "MOTION" and self.names:
                break
            self._take(keyword, rest.strip(), piece)
        if self._open:
            self.lines.note(f"{len(self._open)} closing braces are missing")
            while self._open:
                self._close()

    def _heading(self) -> None:
        piece = self.lines.next("HIERARCHY")
        first = self.lines.error(piece, "HIERARCHY")
        skipped = 0
        while piece.upper() != "HIERARCHY":
            skipped += 1
            try:
                piece = self.lines.next("HIERARCHY")
            except InputError:
                raise first from None
        if skipped:
            self.lines.note(f"{skipped} lines before HIERARCHY were not read")

    def _take(self, keyword: str, rest: str, piece: str) -> None:
        if keyword in ("ROOT", "JOINT") and rest and None not in self._open:
            self._joint(rest)
        elif keyword.startswith("END") and self._open and self._open[-1] is not None:
            self._open.append(None)
            self._brace()
        elif keyword == "OFFSET" and self._open:
            self._offset(rest)
        elif keyword == "CHANNELS" and self._open:
            self._channels(rest)
        elif keyword == "}" and self._open:
            self._close()
        elif keyword == "}" and self.names:
            self.lines.note("a closing brace too many")
        elif self._open and keyword not in ("{", "ROOT", "JOINT", "MOTION"):
            self.lines.note(f"not read: {piece[:40]}")
        else:
            raise self.lines.error(piece, "JOINT with a name, End Site or }" if self.names else "ROOT with a name")

    def _joint(self, name: str) -> None:
        if len(self.names) >= MAX_JOINTS:
            raise self.lines.error(name, f"at most {MAX_JOINTS} joints")
        distinct, number = name, 0
        while distinct in self.names:  # numbered as Blender numbers them
            number += 1
            distinct = f"{name}.{number:03d}"
        if number:
            self.lines.note(f"a second joint {name} is called {distinct}")
        self.names.append(distinct)
        self.parents.append(next((joint for joint in reversed(self._open) if joint is not None), -1))
        self.offsets.append(None)
        self.channels.append(())
        self._open.append(len(self.names) - 1)
        self._brace()

    def _brace(self) -> None:
        piece = self.lines.next("{")
        if piece != "{":
            raise self.lines.error(piece, "{")

    def _offset(self, rest: str) -> None:
        numbers = bvh_numbers.floats(rest)
        if numbers is None or len(numbers) != 3:
            raise self.lines.error(f"OFFSET {rest}", "OFFSET with three numbers")
        joint = self._open[-1]
        if joint is not None:
            self.offsets[joint] = numbers
        else:
            above = self._open[-2]
            assert above is not None, "an end site hangs on a joint"
            self.end_sites.setdefault(above, np.array(numbers))

    def _channels(self, rest: str) -> None:
        words = rest.split()
        count = int(words.pop(0)) if words and words[0].isdigit() else None
        found = [_CHANNEL.fullmatch(word) for word in words]
        names = tuple(f"{match[1].upper()}{_KINDS[match[2].lower()]}" for match in found if match)
        joint = self._open[-1]
        if joint is None and not names:
            return
        wrong = joint is None or len(names) != len(words) or len(set(names)) != len(names) or (count and not names)
        if wrong:
            raise self.lines.error(f"CHANNELS {rest}", f"CHANNELS, their count and names out of {', '.join(CHANNELS)}")
        if count != len(names):
            self.lines.note(f"{len(names)} channels, not {'counted' if count is None else count}")
        assert joint is not None
        self.channels[joint] = names

    def _close(self) -> None:
        joint = self._open.pop()
        if joint is not None and self.offsets[joint] is None:
            raise self.lines.error(f"{self.names[joint]} without OFFSET", "OFFSET with three numbers")


def _header(lines: _Lines) -> tuple[int | None, float]:
    """How many frames are announced (None: not told), and seconds a frame."""
    frames: int | None = None
    while True:
        piece = lines.next("Frame Time: seconds")
        if match := _FRAME_TIME.fullmatch(piece):
            break
        match = _FRAMES.fullmatch(piece)
        count = bvh_numbers.floats(match[1]) if match else None
        if frames is not None or count is None or len(count) != 1 or not 0 <= count[0] <= bvh_numbers.MAX_FRAMES:
            wanted = f"Frames: and a count up to {bvh_numbers.MAX_FRAMES}" if frames is None else "Frame Time: seconds"
            raise lines.error(piece, wanted)
        frames = int(count[0])
    numbers = bvh_numbers.floats(match[1])
    low, high = _FRAME_TIMES_S
    if numbers is None or len(numbers) != 1 or not low <= numbers[0] <= high:
        raise lines.error(piece, f"Frame Time: and seconds from {low:g} to {high:g}")
    return frames, numbers[0]
