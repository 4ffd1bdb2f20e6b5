"""The Django project: settings, URLs, logging, health probes and the server."""
