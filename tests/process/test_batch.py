"""`python -m backend batch`: resumable, one bad row does not end the run, a half-written file never counts."""

from __future__ import annotations

import pytest

from backend.__main__ import main
from common.motion import clip_file
from tests.tiny import make_checkpoint

LIST = "prompt,seconds,seed,variations,name\nwalks,1,3,2,walk\nwaves,99,,,\nsits,1,,,sit\n"


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    folder = tmp_path_factory.mktemp("weights")
    make_checkpoint(folder / "tiny")
    return folder


@pytest.fixture
def run(weights, tmp_path, capsys):
    """run(text, *more) -> status, lines of stdout, lines of stderr, {file: its time of change}."""

    def go(text=LIST, *more):
        (tmp_path / "list.csv").write_text(text)
        where = ["--out", str(tmp_path / "out"), "--weights", str(weights), "--checkpoint", "tiny", "--device", "cpu"]
        status = main(["batch", str(tmp_path / "list.csv"), *where, *more])
        said = capsys.readouterr()
        files = {path.name: path.stat().st_mtime_ns for path in (tmp_path / "out").glob("*.*")}
        return status, said.out.splitlines(), said.err.splitlines(), files

    return go


def test_one_bad_row_is_listed_and_the_others_are_made(run, tmp_path):
    status, out, errors, files = run()
    assert status == 1
    assert errors[0] == "1 rows failed:" and errors[1].startswith("list.csv, line 3: seconds is 99")
    assert sorted(files) == ["isodim_batch.json", "sit.npz", "walk_1.npz", "walk_2.npz"]
    assert out[0] == "0 of 2 rows are there already" and "0 s left" in out[-1]
    metas = [clip_file.load(tmp_path / "out" / name).meta for name in ("walk_1.npz", "walk_2.npz", "sit.npz")]
    assert [(meta["prompt"], meta["seed"]) for meta in metas] == [("walks", 3), ("walks", 4), ("sits", 0)]


def test_a_second_run_makes_only_what_is_missing_or_changed(run, tmp_path):
    before = run()[3]
    (tmp_path / "out" / "sit.npz").unlink()
    (tmp_path / "out" / ".walk_1.npz.123.part").write_bytes(b"half")
    _, out, _, after = run()
    assert out[0] == "1 of 2 rows are there already"
    assert (after["walk_1.npz"], after["walk_2.npz"]) == (before["walk_1.npz"], before["walk_2.npz"])
    _, out, _, changed = run(LIST.replace("walks,1,3", "walks,1,4"))
    assert out[0] == "1 of 2 rows are there already"
    assert changed["walk_1.npz"] != after["walk_1.npz"] and changed["sit.npz"] == after["sit.npz"]


def test_another_format_is_another_file(run):
    run(LIST)
    status, out, _, files = run("prompt,seconds,name\nsits,1,sit\n", "--format", "bvh")
    assert (status, out[0]) == (0, "0 of 1 rows are there already")
    assert {"sit.npz", "sit.bvh"} <= set(files)


def test_a_row_that_breaks_the_model_does_not_end_the_run(run, monkeypatch):
    from backend.generate import Pipeline

    real = Pipeline.generate

    def breaks(self, request, on_step):
        if request.prompt == "walks":
            raise RuntimeError("out of\nmemory")
        return real(self, request, on_step)

    monkeypatch.setattr(Pipeline, "generate", breaks)
    status, _, errors, files = run()
    assert status == 1 and "list.csv, line 2: RuntimeError: out of memory" in errors
    assert "sit.npz" in files and "walk_1.npz" not in files


def test_wrong_settings_end_it_before_the_first_row(run, capsys):
    assert run(LIST, "--steps", "0")[:2] == (2, [])
    status, _, errors, files = run(LIST, "--checkpoint", "other")
    assert status == 2 and "other" in errors[0] and files == {}
