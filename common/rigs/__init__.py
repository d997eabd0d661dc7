"""Rigs of any maker: their bones, and which of them are the canonical joints; standard library and numpy only."""
