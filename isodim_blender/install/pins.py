"""The pinned packages of each kind of computer, as `nox -s lock` wrote them beside this file.

A file `requirements-PLATFORM-SET.txt` is a requirements file of pip whose every line ends in a comment with sizes:

    numpy==2.4.6 ; python_version == "3.11" --hash=sha256:89cd... # 16601000 66110000
"""

from __future__ import annotations

import dataclasses
import hashlib
import platform
import re
import sys
from pathlib import Path

from ...common.errors import InputError

FOLDER = Path(__file__).parent
PYTHONS = ((3, 11), (3, 12), (3, 13))
SETS = ("cuda", "mps", "cpu", "rocm")
"""Every choice there is, the better one first where a computer has several."""
_PLATFORMS = {
    ("linux", "x86_64"): "linux",
    ("win32", "amd64"): "windows",
    ("darwin", "arm64"): "macos",
}
_LINE = re.compile(
    r'(?P<name>[\w.-]+)==(?P<version>[\w.+!]+)(?: ; python_version == "(?P<python>3\.\d+)")?'
    r"(?P<hashes>(?: --hash=sha256:[0-9a-f]{64})+) # (?P<download>\d+) (?P<disk>\d+)"
)


@dataclasses.dataclass(frozen=True)
class Pin:
    """One package: its exact version and files, and how many bytes they are before and after unpacking."""

    name: str
    version: str
    hashes: tuple[str, ...]
    download_bytes: int
    disk_bytes: int
    python: tuple[int, int] | None = None

    @property
    def line(self) -> str:
        """The line for pip, without a marker: it was decided here."""
        return " ".join((f"{self.name}=={self.version}", *(f"--hash=sha256:{one}" for one in self.hashes)))


@dataclasses.dataclass(frozen=True)
class PackageSet:
    """All pins of one choice on one platform, for every Python that it is there for."""

    name: str
    pins: tuple[Pin, ...]

    @property
    def pythons(self) -> tuple[tuple[int, int], ...]:
        """The Pythons that torch is pinned for."""
        torch = [pin for pin in self.pins if pin.name == "torch"]
        return tuple(one for one in PYTHONS if any(pin.python in (None, one) for pin in torch))

    def of(self, python: tuple[int, int]) -> tuple[Pin, ...]:
        """The pins for one Python, in the file's order."""
        return tuple(pin for pin in self.pins if pin.python in (None, python))

    def sizes(self, python: tuple[int, int] | None = None) -> tuple[int, int]:
        """Bytes to download and bytes on disk; for the last Python there is if none is given."""
        pins = self.of(python or self.pythons[-1])
        return sum(pin.download_bytes for pin in pins), sum(pin.disk_bytes for pin in pins)

    def described(self) -> str:
        """Both sizes in words."""
        download, disk = self.sizes()
        return f"{in_words(download)} to download, {in_words(disk)} on disk"


def in_words(size: float) -> str:
    """Bytes as people say them, decimal: '262 MB', '3.1 GB'."""
    return f"{size / 1e9:.1f} GB" if size >= 1e9 else f"{size / 1e6:.0f} MB"


def digest(pins: tuple[Pin, ...]) -> str:
    """What changes when any version or hash changes."""
    return hashlib.sha256("\n".join(sorted(pin.line for pin in pins)).encode()).hexdigest()


def parse(text: str) -> tuple[Pin, ...]:
    """The pins of a file's text; InputError at a line that is none, as a file without hashes must not be used."""
    pins = []
    for line in text.splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        found = _LINE.fullmatch(line.strip())
        if found is None:
            raise InputError("Pinned package", line, "name==version, hashes and sizes")
        python = found["python"]
        pins.append(
            Pin(
                name=found["name"],
                version=found["version"],
                hashes=tuple(found["hashes"].replace("--hash=sha256:", "").split()),
                download_bytes=int(found["download"]),
                disk_bytes=int(found["disk"]),
                python=(3, int(python.partition(".")[2])) if python else None,
            )
        )
    return tuple(pins)


def platform_name(system: str = sys.platform, machine: str = "") -> str:
    """'linux', 'windows' or 'macos'; empty for a computer that nothing is pinned for."""
    return _PLATFORMS.get((system, (machine or platform.machine()).lower()), "")


def load(name: str, on: str, folder: Path = FOLDER) -> PackageSet | None:
    """The set `name` for the platform `on`; None if nothing is pinned for it."""
    try:
        text = (folder / f"requirements-{on}-{name}.txt").read_text("utf-8")
    except FileNotFoundError:
        return None
    return PackageSet(name, parse(text))
