"""manage.py run_daily_tasks: old entries of the feed go after the days of CHANGES_KEPT_DAYS."""

from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from accords.api.feed import settle
from accords.models import EditorialChange, PublicChange
from tests import factories


@pytest.mark.django_db
def test_entries_are_kept_as_long_as_the_setting_says(settings: Any) -> None:
    settings.CHANGES_KEPT_DAYS = 10
    factories.deal()
    settle()
    old = timezone.now() - timedelta(days=11)
    PublicChange.objects.filter(position__lte=3).update(at=old)
    EditorialChange.objects.filter(position__lte=2).update(at=old)
    output = StringIO()
    call_command("run_daily_tasks", stdout=output)
    assert "5 entries of the feed of changes deleted" in output.getvalue()
    assert "Computed until" in output.getvalue()
