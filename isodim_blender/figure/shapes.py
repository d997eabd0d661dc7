"""Closed surfaces lofted through elliptic rings: the mannequin's flesh, as plain numpy arrays."""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import NDArray

SIDES = 12
_AXES = {"x": (0, 1, 2), "y": (1, 0, 2), "z": (2, 0, 1)}


@dataclasses.dataclass(frozen=True)
class Loft:
    """A tube along one axis of Blender's space (Z up, facing -Y), relative to its joint.

    axis: "x", "y" or "z", the direction of travel.
    rings: one (along, half_u, half_v, centre_u, centre_v) per ring, metres; u and v are the two other axes in
        alphabetical order. The first and last rings are closed by flat caps, which subdivision rounds.
    tone: name of a material, see `mannequin.COLOURS`.
    square: 1 for ellipses, smaller for boxier rings (exponent of a superellipse).
    """

    axis: str
    rings: tuple[tuple[float, float, float, float, float], ...]
    tone: str = "shell"
    square: float = 1.0

    def mirrored(self) -> Loft:
        """The same loft on the other side: x negated."""
        if self.axis == "x":
            rings = tuple((-along, u, v, cu, cv) for along, u, v, cu, cv in self.rings)
        else:
            rings = tuple((along, u, v, -cu, cv) for along, u, v, cu, cv in self.rings)
        return dataclasses.replace(self, rings=rings)

    def mesh(self) -> tuple[NDArray[np.float64], list[tuple[int, ...]]]:
        """Vertices [vertex, 3] (m) and faces; normals point outwards once Blender has made them consistent."""
        angle = np.arange(SIDES) * (2 * np.pi / SIDES)
        cosine, sine = (np.sign(f) * np.abs(f) ** self.square for f in (np.cos(angle), np.sin(angle)))
        along, half_u, half_v, centre_u, centre_v = np.asarray(self.rings, np.float64).T[:, :, None]
        vertices = np.empty((len(self.rings), SIDES, 3))
        main, u, v = _AXES[self.axis]
        vertices[..., main] = along
        vertices[..., u] = centre_u + half_u * cosine
        vertices[..., v] = centre_v + half_v * sine
        return vertices.reshape(-1, 3), _faces(len(self.rings))


def _faces(rings: int) -> list[tuple[int, ...]]:
    """Quads between neighbouring rings and one cap at each end."""
    faces: list[tuple[int, ...]] = []
    for ring in range(rings - 1):
        low, high = ring * SIDES, (ring + 1) * SIDES
        faces += [(low + i, low + (i + 1) % SIDES, high + (i + 1) % SIDES, high + i) for i in range(SIDES)]
    faces.append(tuple(reversed(range(SIDES))))
    faces.append(tuple(range((rings - 1) * SIDES, rings * SIDES)))
    return faces


def ball(radius: float, tone: str, centre: tuple[float, float, float] = (0.0, 0.0, 0.0)) -> Loft:
    """A sphere of `radius` metres about `centre`, as a loft along z."""
    latitude = np.radians([-84.0, -55.0, -20.0, 20.0, 55.0, 84.0])
    x, y, z = centre
    rings = tuple((z + radius * float(np.sin(a)), r := radius * float(np.cos(a)), r, x, y) for a in latitude)
    return Loft("z", rings, tone)
