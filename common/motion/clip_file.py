"""Clips on disk: .npz with everything, .bvh with what a BVH can hold."""

from __future__ import annotations

import io
import json
import struct
import zipfile
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .. import checks
from ..errors import InputError
from ..files import replace_file
from . import bvh, npy
from .motion import Motion
from .skeleton import CONTACT_JOINTS

ENDINGS = (".npz", ".bvh")
_ARRAYS = ("rotations", "root", "contacts")
_KEYS = (*_ARRAYS, "fps", "meta")
_DERIVED = "positions"
"""An array that files of the first versions hold too: it follows from the others, and has to agree with them."""
_MOST_APART_M = 0.01
"""Between stored and derived positions: float32 and quaternions a thousandth off their length stay below it, other units or orders do not."""
_LEAST_W = 0.5
"""Of a joint's turn by 120 degrees, which few joints of a body ever reach, and never most of them."""
_HIGHEST_M, _FASTEST_M_S = 20.0, 20.0
"""Feet that stand are on stairs or a slope at most, and slide at most; a walk in centimetres goes at 100 m a second."""
_HIPS_M, _BOB_M, _OFF_GROUND_M = (0.7, 1.15), 0.3, 0.4
"""Where hips are above the ground and how much they go up and down in most clips; a third axis like that beside feet that stand elsewhere than on
the ground is a height."""
_MAX_BYTES = 160 * 2**20
"""Unpacked; MAX_FRAMES of all arrays in float64, positions too, are 129 MB."""
_PACKINGS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


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
            values = _values(path, archive)
        meta = json.loads(str(values["meta"]))
        if not isinstance(meta, dict):
            raise InputError("clip file's meta", meta, "a JSON object")
        arrays = {name: values[name].astype(np.float32) for name in _ARRAYS}
        motion = Motion(**arrays, fps=float(values["fps"]), meta=checks.json_object("clip file's meta", meta)).check()
        if _DERIVED in values:
            _agree(path, motion, values[_DERIVED])
        _check_conventions(path, motion)
        return motion
    except InputError:
        raise
    except OSError as error:
        raise InputError("clip file", str(path), f"a readable file ({error.strerror})") from error
    except (
        ValueError, TypeError, IndexError, EOFError, RecursionError, zipfile.BadZipFile, zlib.error, RuntimeError, struct.error,
    ) as error:  # fmt: skip
        raise InputError("clip file", path.name, "an undamaged .npz clip") from error


def _agree(path: Path, motion: Motion, positions: NDArray[np.generic]) -> None:
    """InputError where a file's positions are not those of its rotations and root: one of the two was written otherwise."""
    if positions.shape != motion.positions.shape or not np.issubdtype(positions.dtype, np.number):
        raise InputError("positions.shape", positions.shape, f"{motion.positions.shape}")
    apart = float(np.abs(positions.astype(np.float64) - motion.positions).max())
    if not apart <= _MOST_APART_M:
        raise InputError(
            f"{path.name}: positions",
            f"up to {apart:.3g} m from where rotations and root put the joints",
            "fields that agree: metres, quaternions with w first from joint to parent, the canonical skeleton",
        )


def _check_conventions(path: Path, motion: Motion) -> None:
    """InputError where the numbers are those of other conventions: w last, centimetres; no body moves like that."""
    first, last = (float(np.median(np.abs(motion.rotations[:, 1:, place]))) for place in (0, 3))
    if first < _LEAST_W < last:
        raise InputError(
            f"{path.name}: rotations",
            "more than 120 degrees from the rest in most joints",
            "quaternions with w first, from joint to parent (these seem to have w last)",
        )
    places = motion.positions[:, CONTACT_JOINTS].astype(np.float64)
    stands = motion.contacts > 0.5
    speeds = np.linalg.norm(np.diff(places, axis=0), axis=-1)[stands[1:] & stands[:-1]] * motion.fps
    height = float(np.median(places[..., 1][stands])) if stands.any() else 0.0
    speed = float(np.median(speeds)) if len(speeds) else 0.0
    if abs(height) > _HIGHEST_M or speed > _FASTEST_M_S:
        where = f"{height:.3g} m high" if abs(height) > _HIGHEST_M else f"moving at {speed:.3g} m/s"
        raise InputError(
            f"{path.name}: root",
            f"with feet that stand {where}, as contacts say",
            "metres, Y up (these may be centimetres), and contacts that agree",
        )

    depth = motion.root[:, 2].astype(np.float64)
    hips = _HIPS_M[0] < np.median(depth) < _HIPS_M[1] and np.ptp(depth) < _BOB_M
    if hips and abs(height) > _OFF_GROUND_M:
        raise InputError(
            f"{path.name}: root",
            f"with feet that stand {height:.2g} m high and a third number like a pelvis's height",
            "metres, Y up (these seem to have Z up)",
        )


def _values(path: Path, archive: zipfile.ZipFile) -> dict[str, NDArray[np.generic]]:
    """The arrays of an archive; what its directory says of their sizes is not believed but held to."""
    members = {info.filename: info for info in archive.infolist()}
    total = sum(info.file_size for info in archive.infolist())
    found = set(members) - {f"{_DERIVED}.npy"}
    if found != {f"{key}.npy" for key in _KEYS} or total > _MAX_BYTES:
        raise InputError("clip file", path.name, f"a .npz with {', '.join(_KEYS)}, at most {_MAX_BYTES} bytes unpacked")
    if any(info.compress_type not in _PACKINGS for info in members.values()):
        raise InputError("clip file", path.name, "a .npz that is stored or deflated")
    values = {}
    for key in (name.removesuffix(".npy") for name in members):
        info = members[f"{key}.npy"]
        with archive.open(info) as member:
            values[key] = npy.parse(f"clip file's {key}", member.read(info.file_size))
    return values


def _ending(path: Path) -> str:
    if path.suffix.lower() not in ENDINGS:
        raise InputError("clip file", path.name, f"a name that ends in {' or '.join(ENDINGS)}")
    return path.suffix.lower()
