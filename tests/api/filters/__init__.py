"""Tests of the filters: a table of cases for each noun, and what holds for all of them."""
