"""What the server tells of itself, and what it keeps to itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from common.wire import messages
from common.wire.messages import Cancel, Cancelled, Failed, Finished, Generate, Progress
from tests.process.client import Client, endings
from tests.process.test_serve_child import LONG, WALK, frame, generate_json


@pytest.fixture
def client():
    with Client() as one:
        one.start()
        yield one


def test_memory_is_told_at_any_time_and_is_no_ending(client):
    client.send(LONG, 1)
    client.until(Progress)
    client.send(messages.GetUsage(), 2)
    got = client.until(messages.Usage)
    told = got[-1]
    assert told.id == 2 and told.body.device == "cpu" and told.body.loaded[0] == "fake"
    assert 10**7 < told.body.memory_bytes < 10**9
    client.send(Cancel(1))
    assert endings(got + client.until(Cancelled) + client.rest()) == [1]


def test_what_people_write_stays_out_of_the_log(client):
    client.send(Generate("a very private walk"), 1)
    client.until(Finished)
    client.send_raw(generate_json(id=2, prompt="a very private walk" * 100))
    client.until(Failed)
    client.send_raw(generate_json(id=3, prompt="walk", checkpoint="private"))
    client.until(Failed)
    client.send_raw(frame('{"private": '))
    client.until(Failed)
    assert client.rest() == [] and client.wait() == 0
    client.threads[1].join()
    assert b"Refused: prompt, expected text of 1 to 500 characters" in client.log
    assert b"private" not in client.log


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="open descriptors are listed on Linux only")
def test_the_child_listens_on_nothing(client):
    client.send(WALK, 1)
    client.until(Finished)
    assert sockets(client.process.pid) == []


def sockets(pid: int) -> list[str]:
    """What of a process's descriptors is a socket; asserts that they could be read."""
    links = [str(one.readlink()) for one in Path(f"/proc/{pid}/fd").iterdir()]
    assert any(link.startswith("pipe:") for link in links)
    return [link for link in links if link.startswith("socket:")]
