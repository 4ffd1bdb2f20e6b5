"""The WSGI application that is served."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
os.environ.setdefault("ACCESS_LOG", "1")  # who serves tells requests; commands and tests do not unless they are told to
application = get_wsgi_application()
