"""Caption rows: spans in frames, and bad rows refused with their line."""

import json

import pytest

from common.errors import InputError
from training.data.captioned import load_captions, spans


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
    clips, refused = load_captions([first, second])
    assert refused == ()
    assert [(c.source, c.name, c.split, len(c.rows)) for c in clips] == [
        ("attic", "z", "val", 1), ("studio", "a", "train", 2), ("studio", "b", "train", 1),
    ]  # fmt: skip


def test_spans_are_frames_inside_the_clip(write):
    rows = (row(), row(start_s=0.95, end_s=10.95, captions=["someone runs"]), row(start_s=50.0, end_s=60.0))
    ((clip,), _) = load_captions([write(*rows)])
    inside, notes = spans(clip, frames=100)
    assert notes == ("a caption from 50 s, the clip having 5.0 s",)
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
    clips, refused = load_captions([write(row(clip="good"), row(**change))], "studio")
    assert [clip.name for clip in clips] == ["good"]
    ((source, where, reason),) = refused
    assert (source, where) == ("studio", "captions.jsonl line 2")
    assert reason.startswith(f"captions.jsonl line 2, {named} is ")


def test_other_bad_files(write, tmp_path):
    with pytest.raises(InputError, match="one split"):
        load_captions([write(row(), row(split="val"))])
    with pytest.raises(InputError, match="readable"):
        load_captions([tmp_path / "none.jsonl"])
    (tmp_path / "latin.jsonl").write_bytes("café".encode("latin-1"))
    with pytest.raises(InputError, match="UTF-8"):
        load_captions([tmp_path / "latin.jsonl"])
    (tmp_path / "broken.jsonl").write_text("{\n\n[]\n")
    clips, refused = load_captions([tmp_path / "broken.jsonl"])
    assert clips == ()
    assert [where for _, where, _ in refused] == ["broken.jsonl line 1", "broken.jsonl line 3"]
    (tmp_path / "odd.csv").write_text("name,text\na,b\n")
    with pytest.raises(InputError, match="columns clip and caption"):
        load_captions([tmp_path / "odd.csv"])


def test_only_clip_and_captions_must_be_given(tmp_path):
    path = tmp_path / "mine.jsonl"
    path.write_text("".join(json.dumps({"clip": f"c{i}", "captions": ["a person walks"]}) + "\n" for i in range(3)))
    clips, _ = load_captions([path], "folder")
    assert [(c.source, c.name, c.split) for c in clips] == [
        ("folder", "c0", "train"), ("folder", "c1", "train"), ("folder", "c2", "val"),
    ]  # fmt: skip
    (span,), _ = spans(clips[0], frames=70)
    assert (span["start"], span["frames"], span["any_crop_fits"], span["caption_origin"]) == (0, 70, False, "mine")


def test_tables_hold_the_same_rows(write, tmp_path):
    plain = row(captions=["a person walks", "someone walks"])
    ((wanted,), _) = load_captions([write(plain)])
    table = tmp_path / "table.csv"
    columns = "clip,caption,source,split,license,start_s,end_s,any_crop_fits,caption_origin"
    facts = "studio,train,CC0-1.0,0"
    table.write_text(
        f"{columns}\na,a person walks,{facts},2,yes,test\na,someone walks,{facts},2,yes,test\na,runs,{facts},soon,yes,test\n"
    )
    clips, refused = load_captions([table])
    assert clips == (wanted,)
    assert [where for _, where, _ in refused] == ["table.csv line 4"]
