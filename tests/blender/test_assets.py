"""An Action becomes an asset that says what it shows, where it comes from and on which terms."""

import pytest

bpy = pytest.importorskip("bpy")

META = {
    "prompt": "a person walks forward and waves with the left hand",
    "checkpoint": "open",
    "licence": "CC0-1.0",
    "seed": 3,
}


@pytest.fixture
def figure(extension, make_motion):
    scene = bpy.context.scene
    armature = extension.room("isodim_blender.rig.armature").make(scene)
    extension.room("isodim_blender.action.apply").apply(make_motion(20, meta=META), armature, scene, 1, "clip")
    bpy.context.view_layer.objects.active = armature
    return armature


def tags(action):
    return [tag.name for tag in action.asset_data.tags]


def test_what_an_asset_says(figure):
    action = figure.animation_data.action
    assert bpy.ops.isodim.mark_asset() == {"FINISHED"}
    data = action.asset_data
    assert data.description == META["prompt"]
    assert (data.author, data.license) == ("IsoDiM, checkpoint open", "CC0-1.0")
    assert tags(action) == ["IsoDiM", "open", "walks", "forward", "waves", "left", "hand"]


def test_marking_again_brings_it_up_to_date_and_keeps_a_persons_tags(figure):
    action = figure.animation_data.action
    bpy.ops.isodim.mark_asset()
    action.asset_data.tags.new("mine")
    action["isodim_root"] = "IN_PLACE"
    action.isodim.captions.add().text = "someone limps"
    assert bpy.ops.isodim.mark_asset() == {"FINISHED"}
    assert action.asset_data.description == "someone limps"
    assert len(tags(action)) == len(set(tags(action)))
    assert {"mine", "limps", "in place", "walks"} <= set(tags(action))


def test_an_action_made_by_hand_names_no_author(figure):
    figure.animation_data.action = bpy.data.actions.new("by hand")
    assert bpy.ops.isodim.mark_asset() == {"FINISHED"}
    data = figure.animation_data.action.asset_data
    assert (data.description, data.author, data.license) == ("", "", "")
    assert tags(figure.animation_data.action) == ["IsoDiM"]


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_a_loop_ends_as_it_begins(figure, extension, sign):
    slots, assets = extension.room("isodim_blender.slots"), extension.room("isodim_blender.action.assets")
    action = figure.animation_data.action
    assert not assets.is_loop(action)
    for _, curve in slots.curves_of(action):
        if "rotation" in curve.data_path:
            points = curve.keyframe_points
            points[-1].co[1] = sign * points[0].co[1]
            curve.update()
    assert assets.is_loop(action)


def test_a_figure_that_stands_still_is_no_loop(figure, extension):
    slots, assets = extension.room("isodim_blender.slots"), extension.room("isodim_blender.action.assets")
    action = figure.animation_data.action
    for _, curve in slots.curves_of(action):
        for point in curve.keyframe_points:
            point.co[1] = curve.keyframe_points[0].co[1]
        curve.update()
    assert not assets.is_loop(action)


def test_without_an_action_the_button_is_grey(figure):
    figure.animation_data.action = None
    assert not bpy.ops.isodim.mark_asset.poll()
    bpy.context.view_layer.objects.active = None
    assert not bpy.ops.isodim.mark_asset.poll()


def test_new_clips_become_assets_where_that_is_wanted(extension, make_motion, clip):
    assert bpy.ops.isodim.apply_clip(filepath=clip(make_motion(20, meta=META))) == {"FINISHED"}
    armature = next(item for item in bpy.data.objects if item.type == "ARMATURE")
    assert armature.animation_data.action.asset_data is None
    bpy.context.view_layer.objects.active = armature
    bpy.context.scene.isodim.as_asset = True
    assert bpy.ops.isodim.apply_clip(filepath=clip(make_motion(20, meta=META))) == {"FINISHED"}
    assert "walks" in tags(armature.animation_data.action)
