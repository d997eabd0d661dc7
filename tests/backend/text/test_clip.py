import importlib.util
import json

import pytest
import torch

from backend import text
from backend.text import clip
from common.errors import InputError

pytestmark = pytest.mark.skipif(importlib.util.find_spec("open_clip") is None, reason="the clip extra is not installed")


def test_without_weights_nothing_is_downloaded(monkeypatch):
    monkeypatch.delenv("ISODIM_CLIP", raising=False)
    monkeypatch.delenv("ISODIM_ALLOW_DOWNLOAD", raising=False)
    with pytest.raises(
        InputError, match="text encoder is 'without weights', expected ISODIM_CLIP to name a local file"
    ):
        text.load("clip")


def test_weights_that_are_not_there_are_one_sentence(monkeypatch):
    monkeypatch.setenv("ISODIM_CLIP", "no/such.pt")
    with pytest.raises(InputError, match=r"ISODIM_CLIP is 'no/such.pt', expected a file of CLIP's weights"):
        text.load("clip")


@pytest.fixture
def small(tmp_path, monkeypatch):
    """The layout of ViT-B/32 in a hundredth of its size."""
    towers = {"vision_cfg": {"image_size": 32, "layers": 1, "width": 64, "patch_size": 32}}
    towers["text_cfg"] = {"context_length": 77, "vocab_size": 49408, "width": 64, "heads": 2, "layers": 2}
    (tmp_path / "small-quickgelu.json").write_text(json.dumps({"embed_dim": 32, "quick_gelu": True, **towers}))
    clip.open_clip().add_model_config(tmp_path / "small-quickgelu.json")
    monkeypatch.setattr(clip, "_MODEL", "small-quickgelu")


def test_the_width_is_that_of_the_published_text_tower():
    assert clip.open_clip().get_model_config(clip._MODEL)["text_cfg"]["width"] == clip.Clip.width


def test_word_states_end_in_the_pooled_text_of_open_clip(small, tmp_path, monkeypatch):
    torch.manual_seed(0)
    encoder = clip.Clip(pretrained="")
    torch.save(encoder.network.state_dict(), tmp_path / "clip.pt")
    monkeypatch.setenv("ISODIM_CLIP", str(tmp_path / "clip.pt"))
    local = text.load("clip-pooled")
    prompts = ["a person walks", "a person walks forward and waves the right hand"]
    states, mask = encoder.encode(prompts)
    assert states.shape == (2, int(mask.sum(1).max()), 64)
    torch.testing.assert_close(states, clip.Clip.encode(local, prompts)[0])
    tokens = clip.open_clip().get_tokenizer("small-quickgelu")(prompts)
    with torch.inference_mode():
        pooled = local.network.encode_text(tokens)
    last = states[torch.arange(2), mask.sum(1) - 1] @ local.network.text_projection
    torch.testing.assert_close(last, pooled, atol=1e-4, rtol=1e-4)
    single, single_mask = local.encode(prompts)
    assert single_mask.tolist() == [[True], [True]]
    torch.testing.assert_close(single[:, 0], pooled, atol=1e-4, rtol=1e-4)
