"""How an agreement lies in time: its dates and terms, the days derived from them, and questions about a day."""

from dataclasses import fields
from datetime import date
from operator import attrgetter
from typing import Any, Self

from django.db import models
from django.db.models import Case, CharField, Q, Value, When
from django.db.models.lookups import Exact

from accords.db.fields import EdtfBound, duration, edtf_date, word
from accords.models.base import RecordQuerySet, VersionedRecord
from accords.rules import renewals, status
from accords.vocabulary import AgreementStatus, DateCertainty, RenewalMode, TemporalStatus

TERMS = tuple(field.name for field in fields(renewals.Terms))
_stated = attrgetter(*TERMS)


class ReadingDay(models.DateField):
    """One of the days between which `rules.status` reads an agreement's dates, derived at every save.

    Not served: it is the calendar's first or last day where nothing bounds it.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Never edited."""
        super().__init__(*args, **kwargs | {"editable": False, "default": date.max})

    def deconstruct(self) -> tuple[str, str, Any, Any]:
        """Without what is always so."""
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, {key: value for key, value in kwargs.items() if key not in ("editable", "default")}

    def pre_save(self, model_instance: Any, add: bool) -> date:
        """Derive the day anew."""
        of, _, side = self.attname.rpartition("_")
        day: date = getattr(getattr(status.spans(model_instance.terms, model_instance.renewals_concluded), of), side)
        setattr(model_instance, self.attname, day)
        return day


def state(on: date, starts: str, others: str) -> Case:
    """What an agreement is on a day under one reading of its dates, in SQL. Sides are `low` or `high`."""
    after = [When(renewal_mode=mode, then=Value(word)) for mode, word in status.AFTER_PERIOD.items()]
    over = Q(ends="") | Q((f"stated_end_{others}__lt", on))
    return Case(
        When(Q(status=AgreementStatus.TERMINATED) & over, then=Value(TemporalStatus.TERMINATED.value)),
        When(Q((f"last_ends_{others}__lt", on)), then=Value(TemporalStatus.LAPSED.value)),
        When(Q((f"starts_{starts}__gt", on)), then=Value(TemporalStatus.UPCOMING.value)),
        When(Q((f"period_ends_{others}__gte", on)), then=Value(TemporalStatus.CURRENT.value)),
        *after,
        output_field=CharField(),
    )


class TermQuerySet(RecordQuerySet):
    """Questions about a day."""

    def of_temporal_status(self, word: str, on: date) -> Self:
        """Agreements that are this on the day `on`; `unknown` where two readings of the dates differ."""
        low, high = state(on, "low", "low"), state(on, "high", "high")
        told = Case(
            When(Exact(low, high), then=low), default=Value(TemporalStatus.UNKNOWN.value), output_field=CharField()
        )
        return self.filter(Exact(told, Value(word)))

    def in_force_on(self, day: date, certainty: str) -> Self:
        """Agreements in force on a day, `possible` or `certain`."""
        if certainty == DateCertainty.CERTAIN:
            current = Exact(state(day, "high", "low"), Value(TemporalStatus.CURRENT.value))
            return self.filter(current, effective_latest__isnull=False).exclude(status=AgreementStatus.SUSPENDED)
        possible = [TemporalStatus.CURRENT.value, TemporalStatus.RENEWAL_DUE.value, TemporalStatus.UNKNOWN.value]
        return self.alias(read=state(day, "low", "high")).filter(read__in=possible)


class TermRecord(VersionedRecord):
    """The dates and terms of an agreement, and what follows from them."""

    announced = edtf_date("When it was announced.")
    announced_earliest = EdtfBound(of="announced", side="earliest", db_index=True)
    announced_latest = EdtfBound(of="announced", side="latest", db_index=True)
    signed = edtf_date("When it was signed.")
    signed_earliest = EdtfBound(of="signed", side="earliest", db_index=True)
    signed_latest = EdtfBound(of="signed", side="latest", db_index=True)
    effective = edtf_date("From when it applies.")
    effective_earliest = EdtfBound(of="effective", side="earliest", db_index=True)
    effective_latest = EdtfBound(of="effective", side="latest", db_index=True)
    ends = edtf_date(
        "Its last day, where a source states one; an end that follows from the term is a renewal date instead."
    )
    ends_earliest = EdtfBound(of="ends", side="earliest", db_index=True)
    ends_latest = EdtfBound(of="ends", side="latest", db_index=True)
    term = duration("How long its first term lasts: `P1Y`.")
    renewal_mode = word(
        RenewalMode, "What happens when a term ends. Renegotiation is not renewal.", default=RenewalMode.UNSPECIFIED
    )
    renewal_interval = duration("How long each further term lasts: `P1Y`.")
    notice_period = duration("How long before the end of a term notice must be given: `P6M`.")
    max_renewals = models.PositiveIntegerField(
        null=True, blank=True, help_text="How many times at most it can be renewed; null = not stated."
    )
    renewals_concluded = models.PositiveIntegerField(
        default=0,
        editable=False,
        help_text="How many renewals and renegotiations are recorded as concluded; kept by `actions`.",
    )
    starts_low = ReadingDay()
    starts_high = ReadingDay()
    period_ends_low = ReadingDay()
    period_ends_high = ReadingDay()
    last_ends_low = ReadingDay()
    last_ends_high = ReadingDay()
    stated_end_low = ReadingDay()
    stated_end_high = ReadingDay()

    class Meta:
        abstract = True

    @property
    def terms(self) -> renewals.Terms:
        """What it states about its time, as the rules take it."""
        return renewals.Terms(*_stated(self))

    @property
    def missing(self) -> list[str]:
        """The names of the dates and terms that no source states."""
        return status.missing({name: getattr(self, name) for name in status.STATED_FIELDS})

    @property
    def recurrence(self) -> str:
        """How the ends of its terms recur: an RFC 5545 RRULE, or empty. It begins with the first end."""
        return renewals.recurrence(self.terms)

    def temporal_status(self, on: date) -> str:
        """Where it stands on the day `on`: a word of `TemporalStatus`."""
        return status.temporal_status(self.terms, self.status, on, self.renewals_concluded)  # type: ignore[attr-defined]
