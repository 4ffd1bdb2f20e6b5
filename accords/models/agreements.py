"""Agreements, their dates and terms, and their participants."""

from dataclasses import fields
from datetime import date
from functools import lru_cache
from operator import attrgetter
from typing import Any, Self

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Case, CharField, Exists, F, OuterRef, Q, Value, When
from django.db.models.lookups import Exact, In
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accords.db.compiled_query import BoundParameter
from accords.db.constraints import FieldCheck, calendar_duration, not_blank, not_itself, one_of, valid_edtf
from accords.db.fields import DurationList, EdtfBound, Line, Slug, duration_field, edtf_field, word_field
from accords.db.search_index import SearchEntry, create_words_model
from accords.models.base import BaseQuerySet, TimestampedModel, VersionedModel, raise_cycle_error, refuse_cycle
from accords.models.parties import Party
from accords.models.slugs import refuse_used_slug
from accords.rules import status
from accords.rules import terms as term_rules
from accords.rules.status import Lifecycle, Span
from accords.vocabulary import (
    AgreementStatus,
    DateCertainty,
    Instrument,
    PartyRole,
    RenewalMode,
    RestsOn,
    SourceKind,
    TemporalStatus,
    TermEnds,
)

TERMS = tuple(field.name for field in fields(term_rules.Terms))
HASHABLE_TERMS = tuple(name for name in TERMS if name != "renewal_intervals")  # without the list
hashable_terms_of = attrgetter(*HASHABLE_TERMS)
# The columns from which `Agreement.lifecycle` is read.
LIFECYCLE = (
    *TERMS,
    *("status", "status_since", "renewals_concluded", "superseded_low", "superseded_high"),
    *("rests_on", "deadlines_rest_on"),
)


@lru_cache(1024)
def shared_terms(renewal_intervals: tuple[str, ...], *values: Any) -> term_rules.Terms:
    """Return terms with these values, in the order of `HASHABLE_TERMS`.

    The last 1024 are kept: the rows of a list often have equal terms, which take long to create and check.
    """
    return term_rules.Terms(renewal_intervals=renewal_intervals, **dict(zip(HASHABLE_TERMS, values, strict=True)))


def temporal_status_on(
    day: date | BoundParameter, reading_of_start: str, reading_of_ends: str, agreement: str = ""
) -> Case:
    """Return an agreement's temporal status under one reading of its dates; `rules.status` in SQL.

    The readings of the first day, and of the last days, are `low` or `high`. `agreement` is the path to the agreement,
    such as `agreement__`.
    """

    def holds(**lookups: Any) -> Q:
        """Return the condition that the agreement matches these lookups."""
        return Q(*((f"{agreement}{name}", value) for name, value in lookups.items()))

    status_holds = holds(**{f"status_before_{reading_of_ends}__lt": day})
    is_conditional = holds(renewal_mode=RenewalMode.AUTOMATIC) & ~holds(renewal_condition="")
    return Case(
        When(holds(**{f"superseded_{reading_of_ends}__lt": day}), then=Value(TemporalStatus.SUPERSEDED.value)),
        When(holds(status=AgreementStatus.TERMINATED) & status_holds, then=Value(TemporalStatus.TERMINATED.value)),
        When(holds(**{f"last_ends_{reading_of_ends}__lt": day}), then=Value(TemporalStatus.LAPSED.value)),
        When(holds(**{f"starts_{reading_of_start}__gt": day}), then=Value(TemporalStatus.UPCOMING.value)),
        When(holds(status=AgreementStatus.SUSPENDED) & status_holds, then=Value(TemporalStatus.SUSPENDED.value)),
        When(holds(**{f"period_ends_{reading_of_ends}__gte": day}), then=Value(TemporalStatus.CURRENT.value)),
        When(is_conditional, then=Value(TemporalStatus.UNKNOWN.value)),
        *(When(holds(renewal_mode=mode), then=Value(state)) for mode, state in status.AFTER_PERIOD.items()),
        output_field=CharField(),
    )


def in_force(day: date | BoundParameter, certainty: str, agreement: str = "") -> Q:
    """Return the condition that an agreement is in force on a day; `rules.status.in_force` in SQL."""
    if certainty == DateCertainty.CERTAIN:
        current = Q(Exact(temporal_status_on(day, "high", "low", agreement), Value(TemporalStatus.CURRENT.value)))
        return current & has_certain_grounds(agreement)
    possible = [TemporalStatus.CURRENT.value, TemporalStatus.RENEWAL_DUE.value, TemporalStatus.UNKNOWN.value]
    return Q(In(temporal_status_on(day, "low", "high", agreement), possible))


def has_certain_grounds(agreement: str = "") -> Q:
    """Return the condition that an agreement can be certainly in force.

    It has a known start, is more than announced or signed, and rests on sources; see `rules.status.in_force`.
    """
    has_known_start = Q((f"{agreement}effective_latest__isnull", False)) | Q(
        (f"{agreement}status", AgreementStatus.IN_FORCE), (f"{agreement}status_since_latest__isnull", False)
    )
    may_be_in_force = ~Q((f"{agreement}status__in", status.NOT_YET))
    return Q((f"{agreement}rests_on", RestsOn.STATED)) & may_be_in_force & has_known_start


def over_before_start(reading_of_start: str, reading_of_ends: str, agreement: str = "") -> Q:
    """Return the condition that an agreement is superseded or terminated before it starts, so that it never does.

    The arguments are those of `temporal_status_on`.
    """
    start, last_days = F(f"{agreement}starts_{reading_of_start}"), f"_{reading_of_ends}__lt"
    is_terminated = Q((f"{agreement}status", AgreementStatus.TERMINATED))
    return Q((f"{agreement}superseded{last_days}", start)) | (
        is_terminated & Q((f"{agreement}status_before{last_days}", start))
    )


class AgreementQuerySet(BaseQuerySet):
    published_path = "is_published"

    def of_temporal_status(self, temporal_status: str, on: date) -> Self:
        """Return the agreements of a temporal status on a day; `unknown` if two readings of the dates differ."""
        low, high = temporal_status_on(on, "low", "low"), temporal_status_on(on, "high", "high")
        unknown = Value(TemporalStatus.UNKNOWN.value)
        certain_status = Case(When(Exact(low, high), then=low), default=unknown, output_field=CharField())
        return self.filter(Exact(certain_status, Value(temporal_status)))

    def in_force_on(self, day: date, certainty: str) -> Self:
        """Return the agreements in force on a day, `possible` or `certain`."""
        return self.filter(in_force(day, certainty))

    def with_party(self, party: Any) -> Self:
        """Return the agreements in which this party has any role."""
        return self.filter(pk__in=Participation.objects.filter(party=party).values("agreement"))

    def with_party_on(self, party: Any, day: date | BoundParameter, certainty: str) -> Self:
        """Return the agreements in which this party has any role on a day, `possible` or `certain`."""
        participations = Participation.objects.taking_part_on(day, certainty).filter(party=party)
        return self.filter(pk__in=participations.values("agreement"))

    def with_role(self, role: str) -> Self:
        """Return the agreements in which any party has this role."""
        return self.filter(pk__in=Participation.objects.filter(role=role).values("agreement"))

    def with_effective_basis(self) -> Self:
        """Annotate `effective_basis`: blank without a date, `stated` if a source cited for it is no editorial note."""
        return self.annotate(effective_basis=Case(When(effective="", then=Value("")), default=self._effective_basis()))

    def of_effective_basis(self, basis: str) -> Self:
        """Return the agreements with an effective date of this basis, `stated` or `editorial`."""
        return self.exclude(effective="").alias(basis=self._effective_basis()).filter(basis=basis)

    def _effective_basis(self) -> Case:
        """Return the basis of an effective date, in SQL."""
        cited = self.related_manager("citations").filter(agreement=OuterRef("pk"), field="effective")
        stated = Exists(cited.exclude(source__kind=SourceKind.EDITORIAL_NOTE))
        return Case(
            When(stated, then=Value(RestsOn.STATED.value)),
            default=Value(RestsOn.EDITORIAL.value),
            output_field=models.CharField(),
        )

    def citing(self, source: Any) -> Self:
        """Return the agreements that a citation of this source supports, directly or in a related row."""
        related = Q()
        for path in ("", "clauses__", "statements__", "events__", "renewals__", "participations__"):
            rows = self.model._default_manager.filter(Q((f"{path}citations__source", source)))
            related |= Q(pk__in=rows.values("pk"))
        return self.filter(related)

    def get_by_natural_key(self, slug: str) -> "Agreement":
        agreement: Agreement = self.get(slug=slug)
        return agreement


class DerivedDay(models.DateField):
    """A day that `services` derives from other rows; the last day of the calendar if there is none. Not in the API."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs | {"editable": False, "default": date.max})

    def deconstruct(self) -> tuple[str, str, Any, Any]:
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, {key: value for key, value in kwargs.items() if key not in ("editable", "default")}


class ReadingDay(DerivedDay):
    """One end of a span of `rules.status.Spans`, derived at every save: `starts_low` is `starts.low`. Not in the API.

    The first or last day of the calendar if nothing bounds the span.
    """

    def pre_save(self, model_instance: Any, add: bool) -> date:
        span, _, side = self.attname.rpartition("_")
        day: date = getattr(getattr(status.spans(model_instance.lifecycle), span), side)
        setattr(model_instance, self.attname, day)
        return day


class Agreement(VersionedModel):
    """What parties have agreed, according to sources. What they do not state is blank; `missing` lists some of it."""

    slug = Slug(_("slug"), max_length=100, unique=True, help_text=_("Short, stable name in URLs; found in any case."))
    title = Line(_("title"), max_length=300, help_text=_("The title: the editors' own unless the source gives one."))
    subject = Line(
        _("subject"),
        max_length=300,
        blank=True,
        default="",
        help_text=_("What it is about, in the source's own words: `métaux rares`."),
    )
    instrument = word_field(_("instrument"), Instrument, _("The form in which it was made."))
    status = word_field(
        _("status"),
        AgreementStatus,
        _("Where it stands, as an editor reads the sources."),
        default=AgreementStatus.UNKNOWN,
    )
    status_since = edtf_field(
        _("status since"),
        _("From when the status holds. If a source only says that it is so by a day, write `../2026-03-01`."),
    )
    status_since_earliest = EdtfBound(_("status since earliest"), of="status_since", side="earliest", db_index=True)
    status_since_latest = EdtfBound(_("status since latest"), of="status_since", side="latest", db_index=True)
    is_published = models.BooleanField(
        _("published"),
        default=False,
        db_index=True,
        help_text=_("Whether anyone may read it. An unpublished agreement and its related rows are invisible."),
    )
    clauses_complete = models.BooleanField(
        _("clauses complete"),
        default=False,
        help_text=_("Whether these are all its clauses; false where a source says `among these results`."),
    )
    announced = edtf_field(pgettext_lazy("field", "announced"), _("When it was announced."))
    announced_earliest = EdtfBound(_("announced earliest"), of="announced", side="earliest", db_index=True)
    announced_latest = EdtfBound(_("announced latest"), of="announced", side="latest", db_index=True)
    signed = edtf_field(pgettext_lazy("field", "signed"), _("When it was signed."))
    signed_earliest = EdtfBound(_("signed earliest"), of="signed", side="earliest", db_index=True)
    signed_latest = EdtfBound(_("signed latest"), of="signed", side="latest", db_index=True)
    effective = edtf_field(
        _("effective"), _("From when it applies; leave it blank until a condition of its entry into force is met.")
    )
    effective_earliest = EdtfBound(_("effective earliest"), of="effective", side="earliest", db_index=True)
    effective_latest = EdtfBound(_("effective latest"), of="effective", side="latest", db_index=True)
    ends = edtf_field(
        _("ends"),
        _("Its last day, where a source states one; an end that follows from the term is a renewal date instead."),
    )
    ends_earliest = EdtfBound(_("ends earliest"), of="ends", side="earliest", db_index=True)
    ends_latest = EdtfBound(_("ends latest"), of="ends", side="latest", db_index=True)
    effective_condition = Line(
        _("condition of entry into force"),
        max_length=500,
        blank=True,
        default="",
        help_text=_("The condition on which it enters into force, in the source's own words."),
    )
    term = duration_field(
        pgettext_lazy("field", "term"),
        _("How long its first term lasts: `P1Y`. Of an evergreen agreement, the time before its earliest end."),
    )
    term_ends = word_field(
        _("term ends"),
        TermEnds,
        _("The last day of a term: the same calendar day, or the day before. Stated dates decide it where they can."),
        default=TermEnds.UNSPECIFIED,
    )
    term_from = Line(
        _("term from"),
        max_length=500,
        blank=True,
        default="",
        help_text=_(
            "The event from which the term runs, where that is not the effective date, in the source's own words. "
            "Enter `ends` once the event has taken place."
        ),
    )
    renewal_mode = word_field(
        _("renewal mode"),
        RenewalMode,
        _("What happens when a term ends. Renegotiation is not renewal."),
        default=RenewalMode.UNSPECIFIED,
    )
    renewal_intervals = DurationList(
        _("renewal intervals"),
        help_text=_(
            "How long each further term lasts (ISO 8601): `P2Y`, `P1Y`. The last repeats; `open` at the end is a term "
            "without end. Empty = not stated; then a term is as long as the first."
        ),
    )
    renewal_condition = Line(
        _("condition of renewal"),
        max_length=500,
        blank=True,
        default="",
        help_text=_("The condition on which it is renewed, besides notice or agreement, in the source's own words."),
    )
    option_holder = models.ForeignKey(
        Party,
        models.PROTECT,
        verbose_name=_("option holder"),
        null=True,
        blank=True,
        related_name="options",
        help_text=_("The party that may exercise the option to renew."),
    )
    notice_period = duration_field(
        _("notice period"),
        _("How long before the end of a term notice must be given, or an option exercised: `P6M`."),
    )
    notice_opens = duration_field(
        _("notice opens"),
        _("How long before the end of a term notice can first be given, or an option first exercised: `P12M`."),
    )
    max_renewals = models.PositiveIntegerField(
        _("maximum number of renewals"),
        null=True,
        blank=True,
        help_text=_("How many times at most it can be renewed; blank = not stated."),
    )
    unlimited = models.BooleanField(
        _("unlimited renewals"),
        default=False,
        help_text=_("Whether a source says that it can be renewed any number of times."),
    )
    renewals_concluded = models.PositiveIntegerField(
        _("renewals concluded"),
        default=0,
        editable=False,
        help_text=_("Number of renewals and renegotiations recorded as concluded without another agreement."),
    )
    starts_low = ReadingDay()
    starts_high = ReadingDay()
    period_ends_low = ReadingDay()
    period_ends_high = ReadingDay()
    last_ends_low = ReadingDay()
    last_ends_high = ReadingDay()
    status_before_low = ReadingDay()
    status_before_high = ReadingDay()
    superseded_low = DerivedDay()
    superseded_high = DerivedDay()
    rests_on = word_field(
        _("rests on"),
        RestsOn,
        _("The weakest evidence among the dates and terms that decide its state on a day; blank if it has none."),
        default="",
        blank=True,
        editable=False,
    )
    deadlines_rest_on = word_field(
        _("deadlines rest on"),
        RestsOn,
        _("The weakest evidence among the dates and terms that decide its deadlines; blank if it has none."),
        default="",
        blank=True,
        editable=False,
    )
    supersedes = models.ForeignKey(
        "self",
        models.PROTECT,
        verbose_name=_("supersedes"),
        null=True,
        blank=True,
        related_name="superseded_by",
        help_text=_("The earlier agreement whose place it takes: that is over once this one takes effect."),
    )
    amends = models.ForeignKey(
        "self",
        models.PROTECT,
        verbose_name=_("amends"),
        null=True,
        blank=True,
        related_name="amended_by",
        help_text=_("The agreement that it amends: both continue, and its clauses say what they modify."),
    )
    working_copy_of = models.ForeignKey(
        "self",
        models.SET_NULL,
        verbose_name=_("working copy of"),
        null=True,
        blank=True,
        editable=False,
        related_name="working_copies",
        help_text=_("The published agreement that it will be put in the place of; blank = it is none."),
    )
    search = SearchEntry(
        head=("title",),
        body=("subject", "effective_condition", "term_from", "renewal_condition"),
        folded=("title", "subject", "effective_condition", "term_from", "renewal_condition"),
    )

    objects = AgreementQuerySet.as_manager()

    class Meta:
        verbose_name = _("agreement")
        verbose_name_plural = _("agreements")
        permissions = [("publish_agreement", "Can publish agreement")]
        constraints = [
            one_of("instrument", Instrument),
            one_of("status", AgreementStatus),
            one_of("renewal_mode", RenewalMode),
            one_of("term_ends", TermEnds),
            one_of("rests_on", RestsOn, blank=True),
            one_of("deadlines_rest_on", RestsOn, blank=True),
            not_itself("supersedes"),
            not_itself("amends"),
            *valid_edtf("announced", "signed", "effective", "ends", "status_since"),
            *calendar_duration("term", "notice_period", "notice_opens"),
            FieldCheck(
                condition=Q(unlimited=False) | Q(max_renewals__isnull=True),
                name="agreement_renewals_limited_or_not",
                field="unlimited",
                violation_error_code="limited",
                violation_error_message=_("Renewals cannot be both unlimited and limited to a number."),
            ),
            FieldCheck(
                condition=Q(is_published=False) | Q(working_copy_of__isnull=True),
                name="agreement_copy_is_draft",
                field="is_published",
                violation_error_code="working_copy",
                violation_error_message=_("It is a working copy: publish it as one."),
            ),
            *not_blank("slug", "title"),
        ]

    def __str__(self) -> str:
        return self.title

    def natural_key(self) -> tuple[str]:
        return (self.slug,)

    @property
    def terms(self) -> term_rules.Terms:
        return shared_terms(tuple(self.renewal_intervals), *hashable_terms_of(self))

    @property
    def lifecycle(self) -> Lifecycle:
        """Return the terms and the recorded facts from which the rules derive a state."""
        superseded = Span(self.superseded_low, self.superseded_high)
        return Lifecycle(
            self.terms,
            self.status,
            self.status_since,
            self.renewals_concluded,
            superseded,
            self.rests_on,
            self.deadlines_rest_on,
        )

    @property
    def missing(self) -> list[str]:
        """Return the names of the dates and terms that are not stated and would answer one of `status.questions`."""
        return status.missing_fields(self.lifecycle, {name: getattr(self, name) for name in status.TIME_FIELDS})

    @property
    def recurrence(self) -> str:
        """Return an RFC 5545 RRULE of the ends of its terms, starting with the first end; empty if there is none."""
        return term_rules.recurrence(self.terms)

    def temporal_status(self, on: date) -> str:
        """Return a word of `TemporalStatus`."""
        return status.temporal_status(self.lifecycle, on)

    def bases(self) -> dict[str, str]:
        """Return `stated` or `editorial` for each field that a citation supports; see `with_effective_basis`."""
        bases: dict[str, str] = {}
        for field, kind in self.citations.values_list("field", "source__kind"):
            if kind != SourceKind.EDITORIAL_NOTE:
                bases[field] = RestsOn.STATED.value
            bases.setdefault(field, RestsOn.EDITORIAL.value)
        return bases

    def clean(self) -> None:
        """Refuse used slugs, cycles, and a new `amends` while clauses modify those of the agreement amended so far."""
        refuse_used_slug(self)
        if self.supersedes_id is not None and self.supersedes_id in later_agreements(self.pk):
            raise_cycle_error("supersedes")
        refuse_cycle(self, "amends")
        stored = Agreement.objects.filter(pk=self.pk).values_list("amends", flat=True).first()
        if stored is not None and stored != self.amends_id:
            self._refuse_modifications_without_amendment()

    def amended(self) -> list["Agreement"]:
        """Return the agreements that this one amends, directly or through others, nearest first."""
        amended: list[Agreement] = []
        agreement = self.amends
        while agreement is not None and agreement.pk != self.pk and agreement not in amended:
            amended.append(agreement)
            agreement = agreement.amends
        return amended

    def _refuse_modifications_without_amendment(self) -> None:
        """Refuse to amend another agreement while clauses modify the text of the one amended so far.

        Clauses of this agreement's amendments count too, and those of their amendments.
        """
        amended_ids: dict[int, set[int | None]] = {self.pk: {amended.pk for amended in self.amended()}}
        new = [self.pk]
        while new:
            amending = Agreement.objects.filter(amends__in=new).exclude(pk__in=amended_ids)
            added = {
                pk: {amends, *amended_ids[amends]}
                for pk, amends in amending.values_list("pk", "amends")
                if amends is not None
            }
            amended_ids, new = amended_ids | added, [*added]
        clauses = self.clauses.model.objects.filter(agreement__in=amended_ids, modifies__isnull=False)
        rows = clauses.order_by("agreement", "position").values_list("number", "agreement", "modifies__agreement")
        for number, agreement, modified in rows:
            if modified not in amended_ids[agreement]:
                message = _("Clause %(number)s modifies a clause of the agreement amended so far. Change it first.")
                error = ValidationError(message, code="modified", params={"number": number})
                raise ValidationError({"amends": error})


def later_agreements(agreement: int) -> set[int]:
    """Return the ids of an agreement, its successors and theirs: by `supersedes` or as outcomes of renewals."""
    ids, new = {agreement}, {agreement}
    renewals: Any = Agreement._meta.get_field("renewals").related_model
    while new:
        outcomes = renewals.objects.filter(agreement__in=new, outcome__isnull=False).values_list("outcome", flat=True)
        superseding = Agreement.objects.filter(supersedes__in=new).values_list("pk", flat=True)
        new = {*outcomes, *superseding} - ids
        ids |= new
    return ids


class ParticipationQuerySet(BaseQuerySet):
    def taking_part_on(self, day: date | BoundParameter, certainty: str) -> Self:
        """Return the participations with the day between `since` and `until`, both included.

        It is `rules.succession.takes_part` in SQL.
        """
        if certainty == DateCertainty.CERTAIN:
            has_joined = Q(since="") | Q(since_latest__lte=day)
            return self.filter(has_joined, Q(until="") | Q(until_earliest__gte=day))
        has_joined = Q(since_earliest__isnull=True) | Q(since_earliest__lte=day)
        return self.filter(has_joined, Q(until_latest__isnull=True) | Q(until_latest__gte=day))

    def get_by_natural_key(self, agreement: str, party: str, role: str, since: str) -> "Participation":
        participation: Participation = self.get(agreement__slug=agreement, party__slug=party, role=role, since=since)
        return participation


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
    role = word_field(_("role"), PartyRole, _("The role of the party in the agreement."))
    label = Line(
        _("label"),
        max_length=200,
        blank=True,
        default="",
        help_text=_("The name that the text gives to the party in this role: `Lessor`."),
    )
    since = edtf_field(_("since"), _("From when; blank = from the start, or not stated."))
    since_earliest = EdtfBound(_("since earliest"), of="since", side="earliest")
    since_latest = EdtfBound(_("since latest"), of="since", side="latest")
    until = edtf_field(_("until"), _("The last day; blank = to the end, or not stated."))
    until_earliest = EdtfBound(_("until earliest"), of="until", side="earliest")
    until_latest = EdtfBound(_("until latest"), of="until", side="latest")

    objects = ParticipationQuerySet.as_manager()

    class Meta:
        verbose_name = _("participation")
        verbose_name_plural = _("participations")
        constraints = [
            one_of("role", PartyRole),
            *valid_edtf("since", "until"),
            models.UniqueConstraint(
                fields=["agreement", "party", "role", "since"],
                name="participation_once",
                violation_error_code="unique",
                violation_error_message=_("The party has this role from this date already."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.party} ({self.get_role_display()})"

    def natural_key(self) -> tuple[str, str, str, str]:
        return (self.agreement.slug, self.party.slug, self.role, self.since)


Agreement.natural_key.dependencies = ["accords.party"]  # type: ignore[attr-defined]  # read by Django from the function
Participation.natural_key.dependencies = ["accords.agreement", "accords.party"]  # type: ignore[attr-defined]  # read by Django from the function

AgreementWords = create_words_model(Agreement, __name__)
