"""`nox -s install`: the backend's environment from the package index in use, then from a folder of wheels, as the extension makes it.

The folders have spaces and letters that are no ASCII. Prints what each step took and what the self-tests said.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from tools.checkout import ROOT  # makes the package `isodim`

# isort: split
from isodim.isodim_blender.install import installation, pins, removal, sentinel, worker


def install(folder: Path, packages: pins.PackageSet, kill_after: float | None = None, **options: Any) -> worker.Status:
    """One installation, its titles printed; with `kill_after` it is cancelled at that part of the whole."""
    order = installation.Order(folder, ROOT, packages, sys.executable, folder.parent / "install.log", **options)
    made = installation.Installation(order)
    began, shown = time.perf_counter(), ""
    made.start()
    while made.status.state is worker.State.RUNNING:
        status = made.status
        title = status.text.partition(":")[0]
        if title != shown:
            print(f"{time.perf_counter() - began:6.1f} s {100 * status.factor:4.0f} %  {title}", flush=True)
            shown = title
        if kill_after is not None and status.factor > kill_after:
            made.cancel()
        time.sleep(0.05)
    print(
        f"{time.perf_counter() - began:6.1f} s  {made.status.state.value}: {made.status.text} {made.status.advice}",
        flush=True,
    )
    return made.status


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--set", default="cpu", choices=pins.SETS)
    arguments = parser.parse_args()
    place = arguments.out.resolve() / "Benutzer Jürgen Ñandú 動き"
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    packages = pins.load(arguments.set, pins.platform_name())
    if packages is None:
        raise SystemExit(f"Nothing is pinned for {arguments.set} on {sys.platform}")
    print(f"{arguments.set}: {packages.described()}")
    folder = place / "environment"
    ended = [install(folder, packages, kill_after=0.4).state, install(folder, packages).state]
    print(f"On disk: {pins.in_words(removal.disk_use(folder))}")

    wheels = place / "a folder of wheels"
    wanted = place / "wanted.txt"
    version = tuple(sentinel.read(folder / sentinel.SENTINEL)["python"])
    wanted.write_text("\n".join(pin.line for pin in packages.of(version)), "utf-8")
    python = str(sentinel.python_of(folder))
    command = [python, "-m", "pip", "download", "--quiet", "--no-deps", "--require-hashes", "-r", wanted, "-d", wheels]
    subprocess.run(command, check=True)
    offline = place / "ohne Netz" / "environment"
    offline.parent.mkdir()
    os.environ["HTTPS_PROXY"] = os.environ["HTTP_PROXY"] = "http://127.0.0.1:9"  # nothing listens: no byte leaves
    ended.append(install(offline, packages, wheels=str(wheels)).state)
    shutil.rmtree(place)
    expected = [worker.State.CANCELLED, worker.State.FINISHED, worker.State.FINISHED]
    raise SystemExit(0 if ended == expected else f"Ended as {ended}")


if __name__ == "__main__":
    main()
