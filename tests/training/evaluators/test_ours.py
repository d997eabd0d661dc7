"""Our evaluator: padding and order change nothing, equal meanings are no negatives, a run can be loaded and resumed."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from common.errors import InputError
from tests import prepared
from tests.training.interrupted import interrupted
from training import train_evaluator
from training.engine.state import read_state
from training.evaluators import load
from training.evaluators.groups import caption_groups
from training.evaluators.networks import Judge
from training.evaluators.ours import OurEvaluator
from training.evaluators.words import BUCKETS, bags, buckets


@pytest.fixture
def judge():
    torch.manual_seed(0)
    return Judge(features=67, width=32, layers=2, dims=8).eval()


def clips(*lengths):
    return [prepared.swinging(frames, seed) for seed, frames in enumerate(lengths)]


def settings(data, runs, name="judge", **changes):
    given = {
        "batch_size": 6,
        "steps": 4,
        "width": 32,
        "layers": 1,
        "dims": 8,
        "threads": 1,
        "log_every": 2,
        "save_every": 2,
    }
    return train_evaluator.EvaluatorSettings(name=name, dataset_dir=data, checkpoints_dir=runs, **(given | changes))


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return prepared.make(tmp_path_factory.mktemp("prepared"))


@pytest.fixture(scope="module")
def run(data, tmp_path_factory):
    chosen = settings(data, tmp_path_factory.mktemp("runs"))
    train_evaluator.main(chosen)
    return chosen


def test_a_motion_embeds_alike_alone_and_beside_others(judge):
    motions = clips(20, 57, 196, 30, 21)
    together = OurEvaluator(judge).motion(motions)
    alone = np.concatenate([OurEvaluator(judge).motion([motion]) for motion in motions])
    assert together == pytest.approx(alone, abs=1e-5)
    assert np.linalg.norm(together, axis=1) == pytest.approx(1.0)
    assert np.ptp(together, axis=0).max() > 0.01


def test_a_caption_embeds_alike_alone_and_beside_others(judge):
    captions = ["a person walks", "someone waves the right hand and then sits down on a chair", "", "Walks!"]
    together = OurEvaluator(judge).text(captions)
    assert together == pytest.approx(np.concatenate([OurEvaluator(judge).text([c]) for c in captions]), abs=1e-5)


def test_motions_are_normalised_with_the_judges_own_statistics(judge):
    (motion,) = clips(40)
    before = OurEvaluator(judge).motion([motion])
    judge.motion.mean.fill_(0.3)
    judge.motion.std.fill_(2.0)
    assert OurEvaluator(judge).motion([motion * 2.0 + 0.3]) == pytest.approx(before, abs=1e-4)


def test_clips_longer_than_the_limit_are_cut_and_shorter_than_a_token_refused(judge):
    (long,) = clips(240)
    assert OurEvaluator(judge).motion([long]) == pytest.approx(OurEvaluator(judge).motion([long[:196]]), abs=1e-6)
    with pytest.raises(InputError, match="frames of a clip is 3, expected at least 4"):
        OurEvaluator(judge).motion([long[:3]])


def test_words_share_buckets_with_their_inflections():
    assert set(buckets("walks")) & set(buckets("walking"))
    assert all(0 <= bucket < BUCKETS for bucket in buckets("cartwheel"))
    flat, offsets, mask = bags(["Two words.", ""])
    assert mask.tolist() == [[True, True], [True, False]]
    assert offsets.tolist()[2:] == [len(flat), len(flat)]


def test_meanings_are_joined_by_any_caption_in_common():
    captions = [
        ["a person waves", "someone waves"],
        ["A person walks."],
        ["hello", "someone waves"],
        ["a person walks"],
    ]
    assert caption_groups(captions).tolist() == [0, 1, 0, 1]
    assert caption_groups([["b", "c"], ["a"], ["a", "b"]]).tolist() == [0, 0, 0]


def test_contrast_without_groups_is_the_symmetric_cross_entropy():
    torch.manual_seed(0)
    logits, right = torch.randn(5, 5), torch.arange(5)
    expected = (F.cross_entropy(logits, right) + F.cross_entropy(logits.T, right)) / 2
    assert train_evaluator.contrast(logits, torch.arange(5)).item() == pytest.approx(expected.item())


def test_equal_meanings_are_no_negatives():
    logits = torch.tensor([[0.0, 50.0], [50.0, 0.0]])
    assert train_evaluator.contrast(logits, torch.tensor([3, 3])).item() == 0.0
    assert train_evaluator.contrast(logits, torch.tensor([3, 4])).item() == pytest.approx(50.0)


def test_mirrored_captions_belong_to_mirrored_motions(data):
    pairs = train_evaluator.Pairs.of(train_evaluator.dataset.load(data, "train"))
    wave = next(index for index, span in enumerate(pairs.spans) if span.action == "wave")
    assert pairs.captions[0][wave] == ("a person waves the right hand",)
    assert pairs.captions[1][wave] == ("a person waves the left hand",)
    assert pairs.groups[0, wave] != pairs.groups[1, wave]
    walk = next(index for index, span in enumerate(pairs.spans) if span.action == "walk")
    assert pairs.groups[0, walk] == pairs.groups[1, walk]


def test_crops_only_where_any_part_fits():
    (motion,) = clips(120)
    rng = np.random.default_rng(0)
    assert all(len(train_evaluator.crop(motion, False, 196, rng)) == 120 for _ in range(8))
    lengths = {len(train_evaluator.crop(motion, True, 100, rng)) for _ in range(20)}
    assert max(lengths) == 100
    assert 40 <= min(lengths) < 100


def test_a_run_is_what_load_reads(run):
    judge = load(run.folder)
    motions = judge.motion(clips(30, 72))
    assert motions.shape == judge.text(["a person walks", "a person turns left"]).shape == (2, 8)
    saved = read_state(run.folder / "model" / "state.safetensors").tensors
    assert judge.judge.motion.std.tolist() == saved["ema.module.motion.std"].tolist()
    assert judge.judge.motion.std.min() > 0
    assert not np.allclose(judge.judge.motion.std, 1.0)


def test_resumed_equals_uninterrupted_bit_for_bit(run, data):
    with interrupted(2):
        train_evaluator.main(settings(data, run.checkpoints_dir, "stopped"))
    train_evaluator.main(settings(data, run.checkpoints_dir, "stopped", is_continue=True))
    ours, theirs = (
        read_state(run.folder.parent / name / "model" / "state.safetensors").tensors for name in ("judge", "stopped")
    )
    assert all(torch.equal(ours[key], theirs[key]) for key in ours)


def test_it_learns_which_caption_belongs_to_which_motion(data, tmp_path):
    chosen = settings(
        data, tmp_path, batch_size=12, steps=25, lr=3e-3, warm_up_iter=5, ema=0.5, log_every=25, save_every=25
    )
    train_evaluator.main(chosen)
    judge, pairs = load(chosen.folder), train_evaluator.Pairs.of(train_evaluator.dataset.load(data, "train"))
    motions = judge.motion([pairs.data.window(span.start, span.frames, False) for span in pairs.spans])
    texts = judge.text([span.captions[0] for span in pairs.spans])
    assert (motions @ texts.T).argmax(axis=1).tolist() == [0, 1, 2]


def test_a_folder_without_evaluator_is_one_sentence(tmp_path):
    with pytest.raises(InputError, match=r"evaluator is .*, expected a folder with one of settings.json"):
        load(tmp_path)
