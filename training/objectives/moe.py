"""MotionDiffusion-MoE's losses: IsoDiM's, and beside them what keeps the experts in use, apart and in agreement.

`balance` pulls the gates to even use, `diversity` the experts apart, `consistency` their predictions together,
`progressive` the predictions along one path together, `align` the clip to its text. Each has a weight of its own.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from backend.generators.moe import MoE, Routed
from training.data.tokens import Batch
from training.engine.isodim_settings import IsoDiMSettings

from . import isodim

_PROBES = 64
"""Tokens of a block that all experts see for `diversity`: eight experts on them cost what 512 tokens do, a batch has 2,000."""
_SWAPPED = 0.1
"""Share of the tokens whose second expert is another one for `consistency`: the rest of the clip stays what it is."""
_ALIGN_TEMPERATURE = 0.07
"""CLIP's initial temperature (Radford et al., 2021, section 2.5)."""


def losses(model: MoE, batch: Batch, visible: Tensor, null: Tensor, settings: IsoDiMSettings) -> dict[str, Tensor]:
    """IsoDiM's named losses, those of the experts that have a weight, and `use`, the entropy of the experts' use (0 to 1)."""
    if model.categorical:
        found = isodim.losses(model, batch, visible, null, settings)
        routed = model.routed()
        extra: dict[str, Tensor] = {}
    else:
        noised = isodim.noised_batch(model, batch, visible, null)
        output = model.denoise(noised.at(noised.time), noised.time[:, 0, 0], noised.context)
        routed = model.routed()
        found = isodim.losses_of(model, output, noised, batch, settings)
        extra = _along(model, output, noised, settings)
    if routed:
        found["use"] = torch.stack([use_entropy(one) for one in routed]).mean()
        if settings.balance_loss and settings.routing == "tokens":
            extra["balance"] = torch.stack([balance(one) for one in routed]).mean() * settings.balance_loss
        if settings.diversity_loss:
            extra["diversity"] = torch.stack([diversity(one) for one in routed]).mean() * settings.diversity_loss
    if settings.align_loss:
        extra["align"] = settings.align_loss * align(model, batch, null)
    return found | extra | {"loss": found["loss"] + sum(extra.values())}


def _along(model: MoE, output: Tensor, noised: isodim.Noised, settings: IsoDiMSettings) -> dict[str, Tensor]:
    """`consistency` and `progressive`, weighed: each costs a second pass of the head."""
    extra = {}
    predicted = model.expected(output).detach()
    time, place = noised.time[:, 0, 0], noised.loss_mask
    if settings.consistency_loss:
        swapped = torch.rand(place.shape, device=place.device) < _SWAPPED
        other = model.expected(model.denoise_swapped(noised.at(noised.time), time, noised.context, swapped))
        apart = (other - predicted).square().mean(-1)[place & swapped]
        extra["consistency"] = settings.consistency_loss * (apart.sum() / max(apart.numel(), 1))
    if settings.progressive_loss:
        later = noised.time + (1 - noised.time) * torch.rand_like(noised.time)
        made = model.expected(model.denoise(noised.at(later), later[:, 0, 0], noised.context))
        extra["progressive"] = settings.progressive_loss * (made - predicted).square().mean(-1)[place].mean()
    return extra


def balance(routed: Routed) -> Tensor:
    """Switch's load balancing (arXiv 2101.03961, eq. 4): E sum of f_i P_i over real tokens; 1 where the use is even."""
    real = routed.mask
    share = routed.chosen[real].float().mean(0)
    share = share / share.sum()
    return share.numel() * (share * routed.gate[real].mean(0)).sum()


def use_entropy(routed: Routed) -> Tensor:
    """Entropy of the experts' use over real tokens, of the largest one: 1 where it is even, 0 where one expert does all."""
    share = routed.chosen[routed.mask].float().mean(0)
    share = share / share.sum()
    return torch.special.entr(share).sum() / torch.tensor(float(max(len(share), 2))).log()


def diversity(routed: Routed) -> Tensor:
    """Mean squared cosine between different experts' outputs on the same tokens: 0 where they are orthogonal, 1 where equal."""
    probes = routed.x[routed.mask].detach()
    probes = probes[torch.randperm(len(probes), device=probes.device)[:_PROBES]]
    return experts_alike(torch.stack([expert(probes) for expert in routed.experts.experts]))


def experts_alike(made: Tensor) -> Tensor:
    """Mean squared cosine of outputs [expert, token, width] over pairs of different experts; 0 for a single one."""
    count = len(made)
    if count < 2:
        return made.new_zeros(())
    made = F.normalize(made.float(), dim=-1)
    cosines = torch.einsum("ant,bnt->abn", made, made).square().mean(-1)
    return (cosines.sum() - cosines.diagonal().sum()) / (count * (count - 1))


def align(model: MoE, batch: Batch, null: Tensor) -> Tensor:
    """InfoNCE (van den Oord et al., 2018, eq. 4), both ways, of a clip's mean token state with its prompt's mean text state.

    Rows without a prompt are left out; clips that share a caption are no negatives of each other by accident of chance alone.
    """
    rows = ~null
    if int(rows.sum()) < 2:
        return model.mean.new_zeros(())
    text, text_mask = model.text_states(batch.text[rows], batch.text_mask[rows], null[rows])
    data = model.standardize(model.bottleneck.from_indices(batch.indices[rows]))
    pairs = [(text, text_mask), (model.known_in(data), batch.mask[rows])]
    words, motion = (F.normalize(_mean(states.float(), mask), dim=-1) for states, mask in pairs)
    logits = words @ motion.T / _ALIGN_TEMPERATURE
    same = torch.arange(len(logits), device=logits.device)
    return (F.cross_entropy(logits, same) + F.cross_entropy(logits.T, same)) / 2


def _mean(states: Tensor, mask: Tensor) -> Tensor:
    """Mean [row, width] of states [row, place, width] over the places in the mask."""
    share = mask.float() / mask.sum(1, keepdim=True)
    return (states * share[..., None]).sum(1)
