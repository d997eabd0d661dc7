"""What the terms of clips and checkpoints allow, as far as a licence's name tells."""

from __future__ import annotations

import re

_NON_COMMERCIAL = re.compile(r"\bNC\b|non-?commercial", re.IGNORECASE)


def forbids_commercial_use(licence: str) -> bool:
    """Whether a licence's name says so: CC BY-NC 4.0, `non-commercial research`."""
    return _NON_COMMERCIAL.search(licence) is not None
