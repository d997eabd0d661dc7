"""The mannequin's flesh as geometry."""

import collections

import numpy as np
import pytest
from isodim.isodim_blender.figure.body import lofts
from isodim.isodim_blender.figure.shapes import Loft, ball

from common.motion.skeleton import INDEX, JOINTS, rest_positions

REST = rest_positions()
PARTS = [pytest.param(part, id=f"{joint} {i}") for joint, parts in lofts().items() for i, part in enumerate(parts)]


def world(joint, part):
    """Vertices of a part at rest, Blender's axes."""
    x, y, z = REST[INDEX[joint]]
    return part.mesh()[0] + (x, -z, y)


@pytest.mark.parametrize("part", PARTS)
def test_every_part_is_closed(part):
    vertices, faces = part.mesh()
    edges = collections.Counter(
        frozenset(pair) for face in faces for pair in zip(face, face[1:] + face[:1], strict=True)
    )
    assert set(edges.values()) == {2}
    assert {index for face in faces for index in face} == set(range(len(vertices)))


def test_the_body_is_symmetric():
    points = np.concatenate([world(joint, part) for joint, parts in lofts().items() for part in parts])
    there = {tuple(row) for row in (points * (-1, 1, 1)).round(6) + 0.0}
    assert {tuple(row) for row in points.round(6) + 0.0} == there


def test_both_soles_stand_on_the_ground():
    for side in ("left", "right"):
        lowest = min(
            world(f"{side}_{name}", part)[:, 2].min()
            for name in ("ankle", "foot")
            for part in lofts()[f"{side}_{name}"]
        )
        assert abs(lowest) < 0.005


def test_the_nose_looks_ahead():
    head = np.concatenate([world("head", part) for part in lofts()["head"]])
    foremost = head[head[:, 1].argmin()]
    assert abs(foremost[0]) < 0.01
    assert REST[INDEX["head"], 1] - 0.02 < foremost[2] < REST[INDEX["head"], 1] + 0.05


def test_limbs_have_flesh():
    assert set(JOINTS) - set(lofts()) == {"spine2"}


def test_a_ball_is_round():
    vertices, _ = ball(0.5, "joint", (1.0, 2.0, 3.0)).mesh()
    np.testing.assert_allclose(np.linalg.norm(vertices - (1.0, 2.0, 3.0), axis=-1), 0.5, rtol=1e-12)


def test_square_rings_reach_further_into_the_corners():
    rings = ((0.0, 1.0, 1.0, 0.0, 0.0), (1.0, 1.0, 1.0, 0.0, 0.0))
    round_, square = (np.linalg.norm(Loft("z", rings, square=s).mesh()[0][:, :2], axis=-1).max() for s in (1.0, 0.5))
    assert square > round_ * 1.1
