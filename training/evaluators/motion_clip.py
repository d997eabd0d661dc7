"""MARDM's contrastive evaluator, from which its CLIP score comes (Meng et al., 2024), in its published layout.

The file holds the text side too, CLIP's token embeddings among it; only CLIP's word pieces come from open_clip.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

_WIDTH, _HEADS, _FEED, _LAYERS = 512, 8, 1024, 8
_VOCABULARY, _PIECES, _PLACES = 49408, 77, 2000


def _transformer() -> nn.TransformerEncoder:
    layer = nn.TransformerEncoderLayer(_WIDTH, _HEADS, _FEED, 0.2, activation="gelu", batch_first=True)
    return nn.TransformerEncoder(layer, _LAYERS, enable_nested_tensor=False)


class _Places(nn.Module):
    """The stored table of sinusoids."""

    pe: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("pe", torch.zeros(_PLACES, _WIDTH))


class MotionTower(nn.Module):
    """Frames behind a query token through a post-norm transformer; the query's state is the embedding."""

    def __init__(self, features: int) -> None:
        super().__init__()
        self.query_token = nn.Parameter(torch.randn(1, _WIDTH))
        self.embed_motion = nn.Linear(features, _WIDTH)
        self.sequence_pos_encoder = _Places()
        self.transformer = _transformer()
        self.out_ln = nn.LayerNorm(_WIDTH)
        self.out = nn.Linear(_WIDTH, _WIDTH)

    def forward(self, features: Tensor, frames: Tensor) -> Tensor:
        """Normalised [batch, frame, feature], real up to `frames` [batch] -> [batch, 512]."""
        query = self.query_token.expand(len(features), 1, -1)
        states = torch.cat([query, self.embed_motion(features)], dim=1)
        states = states + self.sequence_pos_encoder.pe[: states.shape[1]]
        padding = torch.arange(states.shape[1], device=states.device) > frames[:, None].to(states.device)
        return self.out(self.out_ln(self.transformer(states, src_key_padding_mask=padding))[:, 0])


class MotionClip(nn.Module):
    """Both towers."""

    def __init__(self, features: int) -> None:
        super().__init__()
        self.motion_encoder = MotionTower(features)
        self.token_embedding = nn.Embedding(_VOCABULARY, _WIDTH)
        self.positional_embedding = nn.Parameter(torch.zeros(_PIECES, _WIDTH))
        self.logit_scale = nn.Parameter(torch.tensor(math.log(1 / 0.07)))
        self.textTransEncoder = _transformer()
        self.text_ln = nn.LayerNorm(_WIDTH)
        self.out = nn.Linear(_WIDTH, _WIDTH)

    def text(self, pieces: Tensor) -> Tensor:
        """CLIP's word pieces [batch, 77], zeros after the end token -> [batch, 512]; the zeros are read too, as published."""
        states = self.text_ln(self.textTransEncoder(self.token_embedding(pieces) + self.positional_embedding))
        return self.out(states[torch.arange(len(pieces)), pieces.argmax(dim=-1)])
