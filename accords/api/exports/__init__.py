"""Whole lists as files: `clauses.csv`, `clauses.ndjson`.

The address of a file takes the filters of its list, `ordering`, `fields`, `omit` and `expand`. A file has all rows of
one state of the data. `renderers.py` converts rows to lines, `columns.py` chooses the columns of CSV, and `files.py`
writes and sends the file.
"""
