"""What an add-on can leave in a Blender, by kind; imported by scripts that run inside one."""

import gc
import os
import threading
from pathlib import Path


def traces(own="isodim"):
    """Kind -> what is there of ours. Modules are left out: Blender keeps those of a disabled add-on for the next time."""
    import bpy

    kinds = [getattr(bpy.types, name) for name in dir(bpy.types)]
    kinds = [kind for kind in kinds if isinstance(kind, type)]
    drawn = {
        f"{kind.__name__}.{function.__name__}"
        for kind in kinds
        for function in getattr(getattr(kind, "draw", None), "_draw_funcs", ())
        if own in function.__module__
    }
    handlers = {
        function.__name__
        for name in dir(bpy.app.handlers)
        if isinstance(functions := getattr(bpy.app.handlers, name), list)
        for function in functions
        if own in function.__module__
    }
    configurations = bpy.context.window_manager.keyconfigs
    keys = {
        item.idname
        for configuration in (configurations.addon, configurations.user)
        if configuration is not None
        for keymap in configuration.keymaps
        for item in keymap.keymap_items
        if item.idname.startswith(own)
    }
    found = {
        "classes": {name for name in dir(bpy.types) if own in name.lower()},
        "operators": set(dir(getattr(bpy.ops, own))),
        "properties": {kind.__name__ for kind in kinds if own in dir(kind)},
        "drawn": drawn,
        "handlers": handlers,
        "timers": {function.__qualname__ for function in _functions(own) if bpy.app.timers.is_registered(function)},
        "keys": keys,
        "threads": {one.name for one in threading.enumerate() if one is not threading.main_thread()},
        "children": _children(),
    }
    return {kind: sorted(names) for kind, names in found.items() if names}


def _functions(own):
    """Every function of ours that is alive: Blender does not tell which timers there are, only whether this is one."""
    return [
        one
        for one in gc.get_objects()
        if type(one).__name__ in ("function", "method") and own in str(getattr(one, "__module__", ""))
    ]


def _children():
    """Process ids of children, on Linux."""
    folder = Path(f"/proc/{os.getpid()}/task")
    if not folder.is_dir():
        return set()
    return {child for task in folder.iterdir() for child in (task / "children").read_text().split()}
