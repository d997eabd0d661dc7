"""What a range does to channels of every kind: unkeyed, muted, switches, few keys, rotations, other slots."""

import time

import numpy as np
import pytest

bpy = pytest.importorskip("bpy")

from common.motion import quaternions as q  # noqa: E402
from tests.blender.editing import played  # noqa: E402
from tests.blender.editing.keyed_figure import (  # noqa: E402
    AT,
    FIRST,
    LAST,
    change,
    keyed,
    new_track,
    replaced,
)

MODES = ("XYZ", "XZY", "YXZ", "YZX", "ZXY", "ZYX", "AXIS_ANGLE", "QUATERNION")


def test_channels_without_keys_hold_their_value_outside(rooms, edit, figure):
    bone = figure.pose.bones["bone"]
    bone.scale = 1.5, 0.7, 2.0
    change(rooms, edit, figure)
    action = figure.animation_data.action
    replaced(edit, figure, [new_track(rooms, LAST - FIRST + 3, 'pose.bones["bone"].scale')])
    for (_, path, index), curve in played.curves(action).items():
        if path.endswith("scale"):
            assert {curve.evaluate(time) for time in AT} == {np.float32((1.5, 0.7, 2.0)[index])}
            assert len({curve.evaluate(time) for time in range(FIRST, LAST)}) > 5


def test_muted_locked_and_modified_curves(rooms, edit, figure):
    curves = keyed(figure, np.arange(0, 61))
    curves[0].mute = True
    curves[1].lock = True
    before = played.values(figure.animation_data.action, np.arange(70))
    done = replaced(edit, figure, [new_track(rooms, LAST - FIRST + 3)])
    after = played.values(figure.animation_data.action, np.arange(70))
    assert [key[2] for key in after if not np.array_equal(after[key], before[key])] == [2]
    assert done.channels == 1 and done.skipped == ('pose.bones["bone"].location',)
    curves[2].modifiers.new("CYCLES")
    with pytest.raises(rooms("action.borders").InputError, match="modifier CYCLES"):
        replaced(edit, figure, [new_track(rooms, LAST - FIRST + 3)])
    curves[2].modifiers[0].mute = True
    replaced(edit, figure, [new_track(rooms, LAST - FIRST + 3)])


def test_an_open_side_is_replaced_to_its_end(rooms, edit, figure):
    keyed(figure, np.arange(0, 61))
    action = figure.animation_data.action
    early = AT[AT < FIRST]
    before = played.values(action, early)
    replaced(edit, figure, [new_track(rooms, LAST - FIRST + 2)], open_end=True)
    assert played.largest_change(before, played.values(action, early)) == (0.0, set())
    assert tuple(action.frame_range) == (0.0, LAST)
    replaced(edit, figure, [new_track(rooms, LAST - FIRST + 1)], open_start=True, open_end=True)
    assert tuple(action.frame_range) == (FIRST, LAST)


def test_a_switch_has_its_value_in_the_range_only(rooms, edit, figure):
    figure.pose.bones["bone"]["IK_FK"] = 0.25
    track = rooms("action.curves").Track(
        'pose.bones["bone"]["IK_FK"]', "Switches", np.array([[1.0]]), (0,), frames=np.zeros(1, np.int64), constant=True
    )
    replaced(edit, figure, [track])
    curve = next(c for (_, path, _), c in played.curves(figure.animation_data.action).items() if "IK_FK" in path)
    assert {curve.evaluate(time) for time in AT} == {0.25}
    assert {curve.evaluate(time) for time in played.times(FIRST, LAST)} == {1.0}
    count = len(curve.keyframe_points)
    replaced(edit, figure, [track])
    assert len(curve.keyframe_points) == count


def test_few_keys_are_put_as_they_were_fitted(rooms, edit, figure):
    keyed(figure, np.arange(0, 61))
    frames = np.array([0, 5, 12, LAST - FIRST + 2])
    values = np.random.default_rng(3).normal(size=(4, 3))
    slopes = np.random.default_rng(4).normal(size=(4, 3)) * 0.1
    track = rooms("action.curves").Track(
        'pose.bones["bone"].location', "bone", values, (0, 1, 2), bone="bone", frames=frames, slopes=slopes
    )
    outside, _ = change(rooms, edit, figure, track)
    assert outside == 0.0
    for (_, _, index), curve in played.curves(figure.animation_data.action).items():
        inside = [key for key in curve.keyframe_points if FIRST <= key.co[0] <= LAST]
        assert [key.co[0] for key in inside] == [FIRST + 4, FIRST + 11]
        for row, key in enumerate(inside, start=1):
            rise = (key.handle_right[1] - key.co[1]) / (key.handle_right[0] - key.co[0])
            assert rise == pytest.approx(slopes[row, index], rel=1e-3)


@pytest.mark.parametrize("mode", MODES)
def test_rotations_go_on_without_a_turn_between(rooms, edit, figure, mode):
    """Old numbers of another sign or a turn further: the new ones begin near them, and never sweep through a turn."""
    bone, modes = figure.pose.bones["bone"], rooms("action.rotation_modes")
    bone.rotation_mode = mode
    count = 61
    turns = q.about((0.3, 0.2, 0.933), np.linspace(0.0, 9.0, count) + 6.0)
    start = {"QUATERNION": -turns[0], "AXIS_ANGLE": np.array([6.0, 0.3, 0.2, 0.933])}.get(mode, np.full(3, 2 * np.pi))
    values = modes.from_quaternions(mode, turns, start=start)
    path = f'pose.bones["bone"].{modes.CHANNELS[mode]}'
    track = rooms("action.curves").Track(path, "bone", values, tuple(range(values.shape[1])), bone="bone", mode=mode)
    action = rooms("action.keyframes").write(figure, "turns", [track], 0, {})
    before = played.values(action, AT)
    rows = slice(FIRST - 2, LAST + 3)
    wobble = q.multiply(turns[rows], q.about((0.0, 1.0, 0.0), 0.5 * np.sin(np.arange(LAST - FIRST + 5) / 3.0)))
    fresh = rooms("action.curves").Track(
        path, "bone", modes.from_quaternions(mode, wobble), track.free, bone="bone", mode=mode
    )
    blended = rooms("action.seam").blended([fresh], [values[rows]], 2, LAST - FIRST + 3, 24.0, (1, 1))
    np.testing.assert_array_equal(blended[0].values[[0, -1]], values[[FIRST - 1, LAST + 1]])
    replaced(edit, figure, blended)
    assert played.largest_change(before, played.values(action, AT)) == (0.0, set())
    fine = np.arange(FIRST - 1, LAST + 1.01, 0.125)
    shown = np.stack([curve for _, curve in sorted(played.values(action, fine).items())], axis=-1)
    steps = q.angle_between(*(modes.to_quaternions(mode, shown[part]) for part in (slice(None, -1), slice(1, None))))
    assert np.degrees(steps).max() < 8.0


def test_a_sign_that_cannot_be_met_is_held_not_swept(rooms, edit, figure):
    path = 'pose.bones["bone"].rotation_quaternion'
    still = np.tile((1.0, 0.0, 0.0, 0.0), (61, 1))
    old = rooms("action.curves").Track(path, "bone", still, (0, 1, 2, 3), bone="bone", mode="QUATERNION")
    action = rooms("action.keyframes").write(figure, "still", [old], 0, {})
    values = q.about((0.0, 0.0, 1.0), np.linspace(0.0, 2 * np.pi, LAST - FIRST + 3))
    values[-1] = still[0]
    new = rooms("action.curves").Track(path, "bone", values, (0, 1, 2, 3), bone="bone", mode="QUATERNION")
    assert edit.jumps(new)
    replaced(edit, figure, [new])
    between = {key[2]: value for key, value in played.values(action, [LAST + 0.5]).items()}
    np.testing.assert_allclose([between[axis][0] for axis in range(4)], values[-2], atol=1e-6)


def test_slots_of_others_are_left_alone(rooms, edit, figure):
    if bpy.app.version < (4, 4, 0):
        pytest.skip("slots since Blender 4.4")
    keyed(figure, np.arange(0, 61))
    action = figure.animation_data.action
    other = action.slots.new(id_type="OBJECT", name="other")
    new_curve = rooms("slots").curve_maker(action, other)
    curve = new_curve('pose.bones["bone"].location', 0, "bone")
    curve.keyframe_points.insert(30, 5.0)
    before = played.values(action, np.arange(70))
    replaced(edit, figure, [new_track(rooms, LAST - FIRST + 3)])
    after = played.values(action, np.arange(70))
    for key, values in before.items():
        assert (key[0] == other.identifier) == np.array_equal(values, after[key])


def test_65_bones_and_60_frames_take_a_tenth_of_a_second(rooms, edit, capsys):
    """The goal on a quiet machine; the test only catches a lost order of magnitude."""
    data = bpy.data.armatures.new("many")
    armature = bpy.data.objects.new("many", data)
    bpy.context.scene.collection.objects.link(armature)
    bpy.context.view_layer.objects.active = armature
    bpy.ops.object.mode_set(mode="EDIT")
    for number in range(65):
        data.edit_bones.new(f"b{number}").tail = (0, 0, 1)
    bpy.ops.object.mode_set(mode="OBJECT")
    random = np.random.default_rng(0)

    def tracks(frames):
        return [
            rooms("action.curves").Track(
                f'pose.bones["b{number}"].rotation_quaternion', f"b{number}", q.normalized(random.normal(size=(frames, 4))),
                (0, 1, 2, 3), bone=f"b{number}", mode="QUATERNION",
            )
            for number in range(65)
        ]  # fmt: skip

    rooms("action.keyframes").write(armature, "many", tracks(200), 1, {})
    new = tracks(62)
    began = time.process_time()
    data = armature.animation_data
    done = edit.replace(armature, data.action, getattr(data, "action_slot", None), new, edit.Window(60, 119))
    seconds = time.process_time() - began
    assert done.channels == 260
    with capsys.disabled():
        print(f"\n    65 bones, 60 of 200 frames: {seconds:.3f} s")
    assert seconds < 1.0
