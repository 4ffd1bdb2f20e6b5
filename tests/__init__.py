"""Tests of accords: their folders mirror `accords/`, one file for each of its files."""
