"""Renewals: the dates on which an agreement ends, goes on, or must be agreed again."""

from datetime import date
from typing import Self

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q

from accords.models.agreements import Agreement
from accords.models.base import Record, RecordQuerySet
from accords.models.constraints import RowRule, edtf_kept, one_of
from accords.models.fields import EdtfBound, duration, edtf_date, word
from accords.models.parties import Party
from accords.rules import durations
from accords.vocabulary import RenewalBasis, RenewalKind, RenewalStatus

OPEN = (RenewalStatus.PROJECTED, RenewalStatus.SCHEDULED)  # nothing is recorded of what became of it


class RenewalQuerySet(RecordQuerySet):
    """Questions about what falls due."""

    def of_party(self, party: Party) -> Self:
        """Renewal dates of agreements in which this party has any role."""
        return self.filter(agreement__in=party.participations.values("agreement"))

    def due_within(self, duration: str, on: date) -> Self:
        """Dates that may fall due from the day `on` until this ISO 8601 duration later, both included."""
        return self.possibly_from("due", on).possibly_by("due", durations.add(on, duration))

    def overdue(self, overdue: bool, on: date) -> Self:
        """Dates certainly before the day `on` of which no outcome is recorded; or all others."""
        late = Q(due_latest__lt=on, status__in=OPEN)
        return self.filter(late) if overdue else self.filter(~late | Q(due_latest__isnull=True))

    def get_by_natural_key(self, agreement: str, kind: str, sequence: int) -> "Renewal":
        """The renewal date of that kind and number of that agreement."""
        found: Renewal = self.get(agreement__slug=agreement, kind=kind, sequence=sequence)
        return found


class Renewal(Record):
    """A date on which an agreement expires, is renewed or renegotiated, or by which notice must be given."""

    agreement = models.ForeignKey(Agreement, models.CASCADE, related_name="renewals", help_text="The agreement.")
    sequence = models.PositiveIntegerField(
        validators=[MinValueValidator(1)], help_text="Which one of its kind, from 1."
    )
    kind = word(RenewalKind, "What falls due.")
    due = edtf_date("When it falls due.")
    due_earliest = EdtfBound(of="due", side="earliest")
    due_latest = EdtfBound(of="due", side="latest")
    offset = duration("How long after the effective date it falls due: `P1Y`.")
    basis = word(RenewalBasis, "What the date rests on.")
    status = word(RenewalStatus, "What became of it.", default=RenewalStatus.PROJECTED)
    outcome = models.ForeignKey(
        Agreement,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="outcome_of",
        help_text="The agreement that came of it, where it is another one.",
    )

    objects = RenewalQuerySet.as_manager()

    class Meta:
        constraints = [
            one_of("kind", RenewalKind),
            one_of("basis", RenewalBasis),
            one_of("status", RenewalStatus),
            *edtf_kept("due"),
            RowRule(
                condition=Q(sequence__gte=1),
                name="renewal_sequence_from_one",
                field="sequence",
                told=False,
            ),
            RowRule(
                condition=Q(outcome__isnull=True) | Q(status=RenewalStatus.CONCLUDED),
                name="renewal_outcome_concluded",
                field="outcome",
                violation_error_code="not_concluded",
                violation_error_message="Only a concluded renewal has an outcome.",
            ),
            models.UniqueConstraint(
                fields=["agreement", "kind", "sequence"],
                name="renewal_once",
                violation_error_message="The agreement has a renewal date of this kind and number already.",
            ),
        ]
        indexes = [
            models.Index(fields=["due_earliest", "id"], name="renewal_by_earliest"),
            models.Index(fields=["due_latest", "id"], name="renewal_by_latest"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.sequence}: {self.due or self.offset}"

    def natural_key(self) -> tuple[str, str, int]:
        """Agreement, kind and sequence."""
        return (self.agreement.slug, self.kind, self.sequence)


Renewal.natural_key.dependencies = ["accords.agreement"]  # type: ignore[attr-defined]
