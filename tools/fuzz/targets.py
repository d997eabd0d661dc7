"""What reads bytes from outside: for each, valid seeds and a function that may raise InputError and nothing else."""

from __future__ import annotations

import dataclasses
import hashlib
import io
import json
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import tools.checkout  # noqa: F401 - makes `isodim` importable

# isort: split
import numpy as np
import torch
from isodim.isodim_blender.client import checkpoints
from isodim.isodim_blender.rig import corrections
from safetensors.torch import load_file, save

from backend.serve import serve
from backend.weights import load, locate
from common.motion import clip_file
from common.wire import frames, jsonrpc, messages, requests
from tests.process.fake_server import motion
from tests.tiny import config


@dataclasses.dataclass(frozen=True)
class Target:
    """`read` gets mutated seeds."""

    seeds: tuple[bytes, ...]
    read: Callable[[bytes], object]


def every(folder: Path) -> dict[str, Target]:
    """All targets by name; `folder` is empty and takes their files."""
    payloads = _payloads()
    stream = b"".join(b"Content-Length: %d\r\n\r\n%b" % (len(payload), payload) for payload in payloads[:6])
    return {
        "frames": Target((stream, b"Content-Length: 2\r\nContent-Type: x\r\n\r\n{}"), _read_frames),
        "messages": Target(payloads, lambda data: jsonrpc.parse(data, dict(enumerate(_ANSWERS)))),
        "server": Target((stream,), _serve),
        "config": _config(folder / "config"),
        "safetensors": _safetensors(folder / "weights"),
        "npz": _clip(folder / "clip.npz"),
        "bvh": _clip(folder / "clip.bvh"),
        "corrections": _corrections(folder / "corrections"),
        "checkpoints": _listed(folder / "listed"),
    }


def _payloads() -> tuple[bytes, ...]:
    clip = motion(0.25, prompt="a person walks", seed=3)
    asked: tuple[messages.Body, ...] = (
        messages.Initialize(), messages.Generate("a person walks", seconds=2.0, seed=5), messages.GetUsage(), messages.Cancel(2),
        requests.Edit(clip=clip, prompt="waves", start=1, end=3), requests.Rank(prompt="walks", clips=(clip, clip)),
        requests.Sequence(strips=(requests.Strip("walks", 2.0), requests.Strip("sits", 2.0))), messages.Shutdown(),
    )  # fmt: skip
    info = messages.CheckpointInfo("tiny", "Tiny", "CC0-1.0", 1, "0" * 64, 20.0)
    told: tuple[messages.Body, ...] = (
        messages.Initialized("0.1.0", "cpu", (info,), ("cancel",)), messages.Accepted(1), messages.Progress(1, 2, 4, 0.5, clip),
        messages.Finished((clip,)), messages.Ranked((0.5,)), messages.Failed("no"), messages.Cancelled(), messages.Done(),
        messages.Usage("cpu", 10, None, ("tiny",)),
    )  # fmt: skip
    return tuple(jsonrpc.dump(body, number) for number, body in enumerate((*asked, *told)))


_ANSWERS = (
    *[messages.Finished] * 8, messages.Initialized, *[messages.Finished] * 3, messages.Ranked, *[messages.Done] * 3,
    messages.Usage,
)  # fmt: skip
"""What the response of each payload is, by its id."""


def _read_frames(data: bytes) -> None:
    stream = io.BytesIO(data)
    while frames.read_frame(stream) is not None:
        pass


def _serve(data: bytes) -> None:
    """The whole server; each request that it accepts must end exactly once."""

    def answer(request: requests.Request, report: object) -> messages.Finished:
        return messages.Finished(())

    about = messages.Initialized("0.1.0", "cpu", (), ())
    usage = messages.Usage("cpu", 1, None, ())
    out = io.BytesIO()
    try:
        serve(io.BytesIO(data), out, lambda request: answer, lambda: about, lambda: usage)
    finally:
        out.seek(0)
        got = [json.loads(payload) for payload in iter(lambda: frames.read_frame(out), None)]
        accepted = [message["params"]["id"] for message in got if message.get("method") == "accepted"]
        ended = [message["id"] for message in got if _ends(message)]
        assert sorted(map(repr, accepted)) == sorted(map(repr, ended)), (accepted, ended)


def _ends(message: dict[str, Any]) -> bool:
    cancelled = (message.get("error") or {}).get("code") == jsonrpc.REQUEST_CANCELLED
    return cancelled or "motions" in (message.get("result") or {})


def _config(folder: Path) -> Target:
    folder.mkdir()
    (folder / locate.MAIN_FILE).write_bytes(b"weights")
    digest = hashlib.sha256(b"weights").hexdigest()
    seed = config() | {"parameters": 10, "files": {locate.MAIN_FILE: digest}}

    def read(data: bytes) -> None:
        (folder / "config.json").write_bytes(data)
        locate.verify(locate.read(folder))
        with torch.device("meta"):
            load.build(locate.read_config(folder))

    return Target((json.dumps(seed).encode(),), read)


def _safetensors(folder: Path) -> Target:
    folder.mkdir()
    path = folder / locate.MAIN_FILE
    with torch.device("meta"):
        networks = load.build(config())
    tensors = {
        f"{part}.{key}": torch.zeros(value.shape, dtype=torch.float16)
        for part in ("tokenizer", "generator", "length")
        for key, value in getattr(networks, part).state_dict().items()
    }
    whole = save(tensors)
    size = struct.unpack("<Q", whole[:8])[0]

    def read(header: bytes) -> None:
        """The header alone is mutated, the megabytes behind it stay; its length is right unless the mutation is its length."""
        path.write_bytes(struct.pack("<Q", len(header)) + header + whole[8 + size :])
        load.check_tensors(path, networks)
        load_file(path)

    return Target((whole[8 : 8 + size],), read)


def _clip(path: Path) -> Target:
    clip_file.save(path, motion(0.25, prompt="walk"))

    def read(data: bytes) -> None:
        path.write_bytes(data)
        clip_file.load(path).check()

    seeds = [path.read_bytes()]
    if path.suffix == ".npz":
        packed = io.BytesIO()
        clip = motion(0.1)
        arrays = {name: getattr(clip, name) for name in ("rotations", "root", "contacts")}
        np.savez_compressed(packed, **arrays, fps=20.0, meta="{}")
        seeds.append(packed.getvalue())
    return Target(tuple(seeds), read)


def _corrections(folder: Path) -> Target:
    folder.mkdir()
    store = corrections.Store(folder)

    def read(data: bytes) -> None:
        for path in folder.iterdir():
            path.unlink()
        (folder / "a.json").write_bytes(data)
        assert len(store.load()) + len(store.known) == 1

    return Target((json.dumps({"bones": {"head": ["Kopf"], "root": [], "spine": ["a", "b"]}}).encode(),), read)


def _listed(root: Path) -> Target:
    place = root / "backend" / "weights" / "a"
    place.mkdir(parents=True)

    def read(data: bytes) -> None:
        (place / "config.json").write_bytes(data)
        for found in checkpoints.on_disk(root):
            assert max(map(len, dataclasses.astuple(found))) <= 200

    return Target((json.dumps(config()).encode(),), read)
