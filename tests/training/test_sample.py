"""Prompts in, clips out: joints, BVH and film agree; what is wrong is one sentence before anything is loaded."""

import dataclasses

import numpy as np
import pytest
import torch
from PIL import Image

from backend.engines.torch import TorchGenerator
from backend.generate import Pipeline
from backend.generators.hifigpt import HiFiGPT, HiFiGPTConfig
from backend.generators.windows import MAX_TOKENS
from backend.tokenizers.rvq import RVQ
from common.errors import InputError
from common.motion import clip_file
from common.motion.skeleton import INDEX, rest_positions
from common.wire.messages import Generate
from tests.tiny import make_checkpoint
from training import sample
from training.engine import runs
from training.sample import SampleSettings


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory):
    return str(make_checkpoint(tmp_path_factory.mktemp("weights") / "tiny"))


def test_every_prompt_and_repeat_becomes_npy_and_bvh(checkpoint, tmp_path, capsys):
    (tmp_path / "prompts.txt").write_text("a person walks#24\n\na person waves #1.5s\n")
    settings = SampleSettings(
        out=tmp_path / "out",
        checkpoint=checkpoint,
        prompts=tmp_path / "prompts.txt",
        repeats=2,
        steps=1,
        seed=5,
        formats=("npy", "bvh"),
    )
    sample.main(settings)
    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    stems = [f"{words}_seed{seed}" for words in ("001_a_person_walks", "002_a_person_waves") for seed in (5, 6)]
    assert names == sorted(f"{stem}.{ending}" for stem in stems for ending in ("npy", "bvh"))
    assert len(capsys.readouterr().out.splitlines()) == 4
    for stem, frames in zip(stems, (24, 24, 30, 30), strict=True):
        joints = np.load(tmp_path / "out" / f"{stem}.npy")
        assert joints.shape == (frames, 22, 3)
        motion = clip_file.load(tmp_path / "out" / f"{stem}.bvh")
        np.testing.assert_allclose(motion.positions, joints, atol=1e-4)


def test_a_film_lasts_as_long_as_its_clip(tmp_path):
    joints = np.repeat(rest_positions()[None], 16, axis=0)
    joints[8:, INDEX["left_wrist"]] += (0.0, 0.5, 0.0)
    sample.stick_figure.film(tmp_path / "clip.gif", joints, 20.0, "a person raises the left hand")
    with Image.open(tmp_path / "clip.gif") as film:
        pictures = []
        for index in range(film.n_frames):  # Pillow joins frames that are alike into one that lasts longer
            film.seek(index)
            pictures.append((film.info["duration"], np.asarray(film.convert("L"), float)))
    assert sum(duration for duration, _ in pictures) == 800
    assert np.abs(pictures[0][1] - pictures[-1][1]).max() > 50


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("a person walks", ("a person walks", None)),
        ("a person walks#NA", ("a person walks", None)),
        ("a person walks # 98", ("a person walks", 4.9)),
        ("walks in a #1 shirt#2.5s", ("walks in a #1 shirt", 2.5)),
    ],
)
def test_published_lines(line, expected):
    assert sample.parse(line, "line 1") == expected


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({}, r"prompt is 'missing', expected either --prompt or --prompts"),
        ({"prompt": "a#soon"}, r"--prompt, length is 'soon', expected frames at 20 fps"),
        ({"prompt": "a", "repeats": 0}, r"count is 0, expected a whole number"),
        ({"prompt": "a#100000"}, r"seconds is 5000.0, expected"),
        ({"prompt": "a", "checkpoint": "nowhere"}, r"checkpoint is 'nowhere', expected"),
    ],
)
def test_what_is_wrong_is_one_sentence(changes, sentence, tmp_path):
    with pytest.raises(InputError, match=sentence):
        sample.main(SampleSettings(out=tmp_path / "out", **changes))
    assert not (tmp_path / "out").exists()


def test_mp4_without_ffmpeg_is_refused_before_loading(tmp_path, monkeypatch):
    monkeypatch.setattr(sample.stick_figure.shutil, "which", lambda name: None)
    settings = SampleSettings(out=tmp_path, checkpoint="nowhere", prompt="a person walks", formats=("mp4",))
    with pytest.raises(InputError, match=r"the program ffmpeg must be installed"):
        sample.main(settings)


def test_missing_and_empty_files_of_prompts(tmp_path):
    with pytest.raises(InputError, match=r"prompts is .*a text file that can be read"):
        sample.read(tmp_path / "none.txt")
    (tmp_path / "empty.txt").write_text("\n\n")
    with pytest.raises(InputError, match=r"at least one prompt"):
        sample.read(tmp_path / "empty.txt")


def test_only_a_generator_that_knows_an_end_can_be_asked_for_it(checkpoint, tmp_path):
    settings = SampleSettings(out=tmp_path / "out", checkpoint=checkpoint, prompt="a person walks", length="end")
    with pytest.raises(InputError, match="length is 'end', expected estimated: only T2M-HiFiGPT"):
        sample.main(settings)


def test_the_end_of_the_motion_gives_its_seconds(checkpoint):
    pipeline = runs.load_pipeline(checkpoint, "cpu")
    torch.manual_seed(0)
    rvq = RVQ(pipeline.networks.tokenizer.bottleneck.dims, 7, 2)
    generator = HiFiGPT(HiFiGPTConfig(pipeline.encoder.width, 16, 2, 1, 1), rvq).eval()
    pipeline = Pipeline(dataclasses.replace(pipeline.networks, generator=TorchGenerator(generator)), pipeline.encoder)
    asked = Generate(prompt="a person walks", seed=3)
    assert sample.ended(pipeline, dataclasses.replace(asked, seconds=2.0)).seconds == 2.0
    generator.out.bias.data[generator.end] = -50.0
    assert sample.ended(pipeline, asked).seconds == MAX_TOKENS * 4 / 20
    generator.out.bias.data[generator.end] = 50.0
    assert sample.ended(pipeline, asked).seconds == 1.0
