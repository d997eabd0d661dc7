"""Sample whole clips of any length: windows of the length the generator was trained on, each beginning with visible tokens."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from backend.text import States
from backend.tokenizers.coder import Array

from .sampler import Generator
from .sampling import OnStep, Sampling
from .unmasking import Flags
from .watching import after

MAX_TOKENS = 49
"""9.8 s, the longest training window."""

OVERLAP_TOKENS = 16
"""Tokens of the last window that the next one sees, 3.2 s: enough to carry a gait on, a third of a window spent on it."""
_CONTEXT_TOKENS = 4
"""Tokens (.8 s) wanted on each side of what is in-painted before a single window is thought wide enough."""


def sample(
    model: Generator,
    text: States,
    noise: Array,
    sampling: Sampling,
    on_step: OnStep,
    latents: Array | None = None,
    keep: Flags | None = None,
    begin: Array | None = None,
) -> Array:
    """Latents [batch, token, d] for noise of that shape and one text for all clips, or one for each.

    text: states [1 or batch, piece, width] and their mask. latents: [batch, token, d], of which those where `keep`
    [token] stay; without them everything is sampled. begin: time [batch] to which the other latents are noised to begin
    from, as `Generator.inpaint` has it. A clip longer than the training window grows window by window:
    what is there already is visible in the next window. `on_step(step, total)` counts through all windows and may raise.
    """
    batch, tokens, _ = noise.shape
    visible = np.zeros(tokens, np.bool_) if keep is None else keep.copy()
    current = np.zeros_like(noise) if latents is None else latents
    parts = windows(visible.tolist())
    for number, part in enumerate(parts):
        counted = shifted(on_step, number, len(parts))
        inside = np.broadcast_to(visible[part], (batch, part.stop - part.start))
        with after(current, part.start):
            made = model.inpaint(text, current[:, part], inside, noise[:, part], sampling, counted, begin)
        current = np.concatenate([current[:, : part.start], made, current[:, part.stop :]], axis=1)
        visible[part] = True
    return current


def windows(keep: Sequence[bool]) -> list[slice]:
    """The windows, at most `MAX_TOKENS` long, in which the masked tokens are sampled, each with visible ones beside them.

    One window, the masked tokens in its middle, where they and some context fit; otherwise one after another.
    """
    masked = [token for token, is_kept in enumerate(keep) if not is_kept]
    if not masked:
        return []
    tokens, first, last = len(keep), masked[0], masked[-1]
    room = MAX_TOKENS - (last + 1 - first)
    if room >= min(first, _CONTEXT_TOKENS) + min(tokens - 1 - last, _CONTEXT_TOKENS):
        begin = min(max(0, first - room // 2), max(0, tokens - MAX_TOKENS))
        return [slice(begin, min(begin + MAX_TOKENS, tokens))]
    begins = [max(0, first - OVERLAP_TOKENS)]
    while begins[-1] + MAX_TOKENS < min(last + 1 + _CONTEXT_TOKENS, tokens):
        begins.append(begins[-1] + MAX_TOKENS - OVERLAP_TOKENS)
    return [slice(begin, min(begin + MAX_TOKENS, tokens)) for begin in begins]


def shifted(on_step: OnStep, part: int, parts: int) -> OnStep:
    """`on_step` for one of some samplings: it is told the share that is done of all of them."""
    return lambda step, total: on_step(part * total + step, parts * total)
