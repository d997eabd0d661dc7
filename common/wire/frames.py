"""The base framing of the Language Server Protocol (3.17, "Base Protocol") over byte streams.

A frame is `Content-Length: N`, optionally a `Content-Type`, an empty line, then N bytes; header lines end with CRLF.
This room knows nothing of what the bytes mean.
"""

from __future__ import annotations

from typing import BinaryIO

from ..errors import InputError

MAX_HEADER_BYTES = 4 * 1024
MAX_BODY_BYTES = 64 * 1024 * 1024
_LENGTH, _TYPE = b"content-length", b"content-type"


class FrameError(InputError):
    """The stream does not hold a frame here; whatever follows on it cannot be trusted."""


def read_frame(stream: BinaryIO) -> bytes | None:
    """The body of the next frame; None where the stream ends between two frames.

    Blocks until the frame is whole. Raises FrameError on anything that is not a frame, and on a stream that ends inside one.
    """
    header = _read_header(stream)
    if header is None:
        return None
    length = _length(header)
    body = bytearray()
    while len(body) < length:
        chunk = stream.read(length - len(body))
        if not chunk:
            raise FrameError("frame body", f"{len(body)} bytes, then the end", f"{length} bytes")
        body += chunk
    return bytes(body)


def write_frame(stream: BinaryIO, payload: bytes) -> None:
    """Writes one frame to a buffered stream and flushes it; FrameError above MAX_BODY_BYTES."""
    if len(payload) > MAX_BODY_BYTES:
        raise FrameError("frame body", f"{len(payload)} bytes", f"at most {MAX_BODY_BYTES} bytes")
    stream.write(b"Content-Length: %d\r\n\r\n" % len(payload) + payload)
    stream.flush()


def _read_header(stream: BinaryIO) -> list[bytes] | None:
    """The header's lines without their line ends; None where the stream ends before the first byte."""
    lines: list[bytes] = []
    room = MAX_HEADER_BYTES
    while True:
        line = stream.readline(room)
        if not line and not lines:
            return None
        if not line.endswith(b"\r\n"):
            raise FrameError("frame header", line, f"lines that end with CRLF, {MAX_HEADER_BYTES} bytes in all")
        if line == b"\r\n":
            return lines
        room -= len(line)
        lines.append(line[:-2])


def _length(header: list[bytes]) -> int:
    lengths = []
    for line in header:
        name, colon, value = line.partition(b":")
        if not colon or name.lower() not in (_LENGTH, _TYPE):
            raise FrameError("frame header", line, "Content-Length or Content-Type")
        if name.lower() == _LENGTH:
            lengths.append(value.strip(b" "))
    if len(lengths) != 1:
        raise FrameError("frame header", f"{len(lengths)} Content-Length lines", "exactly one")
    if not lengths[0].isdigit() or int(lengths[0][:20]) > MAX_BODY_BYTES:
        raise FrameError("Content-Length", lengths[0], f"0 to {MAX_BODY_BYTES}")
    return int(lengths[0])
