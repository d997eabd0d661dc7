"""Joint positions of SMPL-H poses, by smplx's functions from the user's own model files.

Only joints are wanted, so no vertex is skinned: rest joints are regressed from the shaped template and moved by the
kinematic chain (Loper et al., SMPL, SIGGRAPH Asia 2015, equations 8 to 10 and 3). No pickle is read.
"""

from __future__ import annotations

import dataclasses
import functools
import zipfile
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from common.errors import InputError
from common.motion.skeleton import JOINTS

_BETAS = 10
_ENTRIES = ("v_template", "shapedirs", "J_regressor", "kintree_table")


@dataclasses.dataclass(frozen=True)
class Body:
    """template [vertex, 3] m; shapes [vertex, 3, beta]; regressor [22, vertex]; parents [22], -1 for the root."""

    template: Tensor
    shapes: Tensor
    regressor: Tensor
    parents: Tensor


@functools.cache
def body_of(folder: Path, gender: str) -> Body:
    """The body of smplh/GENDER/model.npz; InputError if the file is missing or is another one."""
    path = folder / "smplh" / gender / "model.npz"
    try:
        with np.load(path, allow_pickle=False) as file:
            template, shapes, regressor, tree = (file[name] for name in _ENTRIES)
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise InputError("body model", str(path), f"an .npz file with {', '.join(_ENTRIES)} as plain arrays") from error
    count = len(JOINTS)
    if (
        template.ndim != 2 or template.shape[1] != 3 or shapes.ndim != 3 or shapes.shape[:2] != template.shape
        or regressor.ndim != 2 or regressor.shape[1] != len(template) or min(len(regressor), tree.shape[-1]) < count
    ):  # fmt: skip
        raise InputError("body model", str(path), f"an SMPL-H model of {count} joints or more")
    parents = tree[0, :count].astype(np.int64)
    parents[0] = -1
    return Body(
        torch.as_tensor(template, dtype=torch.float64),
        torch.as_tensor(shapes[..., :_BETAS], dtype=torch.float64),
        torch.as_tensor(regressor[:count], dtype=torch.float64),
        torch.as_tensor(parents),
    )


def joints_of(
    body: Body, poses: NDArray[np.floating], trans: NDArray[np.floating], betas: NDArray[np.floating]
) -> NDArray[np.float64]:
    """Positions [frame, 22, 3] (m, the file's axes) of axis-angle `poses` [frame, 66 or more] (rad), `trans` [frame, 3]
    (m) and shape `betas`; InputError if smplx is not installed."""
    try:
        from smplx import lbs
    except ImportError:
        raise InputError("smplx", "not installed", "the extra `amass` of pyproject.toml, for AMASS only") from None
    count = len(JOINTS)
    shape = torch.as_tensor(betas, dtype=torch.float64)[None, :_BETAS]
    vertices = body.template + lbs.blend_shapes(shape, body.shapes[..., : shape.shape[1]])
    rest = lbs.vertices2joints(body.regressor, vertices)
    turns = torch.as_tensor(poses, dtype=torch.float64)[:, : 3 * count].reshape(-1, 3)
    matrices = lbs.batch_rodrigues(turns).reshape(-1, count, 3, 3)
    joints, _ = lbs.batch_rigid_transform(matrices, rest.expand(len(matrices), -1, -1), body.parents, torch.float64)
    return joints.numpy() + np.asarray(trans, np.float64)[:, None]
