"""The server as a real child: endings are counted, and nothing that a client does keeps the next request from working."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time

import pytest

from common import PROTOCOL_VERSION, VERSION
from common.wire import frames, jsonrpc, messages
from common.wire.messages import Accepted, Cancel, Cancelled, Done, Failed, Finished, Generate, Progress, Shutdown
from tests.process.client import FAKE_SERVER, PATIENCE_S, ROOT, Client, endings

WALK = Generate("a person walks", seconds=2.0, seed=5)
LONG = Generate("a person walks for long", steps=64)


@pytest.fixture
def client():
    with Client() as one:
        one.start()
        yield one


def frame(text: str | bytes) -> bytes:
    body = text.encode() if isinstance(text, str) else text
    return b"Content-Length: %d\r\n\r\n%b" % (len(body), body)


def generate_json(id: object = 1, **params: object) -> bytes:
    return frame(json.dumps({"jsonrpc": "2.0", "id": id, "method": "generate", "params": params}))


def test_initialize_tells_versions_and_device():
    with Client() as client:
        answer = client.start()
    assert (answer.version, answer.protocol, answer.device) == (VERSION, PROTOCOL_VERSION, "cpu")
    assert "cancel" in answer.capabilities


def test_accepted_then_progress_then_the_clip(client):
    client.send(WALK, 7)
    got = client.until(Finished)
    assert got[0].body == Accepted(7)
    progress = [message.body for message in got[1:-1]]
    assert [(one.id, one.step, one.total) for one in progress] == [(7, step, 4) for step in range(4)]
    assert progress[0].eta_s is None and all(0 < one.eta_s < 20 for one in progress[1:])
    (motion,) = got[-1].body.motions
    assert got[-1].id == 7 and motion.frames == 40 and motion.meta == {"seed": 5}
    assert endings(got + client.rest()) == [7]


def test_many_clips_in_one_request(client):
    client.send(Generate("a person walks", seed=3, count=3), 1)
    assert [motion.meta["seed"] for motion in client.until(Finished)[-1].body.motions] == [3, 4, 5]


def test_two_requests_wait_for_each_other(client):
    client.send(WALK, 1)
    client.send(WALK, "two")
    got = client.until(Finished) + client.until(Finished)
    assert [message.body for message in got if isinstance(message.body, Accepted)] == [Accepted(1), Accepted("two")]
    assert endings(got + client.rest()) == [1, "two"]


def test_cancel_while_running(client):
    client.send(LONG, 1)
    client.until(Progress)
    client.send(Cancel(1))
    got = client.until(Cancelled)
    client.send(WALK, 2)
    got += client.until(Finished)
    assert not any(isinstance(m.body, Progress) and m.body.id == 1 and m.body.step > 40 for m in got)
    assert endings(got + client.rest()) == [1, 2]


def test_cancel_while_waiting(client):
    client.send(LONG, 1)
    client.send(WALK, 2)
    client.send(Cancel(2))
    got = client.until(Cancelled)
    assert got[-1].id == 2
    client.send(Cancel(1))
    got += client.until(Cancelled)
    assert endings(got + client.rest()) == [2, 1]
    assert not any(isinstance(message.body, Progress) and message.body.id == 2 for message in got)


def test_cancel_before_and_after_changes_nothing(client):
    client.send(Cancel(1))
    client.send(WALK, 1)
    got = client.until(Finished)
    client.send(Cancel(1))
    client.send(WALK, 2)
    got += client.until(Finished)
    assert endings(got + client.rest()) == [1, 2]


def test_a_generator_that_stops_by_itself_ends_once(client):
    client.send(Generate("stop by itself"), 1)
    assert endings(client.until(Cancelled) + client.rest()) == [1]


def test_id_of_a_running_request_is_refused_without_a_second_ending(client):
    client.send(LONG, 1)
    client.send(WALK, 1)
    client.send_raw(generate_json(id=1, prompt=""))
    client.send(messages.Initialize(), 1)
    got = client.until(Failed) + client.until(Failed) + client.until(Failed)
    refusals = [message for message in got if isinstance(message.body, Failed)]
    assert [message.id for message in refusals] == [None, None, None]
    assert "id is 1, expected" in refusals[0].body.message
    client.send(Cancel(1))
    assert endings(client.until(Cancelled) + client.rest()) == [1]


def test_an_id_can_be_used_again_after_its_ending(client):
    for _ in range(2):
        client.send(WALK, 1)
        client.until(Finished)
    assert client.rest() == []


def test_errors_of_the_model_end_the_request_only(client):
    client.send(Generate("break"), 1)
    failed = client.until(Failed)[-1]
    assert failed.body == Failed("The generation failed (RuntimeError: the matrix is singular).", messages.SERVER_ERROR)
    client.send(WALK, 2)
    got = client.until(Finished)
    assert endings([failed, *got, *client.rest()]) == [1, 2]
    assert b"Traceback" in client.log


def test_prints_do_not_reach_the_wire(client):
    client.send(Generate("print"), 1)
    client.until(Finished)
    assert client.rest() == [] and client.wait() == 0
    client.threads[1].join()
    assert b"a library says hello" in client.log and b"and writes to descriptor 1" in client.log


@pytest.mark.parametrize(
    ("params", "sentence"),
    [
        ({"prompt": "walk", "seconds": 0}, "seconds is 0, expected auto or a number from 1 to 20."),
        ({"prompt": "walk", "seconds": -1.0}, "seconds is -1.0, expected auto or a number from 1 to 20."),
        ({"prompt": "walk", "seconds": 1e9}, "seconds is 1000000000.0, expected auto or a number from 1 to 20."),
        ({"prompt": "walk", "seconds": float("nan")}, "seconds is nan, expected auto or a number from 1 to 20."),
        ({"prompt": ""}, "prompt is '', expected text of 1 to 500 characters."),
        ({"prompt": "walk", "checkpoint": "none"}, "checkpoint is 'none', expected fake."),
        (
            {"prompt": "walk", "speed": 1},
            "field is 'speed', expected one of checkpoint, count, effort, guidance, mar_steps,",
        ),
        ({}, "prompt is missing, expected a value."),
    ],
)
def test_bad_values_get_one_sentence(client, params, sentence):
    client.send_raw(generate_json(**params))
    failed = client.until(Failed)[-1]
    assert failed.id == 1 and failed.body.code == messages.INVALID_PARAMS
    assert failed.body.message.startswith(sentence)
    client.send(WALK, 2)
    assert endings([failed, *client.until(Finished), *client.rest()]) == [1, 2]


def test_a_prompt_of_ten_thousand_characters_is_refused_shortly(client):
    client.send_raw(generate_json(prompt="x" * 10_000))
    assert len(client.until(Failed)[-1].body.message) < 200


@pytest.mark.parametrize("prompt", ["🕺 dances 💃", "человек идёт", "人が歩く", "a\u0000b"])
def test_other_scripts_are_prompts_too(client, prompt):
    client.send(Generate(prompt), 1)
    client.until(Finished)


def test_wrong_protocol_is_told_and_the_right_one_still_works():
    with Client() as client:
        client.send_raw(
            frame('{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocol":99,"client":"x","new":1}}')
        )
        failed = client.until(Failed)[-1].body
        assert failed.message.startswith(f"protocol is 99, expected {PROTOCOL_VERSION}")
        client.start()


def test_nothing_is_generated_before_initialize():
    with Client() as client:
        client.send(WALK, 1)
        assert client.until(Failed)[-1].body.message == "first request is 'generate', expected initialize."
        client.start()


def test_unknown_method_and_unreadable_json(client):
    client.send_raw(frame('{"jsonrpc":"2.0","id":3,"method":"paint"}'))
    failed = client.until(Failed)[-1]
    assert (failed.id, failed.body.code) == (3, jsonrpc.METHOD_NOT_FOUND)
    for text in ("{", "[]", '"x"', b"\xff\xfe", "[" * 100_000, '{"jsonrpc":"1.0","id":null}'):
        client.send_raw(frame(text))
        assert client.until(Failed)[-1].id is None
    client.send(WALK, 4)
    assert endings(client.until(Finished)) == [4]


def test_unknown_notification_is_not_answered(client):
    client.send_raw(frame('{"jsonrpc":"2.0","method":"paint"}'))
    client.send_raw(frame('{"jsonrpc":"2.0","id":9,"result":null}'))
    assert client.rest() == [] and client.wait() == 0


@pytest.mark.parametrize("garbage", [b"hello\n", b"Content-Length: -5\r\n\r\n", b"Content-Length: 10\r\n\r\n{}"])
def test_what_is_no_frame_ends_the_server_with_an_answer(garbage):
    with Client() as client:
        client.start()
        client.send(LONG, 1)
        client.until(Progress)
        client.send_raw(garbage)
        got = client.rest()
        assert endings(got) == [None, 1]
        assert client.wait() == 2


def test_closing_stdin_mid_generation_ends_the_process(client):
    client.send(LONG, 1)
    client.until(Progress)
    got = client.rest()
    assert endings(got) == [1] and isinstance(got[-1].body, Cancelled)
    assert len(got) < 64
    assert client.wait() == 0


def test_shutdown_ends_what_runs_and_waits(client):
    client.send(LONG, 1)
    client.send(LONG, 2)
    client.send(Shutdown(), 3)
    got = client.until(Done)
    assert endings(got) == [1, 2] and got[-1].id == 3
    assert client.rest() == [] and client.wait() == 0


def test_a_client_that_stops_reading_and_leaves_does_not_leave_a_process():
    process = subprocess.Popen(
        [sys.executable, "-P", "-B", *FAKE_SERVER],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    with process:
        frames.write_frame(process.stdin, jsonrpc.dump(messages.Initialize(), 0))
        frames.write_frame(process.stdin, jsonrpc.dump(Generate("much", seconds=20.0, count=16), 1))
        while b'"progress"' not in frames.read_frame(process.stdout):
            pass
        time.sleep(0.3)  # the answer is larger than any pipe: the worker now stands in its write
        process.stdin.close()
        assert process.wait(PATIENCE_S) == 0
