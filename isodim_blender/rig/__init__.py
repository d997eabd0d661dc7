"""Armatures: Blender's axes, the IsoDiM armature, poses in bone space."""
