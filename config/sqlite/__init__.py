"""The database backend for SQLite: Django's own, with private files and a fair queue of writers."""
