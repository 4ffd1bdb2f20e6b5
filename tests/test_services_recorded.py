"""Projecting renewals beside what editors recorded, stated or cited: it is never overwritten, and never removed."""

from datetime import date
from typing import Any

import pytest

from accords.models import Renewal
from accords.services import RenewalChanges
from tests import factories
from tests.renewals_table import dues, project, record, row, rows

pytestmark = pytest.mark.django_db


def stored() -> list[dict[str, Any]]:
    """Return all renewals, without what moves when the agreement changes."""
    names = [field.attname for field in Renewal._meta.concrete_fields if field.name not in ("updated_at", "version")]
    return list(Renewal.objects.order_by("pk").values(*names))


@pytest.mark.parametrize("basis", ["stated", "editorial"])
def test_a_stated_or_editorial_row_takes_the_place_of_a_computed_one(basis: str) -> None:
    deal = factories.agreement()
    factories.renewal(deal, 2, due="2027-12-01", offset="", basis=basis)
    factories.renewal(deal, 1, kind="review", due="XXXX-04", offset="", basis=basis)
    before = stored()
    assert project(deal) == RenewalChanges(agreements=1, added=10, derived=1)
    assert stored()[:2] == before
    assert [due for _, sequence, due in rows(deal, kind="renegotiation") if sequence == 2] == ["2027-12-01"]
    deal.renewal_mode = "none"
    deal.save()
    project(deal)
    assert stored()[:2] == before


@pytest.mark.parametrize("recorded", [{"status": "scheduled"}, {"status": "concluded"}, {"status": "missed"}, {}])
def test_what_an_editor_recorded_is_never_overwritten(recorded: dict[str, str]) -> None:
    deal, successor = factories.agreement(), factories.agreement("successor")
    project(deal)
    renewal = record(deal, **recorded or {"status": "concluded", "outcome": successor})
    project(deal)
    found = row(deal)
    assert (found.status, found.outcome) == (renewal.status, renewal.outcome)
    deal.effective = "2025-11-10"
    deal.save()
    project(deal)
    found = row(deal)
    assert (found.due, found.status, found.outcome) == ("2026-11-10", renewal.status, renewal.outcome)


def test_a_recorded_row_stays_as_it_is_when_the_terms_give_none_any_more() -> None:
    deal = factories.agreement()
    project(deal)
    renewal = record(deal, status="concluded")
    deal.renewal_mode = "none"
    deal.save()
    project(deal)
    assert rows(deal) == [("expiry", 1, "2026-10-30"), ("renegotiation", 1, "2026-10-30")]
    assert (row(deal).due, row(deal).status) == (renewal.due, renewal.status)


def test_a_recorded_row_beyond_the_horizon_follows_the_terms() -> None:
    deal = factories.agreement()
    project(deal)
    record(deal, 10, status="scheduled")
    deal.effective = "2025-11-10"
    deal.save()
    project(deal, date(2027, 12, 31))
    assert dues(deal) == ["2026-11-10", "2027-11-10", "2035-11-10"]


def test_a_cited_row_is_never_removed_and_loses_a_date_that_no_longer_follows() -> None:
    deal = factories.deal()
    project(deal.agreement)
    deal.agreement.effective = "2025-11-10"
    deal.agreement.save()
    project(deal.agreement)
    assert row(deal.agreement).due == "2026-11-10"
    deal.agreement.effective = ""
    deal.agreement.save()
    assert project(deal.agreement) == RenewalChanges(agreements=1, changed=1, removed=10)
    found = row(deal.agreement)
    assert (found.due, found.due_earliest, found.due_latest, found.offset) == ("", None, None, "")
    assert found.citations.count() == 1
    assert project(deal.agreement) == RenewalChanges(agreements=1)


def test_a_cited_row_beyond_the_horizon_keeps_the_date_that_the_terms_give() -> None:
    deal = factories.deal()
    project(deal.agreement, date(2026, 1, 1))
    assert rows(deal.agreement) == [("renegotiation", 1, "2026-10-30")]
