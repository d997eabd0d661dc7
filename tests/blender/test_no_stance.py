"""A rest pose in which nobody stands: told before anything is written, or the first pose of the rig's own Action stands for it."""

import numpy as np
import pytest

bpy = pytest.importorskip("bpy")
mathutils = pytest.importorskip("mathutils")

from common.motion import quaternions  # noqa: E402
from common.motion.skeleton import INDEX  # noqa: E402
from tools.rigs import animals, build, description, rests  # noqa: E402
from tools.rigs.clips import CLIPS  # noqa: E402

KINDS = list(rests.NO_STANCE)


@pytest.fixture
def put(extension):
    def apply(motion, armature, **options):
        room = extension.room("isodim_blender.action.apply")
        return room.apply(
            motion,
            armature,
            bpy.context.scene,
            1,
            "clip",
            extension.room("isodim_blender.action.options").Options(**options),
        )

    return apply


def refused(extension):
    return extension.room("common.errors").InputError


def upright(armature, found, frame):
    """Cosine of the trunk to the vertical, as Blender shows it."""
    bpy.context.scene.frame_set(frame)
    shown = armature.evaluated_get(bpy.context.evaluated_depsgraph_get())
    hips, neck = (
        np.array(shown.matrix_world @ shown.pose.bones[found.bone_map.bone(slot)].head) for slot in ("pelvis", "neck")
    )
    return (neck - hips)[2] / np.linalg.norm(neck - hips)


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_written_and_the_sentence_says_what_to_do(extension, put, kind):
    armature = build.build(rests.NO_STANCE[kind](description.describe("mixamo")))
    with pytest.raises(refused(extension), match=r"rest pose of mixamo is .*Current Pose Is My Rest"):
        put(CLIPS["walk_backwards"](), armature)
    assert armature.animation_data is None
    assert len(bpy.data.actions) == 0


def standing_pose(armature, kind):
    """Poses the rig as it would stand: by hand, world matrices of the same maker's rig at rest."""
    model = build.build(description.describe("mixamo"))
    wanted = {bone.name: bone.matrix.copy() for bone in model.pose.bones}
    bpy.data.objects.remove(model)
    build.activate(armature)
    for bone in sorted(armature.pose.bones, key=lambda bone: len(bone.parent_recursive)):
        bone.matrix = wanted[bone.name]
        bpy.context.view_layer.update()


@pytest.mark.parametrize("kind", ["along x", "lying", "sitting"])
def test_a_pose_that_stands_repairs_it(extension, put, kind):
    found = rests.NO_STANCE[kind](description.describe("mixamo"))
    armature = build.build(found)
    standing_pose(armature, kind)
    bpy.ops.isodim.set_stance()
    result = put(CLIPS["walk_backwards"](), armature)
    assert result.hidden == ()
    assert min(upright(armature, found, frame) for frame in (1, 30, 60)) > 0.98


@pytest.mark.parametrize("kind", ["along x", "lying", "bowing"])
def test_the_first_pose_of_its_action_stands_for_it(extension, put, kind):
    found = rests.NO_STANCE[kind](description.describe("mixamo"))
    armature = build.build(found)
    standing_pose(armature, kind)
    for bone in armature.pose.bones:
        bone.keyframe_insert("rotation_quaternion", frame=1)
        bone.keyframe_insert("location", frame=1)
    own = armature.animation_data.action
    motion = extension.room("isodim_blender.action.action_motion").motion_of(armature, own, bpy.context.scene)
    trunk = motion.positions[0, INDEX["neck"]] - motion.positions[0, INDEX["pelvis"]]
    assert trunk[1] / np.linalg.norm(trunk) > 0.98
    assert armature.isodim.stance == "", "reading remembers nothing"
    result = put(CLIPS["walk_backwards"](), armature)
    assert "rest pose is" in result.hidden[0] and own.name in result.hidden[0]
    assert min(upright(armature, found, frame) for frame in (1, 30, 60)) > 0.98
    again = put(CLIPS["sit"](), armature)
    assert again.hidden == (), "what was taken once is kept"
    assert upright(armature, found, 1) > 0.98


def test_a_lying_object_lies_and_lying_data_that_stand_do_not(extension, put):
    """Laid down as an object it plays lying, as it should; data with Y up stand through their object's turn."""
    laid = build.build(description.describe("mixamo", up="Z"))
    laid.rotation_euler.x = np.pi / 2
    bpy.context.view_layer.update()
    assert put(CLIPS["sit"](), laid).hidden == ()
    turned = build.build(description.describe("mixamo", up="Y"))
    assert put(CLIPS["sit"](), turned).hidden == ()
    turned.matrix_world = mathutils.Matrix()
    bpy.context.view_layer.update()
    with pytest.raises(refused(extension), match="lying"):
        put(CLIPS["sit"](), turned)


@pytest.mark.parametrize("number", [np.nan, np.inf, 1e39])
def test_no_key_is_ever_no_number(extension, rig, number):
    keyframes, curves = (extension.room(f"isodim_blender.action.{name}") for name in ("keyframes", "curves"))
    armature = rig()
    values = np.zeros((3, 3))
    values[1, 2] = number
    path = armature.pose.bones[0].path_from_id("location")
    with pytest.raises(refused(extension), match="no number in pose"):
        keyframes.write(armature, "clip", [curves.Track(path, "group", values, (0, 1, 2))], 1, {})
    assert armature.animation_data is None
    assert len(bpy.data.actions) == 0


@pytest.mark.parametrize("degrees", [15.0, 25.0])
@pytest.mark.parametrize("flat", [True, False])
def test_a_rest_that_leans_walks_on_the_level_and_upright(put, degrees, flat):
    found = rests.leaning(description.describe("mixamo"), degrees, flat)
    armature = build.build(found)
    motion = CLIPS["walk_backwards"]()
    assert put(motion, armature).hidden == ()
    assert min(upright(armature, found, frame) for frame in (1, 30, 60)) > 0.98
    heights = []
    for frame in (1, 30, 60, 90):
        bpy.context.scene.frame_set(frame)
        shown = armature.evaluated_get(bpy.context.evaluated_depsgraph_get())
        heights.append((shown.matrix_world @ shown.pose.bones[found.bone_map.bone("pelvis")].head)[2])
    assert np.ptp(heights) < 0.1


@pytest.mark.parametrize("maker", ["mixamo", "smplx"])
def test_data_askew_that_stand_in_the_world_play_as_if_they_were_straight(put, maker):
    askew = quaternions.about((0.6, 0.64, 0.48), np.radians(32.0))
    found = rests.turned(description.describe(maker), askew)
    armature = build.build(found)
    back = quaternions.to_matrix(
        quaternions.inverse(
            quaternions.multiply(found.wire, quaternions.multiply(askew, quaternions.inverse(found.wire)))
        )
    )
    world = np.array(armature.matrix_world)
    world[:3, :3] = world[:3, :3] @ back
    armature.matrix_world = mathutils.Matrix(world)
    bpy.context.view_layer.update()
    result = put(CLIPS["walk_backwards"](), armature)
    assert result.hidden == ()
    assert min(upright(armature, found, frame) for frame in (1, 30, 60)) > 0.98


@pytest.mark.parametrize("name", animals.ANIMALS)
def test_animals_are_refused_kindly(extension, put, name):
    armature = build.build(animals.animal(name))
    with pytest.raises(refused(extension), match="clips are made for people"):
        put(CLIPS["sit"](), armature)
    assert len(bpy.data.actions) == 0


def set_stance():
    with pytest.raises(RuntimeError) as error:
        bpy.ops.isodim.set_stance()
    return str(error.value)


def test_a_pose_that_will_not_do_is_no_rest(rig):
    armature = rig()
    thigh = next(bone for bone in armature.pose.bones if bone.name.endswith("LeftUpLeg"))
    for scale in ((1.0, 3.0, 1.0), (-1.0, 1.0, 1.0), (0.0, 0.0, 0.0)):
        thigh.scale = scale
        bpy.context.view_layer.update()
        assert "scaled at" in set_stance() and "LeftUpLeg" in set_stance()
    thigh.scale = (1.0, 1.0, 1.0)
    thigh.rotation_quaternion = (np.nan, 0.0, 0.0, 0.0)
    bpy.context.view_layer.update()
    assert "no number" in set_stance()
    thigh.rotation_quaternion = (0.7, -0.7, 0.0, 0.0)
    bpy.context.view_layer.update()
    assert "as it is posed now" in set_stance()
    assert armature.isodim.stance == ""


def test_a_rest_chosen_before_the_bones_were_renamed_is_told(extension, put, rig):
    armature = rig()
    bpy.ops.isodim.set_stance()
    for bone in armature.data.bones:
        bone.name = bone.name.removeprefix("mixamorig:")
    with pytest.raises(refused(extension), match=r"one without Hips and 2\d more bones"):
        put(CLIPS["sit"](), armature)
    assert armature.animation_data is None


@pytest.mark.parametrize(
    "text", ["{}", '{"mixamorig:Hips": [0, 0, 0, 0, 0, 0, 0]}', '{"mixamorig:Hips": [NaN, 0, 0, 0, 0, 0, 0]}']
)
def test_a_damaged_rest_is_one_sentence(extension, put, rig, text):
    armature = rig()
    armature.isodim.stance = text
    with pytest.raises(refused(extension), match="aken as rest"):
        put(CLIPS["sit"](), armature)
    assert armature.animation_data is None
