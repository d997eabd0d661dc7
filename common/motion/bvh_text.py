"""The text of a BVH file -> its skeleton and numbers, for any channel order; errors name the line."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError

CHANNELS = ("Xposition", "Yposition", "Zposition", "Xrotation", "Yrotation", "Zrotation")
MAX_FRAMES = 1_000_000
MAX_JOINTS = 2_000


@dataclasses.dataclass(frozen=True)
class Bvh:
    """A BVH file as it stands: its own units and degrees.

    offsets: [joint, 3] from the parent. channels: each joint's channel names in the file's order. end_sites: joint index ->
    offset [3] of the (first) end site below it. values: [frame, channel], all joints' channels side by side.
    """

    names: tuple[str, ...]
    parents: tuple[int, ...]
    offsets: NDArray[np.float64]
    channels: tuple[tuple[str, ...], ...]
    end_sites: dict[int, NDArray[np.float64]]
    frame_time: float
    values: NDArray[np.float64]


class _Lines:
    """The file's non-empty lines as words, with the number of the line at hand for errors."""

    def __init__(self, text: str) -> None:
        self.lines = text.splitlines()
        self.number = 0
        self._words = self._walk()

    def _walk(self) -> Iterator[list[str]]:
        for number, line in enumerate(self.lines, start=1):
            self.number = number
            if words := line.split():
                yield words

    def next(self, allowed: str) -> list[str]:
        """The words of the next line; InputError if the file ends instead of what is `allowed`."""
        words = next(self._words, None)
        if words is None:
            raise InputError(f"BVH line {self.number + 1}", "the end of the file", allowed)
        return words

    def error(self, found: object, allowed: str) -> InputError:
        """The refusal of what was found on the line at hand."""
        return InputError(f"BVH line {self.number}", found, allowed)

    def floats(self, words: list[str], count: int, allowed: str) -> list[float]:
        """`count` finite numbers."""
        try:
            values = [float(word) for word in words]
        except ValueError:
            raise self.error(" ".join(words), allowed) from None
        if len(values) != count or not np.isfinite(values).all():
            raise self.error(" ".join(words), allowed)
        return values


def parse(text: str) -> Bvh:
    """The file's content; InputError naming the line where it is malformed."""
    lines = _Lines(text)
    words = lines.next("HIERARCHY")
    if words[0].upper() != "HIERARCHY":
        raise lines.error(" ".join(words), "HIERARCHY")
    names, parents, offsets, channels, end_sites = _hierarchy(lines)
    frame_time, values = _motion(lines, sum(map(len, channels)))
    return Bvh(tuple(names), tuple(parents), np.array(offsets), tuple(channels), end_sites, frame_time, values)


def _hierarchy(
    lines: _Lines,
) -> tuple[list[str], list[int], list[list[float]], list[tuple[str, ...]], dict[int, NDArray[np.float64]]]:
    names: list[str] = []
    parents: list[int] = []
    offsets: list[list[float]] = []
    channels: list[tuple[str, ...]] = []
    end_sites: dict[int, NDArray[np.float64]] = {}
    open_joints: list[int] = []
    while not names or open_joints:
        words = lines.next("ROOT" if not names else "JOINT, End Site or }")
        keyword = words[0].upper()
        if keyword == "}" and open_joints:
            open_joints.pop()
        elif keyword == "END" and open_joints:
            end_sites.setdefault(open_joints[-1], np.array(_end_site(lines)))
        elif keyword == ("JOINT" if names else "ROOT") and len(words) > 1:
            name = " ".join(words[1:])
            if name in names or len(names) >= MAX_JOINTS:
                raise lines.error(name, f"joint names that differ, at most {MAX_JOINTS}")
            names.append(name)
            parents.append(open_joints[-1] if open_joints else -1)
            open_joints.append(len(names) - 1)
            offset, channel_names = _joint_body(lines)
            offsets.append(offset)
            channels.append(channel_names)
        else:
            raise lines.error(" ".join(words), "JOINT with a name, End Site or }" if names else "ROOT with a name")
    return names, parents, offsets, channels, end_sites


def _brace(lines: _Lines, brace: str) -> None:
    words = lines.next(brace)
    if words != [brace]:
        raise lines.error(" ".join(words), brace)


def _offset(lines: _Lines) -> list[float]:
    words = lines.next("OFFSET x y z")
    if words[0].upper() != "OFFSET":
        raise lines.error(" ".join(words), "OFFSET x y z")
    return lines.floats(words[1:], 3, "OFFSET with three numbers")


def _end_site(lines: _Lines) -> list[float]:
    _brace(lines, "{")
    offset = _offset(lines)
    _brace(lines, "}")
    return offset


def _joint_body(lines: _Lines) -> tuple[list[float], tuple[str, ...]]:
    _brace(lines, "{")
    offset = _offset(lines)
    words = lines.next("CHANNELS")
    names = tuple(words[2:])
    allowed = f"CHANNELS, their count and names out of {', '.join(CHANNELS)}"
    if words[0].upper() != "CHANNELS" or len(words) < 2 or words[1] != str(len(names)):
        raise lines.error(" ".join(words), allowed)
    if len(set(names)) != len(names) or not set(names) <= set(CHANNELS):
        raise lines.error(" ".join(words), allowed)
    return offset, names


def _motion(lines: _Lines, width: int) -> tuple[float, NDArray[np.float64]]:
    words = lines.next("MOTION")
    if words[0].upper() != "MOTION":
        raise lines.error(" ".join(words), "MOTION")
    words = lines.next("Frames: count")
    if words[0].upper() != "FRAMES:" or len(words) != 2 or not words[1].isdigit() or int(words[1]) > MAX_FRAMES:
        raise lines.error(" ".join(words), f"Frames: and a count up to {MAX_FRAMES}")
    frames = int(words[1])
    words = lines.next("Frame Time: seconds")
    if [word.upper() for word in words[:2]] != ["FRAME", "TIME:"]:
        raise lines.error(" ".join(words), "Frame Time: seconds")
    (frame_time,) = lines.floats(words[2:], 1, "Frame Time: and a positive number")
    if frame_time <= 0:
        raise lines.error(frame_time, "a positive frame time")
    rows = [(number, line) for number, line in enumerate(lines.lines[lines.number :], lines.number + 1) if line.strip()]
    return frame_time, _values(rows, frames, width)


def _values(rows: list[tuple[int, str]], frames: int, width: int) -> NDArray[np.float64]:
    """Numbers [frame, channel] of the numbered lines; the slow look for the bad line only after the fast way failed."""
    if len(rows) != frames:
        raise InputError("BVH frames", len(rows), f"the {frames} lines that Frames: announces")
    try:
        values = np.array([line.split() for _, line in rows], np.float64).reshape(frames, width)
    except ValueError:
        values = None
    if values is not None and np.isfinite(values).all():
        return values
    for number, line in rows:
        try:
            row = np.array(line.split(), np.float64)
        except ValueError:
            row = np.array([np.nan])
        if len(row) != width or not np.isfinite(row).all():
            raise InputError(f"BVH line {number}", line.strip(), f"{width} finite numbers")
    raise AssertionError("a bad motion block has a bad line")
