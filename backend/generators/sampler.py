"""IsoDiM's sampling, numpy in and out, whichever engine computes its networks (`isodim.py` has them).

A round of the unmask schedule runs the MAR transformer once and the diffusion head once a step. Both attend over the whole
sequence, so few rounds are enough, and visible tokens enter clean at every step: in-painting a gap, extending and
regenerating a range need no other model.

Shapes: latents, noise, data [batch, token, d]; keep, visible [batch, token] bool; text states [batch, piece, width].
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from backend.diffusion import flow
from backend.text import States
from backend.tokenizers.coder import Array, Codes

from .sampling import OnStep, Sampling, counted
from .unmasking import Flags, unmask_order, visible_after
from .watching import show


class Generator(Protocol):
    """What in-paints the masked tokens of a sequence: this sampler, or another family's own in torch."""

    @property
    def renoises(self) -> bool:
        """Whether `inpaint` can begin from latents that are noised to a time of their own, instead of from noise alone."""
        ...

    def inpaint(
        self,
        text: States,
        latents: Array,
        keep: Flags,
        noise: Array,
        sampling: Sampling,
        on_step: OnStep,
        begin: Array | None = None,
    ) -> Array:
        """Latents [batch, token, d] whose `keep` tokens [batch, token] are those of `latents`, the rest sampled.

        text: states [1 or batch, piece, width] and their mask; one for all is read once.

        noise: standard normal [batch, token, d]; all chance follows from it, so the same noise gives the same clip.
        begin: time [batch] (0 noise, 1 data) to which the latents of the other tokens are noised to begin from; without
        it they are not read. Families that do not `renoise` ignore it.
        `on_step(step, total)` comes before each step and may raise.
        """
        ...


class Denoiser(Protocol):
    """IsoDiM's two networks. Data are standardised latents: (latents - mean) / std, both [d]."""

    mean: Array
    std: Array
    output: str
    """What the head predicts: `grid`, `x` or `categorical`."""

    @property
    def bottleneck(self) -> Codes:
        """What latents can be."""
        ...

    def context(self, text: States, null: Flags, data: Array, visible: Flags, serves: int) -> Any:
        """What the MAR transformer hands to the head, for `serves` rows each; rows of `null` [batch] see no prompt."""
        ...

    def predict(self, noisy: Array, time: Array, context: Any) -> Array:
        """Predicted data [batch, token, d] for noisy data and times [batch]."""
        ...

    def logits(self, noisy: Array, time: Array, context: Any) -> Array:
        """Logits [batch, token, sum of levels] of each dim's levels side by side; not for `output` x."""
        ...


class Sampler:
    """The `Generator` over a denoiser. It uses all of `Sampling` but `only_unmasked`; a categorical one no `steps`, `solver`, `snap`."""

    renoises = True

    def __init__(self, denoiser: Denoiser) -> None:
        self.denoiser = denoiser
        self.bottleneck = denoiser.bottleneck

    def standardize(self, latents: Array) -> Array:
        """Latents [..., d] -> zero mean, unit std per dim."""
        return (latents - self.denoiser.mean) / self.denoiser.std

    def destandardize(self, data: Array) -> Array:
        """The inverse of `standardize`."""
        return data * self.denoiser.std + self.denoiser.mean

    def inpaint(
        self,
        text: States,
        latents: Array,
        keep: Flags,
        noise: Array,
        sampling: Sampling,
        on_step: OnStep,
        begin: Array | None = None,
    ) -> Array:
        """See `Generator.inpaint`. What a round has unmasked is visible, clean, in the rounds after it."""
        rounds = sampling.mar_steps
        steps = 1 if self.denoiser.output == "categorical" else sampling.steps
        order = unmask_order(noise, keep) if rounds > 1 else None  # one round needs no order
        current, visible = latents, keep
        for done in range(rounds):
            count = counted(on_step, done * steps, rounds * steps)
            made = self._round(text, current, visible, noise, sampling, count, begin)
            current = np.where(visible[..., None], current, made)
            if order is not None and done + 1 < rounds:
                visible = visible_after(keep, order, done + 1, rounds)
        return current

    def _round(
        self,
        text: States,
        current: Array,
        visible: Flags,
        noise: Array,
        sampling: Sampling,
        on_step: Callable[[int], None],
        begin: Array | None,
    ) -> Array:
        """Latents [batch, token, d] of one round; the MAR transformer runs once, the head once a step."""
        data = self.standardize(current)
        twice, seen = np.concatenate([data, data]), np.concatenate([visible, visible])[..., None]
        context = self._context(text, data, visible)
        if self.denoiser.output == "categorical":
            on_step(0)
            output = self.denoiser.logits(*without_noise(twice, seen), context)
            return self.bottleneck.from_indices(
                sampled_indices(output, self.bottleneck.levels, noise, sampling.guidance)
            )

        def predict(noisy: Array, time: Any) -> tuple[Array, Array]:
            times = np.broadcast_to(np.asarray(time, np.float32).reshape(-1), len(noisy))
            clean = np.where(seen, twice, np.concatenate([noisy, noisy]))
            made = np.where(seen, twice, self.denoiser.predict(clean, np.concatenate([times, times]), context))
            return made[: len(noisy)], made[len(noisy) :]

        def project(data: Array) -> Array:
            if sampling.snap == "step":
                data = self.standardize(self.bottleneck.snap(self.destandardize(data)))
            show(lambda: self.destandardize(data))
            return data

        heun = sampling.solver == "heun"
        if begin is not None:
            begin = begin[:, None, None]
            noise = flow.interpolate(data, noise, begin)
        data = flow.sample(predict, noise, sampling.steps, sampling.guidance, on_step, heun, project, begin)
        made = self.destandardize(data)
        return made if sampling.snap == "never" else self.bottleneck.snap(made)

    def _context(self, text: States, data: Array, visible: Flags) -> Any:
        """Context of a batch with its text, then with the null prompt.

        Where all rows have one text and see the same they are all alike: one is enough.
        """
        states, mask = text
        seen = np.where(visible[..., None], data, np.float32(0.0))
        alike = len(states) == 1 and bool((visible == visible[0]).all() and (seen == seen[0]).all())
        serves = len(data) if alike else 1
        rows = len(data) // serves
        states = np.broadcast_to(states, (rows, *states.shape[1:]))
        mask = np.broadcast_to(mask, (rows, *mask.shape[1:]))
        null = np.arange(2 * rows) >= rows
        first = slice(None, None, serves)
        both = (np.concatenate([states, states]), np.concatenate([mask, mask]))
        data, visible = data[first], visible[first]
        return self.denoiser.context(
            both, null, np.concatenate([data, data]), np.concatenate([visible, visible]), serves
        )


def without_noise(data: Array, visible: Flags) -> tuple[Array, Array]:
    """What the head reads in a categorical model: zeros for noise, at time 0; `visible` [batch, token, 1] data clean."""
    return np.where(visible, data, np.float32(0.0)), np.zeros(len(data), np.float32)


def each_dim(logits: Array, levels: tuple[int, ...]) -> list[Array]:
    """Logits [batch, token, sum of levels] -> those [batch, token, L] of each dim."""
    return np.split(logits, np.cumsum(levels)[:-1], axis=-1)


def sampled_indices(logits: Array, levels: tuple[int, ...], noise: Array, guidance: float) -> NDArray[np.int64]:
    """Level indices [batch, token, d] sampled from guided logits [2 batch, token, sum of levels]: l_null + g (l_text - l_null).

    The inverse of the cumulative distribution at Phi(noise) has exactly that distribution, and follows the noise.
    """
    chance = 0.5 * (1.0 + np.vectorize(math.erf, otypes=[np.float64])(noise / math.sqrt(2.0)))
    batch, indices = len(noise), []
    for dim, both in enumerate(each_dim(logits, levels)):
        guided = both[batch:] + guidance * (both[:batch] - both[batch:])
        weight = np.exp(guided - guided.max(-1, keepdims=True))
        below = np.cumsum(weight / weight.sum(-1, keepdims=True), axis=-1)
        indices.append((below[..., :-1] < chance[..., dim, None]).sum(-1))
    return np.stack(indices, axis=-1)
