"""The Export panel shows what is written and the ways; grey buttons say why."""

import types

import pytest

bpy = pytest.importorskip("bpy")


class Layout:
    """Takes any call, and keeps what a person would read; a row that is off is marked."""

    def __init__(self, seen=None):
        self.seen = [] if seen is None else seen
        self.enabled = True

    def label(self, text="", icon="NONE", translate=True):
        self.seen.append(text)

    def operator(self, name, text=None, icon="NONE"):
        assert icon in bpy.types.UILayout.bl_rna.functions["operator"].parameters["icon"].enum_items
        module, _, function = name.partition(".")
        getattr(getattr(bpy.ops, module), function).get_rna_type()
        self.seen.append((text or name) if self.enabled else f"({text or name})")
        return types.SimpleNamespace(format="")

    def prop(self, owner, name, **_):
        assert name in owner.bl_rna.properties
        self.seen.append(name)

    def row(self, **_):
        return Layout(self.seen)

    column = row


def seen(extension):
    panel = types.SimpleNamespace(layout=Layout())
    context = types.SimpleNamespace(scene=bpy.context.scene, object=bpy.context.view_layer.objects.active)
    context.region = types.SimpleNamespace(width=300)
    extension.room("isodim_blender.ui.out_panel").ISODIM_PT_out.draw(panel, context)
    return panel.layout.seen


def test_what_can_be_written_is_shown(extension, make_motion):
    shown = seen(extension)
    ways = {
        "Export BVH",
        "Export FBX",
        "Export glTF",
        "isodim.save_clip",
        "isodim.mark_asset",
        "isodim.copy_clip",
        "as_asset",
    }
    assert ways <= set(shown)
    for name in ("save_clip", "mark_asset", "copy_clip", "export_clip"):
        assert not getattr(bpy.ops.isodim, name).poll()
    result = extension.room("isodim_blender.action.apply").apply(make_motion(20), None, bpy.context.scene, 1, "clip")
    bpy.context.view_layer.objects.active = bpy.data.objects[result.armature]
    assert "a person turns" in seen(extension)
    for name in ("save_clip", "mark_asset", "export_clip"):
        assert getattr(bpy.ops.isodim, name).poll()


def test_an_exporter_that_is_off_is_grey_with_the_reason(extension):
    import addon_utils

    addon_utils.disable("io_scene_gltf2")
    try:
        shown = seen(extension)
    finally:
        addon_utils.enable("io_scene_gltf2", default_set=True)
    assert "(Export glTF)" in shown
    assert "enable glTF 2.0 format" in " ".join(shown)
    assert {"Export BVH", "Export FBX"} <= set(shown)
    assert "Export glTF" in seen(extension)
