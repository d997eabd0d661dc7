"""The engines that compute a checkpoint's networks, numpy in and out; everything above them is one path for all.

`onnx` runs the graphs beside a checkpoint's weights by ONNX Runtime; `torch` runs any checkpoint, on any of torch's devices.
"""
