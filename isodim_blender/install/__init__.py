"""The GPU backend: one environment with torch in the extension's user folder, made when somebody asks for it.

packages    what a computer could have: device, pinned packages, size; no bpy
program     one program, its output line by line, cut short when the person wants; no bpy
failure     what such output means, for people; no bpy
making      an environment made, tried out and put in place, or taken away; no bpy
installer   what Blender knows of it, and the one thread at work
"""
