"""What is said of a clip: whether it does what was asked, in one sentence made from its facts."""

from __future__ import annotations

from collections.abc import Mapping

KEY = "verdict"
"""Where a clip's meta holds it: met (None where it cannot be told), done, missing (lists of words), mark (0..1), drafts (a mark
each), closest, takes, recorded."""
_MOST = 3
"""Things named in a sentence."""


def said(meta: Mapping[str, object]) -> str:
    """The sentence for a clip's meta, empty where nothing was asked of it."""
    verdict = meta.get(KEY)
    if not isinstance(verdict, Mapping):
        return ""
    missing, closest, recorded = (verdict.get(name) for name in ("missing", "closest", "recorded"))
    taken = f"; from a recorded take ({recorded})" if isinstance(recorded, str) and recorded else ""
    lacking = ", ".join(map(str, missing[:_MOST])) if isinstance(missing, list) else ""
    if isinstance(closest, str) and closest:
        return f"Not sure what was meant; closest: {closest}" + (f" ({lacking})" if lacking else "") + taken
    if verdict.get("met") is True:
        return "Does what you asked" + taken
    if verdict.get("met") is False and lacking:
        return f"Missing: {lacking}" + taken
    return "Cannot tell whether it does what you asked" + (f"; perhaps {lacking}" if lacking else "") + taken
