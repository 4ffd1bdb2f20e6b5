"""Agreements, and who takes part in them."""

from typing import Any, Self

from django.db import models
from django.db.models import Case, Exists, OuterRef, Q, Value, When

from accords.db.constraints import calendar_only, edtf_kept, not_blank, not_itself, one_of
from accords.db.fields import EdtfBound, Line, Slug, edtf_date, word
from accords.db.search_index import Words
from accords.models.base import Record, RecordQuerySet, refuse_loop
from accords.models.parties import Party
from accords.models.terms import TermQuerySet, TermRecord
from accords.vocabulary import AgreementStatus, EffectiveBasis, Instrument, PartyRole, RenewalMode, SourceKind


class AgreementQuerySet(TermQuerySet):
    """Questions about agreements."""

    published_path = "is_published"

    def with_party(self, party: Any) -> Self:
        """Agreements in which this party has any role."""
        return self.filter(pk__in=Participation.objects.filter(party=party).values("agreement"))

    def with_role(self, role: str) -> Self:
        """Agreements in which someone has this role."""
        return self.filter(pk__in=Participation.objects.filter(role=role).values("agreement"))

    def with_effective_basis(self) -> Self:
        """Each with `effective_basis`: blank without a date, `stated` where a source not the editors' own says it."""
        return self.annotate(effective_basis=Case(When(effective="", then=Value("")), default=self._effective_basis()))

    def of_effective_basis(self, basis: str) -> Self:
        """Agreements whose effective date rests on this."""
        return self.exclude(effective="").alias(rests_on=self._effective_basis()).filter(rests_on=basis)

    def _effective_basis(self) -> Case:
        cited = self.rows_of("citations").filter(agreement=OuterRef("pk"), field="effective")
        stated = Exists(cited.exclude(source__kind=SourceKind.EDITORIAL_NOTE))
        return Case(When(stated, then=Value("stated")), default=Value("editorial"), output_field=models.CharField())

    def citing(self, source: Any) -> Self:
        """Agreements that this source supports, themselves or in what hangs on them."""
        hanging = Q()
        for path in ("", "clauses__", "statements__", "events__", "renewals__"):
            hanging |= Q(
                pk__in=self.model._default_manager.filter(Q((f"{path}citations__source", source))).values("pk")
            )
        return self.filter(hanging)

    def get_by_natural_key(self, slug: str) -> "Agreement":
        """The agreement of that slug."""
        found: Agreement = self.get(slug=slug)
        return found


class Agreement(TermRecord):
    """What parties have agreed, as sources tell it. What no source states stays blank and is listed under `missing`."""

    slug = Slug(max_length=100, unique=True, help_text="Short, stable name in URLs; found in any case.")
    title = Line(max_length=300, help_text="The title: the editors' own unless the source gives one.")
    subject = Line(
        max_length=300, blank=True, default="", help_text="What it is about, in the source's own words: `métaux rares`."
    )
    instrument = word(Instrument, "The form in which it was made.")
    status = word(AgreementStatus, "Where it stands, as an editor reads the sources.", default=AgreementStatus.UNKNOWN)
    is_published = models.BooleanField(
        default=False,
        db_index=True,
        help_text="Whether anyone may read it. An unpublished agreement and all that hangs on it is invisible.",
    )
    clauses_complete = models.BooleanField(
        default=False, help_text="Whether these are all its clauses; false where a source says `among these results`."
    )
    supersedes = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="superseded_by",
        help_text="The earlier agreement that it replaces.",
    )
    search = Words(head=("title",), body=("subject",))

    objects = AgreementQuerySet.as_manager()

    class Meta:
        permissions = [("publish_agreement", "Can publish agreement")]
        constraints = [
            one_of("instrument", Instrument),
            one_of("status", AgreementStatus),
            one_of("renewal_mode", RenewalMode),
            not_itself("supersedes"),
            *edtf_kept("announced", "signed", "effective", "ends"),
            *calendar_only("term", "renewal_interval", "notice_period"),
            *not_blank("slug", "title"),
        ]

    def __str__(self) -> str:
        return self.title

    def natural_key(self) -> tuple[str]:
        """The slug."""
        return (self.slug,)

    def bases(self) -> dict[str, str]:
        """What its fields rest on, by name, as `with_effective_basis` says it; only fields that a citation supports."""
        cited = self.citations.values_list("field", "source__kind")
        by_note = {field for field, kind in cited if kind == SourceKind.EDITORIAL_NOTE}
        stated = {field for field, kind in cited if kind != SourceKind.EDITORIAL_NOTE}
        return dict.fromkeys(by_note, EffectiveBasis.EDITORIAL.value) | dict.fromkeys(
            stated, EffectiveBasis.STATED.value
        )

    def clean(self) -> None:
        """No agreement supersedes itself through others."""
        refuse_loop(self, "supersedes")


class ParticipationQuerySet(RecordQuerySet):
    """Questions about who takes part."""

    def get_by_natural_key(self, agreement: str, party: str, role: str) -> "Participation":
        """The part that this party plays in this agreement in this role."""
        found: Participation = self.get(agreement__slug=agreement, party__slug=party, role=role)
        return found


class Participation(Record):
    """The part someone plays in an agreement: party to it, representative, or merely mentioned."""

    agreement = models.ForeignKey(Agreement, models.CASCADE, related_name="participations", help_text="The agreement.")
    party = models.ForeignKey(Party, models.PROTECT, related_name="participations", help_text="Who.")
    role = word(PartyRole, "What the party is to the agreement.")
    since = edtf_date("From when.")
    since_earliest = EdtfBound(of="since", side="earliest")
    since_latest = EdtfBound(of="since", side="latest")
    until = edtf_date("Until when.")
    until_earliest = EdtfBound(of="until", side="earliest")
    until_latest = EdtfBound(of="until", side="latest")

    objects = ParticipationQuerySet.as_manager()

    class Meta:
        constraints = [
            one_of("role", PartyRole),
            *edtf_kept("since", "until"),
            models.UniqueConstraint(fields=["agreement", "party", "role"], name="participation_once"),
        ]

    def __str__(self) -> str:
        return f"{self.party} ({self.get_role_display()})"

    def natural_key(self) -> tuple[str, str, str]:
        """Agreement, party and role."""
        return (self.agreement.slug, self.party.slug, self.role)


Agreement.natural_key.dependencies = ["accords.agreement"]  # type: ignore[attr-defined]
Participation.natural_key.dependencies = ["accords.agreement", "accords.party"]  # type: ignore[attr-defined]
