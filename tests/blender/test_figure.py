"""A clip without an armature: the figure it gets is dressed, stands clear, and is what the next click means."""

import numpy as np
import pytest

bpy = pytest.importorskip("bpy")


@pytest.fixture
def rooms(extension):
    return lambda name: extension.room(f"isodim_blender.{name}")


def body_of(armature):
    return next(child for child in armature.children if child.type == "MESH")


def vertices_of_bone(armature, bone):
    """[vertex, 3] world positions of the mannequin's vertices on a bone, as Blender evaluates them."""
    body = body_of(armature)
    group = body.vertex_groups[bone].index
    body.modifiers["Round"].show_viewport = False
    bpy.context.view_layer.update()
    mesh = body.evaluated_get(bpy.context.evaluated_depsgraph_get()).to_mesh()
    found = [v.co for v in mesh.vertices if any(one.group == group for one in body.data.vertices[v.index].groups)]
    return np.array([body.matrix_world @ one for one in found])


def test_parts_stay_rigid_on_their_bones(rooms, make_motion):
    motion = make_motion(40)
    name = rooms("action.apply").apply(motion, None, bpy.context.scene, 1, "turns").armature
    armature = bpy.data.objects[name]
    shapes, centres = [], []
    for frame in (1, 20, 40):
        bpy.context.scene.frame_set(frame)
        points = vertices_of_bone(armature, "left_elbow")
        head = armature.matrix_world @ armature.pose.bones["left_elbow"].head
        shapes.append(np.linalg.norm(points - np.array(head), axis=-1))
        centres.append(points.mean(0))
    np.testing.assert_allclose(shapes[1], shapes[0], atol=1e-5)
    np.testing.assert_allclose(shapes[2], shapes[0], atol=1e-5)
    assert np.linalg.norm(centres[1] - centres[0]) > 0.05


def test_every_vertex_belongs_to_one_bone(rooms):
    armature = rooms("figure.figure").add(bpy.context.scene)
    body = body_of(armature)
    assert {len(vertex.groups) for vertex in body.data.vertices} == {1}
    assert {group.name for group in body.vertex_groups} <= set(armature.data.bones.keys())


def test_it_is_active_selected_and_the_target_of_the_next_click(rooms, make_motion):
    other = bpy.data.objects.new("other", None)
    bpy.context.scene.collection.objects.link(other)
    other.select_set(True)
    name = rooms("action.apply").apply(make_motion(20), None, bpy.context.scene, 1, "one").armature
    assert [item.name for item in bpy.context.selected_objects] == [name]
    assert bpy.context.view_layer.objects.active.name == name
    again = rooms("rig.target").target_armature(bpy.context)
    assert again.name == name
    rooms("action.apply").apply(make_motion(20), again, bpy.context.scene, 1, "two")
    assert sum(item.type == "ARMATURE" for item in bpy.data.objects) == 1


def test_a_click_on_the_body_means_its_armature(rooms):
    armature = rooms("figure.figure").add(bpy.context.scene)
    assert rooms("rig.target").of(body_of(armature)) is armature


def cube(size, place):
    half = size / 2
    corners = [(x, y, z) for x in (-half, half) for y in (-half, half) for z in (-half, half)]
    mesh = bpy.data.meshes.new("cube")
    mesh.from_pydata(corners, [], [])
    item = bpy.data.objects.new("cube", mesh)
    item.location = place
    bpy.context.scene.collection.objects.link(item)
    bpy.context.view_layer.update()
    return item


@pytest.mark.parametrize(
    ("size", "place", "clear"),
    [(2.0, (0, 0, 0), False), (30.0, (0, 0, 0), True), (2.0, (5, 0, 0), True), (0.1, (0, 0, 0), True), (2.0, (0, 0, 4), True)],
    ids=["default cube", "a hall", "elsewhere", "a carpet", "overhead"],
)  # fmt: skip
def test_it_stands_at_the_cursor_unless_something_is_there(rooms, size, place, clear):
    cube(size, place)
    found = rooms("figure.standing").free_place(bpy.context.scene)
    if clear:
        assert tuple(found) == (0.0, 0.0, 0.0)
    else:
        assert abs(found.x) >= size / 2 + 0.6
        assert found.y == found.z == 0.0


def test_two_figures_do_not_share_a_spot(rooms):
    figure = rooms("figure.figure")
    bpy.context.scene.cursor.location = (3.0, 1.0, 0.5)
    first = figure.add(bpy.context.scene)
    bpy.context.view_layer.update()
    second = figure.add(bpy.context.scene)
    assert tuple(first.location) == (3.0, 1.0, 0.5)
    assert (second.location - first.location).length >= 0.6


def test_a_clip_that_cannot_be_written_leaves_no_figure(rooms, make_motion, monkeypatch):
    apply = rooms("action.apply")

    def refuse(*_arguments):
        raise RuntimeError("no")

    monkeypatch.setattr(rooms("action.keyframes"), "writing", refuse)
    with pytest.raises(RuntimeError):
        apply.apply(make_motion(20), None, bpy.context.scene, 1, "x")
    assert [len(items) for items in (bpy.data.objects, bpy.data.armatures, bpy.data.meshes)] == [0, 0, 0]


def test_an_object_being_edited_stays_the_active_one(rooms):
    item = cube(1.0, (9, 9, 9))
    bpy.context.view_layer.objects.active = item
    item.select_set(True)
    armature = rooms("figure.figure").add(bpy.context.scene)
    bpy.ops.object.mode_set(mode="EDIT")
    rooms("figure.figure").select(armature)
    assert bpy.context.view_layer.objects.active is item
    bpy.ops.object.mode_set(mode="OBJECT")
