import pytest
import torch

from backend import text
from backend.text import minilm
from common.errors import InputError


@pytest.fixture(scope="module")
def encoder():
    return text.load("minilm")


def test_sentence_similarities_are_the_published_ones(encoder):
    # the four sentences of the model's own page: mean-pooled cosines .695, .943, .257
    sentences = ["That is a happy person", "That is a happy dog", "That is a very happy person", "Today is a sunny day"]
    states, mask = encoder.encode(sentences)
    pooled = (states * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)
    pooled = torch.nn.functional.normalize(pooled, dim=-1)
    torch.testing.assert_close(pooled[0] @ pooled[1:].T, torch.tensor([0.695, 0.943, 0.257]), atol=1e-3, rtol=0)


def test_padding_does_not_change_a_sentence(encoder):
    alone, mask = encoder.encode(["turn left"])
    beside, _ = encoder.encode(["turn left", "a person walks forward slowly and then turns left"])
    assert mask.all()
    torch.testing.assert_close(beside[:1, : alone.shape[1]], alone, atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("words", ["", "🤸 💃", "一个人向前走", "wave " * 2000])
def test_any_text_gives_finite_states(encoder, words):
    states, mask = encoder.encode([words])
    assert states.shape[-1] == encoder.width
    assert 2 <= mask.sum() <= 64
    assert states.isfinite().all()


def test_damaged_or_missing_weights_are_one_sentence(tmp_path, monkeypatch):
    monkeypatch.setenv("ISODIM_MINILM", str(tmp_path))
    with pytest.raises(InputError, match=r"text encoder is 'not complete'"):
        minilm._verified(minilm.folder() / "model.safetensors")
    (tmp_path / "model.safetensors").write_bytes(b"not these")
    with pytest.raises(InputError, match=r"text encoder is 'damaged'"):
        minilm._verified(minilm.folder() / "model.safetensors")


def test_unknown_encoder_is_named():
    with pytest.raises(InputError, match=r"text encoder is 'bert', expected one of minilm, clip"):
        text.load("bert")
