"""What follows from a write for other rows: computed renewal dates, in the same transaction."""

from collections.abc import Iterable
from typing import Any

from rest_framework import exceptions, status

from accords.api.filters.parts import today
from accords.models import Agreement, Renewal
from accords.services import horizon, project_renewals
from accords.vocabulary import RenewalBasis


class Undone(exceptions.APIException):
    """What was asked would be undone at once by what follows from it."""

    status_code = status.HTTP_409_CONFLICT
    default_code = "follows_from_terms"
    default_detail = (
        "A computed renewal date follows from its agreement's terms: change those, or enter a date that is stated."
    )


def settle(agreements: Iterable[int | None]) -> None:
    """Bring the computed renewal dates of agreements, by id, into line with their terms."""
    for agreement in Agreement.objects.filter(pk__in={pk for pk in agreements if pk}).order_by("pk"):
        project_renewals(agreement=agreement, until=horizon(today()))


def touched(row: Any, before: dict[str, Any]) -> set[int | None]:
    """The agreements whose renewal dates may follow from a row that was written or deleted."""
    if isinstance(row, Agreement):
        return {row.pk, row.supersedes_id, before.get("supersedes_id")}
    return {row.agreement_id} if isinstance(row, Renewal) else set()


def refuse_undone(row: Any) -> None:
    """Raise `Undone` for a renewal date that was written and did not last."""
    if isinstance(row, Renewal) and not Renewal.objects.filter(pk=row.pk).exists():
        raise Undone


def refuse_redone(row: Any) -> None:
    """Raise `Undone` for a computed renewal date that was deleted and is there again."""
    if isinstance(row, Renewal) and row.basis == RenewalBasis.COMPUTED:
        same = {"agreement_id": row.agreement_id, "kind": row.kind, "sequence": row.sequence}
        if Renewal.objects.filter(**same, basis=RenewalBasis.COMPUTED).exists():
            raise Undone
