"""A clip onto an armature of the scene: everything is checked before anything changes."""

from __future__ import annotations

import bpy

from ..contract.errors import InputError
from ..contract.motion import Motion
from .action import curves, facts, keyframes
from .rig import armature as rig
from .rig import pose

MIN_FPS, MAX_FPS = 1.0, 1000.0


def chosen_armature(context: bpy.types.Context) -> bpy.types.Object | None:
    """The armature that the selection means, checked; None if no armature is selected.

    The active one counts first. Raises InputError if it cannot take a clip, or if several are selected and none is active.
    """
    layer = context.view_layer
    selected = [item for item in layer.objects.selected if item.type == "ARMATURE"]
    if layer.objects.active in selected:
        selected = [layer.objects.active]
    if len(selected) > 1:
        raise InputError("Selection", f"{len(selected)} armatures", "one armature, or none to get a new one")
    if not selected:
        return None
    rig.check_writable(selected[0])
    return selected[0]


def apply(motion: Motion, armature: bpy.types.Object | None, scene: bpy.types.Scene, frame: int, name: str) -> str:
    """Writes `motion` as a new Action from `frame` on, at the scene's frame rate; gives the armature's name.

    None makes a new IsoDiM armature in `scene`. `name` is the Action's if the clip has no prompt. InputError, with
    nothing changed, if the armature cannot take it.
    """
    fps = scene.render.fps / scene.render.fps_base
    if not MIN_FPS <= fps <= MAX_FPS:
        raise InputError("Scene frame rate", fps, f"{MIN_FPS:g} to {MAX_FPS:g}")
    if armature is not None:
        rig.check_writable(armature)
    clip = motion.check().resampled(fps)
    target = armature or rig.make(scene)
    bones = pose.in_bone_space(clip, rig.rest_matrices(target))
    remembered = facts.of_motion(motion, fps, frame)
    keyframes.write(target, facts.action_name(motion, name), curves.of_pose(target, bones), frame, remembered)
    return target.name
