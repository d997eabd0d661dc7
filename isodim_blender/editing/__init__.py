"""Edits on the timeline: which frames, what is asked, what becomes of the answer; a preview that is kept or discarded."""
