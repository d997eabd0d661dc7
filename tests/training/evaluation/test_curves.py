"""plot_loss and compare_runs on curves whose speed and spread are known."""

import json

import numpy as np
import pytest

from common.errors import InputError
from training import compare_runs, plot_loss
from training.evaluation.convergence import convergence, first_at, stability
from training.evaluation.curves import Curve, labels, read_log, smoothed


def write(folder, rows, tail=""):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "log.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows) + tail)
    return folder


def falling(rate, timed=True, count=200):
    rows = [{"step": step, "loss": float(np.exp(-rate * step)), "grad_norm": 1.0} for step in range(count)]
    return [row | {"seconds": 2.0 * row["step"]} for row in rows] if timed else rows


def test_smoothing_keeps_constants_from_the_first_value_on():
    assert smoothed(np.full(50, 3.0), 0.99) == pytest.approx(np.full(50, 3.0))


def test_smoothing_by_hand():
    assert smoothed(np.array([1.0, 2.0]), 0.5) == pytest.approx([1.0, (0.25 * 1 + 0.5 * 2) / 0.75])


def test_no_smoothing_is_the_identity_and_one_is_refused():
    values = np.random.default_rng(0).normal(size=20)
    assert np.array_equal(smoothed(values, 0.0), values)
    with pytest.raises(InputError, match=r"smooth is 1\.0"):
        smoothed(values, 1.0)


def test_figures_logged_now_and_then_keep_their_own_steps(tmp_path):
    rows = [{"step": 1, "loss": 3.0}, {"step": 2, "loss": 2.0, "val_mm": 9.0}, {"step": 3, "loss": None}]
    found = read_log(write(tmp_path, rows, tail='{"step": 4, "lo'))
    assert found["loss"].values.tolist() == [3.0, 2.0]
    assert found["val_mm"].steps.tolist() == [2.0]
    assert found["loss"].seconds is None


def test_an_exponential_reaches_its_shares_when_the_formula_says():
    steps = np.arange(2001, dtype=float)
    found = convergence(Curve(steps, np.exp(-0.01 * steps), 3 * steps), 0.0, (0.5, 0.9))
    assert found["updates to 50%"] == pytest.approx(np.log(2) / 0.01, abs=1)
    assert found["updates to 90%"] == pytest.approx(np.log(10) / 0.01, abs=1)
    assert found["seconds to 90%"] == pytest.approx(3 * np.log(10) / 0.01, abs=3)


def test_rising_curves_converge_upwards_and_what_is_never_reached_is_nan():
    x = np.arange(5.0)
    assert first_at(x, np.array([0.1, 0.2, 0.5, 0.8, 0.9]), 0.5) == 2.0
    assert np.isnan(first_at(x, np.array([5.0, 4, 3, 2, 2]), 1.0))


def test_noise_shows_in_the_spread_at_any_scale():
    steps = np.arange(4000, dtype=float)
    clean = 1.0 - steps / 4000
    noise = np.random.default_rng(0).normal(size=4000)
    calm, wild = (stability(Curve(steps, clean + size * noise, None), 0.99) for size in (0.01, 0.1))
    assert wild["spread"] == pytest.approx(10 * calm["spread"], rel=0.2)
    scaled = stability(Curve(steps, 7 * (clean + 0.1 * noise), None), 0.99)
    assert scaled["spread"] == pytest.approx(wild["spread"])


def test_runs_of_one_name_keep_their_parents(tmp_path):
    assert labels([tmp_path / "a" / "one", tmp_path / "b" / "two"]) == ["one", "two"]
    assert labels([tmp_path / "a" / "one", tmp_path / "b" / "one"]) == ["a/one", "b/one"]


def test_plot_loss_draws_one_run_and_several(tmp_path, capsys):
    one = write(tmp_path / "one", falling(0.02))
    two = write(tmp_path / "two", falling(0.05, timed=False))
    plot_loss.main(plot_loss.PlotSettings(runs=(one,), smooth=0.9))
    assert (one / "loss.png").read_bytes().startswith(b"\x89PNG")
    out = tmp_path / "both.png"
    plot_loss.main(plot_loss.PlotSettings(runs=(one, two), metrics=("loss",), out=out, log_scale=True))
    assert out.is_file()
    assert capsys.readouterr().out.endswith("both.png: loss\n")
    with pytest.raises(InputError, match="metrics is 'fid', expected one of loss, grad_norm"):
        plot_loss.main(plot_loss.PlotSettings(runs=(one,), metrics=("fid",)))
    with pytest.raises(InputError, match="two has no wall times"):
        plot_loss.main(plot_loss.PlotSettings(runs=(one, two), against="seconds"))
    with pytest.raises(InputError, match="run folder is"):
        plot_loss.main(plot_loss.PlotSettings(runs=(tmp_path / "none",)))


def test_compare_runs_puts_the_faster_run_ahead(tmp_path, capsys):
    slow = write(tmp_path / "slow", falling(0.02))
    fast = write(tmp_path / "fast", falling(0.05))
    settings = compare_runs.CompareSettings(
        runs=(slow, fast), shares=(0.9,), smooth=0.5, shared_goal=True, out=tmp_path / "out"
    )
    compare_runs.main(settings)
    head, _, *lines = (tmp_path / "out" / "compare.md").read_text().splitlines()
    assert capsys.readouterr().out.splitlines()[0] == head
    columns = [cell.strip() for cell in head.split("|")]
    cells = {line.split("|")[1].strip(): [cell.strip() for cell in line.split("|")] for line in lines}
    for name in ("updates to 90%", "seconds to 90%", "updates to the goal"):
        place = columns.index(name)
        assert float(cells["fast"][place]) < float(cells["slow"][place])
    assert (tmp_path / "out" / "compare.png").is_file()


def test_one_run_is_no_comparison(tmp_path):
    with pytest.raises(InputError, match="at least two run folders"):
        compare_runs.main(compare_runs.CompareSettings(runs=(tmp_path,)))
