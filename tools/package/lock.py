"""Pins the wheels that the extension ships: `python -m tools.package.lock` asks pip for those of all targets and writes wheels.txt."""

from __future__ import annotations

import tempfile
from pathlib import Path

from .wheels import ASKED, PINS, TARGETS, download, pinned


def main() -> None:
    """Download, hash, write."""
    with tempfile.TemporaryDirectory() as place:
        folders = [Path(place) / target.name for target in TARGETS]
        for target, folder in zip(TARGETS, folders, strict=True):
            download(target, folder, *ASKED)
        PINS.write_text(pinned(folders), "utf-8")
    print(f"{PINS.name}: {', '.join(ASKED)}")


if __name__ == "__main__":
    main()
