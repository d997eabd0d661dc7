"""DiCoDe's two runs on procedural motion: they learn, resume exactly, are loaded again; what they read is what it should be."""

import json

import numpy as np
import pytest
import torch

from backend.dicode import language, streaming
from backend.generators.sampling import Sampling
from common.errors import InputError
from tests import prepared
from tests.training.interrupted import interrupted
from tests.training.tiny_dicode import FRAMES, TOKENS, Encoder, language_settings, sizes, tokenizer_settings
from training import evaluate_deep_tokenizer, train_deep_tokenizer, train_dicode, train_tokenizer
from training.data import dataset
from training.data.captions import EncodedCaptions, mirrored
from training.data.segments import SegmentSampler, all_captions, segmented
from training.engine.dicode_settings import load_deep_tokenizer, load_dicode
from training.engine.state import read_state
from training.evaluation import segments
from training.objectives import deep as deep_objective
from training.objectives import dicode as dicode_objective


@pytest.fixture(scope="module", autouse=True)
def tiny():
    with sizes():
        yield


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    folder = tmp_path_factory.mktemp("checkpoints")
    prepared.make(folder / "data", frames=72)
    train_deep_tokenizer.main(tokenizer_settings(folder, "deep"))
    train_deep_tokenizer.main(tokenizer_settings(folder, "kl", bottleneck="kl"))
    return folder


def log(root, name):
    return [json.loads(line) for line in (root / "bvh" / name / "log.jsonl").read_text().splitlines()]


def same(first, second):
    one, other = (read_state(folder / "model" / "state.safetensors").tensors for folder in (first, second))
    return one.keys() == other.keys() and all(torch.equal(one[key], other[key]) for key in one)


def test_a_tokenizer_run_tells_error_bits_and_seams_and_is_loaded_again(root):
    row = log(root, "deep")[-1]
    assert row["step"] == 4
    assert row["val_mpjpe_mm"] > 0 and row["val_seam"] > 0
    assert row["val_bits_s"] == pytest.approx(TOKENS * 4 * np.log2(5) / (FRAMES / 20))
    assert "kl" in log(root, "kl")[-1]
    for name in ("deep", "kl"):
        model = load_deep_tokenizer(root / "bvh" / name)
        assert (model.segment_frames, model.tokens_per_segment, model.frames_before) == (16, 2, 4)
        assert not model.training


@pytest.mark.parametrize(
    ("make", "main"), [(tokenizer_settings, train_deep_tokenizer.main), (language_settings, train_dicode.main)]
)
def test_resumed_equals_uninterrupted_bit_for_bit(root, make, main):
    name = f"whole_{make.__name__}"
    main(make(root, name))
    with interrupted(2):
        main(make(root, f"{name}_stopped"))
    main(make(root, f"{name}_stopped", is_continue=True))
    assert same(root / "bvh" / name, root / "bvh" / f"{name}_stopped")


@pytest.mark.parametrize(
    ("head", "tokens"),
    [("categorical", "deep"), ("gmm", "kl"), ("gaussian", "deep"), ("regression", "kl"), ("gmm", "deep")],
)
def test_any_head_trains_on_the_tokens_it_is_for_and_makes_a_clip(root, head, tokens):
    name = f"{tokens}_{head}"
    train_dicode.main(language_settings(root, name, head=head, tokenizer_name=tokens))
    assert {"val_loss", "val_untold"} <= log(root, name)[-1].keys()
    model, tokenizer, encoder = load_dicode(root / "bvh" / name)
    assert encoder == "minilm"
    prompts = [Encoder().encode([words]) for words in ("walk", "run", "run")]
    clip = torch.cat(list(streaming.segments(model, tokenizer, prompts, 0, Sampling(steps=2))))
    assert clip.shape == (3 * FRAMES, 67)
    assert torch.isfinite(clip).all()


def test_runs_that_do_not_fit_are_refused_in_one_sentence(root):
    with pytest.raises(InputError, match="head is 'categorical', expected gmm"):
        train_dicode.main(language_settings(root, "none", tokenizer_name="kl"))
    with pytest.raises(InputError, match="run folder is"):
        train_dicode.main(language_settings(root, "none", tokenizer_name="missing"))
    with pytest.raises(InputError, match="window is 9, expected at most 4"):
        train_dicode.main(language_settings(root, "none", window=9))
    with pytest.raises(InputError, match="segments is 0, expected 1 to 64"):
        train_dicode.main(language_settings(root, "none", segments=0))
    with pytest.raises(InputError, match="tokens_per_segment is 99"):
        train_deep_tokenizer.main(tokenizer_settings(root, "none", tokens_per_segment=99))
    with pytest.raises(InputError, match=r"dims is 5, expected 4, which"):
        train_deep_tokenizer.main(tokenizer_settings(root, "deep", dims=5, is_continue=True))
    assert not (root / "bvh" / "none").exists()


@pytest.fixture(scope="module")
def found(root):
    tokenizer, data = load_deep_tokenizer(root / "bvh" / "deep"), dataset.load(root / "data", "train")
    return tokenizer, data, segmented(tokenizer, data, 2, root / "cache")


def test_clips_are_encoded_from_several_frames_on_and_mirrored(found):
    tokenizer, data, clips = found
    assert len(clips) == 3 * 2 * 2
    assert [len(one.latents) for one in clips[:4]] == [4, 4, 4, 4]
    for one, offset, side in zip(clips[:4], (0, 0, 8, 8), (False, True, False, True), strict=True):
        motion = torch.from_numpy(data.window(data.clips[0][0] + offset, 64, side))[None]
        wanted = tokenizer.encode(tokenizer.normalize(motion))[0].unflatten(0, (4, TOKENS))
        torch.testing.assert_close(one.latents, wanted)
    captions = clips[8].captions[0], clips[9].captions[0]
    assert captions == (("a person turns left",), ("a person turns right",))
    assert mirrored(captions[0][0]) == captions[1][0]


def test_encoded_clips_are_read_from_disk_the_second_time(found, root, monkeypatch):
    tokenizer, data, clips = found
    monkeypatch.setattr(type(tokenizer), "encode", None)
    again = segmented(tokenizer, data, 2, root / "cache")
    assert all(torch.equal(one.latents, other.latents) for one, other in zip(clips, again, strict=True))


def test_each_segment_has_the_captions_of_its_own_span(root, tmp_path):
    folder = prepared.make(tmp_path, frames=64)
    rows = [json.loads(line) for line in (folder / "clips.jsonl").read_text().splitlines()]
    span = rows[0]["spans"][0]
    rows[0]["spans"] = [
        span | {"frames": 20, "captions": ["first"]},
        span | {"start": 20, "frames": 28, "captions": ["second"]},
    ]
    (folder / "clips.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    tokenizer, data = load_deep_tokenizer(root / "bvh" / "deep"), dataset.load(folder, "train")
    clips = segmented(tokenizer, data, 1, tmp_path)
    assert clips[0].captions == (("first",), ("second",), ("second",), ())
    sampler = SegmentSampler(clips[:1], data, EncodedCaptions(all_captions(clips), Encoder()), 6, 0.5)
    batch = sampler.sample(np.random.default_rng(0), 3)
    assert batch.latents.shape == (3, 4, TOKENS, 4)
    assert batch.told.tolist() == [[True, True, True, False]] * 3
    wanted = Encoder().encode(["first", "second", "second", ""])[0]
    torch.testing.assert_close(batch.text[0], wanted, atol=1e-3, rtol=0)


def test_a_clip_shorter_than_a_segment_is_held_at_its_end(root, tmp_path):
    folder = prepared.make(tmp_path, frames=10)
    tokenizer, data = load_deep_tokenizer(root / "bvh" / "deep"), dataset.load(folder, "train")
    clips = segmented(tokenizer, data, 2, tmp_path)
    assert [len(one.latents) for one in clips] == [1] * 6
    motion = dataset.at_rest(data.window(*data.clips[0], False), FRAMES)
    wanted = tokenizer.encode(tokenizer.normalize(torch.from_numpy(motion)[None]))
    torch.testing.assert_close(clips[0].latents[0], wanted[0])
    with pytest.raises(InputError, match="dataset_dir is '1 clips', expected one of 16 frames or more"):
        segments.summary(tokenizer, dataset.load(folder, "val"), 2)


@torch.no_grad()
def test_padding_and_what_nobody_described_do_not_count(found):
    _, data, clips = found
    sampler = SegmentSampler(clips, data, EncodedCaptions(all_captions(clips), Encoder()), 4, 0.5)
    torch.manual_seed(0)
    model = language.build("tiny", found[0].bottleneck, TOKENS, 8, dropout=0.0)
    for parameter in model.parameters():
        parameter.data += 0.2 * torch.randn_like(parameter)
    batch = sampler.sample(np.random.default_rng(0), 3)
    null = torch.zeros(3, dtype=torch.bool)

    def loss(**changes):
        torch.manual_seed(0)
        return float(dicode_objective.losses(model, replaced(batch, **changes), null, 0.0)["loss"])

    mask = batch.mask.clone()
    mask[:, 2:] = False
    other = batch.latents.clone()
    other[:, 2:] = 0.5
    assert loss(mask=mask) == pytest.approx(loss(mask=mask, latents=other))
    assert loss() != pytest.approx(loss(latents=other))
    untold = torch.zeros_like(batch.told)
    assert loss(told=untold) == pytest.approx(loss(told=untold, text=batch.text + 1.0))
    assert loss() != pytest.approx(loss(text=batch.text + 1.0))


def replaced(batch, **changes):
    return type(batch)(**(batch.__dict__ | changes))


@torch.no_grad()
def test_the_decoders_loss_is_the_error_weighed_by_time(root):
    model, settings = load_deep_tokenizer(root / "bvh" / "deep"), tokenizer_settings(root, "none", root_loss=0.0)
    windows, known = torch.randn(3, 20, 67), torch.tensor([True, True, False])
    torch.manual_seed(1)
    found = deep_objective.losses(model, windows, known, settings)
    assert float(found["loss"]) == float(found["v"])
    assert float(found["v"]) > float(found["x"]) > 0
    torch.manual_seed(1)
    heavier = deep_objective.losses(model, windows, known, tokenizer_settings(root, "none", root_loss=2.0))
    torch.testing.assert_close(heavier["loss"], found["v"] + 2 * found["root"])


def test_a_reconstruction_is_whole_segments_and_the_same_for_the_same_seed(root):
    model = load_deep_tokenizer(root / "bvh" / "deep")
    features = prepared.swinging(40, 0)
    first, again, other = (segments.reconstructed(model, features, 2, seed) for seed in (0, 0, 1))
    assert first.made.shape == (32, 67)
    assert np.array_equal(first.made, again.made) and not np.array_equal(first.made, other.made)
    assert first.bits == pytest.approx(2 * TOKENS * 4 * np.log2(5))
    assert first.indices.shape == (4, 4)
    with pytest.raises(InputError, match="frames of the clip is 15, expected 16 or more"):
        segments.reconstructed(model, features[:15], 2)


def test_deep_tokenizers_are_judged_beside_others_on_the_same_clips(root, tmp_path, capsys):
    given = {
        "model": "IsoDiM_Tokenizer_Small",
        "width": 8,
        "window_size": 32,
        "steps": 1,
        "batch_size": 2,
        "threads": 1,
    }
    train_tokenizer.main(
        train_tokenizer.TokenizerSettings(name="conv", dataset_dir=root / "data", checkpoints_dir=root, **given)
    )
    runs = root / "bvh"
    asked = {"dataset_dir": root / "data", "beside": (str(runs / "conv"),), "steps": 2, "out": tmp_path}
    evaluate_deep_tokenizer.main(
        evaluate_deep_tokenizer.DeepEvaluation(tokenizer=(runs / "deep", runs / "kl"), **asked)
    )
    assert "| 1 val clips | bits_s | MPJPE mm | world mm | seam |" in capsys.readouterr().out
    rows = json.loads((tmp_path / "results.json").read_text())["tables"]["Deep tokens"]["rows"]
    assert [row["name"] for row in rows] == ["deep", "kl", "conv"]
    bits = [row["figures"]["bits_s"]["mean"] for row in rows]
    assert bits[0] == pytest.approx(TOKENS * 4 * np.log2(5) / (FRAMES / 20))
    assert bits[1] > 0
    assert bits[2] == pytest.approx(5 * 5 * np.log2(5))
    assert all(row["figures"]["MPJPE mm"]["mean"] > 0 for row in rows)
    with pytest.raises(InputError, match="tokenizer is '', expected at least one run folder"):
        evaluate_deep_tokenizer.main(evaluate_deep_tokenizer.DeepEvaluation(tokenizer=(), **asked))
