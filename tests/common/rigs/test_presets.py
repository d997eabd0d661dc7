"""Every maker's preset is whole, recognises itself, and is not taken for another."""

import numpy as np
import pytest

from common.rigs import presets
from common.rigs.bone_map import REQUIRED, SLOTS
from common.rigs.matching import match
from common.rigs.rig import Rig

FOUND = presets.presets()


def rig_of(preset):
    """A body of a preset's own names, without geometry."""
    chains = {slot: [spellings[0] for spellings in chain] for slot, chain in preset.slots.items()}
    chains.setdefault("pelvis", ["a middle"])
    names, parents = list(chains["pelvis"]), [-1]

    def hang(slot, above):
        for name in chains.get(slot, []):
            parents.append(names.index(above))
            names.append(name)
            above = name
        return above

    chest = hang("spine", names[0])
    hang("head", hang("neck", chest))
    for side in ("left", "right"):
        for above, parts in (
            (names[0], ("hip", "knee", "ankle", "foot")),
            (chest, ("collar", "shoulder", "elbow", "wrist")),
        ):
            at = above
            for part in parts:
                at = hang(f"{side}_{part}", at)
    return Rig(tuple(names), tuple(parents), np.zeros((len(names), 3)), np.zeros((len(names), 3))), chains


def test_there_are_presets_and_none_twice():
    assert len(FOUND) >= 20
    assert len({preset.title for preset in FOUND}) == len(FOUND)
    assert len({str(preset.slots) for preset in FOUND}) == len(FOUND)


@pytest.mark.parametrize("preset", FOUND, ids=lambda preset: preset.title)
def test_a_preset_finds_all_of_its_own_rig(preset):
    assert set(preset.slots) <= set(SLOTS)
    assert set(REQUIRED) - set(preset.slots) <= {"pelvis"}
    rig, chains = rig_of(preset)
    found = match(rig)
    assert found.preset == preset.title
    assert {slot: list(bones) for slot, bones in found.bone_map.slots.items()} == chains
    assert found.score == 1.0
    assert found.notes == ()
    found.bone_map.check(rig)


@pytest.mark.parametrize("preset", FOUND, ids=lambda preset: preset.title)
@pytest.mark.parametrize("prefix", ["someone:", "Some_One_", "a:b|"])
def test_a_prefix_changes_nothing(preset, prefix):
    rig, chains = rig_of(preset)
    longer = Rig(tuple(prefix + name for name in rig.names), rig.parents, rig.heads, rig.tails)
    found = match(longer)
    assert {slot: [prefix + bone for bone in bones] for slot, bones in chains.items()} == {
        slot: list(bones) for slot, bones in found.bone_map.slots.items()
    }


def test_a_word_means_what_most_makers_mean():
    words = presets.words()
    assert words[True, "thigh"][0] == "hip"
    assert words[True, "foot"][0] == "ankle"
    assert set(words[True, "shoulder"]) >= {"collar", "shoulder"}
    assert words[False, "hip"][0] == "pelvis"
