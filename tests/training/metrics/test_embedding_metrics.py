"""Metrics of embeddings on hand-made clouds, and against scipy and torchmetrics."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import linalg, stats

from backend.text.clip import open_clip
from common.errors import InputError
from training.metrics.clip_score import clip_score
from training.metrics.diversity import diversity
from training.metrics.fid import fid, frechet_distance
from training.metrics.intervals import repeated
from training.metrics.matching import matching_score
from training.metrics.multimodality import multimodality
from training.metrics.r_precision import r_precision


def rng(seed=0):
    return np.random.default_rng(seed)


def gaussian(seed, dims=5):
    draw = rng(seed)
    root = draw.standard_normal((dims, dims))
    return draw.standard_normal(dims), root @ root.T


class TestRPrecision:
    def test_own_text_nearest_is_one(self):
        rows = rng().standard_normal((70, 6))
        assert r_precision(rows, rows, rng()).tolist() == [1.0, 1.0, 1.0]

    def test_own_motion_second_nearest_counts_from_the_second_place_on(self):
        motions = np.arange(4.0)[:, None]
        texts = motions[[1, 0, 3, 2]] + [[-0.1], [0.1], [-0.1], [0.1]]
        assert r_precision(motions, texts, rng(), pool=4).tolist() == [0.0, 1.0, 1.0]

    def test_unrelated_texts_find_as_often_as_chance(self):
        draw = rng(1)
        motions, texts = draw.standard_normal((2, 3200, 8))
        found = r_precision(motions, texts, rng())
        assert found == pytest.approx([1 / 32, 2 / 32, 3 / 32], abs=0.015)

    def test_the_rest_that_fills_no_pool_is_left_out(self):
        motions = np.arange(33.0)[:, None]
        shares = {r_precision(motions, np.zeros((33, 1)), rng(seed))[0] for seed in range(8)}
        assert shares <= {0.0, 1 / 32}
        assert 1 / 32 in shares

    def test_texts_of_one_meaning_are_right_for_each_other(self):
        motions, texts = np.array([[0.0], [1.0], [9.0]]), np.array([[1.0], [0.0], [9.0]])
        assert r_precision(motions, texts, rng())[0] == pytest.approx(1 / 3)
        assert r_precision(motions, texts, rng(), groups=np.array([4, 4, 7]))[0] == 1.0

    def test_texts_look_for_motions_and_not_the_other_way(self):
        motions, texts = np.array([[2.0], [3.5]]), np.array([[0.0], [3.0]])
        assert r_precision(motions, texts, rng())[0] == 1.0
        assert r_precision(texts, motions, rng())[0] == 0.5


class TestFid:
    @pytest.mark.parametrize("seed", range(3))
    def test_agrees_with_scipys_matrix_square_root(self, seed):
        (mean_a, cov_a), (mean_b, cov_b) = gaussian(seed), gaussian(seed + 10)
        theirs = np.square(mean_a - mean_b).sum() + np.trace(cov_a + cov_b - 2 * linalg.sqrtm(cov_a @ cov_b).real)
        assert frechet_distance(mean_a, cov_a, mean_b, cov_b) == pytest.approx(theirs)

    def test_agrees_with_torchmetrics(self):
        open_clip()  # makes torchvision importable beside a CPU torch
        _compute_fid = pytest.importorskip("torchmetrics.image.fid")._compute_fid

        pair = [gaussian(0), gaussian(1)]
        tensors = [torch.from_numpy(values) for mean, cov in pair for values in (mean, cov)]
        assert frechet_distance(*pair[0], *pair[1]) == pytest.approx(float(_compute_fid(*tensors)))

    def test_diagonal_gaussians_have_a_closed_form(self):
        sizes_a, sizes_b = np.array([1.0, 4.0]), np.array([9.0, 0.0])
        found = frechet_distance(np.zeros(2), np.diag(sizes_a), np.array([3.0, 0.0]), np.diag(sizes_b))
        assert found == pytest.approx(9.0 + np.square(np.sqrt(sizes_a) - np.sqrt(sizes_b)).sum())

    def test_equal_clouds_are_at_no_distance_and_a_shift_is_its_square(self):
        rows = rng().standard_normal((50, 8))
        assert fid(rows, rows) == pytest.approx(0.0, abs=1e-9)
        assert fid(rows, rows + 0.5) == pytest.approx(8 * 0.25)

    def test_fewer_clips_than_dims_are_finite_and_symmetric(self):
        real, made = rng(0).standard_normal((20, 64)), rng(1).standard_normal((12, 64))
        assert fid(real, made) == pytest.approx(fid(made, real))
        assert fid(real, real) == pytest.approx(0.0, abs=1e-6)
        singular = linalg.svdvals((real - real.mean(0)) / np.sqrt(19) @ ((made - made.mean(0)) / np.sqrt(11)).T)
        nuclear = np.square(real.mean(0) - made.mean(0)).sum() + real.var(0, ddof=1).sum() + made.var(0, ddof=1).sum()
        assert fid(real, made) == pytest.approx(nuclear - 2 * singular.sum())

    @settings(max_examples=20, deadline=None)
    @given(st.integers(0, 1000))
    def test_turning_both_clouds_changes_nothing(self, seed):
        draw = rng(seed)
        real, made = draw.standard_normal((2, 30, 4))
        turn, _ = np.linalg.qr(draw.standard_normal((4, 4)))
        assert fid(real @ turn, made @ turn) == pytest.approx(fid(real, made))

    def test_one_clip_is_refused(self):
        with pytest.raises(InputError, match="made clips for FID is 1, expected at least 2"):
            fid(np.zeros((4, 2)), np.zeros((1, 2)))


class TestDistances:
    def test_matching_score_is_the_mean_distance_of_pairs(self):
        assert matching_score(np.zeros((2, 2)), np.array([[3.0, 4.0], [0.0, 1.0]])) == 3.0

    def test_clip_score_is_the_mean_cosine_whatever_the_lengths(self):
        motions, texts = np.array([[2.0, 0.0], [1.0, 0.0]]), np.array([[5.0, 0.0], [0.0, 3.0]])
        assert clip_score(motions, texts) == 0.5
        assert clip_score(motions, -motions) == -1.0

    def test_diversity_of_two_far_heaps_is_half_their_distance(self):
        rows = np.repeat([[0.0], [10.0]], 400, axis=0)
        assert diversity(rows, rng()) == pytest.approx(5.0, abs=1.0)
        assert diversity(np.ones((400, 3)), rng()) == 0.0

    def test_diversity_takes_as_many_pairs_as_there_are_clips(self):
        assert 0.0 <= diversity(np.array([[0.0], [1.0]]), rng()) <= 1.0
        with pytest.raises(InputError, match="clips for diversity is 1"):
            diversity(np.zeros((1, 2)), rng())

    def test_multimodality_sees_repeats_and_not_texts(self):
        texts = np.arange(5.0)[:, None, None] * 100.0
        assert multimodality(np.broadcast_to(texts, (5, 30, 3)), rng()) == 0.0
        spread = texts + np.where(np.arange(30) < 15, 0.0, 4.0)[None, :, None] * [1.0, 0.0, 0.0]
        assert 0.0 < multimodality(spread, rng()) < 4.0
        with pytest.raises(InputError, match=r"expected \[text, repeat, dim\]"):
            multimodality(np.zeros((5, 1, 3)), rng())


class TestIntervals:
    def test_agrees_with_scipy(self):
        values = rng().standard_normal(20)
        found = repeated(values)
        low, high = stats.t.interval(0.95, 19, loc=values.mean(), scale=stats.sem(values))
        assert (found.mean - found.margin, found.mean + found.margin) == pytest.approx((low, high))

    def test_one_repeat_has_no_interval(self):
        assert np.isnan(repeated([0.5]).margin)
        assert str(repeated([0.5])) == "0.500"
        assert str(repeated([0.5, 0.5])) == "0.500 ± 0.000"
