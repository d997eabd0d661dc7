"""Finite scalar quantization (Mentzer et al., ICLR 2024, arXiv 2309.15505): every dim rounds to one of L levels.

The code keeps its metric: neighbours on the grid are neighbours in motion, so codes can be blended, nudged and snapped.

Shapes: `d` dims a token with `levels[i]` values each. *Latents* are grid values in -1..1 [..., d]; *level indices* are the
same as integers 0..L-1 [..., d].
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from .bottleneck import Quantized


class FSQ(nn.Module):
    """The bottleneck. It has no parameters; its arithmetic stays in float32 because bf16 rounding flips codes."""

    reach: Tensor
    offset: Tensor
    shift: Tensor
    scale: Tensor
    count: Tensor

    def __init__(self, levels: Sequence[int]) -> None:
        super().__init__()
        if not levels or min(levels) < 2:
            raise ValueError(f"levels is {list(levels)}, expected at least one level count of 2 or more")
        self.levels = tuple(int(level) for level in levels)
        count = torch.tensor(self.levels, dtype=torch.float32)
        half = (count - 1) * (1 + 1e-3) / 2
        offset = torch.where(count % 2 == 0, 0.5, 0.0)
        for name, value in {
            "reach": half,
            "offset": offset,
            "shift": torch.atanh(offset / half),
            "scale": torch.div(count, 2, rounding_mode="floor"),
            "count": count,
        }.items():
            self.register_buffer(name, value, persistent=False)

    @property
    def dims(self) -> int:
        """Numbers a token."""
        return len(self.levels)

    @property
    def size(self) -> int:
        """Implied codebook size."""
        return math.prod(self.levels)

    def quantize(self, encoded: Tensor) -> Quantized:
        """Grid values and level indices [..., d] of encoder outputs [..., d]; there is nothing to learn."""
        latents = self(encoded)
        return Quantized(latents, self.to_indices(latents.detach()), latents.new_zeros(()))

    def forward(self, encoded: Tensor) -> Tensor:
        """Latents on the grid [..., d] of encoder outputs [..., d]; gradients pass straight through the rounding."""
        with torch.autocast(encoded.device.type, enabled=False):
            bounded = torch.tanh(encoded.float() + self.shift) * self.reach - self.offset
            rounded = bounded + (bounded.round() - bounded).detach()
            return rounded / self.scale

    def snap(self, latents: Tensor) -> Tensor:
        """The nearest grid point [..., d] of any latents [..., d]; even L reaches -1 but not +1."""
        return self.from_indices(self.to_indices(latents))

    def to_indices(self, latents: Tensor) -> Tensor:
        """Level indices 0..L-1 [..., d] of latents [..., d]."""
        level = torch.round(latents.float() * self.scale) + self.scale
        return torch.minimum(level.clamp(min=0), self.count - 1).long()

    def from_indices(self, indices: Tensor) -> Tensor:
        """Latents [..., d] of level indices [..., d]."""
        return (indices.float() - self.scale) / self.scale

    def grid(self) -> Tensor:
        """Grid values of every dim side by side [sum of levels]."""
        return torch.cat([(torch.arange(level) - level // 2) / (level // 2) for level in self.levels]).to(self.reach)
