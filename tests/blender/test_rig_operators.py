"""Mapping, correcting and keying any rig through the operators, as a script or a button does."""

import json

import pytest

bpy = pytest.importorskip("bpy")

from tools.rigs import description  # noqa: E402

pytestmark = pytest.mark.usefixtures("no_corrections")


def report():
    return json.loads(bpy.context.scene.isodim.bone_map)


def refused(part, call, **arguments):
    with pytest.raises(RuntimeError, match=part) as error:
        call(**arguments)
    assert len(str(error.value).strip().splitlines()) == 1


def test_map_bones_reports_to_the_scene(rig):
    armature = rig("mixamo")
    assert bpy.ops.isodim.map_bones() == {"FINISHED"}
    found = report()
    expected = description.describe("mixamo").bone_map
    assert {slot: tuple(bones) for slot, bones in found["slots"].items()} == dict(expected.slots)
    assert "mixamo" in found["preset"].lower()
    assert found["score"] > 0.9
    assert found["corrected"] == []
    assert armature.animation_data is None


@pytest.mark.parametrize(
    ("maker", "limb"),
    [
        ("one_leg", "right leg is 'no bone', expected right thigh, right shin, right foot"),
        ("three_bones", "pelvis, left arm, left leg, right arm, right leg"),
        ("hand_only", "pelvis, left arm, left leg, right arm, right leg"),
    ],
)
def test_a_rig_that_cannot_be_mapped_gets_one_sentence(rig, clip, maker, limb):
    armature = rig(maker)
    refused(f"Bone map, {limb}.*choose them under Bones", bpy.ops.isodim.map_bones)
    assert report()["missing"]
    refused(f"Bone map, {limb}", bpy.ops.isodim.apply_clip, filepath=clip())
    assert armature.animation_data is None
    assert len(bpy.data.actions) == 0


def test_map_bones_needs_an_armature(extension):
    assert not bpy.ops.isodim.map_bones.poll()
    refused("click on one first", bpy.ops.isodim.map_bones)


def test_a_correction_counts_for_every_rig_with_the_same_bones(extension, rig):
    first = rig("mixamo")
    hand = description.describe("mixamo").bone_map.slots["left_wrist"][0]
    elbow = description.describe("mixamo").bone_map.slots["left_elbow"][0]
    bpy.ops.isodim.set_bone(slot="left_wrist", bone="")
    bpy.ops.isodim.map_bones()
    assert "left_wrist" in report()["missing"]
    bpy.ops.isodim.set_bone(slot="left_elbow", bone=hand)
    assert report()["corrected"] == ["left_elbow", "left_wrist"]
    bpy.data.objects.remove(first)
    bpy.context.view_layer.update()
    extension.disable()
    extension.enable()
    rig("mixamo")
    bpy.ops.isodim.map_bones()
    assert report()["slots"]["left_elbow"] == [hand]
    bpy.ops.isodim.reset_bones(slot="left_wrist")
    assert report()["corrected"] == ["left_elbow"]
    bpy.ops.isodim.reset_bones()
    assert report()["corrected"] == []
    assert report()["slots"]["left_elbow"] == [elbow]


def test_a_damaged_correction_is_set_aside_and_said(extension, rig):
    rig("mixamo")
    bpy.ops.isodim.set_bone(slot="left_wrist", bone="")
    (path,) = extension.room("isodim_blender.rig.mapping")._store.folder.iterdir()
    path.write_text("{")
    extension.disable()
    extension.enable()
    assert "damaged" in extension.session.errors[0].sentence
    bpy.ops.isodim.map_bones()
    assert report()["corrected"] == []


def test_choices_are_saved_with_the_file(extension, settings, tmp_path):
    settings.root, settings.feet, settings.max_cm = "IN_PLACE", False, 2.0
    path = str(tmp_path / "scene.blend")
    bpy.ops.wm.save_as_mainfile(filepath=path)
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    bpy.ops.wm.open_mainfile(filepath=path)
    loaded = bpy.context.scene.isodim
    assert (loaded.root, loaded.feet, loaded.max_cm) == ("IN_PLACE", False, 2.0)


def test_a_missing_part_can_be_chosen_and_the_clip_then_goes_on(rig, clip):
    armature = rig("mixamo")
    thigh = description.describe("mixamo").bone_map.slots["left_hip"][0]
    bpy.ops.isodim.set_bone(slot="left_hip", bone="")
    refused("left thigh", bpy.ops.isodim.apply_clip, filepath=clip())
    bpy.ops.isodim.set_bone(slot="left_hip", bone=thigh)
    assert bpy.ops.isodim.apply_clip(filepath=clip()) == {"FINISHED"}
    assert armature.animation_data.action is not None


def test_a_chain_is_set_by_its_ends(rig, settings):
    rig("mixamo")
    spine = description.describe("mixamo").bone_map.slots["spine"]
    assert len(spine) > 1
    bpy.ops.isodim.set_bone(slot="spine", bone=spine[0], last=spine[-1])
    assert report()["slots"]["spine"] == list(spine)
    refused("a bone below it", bpy.ops.isodim.set_bone, slot="spine", bone=spine[-1], last=spine[0])
    refused("a bone of this armature", bpy.ops.isodim.set_bone, slot="spine", bone="nothing")
    assert (settings.bones.spine, settings.bones.spine_last) == (spine[0], spine[-1])
    settings.bones.spine_last = spine[-2]
    bpy.ops.isodim.map_bones()
    assert report()["slots"]["spine"] == list(spine[:-1])


def test_the_pickers_show_and_correct_the_map(extension, rig, settings):
    assert settings.bones.left_elbow == ""
    rig("mixamo")
    expected = description.describe("mixamo").bone_map
    for slot, bones in expected.slots.items():
        assert getattr(settings.bones, slot) == bones[0]
    settings.bones.left_wrist = expected.slots["left_elbow"][0]
    assert settings.bones.left_elbow == ""
    settings.bones.left_wrist = "nothing"
    assert "a bone of this armature" in extension.session.errors[0].sentence


def test_a_root_bone_can_be_chosen(rig, clip, settings):
    rig("mixamo")
    refused("no root bone", bpy.ops.isodim.apply_clip, filepath=clip(), root="ROOT")
    bpy.ops.isodim.set_bone(slot="root", bone=description.describe("mixamo").bone_map.slots["head"][0])
    assert report()["root"] == settings.bones.root == description.describe("mixamo").bone_map.slots["head"][0]
    bpy.ops.isodim.reset_bones(slot="root")
    assert report()["root"] is None


def test_a_stored_vrm_map_wins_over_names_and_a_correction_over_both(rig, settings):
    armature = rig("mixamo")
    slots = description.describe("mixamo").bone_map.slots
    humans = {"hips": "pelvis", "left_lower_arm": "left_wrist"}
    armature.data["vrm_addon_extension"] = {
        "vrm1": {
            "humanoid": {"human_bones": {human: {"node": {"value": slots[slot][0]}} for human, slot in humans.items()}}
        }
    }
    bpy.ops.isodim.map_bones()
    assert report()["preset"] == "VRM 1, its stored map"
    assert report()["slots"]["left_elbow"] == [slots["left_wrist"][0]]
    bpy.ops.isodim.set_bone(slot="left_wrist", bone=slots["left_wrist"][0])
    assert report()["slots"]["left_wrist"] == [slots["left_wrist"][0]]
    assert report()["slots"]["left_elbow"] == [slots["left_elbow"][0]]
