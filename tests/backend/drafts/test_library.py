"""The motion library as files: round trips, and every way to be unusable in one sentence."""

import dataclasses
import json

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from backend.drafts import library
from backend.drafts.library import LENGTHS, NAMES, TENSORS, Library
from common.errors import InputError


def small(levels=(5, 5, 8, 3)):
    rng = np.random.default_rng(0)
    codes = np.stack([rng.integers(0, count, 60) for count in levels], axis=1)
    return codes, Library(
        actions=("walk_forward", "wave_right"),
        levels=levels,
        tokenizer="abc",
        credits={"mine": {"licence": "CC0-1.0", "credit": "me"}},
        names=("mine/one", "mine/two"),
        codes=library.packed_levels(codes, levels),
        begins=np.array([0, 40], np.int32),
        tokens=np.array([40, 20], np.int32),
        vectors=library.unit(rng.normal(size=(2, 384))),
        action=np.array([0, 1]),
        take=np.array([0, 1]),
        side=np.array([1, 0]),
        starts=np.zeros((2, len(LENGTHS)), int),
        quality=np.full((2, len(LENGTHS)), 0.8, np.float32),
    )


@pytest.mark.parametrize("levels", [(5,) * 24, (5,) * 12, (8, 8, 8, 5, 5, 5), (256,), (512, 512), (2, 3)])
def test_level_indices_come_back(levels):
    rng = np.random.default_rng(1)
    codes = np.stack([rng.integers(0, count, 30) for count in levels], axis=1)
    packed = library.packed_levels(codes, levels)
    assert packed.dtype == (np.uint8 if max(levels) <= 256 else np.uint16)
    np.testing.assert_array_equal(library.unpacked(packed, levels), codes)
    assert packed.shape[1] <= len(levels)


def test_a_library_comes_back_from_its_files(tmp_path):
    codes, made = small()
    library.save(made, tmp_path)
    found = library.load(tmp_path, "abc")
    np.testing.assert_array_equal(found.level_indices(1, 0, 20), codes[40:])
    np.testing.assert_allclose(found.vectors, made.vectors, atol=0.01)
    assert (found.names, found.credits, found.actions) == (made.names, made.credits, made.actions)
    np.testing.assert_allclose(found.quality, 0.8, atol=0.01)


def test_no_library_is_none(tmp_path):
    assert library.load(tmp_path, "abc") is None


def damaged(tmp_path, **arrays):
    tensors = load_file(tmp_path / TENSORS) | arrays
    save_file(tensors, tmp_path / TENSORS)


BREAKS = {
    "foreign": lambda folder: None,
    "newer": lambda folder: (folder / NAMES).write_text(
        json.dumps(json.loads((folder / NAMES).read_text()) | {"version": 2})
    ),
    "no json": lambda folder: (folder / NAMES).write_text("{"),
    "no object": lambda folder: (folder / NAMES).write_text("[]"),
    "no tensors": lambda folder: (folder / TENSORS).unlink(),
    "half a file": lambda folder: (folder / TENSORS).write_bytes((folder / TENSORS).read_bytes()[:200]),
    "beyond": lambda folder: damaged(folder, tokens=np.array([40, 900], np.int32)),
    "other shape": lambda folder: damaged(folder, quality=np.zeros((2, 2), np.uint8)),
    "start beyond": lambda folder: damaged(folder, starts=np.full((2, len(LENGTHS)), 50, np.uint16)),
}


@pytest.mark.parametrize("name", BREAKS)
def test_an_unusable_library_is_one_sentence(tmp_path, name):
    library.save(small()[1], tmp_path)
    BREAKS[name](tmp_path)
    with pytest.raises(InputError) as caught:
        library.load(tmp_path, "xyz" if name == "foreign" else "abc")
    assert "\n" not in str(caught.value)


def test_an_empty_library_is_refused(tmp_path):
    made = small()[1]
    none = {
        name: getattr(made, name)[:0] for name in ("names", "begins", "tokens", "vectors", "take", "action", "side")
    }
    none |= {name: getattr(made, name)[:0] for name in ("starts", "quality", "codes")}
    library.save(dataclasses.replace(made, **none), tmp_path)
    with pytest.raises(InputError, match="empty"):
        library.load(tmp_path, "abc")
