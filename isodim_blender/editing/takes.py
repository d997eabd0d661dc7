"""Actions that IsoDiM made and that wait unused in a file, kept by their fake user alone."""

from __future__ import annotations

import bpy

from ..action import facts


def unused() -> list[bpy.types.Action]:
    """Oldest first; without assets, Actions with captions or key poses, ones of other files and ones that a person renamed."""
    found = [action for action in bpy.data.actions if _is_left(action)]
    return sorted(found, key=lambda action: (int(action.get(f"{facts.PREFIX}made_s", 0)), action.session_uid))


def _is_left(action: bpy.types.Action) -> bool:
    if f"{facts.PREFIX}extension_version" not in action or action.library is not None or action.asset_data is not None:
        return False
    if not action.use_fake_user or action.users > 1 or len(action.isodim.captions) or len(action.isodim.key_poses):
        return False
    return action.name.startswith(facts.short(str(action.get(f"{facts.PREFIX}prompt", ""))))
