"""The humanoid map of the VRM add-on, as its registered properties and as what stays in a file without the add-on."""

import pytest

bpy = pytest.importorskip("bpy")

BONES = ("J_Hips", "J_Spine", "J_Chest", "J_Head", "J_L_UpperArm", "J_L_LowerArm", "J_R_Foot", "hair")
MAP = {
    "hips": "J_Hips", "spine": "J_Spine", "chest": "J_Chest", "head": "J_Head", "leftUpperArm": "J_L_UpperArm",
    "leftLowerArm": "J_L_LowerArm", "rightFoot": "J_R_Foot", "jaw": "hair", "neck": "not there",
}  # fmt: skip
EXPECTED = {
    "pelvis": ("J_Hips",), "spine": ("J_Spine", "J_Chest"), "head": ("J_Head",), "left_shoulder": ("J_L_UpperArm",),
    "left_elbow": ("J_L_LowerArm",), "right_ankle": ("J_R_Foot",),
}  # fmt: skip


def snake(human):
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in human)


@pytest.fixture
def armature(extension):
    data = bpy.data.armatures.new("Vrm")
    item = bpy.data.objects.new("Vrm", data)
    bpy.context.scene.collection.objects.link(item)
    bpy.context.view_layer.objects.active = item
    bpy.ops.object.mode_set(mode="EDIT")
    for number, name in enumerate(BONES):
        bone = data.edit_bones.new(name)
        bone.head, bone.tail = (0.0, 0.0, number), (0.0, 0.0, number + 1.0)
    bpy.ops.object.mode_set(mode="OBJECT")
    return data


@pytest.fixture
def read(extension, armature):
    return lambda: extension.room("isodim_blender.rig.vrm").stored_map(armature)


def test_an_armature_without_a_stored_map_has_none(armature, read):
    assert read() == ("", {})
    armature["vrm_addon_extension"] = {"spec_version": "1.0", "vrm1": {}}
    assert read() == ("", {})
    armature["vrm_addon_extension"] = "something else"
    assert read() == ("", {})


def test_vrm_0_is_a_list_of_pairs(armature, read):
    humans = [{"bone": human, "node": {"bone_name": bone}} for human, bone in MAP.items()]
    armature["vrm_addon_extension"] = {"spec_version": "0.0", "vrm0": {"humanoid": {"human_bones": humans}}}
    assert read() == ("VRM 0", EXPECTED)


def test_vrm_1_has_a_field_for_each_bone(armature, read):
    humans = {snake(human): {"node": {"value": bone}} for human, bone in MAP.items()}
    armature["vrm_addon_extension"] = {"vrm1": {"humanoid": {"human_bones": humans}}}
    assert read() == ("VRM 1", EXPECTED)


def test_newer_files_name_bones_by_a_number_that_both_bear(armature, read):
    for number, bone in enumerate(armature.bones):
        bone["vrm_addon_extension"] = {"uuid": f"u{number}"}
    humans = {
        snake(human): {"node": {"bone_uuid": f"u{BONES.index(bone)}"}} for human, bone in MAP.items() if bone in BONES
    }
    armature["vrm_addon_extension"] = {"vrm1": {"humanoid": {"human_bones": humans}}}
    assert read() == ("VRM 1", EXPECTED)


@pytest.fixture
def addon(extension):
    """The add-on's classes in a small form: registered properties of the same names."""

    class Node(bpy.types.PropertyGroup):
        bone_name: bpy.props.StringProperty()

    class HumanBone(bpy.types.PropertyGroup):
        bone: bpy.props.StringProperty()
        node: bpy.props.PointerProperty(type=Node)

    class Humanoid0(bpy.types.PropertyGroup):
        human_bones: bpy.props.CollectionProperty(type=HumanBone)

    class Vrm0(bpy.types.PropertyGroup):
        humanoid: bpy.props.PointerProperty(type=Humanoid0)

    class Armature(bpy.types.PropertyGroup):
        spec_version: bpy.props.StringProperty(default="0.0")
        vrm0: bpy.props.PointerProperty(type=Vrm0)

    classes = (Node, HumanBone, Humanoid0, Vrm0, Armature)

    def switch(on):
        for cls in classes if on else reversed(classes):
            (bpy.utils.register_class if on else bpy.utils.unregister_class)(cls)
        if on:
            bpy.types.Armature.vrm_addon_extension = bpy.props.PointerProperty(type=Armature)
        else:
            del bpy.types.Armature.vrm_addon_extension

    switch(True)
    yield switch
    if hasattr(bpy.types.Armature, "vrm_addon_extension"):
        switch(False)


def test_registered_properties_are_read_and_stay_readable_without_the_add_on(armature, read, addon):
    assert read() == ("", {})
    for human, bone in MAP.items():
        made = armature.vrm_addon_extension.vrm0.humanoid.human_bones.add()
        made.bone, made.node.bone_name = human, bone
    assert read() == ("VRM 0", EXPECTED)
    addon(False)
    assert not hasattr(armature, "vrm_addon_extension")
    assert read() == ("VRM 0", EXPECTED)
