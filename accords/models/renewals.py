"""Renewals: the dates on which an agreement ends, goes on, or must be agreed again."""

from datetime import date
from functools import partial
from typing import Any, Self

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Exists, F, Min, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from accords.db.constraints import RowRule, edtf_kept, one_of
from accords.db.date_bands import SPREADS, Spread
from accords.db.fields import EdtfBound, duration, edtf_date, word
from accords.db.parameters import derived
from accords.models.agreements import Agreement, AgreementQuerySet, Participation
from accords.models.base import RecordQuerySet, Strand, VersionedRecord
from accords.rules import durations, renewals, status
from accords.vocabulary import AgreementStatus, RenewalBasis, RenewalKind, RenewalMode, RenewalStatus

OPEN = (RenewalStatus.PROJECTED, RenewalStatus.SCHEDULED)  # nothing is recorded of what became of it


def back(days: int, day: date) -> date:
    """So many days before a day; no earlier than the calendar's first."""
    return date.fromordinal(max(1, day.toordinal() - days))


def last_day(on: date, duration: str) -> date:
    """The day that lies an ISO 8601 duration after `on`; the calendar's last where that is not in it."""
    try:
        return durations.add(on, duration)
    except durations.OutOfCalendar:
        return date.max


def replacements(of: str) -> AgreementQuerySet:
    """The published agreements that replace the one to which the outer query's `of` points."""
    found: AgreementQuerySet = Agreement.objects.published().filter(supersedes=OuterRef(of))
    return found


class RenewalQuerySet(RecordQuerySet):
    """Questions about what falls due. `window` holds the days between which all rows may fall due, as far as asked."""

    window: tuple[Any, Any] = (date.min, date.max)  # days, or `BoundParameter`

    def _clone(self) -> Self:
        clone: Self = super()._clone()
        clone.window = self.window
        return clone

    def possibly_by(self, field: str, day: date) -> Self:
        """Rows that may fall due on or before the day."""
        return super().possibly_by(field, day)._within(date.min, day)

    def possibly_from(self, field: str, day: date) -> Self:
        """Rows that may fall due on or after the day."""
        return super().possibly_from(field, day)._within(day, date.max)

    def _within(self, first: Any, last: Any) -> Self:
        self.window = (derived(max, self.window[0], first), derived(min, self.window[1], last))
        return self

    def strands(self, column: str) -> list[Strand]:
        """Those of due dates with a first day, one for each spread, as far as it was asked when they fall due."""
        if column != "due_earliest" or self.window is RenewalQuerySet.window:
            return super().strands(column)
        spread = self.alias(spread=Spread("due_earliest", "due_latest"))
        return [
            Strand(spread.filter(spread=width), self._lowest(days), self.window[1]) for width, days in SPREADS.items()
        ]

    def _lowest(self, days: int | None) -> Any:
        """The earliest first day of a date that leaves so many days open."""
        return date.min if days is None else derived(partial(back, days), self.window[0])

    def of_party(self, party: Any) -> Self:
        """Renewal dates of agreements in which this party has any role."""
        return self.filter(agreement__in=Participation.objects.filter(party=party).values("agreement"))

    def due_within(self, duration: Any, on: Any) -> Self:
        """Dates that may fall due from the day `on` until this ISO 8601 duration later, both included."""
        return self.possibly_from("due", on).possibly_by("due", derived(last_day, on, duration))

    def overdue(self, overdue: bool, on: date) -> Self:
        """Dates certainly before the day `on` by which someone had to act, with nothing recorded; or all others.

        `Renewal.is_overdue` in SQL. Nothing is overdue under an agreement that is terminated or replaced.
        """
        late = Q(due_latest__lt=on, status__in=OPEN, kind__in=status.ACTS)
        rolls_on = Q(kind=RenewalKind.RENEWAL, agreement__renewal_mode=RenewalMode.AUTOMATIC)
        terminated = Q(agreement__status=AgreementStatus.TERMINATED)
        # Each on its own: within an OR, PostgreSQL would look through all agreements for those that replace another.
        found = self.possibly_by("due", on).filter(late, ~rolls_on, ~terminated, ~Exists(replacements("agreement")))
        return found if overdue else self.exclude(pk__in=found.order_by().values("pk"))

    def with_replacement(self) -> Self:
        """Each with `replaced_from`: when the agreement that replaces its own takes effect; year 1 if not said."""
        unknown = Value(date.min, output_field=models.DateField())
        first = replacements("agreement").values("supersedes").annotate(day=Min(Coalesce("effective_latest", unknown)))
        return self.annotate(replaced_from=Subquery(first.values("day")))

    def without_outcome(self, without: bool, agreements: QuerySet[Agreement]) -> Self:
        """Renewal dates of which none of these agreements came; or one of them did."""
        came = Q(outcome__in=agreements)
        return self.exclude(came) if without else self.filter(came)

    def get_by_natural_key(self, agreement: str, kind: str, sequence: int) -> "Renewal":
        """The renewal date of that kind and number of that agreement."""
        found: Renewal = self.get(agreement__slug=agreement, kind=kind, sequence=sequence)
        return found


class Renewal(VersionedRecord):
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
            models.Index(  # in order, and with all by which a row is found: none is read for a page that it is not on
                Spread(F("due_earliest"), F("due_latest")),
                *map(F, ("due_earliest", "id", "due_latest", "agreement")),
                name="renewal_due_by_spread",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.sequence}: {self.due or self.offset}"

    @property
    def condition(self) -> str:
        """On what it depends, besides every date before it; blank where the terms say nothing of such a date."""
        return renewals.condition(self.agreement.terms, self.kind, self.sequence, self.due)

    def is_overdue(self, on: date) -> bool:
        """Whether someone had to act before the day `on` and nothing is recorded; needs `with_replacement`."""
        if self.status not in OPEN or self.is_over():
            return False
        return status.overdue(self.kind, self.due, self.agreement.renewal_mode, on)

    def is_over(self) -> bool:
        """Whether the agreement is terminated or replaced by a published one; needs `with_replacement`."""
        replaced: Any = self.replaced_from  # type: ignore[attr-defined]
        return self.agreement.status == AgreementStatus.TERMINATED or replaced is not None

    def is_cancelled(self) -> bool:
        """Whether it is known not to take place: missed, or open in an agreement that is certainly over before it.

        The end of a terminated agreement takes place. Needs `with_replacement`.
        """
        if self.status not in OPEN:
            return self.status == RenewalStatus.MISSED
        if self.agreement.status == AgreementStatus.TERMINATED:
            return self.kind != RenewalKind.EXPIRY
        replaced: date | None = self.replaced_from  # type: ignore[attr-defined]
        earliest: date | None = self.due_earliest
        return replaced is not None and replaced < (earliest or date.min)

    def natural_key(self) -> tuple[str, str, int]:
        """Agreement, kind and sequence."""
        return (self.agreement.slug, self.kind, self.sequence)


Renewal.natural_key.dependencies = ["accords.agreement"]  # type: ignore[attr-defined]
