"""Thousands of requests while children die and hang."""
