"""What a field of a message holds: one kind says which values are sound, how they stand in JSON, and how a command line spells them."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from .. import checks
from ..checks import MISSING, Check, Rule
from ..errors import InputError
from ..motion import clip_file
from ..motion.motion import Motion
from . import arrays

T = TypeVar("T")
Made = Mapping[str, Any]
"""The fields of a request that stand before this one, by name."""


def _same(value: Any) -> Any:
    return value


def _as_it_is(_name: str, value: Any) -> Any:
    return value


def _one_word(_name: str, words: Sequence[str], _made: Made) -> Any:
    return words[0]


@dataclasses.dataclass(frozen=True)
class Kind:
    """The values that a field may hold.

    check: (name, value) -> the sound value, or InputError. allowed: what is sound, as the sentences say it.
    decode: (name, JSON) -> the value to check; encode: the value -> JSON.
    spell: (name, words of a command line, the fields before) -> the value to check. metavar: how help shows such a word;
    spelled: what is sound there, where that is not `allowed`.
    many: whether there may be several words. positional: whether a required field needs no flag. low, high: of numbers.
    """

    check: Check
    allowed: str
    decode: Check = _as_it_is
    encode: Callable[[Any], Any] = _same
    spell: Callable[[str, Sequence[str], Made], Any] = _one_word
    metavar: str = ""
    spelled: str = ""
    many: bool = False
    positional: bool = False
    low: float | None = None
    high: float | None = None


def field(kind: Kind | Rule, default: Any = dataclasses.MISSING, about: str = "") -> Any:
    """A dataclass field of a kind. about: what it means, for help and documents, with its unit."""
    return dataclasses.field(default=default, metadata={"kind": of_rule(kind), "about": about})


def of_rule(kind: Kind | Rule) -> Kind:
    """A rule of `checks` as a kind: its values are JSON values already, and one word on a command line."""
    if isinstance(kind, Kind):
        return kind

    def spell(_name: str, words: Sequence[str], _made: Made) -> Any:
        if words[0] == kind.none:
            return None
        return words[0] if kind.low is None else number_of(words[0])

    return Kind(kind, kind.allowed, spell=spell, low=kind.low, high=kind.high)


def number_of(word: str) -> int | float | str:
    """The number that a word spells; else the word itself, for a check to refuse in its own sentence."""
    for kind in (int, float):
        try:
            return kind(word)
        except ValueError:
            continue
    return word


def bounds(message: type, name: str) -> tuple[float, float]:
    """The least and the largest number that a field takes, for whoever shows it to people."""
    kind: Kind = {each.name: each for each in dataclasses.fields(message)}[name].metadata["kind"]
    if kind.low is None or kind.high is None:
        raise TypeError(f"{message.__name__}.{name} is no number")
    return kind.low, kind.high


class Checked:
    """Base of all messages: every field passes its own check when the message is made."""

    def __post_init__(self) -> None:
        for each in dataclasses.fields(self):  # type: ignore[arg-type]
            value = each.metadata["kind"].check(each.name, getattr(self, each.name))
            object.__setattr__(self, each.name, value)


def to_json(message: Checked) -> dict[str, Any]:
    """A message as a JSON object."""
    return {
        each.name: each.metadata["kind"].encode(getattr(message, each.name))
        for each in dataclasses.fields(message)  # type: ignore[arg-type]
    }


def from_json(kind: type[T], values: Any, first: str | None = None) -> T:
    """A message of class `kind` from a JSON object; InputError. first: a field that is looked at before all others."""
    if not isinstance(values, dict):
        raise InputError("params", values, "an object")
    found = {each.name: each for each in dataclasses.fields(kind)}  # type: ignore[arg-type]
    if first in found:
        found[first].metadata["kind"].check(first, values.get(first, MISSING))
    refuse_unknown(values, set(found))
    for name, each in found.items():
        if name not in values and each.default is dataclasses.MISSING:
            raise InputError(name, MISSING, "a value")
    return kind(**{name: found[name].metadata["kind"].decode(name, value) for name, value in values.items()})


def refuse_unknown(values: Mapping[str, Any], known: set[str]) -> None:
    """InputError for the first name that is not known."""
    for name in values:
        if name not in known:
            raise InputError("field", name, f"one of {', '.join(sorted(known))}" if known else "no fields")


def flag() -> Kind:
    """True or false."""
    return Kind(checks.instance(bool), "true or false")


def prompt(longest: int) -> Kind:
    """Words for a model."""
    return dataclasses.replace(of_rule(checks.text(1, longest)), positional=True)


def motion(least: int = 1, most: int | None = None, also: int | None = None, optional: bool = False) -> Kind:
    """A sound clip with JSON-able facts, of `least` to `most` frames or of `also` frames; a file on a command line."""
    lengths = f"{least} to {most} frames" if most != least else f"{least} frame"
    allowed = f"{also} frame or {lengths}" if also else lengths

    def check(name: str, value: Any) -> Motion | None:
        if value is None and optional:
            return None
        found = checks.instance(Motion)(name, value).check()
        checks.json_object(f"{name}.meta", found.meta)
        if most is not None and not (least <= found.frames <= most or found.frames == also):
            raise InputError(name, f"{found.frames} frames", allowed)
        return found

    def decode(name: str, value: Any) -> Motion | None:
        return None if value is None else arrays.motion_from_json(name, value)

    def encode(value: Motion | None) -> Any:
        return None if value is None else arrays.motion_to_json(value)

    said = f"a clip of {allowed}" if most is not None else "a clip"
    return Kind(
        check, f"null or {said}" if optional else said, decode, encode,
        lambda _name, words, _made: clip_file.load(words[0]), "FILE.npz|.bvh", said, positional=True,
    )  # fmt: skip


def frame(most: int, clip: str = "clip") -> Kind:
    """A frame of the clip in the field `clip`; its seconds on a command line."""

    def spell(name: str, words: Sequence[str], made: Made) -> int:
        return frame_at(made[clip], words[0], name)

    return dataclasses.replace(
        of_rule(checks.integer(0, most)), spell=spell, metavar="SECONDS", spelled=f"seconds of the {clip}"
    )


def frame_at(clip: Motion, word: str, name: str) -> int:
    """The frame of a clip at the seconds that a word spells; InputError if it spells none or they are outside."""
    seconds = checks.number(0.0, clip.seconds)(name, number_of(word))
    return round(seconds * clip.fps)


def items(kind: Kind | Rule, high: int, low: int = 0) -> Kind:
    """A list of `low` to `high` values of a kind."""
    one = of_rule(kind)

    def spell(name: str, words: Sequence[str], made: Made) -> tuple[Any, ...]:
        return tuple(one.spell(f"{name}[{index}]", [word], made) for index, word in enumerate(words))

    return Kind(
        checks.items(one.check, high, low),
        f"{low} to {high}, each {one.allowed}",
        checks.items(one.decode, high, low),
        lambda values: [one.encode(value) for value in values],
        spell,
        one.metavar,
        f"{low} to {high}, each {one.spelled}" if one.spelled else "",
        many=True,
        positional=one.positional,
    )


def point(most: float) -> Kind:
    """Two numbers, `x,z` on a command line."""
    pair = items(checks.number(-most, most), 2, 2)

    def spell(name: str, words: Sequence[str], _made: Made) -> tuple[Any, ...]:
        found = tuple(map(number_of, words[0].split(",")))
        if len(found) != 2 or not all(isinstance(value, int | float) for value in found):
            raise InputError(name, words[0].strip(), "a pair of numbers x,z")
        return found

    return dataclasses.replace(
        pair, allowed=f"a pair of numbers from {-most:g} to {most:g}", spell=spell, metavar="X,Z"
    )


def part(
    kind: type[Checked],
    metavar: str = "",
    spelled: str = "",
    spell: Callable[[str, str, Made], Any] = lambda _name, word, _made: word,
    positional: bool = False,
) -> Kind:
    """A message's class inside another message. spelled: what a word of a command line says of it; spell: (name, word, the fields before) -> one of them."""

    def decode(name: str, value: Any) -> Any:
        try:
            return from_json(kind, value)
        except InputError as error:
            raise InputError(f"{name}.{error.field}", error.value, error.allowed) from None

    return Kind(
        checks.instance(kind), f"a {kind.__name__}", decode, to_json,
        lambda name, words, made: spell(name, words[0], made), metavar, spelled, positional=positional,
    )  # fmt: skip
