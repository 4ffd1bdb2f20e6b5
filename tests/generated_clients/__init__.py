"""Clients that are generated from the schema, compiled, and used against a live server. See `__main__`."""
