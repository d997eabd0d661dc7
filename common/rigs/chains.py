"""From the first bones of a body's parts to their whole chains: pelvis, spine, neck, segments and twists of limbs, root."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from .bone_map import SIDES
from .rig import Rig

Chains = dict[str, list[int]]

_TWIST = re.compile(r"twist|roll|捩", re.IGNORECASE)
_SEGMENTED = (
    ("collar", "shoulder"), ("shoulder", "elbow"), ("elbow", "wrist"), ("hip", "knee"), ("knee", "ankle"), ("ankle", "foot"),
)  # fmt: skip
_TWISTED = ("shoulder", "elbow", "hip", "knee")
_NEAR_GROUND = 0.25
_AT_HIPS = 0.2
"""Of the way from the hips to shoulders and head: a bone that begins nearer to the hips begins at them."""


def between(rig: Rig, above: int, below: int) -> list[int] | None:
    """The bones from `above` down to `below`, without both; None if they do not hang on each other."""
    chain = rig.ancestors(below)
    return chain[: chain.index(above)][::-1] if above in chain else None


def common_ancestor(rig: Rig, bones: Sequence[int]) -> int | None:
    """The lowest bone that moves all `bones`; one of them if it moves the others; None if there is none."""
    if not bones:
        return None
    shared = [bones[0], *rig.ancestors(bones[0])]
    for bone in bones[1:]:
        above = {bone, *rig.ancestors(bone)}
        shared = [other for other in shared if other in above]
    return shared[0] if shared else None


def pelvis_of(rig: Rig, first: dict[str, int]) -> int | None:
    """The highest bone at the hips' height that moves both legs and what is above them; None if they have none in common.

    Not the lowest: where a spine carries the legs (Pelvis > Spine > thighs), skin hangs on the bones above it too.
    """
    legs = [first[f"{side}_hip"] for side in SIDES if f"{side}_hip" in first]
    above = [first[slot] for slot in ("head", "neck", "left_shoulder", "right_shoulder") if slot in first]
    found = common_ancestor(rig, legs + above) if len(legs) == 2 and above else None
    if found is None or found in legs:
        return None
    hips, top = rig.heads[legs].mean(axis=0), rig.heads[above].mean(axis=0)
    reach = _AT_HIPS * float(np.linalg.norm(top - hips))
    while (higher := rig.parents[found]) >= 0 and float(np.linalg.norm(rig.heads[higher] - hips)) < reach:
        found = higher
    return found


def trunk(rig: Rig, first: dict[str, int], listed: Chains) -> Chains:
    """Spine and neck: the bones from the pelvis to the one both arms hang on, and on to the head; else those `listed`.

    A bone of the spine that carries a leg goes with the pelvis: by itself it would turn the legs too.
    """
    found = {slot: listed[slot] for slot in ("spine", "neck") if listed.get(slot)}
    pelvis, head = first.get("pelvis"), first.get("head")
    arms = [first[slot] for slot in ("left_shoulder", "right_shoulder") if slot in first]
    top = [bone for bone in (head, first.get("neck")) if bone is not None][:1]
    chest = common_ancestor(rig, arms + top)
    if pelvis is not None and chest is not None and len(arms) == 2:
        spine = [] if chest == pelvis else between(rig, pelvis, chest)
        if spine is not None:
            found["spine"] = [*spine, chest] if chest != pelvis else []
            nape = between(rig, chest, top[0]) if top else None
            if nape is not None:
                found["neck"] = nape if head is not None else [*nape, *top]
    legs = {bone for side in SIDES if f"{side}_hip" in first for bone in rig.ancestors(first[f"{side}_hip"])}
    found["spine"] = [bone for bone in found.get("spine", []) if bone not in legs]
    return {slot: bones for slot, bones in found.items() if bones}


def limbs(rig: Rig, first: dict[str, int], listed: Chains) -> Chains:
    """Slot -> its bone and the segments between it and the next joint."""
    found = {slot: listed.get(slot, [bone]) for slot, bone in first.items()}
    for side in SIDES:
        for part, following in _SEGMENTED:
            slot, after = f"{side}_{part}", f"{side}_{following}"
            if slot in first and after in first:
                middle = between(rig, first[slot], first[after])
                if middle is not None:
                    found[slot] = [first[slot], *middle]
    return found


def twisting(name: str) -> bool:
    """Whether a bone's name says that it shares a limb's twist."""
    return bool(_TWIST.search(name))


def twists(rig: Rig, chains: Chains) -> Chains:
    """Slot -> the bones beside a limb that share its twist, known by their names, from the body outwards."""
    used = {bone for chain in chains.values() for bone in chain}
    found: Chains = {}
    for side in SIDES:
        for part in _TWISTED:
            chain = chains.get(f"{side}_{part}", [])
            beside = [
                bone for above in chain for bone in rig.children[above] if bone not in used and twisting(rig.names[bone])
            ]  # fmt: skip
            for bone in beside:  # grows: Character Creator hangs one twist bone on another
                beside += [child for child in rig.children[bone] if twisting(rig.names[child])]
            if beside:
                found[f"{side}_{part}"] = sorted(
                    beside, key=lambda bone: float(np.linalg.norm(rig.heads[bone] - rig.heads[chain[0]]))
                )
    return found


def root_of(rig: Rig, first: dict[str, int], named: int | None) -> int | None:
    """The bone above the pelvis that stands on the ground: the one a preset names, or the topmost there; None if none does."""
    pelvis = first.get("pelvis")
    above = rig.ancestors(pelvis) if pelvis is not None else []
    if named is not None and (named in above or rig.parents[named] < 0):  # Rigify's root moves the rest by constraints
        return named
    ankles = [first[slot] for slot in ("left_ankle", "right_ankle") if slot in first]
    if not ankles or pelvis is None:
        return None
    ground = rig.heads[ankles].mean(axis=0)
    up = rig.heads[pelvis] - ground
    for bone in above[::-1]:
        if abs((rig.heads[bone] - ground) @ up) <= _NEAR_GROUND * (up @ up):
            return bone
    return None
