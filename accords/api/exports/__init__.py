"""Whole lists as files: `clauses.csv`, `clauses.ndjson`.

A file takes the filters of its list, `ordering`, `fields`, `omit` and `expand`, and has all rows of one state of the
data. `renderers.py` turns rows into lines, `columns.py` knows the columns of CSV, `files.py` writes the file and sends
it.
"""
