"""Shared by the tests of projected renewals: their days, and queries of an agreement's renewals."""

from datetime import date
from typing import Any

from accords.models import Agreement, Renewal
from accords.services import RenewalChanges, renewals_changed
from tests import factories

TODAY = date(2026, 11, 23)
UNTIL = date(2036, 11, 23)
GENOCIDE = {
    "title": "Convention on the Prevention and Punishment of the Crime of Genocide",
    "instrument": "treaty",
    "status": "in_force",
    "effective": "1951-01-12",
    "term": "P10Y",
    "term_ends": "same_day",
    "renewal_mode": "automatic",
    "renewal_intervals": ["P5Y"],
    "notice_period": "P6M",
}


def project(agreement: Agreement, until: date = UNTIL) -> RenewalChanges:
    """Recompute the renewals of an agreement on the day whose horizon is `until`."""
    changes = renewals_changed([agreement.pk], on=until.replace(year=until.year - 10))
    agreement.refresh_from_db()
    return changes


def rows(agreement: Agreement, **which: Any) -> list[tuple[str, int, str]]:
    found = agreement.renewals.filter(**which).order_by("due_earliest", "kind", "sequence")
    return [(row.kind, row.sequence, row.due) for row in found]


def row(agreement: Agreement, sequence: int = 1, kind: str = "renegotiation") -> Renewal:
    return agreement.renewals.get(kind=kind, sequence=sequence)


def dues(agreement: Agreement) -> list[str]:
    return [due for _, _, due in rows(agreement)]


def record(agreement: Agreement, sequence: int = 1, **fields: Any) -> Renewal:
    """Save a row as the admin does."""
    found = row(agreement, sequence)
    for name, value in fields.items():
        setattr(found, name, value)
    return factories.save(found)


def stored() -> list[list[dict[str, Any]]]:
    """Return every column of every agreement and renewal, timestamps included."""
    return [list(model.objects.order_by("pk").values()) for model in (Agreement, Renewal)]
