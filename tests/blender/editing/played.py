"""What an Action plays, curve by curve, and edits of clips made by script."""

import dataclasses

import bpy
import numpy as np

from common.motion import quaternions as q
from common.motion import seam
from common.motion.motion import Motion
from common.motion.skeleton import JOINTS


def curves(action):
    """(slot's identifier, data path, index) -> curve."""
    if bpy.app.version < (4, 4, 0):
        return {("", curve.data_path, curve.array_index): curve for curve in action.fcurves}
    return {
        (bag.slot.identifier, curve.data_path, curve.array_index): curve
        for layer in action.layers
        for strip in layer.strips
        for bag in strip.channelbags
        for curve in bag.fcurves
    }


def times(first, last, finest=4):
    """Frames from `first` to `last` and `finest` - 1 times between them, some of them odd."""
    whole = np.arange(first, last + 1.0)
    between = (
        np.concatenate([whole[:-1] + part / finest for part in range(1, finest)] + [whole[:-1] + 0.37])
        if len(whole) > 1
        else []
    )
    return np.sort(np.concatenate([whole, between]))


def values(action, at, held=None):
    """(slot, path, index) -> what each curve gives at the times `at`."""
    return {key: np.array([curve.evaluate(time) for time in at]) for key, curve in curves(action).items()}


def largest_change(before, after):
    """The largest difference of what both have, and the channels that only the second has."""
    assert not set(before) - set(after)
    change = max((float(np.abs(before[key] - after[key]).max(initial=0.0)) for key in before), default=0.0)
    return change, set(after) - set(before)


def edited(clip, start, end, seed=0, reach=0.6, drift=(0.0, 0.0, 0.0)):
    """The clip with the frames start ... end - 1 made anew, its borders met, as the backend does it."""
    random = np.random.default_rng(seed)
    time = np.arange(clip.frames)[:, None] / clip.fps
    axes = random.normal(size=(len(JOINTS), 3))
    axes /= np.linalg.norm(axes, axis=-1, keepdims=True)
    angles = reach * np.sin(3.0 * time + random.uniform(0, 6, len(JOINTS)))
    angles[:, 0] *= 0.3
    old = clip.rotations.astype(np.float64), clip.root.astype(np.float64)
    new = q.multiply(old[0], q.about(axes, angles)), old[1] + 0.1 * np.sin(2.0 * time) + np.array(drift)
    rotations, root = seam.joined(new, old, start, end, max(1, round(seam.FADE_S * clip.fps)))
    return with_pose(clip, q.continuous(q.normalized(rotations)), root)


def with_pose(clip, rotations, root):
    """The clip with another pose."""
    rotations, root = (array.astype(np.float32) for array in (rotations, root))
    return dataclasses.replace(clip, rotations=rotations, root=root).check()


def sliced(clip, frames):
    """The clip's frames `frames` (a slice)."""
    parts = {name: getattr(clip, name)[frames] for name in ("rotations", "root", "contacts")}
    return Motion(fps=clip.fps, meta=clip.meta, **parts)


def at_once(steps):
    """What steps return."""
    while True:
        try:
            next(steps)
        except StopIteration as ended:
            return ended.value
