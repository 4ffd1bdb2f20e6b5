"""The version stands once, in `accords.__version__`; the wheel is checked by tests/wheel.sh."""

import re
import subprocess
import sys

from django.conf import settings

from accords import __version__


def test_the_schema_the_command_and_the_changelog_name_one_version() -> None:
    command = subprocess.run(
        [sys.executable, "manage.py", "--version"], cwd=settings.BASE_DIR, capture_output=True, text=True, check=True
    )
    changelog = (settings.BASE_DIR / "CHANGELOG.md").read_text(encoding="utf-8")
    releases = re.findall(r"^## \[([0-9.]+)\]", changelog, re.MULTILINE)
    assert re.fullmatch(r"[0-9]+\.[0-9]+\.[0-9]+", __version__)
    assert settings.SPECTACULAR_SETTINGS["VERSION"] == __version__
    assert command.stdout.startswith(f"accords {__version__} (Django 5.")
    assert releases[0] == __version__
