"""The panels draw in every state of the session; a recording layout takes Blender's place."""

import types

import pytest

bpy = pytest.importorskip("bpy")


class Layout:
    """Takes any call, and keeps what a person would read."""

    def __init__(self, seen=None):
        self.seen = [] if seen is None else seen

    def label(self, text="", icon="NONE", translate=True):
        self.seen.append(text)

    def template_list(self, name, *_):
        assert hasattr(bpy.types, name)
        self.seen.append(name)

    def operator(self, name, text=None, icon="NONE", depress=False):
        module, _, verb = name.partition(".")
        assert hasattr(getattr(bpy.ops, module), verb)
        assert icon in bpy.types.UILayout.bl_rna.functions["operator"].parameters["icon"].enum_items
        self.seen.append(name)
        return types.SimpleNamespace(module="", index=0)

    def menu(self, name, text="", icon="NONE"):
        assert hasattr(bpy.types, name)
        self.seen.append(name)

    def prop(self, owner, name, **_):
        assert name in owner.bl_rna.properties
        self.seen.append(name)

    def progress(self, factor, text):
        assert 0.0 <= factor <= 1.0
        self.seen.append(text)

    def row(self, **_):
        return Layout(self.seen)

    column = box = split = row


@pytest.fixture
def draw(extension):
    panels = extension.room("isodim_blender.ui.panels")

    def run(name):
        panel = types.SimpleNamespace(layout=Layout())
        context = types.SimpleNamespace(
            scene=bpy.context.scene,
            region=types.SimpleNamespace(width=300),
            preferences=bpy.context.preferences,
            view_layer=bpy.context.view_layer,
            object=bpy.context.object,
        )
        cls = getattr(panels, f"ISODIM_PT_{name}")
        if hasattr(cls, "poll") and not cls.poll(context):
            return None
        cls.draw(panel, context)
        return panel.layout.seen

    return run


def test_the_panel_shows_settings_licence_and_button(extension, draw):
    checkpoint = extension.room("isodim_blender.client.checkpoints").Checkpoint
    extension.session.checkpoints = (checkpoint("open", "Open", "CC0-1.0"), checkpoint("plus", "Plus", "CC-BY-NC-4.0"))
    seen = draw("generate")
    assert "seconds" not in seen
    assert "automatic" in seen
    bpy.context.scene.isodim.use_seconds = True
    seen = draw("generate")
    shown = {"prompt", "seconds", "seed", "lock_seed", "checkpoint", "isodim.generate", "isodim.variations"}
    assert shown | {"isodim.new_seed", "CC0-1.0", "On a new IsoDiM figure"} <= set(seen)
    bpy.context.scene.isodim.checkpoint = "plus"
    assert "CC-BY-NC-4.0" in draw("generate")
    assert {"use_guidance", "use_steps", "isodim.show_log"} <= set(draw("advanced"))
    assert draw("problems") is None


def test_the_panel_itself_says_why_its_button_is_grey(draw, monkeypatch):
    assert "brings no backend for this system" in " ".join(draw("generate"))
    monkeypatch.setenv("ISODIM_BACKEND_PYTHON", "somewhere/python")
    assert "brings no backend for this system" not in " ".join(draw("generate"))


def test_a_clip_that_goes_beyond_the_scene_s_end_offers_its_range(draw, extension, make_motion, rig):
    scene = bpy.context.scene
    scene.frame_end = 250
    extension.room("isodim_blender.action.apply").apply(make_motion(60), rig(), scene, 1, "clip")
    assert "isodim.fit_range" not in draw("generate")
    extension.room("isodim_blender.action.apply").apply(make_motion(40), bpy.context.object, scene, 230, "clip")
    assert "isodim.fit_range" in draw("generate")
    bpy.ops.isodim.fit_range()
    assert (scene.frame_start, scene.frame_end) == (1, round(bpy.context.object.animation_data.action.frame_range[1]))
    assert "isodim.fit_range" not in draw("generate")


def test_old_takes_are_cleaned_up_but_not_what_somebody_uses(extension, make_motion, rig):
    apply = extension.room("isodim_blender.action.apply")
    with pytest.raises(RuntimeError, match="is unused"):
        bpy.ops.isodim.clean_up_takes()
    armature = rig()
    for _ in range(5):
        apply.apply(make_motion(20), armature, bpy.context.scene, 1, "clip")
    old = sorted((one for one in bpy.data.actions), key=lambda action: action.session_uid)
    old[0].name, playing = "mine", armature.animation_data.action
    hand = bpy.data.actions.new("by hand")
    hand.use_fake_user = True
    kept = {old[0].name, old[3].name, playing.name, hand.name}
    bpy.ops.isodim.clean_up_takes(keep=1)
    assert set(bpy.data.actions.keys()) == kept


def test_the_default_checkpoint_is_named_short_enough_for_its_field(extension):
    checkpoint = extension.room("isodim_blender.client.checkpoints").Checkpoint
    extension.session.checkpoints = (checkpoint("open", "Open (any use)", "CC0-1.0"),)
    default, open_one = extension.room("isodim_blender.settings.properties")._checkpoint_items(None, None)
    assert default[1:3] == ("Default: Open", "The backend's own choice: Open (any use)")
    assert open_one[1] == "Open (any use)"


def test_the_panel_shows_progress_and_cancel(extension, draw, monkeypatch):
    messages, job = extension.room("common.wire.messages"), extension.room("isodim_blender.client.job")
    progress = messages.Progress(2, 3, 10, 4.26)
    run = types.SimpleNamespace(job=types.SimpleNamespace(state=job.State.RUNNING, progress=progress), writes=False)
    with monkeypatch.context() as patch:
        patch.setattr(extension.session, "run", run)
        seen = draw("generate")
        assert "Step 3 of 10, 4.3 s left" in seen
        assert "isodim.cancel" in seen
        assert "isodim.generate" not in seen
        run.job = types.SimpleNamespace(state=job.State.STARTING, progress=None)
        assert "Starting the backend" in draw("generate")


def test_problems_are_wrapped_whole(extension, draw):
    sentence = "The backend stopped by itself (exit code 3): " + "a long word " * 20
    extension.session.problem(sentence, "Do this next.")
    seen = draw("problems")
    assert "isodim.show_log" in seen
    lines = seen[: seen.index("isodim.show_log")]
    assert " ".join(lines) == f"{sentence.strip()} Do this next."
    assert max(map(len, lines)) < 50


def test_preferences_say_what_wins(extension, monkeypatch):
    monkeypatch.setenv("ISODIM_BACKEND_PYTHON", "somewhere/python")
    preferences = bpy.context.preferences.addons["bl_ext.dev.isodim"].preferences
    layout = Layout()
    owner = types.SimpleNamespace(layout=layout, backend_python="", bl_rna=preferences.bl_rna)
    extension.session.self_test = extension.room("isodim_blender.client.environment").SelfTest(True, "All is there.")
    type(preferences).draw(owner, bpy.context)
    assert "ISODIM_BACKEND_PYTHON wins: somewhere/python" in layout.seen
    assert "All is there." in layout.seen


def test_the_actions_panel_shows_captions_and_the_export(extension, make_motion):
    room, apply = extension.room("isodim_blender.ui.actions_panel"), extension.room("isodim_blender.action.apply")
    scene = bpy.context.scene

    def seen(item):
        panel = types.SimpleNamespace(layout=Layout())
        room.ISODIM_PT_actions.draw(panel, types.SimpleNamespace(scene=scene, object=item))
        return panel.layout.seen

    assert seen(None) == ["Make an armature active"]
    name = apply.apply(make_motion(22), None, scene, 1, "clip").armature
    shown = seen(bpy.data.objects[name])
    assert {"ISODIM_UL_actions", "a person turns", "isodim.add_caption", "isodim.export_actions"} <= set(shown)
    action = bpy.data.actions["a person turns"]
    action.isodim.captions.add().text = "someone spins"
    shown = seen(bpy.data.objects[name])
    assert "text" in shown
    assert "a person turns" not in shown
    bpy.data.actions.new("of something else")
    listed = types.SimpleNamespace(bitflag_filter_item=1)
    context = types.SimpleNamespace(object=bpy.data.objects[name])
    flags, _ = room.ISODIM_UL_actions.filter_items(listed, context, bpy.data, "actions")
    assert dict(zip(bpy.data.actions.keys(), flags, strict=True)) == {"a person turns": 1, "of something else": 0}


def test_ones_own_checkpoints_are_listed_and_handed_to_the_backend(extension, stand_in, tmp_path):
    folder = tmp_path / "mine" / "limp"
    folder.mkdir(parents=True)
    (folder / "config.json").write_text('{"name": "limp", "title": "Limps", "licence": "CC0-1.0"}')
    preferences = bpy.context.preferences.addons["bl_ext.dev.isodim"].preferences
    preferences.checkpoints = str(folder.parent)
    assert extension.session.checkpoint("limp").title == "Limps"
    bpy.context.scene.isodim.checkpoint = "limp"
    bpy.context.scene.isodim.prompt = "a person limps"
    stand_in("fine")
    bpy.ops.isodim.generate()
    first = extension.session.child
    assert first.weights == str(folder.parent)
    preferences.checkpoints = ""
    assert extension.session.checkpoint("limp") is None
    bpy.context.scene.isodim.checkpoint = "DEFAULT"
    bpy.ops.isodim.generate()
    assert extension.session.child is not first
    assert extension.session.child.weights == ""
    first.end()  # which the session has begun: it does not take another child's time
    assert not first.usable
