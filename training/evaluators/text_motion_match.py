"""The text-motion matching networks of Guo et al. (CVPR 2022, section 4 of the supplement) in their published layout.

The same networks judge the classic features (263, without the four contacts) and, trained anew by MARDM (Meng et al.,
2024), the essential ones (67). Parameter names and sizes are those of the published files.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from .glove import PARTS

MAX_FRAMES = 196
_FRAMES_PER_MOVEMENT = 4
_WORD, _TEXT, _MOTION, _MOVEMENT, _OUT = 300, 512, 1024, 512, 512


class MovementEncoder(nn.Module):
    """Two strided convolutions: four frames -> one movement."""

    def __init__(self, features: int) -> None:
        super().__init__()
        self.main = nn.Sequential(
            nn.Conv1d(features, _MOVEMENT, 4, 2, 1),
            nn.Dropout(0.2),
            nn.LeakyReLU(0.2),
            nn.Conv1d(_MOVEMENT, _MOVEMENT, 4, 2, 1),
            nn.Dropout(0.2),
            nn.LeakyReLU(0.2),
        )
        self.out_net = nn.Linear(_MOVEMENT, _MOVEMENT)

    def forward(self, features: Tensor) -> Tensor:
        """[batch, frame, feature] -> [batch, frame // 4, 512]."""
        return self.out_net(self.main(features.transpose(1, 2)).transpose(1, 2))


class SequenceEncoder(nn.Module):
    """A two-way GRU from learned first states; both last states -> an embedding."""

    def __init__(self, width: int, hidden: int) -> None:
        super().__init__()
        self.input_emb = nn.Linear(width, hidden)
        self.gru = nn.GRU(hidden, hidden, batch_first=True, bidirectional=True)
        self.output_net = nn.Sequential(
            nn.Linear(2 * hidden, hidden), nn.LayerNorm(hidden), nn.LeakyReLU(0.2), nn.Linear(hidden, _OUT)
        )
        self.hidden = nn.Parameter(torch.randn(2, 1, hidden))

    def forward(self, states: Tensor, lengths: Tensor) -> Tensor:
        """states [batch, place, width], lengths [batch] on the CPU -> [batch, 512]."""
        packed = nn.utils.rnn.pack_padded_sequence(
            self.input_emb(states), lengths, batch_first=True, enforce_sorted=False
        )
        _, last = self.gru(packed, self.hidden.repeat(1, len(states), 1))
        return self.output_net(torch.cat([last[0], last[1]], dim=-1))


class WordsEncoder(SequenceEncoder):
    """Word vectors plus their embedded parts of speech, then as above."""

    def __init__(self) -> None:
        super().__init__(_WORD, _TEXT)
        self.pos_emb = nn.Linear(PARTS, _WORD)

    def words(self, vectors: Tensor, kinds: Tensor, lengths: Tensor) -> Tensor:
        """vectors [batch, word, 300], kinds [batch, word, 15], lengths [batch] -> [batch, 512]."""
        return self(vectors + self.pos_emb(kinds), lengths)


class Match(nn.Module):
    """The three networks of one file."""

    def __init__(self, features: int) -> None:
        super().__init__()
        self.movement_encoder = MovementEncoder(features)
        self.motion_encoder = SequenceEncoder(_MOVEMENT, _MOTION)
        self.text_encoder = WordsEncoder()

    def motion(self, features: Tensor, frames: Tensor) -> Tensor:
        """Normalised [batch, 196, feature], zeros from `frames` [batch] on -> [batch, 512].

        The zeros reach into the last movement, as when the evaluator was trained: the width of 196 is part of it.
        """
        return self.motion_encoder(self.movement_encoder(features), frames // _FRAMES_PER_MOVEMENT)
