"""What to key so that a constraint acts or does not: its influence, or the property that drives it."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import bpy


@dataclasses.dataclass(frozen=True)
class Switch:
    """data_path: what to key. off, on: its values for an influence of 0 and of 1."""

    data_path: str
    off: float
    on: float

    def value(self, active: bool) -> tuple[str, float]:
        """The data path and its value."""
        return self.data_path, self.on if active else self.off


def switch_of(armature: bpy.types.Object, constraint: bpy.types.Constraint) -> Switch | None:
    """The switch of a constraint; None if something drives it in a way that cannot be inverted."""
    path = f"{constraint.path_from_id()}.influence"
    data = armature.animation_data
    curve = next((item for item in data.drivers if item.data_path == path), None) if data is not None else None
    return Switch(path, 0.0, 1.0) if curve is None else _driven(armature, curve)


def _driven(armature: bpy.types.Object, curve: bpy.types.FCurve) -> Switch | None:
    """The property behind a driver that is a straight line: of one variable, perhaps through generators."""
    driver = curve.driver
    if len(driver.variables) != 1 or driver.variables[0].type != "SINGLE_PROP":
        return None
    variable = driver.variables[0]
    expression = driver.expression.replace(" ", "")
    offset, slope = 0.0, 1.0
    if driver.type == "SCRIPTED" and expression in {f"1-{variable.name}", f"1.0-{variable.name}"}:
        offset, slope = 1.0, -1.0
    elif driver.type == "SCRIPTED" and expression != variable.name:
        return None
    for modifier in curve.modifiers:
        if modifier.type != "GENERATOR" or modifier.poly_order != 1:
            return None
        low, high = modifier.coefficients[:2]
        offset, slope = low + high * offset, high * slope
    if variable.targets[0].id != armature or not slope:
        return None
    return Switch(variable.targets[0].data_path, (0.0 - offset) / slope, (1.0 - offset) / slope)
