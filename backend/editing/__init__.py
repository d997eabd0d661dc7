"""Editing of clips: a range is filled anew between frames that stay; everything else is a clip with a range to fill."""
