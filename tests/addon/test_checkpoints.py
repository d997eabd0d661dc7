import json

from isodim.common.wire import messages
from isodim.isodim_blender.client import checkpoints


def test_folders_are_listed_and_broken_ones_left_out(tmp_path):
    for name, text in {
        "b": json.dumps({"title": "The B", "licence": "CC0-1.0"}),
        "a": "{}",
        "broken": "{",
        "list": "[]",
    }.items():
        folder = tmp_path / "backend" / "weights" / name
        folder.mkdir(parents=True)
        (folder / "config.json").write_text(text)
    (tmp_path / "backend" / "weights" / "empty").mkdir()
    found = checkpoints.on_disk(tmp_path)
    assert [(one.name, one.title, one.licence) for one in found] == [
        ("a", "a", "see its model card"),
        ("b", "The B", "CC0-1.0"),
    ]
    assert checkpoints.on_disk(tmp_path / "nowhere") == ()


def test_a_persons_own_folder_comes_after_and_wins(tmp_path):
    for place, name, title in (("backend/weights", "open", "Open"), ("mine", "open", "Mine"), ("mine", "run", "Run")):
        folder = tmp_path / place / f"folder of {name}"
        folder.mkdir(parents=True)
        (folder / "config.json").write_text(json.dumps({"name": name, "title": title}))
    found = checkpoints.on_disk(tmp_path, str(tmp_path / "mine"))
    assert [(one.name, one.title) for one in found] == [("open", "Mine"), ("run", "Run")]


def test_a_backend_reports_its_own():
    info = messages.CheckpointInfo("tiny", "Tiny", "CC0-1.0", 1, "0" * 64, 20.0)
    (found,) = checkpoints.reported(messages.Initialized("1", "cpu", (info,), ()))
    assert (found.name, found.licence) == ("tiny", "CC0-1.0")
