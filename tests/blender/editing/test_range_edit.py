"""Curves in a range are new; outside nothing that an Action plays changes, on frames and between them."""

import numpy as np
import pytest

bpy = pytest.importorskip("bpy")

from tests.blender.editing import played  # noqa: E402
from tests.blender.editing.keyed_figure import (  # noqa: E402
    AT,
    CUT,
    FIRST,
    LAST,
    change,
    keyed,
    new_track,
    replaced,
)

SMOOTH = ("CONSTANT", "LINEAR", "BEZIER")
EASED = ("SINE", "QUAD", "CUBIC", "QUART", "QUINT", "EXPO", "CIRC", "BACK", "BOUNCE", "ELASTIC")


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


def no_key(figure):
    keyed(figure, np.arange(-3, 61, 3.0))[1].keyframe_points[2].co[1] = np.nan
    return "location"


def no_pose(figure):
    figure.pose.bones["bone"].scale[2] = np.nan
    return "scale"


@pytest.mark.parametrize("spoil", [no_key, no_pose])
def test_what_is_no_number_already_is_told_and_nothing_changes(rooms, edit, figure, spoil):
    path = f'pose.bones["bone"].{spoil(figure)}'
    action = figure.animation_data.action
    before = played.curves(action).keys(), played.values(action, np.arange(80))
    with pytest.raises(rooms("action.borders").InputError, match="no number in pose"):
        replaced(edit, figure, [new_track(rooms, LAST - FIRST + 3, path)])
    assert played.curves(action).keys() == before[0]
    for key, values in played.values(action, np.arange(80)).items():
        np.testing.assert_array_equal(values, before[1][key])
