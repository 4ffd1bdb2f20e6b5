"""The ASGI application, for servers that need one."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
os.environ.setdefault("ACCESS_LOG", "1")  # a server logs requests; commands and tests do not unless told to
application = get_asgi_application()
