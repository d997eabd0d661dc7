"""Which frames are meant, and one sentence for each that cannot be edited."""

import pytest

bpy = pytest.importorskip("bpy")

from tests.blender.editing.played import at_once  # noqa: E402


@pytest.fixture
def span(rooms):
    return rooms("editing.span")


def frames(span, armature, source="AUTOMATIC", typed=(3, 9)):
    found = at_once(span.of(bpy.context.scene, armature, source, typed))
    return found.first, found.last


def select(span, armature, low, high):
    for curve in span.curves_of(armature, armature.animation_data.action)[:3]:
        for key in curve.keyframe_points:
            key.select_control_point = low <= key.co.x <= high


def test_automatic_takes_the_first_that_there_is(span, mixamo):
    scene = bpy.context.scene
    assert frames(span, mixamo) == (3, 9)
    scene.timeline_markers.new("a", frame=5)
    scene.timeline_markers.new("b", frame=30)
    scene.timeline_markers.new("far", frame=80)
    scene.frame_set(12)
    assert frames(span, mixamo) == (5, 30)
    select(span, mixamo, 20, 40)
    assert frames(span, mixamo) == (20, 40)
    scene.use_preview_range, scene.frame_preview_start, scene.frame_preview_end = True, 6, 16
    assert frames(span, mixamo) == (6, 16)
    for source, wanted in (("TYPED", (3, 9)), ("MARKERS", (5, 30)), ("KEYS", (20, 40)), ("PREVIEW", (6, 16))):
        assert frames(span, mixamo, source) == wanted


def test_all_keys_or_one_selected_are_no_range(span, mixamo):
    for curve in span.curves_of(mixamo, mixamo.animation_data.action):
        for key in curve.keyframe_points:
            key.select_control_point = True
    assert frames(span, mixamo) == (3, 9)
    for curve in span.curves_of(mixamo, mixamo.animation_data.action):
        for key in curve.keyframe_points:
            key.select_control_point = key.co.x == 4
    assert frames(span, mixamo) == (3, 9)
    select(span, mixamo, -100, 1)
    span.curves_of(mixamo, mixamo.animation_data.action)[-1].keyframe_points[-1].select_control_point = True
    assert frames(span, mixamo) == (3, 9)


@pytest.mark.parametrize("source", ["PREVIEW", "KEYS", "MARKERS"])
def test_a_range_that_is_not_there_is_said(extension, span, mixamo, source):
    with pytest.raises(extension.room("common.errors").InputError, match=f"Range is '{source}', expected"):
        frames(span, mixamo, source)


def mute(curve):
    curve.mute = True


def lock(curve):
    curve.lock = True


def mute_group(curve):
    curve.group.mute = True


@pytest.mark.parametrize(
    ("range_", "change", "part"),
    [
        ((20, 10), None, "not after the last"),
        ((20, 22), None, "'3 frames', expected 4 to 10000"),
        ((1, 20_000), None, "20000 frames"),
        ((-5, 20), None, "frames inside"),
        ((80, 200), None, "frames inside"),
        ((20, 30), mute, "not muted"),
        ((20, 30), lock, "not locked"),
        ((20, 30), mute_group, "not muted"),
    ],
)
def test_what_cannot_be_edited_is_one_sentence(extension, span, mixamo, range_, change, part):
    action = mixamo.animation_data.action
    if change is not None:
        change(span.curves_of(mixamo, action)[10])
    with pytest.raises(extension.room("common.errors").InputError, match=part):
        span.check(span.Span(*range_, "typed"), mixamo, action)


def test_no_keys_in_it(extension, span, mixamo):
    action = mixamo.animation_data.action
    for curve in span.curves_of(mixamo, action):
        for key in reversed(curve.keyframe_points):
            if 20 <= key.co.x <= 40:
                curve.keyframe_points.remove(key)
    meant = span.Span(22, 38, "typed")
    with pytest.raises(extension.room("common.errors").InputError, match="frames with keys"):
        span.check(meant, mixamo, action)
    assert span.check(meant, mixamo, action, keyed=False) == meant


def test_a_key_that_is_selected_later_is_seen(span, mixamo, monkeypatch):
    monkeypatch.setattr(span, "_RESTS", 0.0)
    assert span.shown(bpy.context.scene, mixamo, "AUTOMATIC", (3, 9)).origin == span.TYPED
    select(span, mixamo, 20, 40)
    assert span.shown(bpy.context.scene, mixamo, "AUTOMATIC", (3, 9)).first == 20
