"""A clip that cannot show as it is says why; one that can says nothing."""

import pytest

bpy = pytest.importorskip("bpy")


@pytest.fixture
def armature(rig):
    return rig("mixamo")


@pytest.fixture
def said(extension, clip, armature):
    """What the result says after a clip was put on the armature."""

    def put():
        assert bpy.ops.isodim.apply_clip(filepath=clip()) == {"FINISHED"}
        return extension.session.result

    return put


def with_track(armature):
    """An Action on an NLA track below."""
    data = armature.animation_data_create()
    data.nla_tracks.new().strips.new("below", 1, bpy.data.actions.new("below"))
    return data


def test_a_rig_that_plays_its_action_says_nothing(said, armature):
    with_track(armature)
    result = said()
    assert result.hidden == ()
    assert "but" not in result.sentence


def solo(armature):
    with_track(armature).nla_tracks[0].is_solo = True


def faint(armature):
    with_track(armature).action_influence = 0.5


def added(armature):
    with_track(armature).action_blend_type = "ADD"


def at_rest(armature):
    armature.data.pose_position = "REST"


def driven(armature):
    hips = next(bone for bone in armature.pose.bones if "Hips" in bone.name)
    hips.driver_add("rotation_quaternion", 1)


@pytest.mark.parametrize(
    ("hinder", "words"),
    [
        (solo, "solo"),
        (faint, "influence is 0.5"),
        (added, "blended by ADD"),
        (at_rest, "Pose Position"),
        (driven, "Hips"),
    ],
)
def test_what_hinders_is_said(said, armature, hinder, words):
    hinder(armature)
    result = said()
    assert len(result.hidden) == 1
    assert words in result.hidden[0]
    assert result.hidden[0] in result.sentence


def scaled_hips(armature):
    next(bone for bone in armature.pose.bones if "Hips" in bone.name).scale = (2.0, 2.0, 2.0)


def scaled_thigh(armature):
    next(bone for bone in armature.pose.bones if "LeftUpLeg" in bone.name).scale = (1.0, 0.5, 1.0)


@pytest.mark.parametrize(("scale", "words"), [(scaled_hips, "Hips (2, 2, 2)"), (scaled_thigh, "LeftUpLeg (1, 0.5, 1)")])
def test_bones_that_are_scaled_are_said_where_the_clip_is_elsewhere_for_it(said, armature, scale, words):
    scale(armature)
    assert words in said().hidden[0]


def test_a_large_head_hinders_nothing(said, armature):
    next(bone for bone in armature.pose.bones if bone.name.endswith("Head")).scale = (1.5, 1.5, 1.5)
    assert said().hidden == ()


def test_edit_mode_is_said(said, armature):
    bpy.ops.object.mode_set(mode="EDIT")
    assert "Edit Mode" in said().hidden[0]


def held_back(armature):
    limit = armature.constraints.new("LIMIT_LOCATION")
    limit.use_min_x = limit.use_max_x = limit.use_min_y = limit.use_max_y = True


def locked(armature):
    armature.lock_location = (True, True, True)


@pytest.mark.parametrize(("hold", "words"), [(held_back, "constraints: Limit Location"), (locked, "locked channels")])
def test_an_object_that_does_not_carry_the_way_is_said(said, settings, armature, hold, words):
    settings.root = "OBJECT"
    assert said().hidden == ()
    hold(armature)
    assert any(words in clause for clause in said().hidden)
