"""Django's commands for accords: the `accords` command of an installed wheel; `manage.py` in a checkout."""

import os
import sys

import django
from django.core.management import execute_from_command_line

from accords import __version__


def main() -> None:
    if sys.argv[1:] in (["version"], ["--version"]):
        print(f"accords {__version__} (Django {django.__version__})")  # noqa: T201 - the answer to the command
        return
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
