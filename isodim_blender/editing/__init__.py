"""Edits on the timeline: which frames, the request, what becomes of the answer; a preview that is kept or discarded."""
