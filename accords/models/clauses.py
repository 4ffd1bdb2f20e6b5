"""Clauses: who owes what to whom, in what quantity."""

from datetime import date
from decimal import Decimal
from typing import Any, Self

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Round

from accords.db.constraints import RowRule, edtf_kept, not_blank, not_itself, one_of
from accords.db.fields import EdtfBound, Language, Line, StringList, Text, edtf_date, word
from accords.db.search_index import Words
from accords.models.agreements import Agreement
from accords.models.base import Record, RecordQuerySet, VersionedRecord, refuse_foreign, refuse_loop
from accords.models.parties import Party
from accords.rules import comparison
from accords.vocabulary import ClauseRole, ClauseType, DateCertainty, Modality, Scope, Standing

DIGITS, PLACES = 15, 4  # 15 digits are what a double, and so JSON and SQLite, keep exactly

FARTHEST = Decimal(10**11)  # a difference of more digits fits neither database's `delta`


class ClauseQuerySet(RecordQuerySet):
    """Questions about clauses."""

    def with_parties(self, *, roles: tuple[str, ...] = (), party: Any = None, explicit: bool | None = None) -> Self:
        """Clauses in which one and the same entry has one of the roles, is that party, and is named or supplied."""
        entry = ClauseParty.objects.filter(clause=OuterRef("pk"))
        if roles:
            entry = entry.filter(role__in=roles)
        if party is not None:
            entry = entry.filter(party=party)
        if explicit is not None:
            entry = entry.filter(explicit=explicit)
        return self.filter(Exists(entry))

    def in_force_on(self, day: date, certainty: str) -> Self:
        """Clauses whose agreement is in force on a day, and whose own dates, where stated, leave the day in."""
        if certainty == DateCertainty.CERTAIN:
            own = (Q(effective="") | Q(effective_latest__lte=day)) & (Q(ends="") | Q(ends_earliest__gte=day))
        else:
            begun = Q(effective_earliest__isnull=True) | Q(effective_earliest__lte=day)
            own = begun & (Q(ends_latest__isnull=True) | Q(ends_latest__gte=day))
        return self.filter(own, agreement__in=Agreement.objects.in_force_on(day, certainty))

    def asserted_by(self, speaker: Any) -> Self:
        """Clauses of which this party is the speaker of a statement."""
        return self.filter(pk__in=self.rows_of("statements").filter(speaker=speaker).values("clause"))

    def get_by_natural_key(self, agreement: str, number: str) -> "Clause":
        """The clause of that number in that agreement."""
        found: Clause = self.get(agreement__slug=agreement, number=number)
        return found


class Clause(VersionedRecord):
    """One thing agreed, as a source states it."""

    agreement = models.ForeignKey(Agreement, models.CASCADE, related_name="clauses", help_text="The agreement.")
    number = Line(max_length=50, help_text="The number in the text, or the editors' own where it has none.")
    position = models.PositiveIntegerField(
        validators=[MaxValueValidator(2**31 - 1)], help_text="Its place in the agreement's order, from 1."
    )
    type = word(ClauseType, "The subject of the clause.")
    standing = word(Standing, "On what footing the source states it.")
    modality = word(Modality, "Whether it obliges, permits, forbids or declares.")
    title = Line(max_length=300, help_text="A short heading, in English.")
    text = Text(
        blank=True,
        default="",
        help_text="What the source says, in its own words; blank = only paraphrased by the title.",
    )
    language = Language(max_length=35, blank=True, default="", help_text="The language of the text (BCP 47).")
    commodity = Line(
        max_length=200, blank=True, default="", help_text="The goods concerned, in the source's own words: `soja`."
    )
    hs_codes = StringList(
        item_pattern=r"\d{2}(?:\d{2}){0,2}",
        help_text="Headings of the Harmonized System 2022 (2, 4 or 6 digits): "
        "the editors' mapping of the commodity, not the source's.",
    )
    scope = word(Scope, "How much of its subject it covers.", default=Scope.UNSPECIFIED)
    scope_note = Line(max_length=300, blank=True, default="", help_text="What the scope is, in the source's own words.")
    baseline_value = models.DecimalField(
        max_digits=DIGITS,
        decimal_places=PLACES,
        null=True,
        blank=True,
        help_text="The quantity before; null = not stated.",
    )
    value = models.DecimalField(
        max_digits=DIGITS,
        decimal_places=PLACES,
        null=True,
        blank=True,
        help_text="The quantity agreed; null = not stated.",
    )
    unit = Line(
        max_length=32,
        blank=True,
        default="",
        help_text="The unit of both quantities: UCUM (`%`, `t`) or UN/ECE Recommendation 20.",
    )
    delta = models.GeneratedField(
        expression=Round(F("value") - F("baseline_value"), PLACES),
        output_field=models.DecimalField(max_digits=DIGITS, decimal_places=PLACES),
        db_persist=True,
        help_text="`value` minus `baseline_value`, in `delta_unit`; null unless both are stated.",
    )
    effective = edtf_date("From when it applies, where that differs from the agreement.")
    effective_earliest = EdtfBound(of="effective", side="earliest", db_index=True)
    effective_latest = EdtfBound(of="effective", side="latest", db_index=True)
    ends = edtf_date("Its last day, where that differs from the agreement.")
    ends_earliest = EdtfBound(of="ends", side="earliest", db_index=True)
    ends_latest = EdtfBound(of="ends", side="latest", db_index=True)
    parent = models.ForeignKey(
        "self",
        models.RESTRICT,
        null=True,
        blank=True,
        related_name="children",
        help_text="The chapter or article that contains it.",
    )
    search = Words(head=("number", "title"), body=("text", "commodity", "scope_note"), language="language")

    objects = ClauseQuerySet.as_manager()

    class Meta:
        constraints = [
            one_of("type", ClauseType),
            one_of("standing", Standing),
            one_of("modality", Modality),
            one_of("scope", Scope),
            not_itself("parent"),
            *edtf_kept("effective", "ends"),
            *not_blank("number", "title"),
            RowRule(
                condition=Q(value__isnull=True, baseline_value__isnull=True) | ~Q(unit=""),
                name="clause_quantity_has_unit",
                field="unit",
                violation_error_code="unit_missing",
                violation_error_message="A quantity needs its unit.",
            ),
            RowRule(
                condition=Q(value__isnull=True)
                | Q(baseline_value__isnull=True)
                | Q(value__lt=F("baseline_value") + FARTHEST, value__gt=F("baseline_value") - FARTHEST),
                name="clause_quantities_comparable",
                field="value",
                violation_error_code="too_far_apart",
                violation_error_message="The two quantities lie too far apart: their difference has 11 digits at most.",
            ),
            RowRule(
                condition=Q(text="") | ~Q(language=""),
                name="clause_text_has_language",
                field="language",
                violation_error_code="language_missing",
                violation_error_message="A text needs its language.",
            ),
            models.UniqueConstraint(
                fields=["agreement", "number"],
                name="clause_number_once",
                violation_error_message="The agreement has a clause of this number already.",
            ),
        ]
        indexes = [
            models.Index(fields=["agreement", "position"], name="clause_order"),
            # One type, in order of id or of change, and of one modality beside it: the commonest questions.
            models.Index(fields=["type", "id"], name="clause_by_type"),
            models.Index(fields=["type", "updated_at", "id"], name="clause_by_type_changed"),
            models.Index(fields=["type", "modality", "updated_at", "id"], name="clause_by_type_modality"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    @property
    def delta_unit(self) -> str:
        """The unit of `delta`; blank where there is none."""
        if self.delta is None:
            return ""
        return comparison.delta_unit(self.unit)

    def natural_key(self) -> tuple[str, str]:
        """Agreement and number."""
        return (self.agreement.slug, self.number)

    def clean(self) -> None:
        """A clause stands within a clause of its own agreement, and not within itself."""
        refuse_foreign(self, "parent")
        refuse_loop(self, "parent")


class ClausePartyQuerySet(RecordQuerySet):
    """Questions about who owes and who is owed."""

    published_path = "clause__agreement__is_published"

    def get_by_natural_key(self, agreement: str, number: str, party: str, role: str) -> "ClauseParty":
        """What this party is to this clause, in this role."""
        found: ClauseParty = self.get(
            clause__agreement__slug=agreement, clause__number=number, party__slug=party, role=role
        )
        return found


class ClauseParty(Record):
    """Who owes a clause, to whom, and whether the text names them."""

    clause = models.ForeignKey(
        Clause,
        models.CASCADE,
        related_name="parties",
        help_text="The clause.",
        db_index=False,  # clauseparty_of_clause begins with it
    )
    party = models.ForeignKey(Party, models.PROTECT, related_name="clause_roles", help_text="Who.")
    role = word(ClauseRole, "What the party is to the clause.")
    explicit = models.BooleanField(
        help_text="Whether the text names the party in that role (true), or an editor supplied it (false)."
    )

    objects = ClausePartyQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "clause parties"
        constraints = [
            one_of("role", ClauseRole),
            models.UniqueConstraint(fields=["clause", "party", "role"], name="clauseparty_once"),
        ]
        indexes = [
            models.Index(fields=["party", "role", "explicit"], name="clauseparty_who_owes"),
            models.Index(  # all that a page shows of its clauses' parties
                fields=["clause", "id", "party", "role", "explicit"], name="clauseparty_of_clause"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.party} ({self.get_role_display()})"

    def natural_key(self) -> tuple[str, str, str, str]:
        """Agreement and number of the clause, party and role."""
        return (*self.clause.natural_key(), self.party.slug, self.role)


Clause.natural_key.dependencies = ["accords.agreement", "accords.clause"]  # type: ignore[attr-defined]
ClauseParty.natural_key.dependencies = ["accords.clause", "accords.party"]  # type: ignore[attr-defined]
