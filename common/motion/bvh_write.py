"""A skeleton and its numbers -> the text of a BVH file; `bvh_text.parse` gives them back."""

from __future__ import annotations

import numpy as np

from .bvh_text import Bvh


def text(bvh: Bvh) -> str:
    """The file: joints depth first, offsets with six decimals and values with five, in the units of `bvh`."""
    roots = [joint for joint, parent in enumerate(bvh.parents) if parent < 0]
    order = [joint for root in roots for joint in _depth_first(bvh, root)]
    lines = ["HIERARCHY"]
    for root in roots:
        _joint_lines(bvh, lines, root, "")
    first = np.cumsum([0, *map(len, bvh.channels)])
    columns = [first[joint] + index for joint in order for index in range(len(bvh.channels[joint]))]
    values = bvh.values[:, columns]
    lines += ["MOTION", f"Frames: {len(values)}", f"Frame Time: {bvh.frame_time:.9f}"]
    row = " ".join(["%.5f"] * values.shape[1])
    lines += [row % tuple(frame) for frame in values]
    return "\n".join(lines) + "\n"


def _children(bvh: Bvh, joint: int) -> list[int]:
    return [child for child, parent in enumerate(bvh.parents) if parent == joint]


def _depth_first(bvh: Bvh, joint: int) -> list[int]:
    """The joint and those below it, in the order a BVH file lists them."""
    return [joint, *(below for child in _children(bvh, joint) for below in _depth_first(bvh, child))]


def _joint_lines(bvh: Bvh, lines: list[str], joint: int, indent: str) -> None:
    channels = bvh.channels[joint]
    lines.append(f"{indent}{'ROOT' if bvh.parents[joint] < 0 else 'JOINT'} {bvh.names[joint]}")
    lines.append(f"{indent}{{")
    lines.append(f"{indent}\tOFFSET {_numbers(bvh.offsets[joint])}")
    lines.append(f"{indent}\tCHANNELS {' '.join([str(len(channels)), *channels])}")
    for child in _children(bvh, joint):
        _joint_lines(bvh, lines, child, indent + "\t")
    if joint in bvh.end_sites:
        end = _numbers(bvh.end_sites[joint])
        lines += [f"{indent}\tEnd Site", f"{indent}\t{{", f"{indent}\t\tOFFSET {end}", f"{indent}\t}}"]
    lines.append(f"{indent}}}")


def _numbers(values: np.ndarray) -> str:
    return " ".join(f"{value:.6f}" for value in values)
