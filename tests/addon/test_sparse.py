"""Few Bezier keys stay within their bounds, whatever the rotation mode; what is reported is what is played."""

import dataclasses
import itertools
import time

import numpy as np
import pytest
from isodim.common.errors import InputError
from isodim.common.motion import quaternions
from isodim.common.rigs.rig import Rig
from isodim.isodim_blender.action import hermite, rotation_modes, sparse
from isodim.isodim_blender.action.curves import Track
from isodim.isodim_blender.rig.kinematics import Kinematics, posed
from isodim.isodim_blender.rig.rest import Channels, RestPose

MODES = (*rotation_modes.EULER, "AXIS_ANGLE", "QUATERNION")


def chains(count=9, length=4, seed=0):
    """A rest pose of chains of `length` bones that grow from the first bone, rolled at random; units of a third of a metre."""
    random = np.random.default_rng(seed)
    parents = [-1, *(0 if (bone - 1) % length == 0 else bone - 1 for bone in range(1, count))]
    heads = np.zeros((count, 3))
    for bone in range(1, count):
        heads[bone] = heads[parents[bone]] + random.normal(0.0, 0.5, 3)
    rig = Rig(tuple(f"b{bone}" for bone in range(count)), tuple(parents), heads, heads + np.array((0.0, 0.0, 0.5)))
    turns = quaternions.normalized(random.normal(size=(count, 4)))
    yes = np.ones(count, bool)
    return RestPose(rig, turns, yes, ~yes, yes)


def swaying(rest, frames=120, fps=24.0, modes=MODES, seed=1):
    """Tracks of every bone's rotation and the first one's location, as smooth as people move."""
    random = np.random.default_rng(seed)
    names = rest.rig.names
    t = np.arange(frames)[:, None, None] / fps
    axes = random.normal(size=(len(names), 3)) + 0.5 * np.sin(t * random.uniform(2, 6, (len(names), 3)))
    axes /= np.linalg.norm(axes, axis=-1, keepdims=True)
    angles = 0.6 * np.sin(t[..., 0] * random.uniform(2, 8, len(names)) + random.uniform(0, 6, len(names)))
    turns = quaternions.about(axes, angles)
    way = np.stack([t[:, 0, 0], np.sin(3 * t[:, 0, 0]), 0.2 * np.cos(9 * t[:, 0, 0])], axis=-1)
    tracks = [Track("location", names[0], way, (0, 1, 2), names[0])]
    for bone, name in enumerate(names):
        mode = modes[bone % len(modes)]
        values = rotation_modes.from_quaternions(mode, turns[:, bone])
        tracks.append(Track("rotation", name, values, tuple(range(values.shape[1])), name, mode))
    return tracks


def evaluated(track, frames):
    """[frame, component]: a fitted track on whole frames as Blender's Bezier curves have it (de Casteljau)."""
    result = np.empty((frames, track.values.shape[1]))
    result[track.frames] = track.values
    for key in range(len(track.frames) - 1):
        first, last = track.frames[key], track.frames[key + 1]
        third = (last - first) / 3
        points = [
            track.values[key],
            track.values[key] + third * track.slopes[key],
            track.values[key + 1] - third * track.slopes[key + 1],
            track.values[key + 1],
        ]
        for frame in range(first + 1, last):
            amount, level = (frame - first) / (last - first), points
            while len(level) > 1:
                level = [(1 - amount) * a + amount * b for a, b in itertools.pairwise(level)]
            result[frame] = level[0]
    return result


def pose(rest, tracks):
    moved = Channels({}, {})
    for track in tracks:
        if track.mode:
            moved.rotations[track.bone] = rotation_modes.to_quaternions(track.mode, track.values)
        else:
            moved.locations[track.bone] = track.values
    return moved, Kinematics(rest, posed(rest, moved)).heads(range(len(rest.rig.names)))


@pytest.mark.parametrize(("max_degrees", "max_cm"), [(0.5, 0.5), (2.0, 1e9), (180.0, 0.3), (0.05, 0.05)])
def test_the_bounds_hold_and_the_report_is_what_is_played(max_degrees, max_cm):
    rest, scale = chains(), 3.0
    tracks = swaying(rest)
    found = sparse.fit_keys(rest, tracks, max_degrees, max_cm, scale)
    played = [dataclasses.replace(track, values=evaluated(track, 120)) for track in found.tracks]
    (wanted, places), (moved, moved_places) = pose(rest, tracks), pose(rest, played)
    degrees = max(
        np.degrees(quaternions.angle_between(wanted.rotations[name], moved.rotations[name])).max()
        for name in wanted.rotations
    )
    cm = np.linalg.norm(places - moved_places, axis=-1).max() / scale * 100
    assert (found.degrees, found.cm) == pytest.approx((degrees, cm), abs=1e-6)
    assert 0 < found.degrees <= max_degrees
    assert 0 < found.cm <= max_cm
    assert found.dense == 120 * (3 + sum(4 - (mode in rotation_modes.EULER) for mode in (*MODES, "XYZ")))
    assert found.keys == sum(track.values.size for track in found.tracks)


def test_a_wider_bound_needs_fewer_keys():
    rest = chains()
    tracks = swaying(rest)
    counts = [sparse.fit_keys(rest, tracks, bound, bound, 3.0).keys for bound in (0.05, 0.2, 1.0, 5.0)]
    assert counts == sorted(counts, reverse=True)
    assert counts[3] < 0.3 * counts[0]


def test_keys_that_are_not_needed_are_taken_out_again(monkeypatch):
    rest = chains()
    tracks = swaying(rest)
    found = sparse.fit_keys(rest, tracks, 0.5, 0.5, 3.0)
    monkeypatch.setattr(sparse, "_PASSES", 0)
    assert found.keys < 0.9 * sparse.fit_keys(rest, tracks, 0.5, 0.5, 3.0).keys


def test_what_a_cubic_can_say_needs_two_keys():
    frames = np.arange(60) / 59
    way = np.stack([frames**3 - frames, 1 + frames, 0 * frames], axis=-1)
    rest = chains(1)
    found = sparse.fit_keys(rest, [Track("location", "b0", way, (0, 1, 2), "b0")], 1.0, 0.4, 1.0)
    assert found.tracks[0].frames.tolist() == [0, 59]
    assert found.cm < 0.2


def test_slopes_are_the_least_squares_solution():
    """Against a dense solver over the whole basis, with the same weak pull to the guess."""
    random = np.random.default_rng(0)
    values, guess = random.normal(size=(40, 2)), random.normal(size=(40, 2))
    keys = np.array([0, 7, 12, 13, 20, 39])
    basis = np.zeros((40, len(keys)))
    for key, frame in enumerate(keys):
        for other in (key - 1, key + 1):
            if not 0 <= other < len(keys):
                continue
            inside = np.arange(*sorted((frame, keys[other])))
            h = keys[other] - frame
            u = (inside - frame) / h
            basis[inside, key] = h * u * (1 - u) ** 2
    ends, chord = values[keys], np.empty_like(values)
    for key, (first, last) in enumerate(itertools.pairwise(keys)):
        u = ((np.arange(first, last + 1) - first) / (last - first))[:, None]
        chord[first : last + 1] = ends[key] + (ends[key + 1] - ends[key]) * u * u * (3 - 2 * u)
    pull = np.sqrt(hermite._PRIOR) * np.eye(len(keys))
    wanted = np.linalg.lstsq(
        np.concatenate([basis, pull]), np.concatenate([values - chord, pull @ guess[keys]]), rcond=None
    )[0]
    slopes, curve = hermite.fit(values, guess, keys)
    np.testing.assert_allclose(slopes, wanted, atol=0.02)
    np.testing.assert_allclose(curve, chord + basis @ slopes, atol=1e-12)
    np.testing.assert_array_equal(curve[keys], values[keys])


def test_neighbouring_curves_do_not_feel_each_other():
    random = np.random.default_rng(0)
    values, guess = random.normal(size=(2, 30, 1)), random.normal(size=(2, 30, 1))
    keys = np.array([0, 11, 29])
    together = hermite.fit(values.reshape(60, 1), guess.reshape(60, 1), np.concatenate([keys, 30 + keys]))[1]
    alone = [hermite.fit(values[row], guess[row], keys)[1] for row in range(2)]
    np.testing.assert_allclose(together.reshape(2, 30, 1), alone, atol=1e-12)


def test_switches_objects_and_locked_components_pass_through():
    rest = chains(1)
    way = np.stack([np.sin(np.arange(50) / 5), np.full(50, 0.25), np.arange(50) / 10], axis=-1)
    tracks = [
        Track("location", "Object Transforms", 100 * way, (0, 2), scale=(100.0, 100.0, 100.0)),
        Track("ik", "Switches", np.ones((1, 1)), (0,), frames=np.zeros(1, np.int64), constant=True),
    ]
    found = sparse.fit_keys(rest, tracks, 1.0, 1.0, 1.0)
    assert found.tracks[1] is tracks[1]
    assert found.tracks[0].free == (0, 2)
    assert set(found.tracks[0].values[:, 1]) == {25.0}
    metre = sparse.fit_keys(rest, [dataclasses.replace(tracks[0], values=way, scale=(1.0, 1.0, 1.0))], 1.0, 1.0, 1.0)
    assert found.tracks[0].frames.tolist() == metre.tracks[0].frames.tolist()
    off = np.linalg.norm(evaluated(found.tracks[0], 50) - 100 * way, axis=-1).max()
    assert off == pytest.approx(found.cm, abs=1e-9)
    assert 0 < found.cm <= 1.0


@pytest.mark.parametrize("scale", [(1.0, 1.0, 1.0), (0.01, 0.01, 0.01), (-2.0, 1.0, 0.5)])
def test_the_bound_holds_with_what_the_object_does(scale):
    rest = chains()
    t = np.arange(120) / 24
    turns = quaternions.about(np.broadcast_to((0.0, 0.0, 1.0), (120, 3)), 1.2 * np.sin(2 * t))
    way = np.stack([t, np.sin(3 * t), 0 * t], axis=-1) * max(map(abs, scale))
    tracks = [
        *swaying(rest),
        Track("location", "Object Transforms", way, (0, 1, 2), scale=scale),
        Track("rotation_quaternion", "Object Transforms", turns, (0, 1, 2, 3), mode="QUATERNION", scale=scale),
    ]
    found = sparse.fit_keys(rest, tracks, 10.0, 0.3, 3.0)

    def world(moving):
        *bones, place, turn = moving
        return quaternions.rotate(turn.values[:, None], pose(rest, bones)[1] * scale) + place.values[:, None]

    played = [dataclasses.replace(track, values=evaluated(track, 120)) for track in found.tracks]
    played[-1] = dataclasses.replace(played[-1], values=quaternions.normalized(played[-1].values))
    off = np.linalg.norm(world(played) - world(tracks), axis=-1).max() / max(map(abs, scale)) / 3.0 * 100.0
    assert 0 < off <= found.cm + 1e-6
    assert found.cm <= 0.3


def test_the_bound_holds_for_what_hangs_on_keyed_bones():
    rest = chains(17, 8)
    tracks = [track for track in swaying(rest) if track.bone in ("b0", "b1", "b2", "b9")]
    found = sparse.fit_keys(rest, tracks, 10.0, 0.3, 3.0)
    played = [dataclasses.replace(track, values=evaluated(track, 120)) for track in found.tracks]
    off = np.linalg.norm(pose(rest, played)[1] - pose(rest, tracks)[1], axis=-1).max() / 3.0 * 100.0
    assert 0 < off <= 0.31


@pytest.mark.parametrize("frames", [1, 2, 3])
def test_the_shortest_clips_are_kept_whole(frames):
    rest = chains(3)
    tracks = swaying(rest, frames, fps=2.0)
    found = sparse.fit_keys(rest, tracks, 0.01, 0.01, 1.0)
    for before, after in zip(tracks, found.tracks, strict=True):
        np.testing.assert_allclose(evaluated(after, frames), before.values, atol=1e-3)


@pytest.mark.parametrize(("degrees", "cm"), [(0.0, 1.0), (1.0, -1.0), (float("nan"), 1.0)])
def test_a_bound_of_nothing_is_refused(degrees, cm):
    rest = chains(1)
    with pytest.raises(InputError, match="above 0"):
        sparse.fit_keys(rest, swaying(rest), degrees, cm, 1.0)


def test_65_bones_and_200_frames_are_fitted_fast(record_property):
    """The goal is 1 s on a quiet machine; the test only catches a lost order of magnitude."""
    rest = chains(65)
    tracks = swaying(rest, 200, modes=("QUATERNION", "XYZ"))
    began = time.process_time()
    found = sparse.fit_keys(rest, tracks, 0.5, 0.5, 1.0)
    seconds = time.process_time() - began
    record_property("seconds", seconds)
    print(
        f"65 bones: {seconds:.2f} s, {found.keys} of {found.dense} keys, {found.degrees:.2f} degrees, {found.cm:.2f} cm"
    )
    assert seconds < 10.0
