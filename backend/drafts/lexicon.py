"""From words to everyday actions: the phrasings of each action, as sentence vectors, and the nearest of them.

A phrasing is told by the states of its word pieces in all-MiniLM-L6-v2, averaged with the pieces' rarity as weight, and by its
words themselves. An action's score is the mean similarity of its eight nearest phrasings: one alone may be a freak.
"""

from __future__ import annotations

import collections
import dataclasses
import functools
import itertools
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from common.errors import InputError

FOLDER = Path(__file__).parent
TENSORS, NAMES = "lexicon.safetensors", "lexicon.json"
WIDTH = 384
NEAREST = 8
WORDS = 0.6
"""Weight of shared words beside the states' cosine. Of the lexicon's phrasings, each against all others, 60 % are nearest to
their own action by plain means of three states, 66 % with rarity and eight, 70 % with words."""

_WORD = re.compile(r"[a-z']+")
_ENDING = re.compile(r"(?:ing|ed|es|s|ly)$")


def terms(text: str) -> list[str]:
    """Words without their endings, and pairs of neighbours."""
    words = [_ENDING.sub("", word) if len(word) > 4 else word for word in _WORD.findall(text.lower())]
    return words + [f"{a}_{b}" for a, b in itertools.pairwise(words)]


def unit(rows: NDArray[np.floating]) -> NDArray[np.float32]:
    """Vectors [..., d] of length one; zeros stay."""
    return (rows / np.maximum(np.linalg.norm(rows, axis=-1, keepdims=True), 1e-6)).astype(np.float32)


@dataclasses.dataclass(frozen=True)
class Lexicon:
    """Phrasings of the actions `ids`: `vectors` [phrase, 384] and the action of each, `concept` [phrase].

    rarity [piece]: weight of each word piece. vocabulary: terms that more than one phrasing has, by number; term t occurs in
    the phrasings `where[begins[t] : begins[t + 1]]`, with the weights `weight` beside.
    """

    ids: tuple[str, ...]
    vectors: NDArray[np.float32]
    concept: NDArray[np.intp]
    rarity: NDArray[np.float32]
    vocabulary: dict[str, int]
    begins: NDArray[np.intp]
    where: NDArray[np.intp]
    weight: NDArray[np.float32]

    def pooled(self, states: NDArray[np.float32], pieces: Sequence[int]) -> NDArray[np.float32]:
        """Sentence vector [384] of word-piece states [piece, 384]."""
        weight = self.rarity[list(pieces)[: len(states)]]
        return unit((states * weight[:, None]).sum(0))

    def scores(self, vectors: NDArray[np.float32], sentences: Sequence[str]) -> NDArray[np.float32]:
        """[sentence, concept]: how near each action is, about 0 .. 1.6."""
        alike = vectors @ self.vectors.T
        alike += WORDS * np.stack([self._shared(sentence) for sentence in sentences])
        found = np.empty((len(alike), len(self.ids)), np.float32)
        for place in range(len(self.ids)):
            found[:, place] = np.sort(alike[:, self.concept == place], axis=1)[:, -NEAREST:].mean(1)
        return found

    def _shared(self, sentence: str) -> NDArray[np.float32]:
        """[phrase]: cosine of the terms' rarities."""
        known = {self.vocabulary[term] for term in terms(sentence) if term in self.vocabulary}
        total, squares = np.zeros(len(self.vectors), np.float32), 0.0
        for term in known:
            part = slice(self.begins[term], self.begins[term + 1])
            rare = np.log(len(self.vectors) / (part.stop - part.start))
            total[self.where[part]] += rare * self.weight[part]
            squares += rare * rare
        return total / max(np.sqrt(squares), 1e-6)


class Encoder(Protocol):
    """What the lexicon's sentence vectors are made with: all-MiniLM-L6-v2 by any engine."""

    @property
    def pieces(self) -> Any:
        """Word pieces; `encode_batch(texts)` gives their numbers as `ids`."""
        ...

    def encode(self, prompts: list[str]) -> tuple[Any, Any]:
        """Word-piece states [prompt, piece, 384] and their mask [prompt, piece], which numpy can read."""
        ...


def encoded(encoder: Encoder, texts: Sequence[str], lexicon: Lexicon) -> NDArray[np.float32]:
    """Sentence vectors [text, 384]."""
    states, mask = (np.asarray(part) for part in encoder.encode(list(texts)))
    pieces = [row.ids for row in encoder.pieces.encode_batch(list(texts))]
    return np.stack([lexicon.pooled(row[real], ids) for row, real, ids in zip(states, mask, pieces, strict=True)])


def make(
    phrases: Sequence[tuple[str, str]],
    states: Sequence[NDArray[np.float32]],
    pieces: Sequence[Sequence[int]],
    vocabulary_size: int,
) -> Lexicon:
    """The lexicon of (action, phrasing) pairs, given the word-piece states [piece, 384] and piece numbers of each phrasing."""
    ids = tuple(dict.fromkeys(action for action, _ in phrases))
    count = len(phrases)
    seen = np.zeros(vocabulary_size)
    for row in pieces:
        seen[list(set(row))] += 1
    rarity = np.log(count / (1.0 + seen)).astype(np.float32)
    found = [sorted(set(terms(text))) for _, text in phrases]
    often = collections.Counter(term for row in found for term in row)
    vocabulary = {term: number for number, term in enumerate(sorted(t for t, n in often.items() if n > 1))}
    places: list[list[int]] = [[] for _ in vocabulary]
    norms = np.zeros(count)
    for phrase, row in enumerate(found):
        for term in row:
            if term in vocabulary:
                places[vocabulary[term]].append(phrase)
                norms[phrase] += np.log(count / often[term]) ** 2
    begins = np.concatenate([[0], np.cumsum([len(row) for row in places])]).astype(np.intp)
    where = np.array([phrase for row in places for phrase in row], np.intp)
    term_of = np.repeat(np.arange(len(places)), np.diff(begins))
    rare = np.log(count / np.diff(begins))[term_of]
    weight = (rare / np.sqrt(np.maximum(norms[where], 1e-6))).astype(np.float32)
    lexicon = Lexicon(
        ids=ids, vectors=np.zeros((0, WIDTH), np.float32), concept=np.array([ids.index(a) for a, _ in phrases]),
        rarity=rarity, vocabulary=vocabulary, begins=begins, where=where, weight=weight,
    )  # fmt: skip
    vectors = np.stack([lexicon.pooled(*pair) for pair in zip(states, pieces, strict=True)])
    return dataclasses.replace(lexicon, vectors=vectors)


def save(lexicon: Lexicon, folder: Path) -> None:
    """Write lexicon.safetensors (vectors in 8 bits) and lexicon.json (actions and vocabulary)."""
    save_file(
        {
            "vectors": packed(lexicon.vectors),
            "concept": lexicon.concept.astype(np.uint8 if len(lexicon.ids) <= 256 else np.uint16),
            "rarity": lexicon.rarity.astype(np.float16),
            "begins": lexicon.begins.astype(np.int32),
            "where": lexicon.where.astype(np.uint16),
            "weight": lexicon.weight.astype(np.float16),
        },
        folder / TENSORS,
    )
    (folder / TENSORS).chmod(0o644)  # safetensors' own are for their owner alone
    names = {"actions": lexicon.ids, "vocabulary": " ".join(lexicon.vocabulary)}
    (folder / NAMES).write_text(json.dumps(names, indent=1) + "\n")


@functools.cache
def load(folder: Path = FOLDER) -> Lexicon:
    """The lexicon of a folder; InputError when it is not whole."""
    try:
        arrays = load_file(folder / TENSORS)
        names = json.loads((folder / NAMES).read_text())
        return Lexicon(
            ids=tuple(names["actions"]),
            vectors=unit(arrays["vectors"].astype(np.float32)),
            concept=arrays["concept"].astype(np.intp),
            rarity=arrays["rarity"].astype(np.float32),
            vocabulary={term: number for number, term in enumerate(names["vocabulary"].split(" "))},
            begins=arrays["begins"].astype(np.intp),
            where=arrays["where"].astype(np.intp),
            weight=arrays["weight"].astype(np.float32),
        )
    except (OSError, SafetensorError, ValueError, KeyError) as error:
        raise InputError("lexicon", str(folder), "the extension's own files: install it again") from error


def packed(vectors: NDArray[np.float32]) -> NDArray[np.int8]:
    """Vectors [n, d] in 8 bits, each against its own largest number; `unit` makes them vectors of length one again."""
    return np.round(vectors / np.maximum(np.abs(vectors).max(-1, keepdims=True), 1e-6) * 127).astype(np.int8)
