"""What is refused is refused cheaply: memory and time of the worst messages and files are measured."""

import io
import json
import time
import tracemalloc
import zipfile

import numpy as np
import pytest

from common.errors import InputError
from common.motion import clip_file, npy
from common.wire import frames, jsonrpc

MEGABYTE = 2**20


def cost(refused):
    """Bytes at the peak and seconds until InputError."""
    tracemalloc.start()
    began = time.process_time()
    with pytest.raises(InputError):
        refused()
    seconds, (_, peak) = time.process_time() - began, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak, seconds


def test_a_header_of_two_gigabytes_costs_nothing():
    stream = io.BytesIO(b"Content-Length: 2147483648\r\n\r\n" + b"x" * 1000)
    assert cost(lambda: frames.read_frame(stream))[0] < MEGABYTE


def test_a_body_that_is_announced_and_does_not_come_is_not_allocated():
    stream = io.BytesIO(b"Content-Length: %d\r\n\r\n{}" % frames.MAX_BODY_BYTES)
    assert cost(lambda: frames.read_frame(stream))[0] < MEGABYTE


@pytest.mark.parametrize("piece", [b"[],", b"[", b"{},", b'"",', b'{"a":', b"0,", b'"', b'"\\"', b"1", b"[[]],"])
def test_messages_of_many_values_cost_no_more_than_they_are_long(piece):
    payload = b"[" + piece * (16 * MEGABYTE // len(piece))
    peak, seconds = cost(lambda: jsonrpc.parse(payload))
    assert peak < 3 * len(payload) and seconds < 2.0


def test_depth_is_counted_outside_of_text():
    with pytest.raises(InputError, match="32 levels deep"):
        jsonrpc.parse(b'{"a":' * 33 + b"1" + b"}" * 33)
    text = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "generate", "params": {"prompt": '[[{"' * 50}}).encode()
    assert jsonrpc.parse(text).body.prompt.startswith('[[{"[[')


def packed(path, members, compression=zipfile.ZIP_DEFLATED):
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, content in members.items():
            archive.writestr(f"{name}.npy", content)
    return path


def described(shape, dtype="<f4", content=b""):
    text = f"{{'descr': '{dtype}', 'fortran_order': False, 'shape': {shape}, }}\n".encode()
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text + content


KEYS = ("rotations", "root", "contacts", "fps", "meta")


def test_a_zip_bomb_and_a_shape_without_content_cost_nothing(tmp_path):
    bomb = packed(tmp_path / "bomb.npz", dict.fromkeys(KEYS, b"\0" * (64 * MEGABYTE)))
    assert bomb.stat().st_size < MEGABYTE
    assert cost(lambda: clip_file.load(bomb))[0] < MEGABYTE
    vast = packed(tmp_path / "vast.npz", dict.fromkeys(KEYS, described((10**9, 22, 3))))
    assert cost(lambda: clip_file.load(vast))[0] < MEGABYTE


def test_a_zip_that_lies_about_its_sizes_is_held_to_them(tmp_path):
    path = packed(tmp_path / "liar.npz", dict.fromkeys(KEYS, b"\0" * (64 * MEGABYTE)))
    data = path.read_bytes().replace((64 * MEGABYTE).to_bytes(4, "little"), (100).to_bytes(4, "little"))
    path.write_bytes(data)
    assert cost(lambda: clip_file.load(path))[0] < 2 * MEGABYTE


@pytest.mark.parametrize("compression", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_other_packings_are_refused(tmp_path, compression):
    path = packed(tmp_path / "a.npz", dict.fromkeys(KEYS, described((), "<f8", b"\0" * 8)), compression)
    with pytest.raises(InputError, match="stored or deflated"):
        clip_file.load(path)


@pytest.mark.parametrize("array", [np.arange(12.0).reshape(3, 4), np.float32(2.5), np.array("wörter"), np.arange(3)])
@pytest.mark.parametrize("order", ["C", "F"])
def test_npy_is_read_as_numpy_reads_it(array, order):
    stream = io.BytesIO()
    np.save(stream, np.asarray(array, order=order))
    read = npy.parse("a", stream.getvalue())
    assert read.dtype == np.asarray(array).dtype and np.array_equal(read, array)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x93NUMPY",
        described((3,), content=b"1234"),
        described((3,), "|O", b"x" * 24),
        described("__import__('os')"),
    ],
)
def test_what_is_no_array_is_refused(content):
    with pytest.raises(InputError):
        npy.parse("a", content)
