"""The prompts that the panel offers work on the checkpoint that it chooses by itself, with the seeds that a person meets first."""

import ast

import numpy as np
import pytest

from backend.generate import Pipeline
from backend.weights.locate import find
from common.motion import verdict
from common.motion.skeleton import INDEX
from common.wire.messages import Generate
from tools.checkout import ROOT

SEEDS = 3


def offered():
    """Read off the sources: the panel's own package needs Blender's side of the checkout."""
    tree = ast.parse((ROOT / "isodim_blender" / "ui" / "prompts.py").read_text("utf-8"))
    found = {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.startswith("a person ")
    }
    assert len(found) >= 20
    return sorted(found)


@pytest.fixture(scope="module")
def default():
    return Pipeline.load(find(None).folder, "cpu")


@pytest.mark.parametrize("prompt", offered())
def test_it_does_what_it_says(default, prompt):
    clips = default.generate(Generate(prompt=prompt, seed=0, count=SEEDS), lambda step, total: None)
    assert [verdict.said(clip.meta) for clip in clips if clip.meta[verdict.KEY]["met"] is False] == []
    assert sum(clip.meta[verdict.KEY]["met"] is True for clip in clips) >= SEEDS - 1
    if "forward" in prompt:
        assert all(clip.root[-1, 2] - clip.root[0, 2] > 0.8 for clip in clips)
    if "both arms" in prompt:
        up = [[clip.positions[:, INDEX[f"{side}_wrist"], 1].max() for side in ("left", "right")] for clip in clips]
        assert np.min(up) > 1.2
