"""The table of published commands: what each does here, its defaults, and its flags' names."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import tyro

from common.errors import InputError

from . import run_lines, training_lines
from .run_lines import CurvesLine, EvaluationLine, SampleLine, TokenizerLine

_MARDM = {"ae_name": "tokenizer_name", "ae_model": "tokenizer_model"}
_VALUES = {"recons_loss": {"mse": "l2"}}
"""Published words for a value -> ours."""
_EVALUATION = {"cal_mm": "no_cal_mm"}
"""The published flag switches multimodality off."""


@dataclasses.dataclass(frozen=True)
class Line:
    """A published command: `main` gets `default` with the flags' values.

    aliases: published flag -> ours, where they differ; only: published flags that have but one value here.
    """

    main: Callable[[Any], None]
    default: Any
    aliases: Mapping[str, str] = dataclasses.field(default_factory=dict)
    only: Mapping[str, str] = dataclasses.field(default_factory=dict)


LINES: dict[str, Line] = {
    "train_Tokenizer": Line(training_lines.train_a_tokenizer, training_lines.TRAIN_TOKENIZER),
    "train_AE": Line(training_lines.train_a_tokenizer, training_lines.TRAIN_AE),
    "train_IsoDiM": Line(training_lines.train_a_generator, training_lines.TRAIN_ISODIM),
    "train_MARDM": Line(
        training_lines.train_a_generator, training_lines.TRAIN_MARDM, _MARDM, {"diffmlps_batch_mul": "4"}
    ),
    "evaluation_Tokenizer": Line(run_lines.evaluate_a_tokenizer, TokenizerLine("IsoDiM_Tokenizer_High")),
    "evaluation_AE": Line(run_lines.evaluate_a_tokenizer, TokenizerLine("AE")),
    "evaluation_IsoDiM": Line(run_lines.evaluate_a_generator, EvaluationLine("IsoDiM"), _EVALUATION),
    "evaluation_MARDM": Line(run_lines.evaluate_a_generator, EvaluationLine("MARDM"), _MARDM | _EVALUATION),
    "sample": Line(run_lines.sample_a_generator, SampleLine("IsoDiM"), _MARDM),
    "plot_loss": Line(run_lines.plot, CurvesLine(("IsoDiM",))),
    "analyze_training": Line(run_lines.analyze, CurvesLine(("IsoDiM",))),
}


def parsed(command: str, arguments: Sequence[str]) -> tuple[Line, Any]:
    """A published command and its settings; InputError for an unknown command, or a value that has no meaning here."""
    if command not in LINES:
        raise InputError("command", command or "missing", f"one of {', '.join(LINES)}")
    line = LINES[command]
    words = translated(arguments, line)
    settings = tyro.cli(type(line.default), args=words, default=line.default, use_underscores=True, prog=command)
    return line, settings


def translated(words: Sequence[str], line: Line) -> list[str]:
    """The words of a published command line under our flags' names."""
    found: list[str] = []
    given = iter(words)
    for word in given:
        if not word.startswith("--"):
            found.append(word)
            continue
        name, mark, value = word[2:].partition("=")
        if name in line.only:
            value = value if mark else next(given, "missing")
            if value != line.only[name]:
                raise InputError(name, value, f"{line.only[name]}, as published")
            continue
        found.append(f"--{line.aliases.get(name, name)}")
        if name in _VALUES:
            value = value if mark else next(given, "missing")
            found.append(_VALUES[name].get(value, value))
        elif mark:
            found.append(value)
    return found
