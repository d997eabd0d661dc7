"""Limbs under plain IK constraints."""


def find(armature, bone_map):
    return None
