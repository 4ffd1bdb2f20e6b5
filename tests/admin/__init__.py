"""Tests of the admin: of every page, of the pages of each model, and in a browser."""
