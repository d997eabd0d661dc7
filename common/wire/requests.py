"""What the backend is asked for: motion from words, or an edit of clips. One frozen dataclass a request, checked when made.

A request is the only description of what it asks: its fields hold limits, defaults, meaning, JSON and the spelling on a command
line; its class names the method and the answer. The wire, `python -m backend METHOD`, docs/protocol.md and Blender's panels are made
from it. Ranges are whole frames of the clip that they speak of, `start` inside and `end` outside; lengths are seconds.
"""

from __future__ import annotations

import dataclasses
import itertools
import math
from typing import ClassVar

from .. import checks
from ..errors import InputError
from ..motion import clip_file
from ..motion.motion import Motion
from . import fields
from .fields import Checked, Made, field

MAX_PROMPT = 500
"""Characters of a prompt; the text encoders read about as many tokens as that has words."""
MIN_SECONDS, MAX_SECONDS = 1.0, 20.0
"""Of motion from one prompt: two windows of the length that the generators were trained on."""
MAX_MOTION_S = 60.0
"""Of new motion in one request: a minute takes seconds to make, and is no longer what one prompt says."""
CONTEXT_S = 10.0
"""Of the clip on each side of a range that an edit reads: a little more than the longest window that generators are trained on."""
MIN_GAP_S = 0.05
"""One generated frame."""
MIN_LOOP_S, MAX_LOOP_S = 0.8, 9.0
"""Of a loop's period: four tokens, and what leaves room for its seam in one training window of 9.8 s."""
MAX_SEED, MAX_STEPS, MAX_GUIDANCE, MAX_COUNT, MAX_MAR_STEPS = 2**31 - 1, 64, 20.0, 16, 64
MAX_NOTICE = 300
"""Characters of the sentence that an answer carries for people."""
MAX_EFFORT = 16
"""Drafts of a clip; more of them find little that sixteen have not."""
SOLVERS, SNAPS = ("euler", "heun"), ("step", "end", "never")
MIN_CLIP_FRAMES, MAX_CLIP_FRAMES = 4, 10_000
"""Of a clip that is edited: a token's worth, and what a message of 64 MiB surely holds."""
MAX_CLIPS, MAX_STRIPS, MAX_POINTS, MAX_KEY_POSES = 64, 60, 2_000, 64
MIN_PATH_M, MAX_PATH_M = 0.2, 1_000.0
"""Length of a path over the ground: a step, and more than a minute's sprint."""
PARTS = ("all", "upper", "lower", "arms", "left_arm", "right_arm", "trunk", "head")
"""Parts of the body that an edit may be limited to."""

_frame = fields.frame(MAX_CLIP_FRAMES)
_prompt = fields.prompt(MAX_PROMPT)
_clip = fields.motion(MIN_CLIP_FRAMES, MAX_CLIP_FRAMES)
_clip_or_none = fields.motion(MIN_CLIP_FRAMES, MAX_CLIP_FRAMES, optional=True)
_clip_or_pose = fields.motion(MIN_CLIP_FRAMES, MAX_CLIP_FRAMES, also=1)
_seconds = checks.number(MIN_SECONDS, MAX_SECONDS, none="auto")
_gap = checks.number(MIN_GAP_S, MAX_SECONDS)
_SAYS = "what the person does, in English"


@dataclasses.dataclass(frozen=True)
class Finished(Checked):
    """Answer of a request that makes clips: those of Generate one for each seed, an edit's one."""

    motions: tuple[Motion, ...] = field(fields.items(fields.motion(), MAX_COUNT))
    notice: str = field(checks.text(0, MAX_NOTICE), "", "one sentence for people about how it was made, or empty")


@dataclasses.dataclass(frozen=True)
class Ranked(Checked):
    """Answer of Rank."""

    scores: tuple[float, ...] = field(
        fields.items(checks.number(-1e6, 1e6), MAX_CLIPS), about="one for each clip, the higher the better it fits"
    )
    notice: str = field(checks.text(0, MAX_NOTICE), "", "as in Finished")


class Call(Checked):
    """Base of what has an answer. `class Loop(Request, method="loop")` is all it takes to be understood on the wire."""

    method: ClassVar[str]
    answer: ClassVar[type[Checked]]

    def __init_subclass__(cls, method: str = "", answer: type[Checked] | None = None) -> None:
        super().__init_subclass__()
        if answer is not None:
            cls.answer = answer
        if method:
            cls.method = method
            CALLS[method] = cls


CALLS: dict[str, type[Call]] = {}
"""Every request's class by its method."""


def motion_requests() -> dict[str, type[Request]]:
    """The requests that a checkpoint answers, by method: Generate and the edits."""
    return {name: kind for name, kind in CALLS.items() if issubclass(kind, Request)}


@dataclasses.dataclass(frozen=True, kw_only=True)
class Request(Call, answer=Finished):
    """How any request for motion is sampled; None asks for the checkpoint's own choice."""

    answer: ClassVar[type[Finished] | type[Ranked]]

    seed: int = field(checks.integer(0, MAX_SEED), 0, "the first clip's; the same seed makes the same clip")
    checkpoint: str | None = field(
        checks.text(1, 500, none="the default"), None, "a name that `doctor` lists, or a checkpoint's folder"
    )
    steps: int | None = field(checks.integer(1, MAX_STEPS, none="the default"), None, "sampling steps")
    guidance: float | None = field(
        checks.number(0.0, MAX_GUIDANCE, none="the default"), None, "strength of the prompt; 1 is none"
    )
    mar_steps: int | None = field(
        checks.integer(1, MAX_MAR_STEPS, none="the default"), None, "rounds in which tokens are unmasked"
    )
    solver: str | None = field(checks.one_of(SOLVERS, none="the default"), None, "how a sampling step is taken")
    snap: str | None = field(
        checks.one_of(SNAPS, none="the default"), None, "when predicted latents go to the nearest code"
    )
    effort: int | None = field(
        checks.integer(1, MAX_EFFORT, none="the default"),
        None,
        "drafts of each clip, of which the one that does most of what is asked is kept; 1 is a single one",
    )
    preview: bool = field(
        fields.flag(), False, "send the clip from time to time while it is made (Generate and Sequence do)"
    )


@dataclasses.dataclass(frozen=True)
class Generate(Request, method="generate"):
    """A prompt becomes clips with the seeds `seed`, `seed + 1` and so on."""

    prompt: str = field(_prompt, about=_SAYS)
    seconds: float | None = field(_seconds, None, "length; auto fits the prompt")
    count: int = field(checks.integer(1, MAX_COUNT), 1, "how many clips")


@dataclasses.dataclass(frozen=True)
class KeyPose(Checked):
    """A pose (a clip of one frame, where it stands) that an edit has to meet at `frame` of the edited clip."""

    frame: int = field(_frame)
    pose: Motion = field(fields.motion(1, 1))


def _key_pose(name: str, word: str, made: Made) -> KeyPose:
    """`1.5=wave.npz@2`: at 1.5 s of the clip the pose that wave.npz has at 2 s."""
    when, _, source = word.partition("=")
    path, _, at = source.rpartition("@") if "@" in source else (source, "", "0")
    if not path:
        raise InputError(name, word, "SECONDS=FILE@SECONDS, such as 1.5=wave.npz@2")
    clip = clip_file.load(path)
    one = min(fields.frame_at(clip, at, name), clip.frames - 1)
    return KeyPose(frame=fields.frame_at(made["clip"], when, name), pose=clip.cut(one, one + 1))


@dataclasses.dataclass(frozen=True)
class Edit(Request, method="edit"):
    """A range of a clip is regenerated from words; all other frames stay bit for bit."""

    clip: Motion = field(_clip, about="the clip to edit")
    prompt: str = field(_prompt, about=_SAYS)
    start: int = field(_frame, about="the first frame of the range")
    end: int = field(_frame, about="the first frame after the range")
    arrive: bool = field(
        fields.flag(), True, "the new motion ends where the clip goes on; otherwise the rest follows from where it ends"
    )
    part: str = field(checks.one_of(PARTS), "all", "the part of the body that is new")
    key_poses: tuple[KeyPose, ...] = field(
        fields.items(fields.part(KeyPose, "SECONDS=FILE@SECONDS", "a pose of a file; without @ its first", _key_pose), MAX_KEY_POSES),
        (), "poses to meet on the way",
    )  # fmt: skip
    tolerance_cm: float = field(
        checks.number(0.0, 100.0),
        2.0,
        "how far (cm) the farthest joint may be from a key pose before it is met exactly",
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        frames, length = self.clip.frames, self.end - self.start
        if not self.start < self.end <= frames:
            raise InputError("range", (self.start, self.end), f"a first frame before the end, both from 0 to {frames}")
        if length == frames:
            raise InputError("range", (self.start, self.end), "at least one frame of the clip outside")
        if length > MAX_MOTION_S * self.clip.fps:
            raise InputError("range", f"{length} frames", f"at most {MAX_MOTION_S:g} s")
        if self.key_poses and self.part != "all":
            raise InputError("part", self.part, "all, where key poses have to be met")
        at = [key.frame for key in self.key_poses]
        for one in at:
            if not self.start <= one < self.end or at.count(one) > 1:
                raise InputError(
                    "key_poses", f"one at frame {one}", f"one a frame, from {self.start} to {self.end - 1}"
                )


@dataclasses.dataclass(frozen=True)
class InBetween(Request, method="inbetween"):
    """New motion from the end of one clip to the beginning of another; either may be a single pose."""

    first: Motion = field(_clip_or_pose, about="what comes before")
    second: Motion = field(_clip_or_pose, about="what comes after")
    prompt: str = field(_prompt, about=_SAYS)
    seconds: float = field(_gap, about="length of the gap")
    arrive: bool = field(
        fields.flag(), True, "the second clip stays where it stands; otherwise it is put where the new motion ends"
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.second.fps != self.first.fps:
            raise InputError("second.fps", self.second.fps, f"{self.first.fps:g}, as the first clip has")


@dataclasses.dataclass(frozen=True)
class Extend(Request, method="extend"):
    """New motion after a clip, or before it."""

    clip: Motion = field(_clip, about="the clip to extend")
    prompt: str = field(_prompt, about=_SAYS)
    seconds: float = field(_gap, about="length of the new motion")
    before: bool = field(fields.flag(), False, "before the first frame instead of after the last")


@dataclasses.dataclass(frozen=True)
class Strip(Checked):
    """One prompt of a sequence; no `seconds`: the length fits the prompt."""

    prompt: str = field(_prompt)
    seconds: float | None = field(_seconds, None)


def _strip(_name: str, word: str, _made: Made) -> Strip:
    """`PROMPT` or `PROMPT:SECONDS`; a colon that no number follows belongs to the prompt."""
    prompt, colon, tail = word.rpartition(":")
    seconds = fields.number_of(tail.strip()) if colon else ""
    return Strip(word) if isinstance(seconds, str) else Strip(prompt, seconds)


@dataclasses.dataclass(frozen=True)
class Sequence(Request, method="sequence"):
    """Several prompts one after another as one continuous clip of a minute at most."""

    strips: tuple[Strip, ...] = field(
        fields.items(
            fields.part(Strip, "PROMPT[:SECONDS]", "a prompt, and how long it acts", _strip, True), MAX_STRIPS, 1
        ),
        about='what happens, such as "walk forward:3" "sit down"',
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        check_sequence_seconds([strip.seconds or MIN_SECONDS for strip in self.strips])


def check_sequence_seconds(lengths: list[float]) -> None:
    """InputError where strips of these seconds are longer together than a request may be."""
    if sum(lengths) > MAX_MOTION_S + 1e-6:
        raise InputError("seconds of all strips", round(sum(lengths), 2), f"at most {MAX_MOTION_S:g}")


@dataclasses.dataclass(frozen=True)
class Loop(Request, method="loop"):
    """A clip whose end meets its beginning."""

    prompt: str = field(_prompt, about=_SAYS)
    seconds: float | None = field(
        checks.number(MIN_LOOP_S, MAX_LOOP_S, none="auto"), None, "length of a period; auto is the one that closes best"
    )
    travel: bool = field(fields.flag(), False, "it goes on over the ground instead of staying in place")


@dataclasses.dataclass(frozen=True)
class Path(Request, method="path"):
    """A clip, made from words or given, whose root follows a path over the ground."""

    prompt: str = field(_prompt, about=_SAYS)
    points: tuple[tuple[float, float], ...] = field(
        fields.items(fields.point(1e4), MAX_POINTS, 2), about="where the path leads (x, z; m) on the wire's axes"
    )
    seconds: float | None = field(
        checks.number(MIN_SECONDS, MAX_MOTION_S, none="auto"), None, "for the whole path; auto is the clip's own speed"
    )
    clip: Motion | None = field(
        _clip_or_none, None, "the clip that is bent on to the path; it goes on where it is too short"
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        length = sum(itertools.starmap(math.dist, itertools.pairwise(self.points)))
        if not MIN_PATH_M <= length <= MAX_PATH_M:
            raise InputError("points", f"{length:.2f} m long", f"{MIN_PATH_M:g} to {MAX_PATH_M:g} m")


@dataclasses.dataclass(frozen=True)
class Blend(Request, method="blend"):
    """A clip between two, mixed in the space of codes."""

    first: Motion = field(_clip, about="the clip at amount 0")
    second: Motion = field(_clip, about="the clip at amount 1")
    amount: float = field(checks.number(0.0, 1.0), about="how much of the second")


@dataclasses.dataclass(frozen=True)
class Nudge(Request, method="nudge"):
    """A clip moved in the space of codes: towards another one, or away from its own mean."""

    clip: Motion = field(_clip, about="the clip to move")
    amount: float = field(
        checks.number(-1.0, 1.0),
        about="how far: 1 is all the way towards, or twice as far from the mean; below 0 the other way",
    )
    towards: Motion | None = field(_clip_or_none, None, "the other clip; without it, away from the clip's own mean")


@dataclasses.dataclass(frozen=True)
class Rank(Request, method="rank", answer=Ranked):
    """How well each clip fits a prompt, the best first."""

    prompt: str = field(_prompt, about=_SAYS)
    clips: tuple[Motion, ...] = field(fields.items(_clip, MAX_CLIPS), about="the clips to judge")
