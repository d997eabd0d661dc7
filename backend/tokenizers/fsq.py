"""Finite scalar quantization (Mentzer et al., ICLR 2024, arXiv 2309.15505): every dim rounds to one of L levels.

The code keeps its metric: neighbours on the grid are neighbours in motion, so codes can be blended, nudged and snapped.

Shapes: `d` dims a token with `levels[i]` values each. *Coordinates* are grid values in -1..1 [..., d]; *codes* are the
same as integers 0..L-1 [..., d]; an *index* is one integer per token [...], where 64 bits hold one.
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

    def quantize(self, latent: Tensor) -> Quantized:
        """Grid coordinates and levels [..., d] of encoder outputs [..., d]; there is nothing to learn."""
        coordinates = self(latent)
        return Quantized(coordinates, self.to_codes(coordinates.detach()), coordinates.new_zeros(()))

    def forward(self, latent: Tensor) -> Tensor:
        """Coordinates on the grid [..., d] of encoder outputs [..., d]; gradients pass straight through the rounding."""
        with torch.autocast(latent.device.type, enabled=False):
            bounded = torch.tanh(latent.float() + self.shift) * self.reach - self.offset
            rounded = bounded + (bounded.round() - bounded).detach()
            return rounded / self.scale

    def snap(self, coordinates: Tensor) -> Tensor:
        """The nearest grid point [..., d] of any coordinates [..., d]; even L reaches -1 but not +1."""
        return self.from_codes(self.to_codes(coordinates))

    def to_codes(self, coordinates: Tensor) -> Tensor:
        """Integer levels 0..L-1 [..., d] of coordinates [..., d]."""
        level = torch.round(coordinates.float() * self.scale) + self.scale
        return torch.minimum(level.clamp(min=0), self.count - 1).long()

    def from_codes(self, codes: Tensor) -> Tensor:
        """Coordinates [..., d] of integer levels [..., d]."""
        return (codes.float() - self.scale) / self.scale

    def to_indices(self, coordinates: Tensor) -> Tensor:
        """One integer below `size` per token [...]; the first dim counts fastest. ValueError where 64 bits are too few."""
        return (self.to_codes(coordinates) * self._basis()).sum(-1)

    def from_indices(self, indices: Tensor) -> Tensor:
        """Coordinates [..., d] of integer codes [...]. ValueError where 64 bits are too few."""
        levels = torch.div(indices[..., None], self._basis(), rounding_mode="floor") % self.count.long()
        return self.from_codes(levels)

    def _basis(self) -> Tensor:
        """What one step of each dim [d] adds to an index."""
        if self.size > torch.iinfo(torch.int64).max:
            raise ValueError(f"{self.dims} dims imply {self.size:.1e} codes, more than a 64-bit index can tell apart")
        basis = [math.prod(self.levels[:dim]) for dim in range(self.dims)]
        return torch.tensor(basis, device=self.count.device)

    def grid(self) -> Tensor:
        """Grid values of every dim side by side [sum of levels]."""
        return torch.cat([(torch.arange(level) - level // 2) / (level // 2) for level in self.levels]).to(self.reach)
