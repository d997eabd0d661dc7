"""The wire's messages: JSON-RPC 2.0, one frozen dataclass per message, checked when made and when read.

    client                      server
    Initialize(id 1)     ──►
                         ◄──    Initialized (response 1)
    Generate(id 2)       ──►
                         ◄──    Accepted(2), Progress(2, step, total, eta_s) ...
    Cancel(2)            ──►
                         ◄──    exactly one of Finished, Failed, Cancelled (response 2)
    Shutdown(id 3)       ──►
                         ◄──    Done (response 3)

Notifications carry the id of the request that they speak of as a field; the id of a request and its response stands in the
envelope, which is `jsonrpc.py`'s matter.
"""

from __future__ import annotations

import dataclasses
from typing import Any

from . import PROTOCOL_VERSION, checks
from .checks import Check
from .errors import InputError
from .motion import Motion

SERVER_ERROR, INVALID_PARAMS = -32000, -32602

MAX_PROMPT, MIN_SECONDS, MAX_SECONDS = 500, 1.0, 20.0
MAX_SEED, MAX_STEPS, MAX_GUIDANCE, MAX_COUNT, MAX_MAR_STEPS = 2**31 - 1, 64, 20.0, 16, 64
SOLVERS, SNAPS = ("euler", "heun"), ("step", "end", "never")

Id = int | str


def check_id(field: str, value: Any) -> Id:
    """A JSON-RPC id: a whole number or a short text."""
    rule = checks.text(1, 100) if isinstance(value, str) else checks.integer(-(2**53), 2**53)
    return rule(field, value)


def check_protocol(field: str, value: Any) -> int:
    """This side's own protocol version and no other."""
    if isinstance(value, bool) or value != PROTOCOL_VERSION:
        raise InputError(field, value, f"{PROTOCOL_VERSION}: extension and backend must be of the same release")
    return PROTOCOL_VERSION


def _field(check: Check, default: Any = dataclasses.MISSING) -> Any:
    return dataclasses.field(default=default, metadata={"check": check})


_ID = {"check": check_id}


class Checked:
    """Base of all messages: every field passes its own check when the message is made."""

    def __post_init__(self) -> None:
        for field in dataclasses.fields(self):  # type: ignore[arg-type]
            value = field.metadata["check"](field.name, getattr(self, field.name))
            object.__setattr__(self, field.name, value)


@dataclasses.dataclass(frozen=True)
class Initialize(Checked):
    """Request, the first: the client's protocol version and its name, for the log."""

    protocol: int = _field(check_protocol, PROTOCOL_VERSION)
    client: str = _field(checks.text(1, 200), "client")


@dataclasses.dataclass(frozen=True)
class Generate(Checked):
    """Request: a prompt becomes `count` clips with the seeds `seed`, `seed + 1`, ...; None asks for the checkpoint's own choice."""

    prompt: str = _field(checks.text(1, MAX_PROMPT))
    seconds: float | None = _field(checks.number(MIN_SECONDS, MAX_SECONDS, none="auto"), None)
    seed: int = _field(checks.integer(0, MAX_SEED), 0)
    checkpoint: str | None = _field(checks.text(1, 500, none="the default"), None)
    steps: int | None = _field(checks.integer(1, MAX_STEPS, none="the default"), None)
    guidance: float | None = _field(checks.number(0.0, MAX_GUIDANCE, none="the default"), None)
    count: int = _field(checks.integer(1, MAX_COUNT), 1)
    mar_steps: int | None = _field(checks.integer(1, MAX_MAR_STEPS, none="the default"), None)
    solver: str | None = _field(checks.one_of(SOLVERS, none="the default"), None)
    snap: str | None = _field(checks.one_of(SNAPS, none="the default"), None)


@dataclasses.dataclass(frozen=True)
class Shutdown(Checked):
    """Request, the last: end what runs, answer and leave."""


@dataclasses.dataclass(frozen=True)
class Cancel(Checked):
    """Notification to the server: end this request within one sampling step, also while it waits."""

    id: Id = dataclasses.field(metadata=_ID)


@dataclasses.dataclass(frozen=True)
class Accepted(Checked):
    """Notification from the server: the request was understood and waits for its turn."""

    id: Id = dataclasses.field(metadata=_ID)


@dataclasses.dataclass(frozen=True)
class Progress(Checked):
    """Notification from the server: `step` of `total` sampling steps begins; `eta_s` seconds remain, None if unknown."""

    id: Id = dataclasses.field(metadata=_ID)
    step: int = _field(checks.integer(0, 1_000_000))
    total: int = _field(checks.integer(1, 1_000_000))
    eta_s: float | None = _field(checks.number(0.0, 1e9, none="null"), None)


@dataclasses.dataclass(frozen=True)
class CheckpointInfo(Checked):
    """One set of weights that the server can use."""

    name: str = _field(checks.text(1, 100))
    title: str = _field(checks.text(1, 200))
    licence: str = _field(checks.text(1, 200))
    parameters: int = _field(checks.integer(0, 10**12))
    sha256: str = _field(checks.text(64, 64))
    max_seconds: float = _field(checks.number(1.0, 3600.0))
    default_guidance: float = _field(checks.number(0.0, MAX_GUIDANCE))
    default_steps: int = _field(checks.integer(1, MAX_STEPS))


@dataclasses.dataclass(frozen=True)
class Initialized(Checked):
    """Response to Initialize."""

    version: str = _field(checks.text(1, 100))
    device: str = _field(checks.text(1, 200))
    checkpoints: tuple[CheckpointInfo, ...] = _field(checks.items(checks.instance(CheckpointInfo), 100))
    capabilities: tuple[str, ...] = _field(checks.items(checks.text(1, 100), 100))
    protocol: int = _field(check_protocol, PROTOCOL_VERSION)


def _check_motion(field: str, value: Any) -> Motion:
    motion = checks.instance(Motion)(field, value).check()
    checks.json_object(f"{field}.meta", motion.meta)
    return motion


@dataclasses.dataclass(frozen=True)
class Finished(Checked):
    """Ending of Generate: its clips, one for each seed."""

    motions: tuple[Motion, ...] = _field(checks.items(_check_motion, MAX_COUNT))


@dataclasses.dataclass(frozen=True)
class Failed(Checked):
    """Ending of any request: one sentence for people; `code` is -32602 where the input was at fault."""

    message: str = _field(checks.text(1, 2000))
    code: int = _field(checks.integer(-40_000, -1), SERVER_ERROR)


@dataclasses.dataclass(frozen=True)
class Cancelled(Checked):
    """Ending of Generate after Cancel."""


@dataclasses.dataclass(frozen=True)
class Done(Checked):
    """Response to Shutdown."""


Body = (
    Initialize | Generate | Shutdown | Cancel | Accepted | Progress | Initialized | Finished | Failed | Cancelled | Done
)
REQUESTS: dict[str, type] = {"initialize": Initialize, "generate": Generate, "shutdown": Shutdown}
NOTIFICATIONS: dict[str, type] = {"cancel": Cancel, "accepted": Accepted, "progress": Progress}
ENDINGS = (Finished, Failed, Cancelled)
