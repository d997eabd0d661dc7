"""Which tests run where: each at least once, and in each Blender what a version can change."""

from tools.sessions.rooms import NEED_BPY, TESTS, chosen, rooms

VERSIONS = ("4.5.15", "5.0.1")
HERE = sorted({path.relative_to(TESTS).parts[0] for path in TESTS.rglob("test_*.py")})


def test_every_folder_of_tests_runs_somewhere():
    assert len(HERE) > 8
    ran = {path for paths in rooms(VERSIONS, True).values() for path in paths if "/" not in path}
    assert ran == set(HERE)


def test_what_needs_no_blender_runs_once_and_the_rest_in_both():
    found = rooms(VERSIONS, True)
    assert set(found["backend"]).isdisjoint(NEED_BPY)
    for room in ("blender", "package"):
        assert [name for name, paths in found.items() if room in paths] == [f"bpy-{version}" for version in VERSIONS]
    for room in ("addon", "common", "walls"):
        assert [name for name, paths in found.items() if room in paths] == ["backend"]


def test_a_file_that_skips_without_bpy_runs_in_both_halves():
    found = rooms(VERSIONS, True)
    for version in VERSIONS:
        assert {"addon/test_rotation_modes.py", "walls/test_imports.py"} <= set(found[f"bpy-{version}"])


def test_without_the_backend_blenders_pythons_run_all_of_blenders_side():
    (paths,) = rooms(VERSIONS[:1], False).values()
    assert {"addon", "blender", "common", "demo", "package", "walls"} <= set(paths)


def test_paths_go_where_they_belong():
    places = {name: [TESTS / path for path in paths] for name, paths in rooms(VERSIONS, True).items()}
    first = f"bpy-{VERSIONS[0]}"
    assert chosen(["tests/common", "-k", "x"], TESTS.parent, places["backend"]) == ["-k", "x", "tests/common"]
    assert chosen(["tests/common", "-k", "x"], TESTS.parent, places[first]) is None
    assert chosen(["tests/blender/test_keys.py::test_a"], TESTS.parent, places["backend"]) is None
    named = chosen(["tests/addon"], TESTS.parent, places[first])
    assert named is not None and str(TESTS / "addon" / "test_rotation_modes.py") in named
    assert chosen(["-x"], TESTS.parent, places["backend"]) == ["-x", *map(str, places["backend"])]
