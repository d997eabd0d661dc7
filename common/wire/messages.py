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

In the place of Generate stands any request of `requests.py`. Notifications carry the id of the request that they speak of as a field; the id of a request and its response stands in the
envelope, which is `jsonrpc.py`'s matter.
"""

from __future__ import annotations

import dataclasses

from .. import PROTOCOL_VERSION, checks
from ..checks import Rule
from ..motion.motion import Motion
from . import fields
from .fields import Checked, field
from .requests import CALLS, Call, Finished, Generate, Ranked, Request  # noqa: F401 - the page of all messages

SERVER_ERROR, INVALID_PARAMS = -32000, -32602

Id = int | str


def check_id(field: str, value: object) -> Id:
    """A JSON-RPC id: a whole number or a short text."""
    rule = checks.text(1, 100) if isinstance(value, str) else checks.integer(-(2**53), 2**53)
    found: Id = rule(field, value)
    return found


_id = fields.Kind(check_id, "a whole number or a short text")
_protocol = Rule(
    f"{PROTOCOL_VERSION}: extension and backend must be of the same release",
    lambda value: not isinstance(value, bool) and value == PROTOCOL_VERSION,
)
"""This side's own version and no other."""


@dataclasses.dataclass(frozen=True)
class CheckpointInfo(Checked):
    """One set of weights that the server can use."""

    name: str = field(checks.text(1, 100))
    title: str = field(checks.text(1, 200))
    licence: str = field(checks.text(1, 200))
    parameters: int = field(checks.integer(0, 10**12))
    sha256: str = field(checks.text(64, 64))
    max_seconds: float = field(checks.number(1.0, 3600.0))


@dataclasses.dataclass(frozen=True)
class Initialized(Checked):
    """Response to Initialize."""

    version: str = field(checks.text(1, 100))
    device: str = field(checks.text(1, 200))
    checkpoints: tuple[CheckpointInfo, ...] = field(fields.items(fields.part(CheckpointInfo), 100))
    capabilities: tuple[str, ...] = field(fields.items(checks.text(1, 100), 100))
    protocol: int = field(_protocol, PROTOCOL_VERSION)


@dataclasses.dataclass(frozen=True)
class Usage(Checked):
    """Response to GetUsage: bytes of main memory and of the device's own, None where it has none; the loaded checkpoints."""

    device: str = field(checks.text(1, 200))
    memory_bytes: int = field(checks.integer(0, 2**53))
    device_bytes: int | None = field(checks.integer(0, 2**53, none="null"))
    loaded: tuple[str, ...] = field(fields.items(checks.text(1, 100), 100))


@dataclasses.dataclass(frozen=True)
class Done(Checked):
    """Response to Shutdown."""


@dataclasses.dataclass(frozen=True)
class Initialize(Call, method="initialize", answer=Initialized):
    """Request, the first: the client's protocol version and its name, for the log."""

    protocol: int = field(_protocol, PROTOCOL_VERSION)
    client: str = field(checks.text(1, 200), "client")


@dataclasses.dataclass(frozen=True)
class Shutdown(Call, method="shutdown", answer=Done):
    """Request, the last: end what runs, answer and leave."""


@dataclasses.dataclass(frozen=True)
class GetUsage(Call, method="usage", answer=Usage):
    """Request, at any time after the first: what the server takes; answered at once, also while a clip is made."""


@dataclasses.dataclass(frozen=True)
class Cancel(Checked):
    """Notification to the server: end this request within one sampling step, also while it waits."""

    id: Id = field(_id, about="of the request")


@dataclasses.dataclass(frozen=True)
class Accepted(Checked):
    """Notification from the server: the request was understood and waits for its turn."""

    id: Id = field(_id, about="of the request")


@dataclasses.dataclass(frozen=True)
class Progress(Checked):
    """Notification from the server: `step` of `total` sampling steps begins; `eta_s` seconds remain, None if unknown.

    partial: the clip as far as it is known, from time to time, if the request's `preview` asks for it.
    """

    id: Id = field(_id, about="of the request")
    step: int = field(checks.integer(0, 1_000_000))
    total: int = field(checks.integer(1, 1_000_000))
    eta_s: float | None = field(checks.number(0.0, 1e9, none="null"), None)
    partial: Motion | None = field(fields.motion(optional=True), None)


@dataclasses.dataclass(frozen=True)
class Failed(Checked):
    """Ending of any request: one sentence for people; `code` is -32602 where the input was at fault."""

    message: str = field(checks.text(1, 2000))
    code: int = field(checks.integer(-40_000, -1), SERVER_ERROR)


@dataclasses.dataclass(frozen=True)
class Cancelled(Checked):
    """Ending of a request after Cancel."""


Body = Call | Cancel | Accepted | Progress | Initialized | Usage | Finished | Ranked | Failed | Cancelled | Done
NOTIFICATIONS: dict[str, type[Checked]] = {"cancel": Cancel, "accepted": Accepted, "progress": Progress}
ENDINGS = (Finished, Ranked, Failed, Cancelled)
