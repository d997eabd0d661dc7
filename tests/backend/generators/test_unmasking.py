import itertools
import math

import numpy as np
import pytest

from backend.generators import unmasking


def noise(rows, tokens, seed=0):
    return np.random.default_rng(seed).normal(size=(rows, tokens, 3)).astype(np.float32)


def masked(keep, noise, rounds):
    order = unmasking.unmask_order(noise, keep)
    return [unmasking.masked_after(keep, order, done, rounds) for done in range(rounds + 1)]


def hidden(keep, noise, rounds):
    order = unmasking.unmask_order(noise, keep)
    return [~unmasking.visible_after(keep, order, done, rounds) for done in range(rounds + 1)]


@pytest.mark.parametrize("schedule", [masked, hidden])
@pytest.mark.parametrize("mar_steps", [1, 2, 4, 18])
def test_every_masked_token_is_unmasked_once_and_none_to_keep_is_ever_masked(mar_steps, schedule):
    keep = np.zeros((3, 49), bool)
    keep[1, :16] = keep[2] = True
    found = schedule(keep, noise(3, 49), mar_steps)
    assert len(found) == mar_steps + 1
    assert np.array_equal(found[0], ~keep)
    assert not found[-1].any()
    for before, after in itertools.pairwise(found):
        assert not (after & ~before).any()


def test_published_counts_and_an_idle_first_round():
    found = masked(np.zeros((1, 49), bool), noise(1, 49), 18)
    counts = [int(row.sum()) for row in found]
    assert counts[:-1] == [max(1, round(49 * math.cos(math.pi / 2 * index / 17))) for index in range(18)]
    assert counts[0] == counts[1] == 49
    assert sum(counts) / 49 == pytest.approx(11.4, abs=0.1)  # the head's work that the release spends on a clip


def test_the_order_follows_from_a_rows_noise_alone_and_is_even():
    rows = noise(200, 10)
    keep = np.zeros((200, 10), bool)
    found = masked(keep, rows, 2)
    alone = masked(keep[7:8], rows[7:8], 2)
    assert np.array_equal(found[1][7:8], alone[1])
    last = found[1].astype(float)
    assert (last.sum(1) == 1).all()
    assert (last.sum(0) > 5).all()  # about 20 of 200 each


def test_noise_of_tokens_unmasked_early_is_like_all_noise():
    rows = noise(400, 12)
    found = masked(np.zeros((400, 12), bool), rows, 3)
    early = rows[found[0] & ~found[1]]
    assert len(early) > 500
    assert np.abs(early.mean(0)).max() < 0.15
    assert np.abs(early.std(0) - 1).max() < 0.1


def test_a_row_with_nothing_masked_is_left_alone():
    keep = np.ones((1, 7), bool)
    assert not any(row.any() for row in masked(keep, noise(1, 7), 18) + hidden(keep, noise(1, 7), 4))
