"""Animals are not taken for people, whatever their bones are called."""

import numpy as np
import pytest

from common.motion import quaternions
from common.rigs.animals import feet_on_ground, has_hind_legs
from common.rigs.bone_map import REQUIRED
from common.rigs.matching import match
from common.rigs.standing import fault
from tools.rigs.animals import ANIMALS, animal
from tools.rigs.description import describe, makers

UP = np.array((0.0, 0.0, 1.0))


@pytest.mark.parametrize("name", ANIMALS)
def test_an_animal_is_no_person(name):
    rig = animal(name).rig
    found = match(rig).bone_map
    if has_hind_legs(rig, UP):
        assert feet_on_ground(rig, UP) > 2
    elif set(REQUIRED) <= found.slots.keys():
        assert fault({slot: rig.heads[rig.index[bones[0]]] for slot, bones in found.slots.items()}, UP) is not None
    else:
        assert feet_on_ground(rig, UP) > 2


@pytest.mark.parametrize(("name", "count"), [("wolf", 4), ("cat", 4), ("bird", 2), ("bee", 6), ("centaur", 4)])
def test_feet_are_counted(name, count):
    assert feet_on_ground(animal(name).rig, UP) == count


@pytest.mark.parametrize("maker", makers())
def test_people_have_two(maker):
    found = describe(maker)
    up = quaternions.rotate(found.wire, (0.0, 1.0, 0.0))
    assert feet_on_ground(found.rig, up) <= 2
    assert not has_hind_legs(found.rig, up)
