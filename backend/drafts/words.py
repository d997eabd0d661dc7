"""What a few words of a sentence say by themselves: sides, order, what goes on at once, counts, and what is denied."""

from __future__ import annotations

import dataclasses
import re

LEFT, RIGHT = 0, 1

_SWAPS = {
    "left": "right", "right": "left", "leftward": "rightward", "rightward": "leftward", "leftwards": "rightwards",
    "rightwards": "leftwards", "counterclockwise": "clockwise", "anticlockwise": "clockwise",
    "clockwise": "counterclockwise",
}  # fmt: skip
_SIDE = re.compile(r"\b(counter-?clockwise|anti-?clockwise|clockwise|(?:left|right)(?:wards?)?)\b", re.IGNORECASE)
_NO_SIDE = re.compile(
    r"\b(?:right (?:away|now|after|before|there|here|behind|beside|in|up|down|over|through|at|on)|all right|"
    r"(?:has|had|have|is|are|being|he|she) left|left (?:the|a|an|his|her|their) (?:room|house|place|scene|shop|building))\b",
    re.IGNORECASE,
)
_BOTH = re.compile(
    r"\b(?:left and right|right and left|left or right|right or left|left to right|right to left|left then right|right then left"
    r"|left,? right|side to side|both (?:sides|ways|directions))\b",
    re.IGNORECASE,
)

_AFTER = re.compile(
    r"^\s*after (.+?ing\b[^,]*), *(.+)$|^(.+?),? (?:right |just |shortly )?after (\w+ing\b.*)$", re.IGNORECASE
)
_BEFORE = re.compile(r"^\s*before (.+?ing\b[^,]*), *(.+)$", re.IGNORECASE)
_THEN = re.compile(
    r"[,;.]?\s*\b(?:and )?(?:then|after ?wards?|after that|after which|(?:soon |directly |immediately )?followed by|finally|and finally|and next|"
    r"next(?=,)|subsequently|thereafter|whereupon|lastly|eventually|at last|at the end|in the end|(?:before|prior to) (?=\w+ing\b)|only to(?= \w)|"
    r"until|only then)\b(?: (?:to|by))?[,]?\s*|\s*[;.]\s+(?=\w)|\s*->\s*",
    re.IGNORECASE,
)
_WHILE = re.compile(
    r",?\s*\b(?:while(?: at the same time)?|whilst|all the while|at the same time(?: as)?|meanwhile|as (?:he|she|they|it|you|i)(?: is| are)?)\b\s*",
    re.IGNORECASE,
)
_WHILE_FIRST = re.compile(r"^\s*(?:while|whilst|as) ([^,]+), *(.+)$", re.IGNORECASE)
_AND = re.compile(r",?\s+(?:\band\b|\bn\b|&|\+)\s+|,\s+|\s+\bwith\b\s+", re.IGNORECASE)
_GOAL = re.compile(
    r"\s+(?:(?:over|up|across|back|straight|right|out|off) )?(?:to|towards?|into|onto|through|across|past|for) (?:the|a|an|his|her|their|its|some|that|this) "
    r"(?!left|right)\w+(?: \w+)?$",
    re.IGNORECASE,
)
_NOT = re.compile(
    r",?\s*\b(?:without(?: any| ever)?|instead of|rather than|(?:does|do|did|is|are) ?n[o']t|doesn't|don't|never|not|but no|no)\b"
    r"\s+((?:[a-z'-]+ ?){1,6}?)(?=[,;.]| and | but | then | while |$)",
    re.IGNORECASE,
)
_NUMBERS = {
    "once": 1, "one": 1, "single": 1, "twice": 2, "two": 2, "thrice": 3, "three": 3, "four": 4, "five": 5, "six": 6,
}  # fmt: skip
_TIMES = re.compile(r"\b(?:once|twice|thrice|(?:one|two|three|four|five|six|\d+) times?)\b", re.IGNORECASE)
_COUNT = re.compile(
    r"\b(?:(once|twice|thrice)|(one|single|two|three|four|five|six|[1-6]) (?:\w+ )?(?:times?|jumps?|hops?|kicks?|punches|"
    r"punch|claps?|squats?|leaps?|jabs?|lunges?))\b",
    re.IGNORECASE,
)


def mirrored(text: str) -> str:
    """The sentence of the mirror image: sides and senses of turning swapped; `right away` and `left the room` stay."""
    kept = [match.span() for match in _NO_SIDE.finditer(text)]

    def swap(match: re.Match[str]) -> str:
        if any(start <= match.start() < end for start, end in kept):
            return match.group()
        other = _SWAPS[match.group().lower().replace("-", "")]
        return other.capitalize() if match.group()[0].isupper() else other

    return _SIDE.sub(swap, text)


def sides(text: str) -> frozenset[int]:
    """The sides that a sentence names; `from left to right` names none."""
    text = _BOTH.sub(" ", _NO_SIDE.sub(" ", text))
    found = {match.group().lower().replace("-", "") for match in _SIDE.finditer(text)}
    return frozenset(LEFT if word.startswith(("left", "counter", "anti")) else RIGHT for word in found)


@dataclasses.dataclass(frozen=True)
class Clause:
    """A stretch of a sentence: what goes on at once, and what is said not to."""

    text: str
    denied: tuple[str, ...]


def phases(text: str) -> list[str]:
    """The parts of a sentence that come one after another, in the order of what happens."""
    found = _AFTER.match(text)
    if found:
        first, second = (found[1], found[2]) if found[1] else (found[4], found[3])
        return [first.strip(), *phases(second)]
    found = _BEFORE.match(text)
    if found:
        return [*phases(found[2]), found[1].strip()]
    return [part.strip(" ,.;") for part in _THEN.split(text) if part and part.strip(" ,.;")] or [text]


def at_once(text: str) -> list[str]:
    """The parts of a phase that a sentence says to happen at the same time."""
    found = _WHILE_FIRST.match(text)
    parts = [found[2], found[1]] if found else _WHILE.split(text)
    return [part.strip(" ,") for part in parts if part.strip(" ,")] or [text]


def halves(text: str) -> list[tuple[str, str]]:
    """Every way to cut a sentence in two at an `and`, a `with` or a comma."""
    return [(text[: cut.start()].strip(), text[cut.end() :].strip()) for cut in _AND.finditer(text) if cut.start()]


def aimless(text: str) -> str:
    """A stretch of a sentence without where it leads: `ambles over to the sofa` is ambling, and nothing of a sofa."""
    return _GOAL.sub("", text) or text


def denied(text: str) -> Clause:
    """A sentence without what it says not to happen, and that."""
    found = tuple(match[1].strip() for match in _NOT.finditer(text))
    rest = re.sub(r"\s+([,;.])", r"\1", " ".join(_NOT.sub(" ", text).split())).strip(" ,")
    return Clause(rest or text, found if rest else ())


def uncounted(text: str) -> str:
    """A sentence without how often: `three times` says nothing about what."""
    return " ".join(_TIMES.sub(" ", text).split()) or text


def count(text: str) -> int | None:
    """How often something is to happen, where the sentence says so."""
    found = _COUNT.search(text)
    if found is None:
        return None
    word = (found[1] or found[2]).lower()
    return _NUMBERS.get(word) or int(word)
