"""The demonstration: a mannequin, a stage, and the pictures of a clip; runs in Blender's Python, never ships."""
