"""The networks as ONNX graphs over the weights in a safetensors file: what the backend runs without torch.

A graph repeats what a network's `forward` says, by hand: exporters give graphs of several times as many nodes, and take
minutes for them. `checked.py` holds each graph against its network whenever one is written.
"""
