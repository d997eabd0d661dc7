"""What a rig's bones do in armature space -> a clip on the canonical skeleton: the inverse of `retarget.py`; no bpy."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ...common.motion import quaternions
from ...common.motion.motion import Motion
from ...common.motion.skeleton import JOINTS, PARENTS
from ...common.rigs.bone_map import SIDES
from . import sharing
from .fit import Fit
from .rest import ArmaturePose
from .retarget import HIPS_OFFSET, HIPS_REST

Array = NDArray[np.float64]

_STAND_INS = {  # where a rig lacks a part: the nearest one that moves with it
    "neck": "head", "head": "neck", **{f"{side}_wrist": f"{side}_elbow" for side in SIDES},
    **{f"{side}_foot": f"{side}_ankle" for side in SIDES}, **{f"{side}_collar": "spine3" for side in SIDES},
}  # fmt: skip
_LAST = ("shoulder", "hip", "neck")
"""Slots whose last bone carries the whole turn; of the others the first does."""


def read(fit: Fit, pose: ArmaturePose, fps: float, meta: dict[str, object] | None = None) -> Motion:
    """The clip that `pose` shows: rotations of all mapped bones, and the head of the pelvis bone, at `fps` frames a second.

    What `transfer` wrote comes back; a spine of one or two bones gives the canonical joints between what its bones tell.
    """
    turns = _turns(fit, pose)
    world = np.stack([turns[name] for name in JOINTS], axis=1)
    world[..., 1:] = quaternions.rotate(quaternions.inverse(fit.wire), world[..., 1:])
    local = world.copy()
    local[:, 1:] = quaternions.multiply(quaternions.inverse(world[:, PARENTS[1:]]), world[:, 1:])
    local = quaternions.continuous(quaternions.normalized(local))
    pelvis = fit.bones("pelvis")[0]
    middle = pose.heads[pelvis] + quaternions.rotate(turns["pelvis"], fit.hips - fit.stance.rig.heads[pelvis])
    hips = HIPS_REST + quaternions.rotate(quaternions.inverse(fit.wire), middle - fit.stood) / fit.scale
    root = hips - quaternions.rotate(world[:, 0], HIPS_OFFSET)
    return Motion(
        rotations=local.astype(np.float32),
        root=root.astype(np.float32),
        contacts=np.zeros((len(root), 4), np.float32),
        fps=fps,
        meta=meta or {},
    )


def _turns(fit: Fit, pose: ArmaturePose) -> dict[str, Array]:
    """Canonical joint -> [frame, 4], armature space: its turn against the T-pose."""
    found = {}
    for slot in fit.bone_map.slots:
        bones = fit.bones(slot)
        if slot != "spine" and bones:
            bone = bones[-1] if slot.endswith(_LAST) else bones[0]
            found[slot] = _turn(fit, pose, slot, bone)
    chain = fit.bones("spine")
    if chain:
        spine = np.stack([_turn(fit, pose, "spine", bone) for bone in chain], axis=1)
        spine = sharing.gather_spine(spine, sharing.arc(fit.stance.rig.heads[list(chain)]))
    else:
        spine = np.stack([found["pelvis"]] * 3, axis=1)
    found |= {f"spine{place + 1}": spine[:, place] for place in range(3)}
    for slot, other in _STAND_INS.items():
        found.setdefault(slot, found.get(other, found["spine3"]))
    return found


def _turn(fit: Fit, pose: ArmaturePose, slot: str, bone: int) -> Array:
    return quaternions.multiply(pose.rotations[bone], quaternions.inverse(fit.base(slot, bone)))
