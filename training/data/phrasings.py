"""More words for captioned spans: paraphrases of their captions, and short plain phrasings of the concepts that they show.

Three kinds of JSON lines, each of them a file of the corpus' own:

- lexicon `{"concept": "sit_down", "phrases": ["sits down", ...]}`; an id that ends in `_right` names the right side
- concepts `{"source", "clip", "start_s", "end_s", "concepts": [{"concept": "sit_down", "mirrored": false}]}`: what a span shows, one
  concept or two, one after the other; `mirrored` is the concept's left-hand image
- paraphrases `{"caption", "paraphrases": [...]}`, or `{"source", "clip", "start_s", "end_s", "paraphrases": [...]}`
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from common.errors import InputError

from .captioned import CaptionedClip
from .captions import mirrored

SpanKey = tuple[str, str, float, float]
"""Source, clip, start and end in seconds, as a row of captions has them."""

_SIDED = "_right"
_SHORT_WORDS = 5
"""Longest phrase that is joined with another: two long ones make no sentence."""
_JOINTS = ("{}, then {}", "{} and then {}", "first {}, then {}", "{} and {}")
_PAIRS = 24
"""Joined phrasings of a span that shows two concepts."""


@dataclasses.dataclass(frozen=True)
class Phrasings:
    """What the files say. lexicon: concept -> phrases; concepts: span -> (concept, whether mirrored) in their order;
    paraphrases: caption -> sentences; of_spans: span -> sentences."""

    lexicon: dict[str, tuple[str, ...]]
    concepts: dict[SpanKey, tuple[tuple[str, bool], ...]]
    paraphrases: dict[str, tuple[str, ...]]
    of_spans: dict[SpanKey, tuple[str, ...]]

    def enriched(self, clip: CaptionedClip) -> CaptionedClip:
        """The clip with the paraphrases among its rows' captions, and in each row `plain` phrasings and `concepts` as ids."""
        return dataclasses.replace(clip, rows=tuple(self._row(row) for row in clip.rows))

    def _row(self, row: dict[str, Any]) -> dict[str, Any]:
        key = _key(row)
        more = [text for caption in row["captions"] for text in self.paraphrases.get(caption, ())]
        captions = dict.fromkeys([*row["captions"], *more, *self.of_spans.get(key, ())])
        shown = self.concepts.get(key, ())
        return {
            **row,
            "captions": list(captions),
            "plain": self._plain(shown),
            "concepts": [_id(*one) for one in shown],
        }

    def _plain(self, shown: tuple[tuple[str, bool], ...]) -> list[str]:
        phrases = [self._phrases(*one) for one in shown]
        if len(phrases) != 2:
            return phrases[0] if len(phrases) == 1 else []
        firsts, seconds = ([text for text in part if _joins(text)] for part in phrases)
        if not firsts or not seconds:
            return []
        made = [  # every phrase in turn, the second ones shifted by one each round, so that pairs do not repeat
            _JOINTS[place % len(_JOINTS)].format(
                firsts[place % len(firsts)], seconds[(place + place // len(firsts)) % len(seconds)]
            )
            for place in range(_PAIRS)
        ]
        return list(dict.fromkeys(made))

    def _phrases(self, concept: str, flipped: bool) -> list[str]:
        """The concept's phrases, of the left side where `flipped`; a sided one's that name no side are left out."""
        phrases = self.lexicon[concept]
        if concept.endswith(_SIDED):
            phrases = tuple(text for text in phrases if mirrored(text) != text)
        return [mirrored(text) if flipped else text for text in phrases]


def load(lexicon: Path | None, concepts: Path | None, paraphrases: Iterable[Path]) -> Phrasings:
    """Read the files; InputError if one cannot be read, or if a span shows a concept that the lexicon lacks."""
    words = {row["concept"]: tuple(row["phrases"]) for row in _rows(lexicon, ("concept", "phrases"))}
    shown = {
        _key(row): tuple((one["concept"], bool(one.get("mirrored"))) for one in row["concepts"])
        for row in _rows(concepts, ("source", "clip", "start_s", "end_s", "concepts"))
    }
    unknown = sorted({concept for pairs in shown.values() for concept, _ in pairs} - words.keys())
    if unknown:
        raise InputError("concepts", unknown[0], f"concepts of the lexicon {lexicon or '(none is given)'}")
    of_captions: dict[str, tuple[str, ...]] = {}
    of_spans: dict[SpanKey, tuple[str, ...]] = {}
    for path in paraphrases:
        for row in _rows(path, ("paraphrases",)):
            if "caption" in row:
                of_captions[row["caption"]] = (*of_captions.get(row["caption"], ()), *row["paraphrases"])
            else:
                of_spans[_key(row)] = (*of_spans.get(_key(row), ()), *row["paraphrases"])
    return Phrasings(words, shown, of_captions, of_spans)


def _rows(path: Path | None, fields: tuple[str, ...]) -> list[dict[str, Any]]:
    if path is None:
        return []
    try:
        rows = [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]
    except (OSError, ValueError) as error:
        raise InputError("phrasings", str(path), "a readable file of JSON lines, in UTF-8") from error
    for number, row in enumerate(rows, start=1):
        if not isinstance(row, dict) or not all(field in row for field in fields):
            raise InputError(f"{path.name} line {number}", row, f"an object with {', '.join(fields)}")
    return rows


def _key(row: dict[str, Any]) -> SpanKey:
    try:
        return row["source"], row["clip"], float(row["start_s"]), float(row["end_s"])
    except (KeyError, TypeError, ValueError):
        raise InputError("phrasings", row, "a caption, or source, clip, start_s and end_s") from None


def _id(concept: str, flipped: bool) -> str:
    """The concept's own id, of its left-hand image too: `wave_left`."""
    return concept.removesuffix(_SIDED) + "_left" if flipped and concept.endswith(_SIDED) else concept


def _joins(phrase: str) -> bool:
    """Whether a phrase can be half a sentence: short, in small letters, without an end."""
    return phrase == phrase.lower() and len(phrase.split()) <= _SHORT_WORDS and not set(phrase) & set(".,;!?:")
