"""CLIP ViT-B/32's text tower through open_clip (Radford et al., 2021; Ilharco et al., 2021): one state per word piece.

Weights: a local file named by ISODIM_CLIP, or open_clip's own download of the `openai` weights, which happens only when
ISODIM_ALLOW_DOWNLOAD=1 says so.
"""

from __future__ import annotations

import contextlib
import functools
import importlib
import os
from typing import Any

import torch
from torch import Tensor

from contract.errors import InputError

_MODEL = "ViT-B-32-quickgelu"
_DEFINITIONS: list[torch.library.Library] = []
"""Operators that `open_clip` defined; they are gone when their library is."""


@functools.cache
def open_clip() -> Any:
    """The open_clip module, importable beside a CPU torch too; InputError when it is not installed."""
    try:
        with contextlib.suppress(RuntimeError):
            return importlib.import_module("open_clip")
        # torchvision's CUDA wheel beside a CPU torch lacks two operators that its import asks for
        library = torch.library.Library("torchvision", "FRAGMENT")
        library.define("nms(Tensor boxes, Tensor scores, float threshold) -> Tensor")
        library.define("qnms(Tensor boxes, Tensor scores, float threshold) -> Tensor")
        _DEFINITIONS.append(library)
        return importlib.import_module("open_clip")
    except ImportError as error:
        wanted = f"open_clip_torch and torchvision in the backend's Python ({error})"
        raise InputError("text encoder", "not installed", wanted) from error


def _source() -> str:
    chosen = os.environ.get("ISODIM_CLIP")
    if chosen:
        return chosen
    if os.environ.get("ISODIM_ALLOW_DOWNLOAD") == "1":
        return "openai"
    allowed = "ISODIM_CLIP to name a local file, or ISODIM_ALLOW_DOWNLOAD=1 to allow open_clip's own download"
    raise InputError("text encoder", "without weights", allowed)


class Clip:
    """Word-level states of CLIP's text transformer after its final norm; see `TextEncoder`."""

    width = 512

    def __init__(self, device: str = "cpu", pretrained: str | None = None) -> None:
        library = open_clip()
        self.device = torch.device(device)
        source = _source() if pretrained is None else pretrained
        self.network = library.create_model(_MODEL, pretrained=source or None).to(self.device).eval()
        self.pieces = library.get_tokenizer(_MODEL)

    @torch.inference_mode()
    def encode(self, prompts: list[str]) -> tuple[Tensor, Tensor]:
        """States [prompt, word piece, 512] float32 and their mask."""
        tokens = self.pieces(prompts).to(self.device)
        last = tokens.argmax(dim=-1)  # CLIP's end token has the largest number
        words = int(last.max()) + 1
        mask = torch.arange(words, device=self.device) <= last[:, None]
        x = self.network.token_embedding(tokens) + self.network.positional_embedding
        x = self.network.ln_final(self.network.transformer(x, attn_mask=self.network.attn_mask))
        return x[:, :words].float(), mask
