"""The learning rate of each step."""

from __future__ import annotations

from .config import RunSettings

_DECAY_SHARE = 0.2
"""Share of the steps in which the rate falls; a resumed run may be prolonged before it begins."""


def rate_at(step: int, settings: RunSettings) -> float:
    """Learning rate at a step: linear warm-up, then constant with a linear fall to a hundredth over the last fifth.

    With milestones there is no such fall: the rate is multiplied by `lr_decay` at each of them.
    """
    rate = settings.lr * min(1.0, (step + 1) / max(1, settings.warm_up_iter))
    if settings.milestones:
        return rate * settings.lr_decay ** sum(step >= milestone for milestone in settings.milestones)
    left = (settings.steps - step) / max(1.0, settings.steps * _DECAY_SHARE)
    return rate * max(0.01, min(1.0, left))
