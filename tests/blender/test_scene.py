"""What a clip changes in a scene, and what it leaves alone."""

import pytest

bpy = pytest.importorskip("bpy")


def select(*objects):
    bpy.context.view_layer.update()  # what was just linked is not in the layer yet
    for item in bpy.context.view_layer.objects:
        item.select_set(item in objects)
    bpy.context.view_layer.objects.active = objects[0] if objects else None


def other_rig(name="Rig"):
    rig = bpy.data.objects.new(name, bpy.data.armatures.new(name))
    bpy.context.scene.collection.objects.link(rig)
    return rig


def snapshot():
    """What may not change: names, actions, selection, mode, frame, and what is active."""
    layer = bpy.context.view_layer
    active = layer.objects.active
    return {
        "objects": sorted(item.name for item in bpy.data.objects),
        "armatures": sorted(item.name for item in bpy.data.armatures),
        "actions": sorted(item.name for item in bpy.data.actions),
        "scenes": sorted(item.name for item in bpy.data.scenes),
        "selected": sorted(item.name for item in layer.objects.selected),
        "active": active.name if active else None,
        "mode": bpy.context.mode,
        "frame": bpy.context.scene.frame_current,
    }


def refused(path, part):
    before = snapshot()
    with pytest.raises(RuntimeError, match=part) as error:
        bpy.ops.isodim.apply_clip(filepath=path)
    assert len(str(error.value).strip().splitlines()) == 1
    assert snapshot() == before


@pytest.fixture
def armature(extension):
    made = extension.room("isodim_blender.rig.armature").make(bpy.context.scene)
    select(made)
    return made


def test_nothing_selected_makes_an_armature_and_changes_nothing_else(clip):
    mesh = bpy.data.objects.new("Thing", bpy.data.meshes.new("Thing"))
    bpy.context.scene.collection.objects.link(mesh)
    select(mesh)
    bpy.ops.object.mode_set(mode="EDIT")
    before = snapshot()
    bpy.ops.isodim.apply_clip(filepath=clip())
    after = snapshot()
    assert after.pop("objects") == ["IsoDiM", "IsoDiM Mannequin", "Thing"]
    assert after.pop("armatures") == ["IsoDiM"]
    assert after.pop("actions") == ["a person turns"]
    assert after.items() <= before.items()
    bpy.ops.object.mode_set(mode="OBJECT")


def test_a_selected_armature_gets_a_new_action_and_the_old_one_is_kept(armature, clip, make_motion):
    bpy.ops.isodim.apply_clip(filepath=clip(make_motion()))
    first = armature.animation_data.action
    bpy.context.scene.frame_set(20)
    pose = armature.pose.bones["left_knee"].matrix.copy()
    bpy.ops.isodim.apply_clip(filepath=clip(make_motion(seed=1, meta={"prompt": "another"})))
    second = armature.animation_data.action
    assert (first.name, second.name) == ("a person turns", "another")
    assert first.use_fake_user
    assert len(bpy.data.objects) == 1
    bpy.context.scene.frame_set(25)
    assert (armature.pose.bones["left_knee"].matrix.translation - pose.translation).length > 0.01


def test_an_armature_is_recognised_after_a_rename_and_in_pose_mode(armature, clip):
    armature.name = armature.data.name = "Hero"
    bpy.ops.object.mode_set(mode="POSE")
    bpy.ops.isodim.apply_clip(filepath=clip())
    assert armature.animation_data.action is not None
    assert bpy.context.mode == "POSE"
    assert len(bpy.data.objects) == 1
    bpy.ops.object.mode_set(mode="OBJECT")


def test_the_action_remembers_how_it_was_made(armature, clip, make_motion):
    meta = {
        "prompt": "a person turns",
        "seed": 7,
        "checkpoint": "open",
        "sha256": "0" * 64,
        "version": "0.1.0",
        "settings": {"guidance": 2.5, "steps": 8},
    }
    bpy.ops.isodim.apply_clip(filepath=clip(make_motion(meta=meta)))
    action = armature.animation_data.action
    stored = {key: action[f"isodim_{key}"] for key in ("prompt", "seed", "checkpoint", "sha256", "version")}
    assert stored == {key: meta[key] for key in stored}
    assert (action["isodim_guidance"], action["isodim_steps"], action["isodim_source_fps"]) == (2.5, 8, 20.0)
    assert action["isodim_source_range"] == "[0, 59]"


def test_a_bvh_does_as_well(armature, clip, make_motion):
    bpy.ops.isodim.apply_clip(filepath=clip(make_motion(), "turn.bvh"))
    assert armature.animation_data.action.name == "turn"
    assert round(armature.animation_data.action.frame_range[1]) == 72


def test_a_rig_without_limbs_is_refused(extension, clip):
    select(other_rig())
    refused(clip(), "Bone map, pelvis, left arm")


def test_several_armatures_need_an_active_one(armature, clip):
    rig = other_rig()
    select(rig, armature)
    bpy.context.view_layer.objects.active = None
    refused(clip(), "2 armatures")
    bpy.context.view_layer.objects.active = armature
    assert bpy.ops.isodim.apply_clip(filepath=clip()) == {"FINISHED"}


def test_an_edited_rest_pose_is_another_rig(armature, clip):
    bpy.ops.object.mode_set(mode="EDIT")
    armature.data.edit_bones["left_knee"].head.x += 0.05
    bpy.ops.object.mode_set(mode="OBJECT")
    assert bpy.ops.isodim.apply_clip(filepath=clip()) == {"FINISHED"}


def test_tweak_mode_is_refused(armature, clip):
    bpy.ops.isodim.apply_clip(filepath=clip())
    data = armature.animation_data
    track = data.nla_tracks.new()
    track.strips.new("strip", 1, data.action)
    data.action = None
    track.select = track.strips[0].select = True
    data.nla_tracks.active = track
    data.use_tweak_mode = True
    assert data.use_tweak_mode
    refused(clip(), "tweak mode")


def test_a_linked_armature_is_refused(armature, clip, tmp_path):
    library = str(tmp_path / "library.blend")
    bpy.data.libraries.write(library, {armature})
    bpy.data.objects.remove(armature)
    with bpy.data.libraries.load(library, link=True) as (source, wanted):
        wanted.objects = source.objects
    (linked,) = wanted.objects
    bpy.context.scene.collection.objects.link(linked)
    select(linked)
    refused(clip(), "not one linked from another file")


@pytest.mark.parametrize("content", [b"", b"no clip at all", b"PK\x03\x04 half a zip"])
def test_a_file_that_is_no_clip_is_refused(extension, tmp_path, content):
    path = tmp_path / "clip.npz"
    path.write_bytes(content)
    refused(str(path), "undamaged .npz clip")
    refused(str(tmp_path / "none.npz"), "readable file")
    refused(str(tmp_path / "clip.txt"), "ends in .npz or .bvh")


def test_an_impossible_frame_rate_is_refused(extension, clip):
    bpy.context.scene.render.fps, bpy.context.scene.render.fps_base = 1, 100.0
    refused(clip(), "Scene frame rate")
