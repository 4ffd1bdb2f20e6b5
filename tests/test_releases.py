"""Publishing and withdrawing: an agreement is published once every claim has a source's words behind it."""

from datetime import date

import pytest

from accords.missing_citations import missing_citations
from accords.models import Agreement
from accords.services import publish, withdraw
from tests import factories

pytestmark = pytest.mark.django_db


def test_what_lacks_evidence_is_not_published_and_says_why() -> None:
    press = factories.source()
    ready = factories.cite_claims(factories.agreement("ready", is_published=False), press)
    bare = factories.cite_claims(factories.agreement("bare", is_published=False, signed="2025"), press)
    bare.citations.filter(field__in=["signed", "term"]).delete()
    factories.renewal(bare, 1, basis="editorial")
    factories.renewal(bare, 2, basis="computed")
    found = publish(ids=[ready.pk, bare.pk], on=date(2026, 1, 1))
    assert found.changed == [ready]
    lacks = found.refused[bare.pk]
    assert [(type(lack.row).__name__, lack.field) for lack in lacks] == [
        ("Agreement", "signed"),
        ("Agreement", "term"),
        ("Renewal", ""),
    ]
    assert set(Agreement.objects.published()) == {ready}
    assert Agreement.history.filter(id=ready.pk).first().is_published


def test_what_is_not_stated_needs_no_citation() -> None:
    plain = factories.agreement(
        "plain", is_published=False, effective="", term="", renewal_intervals=[], renewal_mode="unspecified"
    )
    assert publish(ids=[plain.pk], on=date(2026, 1, 1)).changed == []
    factories.citation(plain, "un accord d'un an", factories.source())
    assert publish(ids=[plain.pk], on=date(2026, 1, 1)).changed == [plain]
    assert publish(ids=[plain.pk], on=date(2026, 1, 1)).changed == [], "it is published already"
    assert withdraw(ids=[plain.pk], on=date(2026, 1, 1)).changed == [plain]
    assert not Agreement.objects.published().exists()


def test_the_deal_lacks_nothing(deal: None) -> None:
    one = Agreement.objects.get(slug="us-china-rare-metals")
    assert missing_citations([one]) == {one.pk: []}
    assert withdraw(ids=[one.pk], on=date(2027, 1, 1)).changed == [one]
    assert publish(ids=[one.pk], on=date(2027, 1, 1)).changed == [one]
