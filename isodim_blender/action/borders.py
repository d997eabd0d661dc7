"""A curve's keys cut at a frame such that what lies on one side plays on as it did; no bpy.

A cut between two keys needs a key there. Of a Bezier segment it is de Casteljau's subdivision at the frame; Blender finds its
points in 32-bit floats, so such a segment may afterwards differ in their last places. At a key nothing is computed.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...common.errors import InputError

Array = NDArray[np.float64]
Keys = dict[str, NDArray[Any]]
"""Attribute of a keyframe -> values of all keys in time's order; `co`, `handle_left`, `handle_right` are [key, 2]."""

CONSTANT, LINEAR, BEZIER = 0, 1, 2
FREE, ALIGNED, AUTO_CLAMPED = 0, 3, 4
_EASED = {12: "Sinusoidal", 9: "Quadratic", 6: "Cubic", 10: "Quartic", 11: "Quintic", 8: "Exponential", 5: "Circular",
          3: "Back", 4: "Bounce", 7: "Elastic"}  # fmt: skip
_HALVINGS = 60


def before(keys: Keys, frame: float, value: float, linear: bool) -> Keys:
    """The keys up to `frame`, the last of them there, so that all times up to `frame` play as they did.

    value: what the curve is there. linear: whether the curve goes on linearly outside its keys. InputError if the keys around
    `frame` ease into each other, which no key between them can keep.
    """
    times = keys["co"][:, 0]
    count = int(np.searchsorted(times, frame, side="right"))
    kept = {name: values[:count].copy() for name, values in keys.items()}
    if count and times[count - 1] == frame:
        if count == 1 and linear:
            _lean_out(kept, "handle_left", -1.0, _slope(keys, 0, 1))
        return _freeze(kept, -1)
    if count == 0:
        border = _border(keys, 0, frame, value)
        if linear:
            _lean_out(border, "handle_left", -1.0, (keys["co"][0, 1] - value) / (times[0] - frame))
        return border
    border = _border(keys, count - 1, frame, value)
    if count == len(times):
        kept["interpolation"][-1] = LINEAR if linear else CONSTANT
    elif _is_bezier(keys, count - 1, frame):
        left, _ = _halves(keys, count - 1, frame)
        _freeze(kept, -1)
        kept["handle_right"][-1], border["handle_left"][0] = left[1], left[2]
    return {name: np.concatenate([values, border[name]]) for name, values in kept.items()}


def after(keys: Keys, frame: float, value: float, linear: bool) -> Keys:
    """The keys from `frame` on, the first of them there, so that all times from `frame` on play as they did.

    As `before`, the other way.
    """
    times = keys["co"][:, 0]
    first = int(np.searchsorted(times, frame, side="left"))
    kept = {name: values[first:].copy() for name, values in keys.items()}
    if first < len(times) and times[first] == frame:
        if first == len(times) - 1 and linear:
            _lean_out(kept, "handle_right", 1.0, _slope(keys, -1, -2))
        return _freeze(kept, 0)
    border = _border(keys, max(first - 1, 0), frame, value)
    if first == len(times):
        if linear:
            _lean_out(border, "handle_right", 1.0, (value - keys["co"][-1, 1]) / (frame - times[-1]))
        return border
    if first == 0:
        border["interpolation"][0] = LINEAR if linear else CONSTANT
    elif _is_bezier(keys, first - 1, frame):
        _, right = _halves(keys, first - 1, frame)
        _freeze(kept, 0)
        border["handle_right"][0], kept["handle_left"][0] = right[1], right[2]
    return {name: np.concatenate([border[name], values]) for name, values in kept.items()}


def _lean_out(border: Keys, name: str, toward: float, slope: float | None) -> None:
    """The only key that is kept on its side goes on with `slope` per frame; None leaves its handle.

    Its kind becomes Bezier, of which Blender takes the outer handle for the slope outside; of others it takes the neighbour, or none.
    """
    if slope is not None:
        border["interpolation"][0] = BEZIER
        border[name][0] = border["co"][0] + np.array((toward, toward * slope), np.float32)


def _slope(keys: Keys, end: int, neighbour: int) -> float | None:
    """Per frame, with which a curve goes on linearly beyond its key `end`; None where that key's own handle says it."""
    kind, points = int(keys["interpolation"][end]), keys["co"].astype(np.float64)
    if kind not in (CONSTANT, LINEAR):
        return None
    if kind == CONSTANT or len(points) == 1:
        return 0.0
    rise = points[neighbour] - points[end]
    return float(rise[1] / rise[0])


def _freeze(keys: Keys, index: int) -> Keys:
    """The handles of a key stay where they are, whatever becomes of its neighbours."""
    keys["handle_left_type"][index] = keys["handle_right_type"][index] = FREE
    return keys


def _border(keys: Keys, like: int, frame: float, value: float) -> Keys:
    """One key, with flat handles that stay; all else as the key `like`, which begins the segment."""
    made = {name: values[like : like + 1].copy() for name, values in keys.items()}
    made["co"][0] = frame, value
    made["handle_left"][0], made["handle_right"][0] = (frame - 1.0, value), (frame + 1.0, value)
    return _freeze(made, 0)


def _is_bezier(keys: Keys, index: int, frame: float) -> bool:
    kind = int(keys["interpolation"][index])
    if kind in _EASED:
        raise InputError(
            "Range",
            f"a border at frame {frame:g}",
            f"a key there: {_EASED[kind]} easing cannot be cut between two keys",
        )
    return kind == BEZIER


def _halves(keys: Keys, index: int, frame: float) -> tuple[Array, Array]:
    """Both halves, [4, 2] control points each, of the Bezier segment that begins with key `index`, cut at `frame`."""
    points = np.array(
        [
            keys["co"][index],
            keys["handle_right"][index],
            keys["handle_left"][index + 1],
            keys["co"][index + 1],
        ],
        np.float64,
    )
    points = _shortened(points)
    low, high = 0.0, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if _at(points[:, 0], middle) < frame:
            low = middle
        else:
            high = middle
    return _cut(points, (low + high) / 2)


def _shortened(points: Array) -> Array:
    """A handle that reaches beyond the other key is shortened to it, as Blender does before it evaluates."""
    points = points.copy()
    span = points[3, 0] - points[0, 0]
    for key, handle in ((0, 1), (3, 2)):
        reach = points[handle] - points[key]
        points[handle] = points[key] + reach * min(1.0, span / max(abs(reach[0]), 1e-12))
    return points


def _at(p: Array, t: float) -> float:
    u = 1.0 - t
    return float(u * u * u * p[0] + 3 * u * u * t * p[1] + 3 * u * t * t * p[2] + t * t * t * p[3])


def _cut(points: Array, t: float) -> tuple[Array, Array]:
    """De Casteljau's subdivision (Farin, "Curves and Surfaces for CAGD", 4.6) at parameter `t`."""
    rows = [points]
    while len(rows[-1]) > 1:
        rows.append(rows[-1][:-1] * (1.0 - t) + rows[-1][1:] * t)
    return np.array([row[0] for row in rows]), np.array([row[-1] for row in rows[::-1]])
