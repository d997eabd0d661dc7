"""Framing on in-memory streams."""

from __future__ import annotations

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from common.errors import InputError
from common.wire.frames import MAX_BODY_BYTES, MAX_HEADER_BYTES, FrameError, read_frame, write_frame


class Trickle(io.BytesIO):
    """A stream that gives at most three bytes at a time, as a pipe may."""

    def read(self, size: int = -1) -> bytes:
        return super().read(min(size, 3))


@settings(max_examples=50, deadline=None)
@given(st.lists(st.binary(max_size=200), max_size=5))
def test_what_is_written_is_read(payloads):
    written = io.BytesIO()
    for payload in payloads:
        write_frame(written, payload)
    for stream in (io.BytesIO(written.getvalue()), Trickle(written.getvalue())):
        assert [read_frame(stream) for _ in payloads] == payloads
        assert read_frame(stream) is None


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=60) | st.binary(max_size=20).map(lambda tail: b"Content-Length: 4\r\n" + tail))
def test_any_bytes_give_frames_or_a_frame_error(data):
    stream = io.BytesIO(data)
    try:
        while (body := read_frame(stream)) is not None:
            assert body in data
    except FrameError as error:
        assert str(error).endswith(".") and len(str(error)) < 300


def test_header_as_the_language_server_protocol_has_it():
    stream = io.BytesIO()
    write_frame(stream, b"{}")
    assert stream.getvalue() == b"Content-Length: 2\r\n\r\n{}"
    typed = b"Content-Type: application/vscode-jsonrpc; charset=utf-8\r\ncontent-length:2\r\n\r\n{}"
    assert read_frame(io.BytesIO(typed)) == b"{}"


@pytest.mark.parametrize("cut", range(1, 22))
def test_half_a_frame_is_an_error(cut):
    whole = b"Content-Length: 2\r\n\r\n{}"
    with pytest.raises(FrameError):
        read_frame(io.BytesIO(whole[:cut]))


@pytest.mark.parametrize(
    "header",
    [
        b"Content-Length: -1\r\n\r\n",
        b"Content-Length: +1\r\n\r\n{",
        b"Content-Length: 1.0\r\n\r\n{",
        b"Content-Length: \r\n\r\n",
        b"Content-Length: 1_0\r\n\r\n0123456789",
        "Content-Length: ٢\r\n\r\n{}".encode(),
        b"Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}",
        b"Content-Length: %d\r\n\r\n" % (MAX_BODY_BYTES + 1),
        b"Content-Length: " + b"9" * 4000 + b"\r\n\r\n",
        b"Content-Type: x\r\n\r\n",
        b"\r\n",
        b"Content-Length: 2\n\n{}",
        b"Warning: something\r\n\r\n",
        b"Content-Length 2\r\n\r\n{}",
        b"x" * (MAX_HEADER_BYTES + 10),
        b"Content-Type: x\r\n" * 300 + b"Content-Length: 2\r\n\r\n{}",
    ],
)
def test_bad_headers(header):
    with pytest.raises(FrameError):
        read_frame(io.BytesIO(header))


def test_a_body_above_the_limit_is_not_written():
    class Huge(bytes):
        def __len__(self) -> int:
            return MAX_BODY_BYTES + 1

    stream = io.BytesIO()
    with pytest.raises(FrameError):
        write_frame(stream, Huge())
    assert stream.getvalue() == b""


def test_frame_errors_are_input_errors():
    assert issubclass(FrameError, InputError)
