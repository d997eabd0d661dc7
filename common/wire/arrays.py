"""Arrays and motions as JSON: shape, dtype and base64 of little-endian bytes; never pickles."""

from __future__ import annotations

import base64
import binascii
import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import checks
from ..errors import InputError
from ..motion.motion import MAX_FRAMES, Motion

_DTYPE = "float32"
_WIRE = np.dtype("<f4")
_ARRAYS = ("rotations", "root", "contacts")
_check_shape = checks.items(checks.integer(0, MAX_FRAMES), 4)
_check_fps = checks.number(1.0, 1000.0)


def array_to_json(array: NDArray[np.floating]) -> dict[str, Any]:
    """`{"shape", "dtype", "data"}` of an array, as float32."""
    data = np.ascontiguousarray(array, dtype=_WIRE).tobytes()
    return {"shape": list(array.shape), "dtype": _DTYPE, "data": base64.b64encode(data).decode("ascii")}


def array_from_json(field: str, value: Any) -> NDArray[np.float32]:
    """The array of `array_to_json`; InputError if shape, dtype and data do not agree."""
    if not isinstance(value, dict) or set(value) != {"shape", "dtype", "data"}:
        raise InputError(field, value, "an object with shape, dtype and data")
    if value["dtype"] != _DTYPE:
        raise InputError(f"{field}.dtype", value["dtype"], _DTYPE)
    shape = _check_shape(f"{field}.shape", value["shape"])
    try:
        data = base64.b64decode(value["data"], validate=True)
    except (TypeError, ValueError, binascii.Error):
        raise InputError(f"{field}.data", value["data"], "base64 text") from None
    if len(data) != math.prod(shape) * _WIRE.itemsize:
        raise InputError(
            f"{field}.data", f"{len(data)} bytes", f"{math.prod(shape) * _WIRE.itemsize} bytes for {shape}"
        )
    return np.frombuffer(data, _WIRE).reshape(shape).astype(np.float32)


def motion_to_json(motion: Motion) -> dict[str, Any]:
    """The wire's form of a clip."""
    return {name: array_to_json(getattr(motion, name)) for name in _ARRAYS} | {"fps": motion.fps, "meta": motion.meta}


def motion_from_json(field: str, value: Any) -> Motion:
    """The clip of `motion_to_json`, checked; InputError names the part that is wrong."""
    if not isinstance(value, dict) or set(value) != {*_ARRAYS, "fps", "meta"}:
        raise InputError(field, value, f"an object with {', '.join(_ARRAYS)}, fps and meta")
    fps = _check_fps(f"{field}.fps", value["fps"])
    meta = checks.json_object(f"{field}.meta", value["meta"])
    arrays = {name: array_from_json(f"{field}.{name}", value[name]) for name in _ARRAYS}
    for name, array in arrays.items():
        if array.ndim == 0:
            raise InputError(f"{field}.{name}.shape", array.shape, "at least one dimension")
    return Motion(**arrays, fps=fps, meta=meta).check()
