"""MotionDiffusion-MoE: IsoDiM whose head has experts in place of each block's feed-forward.

The gate reads a token's state, which the block's adaLN has told the time and the pooled prompt, and gives each token to its
`top_k` of `experts` (Shazeer et al., 2017; Switch, arXiv 2101.03961); weights are the softmax's own, not normalised again, and
`shared_experts` see every token (DiT-MoE, arXiv 2407.11633). With routing `experts` each expert takes its best tokens instead
(expert choice, arXiv 2202.09368), chosen within one clip, so that a clip does not depend on what else is in the batch.

No paper or code of the model's name is public: sizes, and what reads the gate, are decided here.

Shapes: x [batch, token, width]; gate [batch, token, expert].
"""

from __future__ import annotations

import dataclasses
from typing import Any

import torch
from torch import Tensor, nn

from backend.text import TextStates
from backend.tokenizers.bottleneck import Bottleneck
from common import checks

from . import isodim
from .isodim import Context, IsoDiM, IsoDiMConfig
from .layers import SwiGLU, TimedBlock

SIZES: dict[str, dict[str, Any]] = {
    "MoE-XXS": {"depth": 4, "width": 160, "heads": 4, "mar_depth": 2},
    "MoE-small": {"depth": 6, "width": 256, "heads": 4, "mar_depth": 4},
    "MoE-big": {"depth": 12, "width": 384, "heads": 6, "mar_depth": 4},
}
"""XXS is for experiments."""

OPTIONS = (*isodim.OPTIONS, "num_experts", "top_k", "shared_experts", "routing", "window", "prompt_tokens")
SAMPLING = isodim.SAMPLING
ROUTINGS = ("tokens", "experts")


@dataclasses.dataclass(frozen=True)
class MoEConfig(IsoDiMConfig):
    """IsoDiM's sizes and options, and those of the experts."""

    num_experts: int = 8
    top_k: int = 2
    """Experts of a token; with routing `experts` the mean over a clip's tokens."""
    shared_experts: int = 1
    """Experts that every token passes, as one feed-forward each."""
    routing: str = "tokens"
    window: int = 0
    """Tokens before and after that the head's self-attention sees, and the first token; 0: all."""
    prompt_tokens: int = 0
    """Learned vectors that stand before the text states, of a prompt and of none."""


@dataclasses.dataclass(frozen=True)
class Routed:
    """What one block's gate did, for the losses. gate, chosen: [batch, token, expert]; x: what the experts read."""

    experts: Experts
    x: Tensor
    gate: Tensor
    chosen: Tensor
    mask: Tensor


class Experts(nn.Module):
    """A feed-forward made of experts; a token that is padding goes to none."""

    def __init__(self, width: int, count: int, top_k: int, shared: int, routing: str) -> None:
        super().__init__()
        self.top_k, self.routing = top_k, routing
        self.gate = nn.Linear(width, count, bias=False)
        self.experts = nn.ModuleList(SwiGLU(width) for _ in range(count))
        self.shared = nn.ModuleList(SwiGLU(width) for _ in range(shared))

    def route(self, x: Tensor, mask: Tensor, swapped: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """The gate's softmax, in fp32 whatever the precision, and which experts are chosen.

        swapped: real tokens [batch, token] whose last choice is another expert, at random; for routing `tokens`.
        """
        with torch.autocast(x.device.type, enabled=False):
            gate = (x.float() @ self.gate.weight.float().T).softmax(-1)
        if self.routing == "experts":
            return gate, chosen_by_experts(gate, mask, self.top_k)
        ranks = (-gate).argsort(dim=-1, stable=True).argsort(-1)
        chosen = ranks < self.top_k
        if swapped is not None and len(self.experts) > self.top_k:
            other = torch.randint(self.top_k, len(self.experts), swapped.shape, device=x.device)[..., None]
            chosen = torch.where(swapped[..., None], (ranks < self.top_k - 1) | (ranks == other), chosen)
        return gate, chosen & mask[..., None]

    def forward(self, x: Tensor, gate: Tensor, chosen: Tensor) -> Tensor:
        """The sum over a token's chosen experts, weighed by its gate, and over the shared ones: the shape of x."""
        flat, made = x.flatten(0, 1), torch.zeros_like(x).flatten(0, 1)
        for number, expert in enumerate(self.experts):
            rows = chosen[..., number].flatten().nonzero()[:, 0]
            weight = gate[..., number].flatten()[rows, None].to(x.dtype)
            made = made.index_add(0, rows, weight * expert(flat[rows]))
        made = made.unflatten(0, x.shape[:2])
        for expert in self.shared:
            made = made + expert(x)
        return made


def chosen_by_experts(gate: Tensor, mask: Tensor, top_k: int) -> Tensor:
    """Each expert takes its ceil(n top_k / experts) best of a clip's n real tokens (arXiv 2202.09368, section 3.2)."""
    room = -(-mask.sum(1) * top_k // gate.shape[-1])
    ranks = (-gate).masked_fill(~mask[..., None], torch.inf).argsort(dim=1, stable=True).argsort(1)
    return (ranks < room[:, None, None]) & mask[..., None]


class ExpertBlock(TimedBlock):
    """The diffusion transformer's block with experts. What it routed last stands in `routed` while it is trained."""

    feed: Experts

    def __init__(self, config: MoEConfig) -> None:
        super().__init__(config.width, config.heads, config.dropout)
        self.feed = Experts(config.width, config.num_experts, config.top_k, config.shared_experts, config.routing)
        self.window = config.window
        self.routed: Routed | None = None
        self.swapped: Tensor | None = None

    def attended(self, mask: Tensor) -> Tensor:
        """[batch, token, token'] within the window, and the first token; without one the mask itself."""
        return mask if self.window == 0 else mask[:, None, :] & within(mask.shape[1], self.window, mask.device)

    def feed_forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """The experts' sum [batch, token, width]."""
        gate, chosen = self.feed.route(x, mask, self.swapped)
        self.routed = Routed(self.feed, x, gate, chosen, mask) if self.training else None
        return self.feed(x, gate, chosen)


def within(tokens: int, window: int, device: torch.device) -> Tensor:
    """[token, token']: at most `window` apart, or the first one."""
    place = torch.arange(tokens, device=device)
    return ((place[:, None] - place).abs() <= window) | (place == 0)


def build(name: str, bottleneck: Bottleneck, text_width: int, **options: Any) -> MoE:
    """An untrained model of a size in `SIZES`; options: `OPTIONS` and dropout."""
    return MoE(MoEConfig(text_width=text_width, **SIZES[name], **options), bottleneck)


class MoE(IsoDiM):
    """The generator; it samples and in-paints as IsoDiM does."""

    config: MoEConfig

    def __init__(self, config: MoEConfig, bottleneck: Bottleneck) -> None:
        checks.integer(1, 64)("num_experts", config.num_experts)
        checks.integer(1, config.num_experts)("top_k", config.top_k)
        checks.integer(0, 8)("shared_experts", config.shared_experts)
        checks.one_of(ROUTINGS)("routing", config.routing)
        checks.integer(0, 1000)("window", config.window)
        checks.integer(0, 64)("prompt_tokens", config.prompt_tokens)
        super().__init__(config, bottleneck)
        self.prompt_tokens = nn.Parameter(torch.randn(config.prompt_tokens, config.width) * 0.02)

    def head_block(self) -> ExpertBlock:
        """One block of the head."""
        return ExpertBlock(self.config)

    def text_states(self, states: Tensor, mask: Tensor, null: Tensor) -> TextStates:
        """IsoDiM's, with the learned prompt tokens before them."""
        made, real = super().text_states(states, mask, null)
        learned = self.prompt_tokens.to(made.dtype).expand(len(made), -1, -1)
        return torch.cat([learned, made], 1), torch.cat([real.new_ones(learned.shape[:2]), real], 1)

    def routed(self) -> list[Routed]:
        """What the blocks routed in the last `denoise` while training, the first block first."""
        return [block.routed for block in self.head if isinstance(block, ExpertBlock) and block.routed is not None]

    def denoise_swapped(self, noisy: Tensor, time: Tensor, context: Context, swapped: Tensor) -> Tensor:
        """`denoise` with the last expert of the tokens `swapped` [batch, token] drawn at random from those not chosen."""
        blocks = [block for block in self.head if isinstance(block, ExpertBlock)]
        for block in blocks:
            block.swapped = swapped
        try:
            return self.denoise(noisy, time, context)
        finally:
            for block in blocks:
                block.swapped = None
