"""From judged clips to a table: shares by concept, the headline figures, and how often the product's own verdict is right."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from training.metrics import physics

from .body import Body
from .checks import Check
from .making import Clip
from .prompts import Concept
from .signals import Array


@dataclasses.dataclass(frozen=True)
class Wording:
    """The clips of one prompt: which of them obey, what the product said of them, their physical figures."""

    prompt: str
    obeyed: tuple[bool, ...]
    verdicts: tuple[dict[str, Any] | None, ...]
    physics: tuple[dict[str, float], ...]
    spread_cm: float

    @property
    def share(self) -> float:
        """Share of its clips that obey."""
        return sum(self.obeyed) / len(self.obeyed)

    @property
    def works(self) -> bool:
        """More than half of its clips obey."""
        return self.share > 0.5


@dataclasses.dataclass(frozen=True)
class Outcome:
    """A concept's wordings, the plain one first."""

    concept: Concept
    sided: bool
    wordings: tuple[Wording, ...]

    @property
    def plain(self) -> float:
        """Share of the plain wording's clips that obey."""
        return self.wordings[0].share

    @property
    def other(self) -> float:
        """Share of the other wordings' clips that obey."""
        return float(np.mean([wording.share for wording in self.wordings[1:]])) if self.wordings[1:] else float("nan")

    @property
    def works(self) -> bool:
        """Every wording works."""
        return all(wording.works for wording in self.wordings)


def judged(prompt: str, check: Check, clips: Sequence[Clip]) -> Wording:
    """The check and the physical figures on the clips of a prompt."""
    bodies = [Body(np.asarray(clip.joints, np.float64)) for clip in clips]
    return Wording(
        prompt,
        tuple(bool(check.passes(body)) for body in bodies),
        tuple(clip.verdict for clip in clips),
        tuple(physics.metrics(body.joints, body.fps) for body in bodies),
        spread_cm(bodies),
    )


def spread_cm(bodies: Sequence[Body]) -> float:
    """How differently a prompt's seeds move: mean distance in cm of the same joint in the same frame of two clips.

    Joints are seen from the pelvis's place and the body's first heading; NaN for a single clip.
    """
    seen = [_seen(body) for body in bodies]
    found = []
    for place, first in enumerate(seen):
        for second in seen[place + 1 :]:
            frames = min(len(first), len(second))
            found.append(np.linalg.norm(first[:frames] - second[:frames], axis=-1).mean() * 100)
    return float(np.mean(found)) if found else float("nan")


def _seen(body: Body) -> Array:
    ground = body.joints[:, :1] * (1.0, 0.0, 1.0)
    left, ahead = body.across[0], body.ahead[0]
    joints = body.joints - ground
    return np.stack([joints @ left, joints[..., 1], joints @ ahead], axis=-1)


def headline(outcomes: Sequence[Outcome]) -> dict[str, float]:
    """The figures to steer by, over concepts: each counts alike."""
    found = {"plain": float(np.mean([one.plain for one in outcomes]))}
    other = [one.other for one in outcomes if one.wordings[1:]]
    if other:
        found["other words"] = float(np.mean(other))
    found |= {
        "all wordings": float(np.mean([one.works for one in outcomes])),
        "concepts": float(len(outcomes)),
    }
    sided = [wording.share for one in outcomes if one.sided for wording in one.wordings]
    if sided:
        found["named side"] = float(np.mean(sided))
    return found | physical(outcomes) | agreement(outcomes)


def physical(outcomes: Sequence[Outcome]) -> dict[str, float]:
    """Foot slide, jerk and how far apart a prompt's seeds are, means over clips."""
    clips = [one for outcome in outcomes for wording in outcome.wordings for one in wording.physics]
    found = {name: float(np.mean([one[name] for one in clips])) for name in ("slide_cm_s", "jerk_m_s3")}
    spreads = [wording.spread_cm for outcome in outcomes for wording in outcome.wordings]
    if np.isfinite(spreads).any():
        found["seeds apart cm"] = float(np.nanmean(spreads))
    return found


def agreement(outcomes: Iterable[Outcome]) -> dict[str, float]:
    """Where the product says that a clip does what was asked, how often the check agrees; likewise that something is missing.

    Clips of which it says that it cannot tell count in neither.
    """
    pairs = [
        (verdict["met"], obeyed)
        for outcome in outcomes
        for wording in outcome.wordings
        for verdict, obeyed in zip(wording.verdicts, wording.obeyed, strict=True)
        if verdict is not None
    ]
    met, missed = ([obeyed for said, obeyed in pairs if said is which] for which in (True, False))
    found = {"said met": len(met) / len(pairs), "said missing": len(missed) / len(pairs)} if pairs else {}
    if met:
        found["met is true"] = sum(met) / len(met)
    if missed:
        found["missing is true"] = 1 - sum(missed) / len(missed)
    return found
