"""Which modules of the backend need torch: its engine, the networks, and what measures them. All others run without."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

NEED_TORCH = {
    "bench": ("baseline", "cuda", "flops"),
    "dicode": ("densities", "language", "streaming", "tokenizer"),
    "diffusion": ("ddpm", "dormand_prince"),
    "engines": ("torch",),
    "generators": (
        "hifigpt",
        "isodim",
        "layers",
        "length",
        "mardm",
        "mardm_published",
        "moe",
        "presets",
        "token_generator",
    ),
    "text": ("clip", "huggingface", "library", "minilm"),
    "tokenizers": ("bottleneck", "codebook", "continuous", "conv", "fsq", "kl", "presets", "rvq", "vq"),
    "weights": ("load",),
}

LOOK = """
import importlib, json, pkgutil, sys
sys.modules["torch"] = None
sys.path.insert(0, sys.argv[1])
package, failed = importlib.import_module("backend"), []
for found in pkgutil.walk_packages(package.__path__, "backend."):
    if not found.name.endswith("__main__"):
        try:
            importlib.import_module(found.name)
        except ModuleNotFoundError as error:
            assert error.name.partition(".")[0] in ("torch", "safetensors"), error
            failed.append(found.name)
print(json.dumps(failed))
"""


def need_torch(root):
    done = subprocess.run(
        [sys.executable, "-P", "-B", "-c", LOOK, root], capture_output=True, text=True, check=True, timeout=120
    )
    return set(json.loads(done.stdout))


def test_only_the_torch_engine_and_its_networks_need_torch():
    assert need_torch(ROOT) == {f"backend.{room}.{name}" for room, names in NEED_TORCH.items() for name in names}


def test_a_module_that_needs_torch_is_found(tmp_path):
    (tmp_path / "backend").mkdir()
    (tmp_path / "backend" / "__init__.py").touch()
    (tmp_path / "backend" / "quiet.py").touch()
    (tmp_path / "backend" / "heavy.py").write_text("from torch import Tensor\n")
    assert need_torch(tmp_path) == {"backend.heavy"}
