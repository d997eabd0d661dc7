"""How a clip is drawn from a generator: the settings that every family's sampler understands."""

from __future__ import annotations

import dataclasses
from typing import Literal


@dataclasses.dataclass(frozen=True)
class Sampling:
    """Settings of one drawing; a family ignores what it has no use for and says so in its docstring."""

    steps: int = 4
    """Diffusion steps of each MAR step."""
    guidance: float = 2.5
    """Weight of the prompt against the null prompt (classifier-free guidance, Ho & Salimans, 2022); 1 is none."""
    mar_steps: int = 1
    """Rounds in which masked tokens are revealed."""
    solver: Literal["euler", "heun"] = "euler"
    snap: Literal["step", "end", "never"] = "end"
    """When predicted coordinates go to the nearest code: at each diffusion step, after the last, or not at all."""
    reveal_only: bool = True
    """Run a per-token head on the tokens that this round reveals only; False: on all masked ones, as MARDM's release does."""
