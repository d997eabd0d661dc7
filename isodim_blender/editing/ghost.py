"""A clip that is being made, drawn as lines at the armature's place in the 3D viewport; it touches no data-block."""

from __future__ import annotations

from collections.abc import Callable

import bpy
import numpy as np
from numpy.typing import NDArray

from ...common.errors import InputError
from ...common.motion import quaternions
from ...common.motion.motion import Motion
from ...common.motion.skeleton import PARENTS
from ..rig import axes, retarget
from ..rig.rigged import Rigged

POSES = 6
"""Figures that are drawn, spread evenly over the clip."""
_COLOR = (1.0, 0.62, 0.1, 0.75)
_PATH_COLOR = (0.3, 0.75, 1.0, 0.9)
_handle: list[object] = []
_shown: list[tuple[NDArray[np.float64], Callable[[], Motion | None]]] = []


def lines(motion: Motion, world: NDArray[np.float64]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The ends of the bones of some poses [2 line, 3], and of the root path [2 line, 3], both in the world.

    world: [4, 4], from the wire's places to the world, as `place_of` gives it.
    """
    shown = np.unique(np.linspace(0, motion.frames - 1, POSES).round().astype(int))
    children = [joint for joint, parent in enumerate(PARENTS) if parent >= 0]
    pairs = np.array([(joint, PARENTS[joint]) for joint in children]).ravel()
    bones = motion.positions[shown][:, pairs].reshape(-1, 3)
    path = np.repeat(motion.root, 2, axis=0)[1:-1] * (1.0, 0.0, 1.0)
    return _in_world(bones, world), _in_world(path, world)


def _in_world(points: NDArray[np.floating], world: NDArray[np.float64]) -> NDArray[np.float32]:
    return (points @ world[:3, :3].T + world[:3, 3]).astype(np.float32)


def place_of(armature: bpy.types.Object | None) -> NDArray[np.float64]:
    """[4, 4]: where `lines` go for an armature, its size included; the origin for a figure that is still to be made."""
    place = np.eye(4)
    place[:3, :3] = axes.BLENDER_FROM_WIRE
    if armature is None:
        return place
    try:
        fitted = Rigged.of(armature).fit
    except InputError:
        return place
    place[:3, :3] = fitted.scale * quaternions.to_matrix(fitted.wire)
    place[:3, 3] = fitted.stood - place[:3, :3] @ retarget.HIPS_REST
    return np.array(armature.matrix_world) @ place


def begin(armature: bpy.types.Object | None, partial: Callable[[], Motion | None]) -> None:
    """Draws what `partial` gives at each redraw, until `end`."""
    end()
    _shown.append((place_of(armature), partial))
    _handle.append(bpy.types.SpaceView3D.draw_handler_add(_draw, (), "WINDOW", "POST_VIEW"))


def end() -> None:
    """Nothing is drawn any more."""
    while _handle:
        bpy.types.SpaceView3D.draw_handler_remove(_handle.pop(), "WINDOW")
    _shown.clear()


def register() -> None:
    """Nothing is drawn before `begin`."""


def unregister() -> None:
    """What is drawn goes away."""
    end()


def _draw() -> None:
    world, partial = _shown[0]
    motion = partial()
    if motion is None:
        return
    import gpu
    from gpu_extras.batch import batch_for_shader

    shader = gpu.shader.from_builtin("UNIFORM_COLOR")
    gpu.state.blend_set("ALPHA")
    gpu.state.line_width_set(2.0)
    try:
        for points, color in zip(lines(motion, world), (_COLOR, _PATH_COLOR), strict=True):
            if len(points):
                shader.bind()
                shader.uniform_float("color", color)
                batch_for_shader(shader, "LINES", {"pos": points}).draw(shader)
    finally:
        gpu.state.line_width_set(1.0)
        gpu.state.blend_set("NONE")
