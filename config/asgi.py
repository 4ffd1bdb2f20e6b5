"""The ASGI application, for those who deploy on an asynchronous server."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
os.environ.setdefault("ACCESS_LOG", "1")  # who serves tells requests; commands and tests do not unless they are told to
application = get_asgi_application()
