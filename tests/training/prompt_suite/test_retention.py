"""What a tokenizer leaves of labelled takes: all of them, none, or those that it does not soften."""

import dataclasses

import numpy as np
import pytest
import torch
from torch import nn

from backend.motion.features import joints_to_features
from backend.motion.layout import HUMANML3D
from common.errors import InputError
from tests.training.prompt_suite import made
from training import evaluate_tokenizer
from training.evaluate_tokenizer import TokenizerEvaluation
from training.prompt_suite import checks, retention
from training.prompt_suite.real import Take

CONCEPTS = {name: checks.ALL[name] for name in ("walk forward", "wave with the right hand", "jump up")}


class Scaling(nn.Module):
    """A tokenizer that plays back what it gets, each feature's distance from the first frame times `size`."""

    def __init__(self, size):
        super().__init__()
        self.size = size
        self.register_buffer("mean", torch.zeros(HUMANML3D.features))
        self.seen = 0

    def normalize(self, features):
        return features

    def denormalize(self, features):
        return features

    def forward(self, features):
        self.seen += 1
        assert features.shape[1] % 4 == 0
        still = features[:, :1].clone()
        still[..., :3] = 0
        return still + self.size * (features - still), None


@pytest.fixture(scope="module")
def takes():
    walks = [Take(f"walk{number}", "val", "walk_forward", made.body(made.walking())) for number in range(3)]
    wrong = Take("standing", "val", "walk_forward", made.body(made.standing()))
    return [*walks, wrong, Take("wave", "val", "wave_right", made.body(made.waving("right")))]


def test_what_comes_back_as_it_was_is_kept(takes):
    found = retention.retention(Scaling(1.0), takes, CONCEPTS, 12)
    assert found == {
        "walk forward": retention.Retained(3, 3),  # the fourth does not walk, and nobody jumps
        "wave with the right hand": retention.Retained(1, 1),
    }
    assert retention.total(found) == retention.Retained(4, 4)


def test_what_came_out_too_soft_is_lost(takes):
    found = retention.retention(Scaling(0.02), takes, CONCEPTS, 12)
    assert {name: one.share for name, one in found.items()} == {"walk forward": 0, "wave with the right hand": 0}


def test_the_mirror_image_of_the_other_side_counts_too(takes):
    both = [*takes, Take("left", "val", "wave_left", made.body(made.waving("left")))]
    found = retention.retention(Scaling(1.0), both, CONCEPTS, 12)
    assert found["wave with the right hand"] == retention.Retained(2, 2)


def test_each_take_is_decoded_once_and_no_more_than_asked(takes):
    model = Scaling(1.0)
    found = retention.retention(model, takes[:3], {"walk forward": CONCEPTS["walk forward"]}, 2)
    assert found == {"walk forward": retention.Retained(2, 2)}
    assert model.seen == 2
    twice = {"walk forward": CONCEPTS["walk forward"], "walk slowly": CONCEPTS["walk forward"]}
    model.seen = 0
    retention.retention(model, takes[:3], twice, 3)
    assert model.seen == 3


def test_the_command_lists_what_is_lost_first(tmp_path):
    folder = made.takes(tmp_path)
    asked = TokenizerEvaluation(("same", "soft"), folder, labels=folder / "labels.jsonl")
    rows = evaluate_tokenizer.retained(asked, {"same": Scaling(1.0), "soft": Scaling(0.02)})
    found = {row.name: {name: figure.mean for name, figure in row.metrics.items()} for row in rows}
    assert [row.name for row in rows][:2] == ["all", "mean"]
    assert found["all"]["same"] == found["mean"]["same"] == 1
    assert found["all"]["soft"] < 0.5
    assert found["walk forward"] == {"takes": 1, "same": 1, "soft": 0}
    for change in ({"labelled": ("test",)}, {"max_frames": 8}):
        with pytest.raises(InputError, match="labels"):
            evaluate_tokenizer.retained(dataclasses.replace(asked, **change), {"same": Scaling(1.0)})
    with pytest.raises(InputError, match="takes is 0, expected 1 or more"):
        evaluate_tokenizer.main(dataclasses.replace(asked, takes=0))


def test_features_go_through_and_back():
    features = joints_to_features(made.walking())
    whole = features[: len(features) // 4 * 4]
    np.testing.assert_allclose(retention.through(Scaling(1.0), whole), whole, atol=1e-6)
