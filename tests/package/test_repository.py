"""A static extension repository: made by Blender's own builder, installed from by its address."""

import json
import shutil

import pytest

from .conftest import ROOT

pytest.importorskip("bpy")

INSTALL = """
bpy.context.preferences.system.use_online_access = True
repositories = bpy.context.preferences.extensions.repos
repository = repositories.new(name="IsoDiM", module="isodim_repository", remote_url=sys.argv[1])
index = repositories.find(repository.name)
bpy.ops.extensions.repo_sync(repo_index=index)
bpy.ops.extensions.package_install(repo_index=index, pkg_id="isodim", enable_on_install=True)
name = "bl_ext.isodim_repository.isodim"
assert addon_utils.check(name)[1], "it was not enabled"
assert bpy.ops.isodim.add_figure() == {"FINISHED"}
addon_utils.disable(name)
"""


@pytest.fixture(scope="module")
def repository(builder, package, tmp_path_factory):
    folder = tmp_path_factory.mktemp("repository with spaces äö")
    shutil.copy(package, folder / "isodim-0.1.0.zip")
    result = builder("server-generate", "--repo-dir", folder, "--html")
    assert result.returncode == 0, result.stdout + result.stderr
    return folder


def test_the_index_says_what_the_manifest_says(repository):
    index = json.loads((repository / "index.json").read_text("utf-8"))
    [entry] = index["data"]
    assert (entry["id"], entry["version"], entry["archive_url"]) == ("isodim", "0.1.0", "./isodim-0.1.0.zip")
    assert entry["archive_size"] == (repository / "isodim-0.1.0.zip").stat().st_size
    assert set(entry["permissions"]) == {"files", "network", "clipboard"}
    assert "isodim-0.1.0.zip" in (repository / "index.html").read_text("utf-8")


def test_blender_installs_from_its_address(repository, blender):
    blender(INSTALL, (repository / "index.json").as_uri())


def test_the_session_makes_the_same(repository):
    text = (ROOT / "noxfile.py").read_text("utf-8")
    assert '"server-generate", "--repo-dir", REPOSITORY, "--html"' in text
