import json

import numpy as np
import pytest
import torch

from common.errors import InputError
from training.data.captions import EncodedCaptions
from training.data.mix import Mix, read
from training.data.tokens import BatchSampler, Example


def test_a_source_gets_its_share_and_the_others_keep_their_proportions():
    chance, sources = np.array([0.4, 0.1, 0.3, 0.2]), ["a", "synthetic", "b", "synthetic"]
    weighed = Mix({"synthetic": 0.1}).weighed(chance, sources, ["walk"] * 4)
    np.testing.assert_allclose(weighed, [0.9 * 4 / 7, 0.1 / 3, 0.9 * 3 / 7, 0.2 / 3])


def test_kinds_are_drawn_more_or_less_often_and_two_in_a_row_by_their_mean():
    weighed = Mix(kinds={"sit": 3.0, "action:walk": 0.0}).weighed(
        np.full(4, 0.25), ["a"] * 4, ["sit", "action:walk", "turn", "turn+sit"]
    )
    np.testing.assert_allclose(weighed, np.array([3, 0, 1, 2]) / 6)


def test_a_source_that_is_not_there_leaves_its_share_to_the_others():
    weighed = Mix({"synthetic": 0.3}).weighed(np.array([0.5, 0.5]), ["a", "b"], ["x", "y"])
    np.testing.assert_allclose(weighed, [0.5, 0.5])


def test_nothing_left_to_draw_is_refused():
    with pytest.raises(InputError, match="something to draw"):
        Mix(kinds={"x": 0.0}).weighed(np.ones(1), ["a"], ["x"])


@pytest.mark.parametrize(
    "content, sentence",
    [
        ({"sources": {"a": 0.7, "b": 0.5}}, r"mix\.json: sources is 1\.2, expected shares of 1 in all"),
        ({"sources": {"a": 2}}, r"sources\.a is 2, expected a number from 0 to 1"),
        ({"kinds": {"a": "x"}}, r"kinds\.a is 'x', expected a number from 0 to 100"),
        ({"weights": {}}, r"mix\.json key is 'weights', expected sources or kinds"),
        ([], "expected an object"),
    ],
)
def test_a_mix_that_is_none_is_named(tmp_path, content, sentence):
    path = tmp_path / "mix.json"
    path.write_text(json.dumps(content))
    with pytest.raises(InputError, match=sentence):
        read(path)


class Letters:
    """Encodes a caption as one word whose state is its place in the alphabet."""

    width = 1

    def encode(self, captions):
        return torch.tensor([[[float(ord(one[0]))]] for one in captions]), torch.ones(
            len(captions), 1, dtype=torch.bool
        )


@pytest.mark.parametrize("plain", [0.0, 0.5, 1.0])
def test_short_phrasings_are_drawn_at_their_chance_and_only_where_there_are_some(plain):
    indices = (torch.zeros(8, 2, dtype=torch.uint8),)
    found = [
        Example(indices, ("a",), "walk", False, ("b",), "x", "sit"),
        Example(indices, ("c",), "walk", False, (), "y", "k"),
    ]
    sampler = BatchSampler(found, EncodedCaptions(["a", "b", "c"], Letters()), plain=plain, mix=Mix({"x": 0.75}))
    words = torch.cat([sampler.sample(np.random.default_rng(seed), 100).text[:, 0, 0] for seed in range(20)])
    share = {letter: (words == ord(letter)).float().mean().item() for letter in "abc"}
    assert share["c"] == pytest.approx(0.25, abs=0.05)
    assert share["b"] == pytest.approx(0.75 * plain, abs=0.05)
    assert share["a"] == pytest.approx(0.75 * (1 - plain), abs=0.05)
