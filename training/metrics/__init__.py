"""Metrics of motion: pure functions on arrays, one idea a file."""
