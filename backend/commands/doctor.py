"""`doctor`: what is installed, what is found, whether it works; JSON on stdout, status 1 if something does not."""

from __future__ import annotations

import argparse
import functools
import json
import os
import platform
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from backend import device
from backend.weights import locate
from common import PROTOCOL_VERSION, VERSION
from common.errors import InputError
from common.wire import messages

from . import request as requests

_PACKAGES = ("numpy", "onnxruntime", "safetensors", "tokenizers")
_OPTIONAL = ("torch",)
"""Only other devices than the CPU and checkpoints without graphs need it."""
_PROMPT, _SECONDS = "a person walks forward and waves", 4.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `doctor`."""
    requests.add_device(parser)


def run(arguments: argparse.Namespace) -> int:
    """Prints the report."""
    report: dict[str, Any] = {
        "isodim": VERSION,
        "protocol": PROTOCOL_VERSION,
        "python": platform.python_version(),
        "platform": platform.platform(),
        "cores": os.cpu_count(),
        "packages": {name: _version(name) for name in _PACKAGES} | _optional(),
        "device": _attempt(lambda: device.choose(arguments.device)),
        "checkpoints": _checkpoints(arguments.weights),
        "text_encoder": _attempt(lambda: _text_encoder(arguments)),
        "generation": _attempt(lambda: _generation(arguments)),
    }
    print(json.dumps(report, indent=2))
    return 1 if '"error":' in json.dumps(report) else 0


def _version(package: str) -> str | dict[str, str]:
    import importlib.metadata  # only here: it takes longer to import than all of this package's commands

    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return {"error": "not installed"}


def _optional() -> dict[str, str]:
    found = {name: _version(name) for name in _OPTIONAL}
    return {name: version if isinstance(version, str) else "not installed" for name, version in found.items()}


def _attempt(step: Any) -> Any:
    try:
        return step()
    except Exception as error:  # a report of what is broken must survive whatever is broken
        return {"error": str(error) or type(error).__name__}


def _checkpoints(folders: Sequence[Path]) -> list[dict[str, Any]]:
    found, wrong = locate.available(folders)
    report: list[dict[str, Any]] = []
    for one in found:
        info = one.info
        entry = {name: getattr(info, name) for name in ("name", "title", "licence", "parameters", "sha256")}
        entry |= {"folder": str(one.folder), "files": list(one.files)}
        try:
            locate.verify(one)
            entry["verified"] = True
        except InputError as error:
            entry |= {"verified": False, "error": str(error)}
        report.append(entry)
    if not report and not wrong:
        return [{"error": "no checkpoint was found"}]
    return report + [{"error": str(error)} for error in wrong]


def _text_encoder(arguments: argparse.Namespace) -> dict[str, Any]:
    pipeline, started = _loader(*_chosen(arguments))(messages.Generate(_PROMPT)), time.perf_counter()
    states, _ = pipeline.encoder.encode([_PROMPT])
    encode_s = round(time.perf_counter() - started, 3)
    return {"name": pipeline.encoder.name, "width": states.shape[-1], "encode_s": encode_s}


def _chosen(arguments: argparse.Namespace) -> tuple[str, tuple[Path, ...], str]:
    return arguments.device, tuple(arguments.weights), arguments.engine


@functools.cache
def _loader(device: str, folders: tuple[Path, ...], engine: str) -> Any:
    """One for all parts of the report, so that weights are loaded once."""
    from backend.loading import Loader

    return Loader(device, folders, engine)


def _generation(arguments: argparse.Namespace) -> dict[str, Any]:
    started = time.perf_counter()
    request = messages.Generate(_PROMPT, seconds=_SECONDS)
    generator = _loader(*_chosen(arguments))(request)
    loaded = time.perf_counter()
    motion = generator.generate(request, lambda step, total: None)[0].check()
    return {
        "engine": generator.networks.name,
        "prompt": _PROMPT,
        "clip_s": motion.seconds,
        "frames": motion.frames,
        "load_s": round(loaded - started, 3),
        "generate_s": round(time.perf_counter() - loaded, 3),
        "meta": motion.meta,
    }
