"""The ASGI application, for servers that need one."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
os.environ.setdefault("ACCESS_LOG", "1")  # requests are logged by servers, and not by commands and tests
application = get_asgi_application()
