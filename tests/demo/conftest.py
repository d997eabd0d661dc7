"""The checkout as a package called `isodim`, so that its armature can be made without enabling the extension."""

import pytest

from tools import checkout  # noqa: F401 - it makes the package `isodim`


@pytest.fixture
def figure():
    """An IsoDiM armature that walks, alone in an empty file."""
    bpy = pytest.importorskip("bpy")
    from isodim.isodim_blender.action import apply
    from isodim.isodim_blender.settings import properties

    from tools.demo.walk import walk

    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    properties.register()
    name = apply.apply(walk(frames=30), None, bpy.context.scene, 1, "walk").armature
    yield bpy.data.objects[name]
    properties.unregister()
