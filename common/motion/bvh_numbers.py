"""The numbers below MOTION -> [frame, channel]: one frame a line as the format wants it, and what programs make of that."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError

MAX_FRAMES = 1_000_000
Row = tuple[int, str]
"""A line's number in the file and its text."""


def floats(text: str) -> list[float] | None:
    """The finite numbers of a line; None if it holds anything else. Commas may stand between them, or for points."""
    words = text.split()
    if "," in text:
        words = [word.rstrip(",") for word in words]
        words = [part for word in words for part in (word.split(",") if "." in word else [word.replace(",", ".")])]
    try:
        numbers = [float(word) for word in words]
    except ValueError:
        return None
    return numbers if np.isfinite(numbers).all() else None


def values(rows: list[Row], announced: int | None, width: int) -> tuple[NDArray[np.float64], tuple[str, ...]]:
    """Numbers [frame, channel] of the lines and what was repaired; InputError naming the line that cannot be read."""
    found = _fast(rows, width)
    notes: list[str] = []
    if found is None:
        found = _slow(rows, announced, width, notes)
    if not 1 <= len(found) <= MAX_FRAMES:
        raise InputError("BVH frames", len(found), f"1 to {MAX_FRAMES} lines of numbers below MOTION")
    if announced not in (None, len(found)):
        notes.append(f"{len(found)} frames, not the {announced} that Frames: announces")
    return found, tuple(notes)


def _fast(rows: list[Row], width: int) -> NDArray[np.float64] | None:
    """The numbers of a file as it should be; None if it is not."""
    try:
        found = np.array([line.split() for _, line in rows], np.float64).reshape(len(rows), width)
    except ValueError:
        return None
    return found if np.isfinite(found).all() else None


def _slow(rows: list[Row], announced: int | None, width: int, notes: list[str]) -> NDArray[np.float64]:
    """The numbers of a file with a text behind them, a last line cut off, or frames of several lines."""
    lines: list[list[float]] = []
    for number, line in rows:
        numbers = floats(line)
        if numbers is None:
            if announced is None or len(lines) < max(announced, 1):
                raise InputError(f"BVH line {number}", line, f"{width} finite numbers")
            notes.append(f"line {number} and what follows were not read")
            break
        lines.append(numbers)
    total = sum(map(len, lines))
    if lines and len(lines[-1]) < width and all(len(line) == width for line in lines[:-1]) and len(lines) > 1:
        notes.append(f"line {rows[len(lines) - 1][0]} is cut off and was not read")
        lines.pop()
    elif width and announced and total == announced * width:
        if any(len(line) != width for line in lines):
            notes.append("the numbers of a frame stand on several lines")
        return np.array([number for line in lines for number in line]).reshape(announced, width)
    for (number, line), numbers in zip(rows, lines, strict=False):
        if len(numbers) != width:
            raise InputError(f"BVH line {number}", line, f"{width} finite numbers")
    return np.array(lines, np.float64).reshape(len(lines), width)
