"""What follows from a write for other rows: computed renewal dates, in the same transaction."""

from typing import Any

from rest_framework import exceptions, status

from accords.models import Renewal
from accords.vocabulary import RenewalBasis


class Undone(exceptions.APIException):
    """What was asked would be undone at once by what follows from it."""

    status_code = status.HTTP_409_CONFLICT
    default_code = "follows_from_terms"
    default_detail = (
        "A computed renewal date follows from its agreement's terms: change those, or enter a date that is stated."
    )


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
