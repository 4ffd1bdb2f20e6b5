"""Tests of the filters: a table of cases for each resource, and the rules for all filters."""
