"""The camera, and one small sheet from Blender."""

import numpy as np
import pytest

bpy = pytest.importorskip("bpy")
Image = pytest.importorskip("PIL.Image")

from tools.demo import pictures, stage  # noqa: E402


def test_the_camera_sees_the_figure_all_the_way(figure):
    from bpy_extras.object_utils import world_to_camera_view

    frames = pictures.clip_frames(figure)
    stage.build(figure, frames)
    scene = bpy.context.scene
    assert (scene.frame_start, scene.frame_end) == (frames[0], frames[-1])
    scene.render.resolution_x, scene.render.resolution_y = 300, 340
    for frame in frames:
        scene.frame_set(frame)
        for name in ("head", "left_foot", "right_foot", "left_wrist", "right_wrist"):
            place = world_to_camera_view(scene, scene.camera, figure.matrix_world @ figure.pose.bones[name].head)
            assert 0.0 < place.x < 1.0
            assert 0.0 < place.y < 1.0


def test_smoothing_keeps_straight_lines_and_rounds_corners():
    line = np.linspace((0.0, 0.0), (4.0, 2.0), 101)
    np.testing.assert_allclose(stage.smoothed(line, 10.0)[10:-10], line[10:-10], atol=1e-12)
    corner = np.abs(np.linspace(-1.0, 1.0, 101))[:, None]
    assert stage.smoothed(corner, 20.0)[50, 0] > 0.01
    assert stage.smoothed(corner, 20.0).shape == corner.shape


def test_a_sheet_and_an_animation_show_the_figure(figure, tmp_path, monkeypatch):
    monkeypatch.setattr(pictures, "_CELL", (45, 51))
    monkeypatch.setattr(pictures, "_FRAME", (45, 51))
    monkeypatch.setattr(pictures, "_CELL_SAMPLES", 1)
    monkeypatch.setattr(pictures, "_FRAME_SAMPLES", 1)
    frames = pictures.clip_frames(figure)
    stage.build(figure, frames)
    pictures.contact_sheet(frames, "title", "note", tmp_path / "sheet.png")
    pictures.animation(frames, tmp_path / "clip.gif")
    sheet = np.asarray(Image.open(tmp_path / "sheet.png")).astype(int)
    assert sheet.shape == (74 + 2 * 61, 10 + 5 * 55, 3)
    orange = (sheet[..., 0] - sheet[..., 2] > 60).sum()
    blue = (sheet[..., 2] - sheet[..., 0] > 60).sum()
    assert min(orange, blue) > 20
    with Image.open(tmp_path / "clip.gif") as made:
        assert made.n_frames == 15
