"""Tests of how answers to GET are read and kept."""
