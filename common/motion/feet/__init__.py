"""Feet that stand still, on any legs: contacts in time, places for them, limbs that reach them. Metres, Y up, no joints' names."""
