"""The zip as Blender's own builder makes it: what it says, what is in it, how it installs, upgrades and is published."""
