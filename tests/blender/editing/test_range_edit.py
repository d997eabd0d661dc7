"""Curves in a range are new; outside nothing that an Action plays changes, on frames and between them."""

import time

import numpy as np
import pytest

bpy = pytest.importorskip("bpy")

from contract import quaternions as q  # noqa: E402
from tests.blender.editing import played  # noqa: E402

FIRST, LAST = 21, 40
AT = np.concatenate([played.times(-10, FIRST - 1), played.times(LAST + 1, 75)])
CUT = 4e-6
"""Of a Bezier segment that was cut: Blender finds its points in 32-bit floats."""
SMOOTH = ("CONSTANT", "LINEAR", "BEZIER")
EASED = ("SINE", "QUAD", "CUBIC", "QUART", "QUINT", "EXPO", "CIRC", "BACK", "BOUNCE", "ELASTIC")
MODES = ("XYZ", "XZY", "YXZ", "YZX", "ZXY", "ZYX", "AXIS_ANGLE", "QUATERNION")


@pytest.fixture
def edit(rooms):
    return rooms("action.range_edit")


@pytest.fixture
def figure(rooms):
    """An armature with one bone, and an Action that keys its location on the frames and as the test says."""
    data = bpy.data.armatures.new("one")
    armature = bpy.data.objects.new("one", data)
    bpy.context.scene.collection.objects.link(armature)
    bpy.context.view_layer.objects.active = armature
    bpy.ops.object.mode_set(mode="EDIT")
    bone = data.edit_bones.new("bone")
    bone.tail = (0, 0, 1)
    bpy.ops.object.mode_set(mode="OBJECT")
    curves = rooms("action.curves")
    track = curves.Track('pose.bones["bone"].location', "bone", np.zeros((1, 3)), (0, 1, 2), bone="bone")
    rooms("action.keyframes").write(armature, "old", [track], 1, {})
    return armature


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


@pytest.mark.parametrize("handle", ["FREE", "ALIGNED", "VECTOR", "AUTO", "AUTO_CLAMPED"])
@pytest.mark.parametrize("interpolation", SMOOTH)
@pytest.mark.parametrize("smoothing", ["NONE", "CONT_ACCEL"])
def test_with_a_key_on_every_frame_nothing_changes_outside(rooms, edit, figure, interpolation, handle, smoothing):
    for curve in keyed(figure, np.arange(-3, 61), interpolation=interpolation, handle=handle):
        curve.auto_smoothing = smoothing
        curve.update()
    outside, inside = change(rooms, edit, figure)
    assert outside == 0.0 < inside


@pytest.mark.parametrize("interpolation", [*SMOOTH, *EASED])
@pytest.mark.parametrize("extrapolation", ["CONSTANT", "LINEAR"])
def test_borders_on_keys_keep_what_is_beyond_whatever_it_is(rooms, edit, figure, interpolation, extrapolation):
    frames = [-5, 4, 9, FIRST - 1, 26, 33.5, LAST + 1, 47, 58]
    keyed(figure, frames, interpolation=interpolation, handle="FREE", extrapolation=extrapolation)
    outside, inside = change(rooms, edit, figure)
    assert outside == 0.0 < inside


@pytest.mark.parametrize("handle", ["FREE", "ALIGNED", "VECTOR", "AUTO", "AUTO_CLAMPED"])
@pytest.mark.parametrize("interpolation", SMOOTH)
@pytest.mark.parametrize("frames", [(-5, 4, 15.25, 29, 33.5, 44.5, 58), (0, 60), (30,), (2, 9), (50, 60), (15, 50)])
def test_a_segment_that_is_cut_keeps_its_shape(rooms, edit, figure, interpolation, handle, frames):
    keyed(figure, frames, interpolation=interpolation, handle=handle)
    action = figure.animation_data.action
    before = played.values(action, AT)
    change(rooms, edit, figure)
    after = played.values(action, AT)
    limits = (
        max([time for time in frames if time < FIRST], default=-99),
        min([t for t in frames if t > LAST], default=99),
    )
    cut = (limits[0] < AT) & (limits[1] > AT) & (AT != FIRST - 1) & (AT != LAST + 1)
    for key, old in before.items():
        np.testing.assert_array_equal(after[key][~cut], old[~cut])
        assert np.abs(after[key] - old).max() <= CUT * max(1.0, np.abs(old).max())


def test_handles_that_reach_too_far_are_cut_as_blender_shortens_them(rooms, edit, figure):
    """A handle that reaches beyond the next key counts up to there."""
    keyed(figure, (4, 15.25, 29, 33.5, 44.5, 58), handle="FREE", longest=20.0)
    assert change(rooms, edit, figure)[0] < 2e-5


@pytest.mark.parametrize(
    "frames", [(0, 60), (30, 35), (2, 9), (50, 60), (30,), (FIRST - 1, LAST + 1), (FIRST - 1,), (LAST + 1,)]
)
@pytest.mark.parametrize("interpolation", SMOOTH)
def test_curves_that_go_on_linearly_go_on(rooms, edit, figure, frames, interpolation):
    keyed(figure, frames, interpolation=interpolation, handle="FREE", extrapolation="LINEAR")
    outside, _ = change(rooms, edit, figure)
    assert outside < 1e-4


@pytest.mark.parametrize("interpolation", EASED)
def test_easing_that_cannot_be_cut_is_refused_and_nothing_changes(rooms, edit, figure, interpolation):
    keyed(figure, (0, 60), interpolation=interpolation)
    before = played.values(figure.animation_data.action, np.arange(80))
    with pytest.raises(rooms("action.borders").InputError, match="easing cannot be cut"):
        replaced(edit, figure, [new_track(rooms, LAST - FIRST + 3)])
    assert played.largest_change(before, played.values(figure.animation_data.action, np.arange(80))) == (0.0, set())


def test_what_a_person_does_to_keys_outside_later_moves_no_border(rooms, edit, figure):
    """Blender places automatic handles again at every update."""
    keyed(figure, np.arange(-3, 61, 3.0), handle="AUTO_CLAMPED")
    action = figure.animation_data.action
    before = played.values(action, AT)
    replaced(edit, figure, [new_track(rooms, LAST - FIRST + 3)])
    for curve in played.curves(action).values():
        curve.update()
    assert played.largest_change(before, played.values(action, AT))[0] < 1e-5


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
    met = rooms("action.seam").met([fresh], [values[rows]], 2, LAST - FIRST + 3, 24.0, (1, 1))
    np.testing.assert_array_equal(met[0].values[[0, -1]], values[[FIRST - 1, LAST + 1]])
    replaced(edit, figure, met)
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
    action, keyframes = figure.animation_data.action, rooms("action.keyframes")
    other = action.slots.new(id_type="OBJECT", name="other")
    new_curve = keyframes.curve_maker(action, other)
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
    began = time.perf_counter()
    data = armature.animation_data
    done = edit.replace(armature, data.action, getattr(data, "action_slot", None), new, edit.Window(60, 119))
    seconds = time.perf_counter() - began
    assert done.channels == 260
    with capsys.disabled():
        print(f"\n    65 bones, 60 of 200 frames: {seconds:.3f} s")
    assert seconds < 1.0
