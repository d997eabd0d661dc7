"""JSON-RPC 2.0 around the messages: one message is one JSON object.

NaN and infinities, which Python's reader lets through, are refused by the checks of the fields that they stand in.
"""

from __future__ import annotations

import collections
import dataclasses
import json
import re
from collections.abc import Mapping
from typing import Any

from ..checks import MISSING
from ..errors import InputError
from . import fields
from .fields import Checked
from .messages import CALLS, INVALID_PARAMS, NOTIFICATIONS, Body, Call, Cancelled, Done, Failed, Id, check_id

PARSE_ERROR, INVALID_REQUEST, METHOD_NOT_FOUND = -32700, -32600, -32601
REQUEST_CANCELLED = -32800
"""The Language Server Protocol's code."""

_MAX_PIECES, _MAX_DEPTH = 200_000, 32
_BRACKETS = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"?|[\[{\]}]', re.DOTALL)
"""A string, whose brackets do not count, or a bracket."""
_NOTIFIES = {kind: name for name, kind in NOTIFICATIONS.items()}
Answers = Mapping[Id, type[Checked]]
"""The class of the answer by the id of the request that waits for it."""


class BadMessage(InputError):
    """A message was refused; `id` is the request's where it could be read, `code` the JSON-RPC error code.

    is_response: it was an answer to something, and answers are not answered.
    """

    def __init__(self, cause: InputError, id: Id | None, code: int, is_response: bool = False) -> None:
        super().__init__(cause.field, cause.value, cause.allowed)
        self.id, self.code, self.is_response = id, code, is_response


@dataclasses.dataclass(frozen=True)
class Message:
    """A body and its JSON-RPC id: None for notifications, and for a Failed that answers an unreadable request."""

    body: Body
    id: Id | None = None


def dump(body: Body, id: Id | None = None) -> bytes:
    """The JSON of one message; `id` belongs to requests and responses."""
    envelope: dict[str, Any] = {"jsonrpc": "2.0"}
    if isinstance(body, Call):
        envelope |= {"method": body.method, "params": fields.to_json(body), "id": check_id("id", id)}
    elif type(body) in _NOTIFIES:
        envelope |= {"method": _NOTIFIES[type(body)], "params": fields.to_json(body)}
    elif isinstance(body, Failed):
        envelope |= {"id": id, "error": {"code": body.code, "message": body.message}}
    elif isinstance(body, Cancelled):
        envelope |= {"id": id, "error": {"code": REQUEST_CANCELLED, "message": "The request was cancelled."}}
    else:
        envelope |= {"id": id, "result": None if isinstance(body, Done) else fields.to_json(body)}
    return json.dumps(envelope, allow_nan=False, separators=(",", ":")).encode("ascii")


def parse(payload: bytes, answers: Answers | None = None) -> Message:
    """The message of `dump`; BadMessage if it is not one. answers: which response each of this side's requests waits for."""
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
        fields.refuse_unknown(envelope, known)
        body = _call(envelope, id) if "method" in envelope else _answer(envelope, id, answers or {})
    except BadMessage:
        raise
    except InputError as error:
        is_response = "method" not in envelope and bool({"result", "error"} & envelope.keys())
        raise BadMessage(error, id, INVALID_REQUEST, is_response) from None
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


def _call(envelope: dict[str, Any], id: Id | None) -> Body:
    """A request or a notification."""
    method = envelope["method"]
    kinds: Mapping[str, type[Checked]] = NOTIFICATIONS if id is None else CALLS
    if not isinstance(method, str) or method not in kinds:
        code = METHOD_NOT_FOUND if isinstance(method, str) else INVALID_REQUEST
        raise BadMessage(InputError("method", method, f"one of {', '.join(kinds)}"), id, code)
    try:
        return _build(kinds[method], envelope.get("params", {}))
    except InputError as error:
        raise BadMessage(error, id, INVALID_PARAMS) from None


def _answer(envelope: dict[str, Any], id: Id | None, answers: Answers) -> Body:
    """A response; which one, the request that it answers says."""
    if ("result" in envelope) == ("error" in envelope):
        raise InputError("response", sorted(envelope), "a result or an error")
    if "error" in envelope:
        error = envelope["error"]
        if not isinstance(error, dict):
            raise InputError("error", error, "an object")
        return Cancelled() if error.get("code") == REQUEST_CANCELLED else _build(Failed, error)
    if id is None or id not in answers:
        raise InputError("id", id, "that of a request that waits for its result")
    return _build(answers[id], {} if envelope["result"] is None else envelope["result"])


def _build(kind: type[Checked], values: Any) -> Any:
    """A message of class `kind` from JSON. The protocol version is looked at first: if it differs, so may all else."""
    return fields.from_json(kind, values, first="protocol")
