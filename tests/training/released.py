"""MARDM's released layers by their released names, and what they compute: written out here, not taken from our networks.

Sizes are small; names, order and formulas are the release's.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor

WIDTH, HEADS, FEED, HEAD, HEAD_BLOCKS, DIMS, TEXT = 16, 4, 32, 24, 2, 8, 12
AE_WIDTH, FEATURES = 8, 67
SIZE = {"width": WIDTH, "depth": 1, "heads": HEADS, "feed": FEED, "head_width": HEAD, "head_depth": HEAD_BLOCKS}


def _linear(name: str, out: int, width: int) -> dict[str, tuple[int, ...]]:
    return {f"{name}.weight": (out, width), f"{name}.bias": (out,)}


def _conv(name: str, out: int, width: int, size: int) -> dict[str, tuple[int, ...]]:
    return {f"{name}.weight": (out, width, size), f"{name}.bias": (out,)}


def _random(shapes: dict[str, tuple[int, ...]]) -> dict[str, Tensor]:
    made = torch.Generator().manual_seed(0)
    return {name: 0.3 * torch.randn(shape, generator=made) for name, shape in shapes.items()}


def ae() -> dict[str, Tensor]:
    """State dict of `AE`: latest.tar's `ae`."""
    wide = AE_WIDTH
    shapes = _conv("encoder.model.0", wide, FEATURES, 3) | _conv("encoder.model.4", DIMS, wide, 3)
    shapes |= _conv("decoder.model.0", wide, DIMS, 3) | _conv("decoder.model.4", wide, wide, 3)
    shapes |= _conv("decoder.model.6", FEATURES, wide, 3)
    for stage in (2, 3):
        shapes |= _conv(f"encoder.model.{stage}.0", wide, wide, 4) | _conv(f"decoder.model.{stage}.2", wide, wide, 3)
        for prefix in (f"encoder.model.{stage}.1", f"decoder.model.{stage}.0"):
            for index in range(3):
                shapes |= _conv(f"{prefix}.model.{index}.conv1", wide, wide, 3)
                shapes |= _conv(f"{prefix}.model.{index}.conv2", wide, wide, 1)
    return _random(shapes)


def mardm() -> dict[str, Tensor]:
    """State dict of `MARDM`: latest.tar's `ema_mardm`, which is without CLIP."""
    shapes: dict[str, tuple[int, ...]] = {"mask_latent": (1, 1, DIMS), "position_enc.pe": (5000, 1, WIDTH)}
    shapes |= _linear("input_process.poseEmbedding", WIDTH, DIMS) | _linear("cond_emb", WIDTH, TEXT)
    block, net = "MARTransformer.0", "DiffMLPs.net"
    for name in ("key", "query", "value", "proj"):
        shapes |= _linear(f"{block}.attn.{name}", WIDTH, WIDTH)
    shapes |= _linear(f"{block}.mlp.fc1", FEED, WIDTH) | _linear(f"{block}.mlp.fc2", WIDTH, FEED)
    shapes |= _linear(f"{block}.adaLN_modulation.1", 6 * WIDTH, WIDTH)
    shapes |= _linear(f"{net}.time_embed.mlp.0", HEAD, 256) | _linear(f"{net}.time_embed.mlp.2", HEAD, HEAD)
    shapes |= _linear(f"{net}.cond_embed", HEAD, WIDTH) | _linear(f"{net}.input_proj", HEAD, DIMS)
    for index in range(HEAD_BLOCKS):
        one = f"{net}.res_blocks.{index}"
        shapes |= {f"{one}.in_ln.weight": (HEAD,), f"{one}.in_ln.bias": (HEAD,)}
        shapes |= _linear(f"{one}.mlp.0", HEAD, HEAD) | _linear(f"{one}.mlp.2", HEAD, HEAD)
        shapes |= _linear(f"{one}.adaLN_modulation.1", 3 * HEAD, HEAD)
    shapes |= _linear(f"{net}.final_layer.linear", DIMS, HEAD)
    shapes |= _linear(f"{net}.final_layer.adaLN_modulation.1", 2 * HEAD, HEAD)
    return _random(shapes)


class Computed:
    """What the release makes of its weights, in evaluation mode."""

    def __init__(self, weights: dict[str, Tensor]) -> None:
        self.weights = weights

    def linear(self, name: str, x: Tensor) -> Tensor:
        return F.linear(x, self.weights[f"{name}.weight"], self.weights[f"{name}.bias"])

    def conv(self, name: str, x: Tensor, **how: int) -> Tensor:
        return F.conv1d(x, self.weights[f"{name}.weight"], self.weights[f"{name}.bias"], **how)

    def residuals(self, name: str, x: Tensor) -> Tensor:
        for index, dilation in enumerate((9, 3, 1)):
            inner = self.conv(f"{name}.model.{index}.conv1", x.relu(), padding=dilation, dilation=dilation)
            x = x + self.conv(f"{name}.model.{index}.conv2", inner.relu())
        return x

    def encoded(self, features: Tensor) -> Tensor:
        """Normalised features [batch, frame, 67] -> latents [batch, token, d]."""
        x = self.conv("encoder.model.0", features.transpose(1, 2), padding=1).relu()
        for stage in (2, 3):
            x = self.residuals(
                f"encoder.model.{stage}.1", self.conv(f"encoder.model.{stage}.0", x, stride=2, padding=1)
            )
        return self.conv("encoder.model.4", x, padding=1).transpose(1, 2)

    def decoded(self, latents: Tensor) -> Tensor:
        """Latents [batch, token, d] -> normalised features [batch, frame, 67]."""
        x = self.conv("decoder.model.0", latents.transpose(1, 2), padding=1).relu()
        for stage in (2, 3):
            x = self.residuals(f"decoder.model.{stage}.0", x).repeat_interleave(2, dim=-1)
            x = self.conv(f"decoder.model.{stage}.2", x, padding=1)
        x = self.conv("decoder.model.4", x, padding=1).relu()
        return self.conv("decoder.model.6", x, padding=1).transpose(1, 2)

    def states(self, latents: Tensor, masked: Tensor, padding: Tensor, text: Tensor) -> Tensor:
        """The transformer: latents [batch, token, d], masked and padded tokens [batch, token], pooled text -> [batch, token, width]."""
        x = self.linear(
            "input_process.poseEmbedding", torch.where(masked[..., None], self.weights["mask_latent"], latents)
        )
        for place in range(x.shape[1]):
            for pair in range(WIDTH // 2):
                angle = place * math.exp(-math.log(10000.0) * 2 * pair / WIDTH)
                x[:, place, 2 * pair] += math.sin(angle)
                x[:, place, 2 * pair + 1] += math.cos(angle)
        block = "MARTransformer.0"
        parts = self.linear(f"{block}.adaLN_modulation.1", F.silu(self.linear("cond_emb", text)))[:, None]
        shift, scale, gate, shift_feed, scale_feed, gate_feed = parts.chunk(6, dim=-1)
        x = x + gate * self.attention(
            f"{block}.attn", F.layer_norm(x, (WIDTH,), eps=1e-6) * (1 + scale) + shift, padding
        )
        inner = self.linear(f"{block}.mlp.fc1", F.layer_norm(x, (WIDTH,), eps=1e-6) * (1 + scale_feed) + shift_feed)
        return x + gate_feed * self.linear(f"{block}.mlp.fc2", F.gelu(inner, approximate="tanh"))

    def attention(self, name: str, x: Tensor, padding: Tensor) -> Tensor:
        split = (len(x), -1, HEADS, WIDTH // HEADS)
        query, key, value = (
            self.linear(f"{name}.{part}", x).view(split).transpose(1, 2) for part in ("query", "key", "value")
        )
        scores = query @ key.transpose(-2, -1) / math.sqrt(WIDTH // HEADS)
        scores = scores.masked_fill(padding[:, None, None], float("-inf")).softmax(-1)
        return self.linear(f"{name}.proj", (scores @ value).transpose(1, 2).reshape(x.shape))

    def head(self, noisy: Tensor, time: Tensor, states: Tensor) -> Tensor:
        """Noisy tokens [n, d], times [n] as the release counts them, transformer states [n, width] -> [n, d]."""
        net = "DiffMLPs.net"
        rates = torch.exp(-math.log(10000.0) * torch.arange(128) / 128)
        angles = time[:, None] * rates
        waves = torch.cat([angles.cos(), angles.sin()], dim=-1)
        embedded = self.linear(f"{net}.time_embed.mlp.2", F.silu(self.linear(f"{net}.time_embed.mlp.0", waves)))
        condition = F.silu(embedded + self.linear(f"{net}.cond_embed", states))
        x = self.linear(f"{net}.input_proj", noisy)
        for index in range(HEAD_BLOCKS):
            one = f"{net}.res_blocks.{index}"
            shift, scale, gate = self.linear(f"{one}.adaLN_modulation.1", condition).chunk(3, dim=-1)
            weight, bias = (self.weights[f"{one}.in_ln.{part}"] for part in ("weight", "bias"))
            inner = F.layer_norm(x, (HEAD,), weight, bias, eps=1e-6) * (1 + scale) + shift
            x = x + gate * self.linear(f"{one}.mlp.2", F.silu(self.linear(f"{one}.mlp.0", inner)))
        shift, scale = self.linear(f"{net}.final_layer.adaLN_modulation.1", condition).chunk(2, dim=-1)
        return self.linear(f"{net}.final_layer.linear", F.layer_norm(x, (HEAD,), eps=1e-6) * (1 + scale) + shift)
