"""Arrays of NumPy's .npy format, version 1.0, of numbers and text: the header is matched, never evaluated (NumPy enhancement proposal 1)."""

from __future__ import annotations

import math
import re
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError

_MAGIC = b"\x93NUMPY\x01\x00"
_MAX_HEADER_BYTES = 1024
_MAX_BYTES = 512 * 2**20
_HEADER = re.compile(
    rb"\{'descr': '([<|>][fiuU][0-9]{1,9})', 'fortran_order': (True|False), 'shape': \(((?:[0-9]{1,12},? ?)*)\), \} *\n"
)


def load(path: Path) -> NDArray[np.generic]:
    """The array in a file; InputError if it cannot be read or is anything but an undamaged array of numbers or text."""
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise InputError(path.name, f"{path.stat().st_size} bytes", f"at most {_MAX_BYTES}")
        content = path.read_bytes()
    except OSError as error:
        raise InputError(path.name, "unreadable", f"a file that can be read ({error.strerror})") from error
    return parse(path.name, content)


def parse(name: str, content: bytes) -> NDArray[np.generic]:
    """The array of a file's bytes; InputError, before anything is allocated, where header and length do not agree.

    `name` stands for the array in the sentence.
    """
    start = len(_MAGIC) + 2
    end = start + int.from_bytes(content[len(_MAGIC) : start], "little")
    if (
        not content.startswith(_MAGIC)
        or end - start > _MAX_HEADER_BYTES
        or not (match := _HEADER.fullmatch(content[start:end]))
    ):
        raise InputError(
            name, content[:end][:_MAX_HEADER_BYTES], "an undamaged .npy of version 1.0 with numbers or text"
        )
    try:
        dtype = np.dtype(match[1].decode())
    except (TypeError, ValueError, OverflowError):
        raise InputError(f"{name}.dtype", match[1], "a type that numpy knows") from None
    shape = tuple(int(size) for size in match[3].replace(b",", b" ").split())
    expected = math.prod(shape) * dtype.itemsize
    if len(content) - end != expected or len(shape) > 8:
        raise InputError(name, f"{len(content) - end} bytes", f"{expected} bytes for {dtype} {shape}")
    if expected == 0:
        return np.zeros(shape if max(shape, default=0) <= len(content) else (0,), dtype)
    array = np.frombuffer(content, dtype, offset=end)
    return array.reshape(shape, order="F" if match[2] == b"True" else "C")
