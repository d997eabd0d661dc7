"""The whole command on a corpus made by script: two skeletons, two splits, and clips that must be dropped."""

import csv
import dataclasses
import json

import numpy as np
import pytest

from backend.motion.features import features_to_joints
from common.errors import InputError
from common.motion import bvh, quaternions
from common.motion.motion import Motion
from common.motion.skeleton import INDEX, JOINTS
from training.data.dataset import load
from training.data.sources.bvh import load_joint_maps, read_clip
from training.engine import command
from training.prepare import PrepareSettings, main, prepare

OWN_MAP = {name: name for name in JOINTS}
SPARSE_MAP = {**OWN_MAP, "spine2": "spine1+spine3", "left_foot": "end:left_foot", "right_foot": "end:right_foot"}


def motion(frames, seed, speed=0.04):
    random = np.random.default_rng(seed)
    rotations = quaternions.identity(frames, len(JOINTS))
    for name in ("left_knee", "right_knee"):
        bend = 0.4 + 0.3 * np.sin(np.arange(frames) * 0.2 + random.uniform(0, 6))
        rotations[:, INDEX[name]] = quaternions.about((1, 0, 0), bend)
    rotations[:, 0] = quaternions.about((0, 1, 0), np.linspace(0, 1, frames) + random.uniform(-3, 3))
    root = np.stack([np.zeros(frames), np.full(frames, 0.95), speed * np.arange(frames)], axis=-1)
    return Motion(
        rotations=rotations.astype(np.float32),
        root=root.astype(np.float32),
        contacts=np.zeros((frames, 4), np.float32),
        fps=30.0,
    )


@pytest.fixture
def corpus(tmp_path):
    """SOURCE/CLIP.bvh, captions and joint maps; returns settings that write to tmp_path / out."""
    clips = {
        ("own", "walk_1"): ("train", motion(60, 0)),
        ("own", "walk_2"): ("val", motion(45, 1)),
        ("own", "short"): ("train", motion(12, 2)),
        ("own", "rocket"): ("train", motion(60, 3, speed=3.0)),
        ("sparse", "walk_3"): ("train", motion(60, 4)),
    }
    rows = []
    for (source, name), (split, clip) in clips.items():
        (tmp_path / source).mkdir(exist_ok=True)
        bvh.write(tmp_path / source / f"{name}.bvh", clip)
        rows.append((source, name, split))
    (tmp_path / "own" / "broken.bvh").write_text("HIERARCHY\nROOT\n")
    rows += [("own", "broken", "train"), ("own", "missing", "train"), ("unknown", "x", "train")]
    facts = {"license": "CC0-1.0", "start_s": 0.0, "end_s": 9.0, "captions": ["a person walks"]}
    facts |= {"caption_origin": "test", "any_crop_fits": True}
    lines = [json.dumps({"source": s, "clip": c, "split": p, **facts}) for s, c, p in rows]
    (tmp_path / "captions.jsonl").write_text("\n".join(lines))
    (tmp_path / "maps.json").write_text(json.dumps({"maps": {"own": OWN_MAP, "sparse": SPARSE_MAP}}))
    return PrepareSettings(
        bvh=tmp_path, captions=(tmp_path / "captions.jsonl",), joint_maps=tmp_path / "maps.json", out=tmp_path / "out"
    )


def test_a_caption_may_hold_any_character(corpus):
    """U+2028 ends a line for `str.splitlines`, and not every system's own encoding has it."""
    odd = "a person walks\u2028café style"
    lines = [json.loads(line) for line in corpus.captions[0].read_text().splitlines()]
    rows = [json.dumps(line | {"captions": [odd]}, ensure_ascii=False) for line in lines]
    corpus.captions[0].write_text("\n".join(rows), "utf-8")
    prepare(corpus)
    assert {caption for span in load(corpus.out, "train").spans for caption in span.captions} == {odd}
    assert (corpus.out / "clips.jsonl").read_bytes().isascii()


def test_folder_holds_what_training_reads(corpus):
    prepare(corpus)
    features = np.load(corpus.out / "features.npy", mmap_mode="r", allow_pickle=False)
    rows = [json.loads(line) for line in (corpus.out / "clips.jsonl").read_text().splitlines()]
    assert [(r["source"], r["name"], r["split"]) for r in rows] == [
        ("own", "walk_1", "train"), ("own", "walk_2", "val"), ("sparse", "walk_3", "train"),
    ]  # fmt: skip
    assert [r["start"] for r in rows] == [0, rows[0]["frames"], rows[0]["frames"] + rows[1]["frames"]]
    assert features.shape == (sum(r["frames"] for r in rows), 67)
    assert features.dtype == np.float32
    assert [r["frames"] for r in rows] == [40, 30, 40]
    assert rows[0]["spans"] == [
        {
            "start": 0, "frames": 40, "captions": ["a person walks"], "action": "walk", "any_crop_fits": True,
            "caption_origin": "test",
        }
    ]  # fmt: skip
    statistics = json.loads((corpus.out / "statistics.json").read_text())
    assert len(statistics["mean"]) == len(statistics["std"]) == 67
    assert statistics["mirrored"] is True


def test_prepared_clips_are_the_clips(corpus):
    prepare(corpus)
    features = np.load(corpus.out / "features.npy")
    joints = features_to_joints(features[:40])
    source = motion(60, 0).resampled(20.0).positions.astype(float)
    yaw = -2 * np.arctan2(motion(60, 0).rotations[0, 0, 2], motion(60, 0).rotations[0, 0, 0])
    wanted = quaternions.rotate(quaternions.about((0, 1, 0), yaw), source - source[0, 0] * (1, 0, 1))
    moved = joints - wanted[:40]
    assert np.abs(moved - moved.mean(axis=(0, 1))).max() < 0.02
    assert np.percentile(joints[:, [INDEX["left_foot"], INDEX["right_foot"]], 1].min(axis=1), 5) == pytest.approx(
        0, abs=1e-3
    )


def test_dropped_clips_are_reported_with_reasons(corpus):
    prepare(corpus)
    report = json.loads((corpus.out / "report.json").read_text())
    reasons = {row["name"]: row["reason"] for row in report["dropped"]}
    assert set(reasons) == {"short", "rocket", "broken", "missing", "x"}
    for name, words in (
        ("short", "16 frames"),
        ("rocket", "m/s"),
        ("broken", "BVH line 2"),
        ("missing", "readable"),
        ("x", "readable"),
    ):
        assert words in reasons[name]
    assert report["clips_kept"] == 3
    assert report["minutes_by_action"] == {"train walk": 0.07, "val walk": 0.03}
    page = (corpus.out / "report.md").read_text()
    assert "3 clips kept, 5 dropped" in page
    assert "own/rocket" in page


def test_same_input_same_bytes_and_half_precision(corpus, tmp_path):
    files = ("features.npy", "clips.jsonl", "statistics.json", "report.json", "report.md")
    prepare(corpus)
    first = {name: (corpus.out / name).read_bytes() for name in files}
    prepare(corpus)
    assert first == {name: (corpus.out / name).read_bytes() for name in files}
    half = dataclasses.replace(corpus, out=tmp_path / "half", dtype="float16", mirror=False)
    prepare(half)
    assert np.load(half.out / "features.npy").dtype == np.float16
    assert json.loads((half.out / "statistics.json").read_text())["mirrored"] is False


def test_unusable_inputs_are_refused(corpus, tmp_path):
    lines = [line for line in corpus.captions[0].read_text().splitlines() if '"val"' in line]
    (tmp_path / "val.jsonl").write_text("\n".join(lines))
    with pytest.raises(InputError, match="usable clip of the train split"):
        prepare(dataclasses.replace(corpus, captions=(tmp_path / "val.jsonl",)))
    (tmp_path / "bad.json").write_text(json.dumps({"maps": {"own": {"pelvis": "hips"}}}))
    with pytest.raises(InputError, match="22 canonical joints"):
        prepare(dataclasses.replace(corpus, joint_maps=tmp_path / "bad.json"))
    with pytest.raises(InputError, match="object `maps`"):
        load_joint_maps(tmp_path / "none.json")
    assert not corpus.out.exists()


def test_command_line(corpus, monkeypatch, capsys):
    words = ["prepare", "--bvh", corpus.bvh, "--captions", *corpus.captions, "--joint-maps", corpus.joint_maps]
    monkeypatch.setattr("sys.argv", [str(word) for word in [*words, "--out", corpus.out, "--no-mirror"]])
    command.run(main, PrepareSettings, None)
    assert "3 clips kept, 5 dropped" in capsys.readouterr().out
    corpus.joint_maps.write_text("{}")
    with pytest.raises(SystemExit, match="2"):
        command.run(main, PrepareSettings, None)
    assert capsys.readouterr().err.startswith("joint maps is ")


def test_more_processes_same_bytes(corpus, tmp_path):
    prepare(corpus)
    spread = dataclasses.replace(corpus, out=tmp_path / "spread", num_workers=2)
    prepare(spread)
    for path in corpus.out.iterdir():
        assert path.read_bytes() == (spread.out / path.name).read_bytes()


def test_strict_ends_with_the_first_broken_clip(corpus):
    with pytest.raises(InputError, match=r"clip own/broken is .*BVH line 2.* without --strict it is left out"):
        prepare(dataclasses.replace(corpus, strict=True))
    assert not corpus.out.exists()


def test_a_folder_with_one_table_is_enough(tmp_path):
    """CLIP.bvh files and captions.csv: no maps, no sources, no splits, no times."""
    rows = [(f"clip_{index:02d}", "a person walks") for index in range(11)]
    for index, (name, _) in enumerate(rows):
        bvh.write(tmp_path / f"{name}.bvh", motion(30, index))
    rows += [("clip_00", "someone walks ahead"), ("clip_01", "")]
    with (tmp_path / "captions.csv").open("w", newline="") as stream:
        csv.writer(stream).writerows([("clip", "caption"), *rows])
    report = prepare(PrepareSettings(bvh=tmp_path, out=tmp_path / "out"))
    clips = [json.loads(line) for line in (tmp_path / "out" / "clips.jsonl").read_text().splitlines()]
    assert [row["name"] for row in clips] == [name for name, _ in rows[:11]]
    assert [row["name"] for row in clips if row["split"] == "val"] == ["clip_09"]
    assert clips[0]["spans"][0]["captions"] == ["a person walks", "someone walks ahead"]
    assert {row["source"] for row in clips} == {tmp_path.name}
    assert [(row["name"], row["reason"][:30]) for row in report.dropped] == [
        ("captions.csv line 14", "captions.csv line 14, captions")
    ]


def test_unknown_rigs_name_the_joints_that_were_not_found(tmp_path):
    text = (
        "HIERARCHY\nROOT Hips\n{\nOFFSET 0 0 0\nCHANNELS 3 Xposition Yposition Zposition\n"
        "JOINT Tail\n{\nOFFSET 0 1 0\nCHANNELS 0\n}\n}\nMOTION\nFrames: 1\nFrame Time: 0.05\n0 0 0\n"
    )
    (tmp_path / "fish.bvh").write_text(text)
    with pytest.raises(InputError, match=r"without .*left thigh"):
        read_clip(tmp_path / "fish.bvh", None)


def test_one_folder_must_be_named(corpus):
    with pytest.raises(InputError, match=r"folder to read is 'missing', expected one of --bvh, --t2m, --kit, --amass"):
        prepare(PrepareSettings(out=corpus.out))
    with pytest.raises(InputError, match="bvh and kit"):
        prepare(dataclasses.replace(corpus, kit=corpus.bvh))
    with pytest.raises(InputError, match=r"captions.* or captions.csv"):
        prepare(PrepareSettings(bvh=corpus.bvh / "own", out=corpus.out))


def test_joint_map_expressions(corpus):
    path = corpus.bvh / "sparse" / "walk_3.bvh"
    plain, fps = read_clip(path, OWN_MAP)
    assert fps == pytest.approx(30.0)
    np.testing.assert_allclose(plain, motion(60, 4).positions, atol=1e-4)
    sparse, _ = read_clip(path, SPARSE_MAP)
    middle = (plain[:, INDEX["spine1"]] + plain[:, INDEX["spine3"]]) / 2
    np.testing.assert_allclose(sparse[:, INDEX["spine2"]], middle)
    assert np.linalg.norm(sparse[:, INDEX["left_foot"]] - plain[:, INDEX["left_foot"]], axis=-1).min() > 0.01
    with pytest.raises(InputError, match="tail"):
        read_clip(path, {**OWN_MAP, "head": "neck+tail"})


def test_what_is_not_taken_is_told(corpus, capsys):
    for name in ("own/silent.bvh", "lost.BVH", "own/walk_9.fbx"):
        (corpus.bvh / name).write_text("")
    rows = [json.loads(line) | {"capton": "a walk"} for line in corpus.captions[0].read_text().splitlines()]
    corpus.captions[0].write_text("".join(json.dumps(row) + "\n" for row in rows))
    maps = {"own": OWN_MAP, "sparse": SPARSE_MAP, "elsewhere": OWN_MAP}
    corpus.joint_maps.write_text(json.dumps({"maps": maps}))
    main(corpus)
    told = capsys.readouterr().out
    for words in (
        "8 caption rows with the field 'capton', which is not read",
        "2 BVH files without captions (lost.BVH, own/silent.bvh)",
        "1 files of other kinds than BVH (own/walk_9.fbx)",
        "1 joint maps whose source no caption names (elsewhere)",
    ):
        assert f"not taken: {words}" in told
        assert f"- {words}" in (corpus.out / "report.md").read_text()


def test_settings_of_another_corpus_are_refused(corpus):
    for name, value in (("up", "Z"), ("captions", corpus.captions), ("joint_maps", corpus.joint_maps)):
        with pytest.raises(InputError, match=f"{name} is .*, expected nothing beside --kit, which does not read it"):
            prepare(PrepareSettings(kit=corpus.bvh, out=corpus.out, **{name: value}))
    with pytest.raises(InputError, match="published_lengths is 'False', expected nothing beside --bvh"):
        prepare(dataclasses.replace(corpus, published_lengths=False))


def lying(frames=60):
    """A figure that lies on its back along Z the whole time."""
    still = motion(frames, 0, speed=0.0)
    turn = quaternions.about((1, 0, 0), np.full(frames, -np.pi / 2))
    rotations = np.array(still.rotations, float)
    rotations[:, 0] = turn
    root = np.tile([0.0, 0.12, 0.0], (frames, 1))
    return dataclasses.replace(
        still,
        rotations=rotations.astype(np.float32),
        root=root.astype(np.float32),
    )


def heights(settings):
    """Clip -> mean height of the pelvis."""
    features = np.load(settings.out / "features.npy")
    rows = [json.loads(line) for line in (settings.out / "clips.jsonl").read_text().splitlines()]
    return {row["name"]: float(features[row["start"] : row["start"] + row["frames"], 3].mean()) for row in rows}


def test_axes_are_found_or_given_and_told(corpus, tmp_path):
    bvh.write(tmp_path / "own" / "short.bvh", lying())
    prepare(corpus)
    found = heights(corpus)
    assert 0.8 < found["walk_1"] < 1.0
    assert 0.0 < found["short"] < 0.5  # the knees are bent, and the lowest joint is on the ground
    assert "- own: 2 clips with Y up, as the clip shows; cm" in (corpus.out / "report.md").read_text()
    maps = {"own": OWN_MAP, "sparse": SPARSE_MAP}
    given = dataclasses.replace(corpus, out=tmp_path / "given", strict=False)
    corpus.joint_maps.write_text(json.dumps({"maps": maps, "axes": {"own": {"up": "-y", "unit": "cm"}}}))
    prepare(given)
    told = (given.out / "report.md").read_text()
    assert "own: 2 clips with -Y up, as given, against the clip, which stands with Y up; cm" in told
    assert heights(given)["walk_3"] == pytest.approx(found["walk_3"])
    prepare(dataclasses.replace(given, up="Y"))
    assert heights(given)["walk_1"] == pytest.approx(found["walk_1"])
    report = prepare(dataclasses.replace(given, up="Y", captions=(tmp_path / "captions.jsonl",)))
    assert len(report.kept) == 4
    with pytest.raises(InputError, match="usable clip of the train split"):
        prepare(dataclasses.replace(given, unit="m"))  # legs of 82 m
    corpus.joint_maps.write_text(json.dumps({"maps": maps, "axes": {"own": {"Up": "Y"}}}))
    with pytest.raises(InputError, match="axes of own is 'Up', expected up and unit"):
        prepare(given)


@pytest.mark.parametrize(
    "text", ["[1]", '{"maps": []}', '{"maps": {"own": "pelvis"}}', '{"maps": {}, "axes": [1]}', "[" * 9999]
)
def test_odd_joint_maps_are_one_sentence(tmp_path, text):
    (tmp_path / "maps.json").write_text(text)
    with pytest.raises(InputError, match="joint maps"):
        load_joint_maps(tmp_path / "maps.json")
    numbers = {"maps": {"own": dict.fromkeys(JOINTS, 3)}}
    (tmp_path / "maps.json").write_text(json.dumps(numbers))
    with pytest.raises(InputError, match="joint map own, pelvis is 3, expected joints of the file, as text"):
        load_joint_maps(tmp_path / "maps.json")


def test_a_clip_of_a_body_inside_out_is_told(corpus, tmp_path):
    path = tmp_path / "own" / "walk_1.bvh"
    clip = bvh.read(path)
    flip = np.array([-1.0, 1.0, 1.0])
    values = clip.values.copy()
    values[:, 0] *= -1.0
    rotation = [column for column in range(3, values.shape[1]) if column % 3 != 1]  # about Z and Y
    values[:, rotation] *= -1.0
    bvh.save(path, dataclasses.replace(clip, offsets=clip.offsets * flip, values=values))
    report = prepare(corpus)
    reasons = {row["name"]: row["reason"] for row in report.dropped}
    assert "left and right are swapped, or the axes are left-handed" in reasons["walk_1"]


@pytest.mark.parametrize("lift", [-0.9, 1.4])
def test_a_source_whose_ground_is_elsewhere_is_put_on_it(corpus, tmp_path, lift):
    prepare(corpus)
    wanted = heights(corpus)
    for name in ("walk_1", "walk_2"):
        path = tmp_path / "own" / f"{name}.bvh"
        clip = bvh.read(path)
        values = clip.values.copy()
        values[:, 1] += lift * 100
        bvh.save(path, dataclasses.replace(clip, values=values))
    prepare(corpus)
    for name, height in heights(corpus).items():
        assert height == pytest.approx(wanted[name], abs=0.02)


def test_out_must_be_a_folder(corpus, tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(InputError, match=r"out is .*, expected a folder, which file is not"):
        prepare(dataclasses.replace(corpus, out=tmp_path / "file"))
    with pytest.raises(InputError, match="a path through folders, which file is not"):
        prepare(dataclasses.replace(corpus, out=tmp_path / "file" / "below"))
