"""The bench's table of edits, on random weights: a row for each kind, with what can be said of it."""

from backend.bench import edits
from backend.generate import Pipeline
from tests.tiny import make_checkpoint


def test_every_edit_has_its_row(tmp_path, monkeypatch):
    monkeypatch.setattr(edits, "SEEDS", (0,))
    monkeypatch.setattr(edits, "_SEQUENCE_S", 8)
    rows = edits.measure(Pipeline.load(make_checkpoint(tmp_path / "tiny"), "cpu"))
    assert len(rows) == 9
    assert all(row.seconds > 0 for row in rows)
    by_name = {row.edit: row for row in rows}
    assert by_name["60 of 196 frames regenerated"].seam > 0
    assert 0 <= by_name["4.8 m of curve"].deviation_cm < 1000
    assert by_name["4.8 m of curve"].seam is None
    shown = edits.table(rows).splitlines()
    assert len(shown) == 2 + len(rows)
    assert "| - |" in shown[-1]
