"""What a network says of the next token's numbers as a distribution: mixtures of Gaussians, grid levels, or one value alone.

DiCoDe (arXiv 2412.04446) trains its language model by likelihood, because a squared error answers an open question with the
mean of the answers; `Regression` is that negative control.

Shapes: output [..., outputs] of the network; x [..., d] standardised numbers of a token. Chance comes from the given torch
generator, on the CPU.
"""

from __future__ import annotations

import math
from typing import Protocol

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from backend.tokenizers.fsq import FSQ

_LOG_STD = (-4.0, 4.0)
"""Of the narrowest and the widest Gaussian: where the data are codes, a density could grow without end."""
_CANDIDATES = 32
"""Samples of the prompt's mixture among which guidance chooses."""


class Density(Protocol):
    """A head's distribution over the numbers of a token."""

    outputs: int
    """Numbers the network gives for it."""

    def begin(self, layer: nn.Linear) -> None:
        """Set the first weights of the layer that makes the output."""
        ...

    def loss(self, output: Tensor, x: Tensor) -> Tensor:
        """What training lowers [...], the mean over the numbers: nats, or of a regression the squared error."""
        ...

    def sample(
        self, output: Tensor, null: Tensor | None, guidance: float, temperature: float, generator: torch.Generator
    ) -> Tensor:
        """x [..., d] from the output with the prompt, moved by `guidance` away from that without, if there is one."""
        ...


class Mixture:
    """`components` Gaussians with a spread for each number: shares, means, logarithms of spreads."""

    def __init__(self, dims: int, components: int) -> None:
        self.dims, self.components = dims, components
        self.outputs = components * (1 + 2 * dims)

    def begin(self, layer: nn.Linear) -> None:
        """Means apart: components that are alike would learn alike for ever."""
        nn.init.zeros_(layer.weight)
        nn.init.zeros_(layer.bias)
        if self.components > 1:
            nn.init.normal_(layer.bias[self.components : self.components * (1 + self.dims)])

    def parts(self, output: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Logarithms of shares [..., component], means and logarithms of spreads [..., component, d]."""
        output = output.float()
        many = self.components * self.dims
        shares, means, log_std = output.split([self.components, many, many], dim=-1)
        shape = (self.components, self.dims)
        return shares.log_softmax(-1), means.unflatten(-1, shape), log_std.unflatten(-1, shape).clamp(*_LOG_STD)

    def log_density(self, output: Tensor, x: Tensor) -> Tensor:
        """Nats [...] of the density at x [..., d]."""
        shares, means, log_std = self.parts(output)
        apart = (x[..., None, :] - means) * (-log_std).exp()
        each = -0.5 * apart.square() - log_std - 0.5 * math.log(2 * math.pi)
        return torch.logsumexp(shares + each.sum(-1), dim=-1)

    def loss(self, output: Tensor, x: Tensor) -> Tensor:
        """See `Density`: the negative logarithm of the density."""
        return -self.log_density(output, x) / self.dims

    def draw(self, output: Tensor, count: int, temperature: float, generator: torch.Generator) -> Tensor:
        """`count` samples [count, ..., d]; a temperature below 1 prefers likely components and narrows them."""
        shares, means, log_std = (part.cpu() for part in self.parts(output))
        flat = (shares / temperature).softmax(-1).flatten(0, -2)
        chosen = torch.multinomial(flat, count, replacement=True, generator=generator).T.reshape(
            count, *shares.shape[:-1]
        )
        place = chosen[..., None, None].expand(*chosen.shape, 1, self.dims)
        mean, std = (part.expand(count, *part.shape).gather(-2, place)[..., 0, :] for part in (means, log_std.exp()))
        return mean + temperature * std * torch.randn(mean.shape, generator=generator)

    def sample(
        self, output: Tensor, null: Tensor | None, guidance: float, temperature: float, generator: torch.Generator
    ) -> Tensor:
        """See `Density`. Guided: among samples of p(x | prompt) one by the weight (p(x | prompt) / p(x))^(guidance - 1).

        Mixing the means of two mixtures, as of two predictions, would land between their components.
        """
        if null is None:
            return self.draw(output, 1, temperature, generator)[0].to(output.device)
        found = self.draw(output, _CANDIDATES, temperature, generator)
        ratio = self.log_density(output.cpu()[None], found) - self.log_density(null.cpu()[None], found)
        weight = ((guidance - 1) * ratio).softmax(0).movedim(0, -1)
        chosen = torch.multinomial(weight.flatten(0, -2), 1, generator=generator).reshape(weight.shape[:-1])
        place = chosen[None, ..., None].expand(1, *found.shape[1:])
        return found.gather(0, place)[0].to(output.device)


class Levels:
    """A softmax over the grid levels of each number of an FSQ, each number by itself; `mean` and `std` [d] standardise the grid."""

    def __init__(self, grid: FSQ, mean: Tensor, std: Tensor) -> None:
        self.grid, self.mean, self.std = grid, mean, std
        self.outputs = sum(grid.levels)

    def begin(self, layer: nn.Linear) -> None:
        """All levels alike."""
        nn.init.zeros_(layer.weight)
        nn.init.zeros_(layer.bias)

    def loss(self, output: Tensor, x: Tensor) -> Tensor:
        """See `Density`: cross-entropy of the levels."""
        indices = self.grid.to_indices(x * self.std + self.mean)
        rows = zip(output.float().split(self.grid.levels, dim=-1), indices.unbind(-1), strict=True)
        found = [F.cross_entropy(logits.movedim(-1, 1), index, reduction="none") for logits, index in rows]
        return torch.stack(found).mean(0)

    def sample(
        self, output: Tensor, null: Tensor | None, guidance: float, temperature: float, generator: torch.Generator
    ) -> Tensor:
        """See `Density`. Guidance acts on the logits: l_null + guidance (l - l_null)."""
        logits = output if null is None else null + guidance * (output - null)
        found = []
        for part in (logits.float() / temperature).cpu().split(self.grid.levels, dim=-1):
            chosen = torch.multinomial(part.softmax(-1).flatten(0, -2), 1, generator=generator)
            found.append(chosen.reshape(part.shape[:-1]))
        return (self.grid.from_indices(torch.stack(found, dim=-1).to(self.mean.device)) - self.mean) / self.std


class Regression:
    """One value, by squared error: the negative control, without chance."""

    def __init__(self, dims: int) -> None:
        self.outputs = dims

    def begin(self, layer: nn.Linear) -> None:
        """Zero, the mean."""
        nn.init.zeros_(layer.weight)
        nn.init.zeros_(layer.bias)

    def loss(self, output: Tensor, x: Tensor) -> Tensor:
        """See `Density`."""
        return (output.float() - x).square().mean(-1)

    def sample(
        self, output: Tensor, null: Tensor | None, guidance: float, temperature: float, generator: torch.Generator
    ) -> Tensor:
        """See `Density`; temperature and generator change nothing."""
        found = output if null is None else null + guidance * (output - null)
        return found.float()
