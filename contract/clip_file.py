"""Clips on disk: .npz with everything, .bvh with what a BVH can hold."""

from __future__ import annotations

import io
import json
import zipfile
import zlib
from pathlib import Path

import numpy as np

from . import bvh
from .errors import InputError
from .files import replace_file
from .motion import Motion

ENDINGS = (".npz", ".bvh")
_ARRAYS = ("positions", "rotations", "root", "contacts")
_KEYS = (*_ARRAYS, "fps", "meta")
_MAX_BYTES = 512 * 2**20


def save(path: str | Path, motion: Motion) -> None:
    """Writes the clip as the ending says; the same clip gives the same bytes. InputError for another ending."""
    path = Path(path)
    if _ending(path) == ".bvh":
        bvh.write(path, motion)
        return
    values: dict[str, np.ndarray] = {name: np.asarray(getattr(motion, name), np.float32) for name in _ARRAYS}
    meta = json.dumps(motion.meta, sort_keys=True, ensure_ascii=False)
    values |= {"fps": np.array(motion.fps, np.float64), "meta": np.array(meta)}
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, value in values.items():
            # A fixed date: the same clip gives the same bytes.
            with archive.open(zipfile.ZipInfo(f"{name}.npy", (1980, 1, 1, 0, 0, 0)), "w") as member:
                np.lib.format.write_array(member, np.asarray(value, order="C"), allow_pickle=False)
    replace_file(path, stream.getvalue())


def load(path: str | Path) -> Motion:
    """The clip of a file that `save` wrote, checked; InputError for a missing, broken or foreign file."""
    path = Path(path)
    if _ending(path) == ".bvh":
        return bvh.to_motion(bvh.read(path))
    try:
        with zipfile.ZipFile(path) as archive:
            members = {info.filename: info.file_size for info in archive.infolist()}
        if set(members) != {f"{key}.npy" for key in _KEYS} or sum(members.values()) > _MAX_BYTES:
            raise InputError(
                "clip file", path.name, f"a .npz with {', '.join(_KEYS)}, at most {_MAX_BYTES} bytes unpacked"
            )
        with np.load(path, allow_pickle=False) as stored:
            values = {key: stored[key] for key in _KEYS}
        meta = json.loads(str(values["meta"]))
        if not isinstance(meta, dict):
            raise InputError("clip file's meta", meta, "a JSON object")
        arrays = {name: values[name].astype(np.float32) for name in _ARRAYS}
        return Motion(**arrays, fps=float(values["fps"]), meta=meta).check()
    except InputError:
        raise
    except OSError as error:
        raise InputError("clip file", str(path), f"a readable file ({error.strerror})") from error
    except (ValueError, TypeError, EOFError, zipfile.BadZipFile, zlib.error, RuntimeError) as error:
        raise InputError("clip file", path.name, "an undamaged .npz clip") from error


def _ending(path: Path) -> str:
    if path.suffix.lower() not in ENDINGS:
        raise InputError("clip file", path.name, f"a name that ends in {' or '.join(ENDINGS)}")
    return path.suffix.lower()
