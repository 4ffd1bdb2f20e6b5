"""Tests of the API as its clients use it; `world.py` has the rows that they ask for."""
