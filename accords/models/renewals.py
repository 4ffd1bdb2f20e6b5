"""Renewals: the dates on which an agreement ends, continues, or must be agreed again."""

from datetime import date
from functools import partial
from typing import Any, Self

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, When
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accords.db.compiled_query import call_when_bound
from accords.db.constraints import FieldCheck, one_of, valid_edtf
from accords.db.date_bands import BAND_DAYS, DateBand
from accords.db.fields import EdtfBound, duration_field, edtf_field, word_field
from accords.models.agreements import Agreement, Participation, later_agreements
from accords.models.base import Band, BaseQuerySet, VersionedModel, raise_cycle_error
from accords.rules import durations, status, terms
from accords.vocabulary import AgreementStatus, RenewalBasis, RenewalKind, RenewalMode, RenewalStatus

DEADLINE_KINDS = tuple(RenewalKind(kind) for kind in dict.fromkeys(terms.DEADLINES.values()))
# `Renewal.rests_on` in SQL.
RESTS_ON = Case(
    When(basis=RenewalBasis.COMPUTED, kind__in=DEADLINE_KINDS, then=F("agreement__deadlines_rest_on")),
    When(basis=RenewalBasis.COMPUTED, then=F("agreement__rests_on")),
    default=F("basis"),
    output_field=models.CharField(),
)
OPEN = (RenewalStatus.PROJECTED, RenewalStatus.SCHEDULED)  # no outcome is recorded
ANY_DAY = (date.min, date.max)


def days_before(days: int, day: date) -> date:
    """Return the date that is `days` before a day, or the first date of the calendar."""
    return date.fromordinal(max(1, day.toordinal() - days))


def end_of_period(on: date, duration: str) -> date:
    """Return the date an ISO 8601 duration after `on`, or the last date of the calendar."""
    try:
        return durations.add(on, duration)
    except durations.OutOfCalendar:
        return date.max


class RenewalQuerySet(BaseQuerySet):
    @property
    def period(self) -> tuple[Any, Any]:
        """Return the days (or `BoundParameter`s) between which all rows may be due, as far as filters set it.

        It is an attribute of `query`, because Django copies these to derived query sets.
        """
        return getattr(self.query, "due_period", ANY_DAY)

    def possibly_by(self, field: str, day: date) -> Self:
        return super().possibly_by(field, day)._narrow_period(date.min, day)

    def possibly_from(self, field: str, day: date) -> Self:
        return super().possibly_from(field, day)._narrow_period(day, date.max)

    def _narrow_period(self, first: Any, last: Any) -> Self:
        """Narrow the days between which all rows may be due, which `date_bands` reads from the query."""
        period = (call_when_bound(max, self.period[0], first), call_when_bound(min, self.period[1], last))
        self.query.due_period = period  # type: ignore[attr-defined]  # kept when the query is copied
        return self

    def date_bands(self, column: str) -> list[Band]:
        """Return bands of the dates with a first day, if the column is `due_earliest` and a filter sets a period."""
        if column != "due_earliest" or self.period == ANY_DAY:
            return super().date_bands(column)
        first, last = self.period
        rows = self.alias(band=DateBand("due_earliest", "due_latest"))
        return [
            Band(
                rows.filter(band=band),
                date.min if days is None else call_when_bound(partial(days_before, days), first),
                last,
            )
            for band, days in BAND_DAYS.items()
        ]

    def of_party(self, party: Any) -> Self:
        """Return the renewals of agreements in which this party has any role."""
        return self.filter(agreement__in=Participation.objects.filter(party=party).values("agreement"))

    def due_within(self, duration: Any, on: Any) -> Self:
        """Return the renewals that may be due from `on` until an ISO 8601 duration later, both days included."""
        return self.possibly_from("due", on).possibly_by("due", call_when_bound(end_of_period, on, duration))

    def overdue(self, overdue: bool, on: date) -> Self:
        """Return the renewals that are overdue on a day, or all others; `Renewal.is_overdue` in SQL.

        Nothing is overdue under an agreement that may be terminated or superseded by that day.
        """
        is_late = Q(due_latest__lt=on, status__in=OPEN, kind__in=status.ACTS)
        is_automatic = Q(kind=RenewalKind.RENEWAL, agreement__renewal_mode=RenewalMode.AUTOMATIC)
        is_terminated = Q(agreement__status=AgreementStatus.TERMINATED, agreement__status_before_low__lt=on)
        is_not_over = ~is_terminated & Q(agreement__superseded_low__gte=on)
        matches = self.possibly_by("due", on).filter(is_late, ~is_automatic, is_not_over)
        return matches if overdue else self.filter(~Exists(matches.order_by().filter(pk=OuterRef("pk"))))

    def resting_on(self, basis: str) -> Self:
        """Return the renewals that rest on this basis, `stated` or `editorial`; `Renewal.rests_on` in SQL."""
        is_deadline = Q(kind__in=DEADLINE_KINDS)
        matches = (is_deadline & Q(agreement__deadlines_rest_on=basis)) | (~is_deadline & Q(agreement__rests_on=basis))
        return self.filter(Q(basis=basis) | (Q(basis=RenewalBasis.COMPUTED) & matches))

    def without_outcome(self, without: bool, agreements: QuerySet[Agreement]) -> Self:
        """Return the renewals without an outcome among these agreements, or those with one."""
        # The first condition follows from the second, but lets the database read only the rows that have an outcome.
        has_outcome = Q(outcome__isnull=False) & Q(outcome__in=agreements)
        return self.exclude(has_outcome) if without else self.filter(has_outcome)

    def get_by_natural_key(self, agreement: str, kind: str, sequence: int) -> "Renewal":
        renewal: Renewal = self.get(agreement__slug=agreement, kind=kind, sequence=sequence)
        return renewal


class Renewal(VersionedModel):
    """A date on which an agreement expires, is renewed or renegotiated, or by which notice must be given."""

    agreement = models.ForeignKey(
        Agreement, models.CASCADE, verbose_name=_("agreement"), related_name="renewals", help_text=_("The agreement.")
    )
    sequence = models.PositiveIntegerField(
        _("sequence"), validators=[MinValueValidator(1)], help_text=_("Which one of its kind, from 1.")
    )
    kind = word_field(_("kind"), RenewalKind, _("The kind of date."))
    due = edtf_field(_("due"), _("The day; of a deadline, the last day on which the act is in time."))
    due_earliest = EdtfBound(_("due earliest"), of="due", side="earliest")
    due_latest = EdtfBound(_("due latest"), of="due", side="latest")
    offset = duration_field(_("offset"), _("How long after the effective date it falls due: `P1Y`."))
    basis = word_field(_("basis"), RenewalBasis, _("The origin of the date."))
    status = word_field(_("status"), RenewalStatus, _("The outcome so far."), default=RenewalStatus.PROJECTED)
    outcome = models.ForeignKey(
        Agreement,
        models.RESTRICT,
        verbose_name=pgettext_lazy("field", "outcome"),
        null=True,
        blank=True,
        related_name="outcome_of",
        help_text=_("The agreement that it led to, which takes the place of this one, if it is another."),
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
            models.Index(fields=["due_earliest", "id", "agreement", "basis"], name="renewal_by_earliest"),
            models.Index(fields=["due_latest", "id"], name="renewal_by_latest"),
            models.Index(fields=["kind", "id"], name="renewal_by_kind"),
            models.Index(fields=["sequence", "id"], name="renewal_by_sequence"),
            models.Index(  # in order, and with all columns that filters test: no row outside the page is read
                DateBand(F("due_earliest"), F("due_latest")),
                *map(F, ("due_earliest", "id", "due_latest", "agreement")),
                name="renewal_due_by_band",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.sequence}: {self.due or self.offset}"

    def clean(self) -> None:
        """Refuse an outcome that the agreement supersedes itself, directly or through others."""
        outcome = self.outcome_id
        if outcome not in (None, self.agreement_id) and self.agreement_id in later_agreements(outcome):
            raise_cycle_error("outcome")

    @property
    def condition(self) -> str:
        """Return the condition on which it depends besides the renewals before it; blank if the terms state none."""
        return terms.condition(self.agreement.terms, self.kind, self.sequence)

    @property
    def opens(self) -> str:
        """Return the first day (EDTF) on which this notice can be given or option exercised, as `terms.opens` does."""
        return terms.opens(self.agreement.terms, self.kind, self.sequence)

    @property
    def rests_on(self) -> str:
        """Return the weakest evidence for the date: a computed one rests on what its agreement or its deadlines do."""
        if self.basis != RenewalBasis.COMPUTED:
            return self.basis
        return self.agreement.deadlines_rest_on if self.kind in DEADLINE_KINDS else self.agreement.rests_on

    @property
    def is_only_computed(self) -> bool:
        """Return whether the date is computed, and nobody has recorded a status or an outcome."""
        is_computed = self.basis == RenewalBasis.COMPUTED
        return is_computed and self.status == RenewalStatus.PROJECTED and self.outcome_id is None

    def is_overdue(self, on: date) -> bool:
        """Return whether someone had to act before the day `on`, nothing is recorded, and the agreement is not over."""
        if self.status not in OPEN or not status.overdue(self.kind, self.due, self.agreement.renewal_mode, on):
            return False
        return not status.may_be_over(self.agreement.lifecycle, on)

    def is_cancelled(self) -> bool:
        """Return whether it will not take place: missed, or open in an agreement that is over before it.

        If the agreement was terminated on an unknown day, this cancels every open date but the expiry.
        """
        if self.status not in OPEN:
            return self.status == RenewalStatus.MISSED
        due: date | None = self.due_earliest
        earliest = due or date.min
        if self.agreement.status == AgreementStatus.TERMINATED:
            last_day = self.agreement.status_before_high
            if last_day < earliest or (last_day == date.max and self.kind != RenewalKind.EXPIRY):
                return True
        return self.agreement.superseded_high < earliest

    def natural_key(self) -> tuple[str, str, int]:
        return (self.agreement.slug, self.kind, self.sequence)


Renewal.natural_key.dependencies = ["accords.agreement"]  # type: ignore[attr-defined]  # read by Django from the function
