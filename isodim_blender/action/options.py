"""How a clip is applied to a rig."""

from __future__ import annotations

import dataclasses

from ...common.errors import InputError
from ..rig import controls, travel

KEYS = ("EVERY_FRAME", "SPARSE")


@dataclasses.dataclass(frozen=True)
class Options:
    """How a clip is applied to a rig.

    root: where the travel goes, one of `travel.ROOTS`. feet, hands: whether what stands or holds is kept from sliding.
    keys: one key a frame, or few Bezier keys that stay within max_degrees and max_cm. controls: which of a control rig's.
    as_asset: whether the Action becomes an asset.
    """

    root: str = "HIPS"
    feet: bool = True
    hands: bool = False
    keys: str = "EVERY_FRAME"
    max_degrees: float = 0.5
    max_cm: float = 0.5
    controls: str = "FK"
    as_asset: bool = False

    def check(self) -> Options:
        """The same options if all are allowed; otherwise InputError."""
        for name, allowed in (("root", travel.ROOTS), ("keys", KEYS), ("controls", controls.KINDS)):
            if getattr(self, name) not in allowed:
                raise InputError(name.capitalize(), getattr(self, name), f"one of {', '.join(allowed)}")
        for name in ("max_degrees", "max_cm"):
            if not 0.0 < getattr(self, name) < 1000.0:
                raise InputError(name, getattr(self, name), "a number above 0")
        return self


DEFAULTS = Options()
