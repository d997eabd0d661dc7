import dataclasses

import numpy as np

from backend.motion.features import features_to_joints
from common.motion import quaternions
from common.motion.skeleton import HIP_HEIGHT, forward_kinematics
from tests import prepared
from tests.training.test_prepare import corpus  # noqa: F401
from training.data import dataset
from training.data.planted import planted
from training.data.stretches import stretches
from training.data.tokens import examples
from training.prepare import prepare


def standing(frames=60, drift_m=0.004):
    """A figure that stands and floats sideways, as badly converted captures do."""
    root = np.zeros((frames, 3))
    root[:, 1] = HIP_HEIGHT
    root[:, 0] = drift_m * np.arange(frames)
    return forward_kinematics(quaternions.identity(frames, 22), root)


def test_sliding_feet_are_planted_and_both_speeds_told():
    joints, slides = planted(standing())
    assert slides["slide_before_cm_s"] > 5
    assert slides["slide_after_cm_s"] < 0.2 * slides["slide_before_cm_s"]
    assert np.abs(joints[:, :, 1] - standing()[:, :, 1]).max() < 0.03


def test_motion_without_a_standing_foot_stays():
    flight = standing() + np.linspace(0, 30, 60)[:, None, None] * (0, 1, 0)
    joints, slides = planted(flight)
    np.testing.assert_array_equal(joints, flight)
    assert slides["slide_after_cm_s"] == 0


def test_prepare_plants_only_when_asked_and_reports_by_source(corpus):  # noqa: F811
    assert prepare(corpus).summary()["slide_cm_s"] == {}
    slides = prepare(dataclasses.replace(corpus, plant_feet=True)).summary()["slide_cm_s"]
    assert set(slides) == {"own before", "own after", "sparse before", "sparse after"}
    assert "cm/s" in (corpus.out / "report.md").read_text()


def test_a_stretched_span_is_slower_or_faster_and_says_so(tmp_path):
    data = dataset.load(prepared.make(tmp_path), "train")
    made = stretches(data, 12, np.random.default_rng(0))
    assert {caption.rsplit(" ", 1)[1] for _, caption, _ in made} == {"slowly", "quickly"}
    for features, caption, span in made:
        slower = caption.endswith("slowly")
        assert caption.rsplit(" ", 1)[0] in span.captions
        assert 1.2 < len(features) / span.frames < 1.55 if slower else 0.6 < len(features) / span.frames < 0.85
        ends = [
            features_to_joints(part)[-1, 0] - features_to_joints(part)[0, 0]
            for part in (features, data.window(span.start, span.frames, False))
        ]
        np.testing.assert_allclose(ends[0], ends[1], atol=0.1)


def test_captions_that_tell_a_pace_a_flight_or_two_things_are_not_stretched(tmp_path):
    data = dataset.load(prepared.make(tmp_path), "train")
    for caption in ("a person jumps", "walks slowly", "a person walks and sits", "runs, then stops", "Walk ahead."):
        spans = tuple(dataclasses.replace(span, captions=(caption,)) for span in data.spans)
        assert stretches(dataclasses.replace(data, spans=spans), 3, np.random.default_rng(0)) == []


def test_training_gets_as_many_stretched_examples_as_asked(tmp_path, monkeypatch):
    data = dataset.load(prepared.make(tmp_path), "train")
    monkeypatch.setattr("training.data.tokens._encoded", lambda tokenizer, motions: [(one,) for one in motions])
    plain, more = (examples(None, data, stretched=count) for count in (0, 5))
    assert len(more) - len(plain) == 10
    assert {one.source for one in more} - {one.source for one in plain} == {"stretched"}
