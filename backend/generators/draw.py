"""Draw whole clips of any length: windows of the length the generator was trained on, each beginning with known tokens."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from .length import MAX_TOKENS
from .sampling import Sampling
from .token_generator import OnStep, Prompt, TokenGenerator
from .watching import after

OVERLAP_TOKENS = 16
_CONTEXT_TOKENS = 4


def draw(
    model: TokenGenerator,
    prompt: Prompt,
    noise: Tensor,
    sampling: Sampling,
    on_step: OnStep,
    given: Tensor | None = None,
    known: Tensor | None = None,
) -> Tensor:
    """Coordinates [batch, token, d] for noise of that shape and one prompt for all clips, or one for each.

    prompt: word states [1 or batch, word, width] and their mask. given: coordinates [batch, token, d] of which those
    where `known` [token] stay; without them everything is drawn. A clip longer than the training window grows window by window:
    what is there already stands as known tokens in the next window. `on_step(step, total)` counts through all windows and may
    raise.
    """
    batch, tokens, _ = noise.shape
    shown = torch.zeros(tokens, dtype=torch.bool, device=noise.device) if known is None else known.clone()
    current = torch.zeros_like(noise) if given is None else given
    words, mask = (part.expand(batch, *part.shape[1:]) for part in prompt)
    parts = windows(shown.tolist())
    for number, part in enumerate(parts):
        counted = shifted(on_step, number, len(parts))
        inside = shown[part].expand(batch, -1)
        with after(current, part.start):
            drawn = model.fill((words, mask), current[:, part], inside, noise[:, part], sampling, counted)
        current = torch.cat([current[:, : part.start], drawn, current[:, part.stop :]], dim=1)
        shown[part] = True
    return current


def windows(known: Sequence[bool]) -> list[slice]:
    """The windows, at most `MAX_TOKENS` long, in which the unknown tokens are drawn, each with known ones beside them.

    One window, the unknown tokens in its middle, where they and some context fit; otherwise one after another.
    """
    unknown = [token for token, is_known in enumerate(known) if not is_known]
    if not unknown:
        return []
    tokens, first, last = len(known), unknown[0], unknown[-1]
    room = MAX_TOKENS - (last + 1 - first)
    if room >= min(first, _CONTEXT_TOKENS) + min(tokens - 1 - last, _CONTEXT_TOKENS):
        begin = min(max(0, first - room // 2), max(0, tokens - MAX_TOKENS))
        return [slice(begin, min(begin + MAX_TOKENS, tokens))]
    begins = [max(0, first - OVERLAP_TOKENS)]
    while begins[-1] + MAX_TOKENS < min(last + 1 + _CONTEXT_TOKENS, tokens):
        begins.append(begins[-1] + MAX_TOKENS - OVERLAP_TOKENS)
    return [slice(begin, min(begin + MAX_TOKENS, tokens)) for begin in begins]


def shifted(on_step: OnStep, part: int, parts: int) -> OnStep:
    """`on_step` for one of some drawings: it is told the share that is done of all of them."""
    return lambda step, total: on_step(part * total + step, parts * total)
