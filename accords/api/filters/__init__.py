"""Filter sets: a file for each resource, on the base class in base.py and the filters in filter_types.py."""
