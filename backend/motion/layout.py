"""The skeletons whose joint positions features are made of: HumanML3D's 22 joints, and KIT-ML's 21.

Clips for the animator are solved on the canonical 22 joints; KIT-ML's serve training and evaluation only.
"""

from __future__ import annotations

import dataclasses
import functools

from common import FPS
from common.errors import InputError
from common.motion.skeleton import CONTACT_JOINTS, INDEX, JOINTS, PARENTS, mirror_name

_ROOT_FEATURES = 4


@dataclasses.dataclass(frozen=True)
class Layout:
    """Joints of a feature row, in order; features [frame, 4 + 3 (joints - 1)] are those of `features`.

    fps: frames a second. facing: right hip, left hip, right shoulder, left shoulder, which tell where the body faces.
    contact_joints: left heel side, left toes, right heel side, right toes.
    """

    name: str
    joints: tuple[str, ...]
    parents: tuple[int, ...]
    fps: float
    facing: tuple[int, int, int, int]
    contact_joints: tuple[int, int, int, int]

    @property
    def features(self) -> int:
        """Essential features a frame: 67 of 22 joints, 64 of 21."""
        return _ROOT_FEATURES + 3 * (len(self.joints) - 1)

    @property
    def classic_features(self) -> int:
        """The published features a frame, which begin with the essential ones: 263 of 22 joints, 251 of 21."""
        return self.features + 6 * (len(self.joints) - 1) + 3 * len(self.joints) + 4

    @functools.cached_property
    def index(self) -> dict[str, int]:
        """Joint name -> its place."""
        return {name: place for place, name in enumerate(self.joints)}

    @functools.cached_property
    def mirror(self) -> tuple[int, ...]:
        """mirror[joint] is the joint on the other side."""
        return tuple(self.index[mirror_name(name)] for name in self.joints)


HUMANML3D = Layout(
    name="humanml3d",
    joints=JOINTS,
    parents=PARENTS,
    fps=float(FPS),
    facing=(INDEX["right_hip"], INDEX["left_hip"], INDEX["right_shoulder"], INDEX["left_shoulder"]),
    contact_joints=(CONTACT_JOINTS[0], CONTACT_JOINTS[1], CONTACT_JOINTS[2], CONTACT_JOINTS[3]),
)

KIT = Layout(
    name="kit",
    joints=(
        "pelvis", "spine1", "spine2", "neck", "head", "left_shoulder", "left_elbow", "left_wrist", "right_shoulder",
        "right_elbow", "right_wrist", "left_hip", "left_knee", "left_ankle", "left_foot", "left_toes", "right_hip",
        "right_knee", "right_ankle", "right_foot", "right_toes",
    ),
    parents=(-1, 0, 1, 2, 3, 3, 5, 6, 3, 8, 9, 0, 11, 12, 13, 14, 0, 16, 17, 18, 19),
    fps=12.5,
    facing=(11, 16, 5, 8),
    contact_joints=(19, 20, 14, 15),
)  # fmt: skip
"""KIT-ML as HumanML3D's authors prepared it (Plappert et al., 2016; Guo et al., CVPR 2022).

Names are the Master Motor Map's (root BP BT BLN BUN, LS LE LW, RS RE RW, LH LK LA LMrot LF, RH RK RA RMrot RF), which
the captions' left and right follow. Guo et al. take LH for the right hip and so on when they turn the body to face +Z and
when they look for contacts; `facing` and `contact_joints` do so too, since the published features came about so.
"""

LAYOUTS = (HUMANML3D, KIT)


def of_features(width: int) -> Layout:
    """The layout whose rows are `width` numbers; InputError if there is none."""
    for layout in LAYOUTS:
        if layout.features == width:
            return layout
    allowed = " or ".join(f"{layout.features} ({layout.name})" for layout in LAYOUTS)
    raise InputError("features a frame", width, allowed)


def of_joints(count: int) -> Layout:
    """The layout of `count` joints; InputError if there is none."""
    for layout in LAYOUTS:
        if len(layout.joints) == count:
            return layout
    raise InputError("joints a frame", count, " or ".join(f"{len(x.joints)} ({x.name})" for x in LAYOUTS))


def require_canonical(joints: int) -> None:
    """InputError unless positions have the canonical joints: only those can be solved, grounded and put on a rig."""
    if joints != len(JOINTS):
        raise InputError(
            "joints a frame", joints, f"the {len(JOINTS)} of the canonical skeleton, which a clip is made of"
        )
