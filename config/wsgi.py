"""The WSGI application."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
os.environ.setdefault("ACCESS_LOG", "1")  # requests are logged by servers, and not by commands and tests
application = get_wsgi_application()
