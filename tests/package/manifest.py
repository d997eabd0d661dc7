"""What Blender's builder does not look at in a manifest."""

SENTENCES = 64
"""Characters of a tagline and of a permission's reason, as extensions.blender.org has them."""
PERMISSIONS = {"files", "network", "clipboard", "camera", "microphone"}
PLATFORMS = {"windows-x64", "windows-arm64", "macos-x64", "macos-arm64", "linux-x64"}


def complaints(manifest, tags):
    """What is wrong with `manifest` (a dictionary), one sentence each; `tags` are those that Blender knows."""
    found = [f"tag {tag}" for tag in manifest.get("tags", []) if tag not in tags]
    found += ["no tags"] * (not manifest.get("tags"))
    found += ["the name uses a trademark"] * ("blender" in (manifest["name"] + manifest["id"]).lower())
    found += ["the licence"] * (manifest.get("license") != ["SPDX:GPL-3.0-or-later"])
    found += [f"tagline: {word}" for word in _sentence(manifest["tagline"])]
    permissions = manifest.get("permissions", {})
    found += [f"permission {name}" for name in permissions if name not in PERMISSIONS]
    found += [f"permission {name}: {word}" for name, reason in permissions.items() for word in _sentence(reason)]
    found += [f"platform {name}" for name in manifest.get("platforms", []) if name not in PLATFORMS]
    for line in manifest.get("copyright", []):
        year = line.partition(" ")[0]
        found += [f"copyright {line}"] * (not year.partition("-")[0].isdigit() or " " not in line)
    found += ["no copyright"] * (not manifest.get("copyright"))
    return found


def _sentence(text):
    if not text:
        yield "empty"
    elif not text[-1].isalnum() and text[-1] not in ")]}":
        yield "ends with punctuation"
    if len(text) > SENTENCES:
        yield f"{len(text)} characters"
    if text[:1].islower():
        yield "begins small"
