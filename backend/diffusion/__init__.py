"""Diffusion without networks: flow matching on a straight path, and the discrete chain of DDPM."""
