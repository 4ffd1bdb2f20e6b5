"""Shared by the tests of the reading desk: its addresses, its context, and the requests of its page."""

import json
import re
from typing import Any

from django.urls import reverse

from accords.models import Agreement, Source
from tests.clients import Client

WORDS = "Les droits de douane passent de 57 % à 47 % 🌾"
CITE = ("view_source", "add_citation", "view_agreement", "view_citation")


def address(of: Source, name: str = "read") -> str:
    """Return the address of a source's desk, or of one of its actions."""
    return reverse(f"admin:accords_source_{name}", args=[of.pk])


def data(client: Client, of: Source) -> Any:
    """Return the data from which the page is drawn."""
    page = client.get(address(of)).content.decode()
    found = re.search(r'<script id="desk-data" type="application/json">(.*?)</script>', page, re.DOTALL)
    assert found
    return json.loads(found[1])


def passage(of: Source, words: str = WORDS, **changes: Any) -> dict[str, Any]:
    """Return words of a source as the page sends them when they are selected."""
    start = of.text.index(words)
    return {"sha256": of.sha256, "start": start, "end": start + len(words), "exact": words} | changes


def tariff(of: Source, belongs_to: Agreement, **changes: Any) -> dict[str, Any]:
    """Return a tariff clause as the page sends it."""
    rows = {"parties-TOTAL_FORMS": "0", "parties-INITIAL_FORMS": "0"}
    fields = {"type": "tariff", "standing": "outcome", "modality": "obligation", "scope": "unspecified"}
    named = {"make": "clause", "agreement": belongs_to.pk, "title": WORDS, "text": WORDS, "language": "fr"}
    return passage(of) | rows | fields | named | changes


def problems(answer: Any) -> Any:
    """Return the errors of a refused request."""
    assert answer.status_code == 400, answer.content
    return answer.json()["problems"]
