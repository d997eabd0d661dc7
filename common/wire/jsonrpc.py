"""JSON-RPC 2.0 around the messages: one message is one JSON object.

NaN and infinities, which Python's reader lets through, are refused by the checks of the fields that they stand in.
"""

from __future__ import annotations

import collections
import dataclasses
import json
import re
from typing import Any

from .. import checks
from ..checks import MISSING, Check
from ..errors import InputError
from ..motion.motion import Motion
from . import arrays, requests
from .messages import (
    INVALID_PARAMS,
    MAX_COUNT,
    NOTIFICATIONS,
    REQUESTS,
    Body,
    Cancelled,
    CheckpointInfo,
    Done,
    Failed,
    Finished,
    Id,
    Initialized,
    Ranked,
    Usage,
    check_id,
    check_protocol,
)

PARSE_ERROR, INVALID_REQUEST, METHOD_NOT_FOUND = -32700, -32600, -32601
REQUEST_CANCELLED = -32800
"""The Language Server Protocol's code."""

_MAX_PIECES, _MAX_DEPTH = 200_000, 32
_BRACKETS = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"?|[\[{\]}]', re.DOTALL)
"""A string, whose brackets do not count, or a bracket."""
_METHODS = {kind: name for name, kind in (REQUESTS | NOTIFICATIONS).items()}


class BadMessage(InputError):
    """A message was refused; `id` is the request's where it could be read, `code` the JSON-RPC error code."""

    def __init__(self, cause: InputError, id: Id | None, code: int) -> None:
        super().__init__(cause.field, cause.value, cause.allowed)
        self.id, self.code = id, code


@dataclasses.dataclass(frozen=True)
class Message:
    """A body and its JSON-RPC id: None for notifications, and for a Failed that answers an unreadable request."""

    body: Body
    id: Id | None = None


def dump(body: Body, id: Id | None = None) -> bytes:
    """The JSON of one message; `id` belongs to requests and responses."""
    envelope: dict[str, Any] = {"jsonrpc": "2.0"}
    kind = type(body)
    if kind in _METHODS:
        envelope |= {"method": _METHODS[kind], "params": _plain(body)}
        if kind in REQUESTS.values():
            envelope["id"] = check_id("id", id)
    elif isinstance(body, Failed):
        envelope |= {"id": id, "error": {"code": body.code, "message": body.message}}
    elif isinstance(body, Cancelled):
        envelope |= {"id": id, "error": {"code": REQUEST_CANCELLED, "message": "The request was cancelled."}}
    else:
        envelope |= {"id": id, "result": None if isinstance(body, Done) else _plain(body)}
    return json.dumps(envelope, allow_nan=False, separators=(",", ":")).encode("ascii")


def _plain(value: Any) -> Any:
    """A message or a part of one as JSON values."""
    if isinstance(value, Motion):
        return arrays.motion_to_json(value)
    if dataclasses.is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    return [_plain(item) for item in value] if isinstance(value, tuple) else value


def parse(payload: bytes) -> Message:
    """The message of `dump`; BadMessage if it is not one."""
    try:
        envelope = _load(payload)
    except InputError as error:
        raise BadMessage(error, None, PARSE_ERROR) from None
    id: Id | None = None
    try:
        if envelope.get("id") is not None:
            id = check_id("id", envelope["id"])
        if envelope.get("jsonrpc") != "2.0":
            raise InputError("jsonrpc", envelope.get("jsonrpc", MISSING), "'2.0'")
        known = {"jsonrpc", "id"} | ({"method", "params"} if "method" in envelope else {"result", "error"})
        _refuse_unknown(envelope, known)
        body = _call(envelope, id) if "method" in envelope else _answer(envelope)
    except BadMessage:
        raise
    except InputError as error:
        raise BadMessage(error, id, INVALID_REQUEST) from None
    return Message(body, id)


def _load(payload: bytes) -> dict[str, Any]:
    _check_size(payload)
    try:
        envelope = json.loads(payload.decode("utf-8"), object_pairs_hook=_unique)
    except InputError:
        raise
    except (ValueError, RecursionError):
        raise InputError("message", payload[:200], "JSON in UTF-8, at most a few levels deep") from None
    if not isinstance(envelope, dict):
        raise InputError("message", envelope, "one JSON object")
    return envelope


def _check_size(payload: bytes) -> None:
    """Refuses what would cost much memory or a deep stack, before anything is built: 64 MB of `[],` are 2 GB of lists.

    The reader's own guard against depth is the interpreter's recursion limit, which other add-ons move.
    """
    pieces = sum(map(payload.count, (b",", b":", b"[", b"{", b'"')))
    if pieces > _MAX_PIECES:
        raise InputError("message", f"{pieces} commas, colons, quotes and brackets", f"at most {_MAX_PIECES}")
    if payload.count(b"[") + payload.count(b"{") <= _MAX_DEPTH:
        return
    depth = 0
    for token in _BRACKETS.finditer(payload):
        depth += {b"[": 1, b"{": 1, b"]": -1, b"}": -1}.get(token[0], 0)
        if depth > _MAX_DEPTH:
            raise InputError("message", payload[:200], f"at most {_MAX_DEPTH} levels deep")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        repeated, _ = collections.Counter(name for name, _ in pairs).most_common(1)[0]
        raise InputError("message", repeated, "each field once")
    return result


def _refuse_unknown(values: dict[str, Any], known: set[str]) -> None:
    for name in values:
        if name not in known:
            raise InputError("field", name, f"one of {', '.join(sorted(known))}" if known else "no fields")


def _call(envelope: dict[str, Any], id: Id | None) -> Body:
    """A request or a notification."""
    method = envelope["method"]
    kinds = NOTIFICATIONS if id is None else REQUESTS
    if not isinstance(method, str) or method not in kinds:
        code = METHOD_NOT_FOUND if isinstance(method, str) else INVALID_REQUEST
        raise BadMessage(InputError("method", method, f"one of {', '.join(kinds)}"), id, code)
    try:
        return _build(kinds[method], envelope.get("params", {}))
    except InputError as error:
        raise BadMessage(error, id, INVALID_PARAMS) from None


def _answer(envelope: dict[str, Any]) -> Body:
    """A response; which one, its own content says."""
    if ("result" in envelope) == ("error" in envelope):
        raise InputError("response", sorted(envelope), "a result or an error")
    if "result" in envelope:
        result = envelope["result"]
        if result is None:
            return Done()
        kinds = [kind for name, kind in _RESULTS.items() if isinstance(result, dict) and name in result]
        return _build(kinds[0] if kinds else Initialized, result)
    error = envelope["error"]
    if not isinstance(error, dict):
        raise InputError("error", error, "an object")
    return Cancelled() if error.get("code") == REQUEST_CANCELLED else _build(Failed, error)


def _build(kind: type, values: Any) -> Any:
    """A message of class `kind` from JSON values. The protocol version is looked at first: if it differs, so may all else."""
    if not isinstance(values, dict):
        raise InputError("params", values, "an object")
    fields = {field.name: field for field in dataclasses.fields(kind)}
    if "protocol" in fields:
        check_protocol("protocol", values.get("protocol", MISSING))
    _refuse_unknown(values, set(fields))
    for name, field in fields.items():
        if name not in values and field.default is dataclasses.MISSING:
            raise InputError(name, MISSING, "a value")
    return kind(**{name: _PARTS[name](name, value) if name in _PARTS else value for name, value in values.items()})


def _checkpoint(field: str, value: Any) -> CheckpointInfo:
    return _build(CheckpointInfo, checks.json_object(field, value))


def _part(kind: type) -> Check:
    """The check of a part of a message that is a message's class itself, as JSON."""

    def read(field: str, value: Any) -> Any:
        try:
            return _build(kind, value)
        except InputError as error:
            raise InputError(f"{field}.{error.field}", error.value, error.allowed) from None

    return read


def _motion_or_null(field: str, value: Any) -> Motion | None:
    return None if value is None else arrays.motion_from_json(field, value)


_PARTS: dict[str, Check] = {
    "motions": checks.items(arrays.motion_from_json, MAX_COUNT),
    "checkpoints": checks.items(_checkpoint, 100),
    "clips": checks.items(arrays.motion_from_json, requests.MAX_CLIPS),
    "key_poses": checks.items(_part(requests.KeyPose), requests.MAX_KEY_POSES),
    "strips": checks.items(_part(requests.Strip), requests.MAX_STRIPS),
    **dict.fromkeys(("clip", "first", "second", "towards", "pose", "partial"), _motion_or_null),
}
"""Fields whose JSON is made into objects before the message is."""
_RESULTS = {"motions": Finished, "scores": Ranked, "memory_bytes": Usage}
"""A field that only one kind of result has."""
