"""Feet stand still and on the ground on figures of other proportions; what needs no change gets none."""

import time

import numpy as np
import pytest
from isodim.common.motion import quaternions
from isodim.common.motion.skeleton import INDEX, rest_positions
from isodim.isodim_blender.rig import feet, limbs
from isodim.isodim_blender.rig.fit import fit
from isodim.isodim_blender.rig.kinematics import Kinematics
from isodim.isodim_blender.rig.rest import ArmaturePose
from isodim.isodim_blender.rig.retarget import transfer

from tests.addon import canonical_rig
from tests.addon.described import rest_pose
from tests.addon.other_figures import PROPORTIONS, Z_UP, figure, jerk, paths
from tools.rigs import description
from tools.rigs.clips import CLIPS

OTHERS = [name for name in PROPORTIONS if name != "canonical"]
FPS = 24.0
WORST_CM = 1.0


def planted(fitted, motion, **options):
    pose = transfer(fitted, motion)
    return pose, feet.plant(fitted, pose, motion.contacts, motion.fps, **options)


def slide_cm(path, held):
    """The largest way over the ground of path [frame, 3] from its median place, over each run of `held` [frame]."""
    ends = np.flatnonzero(np.diff(np.concatenate([[False], held, [False]]).astype(int)))
    pieces = [path[start:end, [0, 2]] for start, end in ends.reshape(-1, 2)]
    return 100 * max(np.linalg.norm(piece - np.median(piece, axis=0), axis=-1).max() for piece in pieces)


@pytest.mark.parametrize("clip", CLIPS)
@pytest.mark.parametrize("proportions", OTHERS)
def test_feet_stand_still_on_the_ground(proportions, clip):
    fitted, motion = figure(proportions, scale=100.0), CLIPS[clip]().resampled(FPS)
    pose, found = planted(fitted, motion)
    assert found.slide.after_cm <= WORST_CM
    assert found.slide.after_cm <= found.slide.before_cm
    before, after = (paths(fitted, each, "hip", "knee", "ankle", "foot") for each in (pose, found.pose))
    assert after[:, :, 3, 1].min() > -0.001
    for part in (0, 1, 2):
        assert jerk(after[:, :, part], FPS) < 1.5 * jerk(before[:, :, part], FPS) + 20.0


@pytest.mark.parametrize("proportions", OTHERS)
def test_the_slide_that_is_told_is_the_slide_of_the_feet(proportions):
    """Measured anew from the heads of the bones, ankles in a crouch on the toes left out."""
    fitted, motion = figure(proportions), CLIPS["walk_backwards"]()
    pose, found = planted(fitted, motion)
    ankles = [paths(fitted, each, "ankle")[:, :, 0] for each in (pose, found.pose)]
    before, after = (max(slide_cm(path[:, k], motion.contacts[:, 2 * k] > 0.5) for k in (0, 1)) for path in ankles)
    assert found.slide.before_cm == pytest.approx(before, abs=1e-6)
    assert found.slide.after_cm == pytest.approx(after, abs=1e-6)
    assert before > 0.3
    assert after < 0.05


@pytest.mark.parametrize("maker", description.makers())
def test_the_rigs_of_all_makers(maker):
    """Segmented limbs, twist bones, feet without toes: the ankle comes where it is told through all of them."""
    found = description.describe(maker, "A", 10, 10, 4, rolls_seed=3)
    fitted = fit(rest_pose(found), found.bone_map)
    for make in CLIPS.values():
        _, result = planted(fitted, make())
        assert result.slide.after_cm <= WORST_CM
        for side, path in zip(("left", "right"), np.moveaxis(paths(fitted, result.pose, "ankle"), 1, 0), strict=True):
            assert path[..., 1].min() > 0.69 * limbs.soles(fitted, side)[0]


def assert_only_toes(fitted, pose, found):
    toes = {bone for side in ("left", "right") for bone in fitted.bones(f"{side}_foot")}
    assert found.heads is pose.heads
    assert all(found.rotations[bone] is turn for bone, turn in pose.rotations.items() if bone not in toes)


@pytest.mark.parametrize("fps", [20.0, 24.0, 60.0])
@pytest.mark.parametrize("clip", [name for name in CLIPS if name != "cartwheel"])
def test_a_clip_that_stands_well_keeps_all_but_its_toes(clip, fps):
    fitted, motion = figure("canonical"), CLIPS[clip]().resampled(fps)
    pose, found = planted(fitted, motion)
    assert_only_toes(fitted, pose, found.pose)
    assert found.slide.before_cm == found.slide.after_cm < 0.3


def test_only_legs_toes_and_the_pelvis_place_change():
    fitted, motion = figure("long thighs"), CLIPS["walk_backwards"]()
    pose, found = planted(fitted, motion)
    legs = {bone for side in ("left", "right") for part in ("hip", "knee") for bone in fitted.bones(f"{side}_{part}")}
    assert pose.rotations.keys() == found.pose.rotations.keys()
    assert pose.heads.keys() == found.pose.heads.keys()
    toes = {bone for side in ("left", "right") for bone in fitted.bones(f"{side}_foot")}
    for bone, rotation in pose.rotations.items():
        assert bone in toes or (found.pose.rotations[bone] is rotation) == (bone not in legs)


def test_neither_unit_nor_axes_matter():
    motion = CLIPS["crouch"]()
    first, second = figure("long shins and feet"), figure("long shins and feet", 100.0, quaternions.identity())
    one, other = (paths(fitted, planted(fitted, motion)[1].pose, "hip", "knee", "ankle") for fitted in (first, second))
    np.testing.assert_allclose(one, other, atol=1e-6)


def test_a_rig_without_toes_stands_on_its_soles():
    fitted = figure("long thighs", toes=False)
    _, found = planted(fitted, CLIPS["walk_backwards"]())
    assert found.slide.before_cm > 0.3
    assert found.slide.after_cm < 0.1


def test_a_float_comes_down_to_the_ground_and_a_sunk_foot_up():
    fitted, motion = figure("canonical"), CLIPS["sit"]()
    pose = transfer(fitted, motion)
    slid = fitted.scale * np.linspace(0.0, 0.02, motion.frames)[:, None] * quaternions.rotate(fitted.wire, (0, 0, 1.0))
    for height in (0.03, -0.03):
        heads = {bone: head + slid + fitted.scale * height * fitted.up for bone, head in pose.heads.items()}
        found = feet.plant(fitted, ArmaturePose(pose.rotations, heads), motion.contacts, motion.fps)
        toes = paths(fitted, found.pose, "foot")[:, :, 0, 1]
        np.testing.assert_allclose(toes, rest_positions()[INDEX["left_foot"], 1], atol=0.003)


def test_a_straight_leg_bends_forward():
    """The figure stands with straight knees and sinks: the ground lifts its feet."""
    fitted = figure("canonical")
    motion = canonical_rig.clip(quaternions.identity(30, 22), np.tile(rest_positions()[0] - (0, 0.05, 0), (30, 1)))
    _, found = planted(fitted, motion)
    hips, knees, ankles = np.moveaxis(paths(fitted, found.pose, "hip", "knee", "ankle"), 2, 0)
    assert ((knees - (hips + ankles) / 2)[..., 2] > 0.05).all()


def test_a_foot_that_is_far_above_the_ground_does_not_stand():
    fitted, motion = figure("long thighs"), CLIPS["sit"]()
    pose = transfer(fitted, motion)
    raised = {bone: head + 0.5 * fitted.scale * fitted.up for bone, head in pose.heads.items()}
    up = ArmaturePose(pose.rotations, raised)
    found = feet.plant(fitted, up, np.ones((motion.frames, 4)), motion.fps)
    assert found.pose is up
    assert found.slide.after_cm == 0.0


def test_frames_between_standing_and_going_do_not_hold():
    fitted, motion = figure("canonical"), CLIPS["walk_backwards"]().resampled(60.0)
    pose, found = planted(fitted, motion)
    assert ((motion.contacts > 0) & (motion.contacts < 1)).any()
    assert_only_toes(fitted, pose, found.pose)


def test_a_clip_without_contacts_gets_them_from_the_rig():
    fitted, motion = figure("long thighs"), CLIPS["walk_backwards"]()
    pose = transfer(fitted, motion)
    said = feet.plant(fitted, pose, motion.contacts, motion.fps)
    found = feet.plant(fitted, pose, np.zeros((motion.frames, 4)), motion.fps)
    ankles = [paths(fitted, each.pose, "ankle")[:, :, 0] for each in (said, found)]
    assert found.slide.before_cm > 0.3
    assert found.slide.after_cm <= WORST_CM
    assert np.linalg.norm(ankles[0] - ankles[1], axis=-1).mean() < 0.02


@pytest.mark.parametrize("frames", [1, 2, 5])
def test_short_clips_pass(frames):
    fitted = figure("long thighs")
    motion = canonical_rig.clip(quaternions.identity(frames, 22), np.tile(rest_positions()[0], (frames, 1)))
    found = feet.plant(fitted, transfer(fitted, motion), np.ones((frames, 4)), FPS)
    assert found.pose.frames == frames


def test_two_hundred_frames_take_less_than_fifty_milliseconds():
    fitted, motion = figure("long thighs", turn=Z_UP), CLIPS["walk_backwards"](200)
    pose = transfer(fitted, motion)
    taken = []
    for _ in range(5):
        begun = time.process_time()
        feet.plant(fitted, pose, motion.contacts, motion.fps)
        taken.append(time.process_time() - begun)
    assert min(taken) < 0.05


def test_bones_keep_their_lengths():
    fitted, motion = figure("short legs, long arms"), CLIPS["crouch"]()
    pose, found = planted(fitted, motion)
    bones = range(len(fitted.rest.rig.names))
    before, after = (Kinematics(fitted.rest, each).heads(bones) for each in (pose, found.pose))
    parents = np.array(fitted.rest.rig.parents)
    lengths = [np.linalg.norm((heads - heads[:, parents])[:, parents >= 0], axis=-1) for heads in (before, after)]
    np.testing.assert_allclose(*lengths, atol=1e-9)
