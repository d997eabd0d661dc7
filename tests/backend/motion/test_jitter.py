import numpy as np

from backend.motion.jitter import NEIGHBOUR, smoothed


def test_steady_change_is_left_alone_and_tremble_shrinks():
    line = np.arange(40.0)[:, None] * np.array([[0.1, -0.3]])
    np.testing.assert_allclose(smoothed(line)[1:-1], line[1:-1], atol=1e-5)
    tremble = np.where(np.arange(40) % 2, 1.0, -1.0)[:, None]
    np.testing.assert_allclose(smoothed(tremble)[1:-1], (1 - 4 * NEIGHBOUR) * tremble[1:-1], atol=1e-6)


def test_batches_are_filtered_along_time():
    batch = np.random.default_rng(0).standard_normal((3, 20, 67))
    np.testing.assert_array_equal(smoothed(batch)[1], smoothed(batch[1]))
