"""What each generator family learns: which tokens are visible to it, and its losses. A new family is one line in `OBJECTIVES`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from torch import Tensor

from backend.generators.hifigpt import HiFiGPT
from backend.generators.isodim import IsoDiM
from backend.generators.mardm import MARDM
from backend.generators.mardm_published import PublishedMARDM
from backend.generators.moe import MoE
from backend.generators.token_generator import TokenGenerator
from training.data.tokens import Batch
from training.engine.isodim_settings import IsoDiMSettings
from training.objectives.masking import visible_tokens

from . import hifigpt, isodim, mardm, moe


class Objective(NamedTuple):
    """`visible(mask, rng)`: tokens [batch, token] visible, clean, of the real ones in `mask`; at least one stays masked in a row.

    `losses(model, batch, visible, null, settings)`: named losses, of which `loss` is minimised; where `null` [batch] is True
    the prompt is hidden.
    """

    visible: Callable[[Tensor, np.random.Generator], Tensor]
    losses: Callable[[Any, Batch, Tensor, Tensor, IsoDiMSettings], dict[str, Tensor]]


OBJECTIVES: dict[type[TokenGenerator], Objective] = {
    IsoDiM: Objective(visible_tokens, isodim.losses),
    MARDM: Objective(mardm.visible_tokens, mardm.losses),
    PublishedMARDM: Objective(mardm.visible_tokens, mardm.losses),
    HiFiGPT: Objective(hifigpt.visible_tokens, hifigpt.losses),
    MoE: Objective(visible_tokens, moe.losses),
}


def objective_of(model: TokenGenerator) -> Objective:
    """The objective of a model's family."""
    return OBJECTIVES[type(model)]
