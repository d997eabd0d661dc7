"""A mesh stands for the armature that moves it."""

import types

import pytest

bpy = pytest.importorskip("bpy")


@pytest.fixture
def body():
    """body(name) -> a mesh object, active and alone selected."""

    def make(name="Body"):
        item = bpy.data.objects.new(name, bpy.data.meshes.new(name))
        bpy.context.scene.collection.objects.link(item)
        bpy.ops.object.select_all(action="DESELECT")
        item.select_set(True)
        bpy.context.view_layer.objects.active = item
        return item

    return make


@pytest.fixture
def meant(extension):
    room = extension.room("isodim_blender.rig.target")
    return lambda: room.target_armature(bpy.context)


def test_a_mesh_alone_means_a_new_figure(body, meant):
    body()
    assert meant() is None


def test_a_deformed_mesh_stands_for_its_armature(rig, body, meant):
    armature, mesh = rig(), body()
    modifier = mesh.modifiers.new("Armature", "ARMATURE")
    assert meant() is None  # a modifier without an object moves nothing
    modifier.object = armature
    assert meant() == armature


def test_a_mesh_on_a_bone_or_under_an_empty_stands_for_its_armature(rig, body, meant):
    armature, mesh = rig(), body()
    mesh.parent, mesh.parent_type, mesh.parent_bone = armature, "BONE", armature.data.bones[0].name
    assert meant() == armature
    empty = bpy.data.objects.new("Group", None)
    bpy.context.scene.collection.objects.link(empty)
    empty.parent = armature
    mesh.parent_type, mesh.parent = "OBJECT", empty
    assert meant() == armature


def test_the_modifier_counts_more_than_the_parent_and_the_active_object_more_than_the_selection(rig, body, meant):
    one, other, mesh = rig("mixamo"), rig("daz8"), body()
    mesh.parent = one
    mesh.modifiers.new("Armature", "ARMATURE").object = other
    one.select_set(True)
    assert meant() == other
    bpy.context.view_layer.objects.active = one
    assert meant() == one


def test_meshes_of_one_character_are_one_and_those_of_two_are_refused(extension, rig, body, meant):
    one, other = rig("mixamo"), rig("daz8")
    shirt, trousers = body("Shirt"), body("Trousers")
    shirt.parent = trousers.parent = one
    bpy.context.view_layer.objects.active = None
    shirt.select_set(True)
    assert meant() == one
    trousers.parent = other
    with pytest.raises(extension.room("common.errors").InputError, match="2 armatures"):
        meant()


def test_the_panel_and_the_buttons_know_it(extension, rig, body, settings, clip):
    armature, mesh = rig(), body()
    mesh.parent = armature
    bpy.ops.isodim.apply_clip(filepath=clip())
    assert armature.animation_data.action is not None
    assert bpy.ops.isodim.mark_asset() == {"FINISHED"}
    assert armature.animation_data.action.asset_data is not None
    seen = []
    layout = types.SimpleNamespace(label=lambda text, **_: seen.append(text))
    extension.room("isodim_blender.ui.rig_panel")._draw_target(layout, bpy.context, armature)
    assert seen == [f"On: {armature.name}, the armature of Body"]
    assert bpy.types.ISODIM_PT_edit.poll(bpy.context)
    mesh.parent = None
    assert not bpy.types.ISODIM_PT_edit.poll(bpy.context)


@pytest.fixture
def empty(extension):
    """empty() -> an Empty, active and alone selected."""

    def make():
        item = bpy.data.objects.new("Group", None)
        bpy.context.scene.collection.objects.link(item)
        bpy.ops.object.select_all(action="DESELECT")
        item.select_set(True)
        bpy.context.view_layer.objects.active = item
        return item

    return make


def test_an_empty_above_one_character_stands_for_it(rig, empty, meant):
    armature, item = rig(), empty()
    assert meant() is None
    between = bpy.data.objects.new("Between", None)
    bpy.context.scene.collection.objects.link(between)
    between.parent, armature.parent = item, between
    assert meant() == armature


def test_an_empty_above_several_says_which_there_are(extension, rig, empty, meant):
    one, other, item = rig("mixamo"), rig("daz8"), empty()
    one.parent = other.parent = item
    with pytest.raises(
        extension.room("common.errors").InputError, match="click on the one that is meant: daz8, mixamo"
    ):
        meant()
    item.select_set(False)
    assert meant() is None


def test_an_instance_stands_for_the_armature_of_its_collection(extension, rig, empty, meant):
    armature, item = rig(), empty()
    collection = bpy.data.collections.new("Character")
    collection.objects.link(armature)
    item.instance_type, item.instance_collection = "COLLECTION", collection
    assert meant() == armature
    bpy.context.scene.collection.objects.unlink(armature)
    with pytest.raises(extension.room("common.errors").InputError, match="in no scene"):
        meant()


def test_what_hangs_on_a_character_stands_for_it_whatever_it_is(rig, empty, meant):
    armature, item = rig(), empty()
    item.parent, item.parent_type, item.parent_bone = armature, "BONE", armature.data.bones[0].name
    assert meant() == armature
    item.select_set(False)
    for name, data in (("Belt", bpy.data.curves.new("Belt", "CURVE")), ("Eyes", bpy.data.cameras.new("Eyes"))):
        thing = bpy.data.objects.new(name, data)
        bpy.context.scene.collection.objects.link(thing)
        bpy.context.view_layer.objects.active = thing
        assert meant() is None
        thing.parent = item
        assert meant() == armature


def test_shapes_beside_the_armature_stand_for_it_and_lights_do_not(rig, empty, body, meant):
    armature, item, sword = rig(), empty(), body("Sword")
    armature.parent = sword.parent = item
    bpy.context.view_layer.objects.active = sword
    assert meant() == armature
    lamp = bpy.data.objects.new("Lamp", bpy.data.lights.new("Lamp", "POINT"))
    bpy.context.scene.collection.objects.link(lamp)
    lamp.parent = item
    sword.select_set(False)
    bpy.context.view_layer.objects.active = lamp
    assert meant() is None
    other = rig("daz8")
    other.parent = item
    other.select_set(False)
    bpy.context.view_layer.objects.active = sword
    assert meant() is None, "of two characters neither is meant"


def test_an_instance_of_an_instance_stands_for_the_armature_inside(extension, rig, empty, meant):
    armature, inner, outer = rig(), empty(), empty()
    for item, held, name in ((inner, armature, "Character"), (outer, inner, "Set")):
        collection = bpy.data.collections.new(name)
        collection.objects.link(held)
        bpy.context.scene.collection.objects.unlink(held)
        item.instance_type, item.instance_collection = "COLLECTION", collection
    bpy.context.view_layer.objects.active = outer
    with pytest.raises(
        extension.room("common.errors").InputError, match=f"{armature.name} itself, which is in no scene"
    ):
        meant()
