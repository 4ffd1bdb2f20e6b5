"""Shared by the tests of histories: reading them, and a deal that is published and withdrawn."""

from typing import Any

from accords.models import Agreement
from tests import factories
from tests.api.addresses import BASE, SLUGGED
from tests.clients import Client


def history(client: Client, noun: str, row: Any, query: str = "") -> list[dict[str, Any]]:
    """Return the first page of a row's history."""
    key = row.slug if noun in SLUGGED else row.pk
    answer = client.get(f"{BASE}/{noun}/{key}/history{query}")
    assert answer.status_code == 200, answer.content
    found: list[dict[str, Any]] = answer.json()["results"]
    return found


def kinds(entries: list[dict[str, Any]]) -> list[str]:
    return [entry["kind"] for entry in entries]


def changed(entry: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Return the changed fields of an entry, before and after."""
    return {change["field"]: (change["before"], change["after"]) for change in entry["changes"]}


def publish(deal: factories.FixtureRows, published: bool = True) -> None:
    """Publish the deal's agreement, or withdraw it."""
    Agreement.objects.filter(pk=deal.agreement.pk).update(is_published=published)
