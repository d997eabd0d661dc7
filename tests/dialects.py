"""BVH files as other programs write them: a canonical body that walks a curve, under other names, axes, units and orders."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np

from common.motion import bvh, quaternions
from common.motion.bvh_text import Bvh
from common.motion.motion import Motion
from common.motion.skeleton import HIP_HEIGHT, INDEX, JOINTS, PARENTS, REST_OFFSETS, forward_kinematics

FPS = 30.0
UNITS_M = {"m": 1.0, "cm": 0.01, "inch": 0.0254}
Z_UP = quaternions.about((1.0, 0.0, 0.0), np.pi / 2)
"""From axes with Y up to Blender's with Z up."""
_LIMBS = ("collar", "shoulder", "elbow", "wrist", "hip", "knee", "ankle", "foot")


@dataclasses.dataclass(frozen=True)
class Dialect:
    """names: canonical joint -> the file's joint, those it lacks left out. above: names of joints over the pelvis.

    carriers: put between the pelvis and the thighs. order: of the rotations. movable: position channels on all joints.
    """

    names: dict[str, str]
    above: tuple[str, ...] = ()
    carriers: tuple[str, str] | None = None
    order: str = "ZXY"
    movable: bool = False


def _dialect(trunk: str, left: str, side: tuple[str, str] = ("Left", "Right"), **options: object) -> Dialect:
    """`trunk`: pelvis, spine1 to spine3, neck, head; `left`: the limbs of the left, collar to toes; `-` for what is lacking."""
    names = dict(zip(("pelvis", "spine1", "spine2", "spine3", "neck", "head"), trunk.split(","), strict=True))
    for part, name in zip(_LIMBS, left.split(","), strict=True):
        names[f"left_{part}"] = name
        names[f"right_{part}"] = name.replace(side[0], side[1])
    return Dialect({joint: name for joint, name in names.items() if name != "-"}, **options)


_MIXAMO = "LeftShoulder,LeftArm,LeftForeArm,LeftHand,LeftUpLeg,LeftLeg,LeftFoot,LeftToeBase"
DIALECTS = {
    "mixamo": _dialect(
        "mixamorig:Hips,mixamorig:Spine,mixamorig:Spine1,mixamorig:Spine2,mixamorig:Neck,mixamorig:Head",
        ",".join(f"mixamorig:{name}" for name in _MIXAMO.split(",")),
    ),
    "hip joints between": _dialect(
        "Hips,LowerBack,Spine,Spine1,Neck,Head", _MIXAMO, carriers=("LHipJoint", "RHipJoint"), order="ZYX"
    ),
    "lafan": _dialect("Hips,Spine,Spine1,Spine2,Neck,Head", _MIXAMO.replace("ToeBase", "Toe"), order="ZYX"),
    "two spine bones": _dialect(
        "Hips,Spine,-,Chest,Neck,Head",
        "Shoulder_L,UpperArm_L,LowerArm_L,Hand_L,UpperLeg_L,LowerLeg_L,Foot_L,Toes_L",
        ("_L", "_R"),
        above=("joint_Root",),
        movable=True,
    ),
    "no toes": _dialect(
        "hip,abdomen,-,chest,neck,head", "lCollar,lShldr,lForeArm,lHand,lThigh,lShin,lFoot,-", ("l", "r"), order="XYZ"
    ),
    "biped": _dialect(
        "Bip01 Pelvis,Bip01 Spine,Bip01 Spine1,Bip01 Spine2,Bip01 Neck,Bip01 Head",
        "Bip01 L Clavicle,Bip01 L UpperArm,Bip01 L Forearm,Bip01 L Hand,Bip01 L Thigh,Bip01 L Calf,Bip01 L Foot,Bip01 L Toe0",
        (" L ", " R "),
        above=("Bip01",),
    ),
    "joints for names": _dialect(
        "Hips,Chest,Chest2,Chest3,Neck,Head",
        "LeftCollar,LeftShoulder,LeftElbow,LeftWrist,LeftHip,LeftKnee,LeftAnkle,LeftToe",
        order="YXZ",
    ),
    "six channels": _dialect(
        "Hips,Spine,Spine1,Spine2,Neck,Head", _MIXAMO.replace("LeftToeBase", "-"), order="YXZ", movable=True
    ),
    "unreal": _dialect(
        "pelvis,spine_01,spine_02,spine_03,neck_01,head",
        "clavicle_l,upperarm_l,lowerarm_l,hand_l,thigh_l,calf_l,foot_l,ball_l",
        ("_l", "_r"),
        above=("root",),
    ),
    "smpl": _dialect(
        "Pelvis,Spine1,Spine2,Spine3,Neck,Head", "L_Collar,L_Shoulder,L_Elbow,L_Wrist,L_Hip,L_Knee,L_Ankle,L_Foot", ("L_", "R_")
    ),
    "abbreviated": _dialect(
        "Hip,-,Ab,Chest,Neck,Head", "LShoulder,LUArm,LFArm,LHand,LThigh,LShin,LFoot,LToe", ("L", "R"), order="XYZ"
    ),
    "no neck": _dialect(
        "Hips,Spine,-,Chest,-,Head",
        "-,LeftUpperArm,LeftLowerArm,LeftHand,LeftUpperLeg,LeftLowerLeg,LeftFoot,LeftToes",
    ),
}  # fmt: skip


def walk(frames: int = 60) -> Motion:
    """A canonical body that walks along a curve, arms hanging, at 30 frames a second."""
    time = np.arange(frames) / FPS
    rotations = quaternions.identity(frames, len(JOINTS))
    for side, sign in (("left", 1.0), ("right", -1.0)):
        swing = sign * np.sin(2 * np.pi * time)
        bend = 0.35 - 0.35 * sign * np.cos(2 * np.pi * time)
        hang = quaternions.about((0.0, 0.0, 1.0), np.full(frames, -1.2 * sign))
        rotations[:, INDEX[f"{side}_hip"]] = quaternions.about((1.0, 0.0, 0.0), -0.45 * swing - 0.5 * bend)
        rotations[:, INDEX[f"{side}_knee"]] = quaternions.about((1.0, 0.0, 0.0), bend)
        rotations[:, INDEX[f"{side}_shoulder"]] = quaternions.multiply(
            quaternions.about((1.0, 0.0, 0.0), 0.4 * swing), hang
        )
        rotations[:, INDEX[f"{side}_elbow"]] = quaternions.about((0.0, 1.0, 0.0), np.full(frames, -0.3 * sign))
    rotations[:, 0] = quaternions.about((0.0, 1.0, 0.0), 0.4 * time)
    root = np.stack([0.3 * time**2, HIP_HEIGHT - 0.02 + 0.015 * np.cos(4 * np.pi * time), 1.1 * time], axis=-1)
    return Motion(rotations.astype(np.float32), root.astype(np.float32), np.zeros((frames, 4), np.float32), FPS)


def made(dialect: Dialect, motion: Motion, z_up: bool = False, unit_m: float = 0.01, root_m: float = 0.0) -> Bvh:
    """The file of a motion; `root_m` is the height of the root's OFFSET, which its position channels replace."""
    kept = [joint for joint in range(len(JOINTS)) if JOINTS[joint] in dialect.names]
    world, positions = _world(motion)
    names, parents, heads, turns, places = [], [], [], [], []

    def add(name: str, parent: int, head: np.ndarray, turn: np.ndarray, place: np.ndarray) -> int:
        names.append(name)
        parents.append(parent)
        heads.append(head)
        turns.append(turn)
        places.append(place)
        return len(names) - 1

    rest = forward_kinematics(quaternions.identity(1, len(JOINTS)), np.zeros((1, 3)))[0]
    still = quaternions.identity(len(motion.root))
    for name in dialect.above:
        add(name, len(names) - 1, np.zeros(3), still, np.zeros_like(motion.root, np.float64))
    place_of: dict[int, int] = {}
    for joint in kept:
        parent = PARENTS[joint]
        while parent >= 0 and parent not in place_of:
            parent = PARENTS[parent]
        above = place_of[parent] if parent >= 0 else len(names) - 1
        if dialect.carriers and JOINTS[joint].endswith("_hip"):
            carrier = dialect.carriers[JOINTS[joint].startswith("right")]
            above = add(carrier, above, rest[0], world[:, 0], positions[:, 0])
        place_of[joint] = add(dialect.names[JOINTS[joint]], above, rest[joint], world[:, joint], positions[:, joint])
    return _file(
        dialect, (names, parents, np.array(heads), np.stack(turns, 1), np.stack(places, 1)), z_up, unit_m, root_m
    )


def _world(motion: Motion) -> tuple[np.ndarray, np.ndarray]:
    """World rotations [frame, joint, 4] and positions [frame, joint, 3]."""
    world = np.array(motion.rotations, np.float64)
    for joint, parent in enumerate(PARENTS[1:], start=1):
        world[:, joint] = quaternions.multiply(world[:, parent], world[:, joint])
    return world, np.array(motion.positions, np.float64)


def _file(
    dialect: Dialect,
    body: tuple[list[str], list[int], np.ndarray, np.ndarray, np.ndarray],
    z_up: bool,
    unit_m: float,
    root_m: float,
) -> Bvh:
    names, parents, heads, world, places = body
    turn = Z_UP if z_up else np.array((1.0, 0.0, 0.0, 0.0))
    world = quaternions.multiply(quaternions.multiply(turn, world), quaternions.inverse(turn))
    heads, places = (quaternions.rotate(turn, points) / unit_m for points in (heads, places))
    channels, values = [], []
    offsets = np.zeros_like(heads)
    for joint, parent in enumerate(parents):
        local, gone = world[:, joint], places[:, joint]
        if parent >= 0:
            offsets[joint] = heads[joint] - heads[parent]
            back = quaternions.inverse(world[:, parent])
            local, gone = quaternions.multiply(back, local), quaternions.rotate(back, gone - places[:, parent])
        else:
            offsets[joint] = quaternions.rotate(turn, (0.0, root_m, 0.0)) / unit_m
        moves = parent < 0 or dialect.movable or joint == len(dialect.above)
        channels.append(
            (("Xposition", "Yposition", "Zposition") if moves else ())
            + tuple(f"{axis}rotation" for axis in dialect.order)
        )
        values += ([gone] if moves else []) + [np.degrees(_euler(local, dialect.order))]
    leaves = set(range(len(names))) - set(parents)
    ends = {joint: _end(names, dialect, joint, turn) / unit_m for joint in leaves}
    return Bvh(tuple(names), tuple(parents), offsets, tuple(channels), ends, 1 / FPS, np.concatenate(values, axis=-1))


def _end(names: list[str], dialect: Dialect, joint: int, turn: np.ndarray) -> np.ndarray:
    """[3] metres: where a leaf ends; feet without toes end where the toes begin."""
    canonical = next(own for own, name in dialect.names.items() if name == names[joint])
    below = canonical.replace("ankle", "foot")
    return quaternions.rotate(turn, REST_OFFSETS[INDEX[below]] * (1.0 if below != canonical else 0.8))


def _euler(rotations: np.ndarray, order: str) -> np.ndarray:
    from scipy.spatial.transform import Rotation

    return Rotation.from_quat(rotations, scalar_first=True).as_euler(order)


def write(path: Path, name: str, motion: Motion, **options: object) -> None:
    """A dialect's file of the motion."""
    bvh.save(path, made(DIALECTS[name], motion, **options))
