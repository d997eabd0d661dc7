"""Actions out of Blender: files, assets, folders to train on."""
