"""Everything a person can point at says what it does; every grey button says why; icons are there in this Blender."""

import ast
import types

import pytest

from tools.checkout import ROOT

bpy = pytest.importorskip("bpy")

SOURCES = sorted((ROOT / "isodim_blender").rglob("*.py"))
BUILT_IN = {
    "rna_type",
    "bl_idname",
    "name",
    "session_uid",
    "filepath",
    "directory",
    "filename",
    "files",
    "check_existing",
}


def operators():
    found = {name: getattr(bpy.ops.isodim, name) for name in dir(bpy.ops.isodim)}
    assert len(found) > 20
    return found


def classes():
    """Registered classes of ours that hold properties: settings, groups, preferences."""
    found = [
        cls
        for base in (bpy.types.PropertyGroup, bpy.types.AddonPreferences)
        for cls in base.__subclasses__()
        if "isodim" in cls.__module__ and getattr(cls, "is_registered", False)
    ]
    assert len(found) >= 4
    return found


def own(properties):
    """Those that are drawn: groups and lists are drawn by their parts."""
    shown = [item for item in properties if item.identifier not in BUILT_IN and not item.is_hidden]
    shown = [item for item in shown if item.type not in ("POINTER", "COLLECTION")]
    # The file browser's own filters come with ImportHelper and say what they do by their icons.
    return [item for item in shown if not item.identifier.startswith("filter_") or item.identifier == "filter_glob"]


def wrong(text):
    """What is wrong with a tooltip: Blender itself puts the full stop."""
    if not text.strip() or text.startswith("(undocumented"):
        return "empty"
    if text[0].islower():
        return "begins small"
    return "ends with a full stop" if text.rstrip().endswith(".") else ""


def complaints(owner, properties):
    for item in own(properties):
        if item.identifier != "filter_glob" and wrong(item.description):
            yield f"{owner}.{item.identifier}: {wrong(item.description)}"
        for entry in getattr(item, "enum_items_static", ()):
            if wrong(entry.description):
                yield f"{owner}.{item.identifier} {entry.identifier}: {wrong(entry.description)}"


def test_every_operator_and_its_properties_have_tooltips_and_names(extension):
    found, labels = [], {}
    for name, operator in operators().items():
        kind = operator.get_rna_type()
        if reason := wrong(kind.description):
            found.append(f"{name}: {reason}")
        labels.setdefault(kind.name, []).append(name)
        found += complaints(name, kind.properties)
    assert found == []
    assert all(label and label[0].isupper() and label != "Untitled" for label in labels)
    assert {label: names for label, names in labels.items() if len(names) > 1} == {}  # the search shows names only


def test_every_setting_has_a_tooltip(extension):
    found = [line for cls in classes() for line in complaints(cls.__name__, cls.bl_rna.properties)]
    assert found == []


def test_every_panel_and_menu_has_a_name(extension):
    names = [name for name in dir(bpy.types) if name.startswith(("ISODIM_PT_", "ISODIM_MT_"))]
    assert len(names) >= 6
    assert [name for name in names if not getattr(bpy.types, name).bl_label] == []


def places_of_icons(trees):
    """Function -> the place of its argument `icon`."""
    return {
        node.name: [argument.arg for argument in node.args.args].index("icon")
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and "icon" in [argument.arg for argument in node.args.args]
    }


def icons(tree, places):
    """Names given as `icon=`, also by a condition, and those given by place to a function with an `icon` of its own."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            given = [keyword.value for keyword in node.keywords if keyword.arg == "icon"]
            place = places.get(ast.unparse(node.func))
            given += [] if place is None else node.args[place : place + 1]
            for value in given:
                branches = [value.body, value.orelse] if isinstance(value, ast.IfExp) else [value]
                yield from (one.value for one in branches if isinstance(one, ast.Constant))


def test_every_icon_is_known_to_this_blender():
    known = set(bpy.types.UILayout.bl_rna.functions["label"].parameters["icon"].enum_items.keys())
    trees = [ast.parse(path.read_text("utf-8")) for path in SOURCES]
    places = places_of_icons(trees)
    used = {icon for tree in trees for icon in icons(tree, places)}
    assert len(used) > 20
    assert {"PLAY", "CON_FLOOR"} <= used
    assert used - known == set()


def without_reason():
    """Operators that cannot be used now and do not say why."""
    silent, grey = [], []
    for name, operator in operators().items():
        if operator.poll():
            continue
        grey.append(name)
        try:
            operator()
        except RuntimeError as error:
            if "context is incorrect" in str(error):
                silent.append(name)
    assert grey, "nothing is grey: this looks at nothing"
    return silent


def test_every_grey_button_says_why_in_an_empty_scene(extension):
    assert without_reason() == []


def test_every_grey_button_says_why_while_a_clip_is_made(extension, monkeypatch):
    monkeypatch.setenv("ISODIM_BACKEND_PYTHON", "somewhere/python")
    extension.session.run = types.SimpleNamespace(cancel=lambda: None)
    try:
        assert without_reason() == []
    finally:
        extension.session.run = None


def test_every_grey_button_says_why_on_a_bare_armature_in_pose_mode(extension, rig, monkeypatch):
    monkeypatch.setenv("ISODIM_BACKEND_PYTHON", "somewhere/python")
    rig()
    bpy.ops.object.mode_set(mode="POSE")
    assert without_reason() == []


def test_a_silent_operator_is_found(extension):
    class ISODIM_OT_silent(bpy.types.Operator):
        bl_idname, bl_label = "isodim.silent", "silent"
        setting: bpy.props.IntProperty(name="Setting")

        @classmethod
        def poll(cls, context):
            return False

    bpy.utils.register_class(ISODIM_OT_silent)
    try:
        assert "silent" in without_reason()
        kind = bpy.ops.isodim.silent.get_rna_type()
        assert wrong(kind.description) == "empty"
        assert list(complaints("silent", kind.properties)) == ["silent.setting: empty"]
    finally:
        bpy.utils.unregister_class(ISODIM_OT_silent)
