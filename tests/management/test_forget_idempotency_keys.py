"""manage.py forget_idempotency_keys: old responses are deleted, those still promised are kept."""

from datetime import timedelta
from io import StringIO

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.utils import timezone

from accords.models import IdempotencyKey


@pytest.mark.django_db
def test_keys_are_kept_as_long_as_promised_and_then_forgotten() -> None:
    caller = User.objects.create_user("service")
    for hours in (1, 23, 25, 49, 100):
        idempotency_key = IdempotencyKey.objects.create(
            caller=caller, key=str(hours), fingerprint="", status=201, body=b"{}"
        )
        IdempotencyKey.objects.filter(pk=idempotency_key.pk).update(created_at=timezone.now() - timedelta(hours=hours))
    output = StringIO()
    call_command("forget_idempotency_keys", stdout=output)
    assert output.getvalue() == "2 deleted\n"
    call_command("forget_idempotency_keys", "--hours", "24", stdout=output)
    assert {*IdempotencyKey.objects.values_list("key", flat=True)} == {"1", "23"}
    with pytest.raises(CommandError, match="24 hours"):
        call_command("forget_idempotency_keys", "--hours", "23")
    with pytest.raises(CommandError, match="876000 hours"):
        call_command("forget_idempotency_keys", "--hours", "99999999")
    call_command("forget_idempotency_keys", "--hours", "876000", stdout=output)
