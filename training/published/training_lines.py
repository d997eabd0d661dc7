"""train_Tokenizer, train_AE, train_IsoDiM, train_MARDM: our settings with the published defaults."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from backend.generators import presets as generators
from backend.tokenizers import presets as tokenizers
from training import train_isodim, train_tokenizer
from training.engine import config, run_folder
from training.engine.config import RunSettings
from training.engine.isodim_settings import IsoDiMSettings
from training.engine.tokenizer_settings import TokenizerSettings

from .data import prepared

Settings = TypeVar("Settings", bound=RunSettings)

_EVERY: dict[str, Any] = {
    "dataset_name": "t2m",
    "dataset_dir": Path("datasets"),
    "seed": 3407,
    "num_workers": 4,
    "warm_up_iter": 2000,
    "lr_decay": 0.1,
    "max_norm": 0.0,
    "balance": 1.0,
}
"""Published, or for what the published commands do not do: no gradient is scaled down, no action is weighed."""
_TOKENIZER: dict[str, Any] = _EVERY | {
    "batch_size": 256,
    "epoch": 50,
    "milestones": (150_000, 250_000),
    "weight_decay": 0.0,
    "ema": 0.0,
    "log_every": 10,
    "velocity_loss": 0.0,
    "root_loss": 0.0,
    "path_loss": 0.0,
    "stretch": 0.0,
}
_GENERATOR: dict[str, Any] = _EVERY | {
    "batch_size": 64,
    "epoch": 500,
    "milestones": (50_000,),
    "weight_decay": 1e-5,
    "ema": 0.9999,
    "log_every": 50,
    "need_evaluation": False,
    "text_encoder": "clip-pooled",
    "plain": 0.0,
}

TRAIN_TOKENIZER = TokenizerSettings(name="IsoDiM_Tokenizer_High", model="IsoDiM_Tokenizer_High", **_TOKENIZER)
TRAIN_AE = TokenizerSettings(name="AE", model="AE_Model", **_TOKENIZER)
TRAIN_ISODIM = IsoDiMSettings(
    name="IsoDiM",
    model="IsoDiM-DiT-XL",
    tokenizer_name="IsoDiM_Tokenizer_High",
    tokenizer_model="IsoDiM_Tokenizer_High",
    output="x",
    text="pooled",
    loss="x",
    **_GENERATOR,
)
TRAIN_MARDM = IsoDiMSettings(
    name="MARDM", model="MARDM-SiT-XL", tokenizer_name="AE", tokenizer_model="AE_Model", **_GENERATOR
)


def on_raw_data(main: Callable[[Settings], None], known: Callable[[str], Any]) -> Callable[[Any], None]:
    """`main` of settings whose `dataset_dir` may be the raw data set; `known(model)` refuses names that do not exist.

    What is wrong with the settings is told before the data are prepared.
    """

    def run(settings: Any) -> None:
        known(settings.model)
        config.check(settings)
        run_folder.inspect(settings)
        folder = prepared(settings.dataset_dir, settings.dataset_name, settings.checkpoints_dir)
        main(dataclasses.replace(settings, dataset_dir=folder))

    return run


train_a_tokenizer = on_raw_data(train_tokenizer.main, tokenizers.bottleneck)
train_a_generator = on_raw_data(train_isodim.main, generators.family_of)
