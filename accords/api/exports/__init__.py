"""Whole lists as files: the forms there are, rows as lines of them, and how a file is made and sent."""
