"""Make the lexicon that tells actions from words: `python -m training.lexicon --phrases lexicon.jsonl`.

A row of the file is `{"concept": "sit_down", "phrases": ["sits down", "take a seat", ...]}`.
"""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import numpy as np

from backend.drafts import lexicon
from backend.text.minilm import MiniLM

from .engine.command import run

_BATCH = 64


@dataclasses.dataclass(frozen=True)
class LexiconSettings:
    """Command line of `lexicon`."""

    phrases: Path
    """JSON lines with `concept` and `phrases`."""
    out: Path = lexicon.FOLDER
    """Folder to write."""


def main(settings: LexiconSettings) -> None:
    """Encode every phrasing and write the lexicon."""
    rows = [json.loads(line) for line in settings.phrases.read_text(encoding="utf-8").splitlines()]
    phrases = [(row["concept"], phrase) for row in rows for phrase in row["phrases"]]
    encoder = MiniLM()
    pieces = [row.ids for row in encoder.pieces.encode_batch([phrase for _, phrase in phrases])]
    states: list[np.ndarray] = [np.zeros(0)] * len(phrases)
    order = sorted(range(len(phrases)), key=lambda place: len(pieces[place]))
    for first in range(0, len(order), _BATCH):
        part = order[first : first + _BATCH]
        encoded, mask = encoder.encode([phrases[place][1] for place in part])
        for place, row, real in zip(part, encoded.numpy(), mask.numpy(), strict=True):
            states[place] = row[real]
    made = lexicon.make(phrases, states, pieces, encoder.pieces.get_vocab_size())
    settings.out.mkdir(parents=True, exist_ok=True)
    lexicon.save(made, settings.out)
    print(f"{settings.out}: {len(made.ids)} actions, {len(phrases)} phrasings")


if __name__ == "__main__":
    run(main, LexiconSettings, __doc__)
