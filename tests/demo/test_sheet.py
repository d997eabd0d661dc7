"""Pictures put together."""

import numpy as np
import pytest

Image = pytest.importorskip("PIL.Image")

from tools.demo import sheet  # noqa: E402


@pytest.fixture
def pictures(tmp_path):
    """Seven plain pictures of 40 x 50 pixels, each of its own grey."""
    paths = [tmp_path / f"{index}.png" for index in range(7)]
    for index, path in enumerate(paths):
        Image.new("RGB", (40, 50), (30 * index,) * 3).save(path)
    return paths


def test_every_picture_is_in_the_sheet_in_reading_order(pictures, tmp_path):
    out = tmp_path / "sheet.png"
    sheet.contact_sheet(pictures, [0.5 * i for i in range(7)], 3, "a title " * 40, "note", out)
    made = np.asarray(Image.open(out))
    assert made.shape[1] == 10 + 3 * 50
    corners = [made[74 + row * 60 + 45, 10 + column * 50 + 35, 0] for row in range(3) for column in range(3)]
    assert corners[:7] == [30 * index for index in range(7)]


def test_the_animation_has_every_picture_at_its_rate(pictures, tmp_path):
    out = tmp_path / "clip.gif"
    sheet.animation(pictures, 10.0, out)
    with Image.open(out) as made:
        assert (made.n_frames, made.info["duration"], made.info["loop"]) == (7, 100, 0)
