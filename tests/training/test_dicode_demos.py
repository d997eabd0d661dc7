"""What the two demonstrations write, from runs of a few updates."""

import json

import numpy as np
import pytest

from backend.motion.features import features_to_joints
from backend.motion.finish import finish
from common.errors import InputError
from common.motion import clip_file
from tests import prepared
from tests.training.tiny_dicode import FRAMES, TOKENS, language_settings, sizes, tokenizer_settings
from training import demo_llm, demo_tokenization, train_deep_tokenizer, train_dicode


@pytest.fixture(scope="module", autouse=True)
def tiny():
    with sizes():
        yield


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    folder = tmp_path_factory.mktemp("checkpoints")
    prepared.make(folder / "data", frames=72)
    train_deep_tokenizer.main(tokenizer_settings(folder, "deep"))
    train_dicode.main(language_settings(folder, "long"))
    clip_file.save(folder / "clip.npz", finish(features_to_joints(prepared.swinging(56, 0)), 20.0, {}))
    return folder


def test_a_clip_its_tokens_and_its_reconstruction_are_written(root, tmp_path, capsys):
    given = {"tokenizer": root / "bvh" / "deep", "input": root / "clip.npz", "output_dir": tmp_path / "out"}
    demo_tokenization.main(demo_tokenization.TokenizationSettings(**given, steps=2))
    clips = {name: clip_file.load(tmp_path / "out" / f"{name}.npz") for name in ("original", "reconstruction")}
    assert [clip.frames for clip in clips.values()] == [3 * FRAMES] * 2
    facts = json.loads((tmp_path / "out" / "tokens.json").read_text())
    assert np.shape(facts["tokens"]) == (3 * TOKENS, 4)
    assert facts["bits"] == pytest.approx(3 * TOKENS * 4 * np.log2(5))
    assert facts["bits_s"] == pytest.approx(facts["bits"] / 2.4)
    assert facts["mpjpe_mm"] > 1 and facts["seam"] > 0
    assert (tmp_path / "out" / "side_by_side.png").stat().st_size > 10_000
    told = capsys.readouterr().out
    assert "mpjpe_mm: " in told and "bits_s: " in told


def long(root, folder, **changes):
    given = {"prompts": ("a person walks", "a person waves"), "seconds": 12.0, "steps": 1} | changes
    demo_llm.main(demo_llm.LongSettings(checkpoint=root / "bvh" / "long", output_dir=folder, **given))


def test_a_long_clip_with_its_figures_is_written_the_same_for_the_same_seed(root, tmp_path, capsys):
    long(root, tmp_path / "first")
    told = capsys.readouterr().out.splitlines()
    assert len([line for line in told if line.startswith("segment ")]) == 15
    assert told[0].endswith("a person walks") and told[14].endswith("a person waves")
    clip = clip_file.load(tmp_path / "first" / "clip.npz")
    assert clip.frames == 240 and clip.meta["prompt"] == "a person walks; a person waves"
    facts = json.loads((tmp_path / "first" / "figures.json").read_text())
    assert {"seam", "worst_seam", "drift_height_m", "drift_turn_deg_s", "drift_slide_cm_s"} <= facts.keys()
    assert (tmp_path / "first" / "clip.png").stat().st_size > 10_000
    long(root, tmp_path / "again")
    long(root, tmp_path / "other", seed=1)
    first, again, other = ((tmp_path / name / "clip.npz").read_bytes() for name in ("first", "again", "other"))
    assert first == again
    assert first != other


def test_prompts_share_the_segments_in_their_order():
    assert demo_llm.shared(("a", "b", "c"), 7) == ["a", "a", "a", "b", "b", "c", "c"]


def test_what_cannot_be_made_is_refused_in_one_sentence(root, tmp_path):
    with pytest.raises(InputError, match=r"seconds is 2.0, expected a segment for each prompt; none is left for .d."):
        long(root, tmp_path, prompts=("a", "b", "c", "d"), seconds=2.0)
    with pytest.raises(InputError, match=r"prompts is \[\], expected at least one"):
        long(root, tmp_path, prompts=())
    with pytest.raises(InputError, match="seconds is 0"):
        long(root, tmp_path, seconds=0.0)
    with pytest.raises(InputError, match=r"settings\.json key is"):
        demo_llm.main(demo_llm.LongSettings(root / "bvh" / "deep", ("a",), output_dir=tmp_path))
    with pytest.raises(InputError, match="run folder is"):
        demo_tokenization.main(demo_tokenization.TokenizationSettings(tmp_path / "none", root / "clip.npz", tmp_path))
    short = tmp_path / "short.npz"
    clip_file.save(short, clip_file.load(root / "clip.npz").cut(0, FRAMES - 1))
    with pytest.raises(InputError, match="frames of the clip is 15, expected 16 or more"):
        demo_tokenization.main(demo_tokenization.TokenizationSettings(root / "bvh" / "deep", short, tmp_path))
