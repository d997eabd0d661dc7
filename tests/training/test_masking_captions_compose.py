import numpy as np
import pytest
import torch

from backend.motion.features import features_to_joints, joints_to_features
from common.motion import quaternions
from common.motion.skeleton import HIP_HEIGHT, INDEX, forward_kinematics
from tests import prepared
from training.data import dataset
from training.data.captions import mirrored
from training.data.compose import compositions
from training.data.turns import turns
from training.data.wordings import wave_wordings
from training.objectives.masking import visible_tokens


def test_visible_tokens_are_real_and_leave_something_to_do():
    rng = np.random.default_rng(0)
    mask = torch.arange(20)[None] < torch.tensor([4, 5, 12, 20] * 50)[:, None]
    visible = visible_tokens(mask, rng)
    assert not (visible & ~mask).any()
    assert (mask & ~visible).any(dim=1).all()
    nothing = (~visible).all(dim=1).float().mean().item()
    assert nothing == pytest.approx(0.5, abs=0.15)


def test_stretches_are_hidden_whole_and_reach_both_ends():
    rng = np.random.default_rng(1)
    mask = torch.ones(600, 16, dtype=torch.bool)
    visible = visible_tokens(mask, rng, nothing=0.0)
    runs = [
        row
        for row in visible.tolist()
        if 0 < sum(row) < 16 and "".join("01"[k] for k in row).strip("1").count("1") == 0
    ]
    assert len(runs) > 250
    assert any(row[0] and not row[-1] for row in runs)
    assert any(row[-1] and not row[0] for row in runs)
    assert any(row[0] and row[-1] for row in runs)


@pytest.mark.parametrize(
    "caption, expected",
    [
        ("a person turns left", "a person turns right"),
        ("Left foot first, then the right", "Right foot first, then the left"),
        ("walks clockwise", "walks counterclockwise"),
        ("walks counter-clockwise", "walks clockwise"),
        ("stands upright and leaves right away", "stands upright and leaves right away"),
        ("raises both hands", "raises both hands"),
        ("a person turns anticlockwise", "a person turns clockwise"),
        ("an anti-clockwise turn", "a clockwise turn"),
        ("walks in a counter clockwise circle", "walks in a clockwise circle"),
        ("Clock wise, then counter-clock-wise", "Counterclockwise, then clockwise"),
        ("spins CCW, then cw", "spins CW, then ccw"),
        ("veers leftwards, LEFT hand up", "veers rightwards, RIGHT hand up"),
        ("a right-handed throw, the leftmost foot first", "a left-handed throw, the rightmost foot first"),
        ("wave with rigth hand", "wave with left hand"),
        ("he left the room", "he left the room"),
        ("the bags are left lying; the woman left her chair", "the bags are left lying; the woman left her chair"),
        ("she turns at a right angle", "she turns at a right angle"),
        ("moves to the left, his left the lower hand", "moves to the right, his right the lower hand"),
        ("walks to the left the whole time", "walks to the right the whole time"),
        ("her arms are left and right of her", "her arms are right and left of her"),
        ("waves leftarm, rightleg up", "waves rightarm, leftleg up"),
        ("counter - clockwise steps", "clockwise steps"),
        (
            "walks right up to the wall and stops right next to it",
            "walks right up to the wall and stops right next to it",
        ),
        ("lands right where he began, right on time", "lands right where he began, right on time"),
        ("turns right at the corner", "turns left at the corner"),
        ("with no strength left he is left standing", "with no strength left he is left standing"),
        ("the leftovers, righteous, a fright", "the leftovers, righteous, a fright"),
    ],
)
def test_mirrored_wording(caption, expected):
    assert mirrored(caption) == expected


def test_composition_takes_the_named_arm_and_keeps_the_rest(tmp_path):
    data = dataset.load(prepared.make(tmp_path), "train")
    made = compositions(data, 6, np.random.default_rng(0))
    assert made
    for features, caption in made:
        assert caption in (
            "a person walks forward and waves the right hand",
            "a person turns left and waves the right hand",
            "a person walks forward and waves",
            "a person turns left and waves",
        )
        base = next(span for span in data.spans if caption.startswith(span.captions[0]))
        arm = next(span for span in data.spans if span.action == "wave")
        ours, base_joints, arm_joints = (
            features_to_joints(part)
            for part in (
                features,
                data.window(base.start, base.frames, False),
                data.window(arm.start, arm.frames, False),
            )
        )
        legs = [INDEX[name] for name in ("left_foot", "right_foot", "left_wrist", "head")]
        np.testing.assert_allclose(ours[:, legs], base_joints[:, legs], atol=2e-3)
        wrist, shoulder = INDEX["right_wrist"], INDEX["right_shoulder"]
        np.testing.assert_allclose(
            ours[:, wrist] - ours[:, shoulder], arm_joints[:, wrist] - arm_joints[:, shoulder], atol=2e-3
        )
        assert np.abs(ours[:, wrist] - base_joints[:, wrist]).max() > 0.05


def test_windows_are_full_and_short_clips_come_to_rest(tmp_path):
    data = dataset.load(prepared.make(tmp_path), "train")
    batch = dataset.windows(data, np.random.default_rng(0), 5, 96)
    assert batch.shape == (5, 96, 67)
    joints = features_to_joints(batch[0])
    np.testing.assert_allclose(joints[80], joints[95], atol=1e-5)


@pytest.mark.parametrize("pace", [0.8, 1.0, 1.25])
def test_played_faster_is_the_same_path_in_less_time(pace):
    features = prepared.swinging(80, 0)
    made = dataset.played(features, pace)
    assert len(made) == pytest.approx(79 / pace, abs=1)
    ours, theirs = features_to_joints(made), features_to_joints(features)
    reached = (len(made) - 1) * pace
    travelled = np.interp(reached, np.arange(80), theirs[:, 0, 2])
    assert ours[-1, 0, 2] == pytest.approx(travelled, abs=0.02)


def test_bent_walks_turn_left_and_keep_their_steps(tmp_path):
    data = dataset.load(prepared.make(tmp_path), "train")
    made = turns(data, 4, np.random.default_rng(0))
    assert len(made) == 4
    straight = features_to_joints(data.window(data.spans[0].start, 72, False))
    for features, caption in made:
        assert "left" in caption
        joints = features_to_joints(features)
        across = joints[:, INDEX["left_hip"]] - joints[:, INDEX["right_hip"]]
        yaw = np.degrees(np.unwrap(np.arctan2(-across[:, 2], across[:, 0])))
        assert 55 < yaw[-1] - yaw[0] < 185
        np.testing.assert_allclose(joints[..., 1], straight[..., 1], atol=1e-5)
        steps, plain = (np.linalg.norm(np.diff(part[:, 0], axis=0), axis=1).sum() for part in (joints, straight))
        assert steps == pytest.approx(plain, rel=0.05)


@pytest.mark.parametrize(
    "caption, expected",
    [
        ("a person waves hello", ("a person waves hello", "a person waves the right hand")),
        ("a person waves the right hand wearily", ("a person waves the right hand wearily", "a person waves wearily")),
        ("a person waves both hands", ("a person waves both hands",)),
        ("a person raises the left hand", ("a person raises the left hand",)),
    ],
)
def test_waves_are_worded_with_and_without_their_hand(caption, expected):
    rotations = quaternions.identity(40, 22)
    rotations[:, INDEX["right_shoulder"]] = quaternions.about((0.0, 0.0, 1.0), np.full(40, -1.0))
    root = np.tile((0.0, HIP_HEIGHT, 0.0), (40, 1))
    features = joints_to_features(forward_kinematics(rotations, root))
    assert wave_wordings(features, caption) == expected
