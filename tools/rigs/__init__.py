"""Rigs as the makers ship them, made by script: names, hierarchies and typical rest geometry, but no third party's file."""
