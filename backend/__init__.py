"""The generator, run as `python -m backend`; needs torch, never bpy. Importing it loads nothing heavy."""
