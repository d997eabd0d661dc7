"""What a person corrected in a rig's map outlives the session, and a damaged file does not stop anybody."""

import numpy as np
import pytest
from isodim.common.rigs.rig import Rig
from isodim.isodim_blender.rig import corrections

NAMES = ("hips", "chest", "arm", "lower", "hand", "prop")
PARENTS = (-1, 0, 1, 2, 3, 4)


def rig(names=NAMES, parents=PARENTS, seed=0):
    places = np.random.default_rng(seed).normal(size=(len(names), 3))
    return Rig(tuple(names), tuple(parents), places, places + 1.0)


def test_a_rig_is_known_by_names_and_parents_only():
    known = corrections.signature(rig())
    assert corrections.signature(rig(seed=1)) == known
    order = (0, 1, 2, 5, 3, 4)
    assert corrections.signature(rig([NAMES[bone] for bone in order], (-1, 0, 1, 5, 2, 4))) == known
    assert corrections.signature(rig(("Hips", *NAMES[1:]))) != known
    assert corrections.signature(rig(parents=(-1, 0, 1, 2, 3, 3))) != known
    assert known.isalnum()


def test_what_is_put_is_there_in_the_next_session(tmp_path):
    changes = {"spine": ("a", "b"), "left_wrist": (), "root": ("Wurzel 骨",)}
    store = corrections.Store(tmp_path / "rigs")
    assert store.load() == []
    store.put("one", changes)
    again = corrections.Store(tmp_path / "rigs")
    assert again.load() == []
    assert again.of("one") == changes
    assert again.of("other") == {}
    again.put("one", {})
    assert list((tmp_path / "rigs").iterdir()) == []
    assert again.of("one") == {}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"bones": {"tail": ["x"]}}',
        '{"bones": {"spine": "x"}}',
        '{"bones": {"spine": [1]}}',
        "\xff",
        "[" * 100_000,
        " " * 2**21 + "{}",
    ],
)
def test_a_damaged_file_is_set_aside_with_a_sentence(tmp_path, text):
    (tmp_path / "bad.json").write_bytes(text.encode("latin-1"))
    (tmp_path / "good.json").write_text('{"bones": {"head": ["Kopf"]}}')
    store = corrections.Store(tmp_path)
    (sentence,) = store.load()
    assert "bad.json" in sentence
    assert "bad.damaged" in sentence
    assert (tmp_path / "bad.damaged").is_file()
    assert store.of("good") == {"head": ("Kopf",)}
    assert store.load() == []
