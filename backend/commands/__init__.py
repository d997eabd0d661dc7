"""One file per command of `python -m backend`: `add_arguments(parser)` and `run(arguments) -> exit status`.

Torch is imported inside `run` only, so that `--help` and refusals are quick.
"""
