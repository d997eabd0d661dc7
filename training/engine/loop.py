"""The training loop: AdamW, schedule, EMA, checkpoints without pickles, exact resume, one or many processes.

Every random choice of a step is a pure function of (seed, step): the whole batch from `numpy.random.default_rng((seed,
step))` and torch's generator from (seed, step, part). So a resumed run needs no generator state to equal an
uninterrupted one. A batch is cut into processes x `accumulate` parts: two processes equal one that accumulates two
parts, noise and dropout included, and equal the uncut batch where a loss is a plain mean over rows without noise.
"""

from __future__ import annotations

import contextlib
import math
import time
from collections.abc import Callable
from typing import Generic, TypeVar

import torch
from torch import Tensor, nn

from common.errors import InputError
from training.data.batches import Batch, MakeBatch, batches, part_of, to_device

from . import config, run_folder
from .devices import Devices, multiplies_in_bf16
from .ema import Ema
from .journal import Journal
from .schedule import rate_at
from .state import full, load_optimizer, optimizer_tensors, read_state, under, write_state

Model = TypeVar("Model", bound=nn.Module)
_PACED = 3
"""Updates after which their pace says how long the run takes."""


def begin(settings: config.RunSettings) -> None:
    """Check settings and folder, meet the other processes, seed torch and set its threads: the first line of a command."""
    config.check(settings)
    devices = Devices(settings)
    if devices.first:  # the others would meet its lock
        run_folder.inspect(settings)
    devices.wait()
    torch.manual_seed(settings.seed)
    if settings.threads:
        torch.set_num_threads(settings.threads)


class _Step(nn.Module, Generic[Model, Batch]):
    """Batch -> named losses: the forward pass that processes synchronize."""

    def __init__(
        self, model: Model, losses: Callable[[Model, Batch], dict[str, Tensor]], kind: str, precision: str
    ) -> None:
        super().__init__()
        self.model, self.losses, self.kind = model, losses, kind
        self.bf16 = precision == "bf16" or (precision == "auto" and multiplies_in_bf16(kind))

    def forward(self, batch: Batch) -> dict[str, Tensor]:
        with torch.autocast(self.kind, dtype=torch.bfloat16) if self.bf16 else contextlib.nullcontext():
            values = self.losses(self.model, batch)
        return {name: value if name == "loss" else value.detach() for name, value in values.items()}


class Loop(Generic[Model, Batch]):
    """One run of a model, whose weights are random or loaded beforehand; one pass over the data has `examples`.

    `make_batch(rng)` makes the whole batch of a step on the CPU, in the background where `num_workers` says so;
    `losses(model, batch)` gets a part of its rows on the device and returns named losses, of which `loss` is minimised;
    `evaluate(model)` returns named metrics of the average; the one with the lowest `best` is kept beside the newest.
    """

    def __init__(
        self,
        settings: config.RunSettings,
        model: Model,
        make_batch: MakeBatch[Batch],
        losses: Callable[[Model, Batch], dict[str, Tensor]],
        evaluate: Callable[[Model], dict[str, float]],
        examples: int,
        best: str = "loss",
    ) -> None:
        self.settings = settings = config.planned(settings, examples)
        self.examples, self.best = examples, f"val_{best}"
        self.devices = Devices(settings)
        self.device = self.devices.device
        self.make_batch, self.losses, self.evaluate = make_batch, losses, evaluate
        self.model = model.to(self.device)
        self.ema = Ema(self.model, settings.ema)
        self.step, self.seconds, self.waited = 0, 0.0, 0.0
        self.state_path = settings.folder / run_folder.STATE

    def run(self) -> None:
        """Train to `settings.steps`, logging to log.jsonl and TensorBoard, saving and evaluating on the way."""
        with run_folder.held(self.settings) if self.devices.first else contextlib.nullcontext():
            self._run()

    def _run(self) -> None:
        settings = self.settings
        self._prepare()
        if self.devices.first:
            run_folder.require_room(settings, sum(parameter.numel() for parameter in self.ema.module.parameters()))
            config.save(settings, settings.folder)
        self.model.train()
        began, first = time.monotonic() - self.seconds, self.step
        resumed = reported = time.monotonic()
        with contextlib.ExitStack() as stack:
            ahead = batches(self.make_batch, settings.seed, range(self.step, settings.steps), settings.num_workers)
            self.batches = stack.enter_context(contextlib.closing(ahead))
            if self.devices.first:
                journal = stack.enter_context(Journal(settings.folder, self.step, settings.steps))
                self.lowest = journal.lowest(self.best)
                self._tell()
            while self.step < settings.steps:
                tensors = self._update()
                if self.devices.first and self.step - first == _PACED:
                    pace = (time.monotonic() - resumed) / _PACED
                    print(f"about {pace * (settings.steps - first) / 60:.1f} min, {pace:.3f} s an update", flush=True)
                if self._due(settings.log_every):
                    metrics = self._figures(tensors, reported)
                    if settings.need_evaluation and self._due(settings.eval_every):
                        metrics |= self._evaluate()
                        self._keep_best(metrics)
                    self.seconds = time.monotonic() - began
                    if self.devices.first:
                        pace = (time.monotonic() - resumed) / (self.step - first)
                        journal.write(self.step, metrics | {"seconds": self.seconds}, pace)
                    reported = time.monotonic()
                if self._due(settings.save_every):
                    self.seconds = time.monotonic() - began
                    self._finite(tensors["grad_norm"])
                    self.save()

    def _tell(self) -> None:
        """One line: data, parameters, updates, device."""
        settings = self.settings
        parameters = sum(parameter.numel() for parameter in self.ema.module.parameters())
        an_epoch = config.updates_an_epoch(settings, self.examples)
        length = f"{settings.steps - self.step} updates of {settings.batch_size} rows, {an_epoch} an epoch"
        data = f"{self.examples:,} examples of {settings.dataset_dir}"
        print(f"{settings.folder}: {data}, {parameters / 1e6:.2f} M parameters, {length}, on {self.device}", flush=True)

    def _due(self, every: int) -> bool:
        return self.step % every == 0 or self.step == self.settings.steps

    def _prepare(self) -> None:
        """Load the state to continue from, then hand the model to its processes, then make the optimizer."""
        settings, optimizer = self.settings, {}
        if settings.is_continue:
            tensors, self.step, self.seconds = read_state(self.state_path)
            run_folder.require_steps(settings, self.step)
            try:
                self.model.load_state_dict(under("model.", tensors))
                self.ema.load_state_dict(under("ema.", tensors))
            except RuntimeError as error:  # other data, or settings that no file told
                raise InputError(str(self.state_path), "of another network", "the state of this run") from error
            optimizer = under("optimizer.", tensors)
        self.forward = self.devices.spread(_Step(self.model, self.losses, self.device.type, settings.precision))
        if settings.fsdp:
            self.ema.shard_like(self.model)
        self.optimizer = torch.optim.AdamW(
            [parameter for parameter in self.model.parameters() if parameter.requires_grad],
            lr=settings.lr,
            betas=(0.9, 0.99),
            weight_decay=settings.weight_decay,
        )
        load_optimizer(self.optimizer, optimizer)

    def _update(self) -> dict[str, Tensor]:
        """One update of model and average; mean losses of this process's parts."""
        settings = self.settings
        waiting = time.monotonic()
        batch = next(self.batches)
        self.waited += time.monotonic() - waiting
        for group in self.optimizer.param_groups:
            group["lr"] = rate_at(self.step, settings)
        self.optimizer.zero_grad(set_to_none=True)
        sums: dict[str, Tensor] = {}
        for index in range(settings.accumulate):
            part = self.devices.index * settings.accumulate + index
            torch.manual_seed(settings.seed * 1_000_003 + self.step + (part << 40))
            rows = part_of(batch, part, self.devices.count * settings.accumulate)
            with self.devices.synchronized(self.forward, last=index == settings.accumulate - 1):
                values = self.forward(to_device(rows, self.device))
                (values["loss"] / settings.accumulate).backward()
            for name, value in values.items():
                sums[name] = sums.get(name, torch.zeros((), device=self.device)) + value.detach() / settings.accumulate
        sums["grad_norm"] = full(nn.utils.clip_grad_norm_(self.model.parameters(), settings.max_norm or math.inf))
        self.optimizer.step()
        self.ema.update(self.model)
        self.step += 1
        return sums

    def _figures(self, tensors: dict[str, Tensor], since: float) -> dict[str, float]:
        values = self.devices.mean(torch.stack([value.float() for value in tensors.values()])).tolist()
        self._finite(tensors["grad_norm"])
        busy = 1 - self.waited / max(time.monotonic() - since, 1e-9)
        self.waited = 0.0
        return dict(zip(tensors, values, strict=True)) | {"lr": rate_at(self.step - 1, self.settings), "busy": busy}

    def _finite(self, norm: Tensor) -> None:
        if not torch.isfinite(norm):
            raise FloatingPointError(f"the gradient is {norm.item()} at step {self.step}; lower --lr or use fp32")

    @torch.no_grad()
    def _evaluate(self) -> dict[str, float]:
        self.ema.gather()
        self.ema.module.eval()
        return {f"val_{name}": value for name, value in self.evaluate(self.ema.module).items()}

    def _keep_best(self, metrics: dict[str, float]) -> None:
        """Write the average, a run folder in the run's, if it is better on the val split than any before."""
        if not self.devices.first or not metrics.get(self.best, math.inf) < self.lowest:
            return
        self.lowest = metrics[self.best]
        folder = self.settings.folder / run_folder.BEST
        config.save(self.settings, folder)
        tensors = {f"ema.{key}": value for key, value in self.ema.state_dict().items()}
        write_state(folder / run_folder.STATE, tensors, self.step, self.seconds)

    def save(self) -> None:
        """Write model, average, optimizer, step and seconds; every process takes part, the first one writes."""
        self.ema.gather()
        tensors = {f"model.{key}": full(value) for key, value in self.model.state_dict().items()}
        tensors |= {f"ema.{key}": value for key, value in self.ema.state_dict().items()}
        tensors |= {f"optimizer.{key}": value for key, value in optimizer_tensors(self.optimizer).items()}
        if self.devices.first:
            write_state(self.state_path, tensors, self.step, self.seconds)
        self.devices.wait()
