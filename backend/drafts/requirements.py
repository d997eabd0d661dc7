"""What a sentence asks for: its actions in their order, what they may mean, and how far a clip does them.

A sentence vector does not tell left from right: sides are read from the words, and a sentence about the left is compared
as its mirror image. It does not hear `not` either: what is denied is cut out and held against the clip by itself.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from . import likeness, words
from .concepts import CONCEPTS, LEFT, RIGHT, Concept, Requirement, need
from .facts import Facts
from .lexicon import Lexicon

_SHARPNESS = 0.05
"""Softmax temperature from nearness to belief: with it the lexicon's own phrasings are believed as often as they are right."""
_GUESSES = 5
_LEAST = 0.04
"""Beliefs below this are dropped."""
_LIKELY, _GOOD = 0.5, 0.6
"""Belief in meanings that are met, and worth of a clip, from which it is taken to do what is asked."""
KNOWN = 0.5
"""Nearness of an action from which a sentence is taken to speak of it."""
_CLEAR = 0.65
"""Nearness that both halves of a sentence must have to be told apart without `then` or `while`."""
_SPLIT, _TOGETHER, _ARRIVED = 0.1, -0.05, -0.05
"""How much nearer they must be than the whole: to be done in turn, by legs and arms at once, and where one of them is the way there."""
_GRID = 7
"""Sevenths of a clip at which one phase may end and the next begin."""

_SIBLINGS = {
    "wave": "wave_right",
    "point": "point_right",
    "throw": "throw_right",
    "punch": "punch_right",
    "kick": "kick_right",
}
"""The action whose side is not said -> the one that names it."""
_SLOW = r"slow|leisur|tired|unhurried|no rush|no hurry|calm|dawdl|plod|amble|ambling|trudg|stroll|linger|gentl|careful|weary|easy|crawl|drag|snail|time"
_FAST = r"quick|fast|hurr|brisk|rush|speed|power|swift|late|hast|rapid|stride|striding|pace|energetic|purpose"
_SPOT = r"spot|place|nowhere|treadmill|still|stationary|without|stay|same|put\b|remain|not (?:moving|going)|never|where (?:he|she|they)"
_UP, _DOWN, _STAYS = r"up|ascen|climb", r"down|descen|basement|cellar", r"(?:stay|remain|keep)(?:s|ing|ed)?\b"
_NOT_SAID = r"^(?!.*\b(?:{}))."
_ONLY_IF_SAID = {
    "walk_slowly": (_SLOW, "walk_forward"), "walk_quickly": (_FAST, "walk_forward"),
    "walk_backward": (r"back|revers|retreat|rear|away", "walk_forward"),
    "stop_walking": (r"stop|halt|stand|end|rest|paus|freez|still|cease|brake", "walk_forward"),
    "start_walking": (r"start|begin|set|off|stand|first|then|goes|going|head", "walk_forward"),
    "walk_sad": (r"sad|deject|depress|gloom|head|down|cr(?:y|ies)|mourn|miser|heart|grie|happ|slump|sorrow|blue|lone|droop", "walk_forward"),
    "run_on_the_spot": (_SPOT, "run_forward"), "walk_on_the_spot": (_SPOT, "walk_forward"),
    "run_and_jump": (r"jump|leap|hop|hurdl|vault|bound|over", "run_forward"),
    "jump_turn": (r"turn|spin|rotat|twist|whirl|180|360|degree|around|round|fac(?:es|ing)", "jump_up"),
    "wave_both": (r"both|arms|hands|two|double", "wave"),
    "kick_ball": (r"ball|soccer|penalt|goal", "kick"),
    "upstairs": (rf"{_NOT_SAID.format(_DOWN)}|\b(?:{_UP})", "downstairs"), "downstairs": (rf"{_NOT_SAID.format(_UP)}|\b(?:{_DOWN})", "upstairs"),
    "sit_down": (_NOT_SAID.format(_STAYS), "sit_still"), "lie_down": (_NOT_SAID.format(_STAYS), "lie_still"),
}  # fmt: skip
"""Action -> words without which a sentence does not mean it, and what it means then: `walking` alone is near to all of them."""
_COUNTED = {
    "jump_up": "jumps", "jump_forward": "jumps", "jump_turn": "jumps", "hop_both": "jumps", "hop_one_leg": "jumps", "squat": "squats", "clap": "claps",
    "punch": "punches", "punch_right": "punches", "kick": "kicks", "kick_right": "kicks",
}  # fmt: skip
"""Action -> the fact that counts it."""
_MEANT = ((r"head|neck|nape", "hands_behind", "hands_behind_head"),)
"""Words that make of an action of the lexicon another one."""
_DENIED = (
    (r"mov|travel|leav|walk|advanc|going anywhere", need("staying in place", ("reach_m", 1.2, 0.5))),
    (r"turn|rotat|spin|pivot", need("keeping the direction", ("any_turn_deg", 90, 40))),
    (r"arm|hand", need("quiet arms", ("hand_busy_ms", 0.5, 0.2, "both"))),
    (r"jump|hop|leap|leav\w* the (?:floor|ground)", need("no jump", ("jump_m", 0.15, 0.06))),
    (r"bend|stoop|crouch", need("upright body", ("bow_deg", 45, 25))),
    (r"sit|fall|lie|lying|kneel", need("standing", ("lowest", 0.75, 0.95))),
    (r"run|jog|hurr|rush", need("walking pace", ("top_ms", 2.4, 1.6))),
)
"""What is said not to happen -> what must be true then."""


class Encoder(Protocol):
    """What is needed of the text encoder: sentence vectors of the lexicon's kind."""

    def __call__(self, texts: Sequence[str], lexicon: Lexicon) -> NDArray[np.float32]:
        """[text, 384], as `Lexicon.pooled` makes them."""
        ...


@dataclasses.dataclass(frozen=True)
class Guess:
    """An action that a sentence may mean, on a side where it names one, and how much that is believed (0..1)."""

    concept: Concept
    side: int | None
    belief: float

    def value(self, facts: Facts) -> float:
        """0..1, half by what must be true and half by how like its takes it is; without a side the better one counts."""
        like = likeness.load().get(self.concept.id)
        if like is None:
            return max(self.concept.value(facts, side) for side in self.sides)
        return max(0.5 * self.concept.value(facts, side) + 0.5 * like.value(facts, side) for side in self.sides)

    def lacking(self, facts: Facts) -> list[str]:
        """What must be true and is not, in words, on the side that does most of it."""
        side = max(self.sides, key=lambda one: self.concept.value(facts, one))
        return [name_of(one.what, self.side) for one in self.concept.requirements if one.value(facts, side) < 0.5]

    @property
    def sides(self) -> tuple[int, ...]:
        """The sides that will do."""
        if not self.concept.sided:
            return (RIGHT,)
        return (LEFT, RIGHT) if self.side is None else (self.side,)


@dataclasses.dataclass(frozen=True)
class Wish:
    """One action of a sentence. vector: of its words; nearness: of its nearest action; count: how often, where said."""

    text: str
    vector: NDArray[np.float32]
    guesses: tuple[Guess, ...]
    nearness: float
    count: int | None = None

    @property
    def best(self) -> Guess:
        """The likeliest meaning."""
        return self.guesses[0]

    @property
    def repeats(self) -> int:
        """How often it has to be done, where that is said and can be counted."""
        return self.count if self.count and self.best.concept.id in _COUNTED and self.best.concept.once else 1

    def value(self, facts: Facts) -> float:
        """0..1: how far a stretch does this, over all meanings."""
        value = sum(guess.belief * guess.value(facts) for guess in self.guesses)
        return value if self.count is None else value * (0.3 + 0.7 * self.counted(facts))

    def believed(self, facts: Facts) -> float:
        """0..1: how much belief there is in meanings whose requirements are all met."""
        return sum(guess.belief for guess in self.guesses if not guess.lacking(facts))

    def counted(self, facts: Facts) -> float:
        """1 where it is done as often as said, 0 where twice off; 1 too where it cannot be counted."""
        fact = _COUNTED.get(self.best.concept.id)
        if fact is None or self.count is None:
            return 1.0
        found = np.asarray(facts.fact(fact), float)
        times = found.sum() if self.best.side is None else found.flat[self.best.side if found.ndim else 0]
        return float(np.clip(1.5 - abs(times - self.count), 0.0, 1.0))


@dataclasses.dataclass(frozen=True)
class Verdict:
    """met: True, False, or None where it cannot be told. done, missing: in words what is met of the likeliest meaning, and what is not."""

    met: bool | None
    done: list[str]
    missing: list[str]


@dataclasses.dataclass(frozen=True)
class Wanted:
    """What a sentence asks for: phases one after another, each of wishes at once, and requirements of the whole clip."""

    text: str
    phases: tuple[tuple[Wish, ...], ...]
    denied: tuple[Requirement, ...]

    @property
    def known(self) -> bool:
        """Whether every action is one of the lexicon's."""
        return all(wish.nearness >= KNOWN for phase in self.phases for wish in phase)

    @property
    def closest(self) -> str:
        """The actions that the sentence is taken for, in words."""
        guesses = [wish.best for phase in self.phases for wish in phase]
        return ", ".join(name_of(guess.concept.name, guess.side) for guess in guesses)

    def value(self, facts: Facts) -> float:
        """0..1: how far a clip does what is asked, phases in their order."""
        value = _aligned(self.phases, facts)[0] if len(self.phases) > 1 else _phase(self.phases[0], facts)
        for one in self.denied:
            value *= 0.4 + 0.6 * one.value(facts)
        return value

    def verdict(self, facts: Facts) -> Verdict:
        """Whether a clip does what is asked, and in words what of it.

        It does where each action, weighed over its likely meanings, is rather met than not. Something is missing where a
        count, a denial or every likely meaning of an action is not met and the worth is low too; in between it cannot be told.
        """
        met: list[str] = []
        missing: list[str] = []
        good = self.value(facts) >= _GOOD
        sure = self.known and good
        stretches = _aligned(self.phases, facts)[1] if len(self.phases) > 1 else [(0.0, 1.0)]
        doubts: list[str] = []
        for phase, (begin, end) in zip(self.phases, stretches, strict=True):
            part = facts if len(self.phases) == 1 else facts.part(begin, end)
            for wish in phase:
                guess = wish.best
                named = " ".join(name_of(guess.concept.name, guess.side).split())
                lacking, believed = guess.lacking(part), wish.believed(part)
                sure = sure and believed >= _LIKELY
                if wish.count is not None and wish.counted(part) < 0.5:
                    missing.append(f"not {wish.count} times: {named}")
                elif not lacking:
                    met.append(named)
                (doubts if believed else missing).extend(f"no {one}" for one in lacking)
        for one in self.denied:
            (met if one.value(facts) >= 0.5 else missing).append(
                one.what if one.value(facts) >= 0.5 else f"no {one.what}"
            )
        does = True if sure and not missing else False if missing and self.known and not good else None
        return Verdict(does, met, list(dict.fromkeys(missing + doubts)))


def name_of(what: str, side: int | None) -> str:
    """A name with its {side}, or without where none is meant."""
    if side is None:
        return " ".join(what.replace("to the {side}", "").replace("{side}", "").split())
    return what.replace("{side}", ("left", "right")[side])


def _phase(wishes: Sequence[Wish], facts: Facts) -> float:
    values = [wish.value(facts) for wish in wishes]
    return 0.5 * min(values) + 0.5 * sum(values) / len(values)


def _aligned(phases: Sequence[Sequence[Wish]], facts: Facts) -> tuple[float, list[tuple[float, float]]]:
    """The best cut of a clip into consecutive stretches, one a phase: mean value, stretches (0..1)."""
    count, grid = len(phases), max(_GRID, len(phases))
    best: dict[int, tuple[float, list[tuple[float, float]]]] = {0: (0.0, [])}
    for number, phase in enumerate(phases):
        found: dict[int, tuple[float, list[tuple[float, float]]]] = {}
        for begin, (total, cuts) in best.items():
            ends = [grid] if number == count - 1 else range(begin + 1, grid - (count - 2 - number))
            for end in ends:
                share = begin / grid, end / grid
                value = total + _phase(phase, facts.part(*share))
                if end not in found or value > found[end][0]:
                    found[end] = value, [*cuts, share]
        best = found
    value, cuts = best[grid]
    return value / count, cuts


class Reader:
    """Reads sentences with a lexicon and an encoder."""

    def __init__(self, lexicon: Lexicon, encoder: Encoder) -> None:
        self.lexicon, self.encoder = lexicon, encoder
        self._place = {name: place for place, name in enumerate(lexicon.ids)}

    def read(self, text: str) -> Wanted:
        """What a sentence asks for."""
        clause = words.denied(" ".join(text.split()))
        phases = [part for phase in words.phases(clause.text) for part in self._phases(phase)]
        if len(phases) > 1 and min(wish.nearness for phase in phases for wish in phase) < KNOWN:
            phases = self._phases(clause.text)
        denied = [req for said in clause.denied for pattern, req in _DENIED if re.search(rf"\b(?:{pattern})", said)][:2]
        return Wanted(text, tuple(phases), tuple(denied))

    def _phases(self, text: str) -> list[tuple[Wish, ...]]:
        """The actions of a sentence without `then`: as it says at once, or of its halves where those are clearer than the whole."""
        parts = words.at_once(text)
        if len(parts) > 1:
            wishes = self._guessed(parts)
            if min(wish.nearness for wish in wishes) >= KNOWN and _fit_one_body(wishes):
                return [tuple(wishes)]
        cuts = words.halves(text)
        whole, *rest = self._guessed([text, *(half for cut in cuts for half in cut)])
        rest = self._ways(rest)
        pairs = list(zip(rest[::2], rest[1::2], strict=True))
        clear = [pair for pair in pairs if _both_clear(whole, *pair)]
        if not clear:
            return [(whole,)]
        best = max(clear, key=lambda pair: min(pair[0].nearness, pair[1].nearness))
        return [best] if _fit_one_body(best) else [(best[0],), (best[1],)]

    def _ways(self, halves: Sequence[Wish]) -> list[Wish]:
        """Halves of a sentence, of which those that go somewhere are read without where to, if that is clearer."""
        aims = {number: short for number, wish in enumerate(halves) if (short := words.aimless(wish.text)) != wish.text}
        found = dict(zip(aims, self._guessed(list(aims.values())) if aims else [], strict=True))
        return [
            short
            if (short := found.get(number))
            and short.best.concept.carried == "way"
            and short.nearness > wish.nearness + _ARRIVED
            else wish
            for number, wish in enumerate(halves)
        ]

    def _guessed(self, texts: Sequence[str]) -> list[Wish]:
        named = [words.sides(text) for text in texts]
        plain = [words.uncounted(text) for text in texts]
        righted = [words.mirrored(text) if side == {LEFT} else text for text, side in zip(plain, named, strict=True)]
        vectors = self.encoder(righted, self.lexicon)
        scores = self.lexicon.scores(vectors, righted)
        return [self._wish(*row) for row in zip(texts, vectors, scores, named, strict=True)]

    def _wish(self, text: str, vector: NDArray[np.float32], scores: NDArray[np.float32], named: frozenset[int]) -> Wish:
        side = next(iter(named)) if len(named) == 1 else None
        scores = scores.copy()
        for name, (said, instead) in _ONLY_IF_SAID.items():
            if not re.search(said, text, re.IGNORECASE):
                place = self._place[name]
                scores[self._place[instead]] = max(scores[self._place[instead]], scores[place])
                scores[place] = -1.0
        for siblings in _SIBLINGS.items():
            plain, sided = (self._place[one] for one in siblings)
            # without a side either kind of take will do, and the sided ones show the action more clearly
            scores[sided] = max(scores[plain], scores[sided])
            scores[plain] = scores[sided] if side is None else -1.0
        order = np.argsort(-scores)[:_GUESSES]
        belief = np.exp((scores[order] - scores[order[0]]) / _SHARPNESS)
        belief /= belief.sum()
        kept = belief >= _LEAST
        guesses = []
        for place, share in zip(order[kept], belief[kept] / belief[kept].sum(), strict=True):
            concept = CONCEPTS[_meant(self.lexicon.ids[place], text)]
            guesses.append(Guess(concept, side if concept.sided else None, float(share)))
        return Wish(text, vector, tuple(guesses), float(scores[order[0]]), words.count(text))


def _meant(action: str, text: str) -> str:
    """The action that the lexicon's one stands for in a sentence."""
    for said, plain, meant in _MEANT:
        if action == plain and re.search(said, text, re.IGNORECASE):
            return meant
    return action


def _fit_one_body(wishes: Sequence[Wish]) -> bool:
    """Whether actions can go on at once: at most one of them needs more than arms and head."""
    return sum(wish.best.concept.carried in ("all", "way") for wish in wishes) <= 1


def _both_clear(whole: Wish, first: Wish, second: Wish) -> bool:
    """Whether two halves of a sentence name two actions better than the whole names one."""
    if first.best.concept.id == second.best.concept.id:
        return False
    carried = [wish.best.concept.carried for wish in (first, second)]
    together = sum(one in ("arms", "head") for one in carried) == 1
    nearer = _TOGETHER if together else _ARRIVED if sorted(carried) == ["all", "way"] else _SPLIT
    return min(first.nearness, second.nearness) > max(_CLEAR, whole.nearness + nearer)
