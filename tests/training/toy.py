"""A run of a toy network through the real loop: noise, dropout, blocks in a list, methods other than forward."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from training.engine.config import RunSettings
from training.engine.loop import Loop, begin

MOTIONS = 24
_DATA = np.random.default_rng(7).normal(size=(MOTIONS, 6)).astype(np.float32)


class Toy(nn.Module):
    """Three layers; `noisy` ones see noise and dropout."""

    def __init__(self, noisy: bool = False) -> None:
        super().__init__()
        self.noisy = noisy
        self.first = nn.Linear(6, 8)
        self.blocks = nn.ModuleList([nn.Linear(8, 8), nn.Linear(8, 8)])
        self.last = nn.Linear(8, 6)
        self.unused = nn.Linear(2, 2)
        self.register_buffer("seen", torch.zeros(()))

    def predict(self, rows: Tensor) -> Tensor:
        hidden = torch.tanh(self.first(rows + 0.3 * torch.randn_like(rows) if self.noisy else rows))
        for block in self.blocks:
            hidden = hidden + torch.tanh(block(hidden))
        return self.last(nn.functional.dropout(hidden, 0.2, self.noisy and self.training))


def losses(model: Toy, batch: tuple[Tensor, list[str]]) -> dict[str, Tensor]:
    rows, names = batch
    assert len(names) == len(rows)
    if model.training:
        model.seen += 1.0
    error = (model.predict(rows) - rows).square().mean()
    return {"loss": error, "error": error}


def settings(folder: Path, name: str, **changes: object) -> RunSettings:
    given = {"steps": 6, "batch_size": 8, "lr": 1e-2, "warm_up_iter": 1, "precision": "fp32", "device": "cpu"}
    given |= {"log_every": 1, "save_every": 3, "eval_every": 3, "ema": 0.5, "threads": 1} | changes
    return RunSettings(name=name, dataset_dir=folder, checkpoints_dir=folder, **given)


def train(given: RunSettings, noisy: bool = False, start: dict[str, Tensor] | None = None) -> Loop:
    """One run, from the weights `start` or random ones; its folder is `given.folder`."""

    def make_batch(rng: np.random.Generator) -> tuple[np.ndarray, list[str]]:
        picks = rng.integers(MOTIONS, size=given.batch_size)
        return _DATA[picks], [str(pick) for pick in picks]

    def evaluate(model: Toy) -> dict[str, float]:
        return {"error": float(losses(model, (torch.from_numpy(_DATA), [""] * MOTIONS))["error"])}

    begin(given)
    model = Toy(noisy)
    model.load_state_dict(start or model.state_dict())
    loop = Loop(given, model, make_batch, losses, evaluate, examples=MOTIONS, best="error")
    loop.run()
    return loop
