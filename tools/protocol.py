"""`python -m tools.protocol`: writes the tables of docs/protocol.md from the fields of the messages; a test compares."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

from common.wire import messages, requests
from common.wire.fields import Checked, Kind

PAGE = Path(__file__).resolve().parents[1] / "docs" / "protocol.md"
BEGIN, END = "<!-- written by tools/protocol.py: begin -->", "<!-- end -->"
_SHORT: tuple[type[Checked], ...] = (
    messages.Initialize, messages.Initialized, messages.CheckpointInfo, messages.GetUsage, messages.Usage, messages.Shutdown,
    messages.Cancel, messages.Accepted, messages.Progress, requests.Finished, requests.Ranked,
)  # fmt: skip


def tables() -> str:
    """Every message and every request with its fields, limits and defaults."""
    parts = ["## Messages", *(_described(kind, _called(kind)) for kind in _SHORT)]
    parts += ["## How every request for motion is sampled", _table(_own(requests.Request))]
    parts += ["## Requests for motion"]
    parts += [_described(kind, _called(kind)) for kind in requests.motion_requests().values()]
    parts += ["## Parts of requests", *(_described(kind, kind.__name__) for kind in (requests.Strip, requests.KeyPose))]
    return "\n\n".join(parts)


def page() -> str:
    """The document with its tables anew."""
    before, _, rest = PAGE.read_text("utf-8").partition(BEGIN)
    return f"{before}{BEGIN}\n\n{tables()}\n\n{END}{rest.partition(END)[2]}"


def _called(kind: type[Checked]) -> str:
    """What a client reads: the method of a request or notification, or of what request this is the result."""
    if issubclass(kind, messages.Call):
        return f"request `{kind.method}`, answered by {kind.answer.__name__}"
    names = [name for name, found in messages.NOTIFICATIONS.items() if found is kind]
    return f"notification `{names[0]}`" if names else f"{kind.__name__}"


def _described(kind: type[Checked], title: str) -> str:
    own = _own(kind)
    return "\n\n".join([f"### {title}", " ".join((kind.__doc__ or "").split()), *([_table(own)] if own else [])])


def _own(kind: type[Checked]) -> list[dataclasses.Field[Any]]:
    """The fields that a class has beyond those of every request."""
    shared = {each.name for each in dataclasses.fields(requests.Request)}
    found = dataclasses.fields(kind)  # type: ignore[arg-type]
    return list(found) if kind is requests.Request else [each for each in found if not _shared(kind, each.name, shared)]


def _shared(kind: type[Checked], name: str, shared: set[str]) -> bool:
    return issubclass(kind, requests.Request) and name in shared


def _table(own: list[dataclasses.Field[Any]]) -> str:
    rows = ["| field | allowed | default | meaning |", "|---|---|---|---|"]
    for each in own:
        kind: Kind = each.metadata["kind"]
        default = "" if each.default is dataclasses.MISSING else f"`{json.dumps(each.default)}`"
        rows.append(f"| `{each.name}` | {kind.allowed} | {default} | {each.metadata['about']} |")
    return "\n".join(rows)


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
