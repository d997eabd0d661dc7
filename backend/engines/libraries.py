"""The libraries of the ONNX engine as they are found: whether they load and are new enough, or one sentence where not.

Blender unpacks the wheels of all its extensions into one folder. Of two versions the newer one stays there; a relative by
another name (onnxruntime-gpu) writes over the same files, and takes them along when its add-on goes.
"""

from __future__ import annotations

import importlib
import re
from types import ModuleType

from common.errors import InputError

OLDEST = (1, 23)
"""onnxruntime 1.20 cannot read the graphs; 1.23.2, 1.27.0 and 1.32.0 make clips of them."""
_NEEDED = ("onnxruntime", "safetensors", "tokenizers")
_OFTEN = "another add-on may have brought it: switch that off, then IsoDiM off and on again"


def require() -> None:
    """Imports them; InputError with the one that cannot be used, and where it lies."""
    for name in _NEEDED:
        try:
            module = importlib.import_module(name)
        except Exception as error:  # whatever a damaged or foreign package does when it is imported
            reason = " ".join(str(error).split())[:200] or type(error).__name__
            raise InputError(name, "damaged", f"one that can be loaded ({reason}); {_OFTEN}") from error
        if name == "onnxruntime":
            _check(module)


def _check(module: ModuleType) -> None:
    version = str(getattr(module, "__version__", "of no version"))
    if tuple(map(int, re.findall(r"\d+", version)[:2])) < OLDEST or not hasattr(module, "InferenceSession"):
        oldest = ".".join(map(str, OLDEST))
        place = getattr(module, "__file__", None) or "a folder without a module"
        raise InputError("onnxruntime", version, f"a whole one, {oldest} or later (this is {place}); {_OFTEN}")
