"""Bundled checkpoints, one folder each, and the room that finds and verifies them."""
