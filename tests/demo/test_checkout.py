"""The scripts that link the checkout as an extension look for it in the right place."""

import pytest

pytest.importorskip("bpy")

from tools.demo import bench_keys, render


@pytest.mark.parametrize("script", [bench_keys, render])
def test_the_checkout_is_the_extension(script):
    assert (script._ROOT / "blender_manifest.toml").is_file()
