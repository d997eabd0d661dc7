"""Limbs under plain IK constraints: FK switches them off, IK brings their targets; Blender evaluates both."""

import numpy as np
import pytest

bpy = pytest.importorskip("bpy")

from tools.rigs import build, clips  # noqa: E402 - needs bpy
from tools.rigs.description import describe  # noqa: E402


@pytest.fixture
def play(extension):
    """play(armature, bone_map, clip, kind) -> the controls, and the worst degrees and cm of each mapped bone."""
    rig = "isodim_blender.rig"
    quaternions = extension.room("common.motion.quaternions")

    def run(armature, bone_map, clip, kind):
        bone_map = extension.room("common.rigs.bone_map").BoneMap(bone_map.slots, bone_map.twists, bone_map.root)
        found = extension.room(f"{rig}.controls").find(armature, bone_map)
        rest = extension.room(f"{rig}.armature").rest_pose(armature)
        fitted = extension.room(f"{rig}.fit").fit(rest, bone_map)
        pose = extension.room(f"{rig}.retarget").transfer(fitted, clip)
        tracks = extension.room("isodim_blender.action.curves").of_channels(armature, found.channels(rest, pose, kind))
        extension.room("isodim_blender.action.keyframes").write(armature, "clip", tracks, 1, {})
        wanted = extension.room(f"{rig}.kinematics").Kinematics(rest, pose)
        worst = {}
        for frame in range(0, pose.frames, 6):
            bpy.context.scene.frame_set(1 + frame)
            for index, rotation in pose.rotations.items():
                matrix = np.array(armature.pose.bones[rest.rig.names[index]].matrix)
                along, right = matrix[:3, 1], quaternions.rotate(rotation[frame], (0.0, 1.0, 0.0))
                degrees = np.degrees(np.arctan2(np.linalg.norm(np.cross(along, right)), along @ right))
                apart = np.linalg.norm(matrix[:3, 3] - wanted.head(index)[frame]) / fitted.scale * 100
                before = worst.get(rest.rig.names[index], (0.0, 0.0))
                worst[rest.rig.names[index]] = (max(before[0], degrees), max(before[1], apart))
        return found, worst

    return run


def pole_angle(thigh, shin, pole):
    """The angle at which a pole constraint leaves the rest pose alone: from the pole to the thigh's X axis, about the thigh."""
    normal = (shin.tail_local - thigh.head_local).cross(pole.head_local - thigh.head_local)
    aside = normal.cross(thigh.tail_local - thigh.head_local)
    axis = thigh.matrix_local.col[0].to_3d()
    angle = axis.angle(aside)
    return angle if axis.cross(aside).dot(thigh.tail_local - thigh.head_local) < 0 else -angle


@pytest.fixture
def simple(extension):
    """A plain rig whose left leg hangs on a target, with a pole ahead of the knee, and a property that drives the IK."""
    description = describe("mixamo", knee_deg=10.0)
    armature = build.build(description)
    thigh, shin, foot = (description.bone_map.slots[f"left_{part}"][0] for part in ("hip", "knee", "ankle"))
    bpy.ops.object.mode_set(mode="EDIT")
    bones = armature.data.edit_bones
    start, hinge, end = (bones[name].head.copy() for name in (thigh, shin, foot))
    bones[thigh].tail, bones[shin].tail = hinge, end
    pole, goal = bones.new("pole"), bones.new("goal")
    pole.head = hinge + ((hinge - start).normalized() - (end - hinge).normalized()).normalized() * (end - start).length
    pole.tail = pole.head * 1.1
    goal.head, goal.tail, goal.roll = end, end * 1.2, 0.7
    bpy.ops.object.mode_set(mode="OBJECT")
    bones = armature.data.bones
    bone = armature.pose.bones[shin]
    constraint = bone.constraints.new("IK")
    constraint.name, constraint.chain_count, constraint.use_stretch = "IK.leg", 2, False
    constraint.target = constraint.pole_target = armature
    constraint.subtarget, constraint.pole_subtarget = "goal", "pole"
    constraint.pole_angle = pole_angle(bones[thigh], bones[shin], bones["pole"])
    bone["fk"] = 0.0
    driver = constraint.driver_add("influence").driver
    driver.type, driver.expression = "SCRIPTED", "1 - fk"
    variable = driver.variables.new()
    variable.name, variable.targets[0].id = "fk", armature
    variable.targets[0].data_path = f'pose.bones["{shin}"]["fk"]'
    bpy.context.view_layer.update()
    moved = np.array(bone.matrix) - np.array(bone.bone.matrix_local)
    assert np.abs(moved[:3, :3]).max() < 0.01, "the rig is not at rest under its own constraint"
    return armature, description.bone_map, shin


@pytest.mark.parametrize("kind", ["FK", "IK"])
def test_a_leg_with_a_target_a_pole_and_a_driven_switch(simple, play, kind):
    armature, bone_map, shin = simple
    found, worst = play(armature, bone_map, clips.sit(), kind)
    assert armature.pose.bones[shin]["fk"] == (kind == "FK")
    assert found.notes == ()
    assert max(degrees for degrees, _ in worst.values()) < 1.0, worst
    assert max(apart for _, apart in worst.values()) < 1.0, worst


@pytest.mark.parametrize("kind", ["FK", "IK"])
@pytest.mark.parametrize("clip", ["walk_backwards", "crouch"])
def test_mmd_legs(extension, play, clip, kind):
    description = describe("mmd")
    armature = build.build(description)
    found, worst = play(armature, description.bone_map, getattr(clips, clip)(), kind)
    assert len(found.chains) == 4
    assert max(degrees for degrees, _ in worst.values()) < 1.0, worst
    assert max(apart for _, apart in worst.values()) < 1.0, worst


def test_without_the_controls_the_keys_of_such_a_leg_do_not_show(extension, simple, play):
    armature, bone_map, shin = simple
    play(armature, bone_map, clips.walk_backwards(), "FK")
    bpy.context.scene.frame_set(50)
    keyed = np.array(armature.pose.bones[shin].matrix)
    curves = [path for _, path in extension.room("isodim_blender.slots").curve_paths(armature.animation_data.action)]
    assert any(path.endswith('["fk"]') for path in curves)
    armature.animation_data.action = None
    armature.pose.bones[shin]["fk"] = 0.0
    armature.update_tag()
    bpy.context.view_layer.update()
    assert np.abs(np.array(armature.pose.bones[shin].matrix) - keyed)[:3, :3].max() > 0.1


def test_other_constraints_are_told_and_plain_rigs_have_no_controls(extension):
    description = describe("mixamo")
    armature = build.build(description)
    find = extension.room("isodim_blender.rig.controls").find
    assert find(armature, description.bone_map) is None
    bone = armature.pose.bones[description.bone_map.slots["head"][0]]
    constraint = bone.constraints.new("COPY_ROTATION")
    constraint.target, constraint.subtarget = armature, description.bone_map.slots["pelvis"][0]
    found = find(armature, description.bone_map)
    assert found.chains == ()
    assert bone.name in found.notes[0] and len(found.notes) == 1
