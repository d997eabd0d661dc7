"""Editing of clips: a range is in-painted between frames that stay; everything else is a clip with a range to in-paint."""
