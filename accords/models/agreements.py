"""Agreements, their dates and terms, and their participants."""

from dataclasses import fields
from datetime import date
from operator import attrgetter
from typing import Any, Self

from django.db import models
from django.db.models import Case, CharField, Exists, OuterRef, Q, Value, When
from django.db.models.lookups import Exact
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accords.db.constraints import calendar_duration, not_blank, not_itself, one_of, valid_edtf
from accords.db.fields import EdtfBound, Line, Slug, duration, edtf_date, word
from accords.db.search_index import Words, index_of
from accords.models.base import BaseQuerySet, TimestampedModel, VersionedModel, refuse_loop
from accords.models.parties import Party
from accords.rules import status
from accords.rules.renewals import Terms, recurrence
from accords.vocabulary import (
    AgreementStatus,
    DateCertainty,
    EffectiveBasis,
    Instrument,
    PartyRole,
    RenewalMode,
    SourceKind,
    TemporalStatus,
)

TERMS = tuple(field.name for field in fields(Terms))


def temporal_status_on(day: date, starts: str, others: str) -> Case:
    """Return an agreement's temporal status under one reading of its dates; `rules.status` in SQL.

    `starts` and `others` are `low` or `high`: the reading of the effective date, and of the ends.
    """
    after = [When(renewal_mode=mode, then=Value(word)) for mode, word in status.AFTER_PERIOD.items()]
    ended = Q(ends="") | Q((f"stated_end_{others}__lt", day))
    return Case(
        When(Q(status=AgreementStatus.TERMINATED) & ended, then=Value(TemporalStatus.TERMINATED.value)),
        When(Q((f"last_ends_{others}__lt", day)), then=Value(TemporalStatus.LAPSED.value)),
        When(Q((f"starts_{starts}__gt", day)), then=Value(TemporalStatus.UPCOMING.value)),
        When(Q((f"period_ends_{others}__gte", day)), then=Value(TemporalStatus.CURRENT.value)),
        *after,
        output_field=CharField(),
    )


class AgreementQuerySet(BaseQuerySet):
    published_path = "is_published"

    def of_temporal_status(self, word: str, on: date) -> Self:
        """Return the agreements of a temporal status on a day; `unknown` if two readings of the dates differ."""
        low, high = temporal_status_on(on, "low", "low"), temporal_status_on(on, "high", "high")
        unknown = Value(TemporalStatus.UNKNOWN.value)
        certain = Case(When(Exact(low, high), then=low), default=unknown, output_field=CharField())
        return self.filter(Exact(certain, Value(word)))

    def in_force_on(self, day: date, certainty: str) -> Self:
        """Return the agreements in force on a day, `possible` or `certain`."""
        if certainty == DateCertainty.CERTAIN:
            current = Exact(temporal_status_on(day, "high", "low"), Value(TemporalStatus.CURRENT.value))
            return self.filter(current, effective_latest__isnull=False).exclude(status=AgreementStatus.SUSPENDED)
        possible = [TemporalStatus.CURRENT.value, TemporalStatus.RENEWAL_DUE.value, TemporalStatus.UNKNOWN.value]
        return self.alias(read=temporal_status_on(day, "low", "high")).filter(read__in=possible)

    def with_party(self, party: Any) -> Self:
        """Return the agreements in which this party has any role."""
        return self.filter(pk__in=Participation.objects.filter(party=party).values("agreement"))

    def with_role(self, role: str) -> Self:
        """Return the agreements in which any party has this role."""
        return self.filter(pk__in=Participation.objects.filter(role=role).values("agreement"))

    def with_effective_basis(self) -> Self:
        """Annotate `effective_basis`: blank without a date, `stated` if a source cited for it is no editorial note."""
        return self.annotate(effective_basis=Case(When(effective="", then=Value("")), default=self._effective_basis()))

    def of_effective_basis(self, basis: str) -> Self:
        return self.exclude(effective="").alias(rests_on=self._effective_basis()).filter(rests_on=basis)

    def _effective_basis(self) -> Case:
        cited = self.rows_of("citations").filter(agreement=OuterRef("pk"), field="effective")
        stated = Exists(cited.exclude(source__kind=SourceKind.EDITORIAL_NOTE))
        return Case(When(stated, then=Value("stated")), default=Value("editorial"), output_field=models.CharField())

    def citing(self, source: Any) -> Self:
        """Return the agreements that a citation of this source supports, directly or in a related row."""
        related = Q()
        for path in ("", "clauses__", "statements__", "events__", "renewals__"):
            rows = self.model._default_manager.filter(Q((f"{path}citations__source", source)))
            related |= Q(pk__in=rows.values("pk"))
        return self.filter(related)

    def get_by_natural_key(self, slug: str) -> "Agreement":
        found: Agreement = self.get(slug=slug)
        return found


class ReadingDay(models.DateField):
    """A day between which `rules.status` reads the dates of an agreement, derived at every save. Not served.

    The first or last day of the calendar if nothing bounds it.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs | {"editable": False, "default": date.max})

    def deconstruct(self) -> tuple[str, str, Any, Any]:
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, {key: value for key, value in kwargs.items() if key not in ("editable", "default")}

    def pre_save(self, model_instance: Any, add: bool) -> date:
        of, _, side = self.attname.rpartition("_")
        day: date = getattr(getattr(status.spans(model_instance.terms, model_instance.renewals_concluded), of), side)
        setattr(model_instance, self.attname, day)
        return day


class Agreement(VersionedModel):
    """What parties have agreed, as sources tell it. What no source states stays blank and is listed under `missing`."""

    slug = Slug(_("slug"), max_length=100, unique=True, help_text=_("Short, stable name in URLs; found in any case."))
    title = Line(_("title"), max_length=300, help_text=_("The title: the editors' own unless the source gives one."))
    subject = Line(
        _("subject"),
        max_length=300,
        blank=True,
        default="",
        help_text=_("What it is about, in the source's own words: `métaux rares`."),
    )
    instrument = word(_("instrument"), Instrument, _("The form in which it was made."))
    status = word(
        _("status"),
        AgreementStatus,
        _("Where it stands, as an editor reads the sources."),
        default=AgreementStatus.UNKNOWN,
    )
    is_published = models.BooleanField(
        _("is published"),
        default=False,
        db_index=True,
        help_text=_("Whether anyone may read it. An unpublished agreement and all that hangs on it is invisible."),
    )
    clauses_complete = models.BooleanField(
        _("clauses complete"),
        default=False,
        help_text=_("Whether these are all its clauses; false where a source says `among these results`."),
    )
    announced = edtf_date(pgettext_lazy("field", "announced"), _("When it was announced."))
    announced_earliest = EdtfBound(_("announced earliest"), of="announced", side="earliest", db_index=True)
    announced_latest = EdtfBound(_("announced latest"), of="announced", side="latest", db_index=True)
    signed = edtf_date(pgettext_lazy("field", "signed"), _("When it was signed."))
    signed_earliest = EdtfBound(_("signed earliest"), of="signed", side="earliest", db_index=True)
    signed_latest = EdtfBound(_("signed latest"), of="signed", side="latest", db_index=True)
    effective = edtf_date(_("effective"), _("From when it applies."))
    effective_earliest = EdtfBound(_("effective earliest"), of="effective", side="earliest", db_index=True)
    effective_latest = EdtfBound(_("effective latest"), of="effective", side="latest", db_index=True)
    ends = edtf_date(
        _("ends"),
        _("Its last day, where a source states one; an end that follows from the term is a renewal date instead."),
    )
    ends_earliest = EdtfBound(_("ends earliest"), of="ends", side="earliest", db_index=True)
    ends_latest = EdtfBound(_("ends latest"), of="ends", side="latest", db_index=True)
    term = duration(pgettext_lazy("field", "term"), _("How long its first term lasts: `P1Y`."))
    renewal_mode = word(
        _("renewal mode"),
        RenewalMode,
        _("What happens when a term ends. Renegotiation is not renewal."),
        default=RenewalMode.UNSPECIFIED,
    )
    renewal_interval = duration(_("renewal interval"), _("How long each further term lasts: `P1Y`."))
    notice_period = duration(_("notice period"), _("How long before the end of a term notice must be given: `P6M`."))
    max_renewals = models.PositiveIntegerField(
        _("maximum number of renewals"),
        null=True,
        blank=True,
        help_text=_("How many times at most it can be renewed; blank = not stated."),
    )
    renewals_concluded = models.PositiveIntegerField(
        _("renewals concluded"),
        default=0,
        editable=False,
        help_text=_("Number of renewals and renegotiations that are recorded as concluded."),
    )
    starts_low = ReadingDay()
    starts_high = ReadingDay()
    period_ends_low = ReadingDay()
    period_ends_high = ReadingDay()
    last_ends_low = ReadingDay()
    last_ends_high = ReadingDay()
    stated_end_low = ReadingDay()
    stated_end_high = ReadingDay()
    supersedes = models.ForeignKey(
        "self",
        models.PROTECT,
        verbose_name=_("supersedes"),
        null=True,
        blank=True,
        related_name="superseded_by",
        help_text=_("The earlier agreement that it replaces."),
    )
    search = Words(head=("title",), body=("subject",), folded=("title", "subject"))

    objects = AgreementQuerySet.as_manager()

    class Meta:
        verbose_name = _("agreement")
        verbose_name_plural = _("agreements")
        permissions = [("publish_agreement", "Can publish agreement")]
        constraints = [
            one_of("instrument", Instrument),
            one_of("status", AgreementStatus),
            one_of("renewal_mode", RenewalMode),
            not_itself("supersedes"),
            *valid_edtf("announced", "signed", "effective", "ends"),
            *calendar_duration("term", "renewal_interval", "notice_period"),
            *not_blank("slug", "title"),
        ]

    def __str__(self) -> str:
        return self.title

    def natural_key(self) -> tuple[str]:
        return (self.slug,)

    @property
    def terms(self) -> Terms:
        return Terms(*attrgetter(*TERMS)(self))

    @property
    def missing(self) -> list[str]:
        """Return the names of the dates and terms that no source states."""
        return status.missing({name: getattr(self, name) for name in status.STATED_FIELDS})

    @property
    def recurrence(self) -> str:
        """Return an RFC 5545 RRULE of the ends of its terms, starting with the first end; empty if there is none."""
        return recurrence(self.terms)

    def temporal_status(self, on: date) -> str:
        """Return a word of `TemporalStatus`."""
        return status.temporal_status(self.terms, self.status, on, self.renewals_concluded)

    def bases(self) -> dict[str, str]:
        """Return `stated` or `editorial` for each field that a citation supports; see `with_effective_basis`."""
        found: dict[str, str] = {}
        for field, kind in self.citations.values_list("field", "source__kind"):
            if kind != SourceKind.EDITORIAL_NOTE:
                found[field] = EffectiveBasis.STATED.value
            found.setdefault(field, EffectiveBasis.EDITORIAL.value)
        return found

    def clean(self) -> None:
        """Refuse an agreement that supersedes itself through others."""
        refuse_loop(self, "supersedes")


class ParticipationQuerySet(BaseQuerySet):
    def get_by_natural_key(self, agreement: str, party: str, role: str) -> "Participation":
        found: Participation = self.get(agreement__slug=agreement, party__slug=party, role=role)
        return found


class Participation(TimestampedModel):
    """The part someone plays in an agreement: party to it, representative, or merely mentioned."""

    agreement = models.ForeignKey(
        Agreement,
        models.CASCADE,
        verbose_name=_("agreement"),
        related_name="participations",
        help_text=_("The agreement."),
    )
    party = models.ForeignKey(
        Party, models.PROTECT, verbose_name=_("party"), related_name="participations", help_text=_("Who.")
    )
    role = word(_("role"), PartyRole, _("What the party is to the agreement."))
    since = edtf_date(_("since"), _("From when."))
    since_earliest = EdtfBound(_("since earliest"), of="since", side="earliest")
    since_latest = EdtfBound(_("since latest"), of="since", side="latest")
    until = edtf_date(_("until"), _("Until when."))
    until_earliest = EdtfBound(_("until earliest"), of="until", side="earliest")
    until_latest = EdtfBound(_("until latest"), of="until", side="latest")

    objects = ParticipationQuerySet.as_manager()

    class Meta:
        verbose_name = _("participation")
        verbose_name_plural = _("participations")
        constraints = [
            one_of("role", PartyRole),
            *valid_edtf("since", "until"),
            models.UniqueConstraint(fields=["agreement", "party", "role"], name="participation_once"),
        ]

    def __str__(self) -> str:
        return f"{self.party} ({self.get_role_display()})"

    def natural_key(self) -> tuple[str, str, str]:
        return (self.agreement.slug, self.party.slug, self.role)


Agreement.natural_key.dependencies = ["accords.agreement"]  # type: ignore[attr-defined]
Participation.natural_key.dependencies = ["accords.agreement", "accords.party"]  # type: ignore[attr-defined]

AgreementWords = index_of(Agreement, __name__)
