"""The two layouts of features: KIT-ML's 21 joints keep every law that the canonical 22 keep."""

import itertools

import numpy as np
import pytest

from backend.motion import layout
from backend.motion.contacts import detect_contacts
from backend.motion.features import features_to_joints, joints_to_features, mirror
from common.errors import InputError
from tests.published import kit_joints


def test_widths_are_the_published_ones():
    found = {x.name: (len(x.joints), x.features, x.classic_features, x.fps) for x in layout.LAYOUTS}
    assert found == {"humanml3d": (22, 67, 263, 20.0), "kit": (21, 64, 251, 12.5)}
    for known in layout.LAYOUTS:
        assert layout.of_features(known.features) is known
        assert layout.of_joints(len(known.joints)) is known


@pytest.mark.parametrize("known", layout.LAYOUTS, ids=lambda x: x.name)
def test_mirror_pairs_follow_the_skeleton(known):
    assert len(known.parents) == len(known.mirror) == len(known.joints)
    assert [known.mirror[other] for other in known.mirror] == list(range(len(known.joints)))
    for joint, parent in enumerate(known.parents):
        assert parent < joint
        if parent >= 0:
            assert known.parents[known.mirror[joint]] == known.mirror[parent]
    hips_and_shoulders = known.facing
    assert [known.mirror[joint] for joint in hips_and_shoulders[::2]] == list(hips_and_shoulders[1::2])
    assert [known.mirror[joint] for joint in known.contact_joints[:2]] == list(known.contact_joints[2:])


def test_kit_chains_are_the_published_ones():
    """kit_kinematic_chain of HumanML3D's paramUtil."""
    chains = ((0, 11, 12, 13, 14, 15), (0, 16, 17, 18, 19, 20), (0, 1, 2, 3, 4), (3, 5, 6, 7), (3, 8, 9, 10))
    for chain in chains:
        for parent, joint in itertools.pairwise(chain):
            assert layout.KIT.parents[joint] == parent


def test_kit_round_trip():
    features = joints_to_features(kit_joints())
    assert features.shape == (60, 64)
    back = features_to_joints(features)
    np.testing.assert_allclose(joints_to_features(back), features, atol=2e-6)
    bones = kit_joints()[:, 1:] - kit_joints()[:, list(layout.KIT.parents[1:])]
    ours = back[:, 1:] - back[:, list(layout.KIT.parents[1:])]
    np.testing.assert_allclose(np.linalg.norm(ours, axis=-1), np.linalg.norm(bones, axis=-1), atol=1e-5)


def test_kit_mirror_is_the_mirrored_scene():
    features = joints_to_features(kit_joints())
    seen = kit_joints()[:, list(layout.KIT.mirror)] * (-1.0, 1.0, 1.0)
    np.testing.assert_allclose(mirror(features), joints_to_features(seen), atol=2e-6)
    np.testing.assert_array_equal(mirror(mirror(features)), features)
    assert np.abs(mirror(features) - features).max() > 0.01


def test_kit_walks_forward():
    features = joints_to_features(kit_joints(turn=0.0))
    np.testing.assert_allclose(features[:, 1:3], [[0.0, 0.05]] * 60, atol=1e-5)


def test_other_widths_are_named_and_feet_want_the_canonical_skeleton():
    with pytest.raises(InputError, match=r"features a frame is 60, expected 67 \(humanml3d\) or 64 \(kit\)"):
        mirror(np.zeros((4, 60)))
    with pytest.raises(InputError, match="joints a frame is 24"):
        joints_to_features(np.zeros((4, 24, 3)))
    with pytest.raises(InputError, match="canonical skeleton"):
        detect_contacts(kit_joints(), 12.5)
