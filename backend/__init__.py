"""The generator, run as `python -m backend`; needs ONNX Runtime, or torch, never bpy. Importing it loads nothing heavy."""
