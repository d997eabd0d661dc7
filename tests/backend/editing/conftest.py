"""A pipeline of random weights, and a clip that it drew."""

import pytest

from backend.generate import Pipeline
from common.wire.requests import Edit, Generate
from tests.tiny import make_checkpoint


def silent(step, total):
    """An `on_step` that lets everything happen."""


@pytest.fixture(scope="session")
def pipeline(tmp_path_factory):
    return Pipeline.load(make_checkpoint(tmp_path_factory.mktemp("weights") / "tiny"), "cpu")


@pytest.fixture(scope="session")
def clip(pipeline):
    return pipeline.generate(Generate(prompt="a person walks", seconds=6.05, seed=3), silent)[0]


def edit(clip, start, end, prompt="a person jumps", seed=1, **options):
    """A request for new frames in a range."""
    return Edit(clip, prompt, start, end, seed=seed, **options)
