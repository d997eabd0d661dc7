"""What Blender evaluates is what the clip says."""

import time

import numpy as np
import pytest

bpy = pytest.importorskip("bpy")
mathutils = pytest.importorskip("mathutils")

TOLERANCE_M = 1e-4


def heads(armature, joints, world=False):
    """[joint, 3] evaluated joint positions in armature space, or in the world."""
    evaluated = armature.evaluated_get(bpy.context.evaluated_depsgraph_get())
    place = evaluated.matrix_world if world else mathutils.Matrix.Identity(4)
    return np.array([place @ evaluated.pose.bones[name].head for name in joints])


@pytest.fixture
def compare(extension):
    """compare(armature, motion, first_frame): the largest distance between evaluated and wanted joints, m."""
    axes = extension.room("isodim_blender.rig.axes")
    joints = extension.room("common.motion.skeleton").JOINTS

    def run(armature, motion, first_frame, place=None):
        scene = bpy.context.scene
        wanted = motion.resampled(scene.render.fps / scene.render.fps_base)
        worst = 0.0
        for frame in sorted({0, 1, wanted.frames // 3, wanted.frames // 2, wanted.frames - 1}):
            scene.frame_set(first_frame + frame)
            expected = axes.to_blender(wanted.positions[frame])
            if place is not None:
                expected = expected @ np.array(place.to_3x3()).T + np.array(place.translation)
            found = heads(armature, joints, world=place is not None)
            worst = max(worst, np.abs(found - expected).max())
        return worst

    return run


@pytest.mark.parametrize(("fps", "base"), [(20, 1.0), (24, 1.0), (24, 1.001), (30, 1.0), (60, 1.0)])
def test_joints_are_where_the_clip_has_them_at_any_frame_rate(clip, make_motion, compare, fps, base):
    scene = bpy.context.scene
    scene.render.fps, scene.render.fps_base = fps, base
    scene.frame_set(17)
    motion = make_motion()
    before = (scene.frame_start, scene.frame_end)
    assert bpy.ops.isodim.apply_clip(filepath=clip(motion), feet=False) == {"FINISHED"}
    armature = bpy.data.objects["IsoDiM"]
    first, last = armature.animation_data.action.frame_range
    assert first == 17
    assert abs((last - first + 1) / (fps / base) - motion.seconds) <= 0.5 / fps
    assert (scene.render.fps, scene.frame_current, scene.frame_start, scene.frame_end) == (fps, 17, *before)
    assert compare(armature, motion, 17) < TOLERANCE_M


def test_a_moved_turned_and_scaled_armature_carries_the_clip(clip, make_motion, compare):
    motion = make_motion()
    bpy.ops.isodim.apply_clip(filepath=clip(motion), feet=False)
    armature = bpy.data.objects["IsoDiM"]
    place = mathutils.Matrix.LocRotScale((3.0, -2.0, 1.0), mathutils.Euler((0.3, 0.2, 2.5)), (1.5, 1.5, 1.5))
    armature.matrix_world = place
    assert compare(armature, motion, 1, armature.matrix_world.copy()) < TOLERANCE_M


def test_the_rest_pose_stands_on_the_ground_and_faces_minus_y(extension):
    armature = extension.room("isodim_blender.rig.armature").make(bpy.context.scene)
    bones = armature.data.bones
    assert bones["left_foot"].head_local.z == pytest.approx(0.0, abs=1e-6)
    assert 1.4 < bones["head"].head_local.z < 1.7
    assert bones["left_shoulder"].head_local.x > 0.1
    assert bones["left_foot"].head_local.y < bones["left_ankle"].head_local.y - 0.05
    for child, parent in (("left_knee", "left_hip"), ("left_ankle", "left_knee"), ("right_wrist", "right_elbow")):
        assert (bones[parent].tail_local - bones[child].head_local).length < 1e-6
    assert all(bone.length > 0.03 for bone in bones)


def test_both_sides_are_mirror_images(extension):
    bones = extension.room("isodim_blender.rig.armature").make(bpy.context.scene).data.bones
    for bone in bones:
        if bone.name.startswith("left_"):
            other = bones[bone.name.replace("left_", "right_")]
            mirrored = np.array(bone.matrix_local.to_3x3()) * np.array([[1, -1, -1], [-1, 1, 1], [-1, 1, 1]])
            np.testing.assert_allclose(np.array(other.matrix_local.to_3x3()), mirrored, atol=1e-5)


@pytest.mark.parametrize("mode", ["XYZ", "ZXY", "AXIS_ANGLE"])
def test_every_bone_keeps_its_rotation_mode(extension, make_motion, clip, compare, mode):
    armature = extension.room("isodim_blender.rig.armature").make(bpy.context.scene)
    for bone in armature.pose.bones:
        bone.rotation_mode = mode
    bpy.context.view_layer.objects.active = armature
    armature.select_set(True)
    motion = make_motion()
    bpy.ops.isodim.apply_clip(filepath=clip(motion), feet=False)
    assert {bone.rotation_mode for bone in armature.pose.bones} == {mode}
    assert compare(armature, motion, 1) < TOLERANCE_M


def test_locked_channels_get_no_keys(extension, make_motion):
    armature = extension.room("isodim_blender.rig.armature").make(bpy.context.scene)
    armature.pose.bones["head"].lock_rotation[1] = True
    armature.pose.bones["pelvis"].lock_location[0] = True
    extension.room("isodim_blender.action.apply").apply(make_motion(), armature, bpy.context.scene, 1, "clip")
    slots = extension.room("isodim_blender.slots")
    paths = [path for _, path in slots.curve_paths(armature.animation_data.action)]
    assert len(paths) == 22 * 4 - 4 + 2
    assert not [path for path in paths if '"head"' in path]


def test_200_frames_of_22_bones_are_keyed_fast(extension, make_motion, record_property):
    """The product's goal is .05 s on a quiet machine; the test only catches a lost order of magnitude."""
    apply = extension.room("isodim_blender.action.apply")
    armature = extension.room("isodim_blender.rig.armature").make(bpy.context.scene)
    motion = make_motion(frames=200, fps=24.0)
    times = []
    for _ in range(5):
        began = time.process_time()
        apply.apply(motion, armature, bpy.context.scene, 1, "clip")
        times.append(time.process_time() - began)
    record_property("seconds", min(times))
    print(f"apply: {min(times):.4f} s")
    assert min(times) < 0.5
