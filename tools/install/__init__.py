"""The installation as a person makes it, and the pins behind it."""
