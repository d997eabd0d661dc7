"""The makers' rigs as the add-on's arrays."""

import numpy as np
from isodim.isodim_blender.rig.controls import body
from isodim.isodim_blender.rig.rest import RestPose


def rest_pose(found):
    """What `armature.rest_pose` reads of a rig that `tools.rigs.description` describes, loose bones under what carries them."""
    on = np.ones(len(found.rig.names), bool)
    return body.carried(RestPose(found.rig, found.rotations, on, found.connected, on), found.bone_map)
