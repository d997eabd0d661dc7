"""Clip files: nothing lost, same bytes for the same clip, no half files, and one sentence for broken ones."""

import json
import pickle

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from common.errors import InputError
from common.motion import clip_file
from tools.rigs.clips import CLIPS


def test_npz_round_trip(tmp_path, make_motion):
    motion = make_motion()
    clip_file.save(tmp_path / "clip.npz", motion)
    back = clip_file.load(tmp_path / "clip.npz")
    for name in ("positions", "rotations", "root", "contacts"):
        np.testing.assert_array_equal(getattr(back, name), getattr(motion, name))
    assert (back.fps, back.meta) == (motion.fps, motion.meta)


def test_keys_and_types_are_those_promised(tmp_path, make_motion):
    clip_file.save(tmp_path / "clip.npz", make_motion(frames=7))
    with np.load(tmp_path / "clip.npz", allow_pickle=False) as stored:
        shapes = {key: stored[key].shape for key in stored}
        assert shapes == {
            "rotations": (7, 22, 4), "root": (7, 3), "contacts": (7, 4), "fps": (), "meta": (),
        }  # fmt: skip
        assert stored["root"].dtype == stored["rotations"].dtype == np.float32
        assert list(json.loads(str(stored["meta"]))) == ["prompt", "seed"]


def old_file(path, motion, **changes):
    """A file of the first versions, which held the positions too."""
    arrays = {name: getattr(motion, name) for name in ("positions", "rotations", "root", "contacts")}
    np.savez(path, **arrays | changes, fps=np.array(20.0), meta=np.array("{}"))
    return path


def test_files_with_positions_are_read_where_they_agree(tmp_path, make_motion):
    motion = make_motion()
    back = clip_file.load(old_file(tmp_path / "old.npz", motion))
    np.testing.assert_array_equal(back.rotations, motion.rotations)
    np.testing.assert_array_equal(back.positions, motion.positions)


@pytest.mark.parametrize(
    "change",
    [
        lambda clip: {"rotations": np.roll(clip.rotations, -1, -1)},
        lambda clip: {"positions": clip.positions + 1},
        lambda clip: {"positions": clip.positions * 100},
        lambda clip: {"positions": clip.positions * np.nan},
        lambda clip: {"positions": clip.positions[1:]},
        lambda clip: {"positions": np.full(clip.positions.shape, "x")},
        lambda clip: {"root": clip.root.astype(int)},
        lambda clip: {"contacts": clip.contacts - 5},
    ],
)
def test_fields_that_contradict_each_other_are_refused_in_one_sentence(tmp_path, make_motion, change):
    motion = make_motion()
    with pytest.raises(InputError, match=r"^(old\.npz: )?(positions|contacts).*expected .*\.$"):
        clip_file.load(old_file(tmp_path / "old.npz", motion, **change(motion)))


def test_same_clip_same_bytes(tmp_path, make_motion, monkeypatch):
    clip_file.save(tmp_path / "a.npz", make_motion(meta={"b": 1, "a": 2}))
    monkeypatch.setattr("time.time", lambda: 2_000_000_000.0)
    clip_file.save(tmp_path / "b.npz", make_motion(meta={"a": 2, "b": 1}))
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()


def test_bvh_by_the_ending(tmp_path, make_motion):
    motion = make_motion()
    clip_file.save(tmp_path / "clip.BVH", motion)
    assert np.abs(clip_file.load(tmp_path / "clip.BVH").positions - motion.positions).max() < 1e-4


@pytest.mark.parametrize("name", ["clip.fbx", "clip", "npz"])
def test_other_endings_are_refused(tmp_path, make_motion, name):
    with pytest.raises(InputError, match=r"\.npz or \.bvh"):
        clip_file.save(tmp_path / name, make_motion(frames=2))
    with pytest.raises(InputError, match=r"\.npz or \.bvh"):
        clip_file.load(tmp_path / name)
    assert not list(tmp_path.iterdir())


def test_a_failed_save_leaves_the_old_file(tmp_path, make_motion, monkeypatch):
    path = tmp_path / "clip.npz"
    clip_file.save(path, make_motion(seed=0))
    before = path.read_bytes()

    def full(self, target):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.replace", full)
    with pytest.raises(InputError, match="No space left"):
        clip_file.save(path, make_motion(seed=1))
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_foreign_archives_are_refused(tmp_path, make_motion):
    path = tmp_path / "clip.npz"
    np.savez(path, positions=np.zeros((3, 22, 3)))
    with pytest.raises(InputError, match="rotations"):
        clip_file.load(path)
    path.write_bytes(pickle.dumps({"positions": 1}))
    with pytest.raises(InputError, match="undamaged"):
        clip_file.load(path)
    good = make_motion(frames=3)
    arrays = {key: getattr(good, key) for key in ("rotations", "root", "contacts")}
    np.savez(path, **arrays, fps=20.0, meta=np.array([{"an": "object"}], dtype=object))
    with pytest.raises(InputError, match="undamaged"):
        clip_file.load(path)
    np.savez(path, **{**arrays, "root": good.root[:2]}, fps=20.0, meta=np.array("{}"))
    with pytest.raises(InputError, match=r"rotations\.shape"):
        clip_file.load(path)
    np.savez(path, **{**arrays, "root": np.float32(1)}, fps=20.0, meta=np.array("{}"))
    with pytest.raises(InputError, match="undamaged"):
        clip_file.load(path)
    np.savez(path, **arrays, fps=20.0, meta=np.array("[1]"))
    with pytest.raises(InputError, match="JSON object"):
        clip_file.load(path)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(where=st.floats(0, 1, exclude_max=True), cut=st.booleans(), bit=st.integers(0, 7))
@example(where=0.932471332020045, cut=False, bit=0)  # the flag that says a member is encrypted
def test_damaged_files_never_raise_anything_else(tmp_path, make_motion, where, cut, bit):
    path = tmp_path / "clip.npz"
    clip_file.save(path, make_motion(frames=3))
    data = bytearray(path.read_bytes())
    at = int(where * len(data))
    if cut:
        del data[at:]
    else:
        data[at] ^= 1 << bit
    path.write_bytes(data)
    try:
        clip_file.load(path).check()
    except InputError as error:
        assert str(error).endswith(".")
    else:
        assert not cut


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda clip: {"rotations": np.roll(clip.rotations, -1, -1)}, "rotations.*w first"),
        (lambda clip: {"root": clip.root * 100}, "root.*metres"),
        (lambda clip: {"root": clip.root * 100, "contacts": clip.contacts * 0 + 1}, "root.*metres"),
        (lambda clip: {"root": clip.root + np.float32(1e30)}, "root.*at most 10000"),
        (lambda clip: {"root": clip.root[:, [0, 2, 1]] * np.float32([1, -1, 1])}, "root.*Z up"),
    ],
)
def test_numbers_of_other_conventions_are_refused(tmp_path, change, words):
    motion = CLIPS["walk_backwards"]()
    clip_file.save(tmp_path / "a.npz", motion)
    assert clip_file.load(tmp_path / "a.npz").frames == motion.frames
    arrays = {name: getattr(motion, name) for name in ("rotations", "root", "contacts")} | change(motion)
    np.savez(tmp_path / "a.npz", **arrays, fps=np.array(20.0), meta=np.array("{}"))
    with pytest.raises(InputError, match=words):
        clip_file.load(tmp_path / "a.npz")


@pytest.mark.parametrize("name", CLIPS)
def test_clips_of_any_kind_hold_to_the_conventions(tmp_path, name):
    clip_file.save(tmp_path / "a.npz", CLIPS[name]())
    clip_file.load(tmp_path / "a.npz")
