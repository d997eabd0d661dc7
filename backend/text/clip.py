"""CLIP ViT-B/32's text tower through open_clip (Radford et al., 2021; Ilharco et al., 2021): one state per word piece, or
the one pooled state of a prompt, which CLIP compares with pictures.

Weights: a local file named by ISODIM_CLIP, or open_clip's own download of the `openai` weights, which happens only when
ISODIM_ALLOW_DOWNLOAD=1 says so.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from common.errors import InputError

from .library import library

_MODEL = "ViT-B-32-quickgelu"


def open_clip() -> Any:
    """The open_clip module; InputError when it is not installed."""
    return library("open_clip", "open_clip_torch and torchvision")


def _source() -> str:
    chosen = os.environ.get("ISODIM_CLIP")
    if chosen:
        if not Path(chosen).is_file():
            raise InputError("ISODIM_CLIP", chosen, "a file of CLIP's weights")
        return chosen
    if os.environ.get("ISODIM_ALLOW_DOWNLOAD") == "1":
        return "openai"
    allowed = "ISODIM_CLIP to name a local file, or ISODIM_ALLOW_DOWNLOAD=1 to allow open_clip's own download"
    raise InputError("text encoder", "without weights", allowed)


class Clip:
    """States of the word pieces from CLIP's text transformer after its final norm; see `TextEncoder`."""

    width = 512

    def __init__(self, device: str = "cpu", pretrained: str | None = None) -> None:
        source = _source() if pretrained is None else pretrained
        clip = open_clip()
        self.device = torch.device(device)
        self.network = clip.create_model(_MODEL, pretrained=source or None).to(self.device).eval()
        self.pieces = clip.get_tokenizer(_MODEL)

    @torch.inference_mode()
    def encode(self, prompts: list[str]) -> tuple[Tensor, Tensor]:
        """States [prompt, piece, 512] float32 and their mask; the last real piece is CLIP's end token."""
        tokens = self.pieces(prompts).to(self.device)
        last = tokens.argmax(dim=-1)  # CLIP's end token has the largest number
        pieces = int(last.max()) + 1
        mask = torch.arange(pieces, device=self.device) <= last[:, None]
        x = self.network.token_embedding(tokens) + self.network.positional_embedding
        x = self.network.ln_final(self.network.transformer(x, attn_mask=self.network.attn_mask))
        return x[:, :pieces].float(), mask


class ClipPooled(Clip):
    """The pooled text embedding alone, as MDM, MoMask and MARDM use it; see `TextEncoder`."""

    @torch.inference_mode()
    def encode(self, prompts: list[str]) -> tuple[Tensor, Tensor]:
        """One state [prompt, 1, 512] float32 a prompt, the end token's through the text projection, and its mask."""
        states, mask = super().encode(prompts)
        ends = states[torch.arange(len(prompts), device=self.device), mask.sum(dim=1) - 1]
        pooled = (ends @ self.network.text_projection.float())[:, None]
        return pooled, torch.ones(len(prompts), 1, dtype=torch.bool, device=self.device)
