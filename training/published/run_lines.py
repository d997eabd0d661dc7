"""sample, evaluation_IsoDiM, evaluation_MARDM, evaluation_Tokenizer, evaluation_AE, plot_loss, analyze_training: of trained runs.

A run is told by its name; the published flags that repeat what it was trained with must agree with it.
"""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Literal

from backend.tokenizers.presets import full_name
from common import FPS
from common.errors import InputError
from training import analyze_training, evaluate_isodim, evaluate_tokenizer, plot_loss, sample
from training.engine import config
from training.engine.isodim_settings import IsoDiMSettings
from training.engine.runs import KIT_GUIDANCE
from training.engine.tokenizer_settings import TokenizerSettings

from .data import prepared

GUIDANCE, ROUNDS = 4.5, 18
"""Published for HumanML3D, and for both data sets."""
_MULTIMODAL_TEXTS = 96
"""Three batches of 32."""


@dataclasses.dataclass(frozen=True)
class RunLine:
    """Which run, on which data. Beside the published flags: device."""

    name: str
    dataset_name: Literal["t2m", "kit"] = "t2m"
    dataset_dir: Path = Path("datasets")
    checkpoints_dir: Path = Path("checkpoints")
    seed: int = 3407
    num_workers: int = 4
    """Of no use here."""
    device: str = "auto"

    @property
    def folder(self) -> Path:
        """The run's folder."""
        return self.checkpoints_dir / self.dataset_name / self.name

    @property
    def data(self) -> Path:
        """The prepared data."""
        return prepared(self.dataset_dir, self.dataset_name, self.checkpoints_dir)

    def require(self, **pairs: tuple[str, str]) -> None:
        """InputError where a flag that was given (first) says something else than the run's own settings (second)."""
        for name, (told, own) in pairs.items():
            if told and full_name(told) != full_name(own):
                raise InputError(name, told, f"{own}, which run {self.name} was trained with")


@dataclasses.dataclass(frozen=True)
class TokenizerLine(RunLine):
    """evaluation_Tokenizer and evaluation_AE. Beside the published flags: evaluator, out."""

    model: str = ""
    """Like the flags of the network in the other commands: what the run says, unless given."""
    evaluator: Path | None = None
    """Folder of a published or own evaluator; without it there is no FID."""
    out: Path | None = None


def evaluate_a_tokenizer(line: TokenizerLine) -> None:
    """Reconstruction of the test split."""
    line.require(model=(line.model, config.load(TokenizerSettings, line.folder).model))
    where = (str(line.folder),)
    settings = evaluate_tokenizer.TokenizerEvaluation(
        where, line.data, "test", line.evaluator, device=line.device, out=line.out
    )
    evaluate_tokenizer.main(settings)


@dataclasses.dataclass(frozen=True)
class GeneratorLine(RunLine):
    """What sampling and evaluation share."""

    model: str = ""
    tokenizer_name: str = ""
    tokenizer_model: str = ""
    time_steps: int = ROUNDS
    """Rounds of unmasking."""
    cfg: float | None = None
    """Guidance; 4.5, for KIT-ML 2.5, unless given."""
    temperature: float = 1.0
    """1 alone: the published samplers read no other."""
    hard_pseudo_reorder: bool = False
    """Reorders what attention does not tell apart: without effect."""

    @property
    def guidance(self) -> float:
        """`cfg`, or the data set's."""
        if self.cfg is not None:
            return self.cfg
        return KIT_GUIDANCE if self.dataset_name == "kit" else GUIDANCE

    def check(self) -> None:
        """InputError where the run is another one, or nothing here does what is asked."""
        run = config.load(IsoDiMSettings, self.folder)
        beside = config.load(TokenizerSettings, self.folder.parent / run.tokenizer_name)
        self.require(
            model=(self.model, run.model),
            tokenizer_name=(self.tokenizer_name, run.tokenizer_name),
            tokenizer_model=(self.tokenizer_model, beside.model),
        )
        if self.temperature != 1.0:
            raise InputError("temperature", self.temperature, "1, the only one that the published samplers read")


@dataclasses.dataclass(frozen=True)
class EvaluationLine(GeneratorLine):
    """evaluation_IsoDiM and evaluation_MARDM. Beside the published flags: evaluator, repeats, limit, out."""

    cal_mm: bool = True
    """Multimodality."""
    evaluator: Path | None = None
    """Folder of a published or own evaluator; without it there are figures of physics alone."""
    repeats: int = 20
    limit: int | None = None
    """Spans at most."""
    out: Path | None = None


def evaluate_a_generator(line: EvaluationLine) -> None:
    """Generation of the test split by the published protocol."""
    line.check()
    settings = evaluate_isodim.IsoDiMEvaluation(
        generator=(str(line.folder),),
        dataset_dir=line.data,
        published=True,
        evaluator=line.evaluator,
        repeats=line.repeats,
        guidance=(line.guidance,),
        mar_steps=(line.time_steps,),
        limit=line.limit,
        multimodal_texts=_MULTIMODAL_TEXTS if line.cal_mm else 0,
        seed=line.seed,
        device=line.device,
        out=line.out,
    )
    evaluate_isodim.main(settings)


@dataclasses.dataclass(frozen=True)
class SampleLine(GeneratorLine):
    """sample. Beside the published flags: formats, out."""

    text_prompt: str = ""
    text_path: Path | None = None
    """File with a prompt a line, `text#frames` or `text#NA`."""
    motion_length: int = 0
    """Frames at 20 a second; 0: a run has no length estimator and makes 5 s."""
    repeat_times: int = 1
    formats: tuple[Literal["npy", "bvh", "gif", "mp4"], ...] = ("npy", "bvh", "gif")
    out: Path | None = None
    """generation/NAME, as published, unless given."""


def sample_a_generator(line: SampleLine) -> None:
    """Clips from prompts."""
    line.check()
    settings = sample.SampleSettings(
        out=line.out or Path("generation") / line.name,
        checkpoint=str(line.folder),
        prompt=line.text_prompt,
        prompts=line.text_path,
        seconds=line.motion_length / FPS if line.motion_length else None,
        repeats=line.repeat_times,
        seed=line.seed,
        guidance=line.guidance,
        mar_steps=line.time_steps,
        formats=line.formats,
        device=line.device,
    )
    sample.main(settings)


@dataclasses.dataclass(frozen=True)
class CurvesLine:
    """plot_loss and analyze_training: runs by their names."""

    name: tuple[str, ...]
    dataset_name: str = "t2m"
    checkpoints_dir: Path = Path("checkpoints")
    metrics: tuple[str, ...] = ()
    smooth: float = 0.9
    out: Path | None = None

    @property
    def runs(self) -> tuple[Path, ...]:
        """The runs' folders."""
        return tuple(self.checkpoints_dir / self.dataset_name / name for name in self.name)


def plot(line: CurvesLine) -> None:
    """A picture of the curves."""
    plot_loss.main(plot_loss.PlotSettings(line.runs, line.metrics, line.smooth, out=line.out))


def analyze(line: CurvesLine) -> None:
    """How fast and how calmly the runs learned."""
    analyze_training.main(analyze_training.AnalyzeSettings(line.runs, line.metrics, line.smooth, out=line.out))
