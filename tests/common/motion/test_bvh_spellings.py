"""The format has no standard: what other readers take is taken, repairs are noted, the numbers stay the same."""

import re

import numpy as np
import pytest

from common.errors import InputError
from common.motion import bvh
from common.motion.bvh_text import parse

PLAIN = """HIERARCHY
ROOT Hips
{
  OFFSET 0.0 95.5 0.0
  CHANNELS 6 Xposition Yposition Zposition Zrotation Xrotation Yrotation
  JOINT Spine
  {
    OFFSET 0.0 10.0 1.0
    CHANNELS 3 Zrotation Xrotation Yrotation
    End Site
    {
      OFFSET 0.0 20.0 0.0
    }
  }
  JOINT Leg
  {
    OFFSET 9.0 -5.0 0.0
    CHANNELS 3 Zrotation Xrotation Yrotation
    End Site
    {
      OFFSET 0.0 -80.0 0.0
    }
  }
}
MOTION
Frames: 3
Frame Time: 0.0333333
0.0 95.0 0.0 1.0 2.0 3.0 4.0 5.0 6.0 7.0 8.0 9.0
0.5 95.1 1.0 1.5 2.5 3.5 4.5 5.5 6.5 7.5 8.5 9.5
0.9 95.2 2.0 1.9 2.9 3.9 4.9 5.9 6.9 7.9 8.9 9.9
"""
SPELLINGS = {
    "upper case": (lambda t: t.upper(), 0),
    "lower case channels": (lambda t: t.replace("position", "POSITION").replace("rotation", "ROTATION"), 0),
    "short channels": (lambda t: t.replace("position", "pos").replace("rotation", "rot"), 0),
    "comments": (lambda t: "# a tool\n// 1.0\n" + t.replace("ROOT", "; body\nROOT").replace("MOTION", "MOTION # now"), 0),
    "a heading": (lambda t: "made by a tool\n" + t, 1),
    "braces beside names": (lambda t: re.sub(r"\n\s*{", " {", t), 0),
    "all braces on one line": (lambda t: re.sub(r"\s*}\s*}\n", " }}\n", t), 0),
    "other line ends": (lambda t: t.replace("\n", "\r\n"), 0),
    "old line ends": (lambda t: t.replace("\n", "\r"), 0),
    "tabs": (lambda t: t.replace("  ", "\t").replace(" ", "\t").replace("End\tSite", "End Site"), 0),
    "blank lines": (lambda t: t.replace("\n", "\n\n"), 0),
    "no space after Frames:": (lambda t: t.replace("Frames: ", "Frames:"), 0),
    "no colons": (lambda t: t.replace("Frames:", "Frames").replace("Time:", "Time"), 0),
    "spaces before colons": (lambda t: t.replace("Frames:", "Frames :").replace("Frame Time:", "FrameTime :"), 0),
    "decimal commas": (lambda t: t.replace(".", ","), 0),
    "commas between": (lambda t: t.replace(".0 ", ".0, ").replace(".5 ", ".5, "), 0),
    "a count too high": (lambda t: t.replace("Frames: 3", "Frames: 4"), 1),
    "a count too low": (lambda t: t.replace("Frames: 3", "Frames: 2"), 1),
    "no count": (lambda t: t.replace("Frames: 3\n", ""), 0),
    "channels counted wrongly": (lambda t: t.replace("CHANNELS 3", "CHANNELS 6", 1), 1),
    "channels not counted": (lambda t: t.replace("CHANNELS 3", "CHANNELS", 1), 1),
    "named end sites": (lambda t: t.replace("End Site", "End Site Top"), 0),
    "an end site's empty channels": (lambda t: t.replace("OFFSET 0.0 20.0 0.0", "OFFSET 0.0 20.0 0.0\nCHANNELS 0"), 0),
    "a line of its own": (lambda t: t.replace("    CHANNELS 3", "    LIMITS -1 1\n    CHANNELS 3", 1), 1),
    "a brace too few": (lambda t: t.replace("}\nMOTION", "MOTION"), 1),
    "a brace too many": (lambda t: t.replace("MOTION", "}\nMOTION"), 1),
    "text at the end": (lambda t: t + "}\nthe end\n", 1),
    "frames of several lines": (lambda t: t.replace(" 4.", "\n4.").replace(" 4.9", "\n4.9"), 1),
}  # fmt: skip


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_the_same_motion_in_other_spellings(spelling):
    change, notes = SPELLINGS[spelling]
    text = change(PLAIN)
    assert text != PLAIN
    wanted, found = parse(PLAIN), parse(text)
    assert wanted.notes == ()
    assert [name.lower() for name in found.names] == ["hips", "spine", "leg"]
    assert (found.parents, found.channels) == (wanted.parents, wanted.channels)
    np.testing.assert_allclose(found.values, wanted.values)
    np.testing.assert_allclose(found.offsets, wanted.offsets)
    np.testing.assert_allclose(found.end_sites[1], wanted.end_sites[1])
    assert found.frame_time == wanted.frame_time
    assert len(found.notes) == notes


def test_a_last_line_that_is_cut_off_is_left_out():
    found = parse(PLAIN[:-20])
    np.testing.assert_allclose(found.values, parse(PLAIN).values[:2])
    assert found.notes == ("line 30 is cut off and was not read", "2 frames, not the 3 that Frames: announces")


def test_joints_of_one_name_are_numbered():
    found = parse(PLAIN.replace("Leg", "Spine"))
    assert found.names == ("Hips", "Spine", "Spine.001")
    assert found.notes == ("line 15: a second joint Spine is called Spine.001",)


def test_channels_of_size_are_passed_over():
    text = PLAIN.replace(
        "CHANNELS 3 Zrotation Xrotation Yrotation", "CHANNELS 4 Zrotation Xrotation Yrotation Xscale", 1
    )
    text = text.replace("6.0 7.0", "6.0 1.0 7.0").replace("6.5 7.5", "6.5 1.0 7.5").replace("6.9 7.9", "6.9 1.0 7.9")
    np.testing.assert_allclose(bvh.local_rotations(parse(text)), bvh.local_rotations(parse(PLAIN)))


def test_two_bodies_in_one_file():
    prop = "ROOT Prop\n{\nOFFSET 0 0 0\nCHANNELS 3 Xposition Yposition Zposition\n}\nMOTION"
    text = PLAIN.replace("MOTION", prop)
    text = re.sub(r"(9\.\d)\n", r"\1 1.0 2.0 3.0\n", text)
    found = parse(text)
    assert found.parents == (-1, 0, 0, -1)
    np.testing.assert_allclose(bvh.world_positions(found)["Prop"], [[1, 2, 3]] * 3)
    assert parse(bvh.bvh_write.text(found)).names == found.names


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "cp932", "latin-1"])
def test_files_of_other_countries(tmp_path, encoding):
    name = {"cp932": "左足", "latin-1": "Hüfte"}.get(encoding, "Füße")
    mark = b"\xff\xfe" if encoding == "utf-16-le" else b""
    (tmp_path / "a.bvh").write_bytes(mark + PLAIN.replace("Leg", name).encode(encoding))
    assert bvh.read(tmp_path / "a.bvh").names == ("Hips", "Spine", name)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda t: t.replace("0.0333333", "33.3"), "Frame Time: and seconds from 0.001 to 1"),
        (lambda t: t[: t.index("0.0 95.0 0.0")], "1 to 1000000 lines of numbers"),
        (lambda t: t.replace("Xrotation", "Wrotation", 1), "names out of"),
        (lambda t: t.replace(" 5.5 ", " nan "), "12 finite numbers"),
        (lambda t: t.replace(" 5.5 ", " "), "12 finite numbers"),
        (lambda t: "Kaydara FBX Binary", "expected HIERARCHY"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_one_sentence(change, sentence):
    with pytest.raises(InputError, match=sentence):
        parse(change(PLAIN))


def test_a_binary_file_is_told(tmp_path):
    (tmp_path / "a.bvh").write_bytes(b"Kaydara FBX Binary\0\x1a\0")
    with pytest.raises(InputError, match="not a binary file"):
        bvh.read(tmp_path / "a.bvh")
