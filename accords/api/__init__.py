"""The REST API: read it from urls.py inward."""
