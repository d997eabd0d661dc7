"""Words as the evaluators of Guo et al. (CVPR 2022) read them: GloVe vectors and parts of speech.

Their text files hold the words with their parts of speech, `caption#word/POS word/POS#start#end`. There is no tagger here:
a caption that no text file holds is refused.
"""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from common.errors import InputError
from training.data.captions import mirrored

from .plain_pickle import plain_values

_KINDS = (
    "VERB", "NOUN", "DET", "ADP", "NUM", "AUX", "PRON", "ADJ", "ADV",
    "place", "body", "thing", "action", "manner", "OTHER",
)  # fmt: skip
PARTS = len(_KINDS)
_SPECIAL = {  # words whose kind replaces their part of speech, as the published evaluators were trained
    "place": "left right clockwise counterclockwise anticlockwise forward back backward up down straight curve",
    "body": "arm chin foot feet face hand mouth leg waist eye knee shoulder thigh",
    "thing": "stair dumbbell chair window floor car ball handrail baseball basketball",
    "action": "walk run swing pick bring kick put squat throw hop dance jump turn stumble stop sit lift lower raise wash"
    " stand kneel stroll rub bend balance flap jog shuffle lean rotate spin spread climb",
    "manner": "slowly carefully fast careful slow quickly happy angry sad happily angrily sadly",
}
_KIND_OF = {word: kind for kind, words in _SPECIAL.items() for word in words.split()}
MAX_WORDS = 20
_UNKNOWN = "unk"


@dataclasses.dataclass(frozen=True)
class Glove:
    """vectors [row, 300] and the row of each word; tokens of each caption."""

    vectors: NDArray[np.float32]
    rows: dict[str, int]
    tokens: dict[str, tuple[str, ...]]

    @classmethod
    def load(cls, glove: Path, texts: Path) -> Glove:
        """Read the published folders `glove` (our_vab_data.npy, our_vab_words.pkl, our_vab_idx.pkl) and `texts`."""
        try:
            vectors = np.load(glove / "our_vab_data.npy", allow_pickle=False).astype(np.float32)
        except (OSError, ValueError) as error:
            raise InputError("vectors of GloVe", str(glove), f"a folder with our_vab_data.npy ({error})") from error
        pairs, words = (plain_values(glove / f"our_vab_{name}.pkl") for name in ("idx", "words"))
        every = {str(word): row for word, row in zip(pairs[::2], pairs[1::2], strict=False) if isinstance(row, int)}
        without = [word for word in words if word not in every]
        if without:
            raise InputError("words of GloVe", str(without[0]), f"words that our_vab_idx.pkl in {glove} gives a row")
        rows = {str(word): every[str(word)] for word in words}
        if _UNKNOWN not in rows or not 0 <= min(rows.values()) <= max(rows.values()) < len(vectors):
            raise InputError(
                "words of GloVe", len(rows), f"words with `{_UNKNOWN}` and a row each of {len(vectors)} vectors"
            )
        return cls(vectors, rows, read_tokens(texts))

    def sentence(self, caption: str) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Vectors [word, 300] and one-hot kinds [word, 15] between two bounds of a caption or of its mirror image, at most 20 words."""
        found = self.tokens.get(caption) or tuple(map(mirrored, self.tokens.get(mirrored(caption), ())))
        if not found:
            raise InputError(
                "caption", caption, "one that a file of the evaluator's texts folder holds with its parts of speech"
            )
        words = [self._word(token) for token in ("sos/OTHER", *found[:MAX_WORDS], "eos/OTHER")]
        vectors, kinds = zip(*words, strict=True)
        return np.stack(vectors), np.eye(PARTS, dtype=np.float32)[list(kinds)]

    def _word(self, token: str) -> tuple[NDArray[np.float32], int]:
        word, _, part = token.rpartition("/")
        if word not in self.rows:
            return self.vectors[self.rows[_UNKNOWN]], _KINDS.index("OTHER")
        kind = _KIND_OF.get(word, part)
        return self.vectors[self.rows[word]], _KINDS.index(kind if kind in _KINDS else "OTHER")


def read_tokens(folder: Path) -> dict[str, tuple[str, ...]]:
    """Caption -> its tokens `word/POS`, of all text files in a HumanML3D or KIT-ML `texts` folder."""
    files = sorted(folder.glob("*.txt"))
    if not files:
        raise InputError("texts", str(folder), "the dataset's folder of text files")
    found: dict[str, tuple[str, ...]] = {}
    for path in files:
        for line in path.read_text("utf-8", errors="replace").splitlines():
            parts = line.split("#")
            if len(parts) == 4:  # a caption of any other line is refused when it is asked for
                found.setdefault(parts[0].strip(), tuple(parts[1].split()))
    return found
