"""Bones that copy control bones: the controls take the keys; what no keys can move is told."""

import numpy as np
import pytest

bpy = pytest.importorskip("bpy")

from common.motion.skeleton import INDEX  # noqa: E402
from tools.rigs import build, copying  # noqa: E402
from tools.rigs.clips import CLIPS  # noqa: E402
from tools.rigs.description import describe  # noqa: E402

LIMBS = [
    (f"{side}_{start}", f"{side}_{end}")
    for side in ("left", "right")
    for start, end in (("shoulder", "elbow"), ("elbow", "wrist"), ("hip", "knee"), ("knee", "ankle"))
]


@pytest.fixture
def put(extension):
    def apply(motion, armature, **options):
        bpy.context.scene.render.fps = 20
        room = extension.room("isodim_blender.action.apply")
        options = extension.room("isodim_blender.action.options").Options(**({"feet": False} | options))
        return room.apply(motion, armature, bpy.context.scene, 1, "clip", options)

    return apply


def worst_limb(armature, found, motion, frames=(1, 20, 40, 60)):
    """Degrees between the clip's limbs and those that Blender shows; the object stands as it was made."""
    turn = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, -1.0], [0.0, 1.0, 0.0]])
    worst = 0.0
    for frame in frames:
        bpy.context.scene.frame_set(frame)
        shown = armature.evaluated_get(bpy.context.evaluated_depsgraph_get())
        for first, second in LIMBS:
            ends = [
                np.array(shown.matrix_world @ shown.pose.bones[found.bone_map.bone(s)].head) for s in (first, second)
            ]
            clip = turn @ (motion.positions[frame - 1, INDEX[second]] - motion.positions[frame - 1, INDEX[first]])
            rig = ends[1] - ends[0]
            cosine = clip @ rig / np.linalg.norm(clip) / np.linalg.norm(rig)
            worst = max(worst, np.degrees(np.arccos(np.clip(cosine, -1, 1))))
    return worst


def keyed(extension, armature):
    paths = extension.room("isodim_blender.slots").curve_paths(armature.animation_data.action)
    return {path.split('"')[1] for _, path in paths if path.startswith("pose.")}


@pytest.mark.parametrize("how", copying.HOWS)
def test_the_controls_take_the_keys(extension, put, how):
    found = describe("unity", rolls_seed=3)
    armature = copying.copying(found, how)
    motion = CLIPS["walk_backwards"]()
    result = put(motion, armature)
    assert result.hidden == ()
    assert worst_limb(armature, found, motion) < 1.0
    names = {name for name in keyed(extension, armature) if not name.startswith("CTRL-")}
    assert names <= ({found.bone_map.bone("pelvis")} if how in ("COPY_ROTATION", "LOCAL") else set())
    if how == "SWITCHED":
        assert armature.evaluated_get(bpy.context.evaluated_depsgraph_get())["ik"] == 0.0


def test_an_arm_that_copies_the_other_arm_is_told(extension, put, rig):
    armature = rig("mixamo")
    arm = armature.pose.bones["mixamorig:LeftArm"]
    constraint = arm.constraints.new("COPY_ROTATION")
    constraint.target, constraint.subtarget = armature, "mixamorig:RightArm"
    notes = extension.room("isodim_blender.rig.mapping").of(armature).notes
    assert any("LeftArm" in note and "constraint" in note for note in notes), "told before anything is written"
    result = put(CLIPS["walk_backwards"](), armature)
    assert len(result.hidden) == 1
    assert "moved by constraints: mixamorig:LeftArm (Copy Rotation)" in result.hidden[0]
    assert result.hidden[0].startswith("1 of ")


def test_locked_and_limited_bones_are_told_where_they_hold_the_clip_back(put, rig):
    knee = rig("mixamo")
    knee.pose.bones["mixamorig:LeftLeg"].lock_rotation[1] = True
    assert "mixamorig:LeftLeg" in put(CLIPS["sit"](), knee).hidden[0]
    limited = rig("mixamo")
    limit = limited.pose.bones["mixamorig:LeftUpLeg"].constraints.new("LIMIT_ROTATION")
    limit.use_limit_x = limit.use_limit_y = limit.use_limit_z = True
    limit.owner_space = "LOCAL"
    assert "moved by constraints: mixamorig:LeftUpLeg (Limit Rotation)" in put(CLIPS["sit"](), limited).hidden[0]
    wide = rig("mixamo")
    limit = wide.pose.bones["mixamorig:LeftUpLeg"].constraints.new("LIMIT_ROTATION")
    assert put(CLIPS["sit"](), wide).hidden == (), "limits that nothing reaches are none"


def held_by_another(armature, other):
    for bone in armature.pose.bones:
        constraint = bone.constraints.new("COPY_TRANSFORMS")
        constraint.target, constraint.subtarget = other, bone.name


def locked(armature, _other):
    for bone in armature.pose.bones:
        bone.lock_rotation = (True, True, True)


@pytest.mark.parametrize(
    ("hold", "words"),
    [(held_by_another, "moved by constraints: .* put the clip on other"), (locked, "locked channels, .* unlock them")],
)
def test_where_most_bones_are_held_nothing_is_written(extension, put, rig, hold, words):
    other = rig("mixamo")
    other.name = "other"
    armature = rig("mixamo")
    hold(armature, other)
    refused = extension.room("common.errors").InputError
    with pytest.raises(refused, match=words):
        put(CLIPS["sit"](), armature)
    assert armature.animation_data is None
    own = bpy.data.actions.new("own")
    armature.animation_data_create().action = own
    with pytest.raises(refused, match=words):
        put(CLIPS["sit"](), armature)
    assert armature.animation_data.action == own
    assert not own.use_fake_user
    assert list(bpy.data.actions) == [own]


def test_a_negative_scale_is_told(put, rig):
    armature = rig("mixamo")
    armature.scale = (-armature.scale.x, armature.scale.y, armature.scale.z)
    bpy.context.view_layer.update()
    assert "negative scale" in put(CLIPS["sit"](), armature).hidden[0]


def test_an_uneven_scale_is_told(put, rig):
    armature = build.build(describe("unity"))
    armature.scale = (1.0, 1.0, 1.4)
    bpy.context.view_layer.update()
    assert "scaled unevenly (1, 1, 1.4)" in put(CLIPS["sit"](), armature).hidden[0]
