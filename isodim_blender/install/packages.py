"""What a computer could have: the device, the pinned packages that `nox -s lock` wrote beside this file, their size; no bpy."""

from __future__ import annotations

import dataclasses
import hashlib
import platform
import re
import shutil
import sys
from pathlib import Path

FOLDER = Path(__file__).parent
_DEVICES = {("linux", "x86_64"): ("linux-x64", "cuda"), ("darwin", "arm64"): ("macos-arm64", "mps")}
NAMES = {"cuda": "CUDA", "mps": "MPS"}
_SIZE = re.compile(r"# ([\d.]+) GB to download")
_OWN = "name a Python of your own that has torch in it"


@dataclasses.dataclass(frozen=True)
class Packages:
    """What would be installed: a requirements file of pip, in which every package has its hashes, for one device."""

    file: Path
    device: str

    @property
    def text(self) -> str:
        """The file's text."""
        return self.file.read_text("utf-8")

    @property
    def download_gb(self) -> float:
        """How much is downloaded, as the file's first line says."""
        found = _SIZE.match(self.text)
        return float(found[1]) if found else 0.0

    @property
    def names(self) -> tuple[str, ...]:
        """All packages."""
        return tuple(re.findall(r"^([\w.-]+)==", self.text, re.MULTILINE))

    @property
    def digest(self) -> str:
        """Another one where any package is another one."""
        return hashlib.sha256(self.text.encode()).hexdigest()


def find(folder: Path = FOLDER, nvidia: bool | None = None) -> Packages | str:
    """The packages for this computer and this Python, or one sentence why there are none. `nvidia`: whether it has a driver."""
    on, device = _DEVICES.get((sys.platform, platform.machine().lower()), ("", ""))
    if not device:
        return f"No packages are pinned for this system: {_OWN}."
    file = folder / f"requirements-{on}-py{sys.version_info.major}{sys.version_info.minor}.txt"
    if not file.is_file():
        return f"No packages are pinned for Python {sys.version_info.major}.{sys.version_info.minor}: {_OWN}."
    if device == "cuda" and not (_has_nvidia() if nvidia is None else nvidia):
        return "No NVIDIA driver was found: generation goes on on the CPU, or " + _OWN + "."
    return Packages(file, device)


def _has_nvidia() -> bool:
    return shutil.which("nvidia-smi") is not None or Path("/proc/driver/nvidia/version").exists()
