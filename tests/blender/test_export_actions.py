"""Actions go out as clips that hold what Blender plays; the scene stays as it was."""

import dataclasses
import json

import numpy as np
import pytest

bpy = pytest.importorskip("bpy")

from tests.blender.scene_facts import everything  # noqa: E402

FPS = 24
FRAMES = 22


@pytest.fixture
def rooms(extension):
    names = (
        "common.motion.bvh",
        "common.motion.skeleton",
        "isodim_blender.action.apply",
        "isodim_blender.rig.armature",
    )
    return {name.rpartition(".")[2]: extension.room(name) for name in names}


@pytest.fixture
def figure(rooms, make_motion):
    """An IsoDiM armature with four generated Actions; the last one is on it."""
    scene = bpy.context.scene
    scene.render.fps = FPS
    armature = rooms["armature"].make(scene)
    for seed in range(4):
        motion = make_motion(FRAMES, seed=seed, meta={"prompt": f"a person turns {seed}"})
        rooms["apply"].apply(motion, armature, scene, 10, "clip", rooms["apply"].Options(feet=False))
    bpy.context.view_layer.objects.active = armature
    return armature


def export(folder):
    return bpy.ops.isodim.export_actions(directory=f"{folder}/")


def rows(folder):
    return [json.loads(line) for line in (folder / "captions.jsonl").read_text("utf-8").splitlines()]


def test_the_clips_hold_what_blender_plays(figure, rooms, make_motion, tmp_path):
    assert export(tmp_path) == {"FINISHED"}
    assert len(rows(tmp_path)) == 4
    for seed, row in enumerate(rows(tmp_path)):
        assert row["captions"] == [f"a person turns {seed}"]
        clip = rooms["bvh"].read(tmp_path / row["source"] / f"{row['clip']}.bvh")
        wanted = make_motion(FRAMES, seed=seed).resampled(FPS)
        found = rooms["bvh"].world_positions(clip)
        positions = np.stack([found[name] / 100 for name in rooms["skeleton"].JOINTS], axis=1)
        np.testing.assert_allclose(positions, wanted.positions, atol=1e-4)
        assert 1 / clip.frame_time == pytest.approx(FPS, rel=1e-6)
        assert row["end_s"] == pytest.approx((wanted.frames - 1) / FPS, abs=1e-3)
    assert [row["split"] for row in rows(tmp_path)].count("val") == 1
    maps = json.loads((tmp_path / "joint_maps.json").read_text())["maps"]
    assert maps == {"IsoDiM": {name: name for name in rooms["skeleton"].JOINTS}}


def test_the_scene_stays_as_it_was(figure, tmp_path):
    scene = bpy.context.scene
    scene.frame_set(33, subframe=0.25)
    other = bpy.data.objects.new("Other", None)
    scene.collection.objects.link(other)
    other.select_set(True)
    figure.animation_data.action_blend_type = "ADD"
    figure.data.pose_position = "REST"
    bpy.context.view_layer.update()
    by_hand = np.tile((0.8, 0.6, 0.0, 0.0), len(figure.pose.bones))  # over keys, not keyed; as dragging a bone sets it
    figure.pose.bones.foreach_set("rotation_quaternion", by_hand)
    figure.pose.bones["left_wrist"]["switch"] = 0.5
    figure.update_tag(refresh={"DATA"})
    bpy.context.view_layer.update()
    before = everything(figure)
    assert figure.pose.bones["head"].rotation_quaternion[0] == pytest.approx(0.8)
    inside = {path.name for path in tmp_path.parent.iterdir()}
    folder = tmp_path / "mine"
    folder.mkdir()
    assert export(folder) == {"FINISHED"}
    assert everything(figure) == before
    bpy.context.view_layer.update()
    assert everything(figure) == before
    assert {path.name for path in tmp_path.parent.iterdir()} == inside
    assert sorted(path.name for path in folder.iterdir()) == ["IsoDiM", "captions.jsonl", "joint_maps.json"]


def test_an_action_does_not_inherit_the_pose_of_another(figure, rooms, make_motion, tmp_path):
    """Channels that an Action does not key rest, whatever was posed or played before."""
    action = bpy.data.actions["a person turns 3"]
    curves = action.fcurves if bpy.app.version < (4, 4, 0) else action.layers[0].strips[0].channelbags[0].fcurves
    for curve in [curve for curve in curves if "left_knee" in curve.data_path]:
        curves.remove(curve)
    figure.pose.bones["left_knee"].rotation_quaternion = (0.0, 1.0, 0.0, 0.0)
    assert export(tmp_path) == {"FINISHED"}
    clip = rooms["bvh"].read(tmp_path / "IsoDiM" / "a_person_turns_3.bvh")
    knee = clip.names.index("left_knee")
    turned = rooms["bvh"].local_rotations(clip)
    np.testing.assert_allclose(turned[:, knee], [[1.0, 0.0, 0.0, 0.0]] * len(turned), atol=1e-6)
    assert np.abs(turned[:, clip.names.index("right_knee")] - [1.0, 0.0, 0.0, 0.0]).max() > 0.1


def test_captions_splits_and_ticks(figure, tmp_path):
    first, second, third, fourth = (bpy.data.actions[f"a person turns {seed}"] for seed in range(4))
    for text in ("someone spins", "a figure rotates\na figure goes round"):
        first.isodim.captions.add().text = text
    first.isodim.any_part_fits = True
    first.isodim.split = "VAL"
    second.isodim.export = False
    del third["isodim_prompt"]
    assert export(tmp_path) == {"FINISHED"}
    kept = {row["clip"]: row for row in rows(tmp_path)}
    assert set(kept) == {"a_person_turns_0", "a_person_turns_3"}
    row = kept["a_person_turns_0"]
    assert row["captions"] == ["someone spins", "a figure rotates", "a figure goes round"]
    assert (row["split"], row["any_crop_fits"], row["license"]) == ("val", True, "my own")
    assert kept["a_person_turns_3"]["split"] == "train"
    assert fourth.isodim.split == "AUTO"


def test_a_second_armature_adds_a_source_and_the_same_one_replaces_its_rows(figure, rooms, make_motion, tmp_path):
    assert export(tmp_path) == {"FINISHED"}
    assert export(tmp_path) == {"FINISHED"}
    assert len(rows(tmp_path)) == 4
    bpy.data.objects["IsoDiM"].name = "Bob / left"
    assert export(tmp_path) == {"FINISHED"}
    assert {row["source"] for row in rows(tmp_path)} == {"IsoDiM", "Bob_left"}
    assert len(rows(tmp_path)) == 8


def mixamo(rooms, motion, folder):
    """A BVH file of a Mixamo-like rig with a namespace that plays `motion`, larger than life."""
    names = {
        "pelvis": "Hips", "spine1": "Spine", "spine2": "Spine1", "spine3": "Spine2", "neck": "Neck", "head": "Head",
        "hip": "UpLeg", "knee": "Leg", "ankle": "Foot", "foot": "ToeBase", "collar": "Shoulder", "shoulder": "Arm",
        "elbow": "ForeArm", "wrist": "Hand",
    }  # fmt: skip
    called = []
    for joint in rooms["skeleton"].JOINTS:
        side, _, part = joint.rpartition("_")
        called.append(f"mixamorig:{side.capitalize()}{names[part]}")
    clip = rooms["bvh"].from_motion(motion)
    offsets, values = clip.offsets * 1.3, clip.values.copy()
    offsets[0], values[:, :3] = rooms["skeleton"].rest_positions()[0] * 130.0, values[:, :3] * 1.3
    clip = dataclasses.replace(clip, names=tuple(called), offsets=offsets, values=values)
    rooms["bvh"].save(folder / "mixamo.bvh", clip)
    return folder / "mixamo.bvh"


@pytest.mark.filterwarnings(
    "ignore::pytest.PytestUnraisableExceptionWarning"
)  # Blender's importer leaves its file open
def test_a_mixamo_like_armature_from_a_bvh_file(extension, rooms, make_motion, tmp_path):
    scene = bpy.context.scene
    scene.render.fps = FPS
    wanted = []
    for seed in range(2):
        motion = make_motion(FRAMES, seed=seed, fps=float(FPS))
        path = mixamo(rooms, motion, tmp_path)
        wanted.append(motion)
        bpy.ops.import_anim.bvh(filepath=str(path), global_scale=0.01, axis_forward="-Z", axis_up="Y")
        bpy.context.object.animation_data.action.isodim.captions.add().text = f"turn {seed}"
    armature = bpy.context.object
    before = everything(armature)
    assert export(tmp_path) == {"FINISHED"}
    assert everything(armature) == before
    found_rows = rows(tmp_path)
    assert [row["captions"] for row in found_rows] == [["turn 0"], ["turn 1"]]
    maps = json.loads((tmp_path / "joint_maps.json").read_text())["maps"]
    assert list(maps.values()) == [{name: name for name in rooms["skeleton"].JOINTS}]
    for row, motion in zip(found_rows, wanted, strict=True):
        found = rooms["bvh"].to_motion(rooms["bvh"].read(tmp_path / row["source"] / f"{row['clip']}.bvh"))
        np.testing.assert_allclose(found.positions, motion.positions, atol=2e-3)


def bare(name):
    """An armature of one bone."""
    data = bpy.data.armatures.new(name)
    armature = bpy.data.objects.new(name, data)
    bpy.context.scene.collection.objects.link(armature)
    bpy.context.view_layer.objects.active = armature
    bpy.ops.object.mode_set(mode="EDIT")
    data.edit_bones.new("Bone").tail = (0.0, 0.0, 1.0)
    bpy.ops.object.mode_set(mode="OBJECT")
    return armature


def test_what_cannot_be_exported_is_one_sentence_and_nothing_is_written(extension, figure, tmp_path):
    for action in list(bpy.data.actions)[1:]:
        action.isodim.export = False
    with pytest.raises(RuntimeError, match=r"Actions is '1 with captions', expected at least 2"):
        export(tmp_path)
    with pytest.raises(RuntimeError, match=r"Folder is .*, expected a folder that exists"):
        for action in bpy.data.actions:
            action.isodim.export = True
        export(tmp_path / "none")
    (tmp_path / "joint_maps.json").write_text("a list of my own")
    with pytest.raises(RuntimeError, match=r"joint_maps.json is 'not one of ours', expected an empty folder"):
        export(tmp_path)
    bare("Stick")
    with pytest.raises(RuntimeError, match=r"Bone map, pelvis.* is 'no bone', expected pelvis"):
        export(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["joint_maps.json"]
    bpy.context.view_layer.objects.active = None
    assert not bpy.ops.isodim.export_actions.poll()


def test_captions_are_added_and_removed_in_the_panel(figure):
    settings = bpy.context.scene.isodim
    settings.action_index = bpy.data.actions.find("a person turns 2")
    action = bpy.data.actions["a person turns 2"]
    bpy.ops.isodim.add_caption()
    bpy.ops.isodim.add_caption()
    assert [caption.text for caption in action.isodim.captions] == ["a person turns 2", ""]
    bpy.ops.isodim.remove_caption(index=0)
    assert [caption.text for caption in action.isodim.captions] == [""]
    settings.action_index = 99
    assert bpy.ops.isodim.add_caption() == {"CANCELLED"}
