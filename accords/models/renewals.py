"""Renewals: the dates on which an agreement ends, goes on, or must be agreed again."""

from datetime import date
from functools import partial
from typing import Any, Self

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Exists, F, Min, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accords.db.constraints import FieldCheck, one_of, valid_edtf
from accords.db.date_bands import BAND_DAYS, DateBand
from accords.db.fields import EdtfBound, duration, edtf_date, word
from accords.db.parameters import derived
from accords.models.agreements import Agreement, AgreementQuerySet, Participation
from accords.models.base import Band, BaseQuerySet, VersionedModel
from accords.rules import durations, renewals, status
from accords.vocabulary import AgreementStatus, RenewalBasis, RenewalKind, RenewalMode, RenewalStatus

OPEN = (RenewalStatus.PROJECTED, RenewalStatus.SCHEDULED)  # no outcome is recorded
ANY_DAY = (date.min, date.max)


def days_before(days: int, day: date) -> date:
    """Return the date so many days before a day, or the first date of the calendar."""
    return date.fromordinal(max(1, day.toordinal() - days))


def end_of_period(on: date, duration: str) -> date:
    """Return the date an ISO 8601 duration after `on`, or the last date of the calendar."""
    try:
        return durations.add(on, duration)
    except durations.OutOfCalendar:
        return date.max


def replacements(of: str) -> AgreementQuerySet:
    """Return the published agreements that supersede the one at path `of` of the outer query."""
    found: AgreementQuerySet = Agreement.objects.published().filter(supersedes=OuterRef(of))
    return found


class RenewalQuerySet(BaseQuerySet):
    @property
    def period(self) -> tuple[Any, Any]:
        """Return the days (or `BoundParameter`s) between which all rows may be due, as far as filters set it.

        It is an attribute of `query`, because Django copies these to derived query sets.
        """
        return getattr(self.query, "due_period", ANY_DAY)

    def possibly_by(self, field: str, day: date) -> Self:
        return super().possibly_by(field, day)._within(date.min, day)

    def possibly_from(self, field: str, day: date) -> Self:
        return super().possibly_from(field, day)._within(day, date.max)

    def _within(self, first: Any, last: Any) -> Self:
        period = (derived(max, self.period[0], first), derived(min, self.period[1], last))
        self.query.due_period = period  # type: ignore[attr-defined]
        return self

    def date_bands(self, column: str) -> list[Band]:
        """Return the bands of due dates that have a first day, if a filter restricts when they fall due."""
        if column != "due_earliest" or self.period == ANY_DAY:
            return super().date_bands(column)
        first, last = self.period
        rows = self.alias(band=DateBand("due_earliest", "due_latest"))
        return [
            Band(rows.filter(band=band), date.min if days is None else derived(partial(days_before, days), first), last)
            for band, days in BAND_DAYS.items()
        ]

    def of_party(self, party: Any) -> Self:
        """Return the renewals of agreements in which this party has any role."""
        return self.filter(agreement__in=Participation.objects.filter(party=party).values("agreement"))

    def due_within(self, duration: Any, on: Any) -> Self:
        """Return the renewals that may be due from `on` until an ISO 8601 duration later, both days included."""
        return self.possibly_from("due", on).possibly_by("due", derived(end_of_period, on, duration))

    def overdue(self, overdue: bool, on: date) -> Self:
        """Return the renewals that are overdue on a day, or all others; `Renewal.is_overdue` in SQL.

        Nothing is overdue under an agreement that is terminated or superseded.
        """
        late = Q(due_latest__lt=on, status__in=OPEN, kind__in=status.ACTS)
        rolls_on = Q(kind=RenewalKind.RENEWAL, agreement__renewal_mode=RenewalMode.AUTOMATIC)
        terminated = Q(agreement__status=AgreementStatus.TERMINATED)
        # Separate conditions: inside an OR, PostgreSQL would scan all agreements for those that supersede another.
        found = self.possibly_by("due", on).filter(late, ~rolls_on, ~terminated, ~Exists(replacements("agreement")))
        return found if overdue else self.exclude(pk__in=found.order_by().values("pk"))

    def with_replacement(self) -> Self:
        """Annotate `replaced_from`: when a superseding agreement takes effect; year 1 if that is not stated."""
        unknown = Value(date.min, output_field=models.DateField())
        first = replacements("agreement").values("supersedes").annotate(day=Min(Coalesce("effective_latest", unknown)))
        return self.annotate(replaced_from=Subquery(first.values("day")))

    def without_outcome(self, without: bool, agreements: QuerySet[Agreement]) -> Self:
        """Return the renewals without an outcome among these agreements, or those with one."""
        came = Q(outcome__in=agreements)
        return self.exclude(came) if without else self.filter(came)

    def get_by_natural_key(self, agreement: str, kind: str, sequence: int) -> "Renewal":
        found: Renewal = self.get(agreement__slug=agreement, kind=kind, sequence=sequence)
        return found


class Renewal(VersionedModel):
    """A date on which an agreement expires, is renewed or renegotiated, or by which notice must be given."""

    agreement = models.ForeignKey(
        Agreement, models.CASCADE, verbose_name=_("agreement"), related_name="renewals", help_text=_("The agreement.")
    )
    sequence = models.PositiveIntegerField(
        _("sequence"), validators=[MinValueValidator(1)], help_text=_("Which one of its kind, from 1.")
    )
    kind = word(_("kind"), RenewalKind, _("What falls due."))
    due = edtf_date(_("due"), _("When it falls due."))
    due_earliest = EdtfBound(_("due earliest"), of="due", side="earliest")
    due_latest = EdtfBound(_("due latest"), of="due", side="latest")
    offset = duration(_("offset"), _("How long after the effective date it falls due: `P1Y`."))
    basis = word(_("basis"), RenewalBasis, _("What the date rests on."))
    status = word(_("status"), RenewalStatus, _("What became of it."), default=RenewalStatus.PROJECTED)
    outcome = models.ForeignKey(
        Agreement,
        models.PROTECT,
        verbose_name=pgettext_lazy("field", "outcome"),
        null=True,
        blank=True,
        related_name="outcome_of",
        help_text=_("The agreement that came of it, where it is another one."),
    )

    objects = RenewalQuerySet.as_manager()

    class Meta:
        verbose_name = pgettext_lazy("model", "renewal")
        verbose_name_plural = _("renewals")
        constraints = [
            one_of("kind", RenewalKind),
            one_of("basis", RenewalBasis),
            one_of("status", RenewalStatus),
            *valid_edtf("due"),
            FieldCheck(
                condition=Q(sequence__gte=1),
                name="renewal_sequence_from_one",
                field="sequence",
                database_only=True,
            ),
            FieldCheck(
                condition=Q(outcome__isnull=True) | Q(status=RenewalStatus.CONCLUDED),
                name="renewal_outcome_concluded",
                field="outcome",
                violation_error_code="not_concluded",
                violation_error_message=_("Only a concluded renewal has an outcome."),
            ),
            models.UniqueConstraint(
                fields=["agreement", "kind", "sequence"],
                name="renewal_once",
                violation_error_message=_("The agreement has a renewal date of this kind and number already."),
            ),
        ]
        indexes = [
            models.Index(fields=["due_earliest", "id"], name="renewal_by_earliest"),
            models.Index(fields=["due_latest", "id"], name="renewal_by_latest"),
            models.Index(  # in order, and with all by which a row is found: none is read for a page that it is not on
                DateBand(F("due_earliest"), F("due_latest")),
                *map(F, ("due_earliest", "id", "due_latest", "agreement")),
                name="renewal_due_by_band",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.sequence}: {self.due or self.offset}"

    @property
    def condition(self) -> str:
        """Return the condition on which it depends besides the renewals before it; blank if the terms state none."""
        return renewals.condition(self.agreement.terms, self.kind, self.sequence, self.due)

    def is_overdue(self, on: date) -> bool:
        """Return whether an act was due before the day `on` and nothing is recorded. Requires `with_replacement`."""
        if self.status not in OPEN or self.is_over():
            return False
        return status.overdue(self.kind, self.due, self.agreement.renewal_mode, on)

    def is_over(self) -> bool:
        """Return whether the agreement is terminated or superseded by a published one. Requires `with_replacement`."""
        replaced: Any = self.replaced_from  # type: ignore[attr-defined]
        return self.agreement.status == AgreementStatus.TERMINATED or replaced is not None

    def is_cancelled(self) -> bool:
        """Return whether it will not take place: missed, or open in an agreement that is certainly over before it.

        The end of a terminated agreement takes place. Requires `with_replacement`.
        """
        if self.status not in OPEN:
            return self.status == RenewalStatus.MISSED
        if self.agreement.status == AgreementStatus.TERMINATED:
            return self.kind != RenewalKind.EXPIRY
        replaced: date | None = self.replaced_from  # type: ignore[attr-defined]
        earliest: date | None = self.due_earliest
        return replaced is not None and replaced < (earliest or date.min)

    def natural_key(self) -> tuple[str, str, int]:
        return (self.agreement.slug, self.kind, self.sequence)


Renewal.natural_key.dependencies = ["accords.agreement"]  # type: ignore[attr-defined]
