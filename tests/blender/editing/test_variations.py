"""Takes side by side, one shown, one kept, on rigs of several makers."""

import numpy as np
import pytest

bpy = pytest.importorskip("bpy")

from tests.blender.editing.conftest import FPS  # noqa: E402
from tools.rigs import build, description  # noqa: E402


@pytest.fixture
def variations(rooms):
    return rooms("editing.variations")


@pytest.fixture
def takes(rooms, settings, stand_in):
    """takes(armature, layout, count): the armature has takes of a walk."""

    def make(armature, layout="NLA", count=3):
        stand_in("good")
        settings.prompt, settings.use_seconds, settings.seconds, settings.seed = "a person walks", True, 1.0, 5
        settings.variations.count, settings.variations.layout = count, layout
        bpy.context.view_layer.objects.active = armature
        assert bpy.ops.isodim.variations() == {"FINISHED"}
        return armature or bpy.data.objects["IsoDiM"]

    return make


def contents():
    kinds = (bpy.data.objects, bpy.data.actions, bpy.data.armatures, bpy.data.meshes)
    return [sorted(item.name for item in items) for items in kinds]


def shown(armature, frame=10):
    """[bone, 4, 4] as evaluated, armature space."""
    bpy.context.scene.frame_set(frame)
    evaluated = armature.evaluated_get(bpy.context.evaluated_depsgraph_get())
    return np.array([bone.matrix for bone in evaluated.pose.bones])


def test_tracks_are_muted_but_one_and_each_take_is_seen_alone(takes, variations, mixamo):
    figure = takes(mixamo)
    found = variations.takes_of(figure)
    assert [take["isodim_seed"] for take in found] == [5, 6, 7]
    poses = []
    for take in found:
        assert bpy.ops.isodim.show_take(take=take.name) == {"FINISHED"}
        tracks = figure.animation_data.nla_tracks
        assert [track.mute for track in tracks] == [other != take for other in found]
        assert all(strip.influence == 1.0 for track in tracks for strip in track.strips)
        poses.append(shown(figure))
        figure.animation_data.action = None
        np.testing.assert_allclose(shown(figure), poses[-1], atol=1e-5), "the track alone shows it, too"
    assert all(np.abs(poses[0] - other).max() > 1e-3 for other in poses[1:])


@pytest.mark.parametrize("layout", ["NLA", "COPIES"])
def test_the_kept_take_stays_alone_and_one_undo_brings_all_back(takes, variations, mixamo, layout):
    old = mixamo.animation_data.action
    before = contents()
    figure = takes(mixamo, layout)
    second = variations.takes_of(figure)[1]
    bpy.ops.isodim.show_take(take=second.name)
    pose = shown(figure)
    name, during = second.name, contents()
    bpy.ops.ed.undo_push(message="takes")
    assert bpy.ops.isodim.keep_take(take=name) == {"FINISHED"}
    bpy.ops.ed.undo_push(message="keep")
    figure = bpy.data.objects[mixamo.name]
    np.testing.assert_array_equal(shown(figure), pose)
    assert contents() == [before[0], sorted([*before[1], name]), *before[2:]]
    assert old.name in bpy.data.actions and len(figure.animation_data.nla_tracks) == 0
    assert not bpy.ops.isodim.keep_take.poll()
    bpy.ops.ed.undo()
    assert contents() == during


@pytest.mark.parametrize("maker", ["mixamo", "ue5", "mmd"])
def test_copies_stand_apart_and_show_their_own_take(takes, variations, rooms, maker):
    armature = build.build(description.describe(maker), place="turned")
    figure = takes(armature, "COPIES")
    twins = [item for item in bpy.data.objects if variations.COPY in item and item.type == "ARMATURE"]
    assert len(twins) == 2 and all(twin.data == figure.data for twin in twins)
    poses = [shown(item) for item in (figure, *twins)]
    assert all(np.abs(poses[0] - other).max() > 1e-3 for other in poses[1:])
    places = [item.evaluated_get(bpy.context.evaluated_depsgraph_get()).matrix_world for item in (figure, *twins)]
    steps = [(place.translation - places[0].translation)[:] for place in places[1:]]
    np.testing.assert_allclose(steps[1], np.array(steps[0]) * 2, atol=1e-4)
    assert steps[0][0] > 1.0 and abs(steps[0][1]) < 1e-4 and abs(steps[0][2]) < 1e-4
    for twin, take in zip(twins, variations.takes_of(figure)[1:], strict=True):
        bpy.ops.isodim.show_take(take=take.name)
        np.testing.assert_allclose(shown(twin), shown(figure), atol=1e-4)
    bpy.context.view_layer.objects.active = twins[1]
    chosen = twins[1].animation_data.action
    assert bpy.ops.isodim.keep_take() == {"FINISHED"}
    assert figure.animation_data.action == chosen and bpy.context.object == figure
    assert not [item for item in bpy.data.objects if variations.COPY in item]


def test_copies_bring_their_meshes_and_constraints_along(takes, variations, mixamo):
    mesh = bpy.data.objects.new("Body", bpy.data.meshes.new("Body"))
    bpy.context.scene.collection.objects.link(mesh)
    mesh.parent = mixamo
    mesh.modifiers.new("Armature", "ARMATURE").object = mixamo
    held = mixamo.pose.bones[-1].constraints.new("COPY_ROTATION")
    held.target, held.subtarget, held.mute = mixamo, mixamo.pose.bones[0].name, True
    driven = held.driver_add("influence").driver.variables.new()
    driven.targets[0].id = mixamo
    takes(mixamo, "COPIES", 2)
    (twin,) = [item for item in bpy.data.objects if variations.COPY in item and item.type == "ARMATURE"]
    (body,) = [item for item in bpy.data.objects if variations.COPY in item and item.type == "MESH"]
    assert (body.parent, body.modifiers[0].object, body.data) == (twin, twin, mesh.data)
    assert twin.pose.bones[-1].constraints[0].target == twin
    assert twin.animation_data.drivers[0].driver.variables[0].targets[0].id == twin
    assert (mesh.parent, held.target) == (mixamo, mixamo)


def test_ranked_takes_stand_best_first(takes, variations, mixamo):
    mixamo.animation_data.action["isodim_prompt"] = "a person walks"  # made before, and not compared
    before = mixamo.animation_data.action
    figure = takes(mixamo)
    assert [take["isodim_seed"] for take in variations.takes_of(figure)] == [5, 6, 7]
    assert bpy.ops.isodim.rank() == {"FINISHED"}
    assert "isodim_score" not in before
    ranked = variations.takes_of(figure)
    scores = [take["isodim_score"] for take in ranked]
    assert scores == sorted(scores, reverse=True) and len(set(scores)) == 3


def test_a_new_figure_has_takes_and_one_is_kept(takes, variations):
    figure = takes(None)
    assert variations.figure_of(figure) == figure and len(variations.takes_of(figure)) == 3
    bpy.context.view_layer.objects.active = figure
    with pytest.raises(RuntimeError, match="Take is 'none such'"):
        bpy.ops.isodim.keep_take(take="none such")
    assert bpy.ops.isodim.keep_take() == {"FINISHED"}
    assert tuple(figure.animation_data.action.frame_range) == (1.0, float(FPS))
