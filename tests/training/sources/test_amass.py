"""AMASS by index.csv, on a synthetic SMPL-H model file and poses made by script."""

import json

import numpy as np
import pytest

from backend.motion.features import features_to_joints
from common.errors import InputError
from common.motion import quaternions
from common.motion.skeleton import INDEX, JOINTS, PARENTS, REST_OFFSETS, forward_kinematics
from training.data.retarget import DroppedError
from training.data.sources import amass
from training.data.sources.smplh import body_of, joints_of
from training.prepare import PrepareSettings, prepare

JOINTS_SMPLH, VERTICES = 52, 6890
Z_UP = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.0, -1.0, 0.0]])
"""Rows: this project's axes in AMASS's; a figure that faces +Z here faces -y there, its left at +x."""
INDEX_HEAD = "source_path,start_frame,end_frame,new_name\n"


def write_body(folder, gender="male", size=1.0):
    """A body of 52 joints, whose first 22 are the canonical skeleton's in Y up, as SMPL's template is: rest [22, 3]."""
    rng = np.random.default_rng(0)
    still = np.tile([1.0, 0.0, 0.0, 0.0], (1, len(JOINTS), 1))
    rest = forward_kinematics(still, np.zeros((1, 3)), REST_OFFSETS * size)[0]
    every = np.concatenate([rest, rng.normal(size=(JOINTS_SMPLH - len(JOINTS), 3))])
    template = np.concatenate([every, rng.normal(size=(VERTICES - JOINTS_SMPLH, 3))])
    regressor = np.eye(JOINTS_SMPLH, VERTICES)
    parents = np.concatenate([PARENTS, np.full(JOINTS_SMPLH - len(JOINTS), 20)]).astype(np.int64)
    tree = np.stack([parents, np.arange(JOINTS_SMPLH)]).astype(np.uint32)
    shapes = np.zeros((VERTICES, 3, 16))
    shapes[:, :, 0] = 0.1 * template  # the first beta makes the whole body larger
    path = folder / "smplh" / gender / "model.npz"
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez(path, v_template=template, shapedirs=shapes, J_regressor=regressor, kintree_table=tree)
    return rest


def axis_angle(rotations):
    """Quaternions [..., 4], w first -> axis times angle [..., 3]."""
    half = np.arccos(np.clip(rotations[..., :1], -1, 1))
    return rotations[..., 1:] / np.maximum(np.sin(half), 1e-9) * 2 * half


def walk(frames, fps):
    """Local rotations [frame, 22, 4] and root [frame, 3] of a figure that turns while it glides ahead, in our axes."""
    time = np.arange(frames) / fps
    rotations = quaternions.identity(frames, len(JOINTS))
    for side, sign in (("left", 1.0), ("right", -1.0)):
        bend = 0.5 + 0.4 * np.sin(4 * time + sign)
        rotations[:, INDEX[f"{side}_shoulder"]] = quaternions.about((0, 0, 1), np.full(frames, -1.1 * sign))
        rotations[:, INDEX[f"{side}_hip"]] = quaternions.about((1, 0, 0), -bend)
        rotations[:, INDEX[f"{side}_knee"]] = quaternions.about((1, 0, 0), 2 * bend)
        rotations[:, INDEX[f"{side}_ankle"]] = quaternions.about((1, 0, 0), -bend)
    rotations[:, 0] = quaternions.about((0, 1, 0), 0.3 * time)
    return rotations, np.stack([0.2 * time, 0.85 + 0 * time, 0.8 * time], axis=-1)


def write_clip(path, frames=360, fps=120.0, gender="male"):
    """An AMASS file of the walk; its joints [frame, 22, 3] in our axes."""
    rotations, root = walk(frames, fps)
    wanted = forward_kinematics(rotations, root)
    in_amass = rotations.copy()
    matrix = Z_UP.T @ quaternions.to_matrix(rotations[:, 0])
    w = np.sqrt(np.maximum(0, 1 + np.trace(matrix, axis1=1, axis2=2))) / 2
    vector = np.stack([matrix[:, 2, 1] - matrix[:, 1, 2], matrix[:, 0, 2] - matrix[:, 2, 0],
                       matrix[:, 1, 0] - matrix[:, 0, 1]], axis=-1)  # fmt: skip
    in_amass[:, 0] = np.concatenate([w[:, None], vector / (4 * w[:, None])], axis=-1)
    poses = np.zeros((frames, 3 * JOINTS_SMPLH))
    poses[:, : 3 * len(JOINTS)] = axis_angle(in_amass).reshape(frames, -1)
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez(path, poses=poses, trans=root @ Z_UP, betas=np.zeros(16), gender=np.array(gender), mocap_framerate=fps)
    return wanted


@pytest.fixture
def corpus(tmp_path):
    """AMASS's folder, HumanML3D's annotations and body models; settings that write to tmp_path / out."""
    data, notes, bodies = (tmp_path / name for name in ("amass", "humanml3d", "bodies"))
    for gender in ("male", "female"):
        write_body(bodies, gender)
    write_clip(data / "KIT" / "3" / "walk_poses.npz")
    write_clip(data / "TotalCapture" / "s1" / "walk_poses.npz", gender="female")
    (data / "KIT" / "3" / "broken_poses.npz").write_bytes(b"PK")
    joints = forward_kinematics(*walk(60, 20.0))
    (data / "humanact12" / "humanact12").mkdir(parents=True)
    np.save(data / "humanact12" / "humanact12" / "P01.npy", np.concatenate([joints, joints[:, :2]], axis=1))
    (notes / "texts").mkdir(parents=True)
    rows = [
        ("./pose_data/KIT/3/walk_poses.npy", 0, 60, "000000.npy"),
        ("./pose_data/TotalCapture/s1/walk_poses.npy", 10, 40, "000001.npy"),
        ("./pose_data/humanact12/humanact12/P01.npy", 0, 60, "000002.npy"),
        ("./pose_data/KIT/3/broken_poses.npy", 0, 60, "000003.npy"),
        ("./pose_data/KIT/3/none_poses.npy", 0, 60, "000004.npy"),
        ("./pose_data/KIT/3/walk_poses.npy", 70, 90, "000005.npy"),
    ]
    (notes / "index.csv").write_text(INDEX_HEAD + "".join(",".join(map(str, row)) + "\n" for row in rows))
    names = [row[3].removesuffix(".npy") for row in rows]
    for name in names:
        (notes / "texts" / f"{name}.txt").write_text("a person walks ahead#a/DET person/NOUN walk/VERB#0.0#0.0\n")
    (notes / "train.txt").write_text("\n".join([*names[:1], *(f"M{name}" for name in names[:1]), *names[2:], "000099"]))
    (notes / "val.txt").write_text(names[1])
    return PrepareSettings(amass=data, annotations=notes, body_models=bodies, out=tmp_path / "out")


def test_joints_are_forward_kinematics_of_the_regressed_skeleton(tmp_path):
    rest = write_body(tmp_path)
    body = body_of(tmp_path, "male")
    random = np.random.default_rng(1)
    poses = random.normal(size=(5, 3 * JOINTS_SMPLH)) * 0.7
    trans = random.normal(size=(5, 3))
    angles = poses[:, : 3 * len(JOINTS)].reshape(5, -1, 3)
    size = np.linalg.norm(angles, axis=-1)
    rotations = np.concatenate(
        [np.cos(size / 2)[..., None], angles / size[..., None] * np.sin(size / 2)[..., None]], -1
    )
    offsets = np.concatenate([rest[:1], rest[1:] - rest[list(PARENTS[1:])]])
    for beta in (0.0, 2.0):
        found = joints_of(body, poses, trans, np.array([beta, *[0.0] * 15]))
        larger = 1 + 0.1 * beta
        wanted = forward_kinematics(rotations, trans + rest[0] * larger, offsets * larger)
        np.testing.assert_allclose(found, wanted, atol=1e-6)


def test_a_clip_is_the_motion_in_our_axes(tmp_path):
    write_body(tmp_path / "bodies")
    wanted = write_clip(tmp_path / "KIT" / "1" / "walk_poses.npz")
    cut = amass.Cut(amass.PurePosixPath("KIT/1/walk_poses.npy"), 5, 45)
    read = amass.Reader(tmp_path, tmp_path / "bodies", {"000000": cut})
    clip = read(amass.CaptionedClip("KIT", "000000", "train", "", ()))
    found, fps = clip.positions, clip.fps
    assert fps == 120.0
    assert len(found) == 39 * 6 + 1
    np.testing.assert_allclose(found * (-1, 1, -1), wanted[5 * 6 : 44 * 6 + 1], atol=1e-5)  # a half turn about Y
    assert (found[:, INDEX["head"], 1] > found[:, 0, 1]).all()


def test_the_folder_that_training_reads(corpus):
    report = prepare(corpus)
    rows = [json.loads(line) for line in (corpus.out / "clips.jsonl").read_text().splitlines()]
    assert [(row["source"], row["name"], row["split"], row["frames"]) for row in rows] == [
        ("KIT", "000000", "train", 60), ("TotalCapture", "000001", "val", 30), ("humanact12", "000002", "train", 60),
    ]  # fmt: skip
    features = np.load(corpus.out / "features.npy")
    assert features.shape == (150, 67)
    joints = features_to_joints(features[:60])
    wanted = forward_kinematics(*walk(60, 20.0))
    wanted = wanted - wanted[0, 0] * (1, 0, 1)
    moved = joints - wanted
    assert np.abs(moved - moved.mean(axis=(0, 1))).max() < 0.04
    np.testing.assert_allclose(features_to_joints(features[90:])[:, 0], joints[:, 0], atol=0.04)
    later = features_to_joints(features[60:90])  # TotalCapture's first second is its T-pose, and ten frames more
    np.testing.assert_allclose(np.diff(later[:, 0, 1]), np.diff(joints[30:60, 0, 1]), atol=0.01)
    reasons = {row["name"]: row["reason"] for row in report.dropped}
    assert reasons.keys() == {"000003", "000004", "000005", "000099"}
    assert "not an AMASS file" in reasons["000003"]
    assert "none_poses.npz is missing" in reasons["000004"]
    assert "too few" in reasons["000005"]
    assert "index.csv" in reasons["000099"]
    assert report.skipped == {"mirrored files, which training makes itself": 1}


@pytest.mark.parametrize(
    ("change", "named"), [({"annotations": None}, "annotations is 'missing'"), ({"body_models": None}, "body_models")]
)
def test_what_is_missing_is_named(corpus, change, named):
    with pytest.raises(InputError, match=named):
        prepare(PrepareSettings(**(vars(corpus) | change)))


def test_bad_model_and_index_files_are_named(corpus, tmp_path):
    path = corpus.body_models / "smplh" / "male" / "model.npz"
    np.savez(path, v_template=np.zeros(3), J_regressor=np.array([None]))
    with pytest.raises(InputError, match="body model"):
        body_of.__wrapped__(corpus.body_models, "male")
    index = tmp_path / "index.csv"
    for text, named in (
        ("a,b\n1,2\n", "columns"),
        (INDEX_HEAD + "./pose_data/KIT/x.npy,zero,9,000000.npy\n", "index.csv line 2"),
        (INDEX_HEAD + "./pose_data/../../x.npy,0,9,000000.npy\n", "below pose_data"),
    ):
        index.write_text(text)
        with pytest.raises(InputError, match=named):
            amass.read_index(index)


def test_without_smplx_one_sentence(tmp_path, monkeypatch):
    write_body(tmp_path)
    monkeypatch.setitem(__import__("sys").modules, "smplx", None)
    with pytest.raises(InputError, match="smplx is 'not installed', expected the extra `amass`"):
        joints_of(body_of(tmp_path, "male"), np.zeros((2, 66)), np.zeros((2, 3)), np.zeros(10))


def test_only_a_clip_is_dropped_for_its_file(corpus):
    cut = amass.Cut(amass.PurePosixPath("humanact12/humanact12/none.npy"), 0, 9)
    with pytest.raises(DroppedError, match=r"none\.npy is missing"):
        amass.Reader(corpus.amass, corpus.body_models, {"0": cut})(amass.CaptionedClip("h", "0", "train", "", ()))
