"""The pinned packages of the GPU backend: what the files promise, and for which computers they are."""

import re

import pytest
from isodim.isodim_blender.install import packages

from tools.package.lock import GPU, SYSTEMS, UNUSED, requirements
from tools.package.wheels import TARGETS

FILES = sorted(packages.FOLDER.glob("requirements-*.txt"))


def test_there_is_one_for_each_blender_on_each_system_with_a_gpu_build():
    wanted = {f"requirements-{target.name}.txt" for target in TARGETS if target.platform in SYSTEMS}
    assert {path.name for path in FILES} == wanted


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_file_pins_all_that_is_asked_for_by_hash_and_names_no_host(path):
    made = packages.Packages(path, "cuda")
    names = set(made.names)
    assert {one.partition("==")[0] for one in GPU} <= names and not names & set(UNUSED)
    assert ("nvidia-cublas" in names) == ("linux" in path.name)
    assert made.text.count("--hash=sha256:") >= len(names) == len(made.names)
    assert made.download_gb > 0.1
    assert not re.search(r"://|\.org|\.com|\.io", made.text)


def test_the_file_of_a_resolution_has_its_size_first():
    wheels = [{"size": size, "hashes": {"sha256": letter * 64}} for size, letter in ((9e8, "b"), (1e9, "a"))]
    text = requirements([{"name": "torch", "version": "1.0", "wheels": wheels}])
    assert text.startswith("# 1.0 GB to download")
    assert text.endswith(f"torch==1.0 \\\n    --hash=sha256:{'a' * 64} \\\n    --hash=sha256:{'b' * 64}\n")


@pytest.fixture
def computer(monkeypatch):
    def be(system, machine, version=(3, 11)):
        monkeypatch.setattr(packages, "sys", type("Sys", (), {"platform": system, "version_info": _Version(version)}))
        monkeypatch.setattr(packages.platform, "machine", lambda: machine)

    return be


class _Version(tuple):
    major, minor = property(lambda self: self[0]), property(lambda self: self[1])


def test_each_computer_gets_its_device_or_one_sentence(computer):
    computer("linux", "x86_64")
    assert packages.find(nvidia=True).device == "cuda"
    assert packages.find(nvidia=False).startswith("No NVIDIA driver was found")
    computer("darwin", "arm64", (3, 13))
    assert packages.find().device == "mps" and packages.find().file.name == "requirements-macos-arm64-py313.txt"
    computer("win32", "AMD64")
    assert packages.find().startswith("No packages are pinned for this system")
    computer("linux", "x86_64", (3, 12))
    assert packages.find(nvidia=True).startswith("No packages are pinned for Python 3.12")
