"""Heads that turn at random: bones keep their length, nothing else moves, and most of the turns are ones a neck can make."""

import numpy as np
import pytest

from backend.motion.layout import of_features
from common.motion.skeleton import INDEX
from tests import prepared
from training.data import dataset
from training.data.head_turns import turned_heads

LAYOUT = of_features(67)


@pytest.fixture(scope="module")
def windows(tmp_path_factory):
    data = dataset.load(prepared.make(tmp_path_factory.mktemp("prepared"), frames=80), "train")
    return dataset.windows(data, np.random.default_rng(0), 64, 64)


def bone(features):
    joints = features[..., 4:].reshape(*features.shape[:-1], 21, 3)
    return joints[..., INDEX["head"] - 1, :] - joints[..., INDEX["neck"] - 1, :]


def degrees(windows, turned):
    cosine = (bone(windows) * bone(turned)).sum(-1) / np.linalg.norm(bone(windows), axis=-1) ** 2
    return np.degrees(np.arccos(np.clip(cosine, -1, 1)))


def test_only_the_head_moves_and_its_bone_keeps_its_length(windows):
    turned = turned_heads(windows, LAYOUT, np.random.default_rng(1), 1.0)
    others = np.ones(67, bool)
    others[4 + 3 * (INDEX["head"] - 1) :][:3] = False
    np.testing.assert_array_equal(turned[..., others], windows[..., others])
    lengths = (np.linalg.norm(bone(features), axis=-1) for features in (turned, windows))
    np.testing.assert_allclose(*lengths, atol=1e-5)


def test_as_many_windows_turn_as_asked(windows):
    for chance, least, most in ((0.0, 0, 0), (0.5, 20, 44), (1.0, 60, 64)):
        turned = turned_heads(windows, LAYOUT, np.random.default_rng(2), chance)
        assert least <= (degrees(windows, turned).max(axis=1) > 1).sum() <= most


def test_turns_are_those_of_a_neck_and_do_not_jump(windows):
    angle = degrees(windows, turned_heads(windows, LAYOUT, np.random.default_rng(3), 1.0))
    assert 5 < np.median(angle.max(axis=1)) < 45
    assert angle.max() < 100
    assert (
        np.percentile(np.abs(np.diff(angle, axis=1)), 99) < 12
    )  # a quick shake, 3 Hz by 30 degrees, at 20 frames a second
