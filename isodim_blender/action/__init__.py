"""Actions: curves from poses, and the one place that knows how Blender's versions store them."""
