"""CLIP ViT-B/32's text tower through open_clip (Radford et al., 2021; Ilharco et al., 2021): one state per word piece.

Weights: a local file named by ISODIM_CLIP, or open_clip's own download of the `openai` weights, which happens only when
ISODIM_ALLOW_DOWNLOAD=1 says so.
"""

from __future__ import annotations

import os

import torch
from torch import Tensor

from contract.errors import InputError

_MODEL = "ViT-B-32-quickgelu"


def _open_clip() -> object:
    # torchvision's CUDA wheel beside a CPU torch lacks two operators that its import asks for
    library = torch.library.Library("torchvision", "FRAGMENT")
    for signature in ("nms(Tensor a, Tensor b, float c) -> Tensor", "qnms(Tensor a, Tensor b, float c) -> Tensor"):
        if not hasattr(torch.ops.torchvision, signature.split("(")[0]):
            library.define(signature)
    try:
        import open_clip
    except ImportError as error:
        wanted = f"open_clip_torch and torchvision in the backend's Python ({error})"
        raise InputError("text encoder", "not installed", wanted) from error
    open_clip.isodim_library = library  # the definitions live as long as this object
    return open_clip


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
        open_clip = _open_clip()
        self.device = torch.device(device)
        source = _source() if pretrained is None else pretrained
        self.network = open_clip.create_model(_MODEL, pretrained=source or None).to(self.device).eval()
        self.pieces = open_clip.get_tokenizer(_MODEL)

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
