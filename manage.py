#!/usr/bin/env python3
"""Django's commands for accords: `.venv/bin/python manage.py help` lists them."""

import os
import sys

try:
    from django.core.management import execute_from_command_line
except ImportError as error:
    raise SystemExit(f"{error}. Run `make serve` once, then call this with .venv/bin/python.") from error

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    execute_from_command_line(sys.argv)
