"""The twist of upper arms and thighs: which way the elbow and the knee point, also when the limb is straight.

A bone's direction leaves the turn about the bone open. Three sources close it, in one least-squares problem over time:
the hinge plane where the limb is bent, a slow change from frame to frame, and a weak pull towards the untwisted limb.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from common.motion import quaternions

Array = NDArray[np.float64]

AXIS_NOISE = 0.07
"""Sine of the bend at which a hinge axis, from joints 1 cm off, is uncertain by about a radian."""
FRAME_TWIST_RAD = 0.18
"""Expected change of twist between two frames at 20 frames a second."""
TWIST_RANGE_RAD = 1.8
"""Expected spread of twist about the untwisted limb."""
_TINY = 1e-9
"""Against a division by zero."""


def aim_with_twist(
    direction: Array,
    hinge: Array,
    rest_direction: Array,
    rest_hinge: Array,
    via: Array,
    limits_rad: Array,
) -> Array:
    """Rotations [frame, limb, 4] relative to the parent that aim the bone and turn its hinge axis, without flips.

    direction: [frame, limb, 3] unit directions of the upper bone in its parent's frame.
    hinge: [frame, limb, 3] measured hinge axis in that frame, its length the sine of the bend (0: straight, unknown).
    rest_direction, rest_hinge: [limb, 3] unit vectors of the rest pose, at right angles.
    via: [limb, 3] the middle of the joint's range. The untwisted limb goes from rest to `direction` by the two arcs
        over `via`, so that the one direction where shortest arcs tear (-`via`) lies where no limb can point.
    limits_rad: [limb, 2]: a hinge turned less than the first from the untwisted limb is believed; more than the second, it is a
        hyper-extended joint seen from behind and ignored.
    """
    untwisted = quaternions.multiply(quaternions.between(via, direction), quaternions.between(rest_direction, via))
    across = quaternions.rotate(untwisted, rest_hinge)
    measured = _as_complex(hinge, across, direction)
    bend = np.abs(measured)
    measured = np.where(bend > _TINY, measured / np.maximum(bend, _TINY), 1.0)
    low, high = limits_rad.T
    believed = np.clip((high - np.abs(np.angle(measured))) / (high - low), 0.0, 1.0)
    weight = (bend / AXIS_NOISE) ** 2 * believed * believed * (3.0 - 2.0 * believed)

    step = quaternions.between(direction[:-1], direction[1:])
    carried = _as_complex(quaternions.rotate(step, across[:-1]), across[1:], direction[1:])
    carried /= np.maximum(np.abs(carried), _TINY)
    nearby = np.clip(np.einsum("...i,...i->...", direction[:-1], direction[1:]), 0.0, 1.0) ** 4
    smooth = nearby / FRAME_TWIST_RAD**2
    angle = _angles(measured, weight, carried, smooth)
    return quaternions.multiply(quaternions.about(direction, angle), untwisted)


def _as_complex(vector: Array, across: Array, direction: Array) -> NDArray[np.complex128]:
    """`vector` in the plane across the bone: 1 along `across`, i along `direction` x `across`."""
    made = np.empty(vector.shape[:-1], np.complex128)
    made.real = np.einsum("...i,...i->...", vector, across)
    made.imag = np.einsum("...i,...i->...", vector, quaternions.cross(direction, across))
    return made


def _angles(measured: NDArray[np.complex128], weight: Array, carried: NDArray[np.complex128], smooth: Array) -> Array:
    """Twist [frame, limb] in radians: unit numbers first, which know no branch, then one Gauss-Newton step on angles.

    The step spreads a jump over its neighbours, where the unit numbers of contradicting frames cancel and their sum
    turns at once.
    """
    prior = 1.0 / TWIST_RANGE_RAD**2
    first = _least_squares(weight, prior, smooth, carried, weight * measured + prior)
    pull = np.zeros(weight.shape)
    pull[1:] = smooth * np.angle(carried * first[:-1] * first[1:].conj())
    pull[:-1] -= pull[1:]
    angle = np.angle(first)
    target = weight * np.angle(measured * first.conj()) - prior * angle + pull
    return angle + _least_squares(weight, prior, smooth, np.ones_like(smooth), target)


def _least_squares(
    weight: Array, prior: float, smooth: Array, carried: NDArray[Any], target: NDArray[Any]
) -> NDArray[Any]:
    """u [frame, limb] of least sum weight |u - a|^2 + prior |u - b|^2 + smooth |u_t - carried_t u_(t-1)|^2.

    target: [frame, limb] weight a + prior b. The normal equations are Hermitian and tridiagonal, and their diagonal
    dominates.
    """
    around = np.zeros((len(weight) + 1, weight.shape[1]))
    around[1:-1] = smooth
    lower = np.zeros(target.shape, np.result_type(carried, target))
    lower[1:] = -smooth * carried
    return _tridiagonal(weight + prior + around[:-1] + around[1:], lower, target)


def _tridiagonal(diagonal: Array, lower: NDArray[Any], target: NDArray[Any]) -> NDArray[Any]:
    """x [frame, limb] of the Hermitian systems with rows lower_t x_(t-1) + diagonal_t x_t + conj(lower_(t+1)) x_(t+1).

    Parallel cyclic reduction (Hockney and Jesshope, Parallel Computers, 1981): each step takes the
    neighbours `apart` frames away out of every row, and leaves those twice as far, until there are none.
    """
    apart = 1
    while apart < len(target):
        before, own, after = slice(None, -apart), lower[apart:], slice(apart, None)
        down, up = own / diagonal[before], own.conj() / diagonal[after]
        square = (own * own.conj()).real
        reduced, rest, further = diagonal.copy(), target.astype(lower.dtype), np.zeros_like(lower)
        reduced[after] -= square / diagonal[before]
        reduced[before] -= square / diagonal[after]
        rest[after] -= down * target[before]
        rest[before] -= up * target[after]
        further[2 * apart :] = -down[apart:] * lower[apart:-apart]
        diagonal, target, lower, apart = reduced, rest, further, 2 * apart
    return target / diagonal
