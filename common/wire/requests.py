"""What the backend is asked for: a clip from words, or an edit of clips. One frozen dataclass a request, checked when made.

Every request but Rank is answered by Finished, Rank by Ranked. Ranges are whole frames of the clip that they speak of, `start`
inside and `end` outside; lengths are seconds.
"""

from __future__ import annotations

import dataclasses
from typing import Any

from .. import checks
from ..checks import Check
from ..motion.motion import Motion

MAX_PROMPT, MIN_SECONDS, MAX_SECONDS = 500, 1.0, 20.0
MAX_SEED, MAX_STEPS, MAX_GUIDANCE, MAX_COUNT, MAX_MAR_STEPS = 2**31 - 1, 64, 20.0, 16, 64
SOLVERS, SNAPS = ("euler", "heun"), ("step", "end", "never")
MAX_CLIP_FRAMES, MAX_CLIPS, MAX_STRIPS, MAX_POINTS, MAX_KEY_POSES = 10_000, 64, 60, 2_000, 64
MAX_SEQUENCE_S, MAX_GAP_S = 60.0, 20.0
PARTS = ("all", "upper", "lower", "arms", "left_arm", "right_arm", "trunk", "head")
"""Parts of the body that an edit may be limited to."""


def field(check: Check, default: Any = dataclasses.MISSING) -> Any:
    """A dataclass field whose values pass `check`."""
    return dataclasses.field(default=default, metadata={"check": check})


class Checked:
    """Base of all messages: every field passes its own check when the message is made."""

    def __post_init__(self) -> None:
        for each in dataclasses.fields(self):  # type: ignore[arg-type]
            value = each.metadata["check"](each.name, getattr(self, each.name))
            object.__setattr__(self, each.name, value)


def motion(name: str, value: Any) -> Motion:
    """A sound clip with JSON-able facts."""
    found = checks.instance(Motion)(name, value).check()
    checks.json_object(f"{name}.meta", found.meta)
    return found


def motion_or_none(name: str, value: Any) -> Motion | None:
    """As `motion`, or None."""
    return None if value is None else motion(name, value)


def _clip(name: str, value: Any) -> Motion:
    found = motion(name, value)
    checks.integer(1, MAX_CLIP_FRAMES)(f"{name}.frames", found.frames)
    return found


def _clip_or_none(name: str, value: Any) -> Motion | None:
    return None if value is None else _clip(name, value)


def _flag(name: str, value: Any) -> bool:
    return checks.instance(bool)(name, value)


_frame = checks.integer(0, MAX_CLIP_FRAMES)
_prompt = checks.text(1, MAX_PROMPT)
_gap = checks.number(0.05, MAX_GAP_S)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Drawing(Checked):
    """How a request draws from a checkpoint; None asks for the checkpoint's own choice.

    preview: send the clip from time to time while it is made (`Progress.partial`; Generate and Sequence do).
    """

    seed: int = field(checks.integer(0, MAX_SEED), 0)
    checkpoint: str | None = field(checks.text(1, 500, none="the default"), None)
    steps: int | None = field(checks.integer(1, MAX_STEPS, none="the default"), None)
    guidance: float | None = field(checks.number(0.0, MAX_GUIDANCE, none="the default"), None)
    mar_steps: int | None = field(checks.integer(1, MAX_MAR_STEPS, none="the default"), None)
    solver: str | None = field(checks.one_of(SOLVERS, none="the default"), None)
    snap: str | None = field(checks.one_of(SNAPS, none="the default"), None)
    preview: bool = field(_flag, False)


@dataclasses.dataclass(frozen=True)
class Generate(Drawing):
    """A prompt becomes `count` clips with the seeds `seed`, `seed + 1`, ..."""

    prompt: str = field(_prompt)
    seconds: float | None = field(checks.number(MIN_SECONDS, MAX_SECONDS, none="auto"), None)
    count: int = field(checks.integer(1, MAX_COUNT), 1)


@dataclasses.dataclass(frozen=True)
class KeyPose(Checked):
    """A pose (a clip of one frame, where it stands) that an edit has to meet at `frame` of the edited clip."""

    frame: int = field(_frame)
    pose: Motion = field(_clip)


@dataclasses.dataclass(frozen=True)
class Edit(Drawing):
    """The frames start ... end - 1 of a clip are made anew; all others stay bit for bit.

    arrive: the new motion ends where the clip goes on; otherwise the rest follows rigidly. part: which of the body is new.
    """

    clip: Motion = field(_clip)
    prompt: str = field(_prompt)
    start: int = field(_frame)
    end: int = field(_frame)
    arrive: bool = field(_flag, True)
    part: str = field(checks.one_of(PARTS), "all")
    key_poses: tuple[KeyPose, ...] = field(checks.items(checks.instance(KeyPose), MAX_KEY_POSES), ())
    tolerance_cm: float = field(checks.number(0.0, 100.0), 2.0)


@dataclasses.dataclass(frozen=True)
class InBetween(Drawing):
    """`seconds` of new motion from the end of `first` to the beginning of `second`; either may be a single pose.

    arrive: `second` stays where it stands; otherwise it is put where the new motion ends.
    """

    first: Motion = field(_clip)
    second: Motion = field(_clip)
    prompt: str = field(_prompt)
    seconds: float = field(_gap)
    arrive: bool = field(_flag, True)


@dataclasses.dataclass(frozen=True)
class Extend(Drawing):
    """`seconds` of new motion after a clip, or before it."""

    clip: Motion = field(_clip)
    prompt: str = field(_prompt)
    seconds: float = field(_gap)
    before: bool = field(_flag, False)


@dataclasses.dataclass(frozen=True)
class Strip(Checked):
    """One prompt of a sequence; no `seconds`: the length fits the prompt."""

    prompt: str = field(_prompt)
    seconds: float | None = field(checks.number(MIN_SECONDS, MAX_SECONDS, none="auto"), None)


@dataclasses.dataclass(frozen=True)
class Sequence(Drawing):
    """Several prompts one after another as one continuous clip of a minute at most."""

    strips: tuple[Strip, ...] = field(checks.items(checks.instance(Strip), MAX_STRIPS))


@dataclasses.dataclass(frozen=True)
class Loop(Drawing):
    """A clip whose end meets its beginning. travel: it goes on over the ground."""

    prompt: str = field(_prompt)
    seconds: float | None = field(checks.number(MIN_SECONDS, MAX_SECONDS, none="auto"), None)
    travel: bool = field(_flag, False)


@dataclasses.dataclass(frozen=True)
class Path(Drawing):
    """A clip, made from words or given, whose way over the ground follows `points` (x, z; m) on the wire's axes.

    Without `seconds` the speed is the clip's own; with them the whole way takes that long. A given clip that is too short goes on.
    """

    prompt: str = field(_prompt)
    points: tuple[tuple[float, float], ...] = field(checks.items(checks.items(checks.number(-1e4, 1e4), 2), MAX_POINTS))
    seconds: float | None = field(checks.number(MIN_SECONDS, MAX_SEQUENCE_S, none="auto"), None)
    clip: Motion | None = field(_clip_or_none, None)


@dataclasses.dataclass(frozen=True)
class Blend(Drawing):
    """A clip between two, mixed in code space: `amount` 0 is the first, 1 the second."""

    first: Motion = field(_clip)
    second: Motion = field(_clip)
    amount: float = field(checks.number(0.0, 1.0))


@dataclasses.dataclass(frozen=True)
class Nudge(Drawing):
    """A clip moved along the grid: towards another one, or without it away from its own mean (below 0: towards it)."""

    clip: Motion = field(_clip)
    amount: float = field(checks.number(-1.0, 1.0))
    towards: Motion | None = field(_clip_or_none, None)


@dataclasses.dataclass(frozen=True)
class Rank(Drawing):
    """How well each clip fits a prompt."""

    prompt: str = field(_prompt)
    clips: tuple[Motion, ...] = field(checks.items(_clip, MAX_CLIPS))


EDITS: dict[str, type[Drawing]] = {
    "edit": Edit, "inbetween": InBetween, "extend": Extend, "sequence": Sequence, "loop": Loop, "path": Path,
    "blend": Blend, "nudge": Nudge, "rank": Rank,
}  # fmt: skip
"""Method -> request."""
