"""Fixtures from seeds: reads the annotations beside the sources' texts, verifies every quote, writes fixtures."""
