"""Finds checkpoints by name or folder and verifies them against the hashes in their own config.json.

A checkpoint is a folder with `config.json` (fields below; the model's own settings stand beside them) and the files
that it names:

    {"name": "open", "title": "...", "licence": "...", "parameters": 20000000, "max_seconds": 20.0,
     "files": {"model.safetensors": "<sha256, hex>"}, "sampling": {"steps": 8, "guidance": 3.0}, ...}
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from common import checks
from common.errors import InputError
from common.files import read_small
from common.wire.messages import CheckpointInfo

BUNDLED = Path(__file__).parent
VARIABLE = "ISODIM_WEIGHTS"
MAIN_FILE = "model.safetensors"
GRAPHS = ("context.onnx", "predict.onnx", "encode.onnx", "decode.onnx", "length.onnx")
"""Of a checkpoint that needs no torch: its networks as graphs over the weights in `MAIN_FILE`."""
DEFAULT = "open"
"""The checkpoint that any use is allowed for."""

_PLAIN_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclasses.dataclass(frozen=True)
class Checkpoint:
    """A checkpoint's folder and what its config.json says; `sha256` is the hash of the model's weights."""

    folder: Path
    info: CheckpointInfo
    files: dict[str, str]


def folders(extra: Iterable[Path] = ()) -> list[Path]:
    """Where checkpoints are looked for, in order: `extra`, the environment variable's folders, the bundled ones."""
    from_environment = [Path(part) for part in os.environ.get(VARIABLE, "").split(os.pathsep) if part]
    return [*extra, *from_environment, BUNDLED]


def available(extra: Iterable[Path] = ()) -> tuple[list[Checkpoint], list[InputError]]:
    """The checkpoints of all search folders, not yet verified, and what is wrong with the unreadable ones.

    The default comes first; of two with one name the first found counts.
    """
    found: dict[str, Checkpoint] = {}
    wrong: list[InputError] = []
    for place in folders(extra):
        for config in sorted(place.glob("*/config.json")):
            try:
                checkpoint = read(config.parent)
                found.setdefault(checkpoint.info.name, checkpoint)
            except InputError as error:
                wrong.append(error)
    return sorted(found.values(), key=lambda one: (one.info.name != DEFAULT, one.info.name)), wrong


def find(name_or_dir: str | None = None, extra: Iterable[Path] = ()) -> Checkpoint:
    """The verified checkpoint of that name or in that folder; None asks for the default, or the first that there is.

    Raises InputError naming what is missing or damaged.
    """
    if name_or_dir and (Path(name_or_dir) / "config.json").is_file():
        return verify(read(Path(name_or_dir)))
    found, wrong = available(extra)
    for checkpoint in found:
        if name_or_dir in (None, checkpoint.info.name):
            return verify(checkpoint)
    if wrong:
        raise wrong[0]
    names = ", ".join(checkpoint.info.name for checkpoint in found)
    asked = checks.MISSING if name_or_dir is None else name_or_dir
    raise InputError("checkpoint", asked, f"{names or 'weights in backend/weights'}, or a folder with config.json")


def read_config(folder: Path) -> dict[str, Any]:
    """The config.json of a checkpoint's folder, bounded in size and depth; InputError if it cannot be read."""
    path = folder / "config.json"
    try:
        return checks.json_object(str(path), json.loads(read_small(path)))
    except OSError as error:
        raise InputError(str(path), error.strerror, "a file that can be read") from None
    except InputError:
        raise
    except (ValueError, RecursionError):
        raise InputError(str(path), "damaged", "JSON: install the checkpoint again") from None


def read(folder: Path) -> Checkpoint:
    """The checkpoint as its config.json describes it; InputError naming the field that is wrong."""
    path = folder / "config.json"
    config = read_config(folder)
    files = _files(str(path), config.get("files"))
    checks.json_object(f"{path}: sampling", config.get("sampling"))
    values: dict[str, Any] = {
        name: config.get(name) for name in ("name", "title", "licence", "parameters", "max_seconds")
    }
    try:
        return Checkpoint(folder, CheckpointInfo(sha256=files[MAIN_FILE], **values), files)
    except InputError as error:
        raise InputError(f"{path}: {error.field}", error.value, error.allowed) from None


def _files(where: str, value: Any) -> dict[str, str]:
    """File name -> sha256. Plain names only, so that a config cannot point outside its folder."""
    files = checks.json_object(f"{where}: files", value)
    for name, digest in files.items():
        if not _PLAIN_NAME.fullmatch(name):
            raise InputError(f"{where}: files", name, "plain file names")
        if not isinstance(digest, str) or not _SHA256.fullmatch(digest):
            raise InputError(f"{where}: files: {name}", digest, "a sha256 of 64 hexadecimal digits")
    if MAIN_FILE not in files:
        raise InputError(f"{where}: files", sorted(files), f"{MAIN_FILE} among them")
    return files


def verify(checkpoint: Checkpoint) -> Checkpoint:
    """The same checkpoint, all its files there and equal to their hashes; otherwise InputError naming the file."""
    for name, expected in checkpoint.files.items():
        path = checkpoint.folder / name
        try:
            if path.resolve().parent != checkpoint.folder.resolve():
                raise InputError(str(path), "a link to elsewhere", "a file in the checkpoint's own folder")
            with path.open("rb") as file:
                actual = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as error:
            raise InputError(
                str(path), error.strerror, "a file that can be read: install the checkpoint again"
            ) from None
        if actual != expected:
            raise InputError(f"sha256 of {path}", actual[:12], f"{expected[:12]}: install the checkpoint again")
    return checkpoint
