"""A bottleneck of noise: each number is a mean and a spread, held near N(0, 1) (variational autoencoder, Kingma & Welling, ICLR 2014).

As in latent diffusion (Rombach et al., CVPR 2022) the weight is small: it keeps the latents near zero and smooth, no more.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from .bottleneck import Quantized
from .continuous import Continuous

_LOG_VARIANCE = (-20.0, 10.0)


class KL(Continuous):
    """`dims` numbers a token, from encoder outputs of twice as many: means, then logarithms of variances.

    Its indices are its latents; there are no codes.
    """

    def quantize(self, encoded: Tensor) -> Quantized:
        """Of encoder outputs [..., 2 d] the means [..., d], in training a sample around them; `commitment` is the divergence."""
        mean, log_variance = self._parts(encoded)
        latents = mean
        if self.training:
            latents = mean + (0.5 * log_variance).exp() * torch.randn_like(mean)
        return Quantized(latents, latents.detach(), self._divergence(mean, log_variance).mean())

    def forward(self, encoded: Tensor) -> Tensor:
        """The latents [..., d] of `quantize`."""
        return self.quantize(encoded).latents

    def bits(self, encoded: Tensor) -> Tensor:
        """Bits [...] that a token of encoder outputs [..., 2 d] costs: the divergence of its distribution from N(0, 1)."""
        return self._divergence(*self._parts(encoded)).sum(-1) / math.log(2)

    def _parts(self, encoded: Tensor) -> tuple[Tensor, Tensor]:
        mean, log_variance = encoded.float().chunk(2, dim=-1)
        return mean, log_variance.clamp(*_LOG_VARIANCE)

    def _divergence(self, mean: Tensor, log_variance: Tensor) -> Tensor:
        """Nats [..., d] of each number (Kingma & Welling, appendix B)."""
        return 0.5 * (mean.square() + log_variance.exp() - 1 - log_variance)
