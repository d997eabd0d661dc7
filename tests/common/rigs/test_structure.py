"""What hangs on a body beside its limbs does not fool the search without names."""

import itertools

import numpy as np
import pytest

from common.rigs.matching import match
from common.rigs.rig import Rig
from tools.rigs.description import describe


def with_chains(rig, chains):
    """`rig` with chains added: (parent's index, [point, 3])."""
    names, parents, heads, tails = list(rig.names), list(rig.parents), list(rig.heads), list(rig.tails)
    for parent, points in chains:
        above = parent
        for head, tail in itertools.pairwise(points):
            names.append(f"extra.{len(names)}")
            parents.append(above)
            heads.append(head)
            tails.append(tail)
            above = len(names) - 1
    return Rig(tuple(names), tuple(parents), np.array(heads), np.array(tails))


def line(begin, end, count):
    return np.linspace(begin, end, count + 1)


def both(parent, begin, end, count):
    """A chain and its mirror image."""
    mirror = np.array([-1.0, 1.0, 1.0])
    return [(parent, line(begin, end, count)), (parent, line(np.array(begin) * mirror, np.array(end) * mirror, count))]


EXTRAS = {
    "skirt": lambda at: (
        both(at["pelvis"], (0.12, 0.05, 0.95), (0.35, 0.1, 0.15), 5)
        + both(at["pelvis"], (0.1, -0.1, 0.95), (0.3, -0.3, 0.12), 5)
        + [(at["pelvis"], line((0.0, -0.12, 0.95), (0.0, -0.3, 0.1), 5))]
    ),
    "tails of hair": lambda at: both(at["head"], (0.1, 0.08, 1.7), (0.4, 0.2, 0.2), 9),
    "wings": lambda at: both(at["spine"], (0.1, 0.1, 1.35), (1.6, 0.4, 1.9), 6),
    "tail": lambda at: [(at["pelvis"], line((0.0, 0.1, 0.9), (0.0, 1.2, 0.1), 12))],
    "sword": lambda at: [(at["right_wrist"], line((-0.9, -0.05, 1.4), (-0.9, -1.1, 1.4), 3))],
    "ears": lambda at: both(at["head"], (0.07, 0.0, 1.7), (0.2, 0.0, 2.1), 4),
    "pockets on the thigh": lambda at: [(at["left_hip"], line((0.15, 0.0, 0.8), (0.2, 0.0, 0.5), 2))],
    "targets on the ground": lambda at: both(0, (0.1, 0.05, 0.08), (0.1, -0.15, 0.02), 3),
}


@pytest.mark.parametrize("maker", ["mixamo", "ue5", "finnish", "daz8"])
@pytest.mark.parametrize("extra", EXTRAS)
def test_extras(maker, extra):
    rig = describe(maker, "T", anonymous=True, unit=1.0, up="Z", tails="child")
    at = {slot: rig.rig.index[bones[-1]] for slot, bones in rig.bone_map.slots.items()}
    found = match(with_chains(rig.rig, EXTRAS[extra](at)))
    assert found.bone_map.slots == rig.bone_map.slots


def test_all_extras_at_once():
    rig = describe("mixamo", "A", anonymous=True, unit=1.0, up="Z", tails="child")
    at = {slot: rig.rig.index[bones[-1]] for slot, bones in rig.bone_map.slots.items()}
    found = match(with_chains(rig.rig, [chain for extra in EXTRAS.values() for chain in extra(at)]))
    assert found.bone_map.slots == rig.bone_map.slots


@pytest.mark.parametrize("maker", ["mixamo", "smplx"])
def test_no_toes_no_fingers_no_collars(maker):
    rig = describe(maker, "A", 10.0, 5.0, anonymous=True)
    slots = rig.bone_map.slots
    gone = {slots[f"{side}_foot"][0] for side in ("left", "right")}
    hands = {slots[f"{side}_wrist"][0] for side in ("left", "right")}
    kept = []
    for bone, name in enumerate(rig.rig.names):
        above = {rig.rig.names[other] for other in rig.rig.ancestors(bone)}
        if name not in gone and not above & (gone | hands):
            kept.append(bone)
    bare = Rig(
        tuple(rig.rig.names[bone] for bone in kept),
        tuple(kept.index(rig.rig.parents[bone]) if rig.rig.parents[bone] >= 0 else -1 for bone in kept),
        rig.rig.heads[kept],
        rig.rig.tails[kept],
    )
    assert match(bare).bone_map.slots == {slot: bones for slot, bones in slots.items() if not slot.endswith("_foot")}


def test_a_hand_is_no_body():
    rig = describe("hand_only", anonymous=True).rig
    assert match(rig).score == 0.0


def without(rig, names):
    """`rig` without bones of these names and all that hangs on them."""
    gone = {place for place, name in enumerate(rig.names) if name in names}
    for place, parent in enumerate(rig.parents):
        if parent in gone:
            gone.add(place)
    kept = [place for place in range(len(rig.names)) if place not in gone]
    parents = tuple(kept.index(rig.parents[place]) if rig.parents[place] >= 0 else -1 for place in kept)
    return Rig(tuple(rig.names[place] for place in kept), parents, rig.heads[kept], rig.tails[kept])


@pytest.mark.parametrize("rest", ["T", "A", "I"])
@pytest.mark.parametrize("maker", ["mixamo", "smplx", "unity", "cmu"])
def test_arms_without_hands(maker, rest):
    rig = describe(maker, rest, anonymous=True, unit=1.0, up="Z", tails="child")
    hands = [rig.bone_map.slots[f"{side}_wrist"][0] for side in ("left", "right")]
    slots = match(without(rig.rig, hands)).bone_map.slots
    for side in ("left", "right"):
        assert f"{side}_wrist" not in slots
        for part in ("collar", "shoulder", "elbow"):
            assert slots[f"{side}_{part}"][:1] == rig.bone_map.slots[f"{side}_{part}"][:1]


def test_a_figure_of_sticks_without_names():
    rig = describe("mixamo", anonymous=True, unit=1.0, up="Z", tails="child")
    few = {
        "pelvis",
        *(f"{s}_{part}" for s in ("left", "right") for part in ("shoulder", "elbow", "hip", "knee", "ankle")),
    }
    chest = rig.bone_map.slots["spine"][-1]
    kept = {slot: rig.rig.index[bones[0]] for slot, bones in rig.bone_map.slots.items() if slot in few}
    order = [kept["pelvis"], rig.rig.index[chest], *(place for slot, place in kept.items() if slot != "pelvis")]
    order.sort()

    def parent(place):
        above = next((bone for bone in rig.rig.ancestors(place) if bone in order), None)
        return -1 if above is None else order.index(above)

    names = tuple(f"stick.{count}" for count in range(len(order)))
    sticks = Rig(names, tuple(map(parent, order)), rig.rig.heads[order], rig.rig.tails[order])
    found = match(sticks).bone_map.slots
    assert {slot: found[slot] for slot in kept} == {slot: (names[order.index(place)],) for slot, place in kept.items()}


def test_one_of_two_figures_in_an_armature():
    rig = describe("mixamo", anonymous=True, unit=1.0, up="Z", tails="child")
    one, count = rig.rig, len(rig.rig.names)
    parents = (*one.parents, *(parent + count if parent >= 0 else -1 for parent in one.parents))
    aside = np.array([2.0, 0.0, 0.0])
    both_ = Rig(
        (*one.names, *(f"{name} too" for name in one.names)),
        parents,
        np.concatenate([one.heads, one.heads + aside]),
        np.concatenate([one.tails, one.tails + aside]),
    )
    assert match(both_).bone_map.slots == rig.bone_map.slots
