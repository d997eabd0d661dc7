"""Messages: round trips, and one sentence for everything that is wrong."""

from __future__ import annotations

import base64
import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from common import PROTOCOL_VERSION
from common.errors import InputError
from common.motion.motion import Motion
from common.wire import arrays, jsonrpc, requests
from common.wire.jsonrpc import BadMessage, Message, dump, parse
from common.wire.messages import (
    Accepted,
    Cancel,
    Cancelled,
    CheckpointInfo,
    Done,
    Failed,
    Finished,
    Generate,
    Initialize,
    Initialized,
    Progress,
    Ranked,
    Shutdown,
)
from common.wire.requests import MAX_SEED


def clip(frames: int = 3, **meta: object) -> Motion:
    rotations = np.random.default_rng(0).normal(size=(frames, 22, 4))
    rotations = (rotations / np.linalg.norm(rotations, axis=-1, keepdims=True)).astype(np.float32)
    root = np.linspace(0, 1, frames * 3, dtype=np.float32).reshape(frames, 3)
    return Motion(rotations, root, np.ones((frames, 4), np.float32), 20.0, meta)


INFO = CheckpointInfo("open", "Open", "Apache-2.0", 20_000_000, "a" * 64, 20.0)
IDS = st.integers(-(2**53), 2**53) | st.text("abc-1", min_size=1, max_size=20)
REQUESTS = [
    Initialize(client="test"),
    Generate("walk", 2.5, 2, seed=7, checkpoint="open", steps=4, guidance=3.0),
    Generate("walk"),
    Generate("walk", preview=True),
    requests.Sequence((requests.Strip("walk", 3.0), requests.Strip("sit")), seed=3),
    requests.Loop("run", 2.0, travel=True),
    requests.Path("walk", ((0.0, 0.0), (1.0, 2.5))),
    Shutdown(),
]
RESPONSES = [
    Initialized("0.1.0", "cpu", (INFO,), ("cancel",)),
    Ranked((0.5, -1.0)),
    Failed("No.", -32602),
    Cancelled(),
    Done(),
]
NOTIFICATIONS = [Cancel(1), Cancel("a"), Accepted(2), Progress(3, 0, 8), Progress("x", 8, 8, 0.5)]


@pytest.mark.parametrize("body", REQUESTS + RESPONSES)
@settings(max_examples=5, deadline=None)
@given(id=IDS)
def test_round_trip_with_id(body, id):
    assert parse(dump(body, id), {id: type(body)}) == Message(body, id)


@pytest.mark.parametrize("body", NOTIFICATIONS)
def test_round_trip_of_notifications(body):
    assert parse(dump(body)) == Message(body)


def test_a_clip_arrives_bit_for_bit():
    sent = clip(prompt="walk", settings={"steps": 8, "names": ["a", None]})
    message = parse(dump(Finished((sent,)), 1), {1: Finished})
    (got,) = message.body.motions
    for name in ("rotations", "root", "contacts"):
        assert getattr(got, name).dtype == np.float32
        assert getattr(got, name).tobytes() == getattr(sent, name).tobytes()
    assert (got.fps, got.meta) == (sent.fps, sent.meta)


def test_arrays_are_little_endian_on_the_wire():
    value = arrays.array_to_json(np.array([1.0], ">f4"))
    assert value == {"shape": [1], "dtype": "float32", "data": base64.b64encode(b"\x00\x00\x80?").decode()}


def test_requests_need_an_id():
    with pytest.raises(InputError, match="id is None"):
        dump(Shutdown())


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"seconds": -1.0}, "seconds is -1.0, expected auto or a number from 1 to 20."),
        ({"seconds": float("nan")}, "seconds is nan, expected auto or a number from 1 to 20."),
        ({"seconds": True}, "seconds is True, expected"),
        ({"seconds": "2"}, "seconds is '2', expected"),
        ({"seconds": 10**400}, "seconds is 1000"),
        ({"seed": -1}, f"seed is -1, expected a whole number from 0 to {MAX_SEED}."),
        ({"seed": 1.0}, "seed is 1.0, expected"),
        ({"seed": None}, "seed is None, expected"),
        ({"seed": 2**31}, "seed is 2147483648, expected"),
        ({"steps": 0}, "steps is 0, expected the default or a whole number from 1 to 64."),
        ({"guidance": 20.5}, "guidance is 20.5, expected the default or a number from 0 to 20."),
        ({"count": 17}, "count is 17, expected a whole number from 1 to 16."),
        ({"checkpoint": ""}, "checkpoint is '', expected"),
        ({"prompt": " \n"}, r"prompt is ' \n', expected text of 1 to 500 characters."),
        ({"prompt": "x" * 501}, "prompt is 'xxx"),
        ({"prompt": 5}, "prompt is 5, expected"),
        ({"prompt": "\ud800"}, r"prompt is '\ud800', expected"),
    ],
)
def test_generate_refuses(values, sentence):
    with pytest.raises(InputError) as error:
        Generate(**{"prompt": "walk"} | values)
    assert str(error.value).startswith(sentence) and len(str(error.value)) < 200


def test_prompts_are_stripped_and_whole_numbers_become_seconds():
    assert Generate("  walk ", seconds=2) == Generate("walk", seconds=2.0)
    assert Generate("x" * 500 + " ").prompt == "x" * 500


def refused(text: str | bytes, answer: type = Finished) -> BadMessage:
    with pytest.raises(BadMessage) as error:
        parse(text.encode() if isinstance(text, str) else text, {1: answer, 5: answer})
    return error.value


def call(method: str = "generate", id: object = 5, **params: object) -> str:
    return json.dumps({"jsonrpc": "2.0", "id": id, "method": method, "params": params})


@pytest.mark.parametrize(
    ("text", "id", "code"),
    [
        ("", None, jsonrpc.PARSE_ERROR),
        (b"\xff", None, jsonrpc.PARSE_ERROR),
        ("[" * 200_000, None, jsonrpc.PARSE_ERROR),
        ("1" * 10_000, None, jsonrpc.PARSE_ERROR),
        ("null", None, jsonrpc.PARSE_ERROR),
        ('{"jsonrpc":"2.0","jsonrpc":"2.0"}', None, jsonrpc.PARSE_ERROR),
        ('{"jsonrpc":"2.0"}', None, jsonrpc.INVALID_REQUEST),
        ('{"id":5,"method":"shutdown"}', 5, jsonrpc.INVALID_REQUEST),
        ('{"jsonrpc":"2.0","id":5,"method":"shutdown","extra":1}', 5, jsonrpc.INVALID_REQUEST),
        ('{"jsonrpc":"2.0","id":5,"result":null,"error":{}}', 5, jsonrpc.INVALID_REQUEST),
        ('{"jsonrpc":"2.0","id":5,"error":{"code":-1,"message":"x","data":1}}', 5, jsonrpc.INVALID_REQUEST),
        ('{"jsonrpc":"2.0","id":5,"result":3}', 5, jsonrpc.INVALID_REQUEST),
        ('{"jsonrpc":"2.0","id":1.5,"method":"shutdown"}', None, jsonrpc.INVALID_REQUEST),
        ('{"jsonrpc":"2.0","id":NaN,"method":"shutdown"}', None, jsonrpc.INVALID_REQUEST),
        ('{"jsonrpc":"2.0","id":5,"method":7}', 5, jsonrpc.INVALID_REQUEST),
        ('{"jsonrpc":"2.0","method":"generate","params":{}}', None, jsonrpc.METHOD_NOT_FOUND),
        (call("cancel"), 5, jsonrpc.METHOD_NOT_FOUND),
        (call("shutdown", now=True), 5, jsonrpc.INVALID_PARAMS),
        (call("generate", prompt="walk", seconds=float("inf")), 5, jsonrpc.INVALID_PARAMS),
        ('{"jsonrpc":"2.0","id":5,"method":"generate","params":["walk"]}', 5, jsonrpc.INVALID_PARAMS),
        ('{"jsonrpc":"2.0","id":5,"method":"generate","params":{"prompt":"x","seconds":1e999}}', 5, -32602),
    ],
)
def test_bad_envelopes(text, id, code):
    error = refused(text)
    assert (error.id, error.code) == (id, code)
    assert len(str(error)) < 200


def test_another_protocol_is_told_first_on_both_sides():
    for text in (
        call("initialize", protocol=PROTOCOL_VERSION + 1, later_field=1),
        call("initialize"),
        json.dumps({"jsonrpc": "2.0", "id": 5, "result": {"protocol": PROTOCOL_VERSION + 1, "later_field": 1}}),
    ):
        assert f"expected {PROTOCOL_VERSION}: extension and backend must be of the same release" in str(
            refused(text, Initialized)
        )


def finished(change) -> bytes:
    envelope = json.loads(dump(Finished((clip(),)), 1))
    change(envelope["result"]["motions"][0])
    return json.dumps(envelope).encode()


def deep(levels: int) -> object:
    return {"x": deep(levels - 1)} if levels else 1


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (lambda m: m.pop("root"), "motions[0]"),
        (lambda m: m.update(extra=1), "motions[0]"),
        (lambda m: m.update(fps="fast"), "motions[0].fps"),
        (lambda m: m.update(fps=0), "motions[0].fps"),
        (lambda m: m.update(meta={"x": float("nan")}), "motions[0].meta"),
        (lambda m: m.update(meta=deep(9)), "motions[0].meta"),
        (lambda m: m.update(meta={"x": [0] * 20_000}), "motions[0].meta"),
        (lambda m: m["root"].update(dtype="object"), "motions[0].root.dtype"),
        (lambda m: m["root"].update(shape=[3, -3]), "motions[0].root.shape[1]"),
        (lambda m: m["root"].update(shape=[9]), "rotations.shape"),
        (lambda m: m["root"].update(shape=[4, 3]), "motions[0].root.data"),
        (lambda m: m["root"].update(shape=[]), "motions[0].root.data"),
        (lambda m: m["root"].update(shape=[], data="AAAAAA=="), "motions[0].root.shape"),
        (lambda m: m["root"].update(data="%%%"), "motions[0].root.data"),
        (lambda m: m["root"].update(data=None), "motions[0].root.data"),
        (lambda m: m["root"].update(data=base64.b64encode(np.full(9, np.nan, "<f4")).decode()), "root"),
        (lambda m: m["rotations"].update(data=base64.b64encode(np.zeros(3 * 88, "<f4")).decode()), "rotations"),
    ],
)
def test_bad_clips(change, field):
    assert refused(finished(change)).field == field


def test_finished_is_checked_when_made():
    with pytest.raises(InputError, match="meta"):
        Finished((clip(when=object()),))
    with pytest.raises(InputError, match="names of values"):
        Finished((clip(x={1: 2}),))
    with pytest.raises(InputError, match="a list of at most 16"):
        Finished((clip(),) * 17)
    with pytest.raises(InputError, match="expected a Motion"):
        Finished((1,))


def test_what_a_response_is_says_the_request_that_it_answers():
    scores = b'{"jsonrpc":"2.0","id":5,"result":{"scores":[0.5]}}'
    assert parse(scores, {5: Ranked}).body == Ranked((0.5,))
    assert refused(scores, Finished).field == "field"
    with pytest.raises(BadMessage, match="id is 5, expected that of a request that waits"):
        parse(scores)


class _Any(dict):
    """Every id waits for clips."""

    def __contains__(self, id):
        return True

    def __missing__(self, id):
        return Finished


ANY = _Any()
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
NAMES = st.sampled_from(["prompt", "seconds", "seed", "id", "step", "motions", "protocol", "checkpoints", "message"])
ENVELOPES = st.fixed_dictionaries(
    {"jsonrpc": st.just("2.0")},
    optional={
        "id": JSON | IDS,
        "method": JSON | st.sampled_from(["generate", "initialize", "cancel", "progress"]),
        "params": JSON | st.dictionaries(NAMES, JSON, max_size=4),
        "result": JSON | st.dictionaries(NAMES, JSON, max_size=4),
        "error": JSON | st.fixed_dictionaries({"code": JSON, "message": JSON}),
    },
)


@settings(max_examples=300, deadline=None)
@given(ENVELOPES | JSON)
def test_any_json_is_a_message_or_one_sentence(value):
    try:
        message = parse(json.dumps(value).encode(), ANY)
    except BadMessage as error:
        assert str(error).endswith(".") and len(str(error)) < 400
    else:
        assert parse(dump(message.body, message.id), ANY).body == message.body


def test_a_partial_clip_arrives_with_its_step():
    sent = clip()
    got = parse(dump(Progress(1, 2, 8, 0.5, sent))).body
    assert (got.step, got.partial.frames) == (2, sent.frames)
    np.testing.assert_array_equal(got.partial.positions, sent.positions)
    with pytest.raises(InputError, match="partial is 3"):
        Progress(1, 2, 8, None, 3)
    with pytest.raises(InputError, match="preview is 1"):
        Generate("walk", preview=1)
