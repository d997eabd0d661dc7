"""Diffusion without networks: the path between noise and data, and the loop that walks it."""
