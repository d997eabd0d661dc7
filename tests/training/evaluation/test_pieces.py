"""Cases, groups, scores, sides and tables: what the evaluation commands are made of."""

import json
import math

import numpy as np
import pytest

from backend.motion.features import mirror
from common.errors import InputError
from tests import prepared
from training.data import dataset
from training.data.turns import bent
from training.evaluate_tokenizer import pose_mm
from training.evaluation import sides
from training.evaluation.cases import cases, wordings
from training.evaluation.groups import licence_groups
from training.evaluation.reconstruction import Reconstruction, mpjpe_mm
from training.evaluation.report import EvaluationReport
from training.evaluation.scores import scores, summed
from training.evaluation.table import Row, markdown, means, shown, single
from training.metrics.intervals import Repeated, repeated


@pytest.fixture(scope="module")
def train(tmp_path_factory):
    return dataset.load(prepared.make(tmp_path_factory.mktemp("prepared"), frames=74), "train")


def test_cases_are_whole_tokens_and_their_mirror_images_name_the_other_side(train):
    found = cases(train, flips=True)
    assert [case.tokens for case in found] == [18] * 6
    assert [len(case.features) for case in found] == [72] * 6
    assert found[1].captions == ("a person waves the right hand",)
    assert found[4].captions == ("a person waves the left hand",)
    assert found[4].flipped
    assert np.array_equal(found[4].features, mirror(found[1].features))


def test_a_limit_spreads_over_the_split(train):
    assert [case.captions[0].split()[2] for case in cases(train, flips=False, limit=2)] == ["walks", "turns"]


def test_a_split_of_scraps_is_refused(tmp_path):
    scraps = dataset.load(prepared.make(tmp_path, frames=16), "train")
    with pytest.raises(InputError, match="without a span of 20 frames"):
        cases(scraps, flips=False)


def test_wordings_follow_from_the_generator_alone(train):
    found = cases(train, flips=True)
    assert wordings(found, np.random.default_rng(3)) == wordings(found, np.random.default_rng(3))


def test_takes_are_grouped_by_what_their_licences_allow():
    names = ["CC-BY-NC-4.0", "CC0-1.0", "MIT", "CC-BY-NC-4.0"]
    found = licence_groups(names)
    assert found["all"] == [0, 1, 2, 3]
    assert found["open"] == [1, 2]
    assert found["CC-BY-NC-4.0"] == [0, 3]
    assert licence_groups(["MIT", "MIT"]) == {"all": [0, 1]}
    assert "open" not in licence_groups(["MIT", "CC0-1.0"])


def test_motions_that_lie_on_their_texts_score_perfectly():
    points = np.random.default_rng(0).normal(size=(64, 5))
    found = scores(points, points, points, np.arange(64), np.random.default_rng(1))
    assert found["R@1"] == found["R@3 own"] == 1.0
    assert found["FID"] == pytest.approx(0.0, abs=1e-9)
    assert found["matching"] == 0.0
    assert found["CLIP score"] == pytest.approx(1.0)


def test_motions_that_swap_places_within_a_meaning_count_for_it_but_not_as_their_own():
    points = np.random.default_rng(0).normal(size=(32, 5))
    groups = np.repeat(np.arange(16), 2)
    swapped = points.reshape(16, 2, 5)[:, ::-1].reshape(32, 5)
    found = scores(swapped, points, points, groups, np.random.default_rng(1))
    assert found["R@1"] == 1.0
    assert found["R@3 own"] < 1.0


def test_a_table_shows_three_digits_counts_and_what_is_missing():
    assert shown(Repeated(0.51234, 0.00412, 20)) == "0.512 ± 0.004"
    assert [shown(Repeated(value, math.nan, 1)) for value in (137.0, 138.4, 0.0, 0.012345, math.nan)] == [
        *("137", "138", "0.00", "0.0123", "-")
    ]
    rows = [single("real", {"FID": 0.1}, real=True), single("ours", {"seconds": 0.25})]
    assert markdown("clips", rows).splitlines() == [
        *("| clips | FID | seconds |", "|---|---:|---:|", "| real | 0.100 | - |", "| ours | - | 0.250 |")
    ]


def test_rows_are_means_and_intervals():
    row = summed("x", [{"FID": 1.0}, {"FID": 3.0}])
    assert row.metrics["FID"] == repeated([1.0, 3.0])
    assert means("x", [{"a": 1.0}, {"a": 2.0}]).metrics["a"].mean == 1.5


def test_a_report_holds_valid_json_and_a_picture_for_each_table(tmp_path, capsys):
    report = EvaluationReport(sides.ORDERS[0], None)
    report.add("Only printed", "clips", [single("a", {"x": 1.0})], "Note.")
    assert "## Only printed" in capsys.readouterr().out
    report = EvaluationReport(Repeated(1.0, 2.0, 3), tmp_path / "out")
    report.add("First table", "clips", [Row("a", {"x": Repeated(1.0, math.nan, 1)}), single("b", {"y": 2.0})], "Note.")
    kept = json.loads((tmp_path / "out" / "results.json").read_text(), parse_constant=pytest.fail)
    assert kept["settings"] == {"mean": 1.0, "margin": 2.0, "repeats": 3}
    assert kept["tables"]["First table"]["rows"][0]["figures"]["x"] == {"mean": 1.0, "margin95": None, "repeats": 1}
    assert (tmp_path / "out" / "first_table.png").is_file()


@pytest.mark.parametrize("seed", range(4))
def test_bent_walks_turn_left_and_their_mirror_images_right(seed):
    walk = prepared.swinging(80, seed)
    assert sides.turning_side(walk) is None
    left = bent(walk, np.random.default_rng(seed))
    assert sides.turning_side(left) == "left"
    assert sides.turned_deg(mirror(left)) == pytest.approx(-sides.turned_deg(left), abs=1e-3)
    assert sides.turning_side(mirror(left)) == "right"


def waving(lift=0.6):
    """A still figure whose right wrist goes up and to and fro."""
    clip = np.tile(prepared.swinging(2, 0)[:1], (60, 1))
    clip[:, :3] = 0
    wrist = 4 + 3 * (sides.INDEX["right_wrist"] - 1)
    clip[:, wrist] += 0.2 * np.sin(np.arange(60))
    clip[:, wrist + 1] += lift
    return clip


def test_a_wave_is_a_wrist_that_is_higher_and_moves_more():
    assert sides.waved_side(waving()) == "right"
    assert sides.waved_side(mirror(waving())) == "left"
    assert sides.waved_side(waving(lift=0.0)) is None
    raised_still = waving()
    raised_still[:, 4 + 3 * (sides.INDEX["left_wrist"] - 1)] += 0.5 * np.sin(np.arange(60))
    assert sides.waved_side(raised_still) is None


def test_orders_are_counted_and_real_captions_are_found_in_both_mirrors(train):
    left, right, *_ = sides.ORDERS
    bend = bent(prepared.swinging(80, 0), np.random.default_rng(0))
    found = left.obeyed([bend, mirror(bend), bend, prepared.swinging(80, 0)])
    assert (found["named side"], found["other side"], found["clips"]) == (0.5, 0.25, 4)
    assert sides.opposite(left) is right
    (plain,) = sides.real_clips(left, (train,))
    (flipped,) = sides.real_clips(right, (train,))
    assert np.array_equal(flipped, mirror(plain))


def test_the_pose_error_leaves_heading_drift_out():
    target = prepared.swinging(60, 0)
    drifting = target.copy()
    drifting[:, 0] += 0.01
    row = Reconstruction(0, target, drifting, np.zeros((15, 1)), *mpjpe_mm(drifting, target))
    assert row.mpjpe_mm > 50
    assert pose_mm(row) == pytest.approx(0.0, abs=1e-6)
    lifted = target.copy()
    lifted[:, 4:] += np.random.default_rng(0).normal(size=lifted[:, 4:].shape) * 0.01
    row = Reconstruction(0, target, lifted, np.zeros((15, 1)), *mpjpe_mm(lifted, target))
    assert pose_mm(row) == pytest.approx(row.mpjpe_mm, rel=1e-5)
