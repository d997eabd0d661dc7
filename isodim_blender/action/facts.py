"""What an Action remembers of the clip it was made from; no bpy."""

from __future__ import annotations

import json
from collections.abc import Mapping

from ...common import VERSION
from ...common.motion import verdict
from ...common.motion.motion import Motion

PREFIX = "isodim_"
_LARGEST_INT = 2**31 - 1
_NAME_CHARACTERS = 48
_KEY_BYTES = 60
_CARRIED = ("prompt", "seed", "checkpoint", "sha256", "licence", "version", "engine")


def of_motion(
    motion: Motion, scene_fps: float, first_frame: int, choices: Mapping[str, object] | None = None
) -> dict[str, bool | int | float | str]:
    """Custom properties for an Action: the clip's `meta` (its settings spread out), source rate and range, this version.

    `choices`: how it was applied to the rig, and what came of it.

    A custom property holds 32-bit integers: larger ones and everything that is not one value are stored as JSON text.
    """
    meta = dict(motion.meta)
    settings = meta.pop("settings", {})
    facts = meta | (settings if isinstance(settings, dict) else {"settings": settings})
    facts |= {
        "extension_version": VERSION,
        "source_fps": float(motion.fps),
        "source_range": [0, motion.frames - 1],
        "scene_fps": float(scene_fps),
        "first_frame": first_frame,
        **(choices or {}),
    }
    return {_key(key): _property(value) for key, value in facts.items()}


def to_meta(properties: Mapping[str, object], name: str) -> dict[str, object]:
    """A clip's `meta` from the custom `properties` of the Action `name`: where the motion comes from and on which terms.

    The settings of the generation are left out: an Action may have been edited since.
    """
    meta: dict[str, object] = {"action": name}
    for key in _CARRIED:
        value = properties.get(_key(key))
        if isinstance(value, bool | int | float | str):
            meta[key] = value
    return meta


def _key(name: str) -> str:
    """A custom property's name; Blender's limit is 63 bytes."""
    return (PREFIX + _text(name)).encode()[:_KEY_BYTES].decode("utf-8", "ignore")


def _property(value: object) -> bool | int | float | str:
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, bool | float) or (isinstance(value, int) and abs(value) <= _LARGEST_INT):
        return value
    return json.dumps(value)


def _text(text: str) -> str:
    """Text as Blender can store it: files of other programs may hold zero bytes and half surrogates."""
    return text.replace("\0", "").encode("utf-8", "replace").decode("utf-8")


def action_name(motion: Motion, fallback: str) -> str:
    """A clip's prompt, cut to what a list shows; `fallback` if it has none."""
    return short(str(motion.meta.get("prompt") or fallback)) or _text(fallback)[:_NAME_CHARACTERS]


def short(prompt: str) -> str:
    """As much of a prompt as a list shows."""
    return " ".join(_text(prompt).split())[:_NAME_CHARACTERS].strip()


def verdict_of(properties: Mapping[str, object]) -> str:
    """What was said of the clip that an Action with these custom `properties` was made from; empty if nothing was."""
    try:
        kept = json.loads(str(properties.get(_key(verdict.KEY), "")))
    except (ValueError, RecursionError):
        return ""
    return verdict.said({verdict.KEY: kept})
