"""A figure of one bone whose keys are made at random, and a range put into them."""

import numpy as np

from tests.blender.editing import played

FIRST, LAST = 21, 40
AT = np.concatenate([played.times(-10, FIRST - 1), played.times(LAST + 1, 75)])
CUT = 4e-6
"""Of a Bezier segment that was cut: Blender finds its points in 32-bit floats."""


def keyed(armature, frames, seed=0, interpolation="BEZIER", handle=None, extrapolation="CONSTANT", longest=3.0):
    """Random keys at `frames` on all three curves; gives the curves."""
    random = np.random.default_rng(seed)
    found = list(played.curves(armature.animation_data.action).values())
    for curve in found:
        keys = curve.keyframe_points
        keys.clear()
        keys.add(len(frames))
        keys.foreach_set("co", np.stack([frames, random.normal(size=len(frames))], -1).astype(np.float32).ravel())
        for key in keys:
            key.interpolation = interpolation
            if handle:
                key.handle_left_type = key.handle_right_type = handle
            if handle in ("FREE", "ALIGNED"):
                reach = random.uniform(0.3, longest)
                key.handle_left = key.co[0] - reach, key.co[1] - random.normal()
                key.handle_right = key.co[0] + reach, key.co[1] + random.normal()
        curve.extrapolation = extrapolation
        curve.update()
    return found


def new_track(rooms, count, path='pose.bones["bone"].location', **options):
    values = np.random.default_rng(9).normal(size=(count, 3)).cumsum(axis=0)
    return rooms("action.curves").Track(path, "bone", values, (0, 1, 2), bone="bone", **options)


def replaced(edit, armature, tracks, **window):
    data = armature.animation_data
    slot = getattr(data, "action_slot", None)
    return edit.replace(armature, data.action, slot, tracks, edit.Window(FIRST, LAST, **window))


def change(rooms, edit, armature, track=None):
    """The largest change outside, and inside, of putting a dense track."""
    action = armature.animation_data.action
    before, inside = played.values(action, AT), played.values(action, range(FIRST, LAST + 1))
    track = track or new_track(rooms, LAST - FIRST + 3)
    replaced(edit, armature, [track])
    outside, more = played.largest_change(before, played.values(action, AT))
    assert not more
    after = played.values(action, range(FIRST, LAST + 1))
    for (_, _, index), found in after.items():
        if track.frames is None:
            np.testing.assert_array_equal(found, track.values[1:-1, index].astype(np.float32))
    return outside, played.largest_change(inside, after)[0]
