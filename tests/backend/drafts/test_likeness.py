"""How like an action's takes a clip is: the table that ships, and one made from toy takes."""

import json

import numpy as np
import pytest

from backend.drafts import likeness
from backend.drafts.concepts import CONCEPTS, LEFT, RIGHT
from backend.drafts.facts import Facts
from common.errors import InputError
from tests.backend.drafts.figure import Figure
from training.likeness import Seen, measured, names, weighed


def test_the_table_speaks_of_known_actions_and_facts():
    table = likeness.load()
    assert len(table) > 100
    assert set(table) <= set(CONCEPTS)
    assert {term.fact for row in table.values() for term in row.terms} <= set(names())


def test_each_side_is_more_like_itself():
    row = likeness.load()["raise_right"]
    facts = Facts.of(Figure().raised("right", 1.0).joints())
    assert row.value(facts, RIGHT) > row.value(facts, LEFT)


def test_facts_that_tell_an_action_are_found_and_tell_it(tmp_path):
    rng = np.random.default_rng(0)
    seen = []
    for _ in range(8):
        level = rng.uniform(0.7, 1.0)
        seen += [
            Seen("raise_right", RIGHT, measured(Figure().raised("right", level).joints())),
            Seen("raise_right", LEFT, measured(Figure().raised("left", level).joints())),
            Seen("walk_forward", RIGHT, measured(Figure().going(rng.uniform(1.0, 4.0)).joints())),
        ]
    made = weighed(seen)
    assert set(made["actions"]) == {"raise_right", "walk_forward"}
    path = tmp_path / "likeness.json"
    path.write_text(json.dumps(made))
    table = likeness.load(path)
    raised, gone = (Facts.of(one.joints()) for one in (Figure().raised("right", 0.85), Figure().going(2.5)))
    assert min(table["raise_right"].value(raised, RIGHT), table["walk_forward"].value(gone, RIGHT)) > 0.8
    assert max(table["raise_right"].value(raised, LEFT), table["walk_forward"].value(raised, RIGHT)) < 0.3


def test_a_damaged_table_is_one_sentence(tmp_path):
    path = tmp_path / "likeness.json"
    path.write_text("{")
    with pytest.raises(InputError, match="install it again"):
        likeness.load(path)
