"""Any Hugging Face text encoder by name or folder through `transformers`: BERT, DeBERTa-v3, T5's encoder and others.

A name is looked up in the local Hugging Face cache; it is downloaded only when ISODIM_ALLOW_DOWNLOAD=1 says so. Code that
comes with a model is never run.
"""

from __future__ import annotations

import os

import torch
from torch import Tensor

from common.errors import InputError

from .library import library

_MAX_PIECES = 64


class HuggingFace:
    """States of the encoder's last layer, special tokens included; see `TextEncoder`."""

    def __init__(self, device: str = "cpu", model: str = "") -> None:
        transformers = library("transformers", "transformers and sentencepiece")
        self.device = torch.device(device)
        source = {"local_files_only": os.environ.get("ISODIM_ALLOW_DOWNLOAD") != "1", "trust_remote_code": False}
        try:
            self.pieces = transformers.AutoTokenizer.from_pretrained(model, **source)
            # this class takes the encoder alone of models that also have a decoder
            network = transformers.AutoModelForTextEncoding.from_pretrained(model, dtype=torch.float32, **source)
        except (OSError, ValueError) as error:
            allowed = "hf: and a text encoder's folder, or its name in the Hugging Face cache"
            advice = "ISODIM_ALLOW_DOWNLOAD=1 allows the download"
            raise InputError("text encoder", f"hf:{model}", f"{allowed}; {advice} ({_first(error)})") from error
        self.network = network.to(self.device).eval()
        self.width = int(network.config.hidden_size)

    @torch.inference_mode()
    def encode(self, prompts: list[str]) -> tuple[Tensor, Tensor]:
        """States [prompt, piece, width] float32 and their mask."""
        cut = {"truncation": True, "max_length": _MAX_PIECES, "padding": True, "padding_side": "right"}
        rows = self.pieces(prompts, return_tensors="pt", **cut).to(self.device)
        states = self.network(input_ids=rows["input_ids"], attention_mask=rows["attention_mask"]).last_hidden_state
        return states.float(), rows["attention_mask"].bool()


def _first(error: Exception) -> str:
    return str(error).strip().partition("\n")[0]
