"""Annotations, read beside the texts of their sources: every quote is verified, then rows or fixtures are written."""
