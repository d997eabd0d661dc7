"""The server in memory: whatever a client writes, every request gets one response and the server returns."""

from __future__ import annotations

import io
import json
import threading

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.serve import MAX_WAITING, serve
from common import VERSION
from common.errors import InputError
from common.motion import skeleton
from common.motion.motion import Motion
from common.wire import frames, jsonrpc, messages


class Blocked:
    """A generator that stands in its first step until the test lets it go."""

    def __init__(self) -> None:
        self.reached, self.go = threading.Event(), threading.Event()

    def __call__(self, request, on_step):
        on_step(0, 2)
        self.reached.set()
        assert self.go.wait(10)
        on_step(1, 2)
        return messages.Finished(())


def quick(request, on_step):
    on_step(0, 1)
    return messages.Finished(())


def about() -> messages.Initialized:
    return messages.Initialized(VERSION, "cpu", (), ())


def measure() -> messages.Usage:
    return messages.Usage("cpu", 10**9, None, ("open",))


def written(*payloads: bytes) -> io.BytesIO:
    stream = io.BytesIO()
    for payload in payloads:
        frames.write_frame(stream, payload)
    return io.BytesIO(stream.getvalue())


def run(stdin, load=lambda request: quick, about=about, answers=None) -> list[jsonrpc.Message]:
    stdout = io.BytesIO()
    serve(stdin, stdout, load, about, measure)
    stdout.seek(0)
    got = []
    while (payload := frames.read_frame(stdout)) is not None:
        got.append(jsonrpc.parse(payload, answers or ANSWERS))
    return got


class Answers(dict):
    """What any id of these tests waits for: their clients ask to begin and to leave by name, and for motion by number."""

    def __contains__(self, id):
        return True

    def __missing__(self, id):
        return messages.Finished


ANSWERS = Answers(start=messages.Initialized, end=messages.Done, usage=messages.Usage)


def responses(got: list[jsonrpc.Message]) -> list[messages.Id | None]:
    return [message.id for message in got if not isinstance(message.body, messages.Accepted | messages.Progress)]


START = jsonrpc.dump(messages.Initialize(), "start")
CALLS = st.fixed_dictionaries(
    {"jsonrpc": st.just("2.0"), "method": st.sampled_from(["generate", "cancel", "initialize", "shutdown", "x"])},
    optional={
        "params": st.dictionaries(
            st.sampled_from(["prompt", "seconds", "id", "protocol"]),
            st.sampled_from(["walk", 1, 2.0, None, "", [], {}]),
            max_size=3,
        )
    },
)


@settings(max_examples=60, deadline=None)
@given(st.lists(CALLS, max_size=6))
def test_every_request_is_answered_once(calls):
    payloads = [json.dumps(call | {"id": index}).encode() for index, call in enumerate(calls)]
    kinds = {
        index: messages.CALLS[call["method"]].answer
        for index, call in enumerate(calls)
        if call["method"] in messages.CALLS
    }
    answered = responses(run(written(START, *payloads), answers={"start": messages.Initialized} | kinds))
    shutdown = next(
        (index for index, call in enumerate(calls) if call["method"] == "shutdown" and not call.get("params")), None
    )
    expected = range(len(calls) if shutdown is None else shutdown + 1)
    assert sorted(answered, key=str) == sorted(["start", *expected], key=str)


def test_the_end_of_stdin_ends_running_and_waiting_requests():
    model = Blocked()

    class Stream(io.BytesIO):
        def readline(self, size: int = -1) -> bytes:
            line = super().readline(size)
            if not line:  # the end comes while the first request is inside a step
                assert model.reached.wait(10)
                threading.Timer(0.05, model.go.set).start()
            return line

    requests = [jsonrpc.dump(messages.Generate("walk"), index) for index in range(3)]
    got = run(Stream(written(START, *requests).getvalue()), lambda request: model)
    assert responses(got) == ["start", 0, 1, 2]
    assert [type(message.body) for message in got[-3:]] == [messages.Cancelled] * 3


def test_only_so_many_requests_may_wait():
    requests = [jsonrpc.dump(messages.Generate("walk"), index) for index in range(MAX_WAITING + 1)]
    model = Blocked()
    threading.Timer(0.2, model.go.set).start()
    got = run(written(START, *requests), lambda request: model)
    (refused,) = [message for message in got if isinstance(message.body, messages.Failed)]
    assert refused.id == MAX_WAITING and "waiting requests is 64" in refused.body.message
    assert len(responses(got)) == MAX_WAITING + 2


def test_a_broken_installation_is_told_at_initialize():
    def broken() -> messages.Initialized:
        raise InputError("torch", "not installed", "the packages")

    got = run(written(START, jsonrpc.dump(messages.Generate("walk"), 1)), about=broken)
    assert [message.body.message for message in got] == [
        "torch is 'not installed', expected the packages.",
        "first request is 'generate', expected initialize.",
    ]


@pytest.mark.parametrize("error", [InputError("weights", "damaged", "whole ones"), RuntimeError(""), MemoryError()])
def test_a_model_that_cannot_be_loaded_fails_the_request(error):
    ended = threading.Event()

    def load(request):
        if request.prompt == "walk":
            ended.set()
        raise error

    class Stream(io.BytesIO):
        def readline(self, size: int = -1) -> bytes:
            line = super().readline(size)
            if not line:
                assert ended.wait(10)
                threading.Event().wait(0.1)
            return line

    got = run(Stream(written(START, jsonrpc.dump(messages.Generate("walk"), 1)).getvalue()), load)
    assert isinstance(got[-1].body, messages.Failed) and responses(got) == ["start", 1]


def test_a_client_that_no_longer_reads_ends_the_server():
    class Closed(io.BytesIO):
        def write(self, data: bytes) -> int:
            raise BrokenPipeError

    serve(written(START, START, START), Closed(), lambda request: quick, about, measure)


def test_a_partial_clip_goes_out_with_its_step():
    ended = threading.Event()

    def growing(request, report):
        if request.preview:  # not the warm-up
            report(0, 2)
            report(1, 2, standing())
            ended.set()
        return messages.Finished(())

    class Stream(io.BytesIO):
        def readline(self, size: int = -1) -> bytes:
            line = super().readline(size)
            assert line or ended.wait(10)
            return line

    asked = written(START, jsonrpc.dump(messages.Generate("walk", preview=True), 1))
    got = run(Stream(asked.getvalue()), lambda request: growing)
    partials = [message.body.partial for message in got if isinstance(message.body, messages.Progress)]
    assert [partial and partial.frames for partial in partials] == [None, 3]


def standing():
    rotations = np.tile(np.float32((1, 0, 0, 0)), (3, len(skeleton.JOINTS), 1))
    root = np.zeros((3, 3), np.float32)
    return Motion(rotations, root, np.zeros((3, 4), np.float32), 20.0)
