"""The action class of a caption, for balanced sampling and for reports."""

from __future__ import annotations

import re
from collections.abc import Sequence

OTHER = "other"

_PATTERNS = {  # in order of precedence: the more specific first
    "acrobatics": r"cartwheel|hand ?spring|back ?flip|somersault|forward roll|acrobatic|hand ?stand|into a roll",
    "ball": r"basketball|soccer|football|dribbl|bounces a ball|ball into",
    "climb": r"climb|ladder|playground|dangl|hangs? |grips a bar|up on a bar|up (\w+ )?steps|stairs",
    "fight": r"punch|box(es|ing|er)\b|jab|karate|fight|knife hand|sword|slash|martial|kata\b|block",
    "kick": r"kick",
    "sit": r"\bsits?\b|sitting|seated|stool|chair",
    "floor": r"gets? up|crawl|falls?\b|collapse|lying|lies\b|on the ground|floor|kneel",
    "dance": r"danc|salsa|ballet|arabesque|pirouette|charleston|twirl|\bdab\b",
    "wave": r"\bwav(es?|ing)\b|says? goodbye|goodbye",
    "raise": r"(rais|lift|put)\w* (up )?(the |both |his |her |their )*(left |right )*(hand|arm)s?",
    "bow": r"\bbow(s|ing)?\b|bends? (forward|over)|scoop",
    "exercise": r"stretch|exercis|squat|jog(s|ging)? in place|jumping jacks|push-?ups|balances on",
    "jump": r"jump|\bhop|leap|bounc",
    "turn": r"turn|veer|curve|\bspin|pivot|corner",
    "run": r"\brun|jog|dash|sprint",
    "walk": r"walk|stroll|steps? (forward|back)|strides|sneak|march",
    "gesture": r"gestur|signal|point|direct|laugh|cheer|clap|call|guide|talk|respond|head|fist|drink|bottle|wash|throw",
    "idle": r"stands? still|standing|idle|listens|waits",
}
_COMPILED = {name: re.compile(pattern) for name, pattern in _PATTERNS.items()}

ACTIONS = (*_PATTERNS, OTHER)
"""All classes in order of precedence."""


def action_of(captions: Sequence[str], name: str = "") -> str:
    """The class that most captions agree on, ties going to the more specific; `other` if nothing fits any.

    captions: sentences on one motion. name: the clip's file name, asked only when no caption fits a class
    (`dataset-1_bow_active_001` reads "dataset 1 bow active 001").
    """
    for texts in (captions, [re.sub(r"[^A-Za-z0-9]+", " ", name)]):
        votes = {action: sum(bool(p.search(text.lower())) for text in texts) for action, p in _COMPILED.items()}
        best = max(votes, key=lambda action: votes[action])
        if votes[best]:
            return best
    return OTHER
