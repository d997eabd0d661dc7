"""Which takes of a library a sentence calls for, cut and joined to the length of the clip."""

from __future__ import annotations

import dataclasses
import functools
import itertools

import numpy as np
from numpy.typing import NDArray

from backend.motion.features import mirror
from backend.tokenizers.coder import FRAMES_PER_TOKEN, Coder

from . import takes
from .concepts import LEFT, RIGHT
from .library import LENGTHS, Library
from .requirements import Wanted, Wish
from .takes import Features

_CAPTION = 0.35
"""Weight of the likeness of a take's captions to the sentence, beside its quality (0..1)."""
_SAME_WORDS = 0.86
"""Likeness from which a take's captions are taken to say the same as the sentence."""
_CHANCE = 0.04
"""Scale of the noise by which another seed prefers other takes of about the same standing."""
_AS_GOOD = 0.05
"""A window whose quality is this near to the best one's is as good."""
_ONCE, _ON = 15, 20
"""Tokens at least of what is done once, 3 s, and of what goes on, 4 s."""
_ON_THE_SPOT = {"run_on_the_spot": "run_forward", "walk_on_the_spot": "walk_forward"}
"""Actions that hardly any take shows -> those that become them without their way over the ground."""
_BORROWED = 0.8
"""What the quality of such a take is worth."""
_LONGEST = LENGTHS[-1] * FRAMES_PER_TOKEN
_DECODED = 64
"""Stretches of takes whose features are kept, 50 KB each: drafts, seeds and strips begin from few."""


def _fixed() -> np.random.Generator:
    """Chance that is the same for every seed."""
    return np.random.default_rng(0)


@dataclasses.dataclass(frozen=True)
class Call:
    """A take that is called for: a row of the library (-1: called by its captions), mirrored or not, the tokens first ... end - 1 of it, and its standing.

    still: to be done without the way that it goes.
    """

    row: int
    take: int
    mirrored: bool
    first: int
    end: int
    once: bool
    still: bool
    standing: float


@dataclasses.dataclass(frozen=True)
class Start:
    """What a draft begins from: features [frame, 67] of found takes, fitted; which takes they are."""

    features: Features
    takes: tuple[int, ...]


class Finder:
    """Finds takes in a checkpoint's library."""

    def __init__(self, library: Library, tokenizer: Coder) -> None:
        self.library, self.tokenizer = library, tokenizer
        self._stretch = functools.lru_cache(_DECODED)(self._decode)
        self._rows: dict[str, NDArray[np.intp]] = {
            name: np.flatnonzero(library.action == place) for place, name in enumerate(library.actions)
        }

    def calls(self, wish: Wish, frames: int, rng: np.random.Generator, number: int) -> list[Call]:
        """The best `number` calls for a wish, each of another take; fewer where the library has no more."""
        bucket = int(np.searchsorted(LENGTHS, frames / FRAMES_PER_TOKEN, side="right")) - 1
        bucket = max(0, bucket)
        found: list[Call] = []
        for guess in wish.guesses:
            rows, still = self._shown(guess.concept.id)
            if not len(rows):
                continue
            quality = self.library.quality[rows, bucket] * np.where(still, _BORROWED, 1.0)
            alike = self.library.vectors[self.library.take[rows]] @ wish.vector
            standing = np.sqrt(guess.belief) * quality + _CAPTION * alike + rng.gumbel(0, _CHANCE, len(rows))
            for row, value, stays in zip(rows.tolist(), standing.tolist(), still.tolist(), strict=True):
                take, side = int(self.library.take[row]), int(self.library.side[row])
                either = not guess.concept.sided or guess.side is None
                flip = bool(rng.integers(2)) if either else side != guess.side
                first = int(self.library.starts[row, bucket])
                end = min(first + -(-frames // FRAMES_PER_TOKEN), int(self.library.tokens[take]))
                found.append(Call(row, take, flip, first, end, guess.concept.once, stays, value))
        found += self._told(wish, frames, bucket, rng)
        found.sort(key=lambda call: -call.standing)
        seen: set[int] = set()
        return [call for call in found if not (call.take in seen or seen.add(call.take))][:number]  # type: ignore[func-returns-value]

    def _told(self, wish: Wish, frames: int, bucket: int, rng: np.random.Generator) -> list[Call]:
        """Takes whose captions say nearly what the sentence says, whatever action that may be.

        Of a take that is known to show the likeliest action, the stretch that shows it best, as far as it does.
        """
        alike = self.library.vectors @ wish.vector
        near = np.flatnonzero(alike >= _SAME_WORDS)
        chance = rng.gumbel(0, _CHANCE, len(near))
        mirrored = wish.best.side == LEFT  # the vector is that of the sentence about the right
        shown = self._rows.get(wish.best.concept.id, np.zeros(0, np.intp))
        row_of = dict(zip(self.library.take[shown].tolist(), shown.tolist(), strict=True))
        found = []
        for take, value, luck in zip(near.tolist(), alike[near].tolist(), chance.tolist(), strict=True):
            first, worth, row = 0, 1.0, row_of.get(take)
            if row is not None:
                first, worth = int(self.library.starts[row, bucket]), float(self.library.quality[row, bucket])
            end = min(first + -(-frames // FRAMES_PER_TOKEN), int(self.library.tokens[take]))
            found.append(Call(-1, take, mirrored, first, end, wish.best.concept.once, False, value * worth + luck))
        return found

    def _shown(self, action: str) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
        """Rows of an action, and which are of another one that is to be done without its way."""
        none = np.zeros(0, np.intp)
        own, lent = self._rows.get(action, none), self._rows.get(_ON_THE_SPOT.get(action, ""), none)
        return np.concatenate([own, lent]), np.arange(len(own) + len(lent)) >= len(own)

    def natural_frames(self, wanted: Wanted) -> int | None:
        """How long the best takes for a sentence are, phases added up: their median; None where nothing is found.

        Of a long take that is the shortest window which shows the action about as well as any.
        """
        total = 0
        for phase in wanted.phases:
            calls = [call for wish in phase for call in self.calls(wish, _LONGEST, _fixed(), 7)]
            lengths = [self._natural(call) for call in calls]
            if not lengths:
                return None
            total += int(np.median(lengths)) * max(wish.repeats for wish in phase)
        return total

    def _natural(self, call: Call) -> int:
        length = int(self.library.tokens[call.take])
        if call.row < 0:
            return min(length, LENGTHS[-1]) * FRAMES_PER_TOKEN
        quality = self.library.quality[call.row]
        enough = LENGTHS[int(np.argmax(quality >= quality.max() - _AS_GOOD))]
        shortest, longest = (_ONCE, max(enough, _ONCE)) if call.once else (_ON, max(enough, LENGTHS[3]))
        return max(shortest, min(length, longest)) * FRAMES_PER_TOKEN

    def starts(self, wanted: Wanted, frames: int, seed: int, number: int) -> list[Start]:
        """`number` starts of `frames` frames, the best first; fewer, or none, where the library has no take for a wish."""
        rng = np.random.default_rng(seed)
        lengths = _shares(frames, len(wanted.phases))
        columns = [
            [self.calls(wish, length // wish.repeats, rng, number) for wish in phase]
            for phase, length in zip(wanted.phases, lengths, strict=True)
        ]
        if any(not calls for phase in columns for calls in phase):
            return []
        number = max(len(calls) for phase in columns for calls in phase)
        wished = [[call for calls in phase for call in (calls * number)[:number]] for phase in columns]
        decoded = {call: self._features(call) for phase in wished for call in phase}
        made = []
        for place in range(number):
            parts, used = [], []
            for phase, calls, length in zip(wanted.phases, columns, lengths, strict=True):
                chosen = [(column * number)[place] for column in calls]
                used += [call.take for call in chosen]
                parts.append(
                    _at_once(phase, [_fitted(decoded[c], length, c, w) for c, w in zip(chosen, phase, strict=True)])
                )
            made.append(Start(takes.chained(parts), tuple(used)))
        return made

    def _features(self, call: Call) -> Features:
        """Features of a call."""
        part = self._stretch(call.take, call.first, call.end)
        found = mirror(part) if call.mirrored else part.copy()
        if call.still:
            found[:, :3] = 0.0
        return found

    def _decode(self, take: int, first: int, end: int) -> Features:
        """Features of a stretch of a take, each decoded by itself: so they are the same whatever else is called for."""
        levels = self.library.level_indices(take, first, end)
        return self.tokenizer.decode(self.tokenizer.bottleneck.from_indices(levels[None]))[0]


def _fitted(take: Features, frames: int, call: Call, wish: Wish) -> Features:
    """A take of `frames` frames, done as often as is wished where that is said."""
    if wish.repeats == 1:
        return takes.fitted(take, frames, call.once)
    one = takes.fitted(take, frames // wish.repeats, once=True)
    return takes.fitted(takes.chained([one] * wish.repeats), frames, once=True)


def _shares(frames: int, count: int) -> list[int]:
    """Lengths of the phases of a clip, alike."""
    borders = [round(frames * place / count) for place in range(count + 1)]
    return [end - begin for begin, end in itertools.pairwise(borders)]


def _at_once(phase: tuple[Wish, ...], parts: list[Features]) -> Features:
    """The parts of a phase on one body: the legs of the one that travels, the arms and head of those that need no more."""
    if len(parts) == 1:
        return parts[0]
    order = sorted(range(len(parts)), key=lambda place: phase[place].best.concept.carried in ("arms", "head"))
    made = parts[order[0]]
    for place in order[1:]:
        guess = phase[place].best
        if guess.concept.carried in ("arms", "head"):
            side = guess.side if guess.concept.sided and guess.side in (LEFT, RIGHT) else None
            made = takes.overlaid(made, parts[place], guess.concept.carried, side)
    return made
