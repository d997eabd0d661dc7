"""Loops, paths, mixes, scores: whole clips through the real operators."""

import dataclasses

import numpy as np
import pytest

bpy = pytest.importorskip("bpy")

from tests.blender.editing.conftest import FPS, values  # noqa: E402
from tools.rigs import build, description  # noqa: E402


@pytest.fixture
def good(stand_in):
    stand_in("good")


def curve_of(points):
    data = bpy.data.curves.new("Way", "CURVE")
    data.dimensions = "3D"
    spline = data.splines.new("POLY")
    spline.points.add(len(points) - 1)
    spline.points.foreach_set("co", np.array([(*point, 1.0) for point in points], np.float32).ravel())
    way = bpy.data.objects.new("Way", data)
    bpy.context.scene.collection.objects.link(way)
    return way


@pytest.mark.parametrize("root", ["HIPS", "OBJECT"])
def test_a_loop_that_travels_neither_rises_nor_sinks(rooms, good, root):
    armature = build.build(description.describe("ue5", rolls_seed=3), place="turned")
    bpy.context.scene.isodim.root = root
    bpy.ops.isodim.loop(prompt="a person walks", seconds=1.0, travel=True)
    for curve in rooms("editing.span").curves_of(armature, armature.animation_data.action):
        for modifier in list(curve.modifiers):
            curve.modifiers.remove(modifier)
    action = armature.animation_data.action
    fitted = rooms("rig.rigged").Rigged.of(armature).fit
    up = np.array(armature.matrix_world.to_3x3().normalized()) @ fitted.up
    curves = rooms("editing.span").curves_of(armature, action)
    carriers = [curve for curve in curves if curve.data_path.endswith("location")]
    for curve in carriers:  # what planting may leave: the last key is off by something in every axis
        curve.keyframe_points[-1].co.y += 0.7
    rooms("editing.cycles").repeat(armature, True)
    places = []
    for period in (0, 1, 7):
        bpy.context.scene.frame_set(1 + period * FPS)
        pelvis = armature.pose.bones[fitted.rest.rig.names[fitted.bones("pelvis")[0]]]
        places.append(np.array(armature.matrix_world @ pelvis.head))
    assert abs((places[2] - places[0]) @ up) < 1e-4
    np.testing.assert_allclose(places[2] - places[0], 7 * (places[1] - places[0]), atol=1e-3)
    assert np.linalg.norm(places[1] - places[0]) > 0.1


@pytest.mark.parametrize("travel", [False, True])
def test_a_loop_repeats_on_every_curve_that_moves(rooms, session, good, travel):
    armature = build.build(description.describe("mixamo", rolls_seed=1), mixed_modes=True)
    assert bpy.ops.isodim.loop(prompt="a person walks", seconds=1.3, travel=travel) == {"FINISHED"}
    action = armature.animation_data.action
    period = round(1.3 * FPS)
    assert tuple(action.frame_range) == (1.0, 1.0 + period)
    first, last = values(action, rooms, (1, 1 + period)), values(action, rooms, (1 + 2 * period, 1 + 3 * period))
    moving = 0
    for _, curve in rooms("slots").curves_of(action):
        changes = np.ptp([key.co.y for key in curve.keyframe_points]) > 1e-6
        key = curve.data_path, curve.array_index
        assert [item.type for item in curve.modifiers] == (["CYCLES"] if changes else [])
        moving += changes
        if changes and not (travel and curve.data_path.endswith("location")):
            np.testing.assert_allclose(first[key], last[key], atol=1e-5)
            assert curve.modifiers[0].mode_after == "REPEAT"
        elif changes:
            assert curve.modifiers[0].mode_after == "REPEAT_OFFSET"
            step = first[key][1] - first[key][0]
            np.testing.assert_allclose(last[key], first[key] + 2 * step, atol=1e-4)
    assert moving > 1
    assert f"{moving} curves" in session.delivered.outcome.lines[0]
    assert max(rooms("editing.cycles").seam(armature, bpy.context.scene)) < 1.1


def test_a_clip_follows_a_curve_where_the_armature_stands(extension, rooms, session, mixamo, good):
    mixamo.scale = mixamo.scale * 0.5
    bpy.context.view_layer.update()
    way = curve_of([(0, 0, 0), (1, 0, 0), (1, 2, 0), (3, 2, 1)])
    way.location = (4.0, -3.0, 0.0)
    bpy.context.view_layer.update()
    old = mixamo.animation_data.action
    assert bpy.ops.isodim.follow_path(curve="Way", prompt="a person walks") == {"FINISHED"}
    assert mixamo.animation_data.action != old
    assert session.delivered.outcome.lines == ("Path: 1.5 cm off at most",)
    fitted = rooms("rig.rigged").Rigged.of(mixamo).fit
    up = np.array(mixamo.matrix_world.to_3x3().normalized()) @ fitted.up
    wanted = np.array([way.matrix_world @ point.co.to_3d() for point in way.data.splines[0].points])
    for frame, corner in zip(np.linspace(1, mixamo.animation_data.action.frame_range[1], 4), wanted, strict=True):
        bpy.context.scene.frame_set(int(frame), subframe=frame % 1)
        legs = [
            mixamo.matrix_world @ mixamo.pose.bones[name].head
            for name in ("mixamorig:LeftUpLeg", "mixamorig:RightUpLeg")
        ]
        hips = np.mean(legs, axis=0)
        off = hips - corner
        assert np.linalg.norm(off - (off @ up) * up) < 0.06
    assert bpy.ops.isodim.discard() == {"FINISHED"}
    assert mixamo.animation_data.action == old


def walks(rooms, armature):
    """A clip that goes a quarter of a circle with a sway, put on the armature; the circle [place, 2] on the wire's axes."""
    motion = rooms("action.action_motion").motion_of(armature, armature.animation_data.action, bpy.context.scene)
    turn = np.linspace(0.0, np.pi / 2, motion.frames)
    root = np.array(motion.root)
    root[:, 0], root[:, 2] = 3.0 * (1.0 - np.cos(turn)), 3.0 * np.sin(turn)
    root[:, 0] += 0.03 * np.sin(np.arange(motion.frames))
    moved = dataclasses.replace(motion, root=root.astype(np.float32))
    rooms("action.apply").apply(moved, armature, bpy.context.scene, 1, "walk")
    turn = np.linspace(0.0, np.pi / 2, 500)
    return np.stack([3.0 * (1.0 - np.cos(turn)), 3.0 * np.sin(turn)], axis=-1)


def off(points, line):
    """[point]: how far each is from the nearest of a dense line, m."""
    return np.linalg.norm(np.asarray(points)[:, None] - line[None], axis=-1).min(axis=1)


def test_a_curve_laid_through_a_clip_is_its_own_path(rooms, mixamo):
    way = walks(rooms, mixamo)
    assert bpy.ops.isodim.lay_path() == {"FINISHED"}
    curve = bpy.context.scene.isodim.edit.curve
    assert curve.type == "CURVE" and bpy.context.object == mixamo
    points = np.array(rooms("editing.root_path").points_of(curve, mixamo))
    assert off(points, way).max() < 0.05
    np.testing.assert_allclose(points[[0, -1]], way[[0, -1]], atol=0.05)
    assert len(curve.data.splines[0].bezier_points) < 12
    heights = [
        (mixamo.matrix_world.inverted() @ curve.matrix_world @ p.co) for p in curve.data.splines[0].bezier_points
    ]
    fitted = rooms("rig.rigged").Rigged.of(mixamo).fit
    np.testing.assert_allclose(np.array(heights) @ fitted.up, fitted.floor, atol=0.1 * fitted.scale)


def test_a_curve_that_is_dragged_is_what_is_followed(rooms, session, mixamo, good):
    walks(rooms, mixamo)
    bpy.ops.isodim.lay_path()
    curve = bpy.context.scene.isodim.edit.curve
    last = curve.data.splines[0].bezier_points[-1]
    last.co = last.co + rooms("rig.rigged").Rigged.of(mixamo).fit.scale * last.co.__class__((1.0, 0.0, 0.0))
    assert bpy.ops.isodim.follow_path(prompt="a person walks") == {"FINISHED"}
    wanted = rooms("editing.root_path").points_of(curve, mixamo)
    found = rooms("action.action_motion").motion_of(mixamo, mixamo.animation_data.action, bpy.context.scene)
    assert np.linalg.norm(np.array(wanted[-1]) - np.asarray(found.root)[-1, [0, 2]]) < 0.1


def test_the_next_curve_takes_the_place_of_the_last(rooms, mixamo):
    walks(rooms, mixamo)
    bpy.ops.isodim.lay_path()
    first = bpy.context.scene.isodim.edit.curve
    bpy.ops.isodim.lay_path()
    assert bpy.context.scene.isodim.edit.curve == first and len(bpy.data.curves) == 1
    bpy.context.scene.isodim.edit.curve = mine = curve_of([(0, 0, 0), (1, 0, 0)])
    bpy.ops.isodim.lay_path()
    assert bpy.context.scene.isodim.edit.curve not in (first, mine) and len(mine.data.splines[0].points) == 2


def test_a_clip_that_stays_has_no_path(rooms, mixamo):
    motion = rooms("action.action_motion").motion_of(mixamo, mixamo.animation_data.action, bpy.context.scene)
    first = {name: np.repeat(getattr(motion, name)[:1], motion.frames, axis=0) for name in ("root", "rotations")}
    still = dataclasses.replace(motion, **first)
    rooms("action.apply").apply(still, mixamo, bpy.context.scene, 1, "still")
    with pytest.raises(RuntimeError, match="over the ground"):
        bpy.ops.isodim.lay_path()
    assert bpy.context.scene.isodim.edit.curve is None and not bpy.data.curves


def test_a_new_take_is_kept_or_discarded(rooms, mixamo, good):
    old = mixamo.animation_data.action
    assert not bpy.ops.isodim.keep.poll()
    assert bpy.ops.isodim.nudge(amount=0.5) == {"FINISHED"}
    new = mixamo.animation_data.action
    assert new != old
    assert bpy.ops.isodim.keep() == {"FINISHED"}
    assert mixamo.animation_data.action == new
    assert old.use_fake_user
    assert not bpy.ops.isodim.discard.poll()


def test_two_takes_are_mixed_and_only_such(rooms, mixamo, play, good):
    first = mixamo.animation_data.action
    play(mixamo, feet=False)
    assert bpy.ops.isodim.blend_takes(other=first.name, amount=0.25) == {"FINISHED"}
    with pytest.raises(RuntimeError, match="Other take is None, expected another Action"):
        bpy.ops.isodim.blend_takes()
    with pytest.raises(RuntimeError, match="Action is 'none', expected an Action or NLA strip"):
        bpy.ops.isodim.blend_takes(other="none")


def test_the_gap_between_two_actions_is_a_new_take(mixamo, play, good):
    first = mixamo.animation_data.action
    second = play(mixamo, feet=False)
    track = mixamo.animation_data.nla_tracks.new()
    track.strips.new("Walk", 200, first)
    asked = {"first": "Walk", "second": second.name, "seconds": 1.0, "prompt": "a person turns"}
    assert bpy.ops.isodim.in_between(**asked) == {"FINISHED"}
    start, end = mixamo.animation_data.action.frame_range
    assert end - start + 1 == 2 * (first.frame_range[1] - first.frame_range[0] + 1) + FPS


def test_takes_of_a_prompt_are_scored(session, mixamo, play, good):
    first = mixamo.animation_data.action
    second = play(mixamo, feet=False)
    assert bpy.ops.isodim.rank() == {"FINISHED"}
    assert {action.get("isodim_score") for action in (first, second)} == {0.0, -1.0}
    assert len(session.delivered.outcome.lines) == 2
    with pytest.raises(RuntimeError, match="Takes is 0"):
        bpy.ops.isodim.rank(prompt="another")


def test_an_older_backend_is_named(mixamo, stand_in):
    stand_in("older")
    with pytest.raises(RuntimeError, match="older than the add-on and has no 'nudge'"):
        bpy.ops.isodim.nudge(amount=0.5)


def test_a_result_for_a_changed_action_is_offered(rooms, session, mixamo, stand_in, monkeypatch):
    monkeypatch.setattr(session, "timers_fire", True)
    stand_in("slow")
    old = mixamo.animation_data.action
    bpy.ops.isodim.nudge(amount=0.5)
    while session.asking is not None:
        session.poll()
    _, curve = next(iter(rooms("slots").curves_of(old)))
    curve.keyframe_points[5].co.y += 0.25
    while session.poll():
        pass
    assert mixamo.animation_data.action == old
    assert "changed while the edit was made" in session.errors[0].sentence
    assert bpy.ops.isodim.apply_anyway() == {"FINISHED"}
    assert mixamo.animation_data.action != old
    assert not bpy.ops.isodim.apply_anyway.poll()


def test_without_an_action_the_buttons_are_grey(mixamo, good):
    mixamo.animation_data.action = None
    for name in ("redo_range", "in_between", "extend", "follow_path", "blend_takes", "nudge", "rank", "key_pose"):
        assert not getattr(bpy.ops.isodim, name).poll()
    assert bpy.ops.isodim.loop.poll()


def test_a_curve_is_needed(mixamo, good):
    with pytest.raises(RuntimeError, match="Curve is None, expected a curve object"):
        bpy.ops.isodim.follow_path(prompt="a person walks")
    empty = bpy.data.objects.new("Empty", bpy.data.curves.new("Empty", "CURVE"))
    bpy.context.scene.collection.objects.link(empty)
    with pytest.raises(RuntimeError, match="a spline of two points or more"):
        bpy.ops.isodim.follow_path(curve="Empty")
