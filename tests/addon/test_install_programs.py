"""Real venv and pip, and uv where there is one, on small wheels made here, without the network; only the backend is a stand-in."""

import hashlib
import json
import shutil
import sys
from functools import partial

import pytest
from isodim.isodim_blender.client import gpu
from isodim.isodim_blender.install import making, packages

from tests.addon.installing import ended
from tools.package.beside import wheel

REPORT = json.dumps({"device": "cpu", "generation": {"clip_s": 4, "generate_s": 0.1}})


@pytest.fixture
def wheels(tmp_path, monkeypatch):
    """A folder of wheels, the only place where pip and uv look."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    for name in ("torch", "numpy"):
        wheel(folder, name, "1.0")
    for tool in ("PIP", "UV"):
        monkeypatch.setenv(f"{tool}_NO_INDEX", "1")
        monkeypatch.setenv(f"{tool}_FIND_LINKS", str(folder))
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    return folder


@pytest.fixture
def install(wheels, tmp_path):
    root, place = tmp_path / "extension", making.Place(tmp_path / "Jürgen und 動き")
    (root / "backend").mkdir(parents=True)
    (root / "backend" / "__main__.py").write_text(f"import torch, numpy\nprint({REPORT!r})\n")
    pins = [
        f"{path.name.partition('-')[0]}==1.0 --hash=sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}"
        for path in sorted(wheels.glob("*.whl"))
    ]
    file = tmp_path / "requirements.txt"
    file.write_text("\n".join(["# 0.1 GB to download", *pins]) + "\n")

    def run(uv):
        order = making.Order(place, root, packages.Packages(file, "cuda"), sys.executable, uv)
        work = making.Work(partial(making.make, order=order))
        work.start()
        return ended(work, 300), place

    return run


@pytest.mark.parametrize("tool", ["venv", "uv"])
def test_a_wrong_hash_is_refused_and_then_an_environment_is_made(install, wheels, tool):
    uv = "" if tool == "venv" else shutil.which("uv")
    if uv is None:
        pytest.skip("there is no uv")
    path = next(wheels.glob("torch*"))
    right = path.read_bytes()
    wheel(wheels, "torch", "1.0", "CHANGED = True\n")
    ending, place = install(uv)
    assert ending.sentence.startswith(
        "Installing the packages failed: a downloaded file is not the one that was pinned"
    )
    path.write_bytes(right)
    ending, place = install(uv)
    assert ending.sentence == "The GPU backend works on CUDA: 4 s of motion in 0.1 s.", place.log.read_text()
    assert gpu.device_of(str(gpu.python_of(place.environment))) == "cuda"
