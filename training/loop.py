"""The training loop: AdamW, warm-up and final decay, EMA, checkpoints without pickles, exact resume.

Every random choice of a step is a pure function of (seed, step): the batch from `numpy.random.default_rng((seed, step))`
and torch's generator from `manual_seed`. So a resumed run needs no generator state to equal an uninterrupted one.
"""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Generic, TypeVar, cast

import numpy as np
import torch
from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel

from backend.device import choose

from . import config

_DECAY_SHARE = 0.2
Model = TypeVar("Model", bound=nn.Module)


def rate_at(step: int, settings: config.RunSettings) -> float:
    """Learning rate at a step: linear warm-up, constant, linear fall to a hundredth over the last fifth."""
    warm = min(1.0, (step + 1) / max(1, settings.warm_up_iter))
    left = (settings.steps - step) / max(1.0, settings.steps * _DECAY_SHARE)
    return settings.lr * warm * max(0.01, min(1.0, left))


Tensors = tuple[Tensor, ...] | list[Tensor]


def _ema_rule(decay: float) -> Callable[[Tensors, Tensors, Tensor | int], None]:
    def update(averages: Tensors, currents: Tensors, seen: Tensor | int) -> None:
        count = float(seen)  # the ramp keeps the random start out of the average
        torch._foreach_lerp_(averages, currents, 1.0 - min(decay, (1 + count) / (10 + count)))

    return update


def begin(settings: config.RunSettings) -> None:
    """Seed torch and set its threads: the first line of every training command."""
    torch.manual_seed(settings.seed)
    if settings.threads:
        torch.set_num_threads(settings.threads)


class Loop(Generic[Model]):
    """One run. `losses(model, rng)` returns named losses, of which `loss` is minimised; `evaluate(model)` named figures."""

    def __init__(
        self,
        settings: config.RunSettings,
        model: Model,
        losses: Callable[[Model, np.random.Generator], dict[str, Tensor]],
        evaluate: Callable[[Model], dict[str, float]],
    ) -> None:
        self.settings, self.losses, self.evaluate = settings, losses, evaluate
        self.device = torch.device(choose(settings.device))
        self.model = model.to(self.device)
        self.ema = AveragedModel(self.model, multi_avg_fn=_ema_rule(settings.ema), use_buffers=False)
        self.optimizer = torch.optim.AdamW(
            [p for p in self.model.parameters() if p.requires_grad],
            lr=settings.lr,
            betas=(0.9, 0.99),
            weight_decay=settings.weight_decay,
        )
        self.step = 0
        self.state_path = settings.folder / "model" / "state.safetensors"

    def run(self) -> None:
        """Train to `settings.steps`, logging to log.jsonl and TensorBoard, saving and evaluating on the way."""
        from torch.utils.tensorboard import SummaryWriter

        settings = self.settings
        if settings.is_continue:
            self._resume()
        config.save(settings, settings.folder)
        self.model.train()
        with SummaryWriter(settings.folder / "eval", purge_step=self.step) as board, self._log() as log:
            begun, first = time.monotonic(), self.step
            while self.step < settings.steps:
                figures = self._update()
                if self.step % settings.log_every == 0 or self.step == settings.steps:
                    if self.step % settings.eval_every == 0 or self.step == settings.steps:
                        figures |= self._evaluate()
                    pace = (time.monotonic() - begun) / (self.step - first)
                    self._report(board, log, figures, pace)
                if self.step % settings.save_every == 0 or self.step == settings.steps:
                    self.save()

    def _update(self) -> dict[str, float]:
        settings = self.settings
        torch.manual_seed(settings.seed * 1_000_003 + self.step)
        for group in self.optimizer.param_groups:
            group["lr"] = rate_at(self.step, settings)
        with self.autocast():
            values = self.losses(self.model, np.random.default_rng((settings.seed, self.step)))
        self.optimizer.zero_grad(set_to_none=True)
        values["loss"].backward()
        norm = nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        if not torch.isfinite(norm):
            raise FloatingPointError(f"the gradient is {norm.item()} at step {self.step}; lower --lr or use fp32")
        self.optimizer.step()
        self.ema.update_parameters(self.model)
        self.step += 1
        return {name: float(value.detach()) for name, value in values.items()} | {
            "lr": rate_at(self.step - 1, settings)
        }

    def autocast(self) -> contextlib.AbstractContextManager[object]:
        """bf16 autocast on the run's device, or nothing."""
        if self.settings.precision == "fp32":
            return contextlib.nullcontext()
        return torch.autocast(self.device.type, dtype=torch.bfloat16)

    @torch.no_grad()
    def _evaluate(self) -> dict[str, float]:
        self.ema.eval()
        return {f"val_{name}": value for name, value in self.evaluate(cast(Model, self.ema.module)).items()}

    def _report(self, board: object, log: object, figures: dict[str, float], pace: float) -> None:
        minutes = pace * (self.settings.steps - self.step) / 60
        shown = "  ".join(f"{name} {value:.4g}" for name, value in figures.items())
        print(f"step {self.step}/{self.settings.steps}  {shown}  {pace:.3f} s/step  {minutes:.1f} min left", flush=True)
        for name, value in figures.items():
            board.add_scalar(name, value, self.step)  # type: ignore[attr-defined]
        log.write(json.dumps({"step": self.step, **figures}) + "\n")  # type: ignore[attr-defined]
        log.flush()  # type: ignore[attr-defined]

    @contextlib.contextmanager
    def _log(self) -> Iterator[object]:
        path = self.settings.folder / "log.jsonl"
        kept = []
        if self.step and path.is_file():
            kept = [line for line in path.read_text().splitlines() if json.loads(line)["step"] <= self.step]
        path.write_text("".join(f"{line}\n" for line in kept))
        with path.open("a") as stream:
            yield stream

    def save(self) -> None:
        """Write model, EMA, optimizer and step to one safetensors file, atomically."""
        tensors = {f"model.{key}": value for key, value in self.model.state_dict().items()}
        tensors |= {f"ema.{key}": value for key, value in self.ema.state_dict().items()}
        for index, state in self.optimizer.state_dict()["state"].items():
            tensors |= {f"optimizer.{index}.{key}": value for key, value in state.items()}
        self.state_path.parent.mkdir(parents=True, exist_ok=True)
        waiting = self.state_path.with_suffix(".tmp")
        save_file(
            {key: value.detach().cpu().contiguous().clone() for key, value in tensors.items()},
            waiting,
            metadata={"step": str(self.step)},
        )
        waiting.replace(self.state_path)

    def _resume(self) -> None:
        tensors, self.step = read_state(self.state_path)
        self.model.load_state_dict(_under("model.", tensors))
        self.ema.load_state_dict(_under("ema.", tensors))
        packed = self.optimizer.state_dict()
        for key, value in _under("optimizer.", tensors).items():
            index, name = key.split(".", 1)
            packed["state"].setdefault(int(index), {})[name] = value
        self.optimizer.load_state_dict(packed)


def _under(prefix: str, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    return {key.removeprefix(prefix): value for key, value in tensors.items() if key.startswith(prefix)}


def read_state(path: Path) -> tuple[dict[str, Tensor], int]:
    """Tensors and step of a state file."""
    if not path.is_file():
        raise FileNotFoundError(f"{path} is missing: there is no run to continue from here")
    with safe_open(path, framework="pt") as stream:
        return {key: stream.get_tensor(key) for key in stream.keys()}, int(stream.metadata()["step"])  # noqa: SIM118


def ema_weights(folder: Path) -> dict[str, Tensor]:
    """The averaged weights of a run folder, as a module's state_dict."""
    tensors, _ = read_state(folder / "model" / "state.safetensors")
    return _under("ema.module.", tensors)
