"""accords: agreements as data. This is the one place of the version, which the schema and the wheel take from here."""

__version__ = "0.1.0"
