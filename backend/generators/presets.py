"""Generators by name. A new size is one line here."""

from __future__ import annotations

from contract.errors import InputError

from .isodim import IsoDiM, IsoDiMConfig

SIZES: dict[str, dict[str, int]] = {
    "IsoDiM-DiT-XS": {"depth": 6, "width": 256, "heads": 4, "mar_depth": 4},
    "IsoDiM-DiT-S": {"depth": 12, "width": 384, "heads": 6, "mar_depth": 4},
    "IsoDiM-DiT-B": {"depth": 12, "width": 768, "heads": 12, "mar_depth": 4},
    "IsoDiM-DiT-L": {"depth": 24, "width": 1024, "heads": 16, "mar_depth": 6},
    "IsoDiM-DiT-XL": {"depth": 28, "width": 1152, "heads": 16, "mar_depth": 6},
}
"""XS is the bundled size; S to XL are the published DiT sizes of the head (Peebles & Xie, ICCV 2023, table 1)."""


def build(name: str, levels: tuple[int, ...], text_width: int, dropout: float = 0.1, output: str = "grid") -> IsoDiM:
    """An untrained generator of a preset for the tokenizer's FSQ `levels`."""
    if name not in SIZES:
        raise InputError("model", name, f"one of {', '.join(SIZES)}")
    return IsoDiM(IsoDiMConfig(levels=levels, text_width=text_width, dropout=dropout, output=output, **SIZES[name]))
