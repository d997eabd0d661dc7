"""T2M-HiFiGPT's loss: cross-entropy of every depth's code, given the time steps and the depths before it.

While it samples, a GPT reads what it made itself, errors and all. So that it learns to go on from them, part of the
temporal GPT's *input* is replaced by random codes while the targets stay (arXiv 2312.10628, corrupted RVQ augmentation):
all codes of a time step at once (`time`), or each code by itself (`code`).
"""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from backend.generators.hifigpt import HiFiGPT
from training.data.tokens import Batch
from training.engine.isodim_settings import IsoDiMSettings


def visible_tokens(mask: Tensor, rng: np.random.Generator) -> Tensor:
    """No token [batch, token] is visible: each is predicted from those before it."""
    return torch.zeros_like(mask)


def losses(model: HiFiGPT, batch: Batch, visible: Tensor, null: Tensor, settings: IsoDiMSettings) -> dict[str, Tensor]:
    """`entropy` of the codes, mean over depths, and of the `end`; `loss` is their sum weighed by how often each comes.

    Where `null` [batch] is True the prompt is hidden; `visible` is not read.
    """
    indices = batch.indices.long()
    read = corrupted(indices, model.codes, settings.corruption, settings.corrupt_rate)
    data = model.standardize(model.bottleneck.from_indices(read))
    contexts = model.contexts(data, *model.text_states(batch.text, batch.text_mask, null))
    logits = model.logits(contexts[:, :-1][batch.mask], indices[batch.mask])
    wanted = indices[batch.mask]
    first = F.cross_entropy(logits[:, 0], wanted[:, 0])
    depths = [F.cross_entropy(logits[:, depth, : model.codes], wanted[:, depth]) for depth in range(1, model.depth)]
    entropy = torch.stack([first, *depths]).mean()
    counts = batch.mask.sum(1)
    last = contexts[torch.arange(len(counts), device=counts.device), counts]
    nothing = indices.new_zeros(len(counts), model.depth)
    end = F.cross_entropy(model.logits(last, nothing)[:, 0], torch.full_like(counts, model.end))
    return {"loss": entropy + end * len(counts) / counts.sum(), "entropy": entropy, "end": end}


def corrupted(indices: Tensor, codes: int, kind: str, rate: float) -> Tensor:
    """Indices [batch, token, depth] of which a share `rate` are random ones: whole time steps, single codes, or none."""
    if kind == "none" or rate == 0:
        return indices
    chosen = torch.rand(indices.shape[:2] if kind == "time" else indices.shape, device=indices.device) < rate
    chosen = chosen[..., None].expand_as(indices) if kind == "time" else chosen
    return torch.where(chosen, torch.randint_like(indices, codes), indices)
