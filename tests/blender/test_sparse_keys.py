"""Sparse keys in Blender: its Bezier curves are the cubics that were fitted, on keys, between keys and between frames."""

import numpy as np
import pytest

from .test_keys import FIRST, FRAMES, MODES, bpy, chain, expected, fcurves, played, rooms, swaying  # noqa: F401

SCALE = 0.5


@pytest.fixture
def written(rooms, swaying):  # noqa: F811
    """An armature in all rotation modes, its channels at every half frame, and the sparse Action on it."""
    sparse = rooms.sparse
    armature = chain()
    for bone, mode in zip(armature.pose.bones, MODES, strict=True):
        bone.rotation_mode = mode
    fine = swaying(armature, 2 * FRAMES - 1, length=1.5, reach=0.5)
    channels = rooms.rest.Channels(
        *({name: v[::2] for name, v in of.items()} for of in (fine.rotations, fine.locations))
    )
    tracks = rooms.curves.of_channels(armature, channels)
    found = sparse.fit_keys(rooms.armature.rest_pose(armature), tracks, 1.0, 1.0, SCALE)
    action = rooms.keyframes.write(armature, "sparse", found.tracks, FIRST, {})
    return armature, fine, found, action


def test_the_evaluated_pose_is_within_the_bound_that_was_reported(rooms, written):  # noqa: F811
    armature, fine, found, _ = written
    wanted = expected(rooms, armature, fine)
    assert found.keys < 0.6 * found.dense
    cm, between = [], []
    for half in range(2 * FRAMES - 1):
        off = np.abs(played(armature, FIRST + half / 2) - wanted[half])[:, :3, 3]
        (between if half % 2 else cm).append(np.linalg.norm(off, axis=-1).max() / SCALE * 100)
    assert max(cm) == pytest.approx(found.cm, abs=0.01)
    assert max(between) < 2.5 * found.cm


def test_handles_are_aligned_and_stay_as_they_were_fitted(written):
    _, _, found, action = written
    curves = {(curve.data_path, curve.array_index): curve for curve in fcurves(action)}
    checked = 0
    for track in found.tracks:
        for component in track.free:
            curve = curves[track.data_path, component]
            curve.update()
            for key, frame, value, slope in zip(
                curve.keyframe_points, track.frames, track.values[:, component], track.slopes[:, component], strict=True
            ):
                assert (key.handle_left_type, key.handle_right_type, key.interpolation) == (
                    "ALIGNED",
                    "ALIGNED",
                    "BEZIER",
                )
                assert key.co[0] == FIRST + frame
                assert key.co[1] == pytest.approx(value, abs=1e-5)
                for handle in (key.handle_left, key.handle_right):
                    run, rise = handle[0] - key.co[0], handle[1] - key.co[1]
                    assert rise == pytest.approx(run * slope, abs=1e-4)
                checked += 1
    assert checked == found.keys


def test_a_second_clip_plays_and_the_first_is_kept(rooms, swaying, written):  # noqa: F811
    armature, _, _, first = written
    channels = swaying(armature, seed=5)
    second = rooms.keyframes.write(armature, "dense", rooms.curves.of_channels(armature, channels), FIRST, {})
    np.testing.assert_allclose(played(armature, FIRST + 9), expected(rooms, armature, channels)[9], atol=2e-5)
    assert armature.animation_data.action == second
    assert first.use_fake_user
    assert first.name in bpy.data.actions


def test_the_object_and_its_bones_are_in_one_slot(rooms, swaying):  # noqa: F811
    armature = chain(3)
    channels = swaying(armature)
    still = rooms.quaternions.identity(FRAMES)
    travel = rooms.rest.Travel(still, np.linspace((0.0, 0.0, 0.0), (2.0, 0.0, 0.0), FRAMES))
    channels = rooms.rest.Channels(channels.rotations, channels.locations, travel)
    tracks = rooms.curves.of_channels(armature, channels)
    found = rooms.sparse.fit_keys(rooms.armature.rest_pose(armature), tracks, 1.0, 1.0, 1.0)
    action = rooms.keyframes.write(armature, "both", found.tracks, FIRST, {})
    paths = {(slot.identifier if slot else None, path) for slot, path in rooms.slots.curve_paths(action)}
    assert len({slot for slot, _ in paths}) == 1
    assert {"location", "rotation_euler", 'pose.bones["b0"].location'} <= {path for _, path in paths}
    place = played(armature, FIRST + FRAMES - 1)
    wanted = expected(rooms, armature, channels)[-1]
    wanted[:, 0, 3] += 2.0
    np.testing.assert_allclose(place, wanted, atol=2e-5)
