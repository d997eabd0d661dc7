"""How a clip goes on a rig: options, root, selection, overrides, a pose that stands for the rest."""

import numpy as np
import pytest

bpy = pytest.importorskip("bpy")

from tools.rigs import build, description  # noqa: E402

pytestmark = pytest.mark.usefixtures("no_corrections")


def refused(part, call, **arguments):
    with pytest.raises(RuntimeError, match=part) as error:
        call(**arguments)
    assert len(str(error.value).strip().splitlines()) == 1


def test_options_come_from_the_scene_unless_they_are_given(rig, clip, settings):
    armature = rig("mixamo")
    settings.root, settings.feet, settings.hands = "OBJECT", False, True
    bpy.ops.isodim.apply_clip(filepath=clip())
    action = armature.animation_data.action
    assert (action["isodim_root"], action["isodim_feet"], action["isodim_hands"]) == ("OBJECT", False, True)
    bpy.ops.isodim.apply_clip(filepath=clip(), root="HIPS", feet=True)
    action = armature.animation_data.action
    assert (action["isodim_root"], action["isodim_feet"], action["isodim_hands"]) == ("HIPS", True, True)
    assert settings.root == "OBJECT"
    assert action["isodim_slide_after_cm"] >= 0.0


def test_a_root_bone_that_is_not_there_is_refused_and_no_figure_stays_behind(extension, clip):
    refused("no root bone", bpy.ops.isodim.apply_clip, filepath=clip(), root="ROOT")
    assert (len(bpy.data.objects), len(bpy.data.armatures), len(bpy.data.actions)) == (0, 0, 0)


def test_in_place_keeps_the_hips_over_their_spot(rig, clip, make_motion):
    armature = rig("mixamo")
    pelvis = description.describe("mixamo").bone_map.slots["pelvis"][0]
    motion = make_motion()
    motion.root[:, 2] += np.linspace(0.0, 3.0, motion.frames)

    def way(root):
        bpy.context.scene.frame_set(1)
        bpy.ops.isodim.apply_clip(filepath=clip(motion), root=root, feet=False)
        places = []
        for frame in (1, 72):
            bpy.context.scene.frame_set(frame)
            places.append(np.array(armature.matrix_world @ armature.pose.bones[pelvis].matrix.translation))
        return np.linalg.norm((places[1] - places[0])[:2])

    assert way("IN_PLACE") < 0.5
    assert way("HIPS") > 2.0
    assert way("OBJECT") > 2.0


def test_selection_rule(extension, rig, clip):
    armature = rig("mixamo")
    layer = bpy.context.view_layer
    armature.select_set(False)  # active, not selected: it is meant
    bpy.ops.isodim.apply_clip(filepath=clip())
    assert armature.animation_data.action is not None
    assert not armature.select_get()
    first = armature.animation_data.action
    mesh = bpy.data.objects.new("Thing", bpy.data.meshes.new("Thing"))
    bpy.context.scene.collection.objects.link(mesh)
    layer.update()
    layer.objects.active = mesh
    armature.select_set(True)  # the one selected armature beside an active mesh
    bpy.ops.isodim.apply_clip(filepath=clip())
    assert armature.animation_data.action is not first
    armature.select_set(False)
    bpy.ops.isodim.apply_clip(filepath=clip())
    assert "IsoDiM" in bpy.data.objects


def test_a_figure_is_added_active_and_selected_alone(rig):
    rig("mixamo")
    bpy.context.scene.cursor.location = (1.0, 2.0, 0.0)
    assert bpy.ops.isodim.add_figure() == {"FINISHED"}
    made = bpy.context.view_layer.objects.active
    assert made.name == "IsoDiM"
    assert tuple(made.location) == (1.0, 2.0, 0.0)
    assert [item.name for item in bpy.context.view_layer.objects.selected] == ["IsoDiM"]
    bpy.ops.object.mode_set(mode="POSE")
    assert not bpy.ops.isodim.add_figure.poll()
    bpy.ops.object.mode_set(mode="OBJECT")


def test_an_override_plays_through_its_own_action_and_a_locked_one_is_refused(rig, clip, tmp_path):
    armature = rig("mixamo")
    armature.animation_data_create().action = bpy.data.actions.new("of the library")
    library = str(tmp_path / "library.blend")
    bpy.data.libraries.write(library, {armature})
    bpy.data.objects.remove(armature)
    bpy.data.batch_remove([*bpy.data.actions, *bpy.data.armatures])
    with bpy.data.libraries.load(library, link=True) as (source, wanted):
        wanted.objects = source.objects
    (linked,) = wanted.objects
    bpy.context.scene.collection.objects.link(linked)
    build.activate(linked)
    refused("not one linked from another file", bpy.ops.isodim.apply_clip, filepath=clip())
    locked = linked.override_hierarchy_create(bpy.context.scene, bpy.context.view_layer)
    build.activate(locked)
    refused("an editable library override", bpy.ops.isodim.apply_clip, filepath=clip())
    override = linked.override_create(remap_local_usages=True)
    build.activate(override)
    assert bpy.ops.isodim.apply_clip(filepath=clip()) == {"FINISHED"}
    assert override.animation_data.action.library is None
    assert linked.animation_data.action.name == "of the library"


def test_the_pose_of_the_moment_can_stand_for_the_rest(rig, make_motion, clip, extension):
    """A rig whose arms hang at rest, posed as a T: the clip's T-pose gives that pose back."""
    motion = make_motion(2)
    motion.rotations[:] = (1.0, 0.0, 0.0, 0.0)
    motion.root[:] = extension.room("common.motion.skeleton").rest_positions()[0]
    armature = rig("mixamo", rest="A")
    names = description.describe("mixamo").bone_map.slots
    shoulder = armature.pose.bones[names["left_shoulder"][0]]
    head = armature.pose.bones[names["head"][0]]
    head.rotation_quaternion = (0.9659258, 0.0, 0.2588190, 0.0)
    bpy.context.view_layer.update()
    wanted = head.matrix.copy()

    def worst():
        bpy.context.scene.frame_set(1)
        return max(
            abs(a - b) for row, other in zip(head.matrix, wanted, strict=True) for a, b in zip(row, other, strict=True)
        )

    bpy.ops.isodim.apply_clip(filepath=clip(motion), pose_as_rest=True, feet=False)
    assert worst() < 1e-3 * shoulder.length + 1e-3
    bpy.ops.isodim.set_stance()
    assert armature.isodim.stance
    bpy.ops.isodim.apply_clip(filepath=clip(motion), feet=False)
    assert worst() < 1e-3 * shoulder.length + 1e-3
    bpy.ops.isodim.clear_stance()
    bpy.ops.isodim.apply_clip(filepath=clip(motion), feet=False)
    assert worst() > 0.1
