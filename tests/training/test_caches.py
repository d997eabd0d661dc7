"""Codes and word states are made once: a second run reads them, and whatever they depend on makes them anew."""

import dataclasses

import numpy as np
import pytest
import torch

from backend.tokenizers import presets
from tests import prepared
from training.data import dataset, tokens
from training.data.cache import digest, kept
from training.data.captions import EncodedCaptions
from training.data.example_cache import cached_examples


class Encoder:
    """Two words a caption; counts the captions it encodes."""

    width = 4

    def __init__(self, scale=1.0):
        self.scale, self.encoded = scale, 0

    def encode(self, prompts):
        self.encoded += len(prompts)
        longest = max(map(len, prompts))
        states = torch.stack([torch.full((longest, 4), self.scale * len(prompt)) for prompt in prompts])
        return states, torch.arange(longest) < torch.tensor([len(prompt) for prompt in prompts])[:, None]


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return dataset.load(prepared.make(tmp_path_factory.mktemp("prepared"), frames=40), "train")


def tokenizer(name="IsoDiM_Tokenizer_Small", seed=0):
    torch.manual_seed(seed)
    return presets.build(name, 16).eval()


@pytest.fixture
def encodings(monkeypatch):
    """How often motions were encoded."""
    seen = []
    encode = tokens._encoded
    monkeypatch.setattr(tokens, "_encoded", lambda *given: seen.append(1) or encode(*given))
    return seen


def same(ours, theirs):
    assert len(ours) == len(theirs) > 0
    for one, other in zip(ours, theirs, strict=True):
        assert (one.captions, one.action, one.any_crop_fits) == (other.captions, other.action, other.any_crop_fits)
        assert all(torch.equal(a, b) and a.dtype == b.dtype for a, b in zip(one.indices, other.indices, strict=True))


@pytest.mark.parametrize("name", ["IsoDiM_Tokenizer_Small", "AE_Model"])
def test_the_second_run_reads_what_the_first_encoded(name, data, tmp_path, encodings):
    first = cached_examples(tmp_path, tokenizer(name), data, composed=2)
    again = cached_examples(tmp_path, tokenizer(name), data, composed=2)
    assert len(encodings) == 1
    same(first, again)
    same(first, tokens.examples(tokenizer(name), data, composed=2))


def test_another_tokenizer_setting_or_motion_is_encoded(data, tmp_path, encodings):
    cached_examples(tmp_path, tokenizer(), data)
    cached_examples(tmp_path, tokenizer(seed=1), data)
    cached_examples(tmp_path, tokenizer(), data, composed=1)
    moved = dataclasses.replace(data, features=np.asarray(data.features) + 0.01)
    cached_examples(tmp_path, tokenizer(), moved)
    reworded = tuple(dataclasses.replace(span, captions=("a person stands",)) for span in data.spans)
    cached_examples(tmp_path, tokenizer(), dataclasses.replace(data, spans=reworded))
    assert len(encodings) == 5


def test_captions_are_encoded_once_and_anew_for_another_encoder(tmp_path):
    captions = ["a person walks", "a person runs", "a person walks"]
    first, second, other = Encoder(), Encoder(), Encoder(scale=2.0)
    words, again, doubled = (EncodedCaptions(captions, encoder, tmp_path) for encoder in (first, second, other))
    assert first.encoded == other.encoded == 1 + 2  # the probe and both captions
    assert second.encoded == 1
    assert words.states.keys() == again.states.keys()
    for caption in captions:
        assert torch.equal(words.states[caption], again.states[caption])
        assert torch.equal(2 * words.states[caption], doubled.states[caption])
    plain = EncodedCaptions(captions, Encoder()).batch(captions)
    assert all(torch.equal(a, b) for a, b in zip(plain, again.batch(captions), strict=True))


def test_a_damaged_file_is_made_anew(tmp_path):
    made = []

    def make():
        made.append(1)
        return {"x": torch.arange(3)}

    kept(tmp_path, "numbers", digest("a"), make)
    (path,) = tmp_path.iterdir()
    path.write_bytes(path.read_bytes()[:20])
    assert torch.equal(kept(tmp_path, "numbers", digest("a"), make)["x"], torch.arange(3))
    kept(tmp_path, "numbers", digest("a"), make)
    assert len(made) == 2


def test_parts_of_a_key_do_not_run_into_each_other():
    keys = [digest("ab", "c"), digest("a", "bc"), digest(b"ab", "c"), digest(torch.zeros(2)), digest(torch.zeros(2, 1))]
    assert len(set(keys)) == len(keys)
    assert digest(torch.ones(2)) == digest(np.ones(2, np.float32))
