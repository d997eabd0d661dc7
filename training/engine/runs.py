"""Run folders as networks: the averaged weights of a training run, ready to use."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import torch

from backend import text
from backend.engines import torch as torch_engine
from backend.generate import Pipeline
from backend.generators import presets
from backend.generators.length import LengthEstimator
from backend.generators.sampling import Sampling
from backend.generators.token_generator import TokenGenerator
from backend.tokenizers.conv import ConvTokenizer, Residual
from backend.tokenizers.presets import full_name
from backend.weights.load import Networks, load
from backend.weights.locate import MAIN_FILE, find
from common.errors import InputError
from training.data.dataset import Prepared

from . import config
from .growth import grows, placed, speaks_the_same
from .isodim_settings import IsoDiMSettings
from .run_folder import BEST
from .state import ema_weights
from .tokenizer_settings import BLOCKS, TokenizerSettings, untrained

RUN_SECONDS = 5.0
"""Length of a run's clips where none is asked for: a run has no length estimator, and one action takes about that long."""

KIT_GUIDANCE = 2.5
"""Published for KIT-ML, where 4.5 is published for HumanML3D."""


def load_tokenizer(folder: Path) -> ConvTokenizer:
    """The tokenizer of a run folder, frozen; InputError if there is no such run."""
    settings, weights = config.load(TokenizerSettings, folder), ema_weights(folder)
    tokenizer = untrained(settings, len(weights["mean"]))
    tokenizer.load_state_dict(weights)
    return tokenizer.eval().requires_grad_(False)


def load_start_tokenizer(where: str) -> tuple[dict[str, Any], ConvTokenizer]:
    """The tokenizer of a tokenizer's run or of a checkpoint by its name or folder, and what `presets.build` needs to make it."""
    if is_run(where):
        return config.load(TokenizerSettings, Path(where)).network, load_tokenizer(Path(where))
    networks = load(find(where).folder, "cpu")
    return dict(networks.config["tokenizer"]), networks.tokenizer


def adopted_tokenizer(settings: TokenizerSettings) -> TokenizerSettings:
    """The settings with model and sizes of what `init` names, at least its decoder's blocks, and more dims where `model` has them.

    InputError for a frozen encoder without an encoder to start from."""
    if not settings.init:
        if settings.freeze_encoder:
            raise InputError("freeze_encoder", True, "--init with it: a random encoder that never learns is of no use")
        return settings
    network, _ = load_start_tokenizer(settings.init)
    if grows(settings.model, network["name"]):
        network["name"] = settings.model
    blocks = {name: max(network.get(name, 0), getattr(settings, name)) for name in BLOCKS}
    fields = {"name": "model", "size": "codebook_size"}
    return dataclasses.replace(
        settings, **{fields.get(name, name): value for name, value in (network | blocks).items()}
    )


def deepened(model: ConvTokenizer, where: str) -> None:
    """Put weights and statistics of a run or checkpoint into a tokenizer that may have more blocks, which begin as nothing, and
    more dims, which begin at random: they hardly leave the middle level at first."""
    theirs = load_start_tokenizer(where)[1].state_dict()
    if len(theirs["mean"]) != len(model.mean):
        allowed = f"for data of {len(model.mean)} features a frame"
        raise InputError("init", f"{where} of {len(theirs['mean'])} features", allowed)
    with torch.no_grad():
        for module in model.decoder.modules():
            if isinstance(module, Residual):
                for parameter in module.narrow.parameters():
                    parameter.zero_()
    model.load_state_dict(placed(model.state_dict(), theirs, fill=None))


def load_generator(folder: Path) -> tuple[TokenGenerator, ConvTokenizer, str]:
    """Generator, its tokenizer and the name of its text encoder, of a run folder."""
    settings = config.load(IsoDiMSettings, folder)
    tokenizer = tokenizer_of(settings, folder)
    generator = new_generator(settings, tokenizer, text.load(settings.text_encoder).width)
    generator.load_state_dict(ema_weights(folder))
    return generator.eval(), tokenizer, settings.text_encoder


def sampling_of(folder: Path) -> Sampling:
    """How a generator's run is sampled unless something else is asked for: as its family is, KIT-ML with less guidance."""
    settings = config.load(IsoDiMSettings, folder)
    sampling = presets.sampling_of(settings.model)
    if settings.dataset_name == "kit":
        return dataclasses.replace(sampling, guidance=min(sampling.guidance, KIT_GUIDANCE))
    return sampling


def is_run(where: str) -> bool:
    """Whether `where` is a training run's folder; anything else should name a checkpoint."""
    return (Path(where) / "settings.json").is_file()


def load_start(where: str) -> tuple[TokenGenerator, ConvTokenizer, str]:
    """What `load_generator` gives, of a run folder or of a checkpoint by its name or folder."""
    if is_run(where):
        return load_generator(Path(where))
    networks = load(find(where).folder, "cpu")
    return networks.generator, networks.tokenizer.requires_grad_(False), str(networks.config["text_encoder"])


def load_pipeline(where: str, device: str) -> Pipeline:
    """The pipeline of a checkpoint, or of a run folder as if it had been exported without a length estimator."""
    if not is_run(where):
        return Pipeline.load(find(where).folder, device)
    generator, tokenizer, name = load_generator(Path(where))
    encoder = torch_engine.load_text(name, device)
    facts = {"name": Path(where).name, "licence": "not stated", "files": {MAIN_FILE: "a run"}}
    length = LengthEstimator(encoder.width).to(device).eval()
    sampling = sampling_of(Path(where))
    networks = Networks(facts, tokenizer.to(device), generator.to(device), length, sampling)
    return Pipeline(torch_engine.engine(networks, device), encoder)


def default_seconds(checkpoint: str) -> float | None:
    """Length of a clip where none is asked for: as the checkpoint estimates it (None); a run folder has no estimator."""
    return RUN_SECONDS if is_run(checkpoint) else None


def copy_trunk(model: TokenGenerator, where: str, tokenizer: ConvTokenizer, data: Prepared) -> float:
    """Copy the weights of a run or checkpoint into `model` wherever name and shape agree; their share of its weights.

    Where its tokenizer is a grown one of theirs, the layers that face the codes keep their part too, and new dims begin as
    nothing. InputError where nothing agrees.
    """
    start, before, _ = load_start(where)
    theirs, own = start.state_dict(), model.state_dict()
    shared = {name: theirs[name] for name in own if name in theirs and theirs[name].shape == own[name].shape}
    if speaks_the_same(before, tokenizer, data):
        shared = theirs
    share = sum(value.numel() for value in shared.values()) / sum(value.numel() for value in own.values())
    if share < 0.5:
        raise InputError("trunk", where, "a run or checkpoint of the same model")
    model.load_state_dict(placed(own, shared, fill=0.0))
    return share


def tokenizer_of(settings: IsoDiMSettings, folder: Path) -> ConvTokenizer:
    """The tokenizer of a generator's run in `folder`: the one it started from, else the run beside it."""
    if settings.init:
        return load_start(settings.init)[1]
    run = folder.parent if folder.name == BEST else folder
    beside = run.parent / settings.tokenizer_name
    model = config.load(TokenizerSettings, beside).model
    if settings.tokenizer_model and full_name(settings.tokenizer_model) != full_name(model):
        raise InputError("tokenizer_model", settings.tokenizer_model, f"{model}, the model of run {beside.name}")
    return load_tokenizer(beside)


def adopted(settings: IsoDiMSettings) -> IsoDiMSettings:
    """The settings with model, its options and text encoder of what `init` names, so that its weights fit."""
    if not settings.init:
        return settings
    if is_run(settings.init):
        theirs = config.load(IsoDiMSettings, Path(settings.init))
        network, encoder = theirs.network, theirs.text_encoder
    else:
        described = json.loads((find(settings.init).folder / "config.json").read_text())
        network, encoder = dict(described["generator"]), described["text_encoder"]
    return dataclasses.replace(settings, model=network.pop("name"), text_encoder=encoder, **network)


def new_generator(settings: IsoDiMSettings, tokenizer: ConvTokenizer, text_width: int) -> TokenGenerator:
    """The untrained generator that a run's settings describe."""
    dropout: dict[str, Any] = {} if settings.dropout is None else {"dropout": settings.dropout}
    return presets.build(bottleneck=tokenizer.bottleneck, text_width=text_width, **settings.network, **dropout)
