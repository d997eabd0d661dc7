"""The bundled weights: sound files of the promised size, and motion that does what the words say."""

import json

import numpy as np
import pytest

from backend.generate import Pipeline
from backend.weights.locate import BUNDLED, find
from common.motion.skeleton import INDEX
from common.wire.messages import Generate

NAMES = ("open", "plus")
SEEDS = 3


@pytest.fixture(scope="module", params=NAMES)
def bundled(request):
    return Pipeline.load(find(request.param).folder, "cpu")


def clips(pipeline, prompt, count=SEEDS):
    request = Generate(prompt=prompt, seconds=4.0, seed=100, count=count)
    return [clip.positions for clip in pipeline.generate(request, lambda step, total: None)]


@pytest.mark.parametrize("name", NAMES)
def test_files_are_verified_small_and_carry_their_card(name):
    checkpoint = find(name)
    assert checkpoint.folder == BUNDLED / name
    assert checkpoint.info.parameters <= 20e6
    assert sum(path.stat().st_size for path in checkpoint.folder.iterdir()) <= 40e6
    card = (checkpoint.folder / "MODEL_CARD.md").read_text()
    licence = json.loads((checkpoint.folder / "config.json").read_text())["licence"]
    assert licence in card
    assert "mocap.cs.cmu.edu" in card


def test_a_walk_goes_forward_upright_and_a_run_goes_further(bundled):
    walks, runs = clips(bundled, "a person walks forward"), clips(bundled, "a person runs forward")
    for walk in walks:
        assert 2.0 < walk[-1, 0, 2] - walk[0, 0, 2] < 8.0
        assert 0.8 < walk[:, 0, 1].min() < walk[:, 0, 1].max() < 1.1
    travelled = [np.mean([clip[-1, 0, 2] - clip[0, 0, 2] for clip in group]) for group in (walks, runs)]
    assert travelled[1] > 1.1 * travelled[0]  # some take a run-up, or run in an arc
    pace = [np.mean([top_pace(clip) for clip in group]) for group in (walks, runs)]
    assert pace[1] > 1.5 * pace[0]


def top_pace(clip):
    """m/s over the ground that a quarter of the frames exceed."""
    return np.quantile(np.linalg.norm(np.diff(clip[:, 0, ::2], axis=0), axis=-1), 0.75) * 20


def test_jumping_leaves_the_ground_and_sitting_comes_down(bundled):
    feet = [INDEX["left_foot"], INDEX["right_foot"]]
    assert all(clip[:, feet, 1].min(axis=1).max() > 0.1 for clip in clips(bundled, "a person jumps"))
    # thighs are level on a stool of half a metre at 0.68 m; a standing pelvis is above 0.85
    assert all(clip[:, 0, 1].min() < 0.7 for clip in clips(bundled, "a person sits down"))


def turned_deg(clip):
    across = clip[:, INDEX["left_shoulder"]] - clip[:, INDEX["right_shoulder"]]
    across += clip[:, INDEX["left_hip"]] - clip[:, INDEX["right_hip"]]
    yaw = np.degrees(np.unwrap(np.arctan2(-across[:, 2], across[:, 0])))
    return yaw[-1] - yaw[0]


@pytest.mark.parametrize("side, sign", [("left", 1), ("right", -1)])
def test_nine_of_ten_turns_go_to_the_named_side(bundled, side, sign):
    turns = [sign * turned_deg(clip) for clip in clips(bundled, f"a person turns {side}", count=10)]
    assert sum(turned > 15 for turned in turns) >= 9


@pytest.mark.parametrize("side", ["left", "right"])
def test_plus_waves_the_named_hand(side):
    other = {"left": "right", "right": "left"}[side]
    for clip in clips(Pipeline.load(find("plus").folder, "cpu"), f"a person waves the {side} hand"):
        assert clip[:, INDEX[f"{side}_wrist"], 1].max() > clip[:, INDEX[f"{other}_wrist"], 1].max() + 0.3
