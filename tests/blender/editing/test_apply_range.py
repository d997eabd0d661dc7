"""An edited clip on a rig: nothing outside the range changes, borders meet as the rig plays them, the edit arrives."""

import numpy as np
import pytest

bpy = pytest.importorskip("bpy")

from tests.blender import scene_facts  # noqa: E402
from tests.blender.editing import played  # noqa: E402
from tools.rigs import build, description  # noqa: E402
from tools.rigs.clips import CLIPS  # noqa: E402

START, FIRST, LAST, END = 11, 40, 75, 106
AT = np.concatenate([played.times(START - 3, FIRST - 1), played.times(LAST + 1, END + 5)])
MOST_SEAM = 1.1
MOST_M = {"EVERY_FRAME": 2e-3, "SPARSE": 0.01}
MOST_SOLVED_M = 0.03
"""A leg that is turned at random cannot be had from an IK solver: the whole clip on the rig is as far off."""
RIGS = {
    "Mixamo": ("mixamo", "HIPS", "FK"),
    "UE5 by root": ("ue5", "ROOT", "FK"),
    "Unity by object": ("unity", "OBJECT", "FK"),
    "MMD with IK": ("mmd", "HIPS", "IK"),
    "Rigify FK": ("rigify", "HIPS", "FK"),
    "Rigify IK": ("rigify", "HIPS", "IK"),
    "IsoDiM": (None, "HIPS", "FK"),
}


@pytest.fixture
def start(rooms):
    """start(rig, keys, clip=...): an armature that plays a walk from frame 11 on, and the clip that it plays."""

    def make(rig, keys="EVERY_FRAME", clip="walk_backwards"):
        maker, root, kind = RIGS[rig]
        apply, scene = rooms("action.apply"), bpy.context.scene
        options = apply.Options(root=root, keys=keys, controls=kind)
        if maker is None:
            armature = rooms("rig.armature").make(scene)
        elif maker == "rigify":
            armature = build.generated()
        else:
            armature = build.build(description.describe(maker, rolls_seed=1), "turned", mixed_modes=True)
        apply.apply(CLIPS[clip](), armature, scene, START, clip, options)
        return armature, rooms("action.action_motion").motion_of(armature, armature.animation_data.action, scene)

    return make


def put(rooms, armature, clip, first=FIRST, last=LAST, keys="EVERY_FRAME", feet=False, follows=False):
    options = rooms("action.apply").Options(keys=keys, feet=feet)
    return rooms("editing.apply_range").apply_range(
        armature, clip, bpy.context.scene, START, first, last, options, follows=follows
    )


def apart(rooms, armature, clip):
    """[frame] m: the largest distance of a joint from where the clip has it."""
    found = rooms("action.action_motion").motion_of(armature, armature.animation_data.action, bpy.context.scene)
    return np.linalg.norm(found.positions - clip.positions, axis=-1).max(axis=1)


@pytest.mark.parametrize("keys", ["EVERY_FRAME", "SPARSE"])
@pytest.mark.parametrize("rig", RIGS)
def test_a_range_of_any_rig(rooms, start, rig, keys):
    armature, clip = start(rig, keys)
    old = armature.animation_data.action
    before = played.values(old, AT)
    new = played.edited(clip, FIRST - START, LAST + 1 - START)
    done = put(rooms, armature, new, keys=keys)
    copy = armature.animation_data.action
    assert copy != old and copy.name == done.action and copy.isodim.replaces == old
    change, more = played.largest_change(before, played.values(copy, AT))
    size = max(np.abs(values).max() for values in before.values())
    assert not more
    if keys == "EVERY_FRAME":
        assert change == 0.0
    else:
        assert change <= 4e-6 * max(size, 1.0)
    assert played.largest_change(before, played.values(old, AT)) == (0.0, set())
    assert set(done.seams) == {FIRST, LAST + 1}
    print(rig, keys, change, done.seams)
    assert max(max(jumps) for jumps in done.seams.values()) < MOST_SEAM
    assert (done.options.root, done.options.controls) == RIGS[rig][1:] or RIGS[rig][2] == "FK"
    off = apart(rooms, armature, new)
    print("apart", off.max())
    inside = slice(FIRST - START, LAST + 1 - START)
    assert np.linalg.norm(new.positions - clip.positions, axis=-1)[inside].max() > 0.1
    assert off[inside].max() < (MOST_SOLVED_M if rig == "MMD with IK" else MOST_M[keys])


@pytest.mark.parametrize("rig", ["Mixamo", "Unity by object"])
def test_planted_feet_leave_the_outside_alone(rooms, start, rig):
    armature, clip = start(rig)
    before = played.values(armature.animation_data.action, AT)
    new = played.edited(clip, FIRST - START, LAST + 1 - START, reach=0.15)
    done = put(rooms, armature, new, feet=True)
    assert played.largest_change(before, played.values(armature.animation_data.action, AT)) == (0.0, set())
    assert done.slide_cm[1] <= 0.5 < done.slide_cm[0]
    assert max(max(jumps) for jumps in done.seams.values()) < MOST_SEAM


@pytest.mark.parametrize("rig", ["Mixamo", "UE5 by root", "Unity by object"])
def test_the_rest_follows_rigidly(rooms, start, rig):
    armature, clip = start(rig)
    early = AT[AT < FIRST]
    before = played.values(armature.animation_data.action, early)
    longer = played.edited(clip, FIRST - START, clip.frames, drift=(0.3, 0.0, 0.2))
    done = put(rooms, armature, longer, follows=True)
    assert played.largest_change(before, played.values(armature.animation_data.action, early)) == (0.0, set())
    assert set(done.seams) == {FIRST} and max(done.seams[FIRST]) < MOST_SEAM
    assert apart(rooms, armature, longer).max() < 2e-3
    shorter = played.sliced(longer, slice(0, 60))
    rooms("editing.preview").discard(armature)
    done = put(rooms, armature, shorter, follows=True)
    assert rooms("rig.recording").frames_of(armature.animation_data.action).stop == START + 60
    assert apart(rooms, armature, shorter).max() < 2e-3


def test_a_range_at_the_ends_has_no_border_there(rooms, start):
    armature, clip = start("Mixamo")
    new = played.edited(clip, 0, 30)
    assert set(put(rooms, armature, new, START, START + 29).seams) == {START + 30}
    assert apart(rooms, armature, new).max() < 2e-3


def test_hand_animated_fingers_and_scales_are_left_alone(rooms, start):
    armature, clip = start("Mixamo")
    mapped = {b for bones in rooms("rig.mapping").of(armature).bone_map.slots.values() for b in bones}
    finger = next(bone for bone in armature.pose.bones if bone.name not in mapped)
    finger.rotation_mode = "XYZ"
    for frame in (20, 50, 90):
        finger.rotation_euler.x = frame / 30
        finger.keyframe_insert("rotation_euler", frame=frame)
    action = armature.animation_data.action
    key = next(key for key in played.curves(action) if finger.name in key[1])
    everywhere = played.times(START, END)
    before = played.values(action, everywhere)[key]
    put(rooms, armature, played.edited(clip, FIRST - START, LAST + 1 - START))
    np.testing.assert_array_equal(played.values(armature.animation_data.action, everywhere)[key], before)


def test_of_an_action_with_several_slots_the_one_that_is_played_is_edited(rooms, start):
    """Renaming an armature does not rename its slot."""
    if bpy.app.version < (4, 4, 0):
        pytest.skip("slots since Blender 4.4")
    armature, clip = start("Mixamo")
    action = armature.animation_data.action
    other = action.slots.new(id_type="OBJECT", name="new name")
    new_curve = rooms("slots").curve_maker(action, other)
    for bone in armature.pose.bones:
        for axis in range(4):
            path = bone.path_from_id("rotation_quaternion")
            new_curve(path, axis, "").keyframe_points.insert(START, 0.5)
            new_curve(path.replace("quaternion", "euler"), axis, "").keyframe_points.insert(START, 0.5)
    armature.name = "new name"
    before = played.values(action, played.times(START, END))
    new = played.edited(clip, FIRST - START, LAST + 1 - START)
    done = put(rooms, armature, new)
    assert max(max(jumps) for jumps in done.seams.values()) < MOST_SEAM
    assert apart(rooms, armature, new).max() < 2e-3
    after = played.values(armature.animation_data.action, played.times(START, END))
    for key, values in before.items():
        assert key[0] != other.identifier or np.array_equal(values, after[key])


def test_the_scene_and_the_pose_stay(rooms, start):
    armature, clip = start("Mixamo")
    bpy.context.scene.frame_set(33)
    before = scene_facts.everything(armature)
    put(rooms, armature, played.edited(clip, FIRST - START, LAST + 1 - START))
    after = scene_facts.everything(armature)
    for changed in ("actions", "playing"):
        before.pop(changed), after.pop(changed)
    assert before == after


def test_the_edit_is_remembered(rooms, start):
    import json

    armature, clip = start("Mixamo")
    new = played.edited(clip, FIRST - START, LAST + 1 - START)
    new.meta.update(prompt="a person jumps", seed=4)
    put(rooms, armature, new)
    put(rooms, armature, new, 80, 90)
    edits = json.loads(armature.animation_data.action["isodim_edits"])
    assert [(edit["first"], edit["last"], edit["prompt"], edit["seed"]) for edit in edits] == [
        (FIRST, LAST, "a person jumps", 4),
        (80, 90, "a person jumps", 4),
    ]


@pytest.mark.parametrize(("first", "last"), [(50, 40), (5, 20), (90, 200)])
def test_a_range_outside_the_clip_is_refused(rooms, start, first, last):
    armature, clip = start("Mixamo")
    old = armature.animation_data.action
    with pytest.raises(rooms("editing.apply_range").InputError, match="Range"):
        put(rooms, armature, clip, first, last)
    assert armature.animation_data.action == old and len(bpy.data.actions) == 1


def test_a_curve_that_cannot_be_cut_leaves_everything_as_it_was(rooms, start):
    armature, clip = start("Mixamo")
    old = armature.animation_data.action
    curve = list(played.curves(old).values())[40]
    curve.modifiers.new("CYCLES")
    with pytest.raises(rooms("editing.apply_range").InputError, match="modifier CYCLES"):
        put(rooms, armature, played.edited(clip, FIRST - START, LAST + 1 - START))
    assert armature.animation_data.action == old and len(bpy.data.actions) == 1
