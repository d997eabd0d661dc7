"""The commands of `python -m backend`: `request` for all requests of the wire, one file for each other.

Each has `add_arguments(parser)` and `run(arguments) -> exit status`.

An engine is imported inside `run` only, so that `--help` and refusals are quick.
"""
