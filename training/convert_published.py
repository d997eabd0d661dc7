"""Released weights -> a run folder: `python -m training.convert_published --name AE --model AE_Model --dataset_dir datasets`.

Reads MARDM's files where the release unpacks them, checkpoints_dir/dataset_name/NAME/model/latest.tar (KIT-ML's
autoencoder: net_best_fid.tar), and writes settings.json and the state of a run beside them. The autoencoder first: a
generator's run names it with `--tokenizer_name`. Every command that takes a run then takes these.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from backend.generators import mardm_published
from backend.tokenizers.continuous import Continuous
from backend.tokenizers.conv import ConvTokenizer
from backend.tokenizers.presets import PUBLISHED
from common import checks
from common.errors import InputError

from .data.sources.published import CORPORA, Corpus, raw_folder
from .engine import config, torch_file
from .engine.command import run
from .engine.config import RunSettings
from .engine.isodim_settings import IsoDiMSettings
from .engine.run_folder import STATE
from .engine.state import write_state
from .engine.tokenizer_settings import TokenizerSettings

Network = TypeVar("Network", bound=nn.Module)
_PART = r"\.(?P<part>weight|bias)"
AE_NAMES: tuple[tuple[str, str], ...] = (
    (r"encoder\.model\.0", "encoder.0"),
    (r"encoder\.model\.2\.0", "encoder.2"),
    (r"encoder\.model\.2\.1\.model\.(\d)\.conv1", r"encoder.3.\1.wide"),
    (r"encoder\.model\.2\.1\.model\.(\d)\.conv2", r"encoder.3.\1.narrow"),
    (r"encoder\.model\.3\.0", "encoder.4"),
    (r"encoder\.model\.3\.1\.model\.(\d)\.conv1", r"encoder.5.\1.wide"),
    (r"encoder\.model\.3\.1\.model\.(\d)\.conv2", r"encoder.5.\1.narrow"),
    (r"encoder\.model\.4", "encoder.6"),
    (r"decoder\.model\.0", "decoder.0"),
    (r"decoder\.model\.2\.0\.model\.(\d)\.conv1", r"decoder.2.\1.wide"),
    (r"decoder\.model\.2\.0\.model\.(\d)\.conv2", r"decoder.2.\1.narrow"),
    (r"decoder\.model\.2\.2", "decoder.4"),
    (r"decoder\.model\.3\.0\.model\.(\d)\.conv1", r"decoder.5.\1.wide"),
    (r"decoder\.model\.3\.0\.model\.(\d)\.conv2", r"decoder.5.\1.narrow"),
    (r"decoder\.model\.3\.2", "decoder.7"),
    (r"decoder\.model\.4", "decoder.8"),
    (r"decoder\.model\.6", "decoder.10"),
)
"""Released names of layers, as regular expressions, and ours."""
MARDM_NAMES: tuple[tuple[str, str], ...] = (
    (r"input_process\.poseEmbedding", "known_in"),
    (r"cond_emb", "prompt_in"),
    (r"MARTransformer\.(\d+)\.attn\.(query|key|value)", r"blocks.\1.attention.\2"),
    (r"MARTransformer\.(\d+)\.attn\.proj", r"blocks.\1.attention.out"),
    (r"MARTransformer\.(\d+)\.mlp\.fc1", r"blocks.\1.feed.0"),
    (r"MARTransformer\.(\d+)\.mlp\.fc2", r"blocks.\1.feed.2"),
    (r"MARTransformer\.(\d+)\.adaLN_modulation\.1", r"blocks.\1.modulation"),
    (r"DiffMLPs\.net\.time_embed\.mlp\.(0|2)", r"head.time_in.layers.\1"),
    (r"DiffMLPs\.net\.cond_embed", "head.context_in"),
    (r"DiffMLPs\.net\.input_proj", "head.noisy_in"),
    (r"DiffMLPs\.net\.res_blocks\.(\d+)\.in_ln", r"head.blocks.\1.norm"),
    (r"DiffMLPs\.net\.res_blocks\.(\d+)\.mlp\.(0|2)", r"head.blocks.\1.layers.\2"),
    (r"DiffMLPs\.net\.res_blocks\.(\d+)\.adaLN_modulation\.1", r"head.blocks.\1.modulation"),
    (r"DiffMLPs\.net\.final_layer\.linear", "head.out"),
    (r"DiffMLPs\.net\.final_layer\.adaLN_modulation\.1", "head.modulation"),
)
_MASK, _NOT_KEPT = "mask_latent", ("position_enc.pe", "clip_model.")
"""The mask latent is [1, 1, d] in the release; positions follow from their formula, and CLIP has its own file."""


@dataclasses.dataclass(frozen=True)
class ConvertSettings:
    """Command line of `convert_published`."""

    name: str
    """Run name: the files lie in checkpoints_dir/dataset_name/name/model."""
    model: str
    """AE_Model, MARDM-SiT-XL or MARDM-DDPM-XL."""
    dataset_dir: Path = Path("datasets")
    """The data set's folder or the one around it: the autoencoder's Mean.npy and Std.npy are there."""
    dataset_name: str = "t2m"
    checkpoints_dir: Path = Path("checkpoints")
    tokenizer_name: str = "AE"
    """A generator's autoencoder: the name of its run."""
    file: Path | None = None
    """The released file, where it lies elsewhere."""
    overwrite: bool = False
    """Replace the run that the folder holds."""


def renamed(released: Mapping[str, Tensor], names: tuple[tuple[str, str], ...]) -> dict[str, Tensor]:
    """Released weights under our names; InputError for one that is not of the release."""
    found: dict[str, Tensor] = {}
    for name, value in released.items():
        if name.startswith(_NOT_KEPT):
            continue
        if name == _MASK:
            found["masked_latent"] = value.flatten()
            continue
        for theirs, ours in names:
            if match := re.fullmatch(theirs + _PART, name):
                found[match.expand(ours) + "." + match["part"]] = value
                break
        else:
            raise InputError("released weights", name, "names of MARDM's release")
    return {name: value.float() for name, value in found.items()}


def autoencoder(released: Mapping[str, Tensor], mean: NDArray[np.float32], std: NDArray[np.float32]) -> ConvTokenizer:
    """The released AE of any width, with the statistics [feature] (metres, radians) of what it reads."""
    weights = renamed(released, AE_NAMES)
    width, features = _shape(weights, "encoder.0.weight")[:2]
    latent = _shape(weights, "encoder.6.weight")[0]
    if len(mean) != features:
        raise InputError("Mean.npy", f"of {len(mean)} numbers", f"the {features} features that the autoencoder reads")
    model = ConvTokenizer(features, width, Continuous(latent), published=True)
    statistics = {"mean": torch.from_numpy(mean), "std": torch.from_numpy(std)}
    return _filled(model, weights | statistics)


def generator(released: Mapping[str, Tensor], name: str) -> mardm_published.PublishedMARDM:
    """The released MARDM of a preset's name."""
    weights = renamed(released, MARDM_NAMES)
    (dims,), (_, text_width) = _shape(weights, "masked_latent"), _shape(weights, "prompt_in.weight")
    with torch.device("meta"):
        model = mardm_published.build(name, Continuous(dims), text_width)
    unscaled = {"mean": torch.zeros(dims), "std": torch.ones(dims)}
    return _filled(model, weights | unscaled)


def _shape(weights: Mapping[str, Tensor], name: str) -> tuple[int, ...]:
    if name not in weights:
        raise InputError("released weights", f"without {name}", "a file of MARDM's release")
    return tuple(weights[name].shape)


def _filled(model: Network, weights: dict[str, Tensor]) -> Network:
    """The network with these weights, all of them and no others."""
    wanted = {name: tuple(value.shape) for name, value in model.state_dict().items()}
    for name in sorted(wanted.keys() | weights.keys()):
        shape = tuple(weights[name].shape) if name in weights else "missing"
        if shape != wanted.get(name, "missing"):
            allowed = f"{wanted.get(name, 'missing')}, as MARDM's release has it"
            raise InputError(f"released weights: {name}", shape, allowed)
    model.load_state_dict(weights, assign=True)
    return model


def statistics(folder: Path, corpus: Corpus) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Mean and std [feature] of the essential features, in metres and radians, of a corpus in its published layout."""
    rows = []
    for name in ("Mean.npy", "Std.npy"):
        try:
            values = np.load(folder / name, allow_pickle=False).astype(np.float32)[: corpus.layout.features]
        except (OSError, ValueError) as error:
            raise InputError("dataset_dir", str(folder), f"a folder with {name}, an array ({error})") from error
        values[1:] *= corpus.unit_m
        rows.append(values)
    if not (np.isfinite(rows).all() and (rows[1] > 0).all()):
        raise InputError("Mean.npy and Std.npy", "not finite, or a deviation of zero", "those of the published corpus")
    return rows[0], rows[1]


def main(settings: ConvertSettings) -> None:
    """Read the file, write the run and say what it is."""
    checks.one_of(tuple(CORPORA))("dataset_name", settings.dataset_name)
    kind = str(checks.one_of((*PUBLISHED, *mardm_published.SIZES))("model", settings.model))
    run_settings = _run_settings(settings)
    config.check(run_settings)
    state = run_settings.folder / STATE
    if state.exists() and not settings.overwrite:
        raise InputError("name", settings.name, f"another name, or --overwrite: {state} is there")
    file = settings.file or state.with_name(_newest(settings, kind))
    found, key = torch_file.read(file, "released weights"), "ae" if kind in PUBLISHED else "ema_mardm"
    if not isinstance(found, dict) or key not in found:
        raise InputError("released weights", str(file), f"a file that holds {key}")
    model = _converted(settings, found[key])
    if isinstance(model, ConvTokenizer):
        sizes: dict[str, Any] = {"width": model.encoder[0].out_channels, "latent": model.bottleneck.dims}
        run_settings = dataclasses.replace(run_settings, **sizes)
    tensors = {f"ema.module.{name}": value for name, value in model.state_dict().items()}
    tensors["ema.n_averaged"] = torch.zeros((), dtype=torch.long)
    config.save(run_settings, run_settings.folder)
    write_state(state, tensors, int(found.get("total_it", 0)), 0.0)
    count = sum(parameter.numel() for parameter in model.parameters())
    print(f"{run_settings.folder}: {kind}, {count:,} parameters of {file}, a run's averaged weights")


def _run_settings(settings: ConvertSettings) -> RunSettings:
    """The settings of the run that the folder becomes."""
    where = {
        name: getattr(settings, name) for name in ("name", "model", "dataset_dir", "dataset_name", "checkpoints_dir")
    }
    if settings.model in PUBLISHED:
        return TokenizerSettings(**where)
    return IsoDiMSettings(tokenizer_name=settings.tokenizer_name, text_encoder="clip-pooled", **where)


def _newest(settings: ConvertSettings, kind: str) -> str:
    """The file that the release loads: KIT-ML's autoencoder is the one of the best FID."""
    return "net_best_fid.tar" if settings.dataset_name == "kit" and kind in PUBLISHED else "latest.tar"


def _converted(
    settings: ConvertSettings, released: Mapping[str, Tensor]
) -> ConvTokenizer | mardm_published.PublishedMARDM:
    if settings.model not in PUBLISHED:
        return generator(released, settings.model)
    corpus = CORPORA[settings.dataset_name]
    folder = raw_folder(settings.dataset_dir, settings.dataset_name) or settings.dataset_dir
    return autoencoder(released, *statistics(folder, corpus))


if __name__ == "__main__":
    run(main, ConvertSettings, __doc__)
