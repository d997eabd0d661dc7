"""Tiny random encoders in the published file layout, made here: nothing is downloaded."""

import importlib.util

import pytest
import torch
from tokenizers import Tokenizer, models, pre_tokenizers, processors

from backend import text
from backend.text.library import library
from common.errors import InputError

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("transformers") is None, reason="the huggingface extra is not installed"
)
WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "a", "person", "walks", "forward", "turns", "left"]
PROMPTS = ["a person walks", "a person walks forward turns left left left left"]
SIZES = {"vocab_size": len(WORDS), "hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2}


def words(transformers):
    pieces = Tokenizer(models.WordLevel({word: index for index, word in enumerate(WORDS)}, unk_token="[UNK]"))
    pieces.pre_tokenizer = pre_tokenizers.Whitespace()
    ends = [(word, WORDS.index(word)) for word in ("[CLS]", "[SEP]")]
    pieces.post_processor = processors.TemplateProcessing(single="[CLS] $A [SEP]", special_tokens=ends)
    return transformers.PreTrainedTokenizerFast(tokenizer_object=pieces, pad_token="[PAD]", unk_token="[UNK]")


def bert(transformers):
    return transformers.BertModel(transformers.BertConfig(**SIZES, intermediate_size=32))


def deberta(transformers):
    return transformers.DebertaV2Model(
        transformers.DebertaV2Config(**SIZES, intermediate_size=32, relative_attention=True, position_buckets=8)
    )


def t5(transformers):
    sizes = {"d_model": 16, "d_kv": 8, "d_ff": 32, "num_layers": 2, "num_heads": 2, "decoder_start_token_id": 0}
    return transformers.T5ForConditionalGeneration(transformers.T5Config(vocab_size=len(WORDS), **sizes))


@pytest.mark.parametrize("make", [bert, deberta, t5])
def test_states_are_those_of_the_encoder(make, tmp_path, monkeypatch):
    monkeypatch.delenv("ISODIM_ALLOW_DOWNLOAD", raising=False)
    transformers = library("transformers", "transformers")
    torch.manual_seed(0)
    network = make(transformers).eval()
    network.save_pretrained(tmp_path)
    pieces = words(transformers)
    pieces.save_pretrained(tmp_path)
    encoder = text.load(f"hf:{tmp_path}")
    states, mask = encoder.encode(PROMPTS)
    assert encoder.width == 16
    assert states.shape == (2, 11, 16)
    assert mask.sum(1).tolist() == [5, 11]
    alone, _ = encoder.encode(PROMPTS[:1])
    torch.testing.assert_close(states[:1, :5], alone)
    with torch.inference_mode():
        expected = getattr(network, "encoder" if make is t5 else "forward")(**pieces(PROMPTS[0], return_tensors="pt"))
    torch.testing.assert_close(alone, expected.last_hidden_state)
    assert encoder.encode(["walks " * 500, ""])[1].sum(1).tolist() == [64, 2]


def test_what_is_not_there_is_not_downloaded(tmp_path, monkeypatch):
    monkeypatch.delenv("ISODIM_ALLOW_DOWNLOAD", raising=False)
    monkeypatch.setenv("HF_HOME", str(tmp_path))
    with pytest.raises(
        InputError, match="text encoder is 'hf:nobody/nothing', expected hf: and a text encoder's folder"
    ):
        text.load("hf:nobody/nothing")
    with pytest.raises(InputError, match="text encoder is 'hf:', expected one of minilm, clip, clip-pooled, hf:MODEL"):
        text.load("hf:")
    with pytest.raises(InputError, match="text encoder is 'clip:other'"):
        text.load("clip:other")
