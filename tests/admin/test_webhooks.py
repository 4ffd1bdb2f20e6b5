"""Concurrent changes of a webhook, by two users or by a user and the delivery worker: none is overwritten unasked."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from accords.admin.edit_conflicts import fingerprint
from accords.api import webhook_worker
from accords.models import Webhook, WebhookDelivery
from tests.admin.forms import errors, form_data, messages, url
from tests.clients import Client

pytestmark = pytest.mark.django_db


@pytest.fixture
def webhook(boss: User) -> Webhook:
    return Webhook.objects.create(url="https://hooks.example/", owner=boss, resources=["clauses"])


def test_an_owner_deletes_a_webhook_with_the_log_of_its_deliveries(someone: Any) -> None:
    client = someone("view_webhook", "delete_webhook", "view_webhookdelivery")
    owned = Webhook.objects.create(url="https://own.example/", owner=User.objects.get(username="staff0"))
    delivery = WebhookDelivery.objects.create(webhook=owned, message="msg_1", kind="test", at=timezone.now(), error="")
    assert client.post(url(delivery, "delete"), {"post": "yes"}).status_code == 403
    assert client.post(url(owned, "delete"), {"post": "yes"}).status_code == 302
    assert not Webhook.objects.exists()


def values(webhook: Webhook) -> tuple[str, list[str], bool]:
    webhook.refresh_from_db()
    return webhook.url, webhook.resources, webhook.is_active


def test_a_save_keeps_what_someone_else_changed(editor: Client, webhook: Webhook) -> None:
    address = url(webhook, "change")
    mine = form_data(editor, address, resources="events")
    theirs = form_data(editor, address, url="https://theirs.example/")
    del theirs["is_active"]
    assert editor.post(address, theirs).status_code == 302
    response = editor.post(address, mine, follow=True)
    assert values(webhook) == ("https://theirs.example/", ["events"], False)
    assert "Kept what others changed meanwhile: Is active, URL." in messages(response)


@pytest.mark.parametrize("choice", ["mine", "theirs"])
def test_who_changes_what_someone_else_changed_chooses(editor: Client, webhook: Webhook, choice: str) -> None:
    address = url(webhook, "change")
    mine = form_data(editor, address, url="https://mine.example/", resources="events")
    theirs = form_data(editor, address, url="https://theirs.example/", resources="events\r\nrenewals")
    assert editor.post(address, theirs).status_code == 302
    refused = editor.post(address, mine)
    assert errors(refused).keys() == {"url", "resources"}
    assert "Someone else changed this meanwhile to “https://theirs.example/”." in errors(refused)["url"][0]
    assert values(webhook) == ("https://theirs.example/", ["events", "renewals"], True)
    stored = {"url": "https://theirs.example/", "resources": ["events", "renewals"]}
    chosen = {f"{name}-keep": f"{choice}@{fingerprint(value)}" for name, value in stored.items()}
    assert editor.post(address, mine | chosen).status_code == 302
    assert (
        values(webhook)
        == {
            "mine": ("https://mine.example/", ["events"], True),
            "theirs": ("https://theirs.example/", ["events", "renewals"], True),
        }[choice]
    )


def test_a_form_that_was_open_while_a_webhook_was_turned_off_does_not_turn_it_on(
    editor: Client, webhook: Webhook
) -> None:
    address = url(webhook, "change")
    mine = form_data(editor, address, resources="events")
    since = timezone.now() - webhook_worker.GIVE_UP
    Webhook.objects.filter(pk=webhook.pk).update(failing_since=since, attempts=40)
    webhook.refresh_from_db()
    webhook_worker.postpone(webhook, timezone.now())
    response = editor.post(address, mine, follow=True)
    assert values(webhook) == ("https://hooks.example/", ["events"], False)
    assert webhook.is_turned_off, "the list goes on showing why it is off"
    assert "Kept what others changed meanwhile: Is active." in messages(response)


def test_turning_a_failing_webhook_off_or_on_forgets_its_failures(editor: Client, webhook: Webhook) -> None:
    address = url(webhook, "change")
    for is_on in (False, True):
        failing_since = timezone.now() - timedelta(days=1)
        Webhook.objects.filter(pk=webhook.pk).update(failing_since=failing_since, attempts=9, is_active=not is_on)
        data = form_data(editor, address)
        data.pop("is_active", None)
        assert editor.post(address, data | ({"is_active": "on"} if is_on else {})).status_code == 302
        webhook.refresh_from_db()
        assert (webhook.is_active, webhook.failing_since, webhook.attempts) == (is_on, None, 0)
