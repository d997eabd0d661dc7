"""Limbs found by their bones' names: of all bones that may be a thigh, a shin, a foot, those that hang on each other."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from .bone_map import REQUIRED, SIDES
from .names import is_end, shared_prefix, without_namespace, without_numbering
from .presets import word, words
from .rig import Rig

LIMBS = (("hip", "knee", "ankle", "foot"), ("collar", "shoulder", "elbow", "wrist"))
"""The slots of a leg and of an arm, without their side, from the body outwards."""
_FEW = 6
_NEEDED, _USEFUL, _LOOSE, _RANK, _BARE = 100.0, 20.0, 10.0, 1.0, 3.0


def by_names(rig: Rig, found: dict[str, int], used: Collection[int]) -> dict[str, int]:
    """Slot -> bone for slots that are not in `found`, of bones that are not `used`; only where a limb hangs together."""
    candidates = _candidates(rig, used)
    result: dict[str, int] = {}
    for side in SIDES:
        for limb in LIMBS:
            slots = [f"{side}_{part}" for part in limb]
            if not all(slot in found for slot in slots):
                options = [
                    [(0, found[slot])] if slot in found else candidates.get((True, side, part), [])[:_FEW]
                    for slot, part in zip(slots, limb, strict=True)
                ]
                chosen = _chain(rig, slots, options)[1]
                result |= {slot: bone for slot, bone in chosen.items() if slot not in found}
    for slot in ("pelvis", "neck", "head"):
        if slot not in found and (options_ := candidates.get((False, "", slot))):
            result[slot] = options_[0][1]
    return result


def _candidates(rig: Rig, used: Collection[int]) -> dict[tuple[bool, str, str], list[tuple[int, int]]]:
    """(sided, side, part) -> bones that may be it, each with how unusual the word is for it, the likeliest first."""
    found: dict[tuple[bool, str, str], list[tuple[int, int]]] = {}
    for bone, (side, parts) in enumerate(meanings(rig)):
        if bone in used or (is_end(rig.names[bone]) and not rig.children[bone]):
            continue
        for rank, part in enumerate(parts):
            found.setdefault((bool(side), side, part), []).append((rank, bone))
    return {key: sorted(bones) for key, bones in found.items()}


def meanings(rig: Rig) -> list[tuple[str, tuple[str, ...]]]:
    """[bone] -> its side, empty if it has none, and the parts of the body that its name can mean, the likeliest first."""
    known = words()
    bare = without_numbering([without_namespace(name) for name in rig.names])
    shared = shared_prefix(bare)
    spelled = [word(name.removeprefix(shared)) for name in bare]
    return [(side, known.get((bool(side), stem), ())) for side, stem in spelled]


def _chain(
    rig: Rig, slots: Sequence[str], options: Sequence[Sequence[tuple[int, int]]], above: int = -1
) -> tuple[float, dict[str, int]]:
    """The best choice of a bone or none for each slot, each bone below the one before; its worth and the bones."""
    if not slots:
        return 0.0, {}
    best = _chain(rig, slots[1:], options[1:], above)
    for rank, bone in options[0]:
        hangs = above < 0 or above in rig.ancestors(bone)
        # Rigify's upper arms do not hang on the clavicles.
        loose = slots[0].endswith("shoulder") and bone not in (above, *rig.ancestors(above))
        reached = (
            slots[0].endswith(("ankle", "wrist"))
            and not hangs
            and (rig.follows(bone, above) or rig.may_follow(bone, above))
        )
        if hangs or loose or reached:
            worth, rest = _chain(rig, slots[1:], options[1:], bone)
            worth += (_NEEDED if slots[0] in REQUIRED else _USEFUL) - _RANK * rank - (0.0 if hangs else _LOOSE)
            worth -= _BARE if rig.skinned is not None and bone not in rig.skinned else 0.0
            if worth > best[0]:
                best = worth, {slots[0]: bone, **rest}
    return best
