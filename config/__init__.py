"""The Django project: its settings, its front door and how it is served. What accords is stands in `accords/`."""
