"""Feature statistics: symmetric under mirroring, shared inside the groups."""

import numpy as np

from backend.motion.features import GROUPS, mirror
from training.data.statistics import feature_statistics


def some_features():
    random = np.random.default_rng(3)
    return (random.normal(size=(500, 67)) * random.uniform(0.1, 2, 67) + random.normal(size=67)).astype(np.float32)


def test_equal_to_numpy_on_the_data_and_its_mirror_image():
    features = some_features()
    both = np.concatenate([features, mirror(features)]).astype(np.float64)
    mean, std = feature_statistics(features)
    np.testing.assert_allclose(mean, both.mean(axis=0), atol=1e-6)
    for group in GROUPS:
        np.testing.assert_allclose(std[group], both[:, group].std(axis=0).mean(), rtol=1e-5)


def test_the_mean_is_its_own_mirror_image():
    mean, std = feature_statistics(some_features())
    np.testing.assert_allclose(mirror(mean), mean, atol=1e-6)
    plain, _ = feature_statistics(some_features(), mirrored=False)
    assert np.abs(mirror(plain) - plain).max() > 0.1
    assert len(np.unique(std)) == len(GROUPS)


def test_constant_features_do_not_divide_by_zero():
    _, std = feature_statistics(np.zeros((5, 67), np.float32))
    assert (std > 0).all()
