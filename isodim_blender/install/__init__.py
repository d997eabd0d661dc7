"""Making the backend's environment from inside Blender; no bpy in here.

pins        packages with versions, hashes and sizes; requirements-*.txt, made by `nox -s lock`
pythons     which Pythons of this computer could carry an environment
sentinel    what an environment says of itself: half-made, ready, for other packages
alive       a program that runs venv or pip and ends when its parent does
child_run   one such program, its output, and how it is cut short
output      pip's words as progress and as sentences for people
worker      a thread with one ending, as a status that anyone may read at any time
installation   the steps of making an environment
removal     taking environments away, how much they take
"""
