"""Which bones of a rig are which part of the body: by a maker's preset, by names, by how the bones hang together, by geometry."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Collection, Mapping, Sequence

from . import chains, ends, presets, structure
from .bone_map import REQUIRED, SIDES, SLOTS, BoneMap, title
from .chains import Chains
from .rig import Rig
from .spelled import LIMBS, by_names

_STORED, _PRESET, _NAME, _PLACE = 1.0, 1.0, 0.9, 0.6
_HOW = {_NAME: "by name", _PLACE: "by place"}


@dataclasses.dataclass(frozen=True)
class Match:
    """What was found of a rig.

    preset: title of the maker's preset, empty if none fits. score: 0..1, how sure the map is: 1 where a preset or a stored map tells
    all slots it has. missing: slots without a bone. notes: sentences for the person who looks the map over.
    """

    bone_map: BoneMap
    preset: str
    score: float
    missing: tuple[str, ...]
    notes: tuple[str, ...]


def match(rig: Rig, stored: Mapping[str, Sequence[str]] | None = None) -> Match:
    """The map of `rig`, as complete as it can be; never raises for what the rig lacks: `bone_map.check(rig)` does.

    stored: slot -> its bones, which win over everything found: VRM's own map, a person's corrections; no bones: none wanted.
    """
    notes: list[str] = []
    told = _told(rig, stored or {}, notes)
    preset, listed, root = presets.best(rig.names)
    listed = {slot: bones for slot, bones in listed.items() if slot not in told and not _taken(bones, told)}
    first = {slot: bones[0] for slot, bones in (listed | told).items() if bones and slot not in ("spine", "neck")}
    sure = {slot: _STORED if slot in told else _PRESET for slot in first}
    _drop_implausible(rig, first, sure, set(told), notes)
    if neck := (listed | told).get("neck"):
        first["neck"] = neck[-1]
    closed = {slot for slot, bones in told.items() if not bones}
    for certainty, find in ((_NAME, by_names), (_PLACE, structure.by_place)):
        if any(slot not in first and slot not in closed for slot in SLOTS if slot not in ("spine", "neck")):
            _complete(rig, first, sure, find(rig, first, set(first.values())), certainty, closed, told)
            _fill(rig, first, sure, closed)
    _lead(rig, first, listed, set(told))
    changed = ends.mended(rig, first, set(told), notes)
    sure |= dict.fromkeys(changed & first.keys(), _PLACE)
    listed = {slot: bones for slot, bones in listed.items() if slot not in changed}
    if "pelvis" not in told and ("pelvis" not in listed or not _carries(rig, first)):
        if "pelvis" in listed and (lowest := chains.pelvis_of(rig, first)) is not None:
            names = rig.names[listed.pop("pelvis")[0]], rig.names[lowest]
            notes.append(f"{names[0]} does not carry the legs, so {names[1]} is the pelvis.")
            del first["pelvis"], sure["pelvis"]
            sides = [_PLACE]
        else:
            sides = [sure.get(f"{side}_hip", _PLACE) for side in SIDES]
        _settle_pelvis(rig, first, sure, min(sides))
    return _match(rig, first, sure, told, listed, preset.title if preset else "", root, notes)


def _told(rig: Rig, stored: Mapping[str, Sequence[str]], notes: list[str]) -> Chains:
    """The stored map as indices; bones that the rig does not have are left out."""
    told: Chains = {}
    for slot, bones in stored.items():
        known = [rig.index[name] for name in bones if name in rig.index]
        gone = [name for name in bones if name not in rig.index]
        if gone:
            notes.append(f"The stored map names {', '.join(gone)} for the {title(slot)}, which the rig does not have.")
        if known or not bones:
            told[slot] = known
    return told


def _taken(bones: Sequence[int], told: Chains) -> bool:
    return any(bone in chain for bone in bones for chain in told.values())


def _drop_implausible(
    rig: Rig, first: dict[str, int], sure: dict[str, float], told: set[str], notes: list[str]
) -> None:
    """A bone that does not hang on the limb's bone before it was named by chance."""
    for side in SIDES:
        for limb in LIMBS:
            # Rigify's upper arms do not hang on the clavicles, so these are not asked.
            slots = [f"{side}_{part}" for part in limb if f"{side}_{part}" in first and part != "collar"]
            for above, below in itertools.pairwise(slots):
                if above in first and below not in told and not _joined(rig, below, first[above], first[below]):
                    names = rig.names[first[below]], rig.names[first[above]]
                    notes.append(f"{names[0]} does not hang on {names[1]}, so it is not the {title(below)}.")
                    del first[below], sure[below]


def _complete(
    rig: Rig,
    first: dict[str, int],
    sure: dict[str, float],
    found: Mapping[str, int],
    certainty: float,
    closed: set[str],
    told: Collection[str],
) -> None:
    """Adds what was found, where it does not contradict what is known: limbs' bones hang on each other, none is used twice."""
    for slot, bone in found.items():
        if slot in first or slot in closed or bone in first.values():
            continue
        if _hangs(rig, first, slot, bone, told):
            first[slot], sure[slot] = bone, certainty


def _hangs(rig: Rig, first: Mapping[str, int], slot: str, bone: int, told: Collection[str]) -> bool:
    """Whether `bone` is below the bones of its limb that come before it, and above those that come after."""
    side, _, part = slot.rpartition("_")
    limb = [f"{side}_{other}" for limb in LIMBS if part in limb for other in limb]
    place = limb.index(slot) if slot in limb else 0
    before = [other for other in limb[:place] if other in first and not other.endswith("collar")]
    if part == "collar":  # Rigify's upper arms do not hang on the clavicles
        after = [first[other] for other in limb[place + 1 :] if other in first]
        return not set(after) & {bone, *rig.ancestors(bone)}
    if not all(_joined(rig, slot, first[other], bone) for other in before[-1:]):
        return False
    following = [other for other in limb[place + 1 :] if other in first][:1]
    return all(other in told or _joined(rig, other, bone, first[other]) for other in following)


def _joined(rig: Rig, slot: str, above: int, bone: int) -> bool:
    """Whether a limb's bone hangs on the one before it; hands and feet may also begin where that ends."""
    if slot.endswith(("ankle", "wrist")):
        return rig.follows(bone, above) or rig.may_follow(bone, above)
    return above in rig.ancestors(bone)


def _fill(rig: Rig, first: dict[str, int], sure: dict[str, float], closed: set[str]) -> None:
    """A limb's missing bone between two known ones: the one nearest to the middle of its neighbours."""
    for side in SIDES:
        for parts in (("hip", "knee", "ankle"), ("shoulder", "elbow", "wrist"), ("pelvis", "hip", "knee")):
            above, slot, below = (part if part == "pelvis" else f"{side}_{part}" for part in parts)
            if slot not in first and slot not in closed and above in first and below in first:
                middle = chains.between(rig, first[above], first[below])
                free = [bone for bone in middle or () if bone not in first.values()]
                if free:
                    first[slot] = free[-1] if above == "pelvis" else free[len(free) // 2]
                    sure[slot] = _PLACE


def _lead(rig: Rig, first: dict[str, int], listed: Chains, told: set[str]) -> None:
    """A twist bone that carries an upper arm or a thigh is its first segment: there the limb begins (Auto-Rig Pro's arm_twist)."""
    for side in SIDES:
        for slot in (f"{side}_shoulder", f"{side}_hip"):
            while slot in first and slot not in told:
                above = rig.parents[first[slot]]
                if above < 0 or above in first.values() or not chains.twisting(rig.names[above]):
                    break
                if presets.word(rig.names[above])[0] != side:
                    break
                first[slot] = above
                listed.pop(slot, None)


def _carries(rig: Rig, first: Mapping[str, int]) -> bool:
    """Whether the pelvis carries both legs, or nothing does: deform bones of some exports hang on nothing."""
    pelvis, hips = first.get("pelvis"), [first[f"{side}_hip"] for side in SIDES if f"{side}_hip" in first]
    return (
        pelvis is None or chains.common_ancestor(rig, hips) is None or all(pelvis in rig.ancestors(hip) for hip in hips)
    )


def _settle_pelvis(rig: Rig, first: dict[str, int], sure: dict[str, float], certainty: float) -> None:
    """What moves both legs and the spine is the pelvis, whatever it and the bones around it are called."""
    lowest = chains.pelvis_of(rig, first)
    if lowest is not None:
        first["pelvis"], sure["pelvis"] = lowest, max(sure.get("pelvis", 0.0), certainty)


def _match(
    rig: Rig,
    first: dict[str, int],
    sure: dict[str, float],
    told: Chains,
    listed: Chains,
    preset: str,
    root: str | None,
    notes: list[str],
) -> Match:
    found = chains.limbs(rig, {slot: bone for slot, bone in first.items() if slot != "neck"}, listed)
    found |= chains.trunk(rig, first, listed)
    found |= {slot: bones for slot, bones in told.items() if bones}
    found = {slot: bones for slot, bones in found.items() if told.get(slot, bones)}
    beside = chains.twists(rig, found)
    stands = chains.root_of(rig, first, rig.index.get(root) if root else None)
    names = {slot: tuple(rig.names[bone] for bone in found[slot]) for slot in SLOTS if slot in found}
    bone_map = BoneMap(
        names,
        {slot: tuple(rig.names[bone] for bone in bones) for slot, bones in beside.items()},
        None if stands is None else rig.names[stands],
    )
    lost = [slot for slot in REQUIRED if slot not in names and slot not in told]
    if lost:
        notes.insert(0, _why(rig, names, lost))
    for certainty, how in _HOW.items():
        slots = [title(slot) for slot in names if sure.get(slot) == certainty]
        if slots and preset:
            notes.append(f"Found {how}, not by the preset {preset}: {', '.join(slots)}.")
        elif slots and certainty == _PLACE:
            notes.append(f"Found {how}: {', '.join(slots)}.")
    wanted = [slot for slot in SLOTS if slot in names or slot in REQUIRED]
    score = sum(sure.get(slot, _PRESET) if slot in names else 0.0 for slot in wanted) / max(1, len(wanted))
    return Match(bone_map, preset, score, bone_map.missing, tuple(notes))


def _why(rig: Rig, names: Mapping[str, Sequence[str]], lost: Sequence[str]) -> str:
    """A sentence that says why needed slots have no bone."""
    if len(rig.names) < len(REQUIRED):
        return f"A rig of {len(rig.names)} bones has no room for a pelvis, two arms and two legs."
    mirrored = [(slot, names[other][0]) for slot in lost if (other := _other_side(slot)) in names]
    if mirrored:
        parts, others = ", ".join(title(slot) for slot, _ in mirrored), ", ".join(bone for _, bone in mirrored)
        return f"Nothing mirrors {others}, so there is no {parts}."
    return f"No names and no two legs below two arms tell the {title(lost[0])}."


def _other_side(slot: str) -> str:
    side, _, part = slot.partition("_")
    return f"{'right' if side == 'left' else 'left'}_{part}"
