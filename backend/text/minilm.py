"""all-MiniLM-L6-v2 (Apache-2.0) with a state for each word piece: a BERT of 6 layers, 384 wide (Wang et al., NeurIPS 2020).

`pieces.py` says where the weights come from.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from common.errors import InputError

from .pieces import INSTALL, WIDTH, folder, load_pieces

HEADS, LAYERS, _FEED, _POSITIONS, _VOCABULARY = 12, 6, 1536, 512, 30522
_SHA256_ENDS = ("53aa5117", "d9db")


class MiniLM:
    """Word pieces, special tokens included, through the encoder; see `TextEncoder`."""

    width = WIDTH

    def __init__(self, device: str = "cpu") -> None:
        place = folder()
        self.device = torch.device(device)
        self.pieces = load_pieces(place)
        self.network = Bert()
        self.network.load_state_dict(_remapped(_verified(place / "model.safetensors")))
        self.network.to(self.device).eval()

    @torch.inference_mode()
    def encode(self, prompts: list[str]) -> tuple[Tensor, Tensor]:
        """States [prompt, piece, 384] float32 and their mask."""
        ids = [torch.tensor(row.ids) for row in self.pieces.encode_batch(prompts)]
        tokens = nn.utils.rnn.pad_sequence(ids, batch_first=True).to(self.device)
        lengths = torch.tensor([len(row) for row in ids], device=self.device)
        mask = torch.arange(tokens.shape[1], device=self.device) < lengths[:, None]
        return self.network(tokens, mask), mask


class Bert(nn.Module):
    """BERT's encoder (Devlin et al., 2019): embeddings and post-norm layers, exact GELU."""

    def __init__(self) -> None:
        super().__init__()
        self.word = nn.Embedding(_VOCABULARY, WIDTH)
        self.position = nn.Embedding(_POSITIONS, WIDTH)
        self.kind = nn.Embedding(2, WIDTH)
        self.norm = nn.LayerNorm(WIDTH, eps=1e-12)
        layer = nn.TransformerEncoderLayer(
            WIDTH, HEADS, _FEED, dropout=0.0, activation="gelu", layer_norm_eps=1e-12, batch_first=True
        )
        self.layers = nn.TransformerEncoder(layer, LAYERS, enable_nested_tensor=False)

    def forward(self, tokens: Tensor, mask: Tensor) -> Tensor:
        """tokens [prompt, piece] integers, mask True where real -> states [prompt, piece, 384]."""
        positions = torch.arange(tokens.shape[1], device=tokens.device)
        x = self.norm(self.word(tokens) + self.position(positions) + self.kind.weight[0])
        return self.layers(x, src_key_padding_mask=~mask)


def _verified(path: Path) -> dict[str, Tensor]:
    if not path.is_file():
        raise InputError("text encoder", "not complete", f"its weights at {path}: run `{INSTALL}` again")
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if not (found.startswith(_SHA256_ENDS[0]) and found.endswith(_SHA256_ENDS[1])):
        raise InputError("text encoder", "damaged", f"the published weights at {path}: run `{INSTALL}` again")
    return load_file(path)


def _remapped(theirs: dict[str, Tensor]) -> dict[str, Tensor]:
    """BERT's published parameter names -> this module's."""
    ours = {
        "word.weight": theirs["embeddings.word_embeddings.weight"],
        "position.weight": theirs["embeddings.position_embeddings.weight"],
        "kind.weight": theirs["embeddings.token_type_embeddings.weight"],
        "norm.weight": theirs["embeddings.LayerNorm.weight"],
        "norm.bias": theirs["embeddings.LayerNorm.bias"],
    }
    parts = {
        "self_attn.out_proj": "attention.output.dense",
        "norm1": "attention.output.LayerNorm",
        "linear1": "intermediate.dense",
        "linear2": "output.dense",
        "norm2": "output.LayerNorm",
    }
    for layer in range(LAYERS):
        old, new = f"encoder.layer.{layer}", f"layers.layers.{layer}"
        for kind in ("weight", "bias"):
            mixed = [theirs[f"{old}.attention.self.{part}.{kind}"] for part in ("query", "key", "value")]
            ours[f"{new}.self_attn.in_proj_{kind}"] = torch.cat(mixed)
            ours |= {f"{new}.{ours_}.{kind}": theirs[f"{old}.{theirs_}.{kind}"] for ours_, theirs_ in parts.items()}
    return ours
