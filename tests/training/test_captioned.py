"""Caption rows: spans in frames, and bad rows refused with their line."""

import json

import pytest

from contract.errors import InputError
from training.captioned import load_captions, spans


def row(**changes):
    return {
        "split": "train", "source": "studio", "clip": "a", "license": "CC0-1.0", "start_s": 0.0, "end_s": 2.0,
        "captions": ["a person walks"], "caption_origin": "test", "any_crop_fits": True, **changes,
    }  # fmt: skip


@pytest.fixture
def write(tmp_path):
    def make(*rows, name="captions.jsonl"):
        path = tmp_path / name
        path.write_text("".join(json.dumps(r) + "\n" for r in rows))
        return path

    return make


def test_rows_of_a_clip_are_gathered_and_sorted(write):
    first = write(row(clip="b"), row(clip="a"), row(clip="a", start_s=1.0), name="1.jsonl")
    second = write(row(source="attic", clip="z", split="val"), name="2.jsonl")
    clips = load_captions([first, second])
    assert [(c.source, c.name, c.split, len(c.rows)) for c in clips] == [
        ("attic", "z", "val", 1), ("studio", "a", "train", 2), ("studio", "b", "train", 1),
    ]  # fmt: skip


def test_spans_are_frames_inside_the_clip(write):
    (clip,) = load_captions(
        [write(row(), row(start_s=0.95, end_s=10.95, captions=["someone runs"]), row(start_s=50.0, end_s=60.0))]
    )
    inside = spans(clip, frames=100)
    assert [(s["start"], s["frames"], s["action"]) for s in inside] == [(0, 41, "walk"), (19, 81, "run")]
    assert inside[0]["captions"] == ["a person walks"]
    assert inside[0]["any_crop_fits"] is True


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"split": "trial"}, "split"),
        ({"captions": []}, "captions"),
        ({"captions": [" "]}, "captions"),
        ({"start_s": 3.0}, "start_s"),
        ({"end_s": "2"}, "end_s"),
        ({"any_crop_fits": 1}, "any_crop_fits"),
    ],
)
def test_bad_rows_name_file_line_and_field(write, change, named):
    with pytest.raises(InputError, match=f"captions.jsonl line 2, {named}"):
        load_captions([write(row(clip="good"), row(**change))])


def test_other_bad_files(write, tmp_path):
    with pytest.raises(InputError, match="one split"):
        load_captions([write(row(), row(split="val"))])
    with pytest.raises(InputError, match="readable"):
        load_captions([tmp_path / "none.jsonl"])
    (tmp_path / "broken.jsonl").write_text("{\n")
    with pytest.raises(InputError, match=r"broken.jsonl line 1 "):
        load_captions([tmp_path / "broken.jsonl"])
