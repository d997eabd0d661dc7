"""HumanML3D and KIT-ML in their published layout, made by script -> a prepared folder that training reads."""

import dataclasses
import io
import json

import numpy as np
import pytest

from backend.motion.features import features_to_joints
from backend.motion.layout import HUMANML3D, KIT
from common.errors import InputError
from tests import published
from training import evaluate_isodim, evaluate_tokenizer, export, train_evaluator, train_isodim, train_tokenizer
from training.data import dataset
from training.data.compose import compositions
from training.data.turns import turns
from training.engine.isodim_settings import IsoDiMSettings
from training.engine.runs import load_generator
from training.prepare import PrepareSettings, prepare


def settings(folder, name, **changes):
    return PrepareSettings(out=folder.parent / f"out_{name}", **({name: folder} | changes))


def rows_of(made):
    return [json.loads(line) for line in (made.out / "clips.jsonl").read_text().splitlines()]


@pytest.mark.parametrize(("name", "layout"), [("t2m", HUMANML3D), ("kit", KIT)])
def test_essential_features_in_metres(tmp_path, name, layout):
    made = settings(published.make(tmp_path / "data", name), name)
    report = prepare(made)
    assert [(row["name"], row["split"], row["start"], row["frames"]) for row in rows_of(made)] == [
        ("000001", "train", 0, 60), ("000002", "train", 60, 60), ("000003", "val", 120, 60),
    ]  # fmt: skip
    features = np.load(made.out / "features.npy")
    assert features.shape == (180, layout.features)
    source = published.vectors(name, 60, 0)[:, : layout.features]
    np.testing.assert_allclose(features[:60, 0], source[:, 0], atol=1e-7)
    np.testing.assert_allclose(features[:60, 1:], source[:, 1:] * (0.001 if name == "kit" else 1.0), atol=1e-6)
    assert 0.8 < features[:, 3].mean() < 1.2
    statistics = json.loads((made.out / "statistics.json").read_text())
    assert len(statistics["mean"]) == len(statistics["std"]) == layout.features
    unit_m = 0.001 if name == "kit" else 1.0
    assert statistics["skeleton"] == {
        "name": layout.name, "joints": len(layout.joints), "fps": layout.fps, "unit_m": unit_m,
    }  # fmt: skip
    assert report.skipped == {"mirrored files, which training makes itself": 1}
    assert report.dropped == report.notes == []
    minutes = report.summary()["minutes_by_source"]
    assert minutes[f"train {layout.name}"] == pytest.approx(2 * 60 / layout.fps / 60, abs=0.01)


def test_texts_become_spans_as_the_published_loaders_cut_them(tmp_path):
    made = settings(published.make(tmp_path / "data", "t2m"), "t2m")
    prepare(made)
    first, second, third = (row["spans"] for row in rows_of(made))
    assert [(s["start"], s["frames"], s["captions"], s["action"]) for s in first] == [
        (0, 60, ["a person walks forward.", "someone strolls ahead"], "walk"),
        (20, 30, ["a man waves"], "wave"),
    ]
    assert [s["captions"] for s in second] == [["the person turns left"]]
    assert (third[0]["start"], third[0]["frames"], third[0]["any_crop_fits"]) == (0, 60, False)


def test_mirrored_files_count_where_training_does_not_mirror(tmp_path):
    folder = published.make(tmp_path / "data", "t2m")
    made = settings(folder, "t2m", mirror=False)
    prepare(made)
    assert [row["name"] for row in rows_of(made)] == ["000001", "M000001", "000002", "000003"]
    data = dataset.load(made.out, "train")
    assert not data.mirrored
    drawn = dataset.windows(data, np.random.default_rng(0), batch=8, frames=60)
    own = [data.window(start, count, False) for start, count in data.clips]
    assert all(any(np.array_equal(window[:59], clip[:59]) for clip in own) for window in drawn)
    alone = published.make(tmp_path / "alone", "t2m")
    (alone / "train.txt").write_text("M000001\n000002\n")
    assert "M000001" in [row["name"] for row in rows_of_prepared(settings(alone, "t2m"))]


def rows_of_prepared(made):
    prepare(made)
    return rows_of(made)


BROKEN = {
    "no_vectors": ("is missing", None, "a walk#a/DET#0.0#0.0\n"),
    "no_array": ("not a numpy array", b"walk", "a walk#a/DET#0.0#0.0\n"),
    "width": ("is [60, 200], not [frame, 263 or 67]", np.zeros((60, 200)), "a walk#a/DET#0.0#0.0\n"),
    "nan": ("not finite", np.full((60, 263), np.nan), "a walk#a/DET#0.0#0.0\n"),
    "short": ("30 frames, not the 40 to 199", published.vectors("t2m", 30, 0), "a walk#a/DET#0.0#0.0\n"),
    "no_text": ("texts/no_text.txt is missing", published.vectors("t2m", 60, 0), None),
    "empty": ("line 1: an empty caption", published.vectors("t2m", 60, 0), " #a/DET#0.0#0.0\n"),
    "latin": ("line 1: not UTF-8", published.vectors("t2m", 60, 0), b"caf\xe9#a/DET#0.0#0.0\n"),
    "fields": ("line 1: not caption#words#start#end", published.vectors("t2m", 60, 0), "a walk\n"),
    "times": ("line 1: a span from 3.0 to 2.0 s", published.vectors("t2m", 60, 0), "a walk#a/DET#3.0#2.0\n"),
    "beyond": (
        "a caption from 5 to 7 s, the clip having 3.0 s",
        published.vectors("t2m", 60, 0),
        "a walk#a/DET#5.0#7.0\n",
    ),
}


def test_broken_files_are_named_and_left_out(tmp_path):
    folder = published.make(tmp_path / "data", "t2m")
    for name, (_, vectors, text) in BROKEN.items():
        if vectors is not None:
            path = folder / "new_joint_vecs" / f"{name}.npy"
            path.write_bytes(vectors) if isinstance(vectors, bytes) else np.save(path, vectors)
        if text is not None:
            (folder / "texts" / f"{name}.txt").write_bytes(text if isinstance(text, bytes) else text.encode())
    (folder / "train.txt").write_text("\n".join([*published.LISTS["train"], *BROKEN, "../outside"]))
    (folder / "val.txt").write_text("000003\n000002\n")
    with (folder / "texts" / "000001.txt").open("a") as stream:
        stream.write("#x/X#0.0#0.0\n")
    made = settings(folder, "t2m")
    report = prepare(made)
    assert [row["name"] for row in rows_of(made)] == ["000001", "000002", "000003"]
    reasons = {row["name"]: row["reason"] for row in report.dropped}
    assert reasons.keys() == {*BROKEN, "../outside", "000002"}
    for name, (reason, _, _) in BROKEN.items():
        assert reason in reasons[name]
    assert "again in val.txt" in reasons["000002"]
    assert [(row["name"], row["reason"]) for row in report.notes] == [
        ("000001", "texts/000001.txt line 4: an empty caption")
    ]
    page = (made.out / "report.md").read_text()
    assert "texts/000001.txt line 4" in page
    assert "1 mirrored files" in page
    with pytest.raises(InputError, match="without --strict"):
        prepare(settings(folder, "t2m", strict=True))


def spoilt(change):
    vectors = np.array(published.vectors("t2m", 60, 0))
    change(vectors)
    return vectors


IMPOSSIBLE = {
    "huge": ("legs of 8", lambda v: np.multiply(v, 1e6, out=v)),
    "centimetres": ("legs of 8", lambda v: np.multiply(v, 100.0, out=v)),
    "zero": ("legs of 0 m", lambda v: np.multiply(v, 0.0, out=v)),
    "one frame": ("a joint", lambda v: np.multiply(v[30, 4:67], 40.0, out=v[30, 4:67])),
    "fast": ("the root moves at", lambda v: np.add(v[:, 1], 3.0, out=v[:, 1])),
    "spinning": ("a turn of", lambda v: np.add(v[:, 0], 2.0, out=v[:, 0])),
    "noise": ("", lambda v: np.copyto(v, np.random.default_rng(0).normal(size=v.shape))),
}


def test_numbers_that_are_no_persons_are_left_out_of_all_statistics(tmp_path):
    folder = published.make(tmp_path / "data", "t2m")
    prepare(settings(folder, "t2m"))
    wanted = (folder.parent / "out_t2m" / "statistics.json").read_bytes()
    for name, (_, change) in IMPOSSIBLE.items():
        np.save(folder / "new_joint_vecs" / f"{name}.npy", spoilt(change))
        (folder / "texts" / f"{name}.txt").write_text("a walk#a/DET#0.0#0.0\n")
    (folder / "train.txt").write_text(
        "\n".join([*published.LISTS["train"], *(name.replace(" ", "_") for name in IMPOSSIBLE)])
    )
    for name in IMPOSSIBLE:
        if " " in name:
            for kind in ("new_joint_vecs/{}.npy", "texts/{}.txt"):
                (folder / kind.format(name)).rename(folder / kind.format(name.replace(" ", "_")))
    report = prepare(settings(folder, "t2m"))
    reasons = {row["name"].replace("_", " "): row["reason"] for row in report.dropped}
    assert reasons.keys() == IMPOSSIBLE.keys()
    for name, (words, _) in IMPOSSIBLE.items():
        assert f"is no person in metres: {words}" in reasons[name]
    assert (folder.parent / "out_t2m" / "statistics.json").read_bytes() == wanted


def archive():
    stream = io.BytesIO()
    np.savez(stream, a=np.zeros(3))
    return stream.getvalue()


def array(values):
    stream = io.BytesIO()
    np.save(stream, values)
    return stream.getvalue()


ODD = {
    "archive": archive(),
    "empty": b"",
    "cut": array(published.vectors("t2m", 60, 0))[:-100],
    "words": array(np.full((60, 263), "walk")),
    "complex": array(np.zeros((60, 263), complex)),
    "records": array(np.zeros(60, [("x", "f4")])),
    "scalar": array(np.float32(1.0)),
    "lying_header": array(np.zeros((2, 263))).replace(b"(2, 263)", b"(9999999999, 263)"[:8]),
}


def test_an_odd_file_costs_its_clip_alone(tmp_path):
    folder = published.make(tmp_path / "data", "t2m")
    for name, content in ODD.items():
        (folder / "new_joint_vecs" / f"{name}.npy").write_bytes(content)
        (folder / "texts" / f"{name}.txt").write_text("a walk#a/DET#0.0#0.0\n")
    (folder / "new_joint_vecs" / "folder.npy").mkdir()
    (folder / "train.txt").write_text(
        "\ufeff" + "\n".join([*(f"{name}.npy" for name in published.LISTS["train"]), *ODD, "folder"])
    )
    report = prepare(settings(folder, "t2m"))
    assert {row["name"] for row in report.dropped} == {*ODD, "folder"}
    assert len(report.kept) == 3


def test_files_in_no_list_are_told(tmp_path):
    folder = published.make(tmp_path / "data", "t2m")
    for number in range(28):
        np.save(folder / "new_joint_vecs" / f"1{number:05}.npy", published.vectors("t2m", 60, 0))
    (folder / "train.txt").write_text("000001\n000002\n")
    report = prepare(settings(folder, "t2m"))
    assert report.skipped == {
        "files of new_joint_vecs that are in no list (100000, 100001, 100002 and 25 more)": 28,
        "mirrored files, which training makes itself": 1,
    }
    assert "- 28 files of new_joint_vecs" in (folder.parent / "out_t2m" / "report.md").read_text()


def test_pickled_arrays_are_not_read(tmp_path):
    folder = published.make(tmp_path / "data", "t2m")
    np.save(folder / "new_joint_vecs" / "000002.npy", np.array([{"a": 1}], object), allow_pickle=True)
    report = prepare(settings(folder, "t2m"))
    assert [row["name"] for row in report.dropped] == ["000002"]


def test_a_folder_in_another_layout_is_refused(tmp_path):
    with pytest.raises(InputError, match="new_joint_vecs"):
        prepare(PrepareSettings(t2m=tmp_path, out=tmp_path / "out"))
    folder = published.make(tmp_path / "data", "t2m")
    with pytest.raises(InputError, match=r"the first dropped: .*\[60, 263\], not \[frame, 251 or 64\]"):
        prepare(PrepareSettings(kit=folder, out=tmp_path / "out"))
    (folder / "val.txt").unlink()
    with pytest.raises(InputError, match=r"val.txt"):
        prepare(settings(folder, "t2m"))


def test_kit_trains_a_generator_but_makes_no_checkpoint(tmp_path, capsys):
    """From the prepared folder to codes, losses and back to joints; a rig cannot take them."""
    made = settings(published.make(tmp_path / "data", "kit"), "kit")
    prepare(made)
    data = dataset.load(made.out, "val")
    assert data.layout is KIT
    assert features_to_joints(data.window(0, 60, True)).shape == (60, 21, 3)
    common = {
        "dataset_dir": made.out, "dataset_name": "kit", "checkpoints_dir": tmp_path / "runs", "steps": 1,
        "batch_size": 2, "threads": 1, "precision": "fp32",
    }  # fmt: skip
    tokenizer = train_tokenizer.TokenizerSettings(
        name="tokenizer", width=16, window_size=32, model="IsoDiM_Tokenizer_Small", **common
    )
    train_tokenizer.main(tokenizer)
    rows = [json.loads(line) for line in (tokenizer.folder / "log.jsonl").read_text().splitlines()]
    assert 0 < rows[-1]["val_mpjpe_mm"] < 2000
    generator = IsoDiMSettings(name="generator", model="IsoDiM-DiT-XXS", tokenizer_name="tokenizer", **common)
    train_isodim.main(generator)
    train_evaluator.main(train_evaluator.EvaluatorSettings(name="judge", width=32, layers=1, **common))
    evaluate_tokenizer.main(evaluate_tokenizer.TokenizerEvaluation((str(tokenizer.folder),), made.out))
    evaluation = evaluate_isodim.IsoDiMEvaluation((str(generator.folder),), made.out, repeats=1, mirror=False)
    evaluate_isodim.main(evaluation)
    heard = capsys.readouterr().out
    assert "## Joint errors" in heard
    assert "## Texts and motions" in heard
    assert "Physics" not in heard  # its figures are of the canonical skeleton's feet
    with pytest.raises(InputError, match="joints a frame is 21"):
        evaluate_isodim.main(dataclasses.replace(evaluation, sides=True))
    _, loaded, _ = load_generator(generator.folder)
    assert len(loaded.mean) == 64
    for invented in (compositions, turns):
        assert invented(data, 0, np.random.default_rng(0)) == []
        with pytest.raises(InputError, match="joints a frame is 21"):
            invented(data, 3, np.random.default_rng(0))
    whole = export.ExportSettings(
        name="kit", title="KIT", licence="none", tokenizer=str(tokenizer.folder), generator=str(generator.folder),
        length="open", out=tmp_path / "out",
    )  # fmt: skip
    with pytest.raises(InputError, match="tokenizer is 'for 64 features', expected one for the 67"):
        export.main(whole)
