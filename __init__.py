"""The extension's door. Nothing is imported before `register`, so that this package can be read without Blender."""


def register() -> None:
    """Blender switches the extension on."""
    from . import isodim_blender

    isodim_blender.register()


def unregister() -> None:
    """Blender switches the extension off."""
    from . import isodim_blender

    isodim_blender.unregister()
