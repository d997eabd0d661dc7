"""The motion library of a checkpoint: its training takes as level indices, the actions they show, and the words for them.

Two files beside the weights: `library.safetensors` holds the numbers, `library.json` the names, licences and credits.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from common.errors import InputError

from .lexicon import packed, unit

TENSORS, NAMES = "library.safetensors", "library.json"
VERSION = 1
LENGTHS = (10, 15, 22, 32, 49)
"""Tokens of the windows that every take is searched in: 2, 3, 4.4, 6.4 and 9.8 s."""
_BYTE = 256


@dataclasses.dataclass(frozen=True)
class Library:
    """Takes and what they show.

    codes: [token, byte] of all takes, packed. begins, tokens, vectors: of each take its first token, its length and the
    sentence vector [384] of its captions. names: of each take, SOURCE/CLIP. Rows say that a take shows an action:
    `action` into `actions`, `take`, `side` (0: its left-hand image), and for each of `LENGTHS` where the window begins that shows
    it best (`starts`, tokens from the take's first) and how well (`quality`, 0..1, by the action's requirements).
    """

    actions: tuple[str, ...]
    levels: tuple[int, ...]
    tokenizer: str
    credits: Mapping[str, Mapping[str, str]]
    names: tuple[str, ...]
    codes: NDArray[np.unsignedinteger]
    begins: NDArray[np.int32]
    tokens: NDArray[np.int32]
    vectors: NDArray[np.float32]
    action: NDArray[np.intp]
    take: NDArray[np.intp]
    side: NDArray[np.intp]
    starts: NDArray[np.intp]
    quality: NDArray[np.float32]

    def level_indices(self, take: int, first: int, end: int) -> NDArray[np.int64]:
        """[token, d]: the level indices of a take's tokens first ... end - 1."""
        begin = int(self.begins[take])
        return unpacked(self.codes[begin + first : begin + end], self.levels)


def _groups(levels: Sequence[int]) -> list[slice]:
    """Runs of dims that fit one byte together; where one alone does not, each by itself in two bytes."""
    if max(levels, default=0) > _BYTE:
        return [slice(dim, dim + 1) for dim in range(len(levels))]
    groups, first, size = [], 0, 1
    for dim, count in enumerate(levels):
        if size * count > _BYTE and dim > first:
            groups.append(slice(first, dim))
            first, size = dim, 1
        size *= count
    return [*groups, slice(first, len(levels))]


def packed_levels(codes: NDArray[np.integer], levels: Sequence[int]) -> NDArray[np.unsignedinteger]:
    """Level indices [token, d] -> [token, number], as many dims a byte as there is room for."""
    rows = []
    for group in _groups(levels):
        value = np.zeros(len(codes), np.int64)
        for dim in range(group.start, group.stop):
            value = value * levels[dim] + codes[:, dim]
        rows.append(value)
    return np.stack(rows, axis=1).astype(np.uint8 if max(levels) <= _BYTE else np.uint16)


def unpacked(rows: NDArray[np.unsignedinteger], levels: Sequence[int]) -> NDArray[np.int64]:
    """The inverse of `packed_levels`."""
    codes = np.empty((len(rows), len(levels)), np.int64)
    for column, group in zip(rows.T, _groups(levels), strict=True):
        rest = column.astype(np.int64)
        for dim in reversed(range(group.start, group.stop)):
            rest, codes[:, dim] = np.divmod(rest, levels[dim])
    return codes


def fingerprint(tensors: Mapping[str, NDArray[np.floating]]) -> str:
    """What tells a tokenizer from others: a hash of its weights in 16 bits, as they are stored."""
    digest = hashlib.sha256()
    for name in sorted(tensors):
        digest.update(name.encode())
        digest.update(np.ascontiguousarray(tensors[name], np.float16).tobytes())
    return digest.hexdigest()


def fingerprint_of(tokenizer: Any) -> str:
    """`fingerprint` of a tokenizer's module."""
    return fingerprint({name: value.cpu().numpy() for name, value in tokenizer.state_dict().items()})


def save(library: Library, folder: Path) -> None:
    """Write both files."""
    arrays = {
        "codes": library.codes,
        "begins": library.begins.astype(np.int32),
        "tokens": library.tokens.astype(np.int32),
        "vectors": packed(library.vectors),
        "action": library.action.astype(np.uint8),
        "take": library.take.astype(np.int32),
        "side": library.side.astype(np.uint8),
        "starts": library.starts.astype(np.uint16),
        "quality": np.round(library.quality * 255).astype(np.uint8),
    }
    save_file({name: np.ascontiguousarray(array) for name, array in arrays.items()}, folder / TENSORS)
    (folder / TENSORS).chmod(0o644)  # safetensors' own are for their owner alone
    described = {
        "version": VERSION,
        "tokenizer": library.tokenizer,
        "levels": library.levels,
        "actions": library.actions,
        "credits": library.credits,
        "names": library.names,
    }
    (folder / NAMES).write_text(json.dumps(described, indent=None, separators=(",", ":")) + "\n")


def load(folder: Path, tokenizer: str) -> Library | None:
    """The library beside a checkpoint, None where it has none. `tokenizer` is the fingerprint of the checkpoint's own.

    InputError where it is damaged, empty, newer than this version, or of another tokenizer.
    """
    if not (folder / NAMES).exists() and not (folder / TENSORS).exists():
        return None
    described = _described(folder / NAMES)
    if described.get("version") != VERSION:
        raise InputError(NAMES, f"version {described.get('version')}", f"version {VERSION}, which this backend reads")
    if described.get("tokenizer") != tokenizer:
        raise InputError(NAMES, "of another tokenizer", "the motion library that was exported with these weights")
    try:
        library = _read(described, load_file(folder / TENSORS))
    except (OSError, SafetensorError, ValueError, KeyError, TypeError) as error:
        raise InputError(TENSORS, str(error), "an undamaged motion library: install the checkpoint again") from None
    if not library.names:
        raise InputError(TENSORS, "empty", "at least one take, or no library at all")
    return _checked(library)


def _described(path: Path) -> dict[str, Any]:
    try:
        described = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        raise InputError(path.name, "damaged", "JSON: install the checkpoint again") from None
    if not isinstance(described, dict):
        raise InputError(path.name, "damaged", "a JSON object: install the checkpoint again")
    return described


def _read(described: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> Library:
    return Library(
        actions=tuple(map(str, described["actions"])),
        levels=tuple(map(int, described["levels"])),
        tokenizer=described["tokenizer"],
        credits=dict(described["credits"]),
        names=tuple(map(str, described["names"])),
        codes=arrays["codes"],
        begins=arrays["begins"],
        tokens=arrays["tokens"],
        vectors=unit(arrays["vectors"].astype(np.float32)),
        action=arrays["action"].astype(np.intp),
        take=arrays["take"].astype(np.intp),
        side=arrays["side"].astype(np.intp),
        starts=arrays["starts"].astype(np.intp),
        quality=arrays["quality"].astype(np.float32) / 255.0,
    )


def _checked(library: Library) -> Library:
    """The library, if its numbers fit each other; whatever a file says, nothing is read beyond an array's end."""
    takes, rows = len(library.names), len(library.take)
    shapes: dict[str, tuple[tuple[int, ...], NDArray[Any]]] = {
        "begins": ((takes,), library.begins), "tokens": ((takes,), library.tokens), "vectors": ((takes, 384), library.vectors),
        "action": ((rows,), library.action), "side": ((rows,), library.side),
        "starts": ((rows, len(LENGTHS)), library.starts), "quality": ((rows, len(LENGTHS)), library.quality),
        "codes": ((len(library.codes), len(_groups(library.levels))), library.codes),
    }  # fmt: skip
    for name, (shape, array) in shapes.items():
        if array.shape != shape:
            raise InputError(f"{TENSORS}: {name}", array.shape, f"{shape}")
    ends = library.begins + library.tokens
    sound = (
        library.begins.min() >= 0 and library.tokens.min() >= 1 and ends.max() <= len(library.codes)
        and (library.take < takes).all() and (library.take >= 0).all()
        and (library.action < len(library.actions)).all() and (library.side <= 1).all()
        and (library.starts < library.tokens[library.take][:, None]).all()
    )  # fmt: skip
    if not sound or math.prod(library.levels[:1]) < 2:
        raise InputError(
            TENSORS, "numbers beyond its takes", "an undamaged motion library: install the checkpoint again"
        )
    return library
