"""Tests of the fast read path and of the response cache."""
