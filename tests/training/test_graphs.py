"""Graphs compute what the networks compute, whatever the options, and nothing is said to be written that does not."""

import json

import numpy as np
import pytest

from backend.engines import onnx
from backend.engines import torch as torch_engine
from backend.generate import Pipeline
from backend.generators import noise
from backend.generators.sampling import Sampling
from backend.generators.windows import sample
from backend.weights.locate import GRAPHS, MAIN_FILE, find
from common.errors import InputError
from common.wire.messages import Generate
from tests.tiny import make_checkpoint
from training.graphs import checked, write

TINY = {"name": "IsoDiM-DiT-XXS", "output": "grid"}
OPTIONS = {
    "even and odd levels": {"tokenizer": {"name": "IsoDiM_Tokenizer_High", "width": 16}},
    "numbers, pooled text": {"generator": TINY | {"output": "x", "text": "pooled"}},
    "categorical": {"generator": TINY | {"output": "categorical"}},
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = make_checkpoint(tmp_path_factory.mktemp("graphs") / "tiny")
    assert {one.graph for one in write.write(made)} == {"predict", "decode", "encode", "length"}
    return made


def test_both_engines_sample_the_same_latents_up_to_rounding(folder):
    states = torch_engine.load_text("minilm", "cpu").encode(["a person walks", "someone sits down on a chair"])
    start = np.stack([noise.normal(seed, 60, 5) for seed in (1, 2)])
    sampling = Sampling(steps=3, guidance=2.0, mar_steps=2, snap="never", solver="heun")
    made = [
        sample(engine.generator, states, start, sampling, lambda step, total: None)
        for engine in (onnx.load_engine(folder, 1), torch_engine.load_engine(folder, "cpu"))
    ]
    assert made[0].dtype == np.float32
    np.testing.assert_allclose(made[0], made[1], atol=2e-3)
    assert np.abs(made[0] - start).max() > 0.1


def test_a_clip_says_which_engine_made_it(folder):
    pipeline = Pipeline.load(folder, "cpu")
    (clip,) = pipeline.generate(Generate("a person walks", 2.0, effort=1), lambda step, total: None)
    assert clip.meta["engine"] == pipeline.networks.name == f"onnxruntime {onnx.onnxruntime.__version__}"


def test_the_checkpoint_is_verified_with_its_graphs_and_runs_on_them(folder):
    files = json.loads((folder / "config.json").read_text())["files"]
    assert set(files) == {MAIN_FILE, *GRAPHS}
    assert find(str(folder)).files == files
    assert all((folder / name).stat().st_size < 100_000 for name in GRAPHS)  # weights stand once, in their own file
    assert Pipeline.load(folder, "cpu").networks.name.startswith("onnxruntime")


@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS)
def test_every_option_has_its_graph(options, tmp_path):
    found = write.write(make_checkpoint(tmp_path / "tiny", **options))
    assert max(one.share for one in found) < checked.ALLOWED


def test_what_has_no_graph_is_left_as_it_is(tmp_path):
    made = make_checkpoint(tmp_path / "tiny", generator={"name": "MoE-XXS"})
    before = sorted(path.name for path in made.iterdir())
    assert write.write(made) == []
    assert sorted(path.name for path in made.iterdir()) == before
    with pytest.raises(InputError, match="engine is 'onnx', expected torch"):
        Pipeline.load(made, "cpu", "onnx")


def test_a_graph_that_differs_is_not_entered(tmp_path, monkeypatch):
    made = make_checkpoint(tmp_path / "tiny")
    silu = write.isodim.layers.silu
    monkeypatch.setattr(write.isodim.layers, "silu", lambda graph, x: graph.op("Relu", silu(graph, x)))
    with pytest.raises(checked.GraphsDifferError, match="the graph predict differs from its network by"):
        write.write(made)
    assert set(json.loads((made / "config.json").read_text())["files"]) == {MAIN_FILE}


def test_damaged_graphs_and_text_encoders_are_one_sentence(folder, tmp_path):
    (tmp_path / "encode.onnx").write_bytes(b"no graph")
    with pytest.raises(InputError, match=r"encode\.onnx is .*expected an undamaged graph"):
        onnx.Session(tmp_path / "encode.onnx", 1)
    with pytest.raises(InputError, match="text encoder is 'not complete'"):
        onnx.OnnxText(1, tmp_path)
    (tmp_path / "encoder.json").write_text(json.dumps({"files": {"encode.onnx": "0" * 64}}))
    with pytest.raises(InputError, match=r"text encoder is 'encode\.onnx, damaged'"):
        onnx.OnnxText(1, tmp_path)


def test_what_a_rank_reads_is_in_the_graph(folder):
    engine = onnx.load_engine(folder, 1)
    denoiser, states = engine.generator.denoiser, (np.ones((1, 3, 384), np.float32), np.ones((1, 3), bool))
    data, none = np.zeros((1, 6, 5), np.float32), np.zeros((1, 6), bool)
    context = denoiser.context(states, np.zeros(1, bool), data, none, 1)
    assert denoiser.logits(data, np.zeros(1, np.float32), context).shape == (1, 6, 25)


def test_a_seed_gives_the_same_bytes_alone_and_among_others(folder):
    pipeline = Pipeline.load(folder, "cpu")

    def made(seed, count):
        request = Generate("a person walks", 2.0, count, seed=seed, effort=1)
        return [clip.rotations.tobytes() for clip in pipeline.generate(request, lambda step, total: None)]

    many = made(4, onnx.ROWS + 1)
    assert len(set(many)) == len(many) and made(6, 1) == many[2:3]


def test_a_sentence_has_the_same_states_in_any_company():
    prompts = ["jump", "a person walks forward, then sits down on a chair"]
    states, mask = onnx.load_text(1).encode(prompts)
    assert mask.sum(1).tolist() == [3, 13] and not states[0, 3:].any()
    for row, prompt in enumerate(prompts):
        (alone,), (real,) = onnx.load_text(1).encode([prompt])
        np.testing.assert_array_equal(alone[real], states[row][mask[row]])


def test_the_text_encoder_in_8_bits_is_near_the_published_one():
    states, mask = onnx.load_text(1).encode(list(checked.PROMPTS))
    exact = torch_engine.load_text("minilm", "cpu").encode(list(checked.PROMPTS))[0]
    assert checked.apart(states[mask], exact[mask]) < checked.ALLOWED_IN_8_BITS
