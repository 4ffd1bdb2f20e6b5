"""Tests of the API, as a caller meets it; `world.py` is the small world that they ask about."""
