"""Key poses: what an armature shows now, kept with its Action as a pose that an edit has to meet."""

from __future__ import annotations

import json

import bpy
import numpy as np

from ...common.errors import InputError
from ...common.motion.motion import Motion
from ...common.motion.skeleton import JOINTS
from ...common.wire import requests
from ..action import action_motion, apply
from ..rig import recording
from . import span as spans

_DIGITS = 6


def add(armature: bpy.types.Object, action: bpy.types.Action, scene: bpy.types.Scene) -> int:
    """The pose of now becomes a key pose at the current frame, in the place of one that was there; gives the frame."""
    pose = action_motion.pose_of(armature, action, scene)
    kept = action.isodim.key_poses
    entry = next((item for item in kept if item.frame == scene.frame_current), None)
    if entry is None:
        if len(kept) >= requests.MAX_KEY_POSES:
            raise InputError("Key poses", len(kept) + 1, f"at most {requests.MAX_KEY_POSES} in an Action")
        entry = kept.add()
    entry.frame, entry.pose = scene.frame_current, _to_json(pose)
    return entry.frame


def remove(action: bpy.types.Action, frame: int) -> None:
    """Takes the key pose at `frame` away; InputError if there is none."""
    kept = action.isodim.key_poses
    for index, entry in enumerate(kept):
        if entry.frame == frame:
            kept.remove(index)
            return
    raise InputError("Frame", frame, f"a frame with a key pose: {[entry.frame for entry in kept]}")


def inside(action: bpy.types.Action, span: spans.Span, scene: bpy.types.Scene) -> tuple[requests.KeyPose, ...]:
    """The Action's key poses in `span`, with frames counted from the Action's first. InputError for damaged ones."""
    first, fps = recording.frames_of(action).start, apply.frame_rate(scene)
    return tuple(
        requests.KeyPose(frame=entry.frame - first, pose=_from_json(entry, fps))
        for entry in sorted(action.isodim.key_poses, key=lambda entry: entry.frame)
        if span.first <= entry.frame <= span.last
    )


def _to_json(pose: Motion) -> str:
    return json.dumps(
        {"rotations": pose.rotations[0].round(_DIGITS).tolist(), "root": pose.root[0].round(_DIGITS).tolist()}
    )


def _from_json(entry: bpy.types.PropertyGroup, fps: float) -> Motion:
    try:
        stored = json.loads(entry.pose)
        rotations = np.array(stored["rotations"], np.float64).reshape(1, len(JOINTS), 4)
        root = np.array(stored["root"], np.float64).reshape(1, 3)
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(
            "Key pose at frame", entry.frame, "one that is not damaged; remove it and add it again"
        ) from error
    rotations /= np.linalg.norm(rotations, axis=-1, keepdims=True)
    return Motion(
        rotations=rotations.astype(np.float32),
        root=root.astype(np.float32),
        contacts=np.zeros((1, 4), np.float32),
        fps=fps,
    ).check()
