"""A codebook learned by moving averages (van den Oord et al., NeurIPS 2017, appendix A.1).

Each vector is the average of the latents that chose it. A vector that hardly any latent chooses is *dead* and begins
anew at a random latent of the batch, as in Jukebox (Dhariwal et al., 2020, "random restarts") and T2M-GPT (Zhang et al., 2023).
"""

from __future__ import annotations

import torch
from torch import Tensor, distributed, nn

DEAD = 1 / 8
"""A vector dies below this part of its fair share: T2M-GPT's one latent of 4096 for 512 vectors."""


class Codebook(nn.Module):
    """`size` vectors of `dims` numbers and the share of latents that chose each lately; both are buffers, in float32.

    While all shares are zero nothing was learned yet: the first batch gives the vectors.
    """

    vectors: Tensor
    share: Tensor

    def __init__(self, size: int, dims: int, decay: float = 0.99) -> None:
        super().__init__()
        self.decay = decay
        self.register_buffer("vectors", torch.randn(size, dims) / dims**0.5)
        self.register_buffer("share", torch.zeros(size))

    def nearest(self, latents: Tensor) -> Tensor:
        """Indices [...] of the vectors nearest to latents [..., d]."""
        with torch.autocast(latents.device.type, enabled=False):
            # |x - e|^2 without |x|^2, which is the same for every vector
            distance = self.vectors.square().sum(-1) - 2 * latents.float() @ self.vectors.T
        return distance.argmin(-1)

    def at(self, indices: Tensor) -> Tensor:
        """Vectors [..., d] of indices [...] of any number type."""
        return self.vectors[indices.long()]

    @torch.no_grad()
    def begin(self, latents: Tensor) -> None:
        """Put the vectors of a codebook that learned nothing yet on random latents [n, d]."""
        if not self.share.any():
            self._revive(latents)

    @torch.no_grad()
    def learn(self, latents: Tensor, indices: Tensor) -> None:
        """Move the averages towards latents [n, d] that chose `indices` [n], those of all processes together."""
        count = torch.bincount(indices, minlength=len(self.vectors)).float()
        total = torch.zeros_like(self.vectors).index_add_(0, indices, latents.float())
        if distributed.is_initialized():
            distributed.all_reduce(count)
            distributed.all_reduce(total)
        share = torch.lerp(count / count.sum(), self.share, self.decay)
        mass = torch.lerp(total / count.sum(), self.share[:, None] * self.vectors, self.decay)
        self.vectors.copy_(mass / share[:, None])
        self.share.copy_(share)
        self._revive(latents)

    def _revive(self, latents: Tensor) -> None:
        """Put dead vectors on random latents, the same on every process, and give them a fair share."""
        fair = 1 / len(self.share)
        dead = self.share < DEAD * fair
        if dead.any():
            found = latents[torch.randint(len(latents), (int(dead.sum()),), device=latents.device)].float()
            if distributed.is_initialized():
                distributed.broadcast(found, 0)
            self.vectors[dead] = found
            self.share[dead] = fair
            self.share /= self.share.sum()
