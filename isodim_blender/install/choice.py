"""Which set of packages for this computer, and what each would cost; no bpy."""

from __future__ import annotations

import dataclasses
import shutil
import sys
from pathlib import Path

from ...common.errors import InputError
from . import pins, sentinel
from .pins import PackageSet, Pin

AUTOMATIC = "AUTO"
NAMES = {"cuda": "CUDA", "mps": "MPS", "cpu": "CPU", "rocm": "ROCm"}
_ONLY = {"mps": "macos", "cuda": "linux or windows", "rocm": "linux or windows"}


@dataclasses.dataclass(frozen=True)
class Choices:
    """What is pinned for this platform ('' if nothing is), read once, and whether an NVIDIA driver is there."""

    on: str
    sets: dict[str, PackageSet]
    nvidia: bool

    def automatic(self) -> str:
        """The best set that this computer can use and that is pinned."""
        order = [name for name in pins.SETS if name in self.sets and (name != "cuda" or self.nvidia)]
        return order[0] if order else ""

    def package_set(self, chosen: str) -> PackageSet:
        """The set of a menu's entry ('AUTO', 'CPU', ...). InputError if it is not pinned for this platform."""
        name = self.automatic() if chosen == AUTOMATIC else chosen.lower()
        if name in self.sets:
            return self.sets[name]
        there = ", ".join(NAMES[one] for one in self.sets) or "an environment of your own under Backend Python"
        raise InputError("Packages", chosen if chosen != AUTOMATIC else sys.platform, there)

    def described(self, chosen: str) -> str:
        """What an entry stands for, in words: the set and its sizes, or why it cannot be had."""
        try:
            packages = self.package_set(chosen)
        except InputError:
            return self._missing(chosen.lower())
        return f"{NAMES[packages.name]}: {packages.described()}"

    def pinned(self) -> dict[str, tuple[Pin, ...]]:
        """Today's pins of every set and Python, as `sentinel.look` wants them."""
        return {
            sentinel.key(name, python): packages.of(python)
            for name, packages in self.sets.items()
            for python in packages.pythons
        }

    def _missing(self, name: str) -> str:
        if name in NAMES and self.on not in _ONLY.get(name, self.on):
            return f"{NAMES[name]} is not for this system."
        return f"No packages were verified for {NAMES.get(name, 'this computer')}: name a Python of your own under Backend Python."


def read(folder: Path = pins.FOLDER) -> Choices:
    """What is there for this computer; reads a few small files. InputError if one of them is damaged."""
    on = pins.platform_name()
    found = {name: pins.load(name, on, folder) for name in pins.SETS}
    nvidia = shutil.which("nvidia-smi") is not None or Path("/proc/driver/nvidia/version").exists()
    return Choices(on, {name: packages for name, packages in found.items() if packages is not None}, nvidia)
