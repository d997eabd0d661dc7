"""Where the hands rest or touch: head, face, hips, each other, the ground."""

from __future__ import annotations

import numpy as np

from training.prompt_suite.body import SIDES, Body, Side, other
from training.prompt_suite.signals import longest, unit

from .check import Check


def near(body: Body, side: Side, place: np.ndarray, metres: float) -> np.ndarray:
    """Frames [frame] with a palm near a place."""
    return body.palm_to(side, place) < metres


def salutes(body: Body) -> bool:
    """A hand at the brow, the elbow out, the other arm down."""
    return any(
        longest(near(body, side, body.skull, 0.26) & (body.elbow(side) > 60) & (body.reach(side)[:, 1] > 0.1))
        >= body.frames(0.3)
        and np.median(body.arm(other(side))) < 45
        for side in SIDES
    )


def phones(body: Body) -> bool:
    """A hand stays at an ear."""
    return any(near(body, side, body.skull, 0.26).mean() > 0.5 for side in SIDES)


def drinks(body: Body) -> bool:
    """A hand goes to the mouth."""
    return any(longest(near(body, side, body.mouth, 0.2)) >= body.frames(0.3) for side in SIDES)


def scratches_head(body: Body) -> bool:
    """A hand at the head, moving."""
    return any(longest(near(body, side, body.skull, 0.25)) >= body.frames(0.4) for side in SIDES)


def thinks(body: Body) -> bool:
    """A hand stays at the chin."""
    return any(near(body, side, body.mouth, 0.2).mean() > 0.3 for side in SIDES)


def covers_face(body: Body) -> bool:
    """Both hands before the face."""
    both = near(body, "left", body.mouth, 0.25) & near(body, "right", body.mouth, 0.25)
    return longest(both) >= body.frames(0.4)


def prays(body: Body) -> bool:
    """The palms stay together before the chest."""
    together = (body.palms_apart < 0.16) & (np.minimum(*(body.elbow(side) for side in SIDES)) > 50)
    return bool(together.mean() > 0.5)


def crosses_arms(body: Body) -> bool:
    """Each hand at the other arm's elbow."""
    return bool(folded(body).mean() > 0.5)


def folded(body: Body) -> np.ndarray:
    """Frames [frame] with the arms folded: each palm past the middle, before the chest."""
    past = [body.seen(body.palm(side) - body.at("neck"))[:, 0] * (1 if side == "left" else -1) < 0.02 for side in SIDES]
    chest = [np.abs(body.reach(side)[:, 1] + 0.25) < 0.25 for side in SIDES]
    return past[0] & past[1] & chest[0] & chest[1]


def hands_on_hips(body: Body) -> bool:
    """Both hands at the waist, the elbows out."""
    at = [
        (np.linalg.norm(body.at(f"{side}_wrist") - body.at(f"{side}_hip"), axis=-1) < 0.28)
        & (body.elbow(side) > 35)
        & (elbow_out(body, side) > 0.05)
        for side in SIDES
    ]
    return bool((at[0] & at[1]).mean() > 0.25)


def elbow_out(body: Body, side: Side) -> np.ndarray:
    """How far the elbow is out to the side of its shoulder [frame]."""
    return body.relative(f"{side}_elbow", f"{side}_shoulder")[:, 0] * (1 if side == "left" else -1)


def hands_behind(body: Body) -> bool:
    """Both hands behind the back, or behind the head."""
    back = [body.relative(f"{side}_wrist", "spine1")[:, 2] < -0.05 for side in SIDES]
    return bool((back[0] & back[1] & (body.palms_apart < 0.3)).mean() > 0.4)


def picks_up(body: Body) -> bool:
    """A hand goes down to the ground and comes up."""
    low = np.minimum(*(body.palm(side)[:, 1] for side in SIDES))
    return bool(low.min() < 0.4 and low[-body.frames(0.3) :].mean() > low.min() + 0.25)


def carries(body: Body) -> bool:
    """Walks with the hands before the body, the elbows bent."""
    held = np.max([np.mean((body.elbow(side) > 45) & (body.palm_speed(side) < 0.6)) for side in SIDES])
    return bool(body.way_m > 0.7 and held > 0.6)


def golfs(body: Body) -> bool:
    """Hands together, swung from one side to the other."""
    both = (body.palm("left") + body.palm("right")) / 2
    aside = body.seen(both - body.at("neck"))[:, 0]
    return bool(np.median(body.palms_apart) < 0.2 and np.ptp(aside) > 0.5)


def shrugs(body: Body) -> bool:
    """The shoulders go up, or both hands open at the sides and sink."""
    if body.away_m > 0.6 or body.lean.max() > 40:
        return False
    lift = shoulder_lift(body)
    opened = [(body.reach(side)[:, 0] > 0.15) & (body.elbow(side) > 40) & (body.arm(side) < 75) for side in SIDES]
    quick = body.frames(0.15) <= longest(opened[0] & opened[1]) <= body.frames(1.5)
    return bool(np.percentile(lift, 95) - np.percentile(lift, 20) > 0.014) or quick


def shoulder_lift(body: Body) -> np.ndarray:
    """Height [frame] of the shoulders over the upper spine, along the spine."""
    spine = unit(body.at("neck") - body.at("spine2"))
    return np.mean([((body.at(f"{s}_shoulder") - body.at("spine3")) * spine).sum(axis=-1) for s in SIDES], axis=0)


def hugs(body: Body) -> bool:
    """The arms open ahead and close round somebody there."""
    ahead = np.minimum(*(body.reach(side)[:, 2] for side in SIDES))
    wide = np.flatnonzero((body.palms_apart > 0.5) & (ahead > 0.1))
    closed = (body.palms_apart < 0.4) & (ahead > 0.25)
    return longest(closed) >= body.frames(0.3) and len(wide) > 0 and bool(wide[0] < np.flatnonzero(closed)[-1])


CHECKS = (
    Check("salute", salutes, ("salute",)),
    Check("phone", phones, ("phone",)),
    Check("drink", drinks, ("drink",)),
    Check("scratch the head", scratches_head, ("scratch_head",)),
    Check("think", thinks, ("think",)),
    Check("cover the face", covers_face, ("cover_face",)),
    Check("pray", prays, ("pray",)),
    Check("fold the arms", crosses_arms, ("cross_arms",)),
    Check("hands on hips", hands_on_hips, ("hands_on_hips",)),
    Check("hands behind", hands_behind, ("hands_behind",)),
    Check("pick up", picks_up, ("pick_up",)),
    Check("carry", carries, ("walk_carrying",), said=r"carry(ing)? something"),
    Check("golf", golfs, ("golf",), said=r"^(?!.*putt)"),
    Check("shrug", shrugs, ("shrug",)),
    Check("hug", hugs, ("hug",)),
)
