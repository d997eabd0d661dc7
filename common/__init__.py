"""What both processes agree on: the conventions page.

The extension (inside Blender's Python) and the backend (in its own Python) share this package and nothing else,
so it imports only the standard library and numpy.

Conventions, everywhere on the wire and in clip files:

- axes: right-handed, Y up; a clip's first frame faces +Z; the character's left is +X. Blender's Z-up,
  facing -Y, is made at one place only (`isodim_blender/rig/axes.py`).
- units: metres, seconds, radians unless a name says `_deg` or `_cm`.
- quaternions: w first, unit length, joint to parent. scipy keeps w last unless `scalar_first=True` is given.
- shapes: `[frame, joint, 3]`; joints in the HumanML3D order of `common.motion.skeleton`.
- time: 20 frames a second inside the backend; `Motion.fps` says what a clip has.
"""

VERSION = "0.1.0"
"""Version of the product; blender_manifest.toml and pyproject.toml say the same (tested)."""

PROTOCOL_VERSION = 2
"""Version of the wire; the first message exchanges it and a mismatch is an error on both sides."""

FPS = 20.0
"""Frames a second inside the backend (HumanML3D's rate)."""
