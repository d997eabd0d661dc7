"""What is true of a stretch of a clip: named measures that the rows of `concepts` speak of.

A fact is a number, or [2] where each side has its own (left first). Shares are of the stretch's time, 0..1. Maxima are the
97th percentile, so that a single trembling frame is no fact.
"""

from __future__ import annotations

from .facts_hands import Hands
from .facts_legs import Legs
from .facts_posture import Posture
from .facts_ways import Ways


class Facts(Ways, Legs, Posture, Hands):
    """The facts of the frames first ... end - 1 of a clip; each is worked out when first asked for."""
