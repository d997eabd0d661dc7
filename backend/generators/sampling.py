"""How a clip is sampled from a generator: the settings that every family's sampler understands."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any, Literal

from common import checks
from common.errors import InputError
from common.wire import requests

_PUBLISHED = {"reveal_only": "only_unmasked"}
"""Names in the config.json of published checkpoints -> ours."""

OnStep = Callable[[int, int], None]
"""(step, total), called before each sampling step; it may raise to end the sampling."""

_CHECKS: dict[str, checks.Check] = {
    "steps": checks.integer(1, requests.MAX_STEPS),
    "guidance": checks.number(0.0, requests.MAX_GUIDANCE),
    "mar_steps": checks.integer(1, requests.MAX_MAR_STEPS),
    "solver": checks.one_of(requests.SOLVERS),
    "snap": checks.one_of(requests.SNAPS),
    "temperature": checks.number(0.01, 10.0),
    "top_p": checks.number(0.01, 1.0),
    "top_k": checks.integer(0, 100_000),
}


@dataclasses.dataclass(frozen=True)
class Sampling:
    """Settings of one sampling; a family ignores what it has no use for and says so in its docstring.

    InputError when a value is not allowed.
    """

    steps: int = 4
    """Diffusion steps of each MAR step."""
    guidance: float = 2.5
    """Weight of the prompt against the null prompt (classifier-free guidance, Ho & Salimans, 2022); 1 is none."""
    mar_steps: int = 1
    """Rounds of the unmask schedule."""
    solver: Literal["euler", "heun"] = "euler"
    snap: Literal["step", "end", "never"] = "end"
    """When predicted latents go to the nearest code: at each diffusion step, after the last, or not at all."""
    only_unmasked: bool = True
    """Run a per-token head on the tokens that this round unmasks only; False: on all masked ones, as MARDM's release does."""
    temperature: float = 1.0
    """GPTs divide their logits by it: below 1 the likely codes become likelier."""
    top_p: float = 1.0
    """GPTs sample from the likeliest codes that together have this share (Holtzman et al., ICLR 2020); 1 is all."""
    top_k: int = 0
    """GPTs sample from so many of the likeliest codes; 0 is all."""

    def __post_init__(self) -> None:
        for name, check in _CHECKS.items():
            object.__setattr__(self, name, check(f"sampling: {name}", getattr(self, name)))


def read(entries: Mapping[str, Any]) -> Sampling:
    """Settings named by `entries` (config.json's `sampling`), the rest at their defaults; InputError on an unknown name."""
    names = [field.name for field in dataclasses.fields(Sampling)]
    found = {_PUBLISHED.get(name, name): value for name, value in entries.items()}
    for name in found:
        if name not in names:
            raise InputError("sampling", name, f"one of {', '.join(names)}")
    return Sampling(**found)


def changed(sampling: Sampling, asked: object) -> Sampling:
    """`sampling` with every setting that `asked` (a request, a command's settings) has too and does not leave at None."""
    names = [field.name for field in dataclasses.fields(Sampling)]
    given = {name: getattr(asked, name, None) for name in names}
    return dataclasses.replace(sampling, **{name: value for name, value in given.items() if value is not None})


def counted(on_step: OnStep, first: int, total: int) -> Callable[[int], None]:
    """`on_step` for a part of a sampling that begins at step `first` of `total`: it is told the part's own step."""
    return lambda step: on_step(first + step, total)
