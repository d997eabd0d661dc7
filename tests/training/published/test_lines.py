"""Every published command line runs as it is printed, scaled down, on a made folder in HumanML3D's layout."""

import json
import shlex

import numpy as np
import pytest
import torch

from backend.generators import isodim, mardm_published
from backend.text import clip
from backend.tokenizers import conv
from common.errors import InputError
from tests import documents, published
from tests.training import released
from training.engine import config
from training.engine.isodim_settings import IsoDiMSettings
from training.engine.state import read_state
from training.engine.tokenizer_settings import TokenizerSettings
from training.published import __main__ as program
from training.published import defaults, lines

PRINTED = """
train_Tokenizer --name IsoDiM_Tokenizer_High --model IsoDiM_Tokenizer_High --dataset_name t2m --batch_size 256 --epoch 50
train_IsoDiM --name IsoDiM --tokenizer_name IsoDiM_Tokenizer_High --tokenizer_model IsoDiM_Tokenizer_High --model IsoDiM-DiT-XL --dataset_name t2m --batch_size 64 --epoch 500 --need_evaluation
sample --name IsoDiM --tokenizer_name IsoDiM_Tokenizer_High --model IsoDiM-DiT-XL --text_prompt "a person walks forward and waves" --motion_length 120
evaluation_Tokenizer --name IsoDiM_Tokenizer_High --model IsoDiM_Tokenizer_High
evaluation_IsoDiM --name IsoDiM --tokenizer_name IsoDiM_Tokenizer_High --model IsoDiM-DiT-XL
train_AE --name AE --dataset_name t2m --batch_size 256 --epoch 50 --lr_decay 0.05
train_MARDM --name MARDM_SiT_XL --model "MARDM-SiT-XL" --dataset_name t2m --batch_size 64 --ae_name AE
train_MARDM --name MARDM_DDPM_XL --model "MARDM-DDPM-XL" --dataset_name t2m --batch_size 64 --ae_name AE
evaluation_AE --name AE --dataset_name t2m
evaluation_MARDM --name MARDM_SiT_XL --model "MARDM-SiT-XL" --dataset_name t2m --cfg 4.5
evaluation_MARDM --name MARDM_DDPM_XL --model "MARDM-DDPM-XL" --dataset_name t2m --cfg 4.5
sample --name MARDM_SiT_XL --text_prompt "A person is running on a treadmill."
plot_loss --name MARDM_SiT_XL
analyze_training --name MARDM_SiT_XL
""".strip().splitlines()
"""As the two repositories print them, without `python` and `.py`; the last two lines' flags are not public."""
SMALLER = {
    "train": "--batch_size 4 --epoch 1 --warm_up_iter 1 --log_every 1 --device cpu --num_workers 0 --threads 1",
    "Tokenizer": "--width 8 --window_size 32",
    "AE": "--width 8 --window_size 32 --latent 8",
    "sample": "--formats npy --device cpu --time_steps 2",
    "evaluation": "--device cpu",
    "generator": "--limit 1 --time_steps 2 --cal_mm",
}
"""What makes a run small: no flag that the lines print, but for their sizes."""


class Pooled:
    """CLIP's pooled text, without CLIP."""

    width = released.TEXT

    def __init__(self, device="cpu"):
        self.device = device

    def encode(self, prompts):
        states = torch.stack([torch.full((1, self.width), (sum(prompt.encode()) % 7) / 7) for prompt in prompts])
        return states, torch.ones(len(prompts), 1, dtype=torch.bool)


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """Where one stands who has unpacked HumanML3D in ./datasets."""
    root = tmp_path_factory.mktemp("published")
    folder = published.make(root / "datasets" / "HumanML3D", "t2m", frames=48)
    np.save(folder / "new_joint_vecs" / "000004.npy", published.vectors("t2m", 48, 5))
    (folder / "texts" / "000004.txt").write_text("a person jumps#a/DET person/NOUN jump/VERB#0.0#0.0\n")
    (folder / "test.txt").write_text("000004\n")
    return root


@pytest.fixture(autouse=True)
def small(monkeypatch):
    monkeypatch.setattr(clip, "ClipPooled", Pooled)
    monkeypatch.setattr(conv, "_DILATIONS", (1,))
    tiny = {"depth": 1, "width": 16, "heads": 2, "mar_depth": 1}
    monkeypatch.setitem(isodim.SIZES, "IsoDiM-DiT-XL", tiny)
    for name, process in (("MARDM-SiT-XL", "sit"), ("MARDM-DDPM-XL", "ddpm")):
        monkeypatch.setitem(mardm_published.SIZES, name, released.SIZE | {"process": process})


def shrunk(line):
    words = shlex.split(line)
    kind, _, what = words[0].partition("_")
    more = [SMALLER.get(kind, "")]
    if kind == "train":
        more.append(SMALLER.get(what, ""))
    if kind == "evaluation" and what in ("IsoDiM", "MARDM"):
        more.append(SMALLER["generator"])
    return words + " ".join(more).split()


def test_every_printed_line_runs(place, monkeypatch, capsys):
    monkeypatch.chdir(place)
    for line in PRINTED:
        if line.startswith("analyze_training"):
            continue  # four logged rows are the fewest
        program.main(shrunk(line))
    told = capsys.readouterr().out
    assert told.count("datasets/HumanML3D: prepared once, into checkpoints/t2m/prepared") == 1
    assert "examples of checkpoints/t2m/prepared" in told
    runs = place / "checkpoints" / "t2m"
    for name in ("IsoDiM_Tokenizer_High", "IsoDiM", "AE", "MARDM_SiT_XL", "MARDM_DDPM_XL"):
        assert read_state(runs / name / "model" / "state.safetensors").step > 0
    assert (runs / "MARDM_SiT_XL" / "loss.png").is_file()
    assert np.load(next((place / "generation" / "IsoDiM").glob("*.npy"))).shape == (120, 22, 3)
    assert len(list((place / "generation" / "MARDM_SiT_XL").glob("*.npy"))) == 1
    made = config.load(IsoDiMSettings, runs / "IsoDiM")
    assert (made.output, made.loss, made.text, made.text_encoder) == ("x", "x", "pooled", "clip-pooled")
    assert (made.seed, made.ema, made.milestones, made.weight_decay) == (3407, 0.9999, (50_000,), 1e-5)
    assert config.load(TokenizerSettings, runs / "AE").lr_decay == 0.05
    rows = [json.loads(row) for row in (runs / "MARDM_SiT_XL" / "log.jsonl").read_text().splitlines()]
    assert len(rows) == 2  # an epoch: two clips, a span of one of them, and the mirror images of these, four at a time


@pytest.mark.parametrize("line", PRINTED, ids=lambda line: line[:40])
def test_every_printed_line_parses_as_it_stands(line):
    command, *words = shlex.split(line)
    found, settings = lines.parsed(command, words)
    assert type(settings) is type(found.default)


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("train_Isodim", "command is 'train_Isodim', expected one of train_Tokenizer"),
        ("train_MARDM --diffmlps_batch_mul 2", "diffmlps_batch_mul is '2', expected 4, as published"),
        ("train_AE --dataset_dir nowhere", r"expected a folder made by prepare, or one with HumanML3D/new_joint_vecs"),
        ("train_AE --model AE_Modell", "tokenizer is 'AE_Modell', expected one of"),
        ("train_IsoDiM --model IsoDiM-XL", "model is 'IsoDiM-XL', expected one of"),
        ("sample --name none --text_prompt x", "run folder is "),
    ],
)
def test_a_mistake_is_one_sentence_before_anything_is_prepared(line, sentence, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as ended:
        program.main(line.split())
    assert ended.value.code == 2
    assert sentence in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_published_names_of_flags_and_values_are_ours():
    for words in (["--recons_loss", "mse"], ["--recons_loss=mse"]):
        assert lines.parsed("train_AE", words)[1].recons_loss == "l2"
    assert lines.parsed("train_MARDM", ["--ae_name=mine", "--diffmlps_batch_mul=4"])[1].tokenizer_name == "mine"
    assert not lines.parsed("evaluation_MARDM", ["--cal_mm"])[1].cal_mm  # the published flag switches it off
    assert lines.parsed("evaluation_MARDM", ["--dataset_name", "kit"])[1].guidance == 2.5


def test_a_flag_that_contradicts_the_run_is_refused(tmp_path):
    config.save(TokenizerSettings("AE", tmp_path, model="AE_Model"), tmp_path / "t2m" / "AE")
    found, settings = lines.parsed("evaluation_AE", ["--model", "VQ_AE_Model", "--checkpoints_dir", str(tmp_path)])
    with pytest.raises(InputError, match="model is 'VQ_AE_Model', expected AE_Model, which run AE was trained with"):
        found.main(settings)


def test_the_guides_table_of_defaults_is_made_from_the_fields():
    assert defaults.table() in (documents.ROOT / "docs" / "training-guide.md").read_text("utf-8")
