"""Axes, and what an Action remembers of its clip."""

import dataclasses

import numpy as np
import pytest
from isodim.common.motion import quaternions
from isodim.common.motion.motion import Motion
from isodim.common.motion.skeleton import JOINTS
from isodim.isodim_blender.action import facts
from isodim.isodim_blender.rig import axes

FRAMES = 7


@pytest.fixture
def motion():
    random = np.random.default_rng(5)
    rotations = quaternions.normalized(random.normal(size=(FRAMES, len(JOINTS), 4)))
    root = random.normal(size=(FRAMES, 3))
    return Motion(
        rotations.astype(np.float32),
        root.astype(np.float32),
        np.zeros((FRAMES, 4), np.float32),
        20.0,
    )


def test_blender_looks_along_minus_y_with_the_left_side_kept():
    np.testing.assert_array_equal(axes.to_blender([0, 0, 1]), [0, -1, 0])
    np.testing.assert_array_equal(axes.to_blender([0, 1, 0]), [0, 0, 1])
    np.testing.assert_array_equal(axes.to_blender([1, 0, 0]), [1, 0, 0])
    assert np.linalg.det(axes.BLENDER_FROM_WIRE) == 1.0


def test_facts_fit_into_custom_properties(motion):
    meta = {
        "prompt": "a\0b \ud800",
        "seed": 2**40,
        "settings": {"guidance": 2.5, "steps": 8},
        "é" * 99: None,
        "list": [1, 2],
    }
    found = facts.of_motion(dataclasses.replace(motion, meta=meta), 24.0, 10)
    assert found["isodim_prompt"] == "ab ?"
    assert found["isodim_seed"] == str(2**40)
    assert (found["isodim_guidance"], found["isodim_steps"]) == (2.5, 8)
    assert found["isodim_source_range"] == f"[0, {FRAMES - 1}]"
    assert (found["isodim_scene_fps"], found["isodim_first_frame"]) == (24.0, 10)
    assert all(len(key.encode()) <= 63 for key in found)
    assert len(found) == len(meta) + 6


@pytest.mark.parametrize(
    ("prompt", "name"), [("a person  walks\n", "a person walks"), ("x" * 99, "x" * 48), ("", "clip"), (None, "clip")]
)
def test_an_action_is_called_after_its_prompt(motion, prompt, name):
    assert facts.action_name(dataclasses.replace(motion, meta={"prompt": prompt}), "clip") == name
