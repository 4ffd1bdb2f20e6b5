"""Clauses: who owes what to whom, in what quantity."""

from datetime import date
from decimal import Decimal
from typing import Any, Self

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Round
from django.utils.translation import gettext_lazy as _

from accords.db.constraints import FieldCheck, not_blank, not_itself, one_of, valid_edtf
from accords.db.fields import EdtfBound, Language, Line, StringList, Text, edtf_date, word
from accords.db.search_index import Words, index_of
from accords.models.agreements import Agreement
from accords.models.base import BaseQuerySet, TimestampedModel, VersionedModel, refuse_foreign, refuse_loop
from accords.models.parties import Party
from accords.rules import comparison
from accords.vocabulary import ClauseRole, ClauseType, DateCertainty, Modality, Scope, Standing

DIGITS, PLACES = 15, 4  # a double, and so JSON and SQLite, stores 15 digits exactly

FARTHEST = Decimal(10**11)  # a larger difference does not fit the column `delta`


class ClauseQuerySet(BaseQuerySet):
    def with_parties(self, *, roles: tuple[str, ...] = (), party: Any = None, explicit: bool | None = None) -> Self:
        """Return the clauses with a party entry that has one of the roles, is that party, and is explicit or not."""
        entry = ClauseParty.objects.filter(clause=OuterRef("pk"))
        if roles:
            entry = entry.filter(role__in=roles)
        if party is not None:
            entry = entry.filter(party=party)
        if explicit is not None:
            entry = entry.filter(explicit=explicit)
        return self.filter(Exists(entry))

    def in_force_on(self, day: date, certainty: str) -> Self:
        """Return the clauses whose agreement is in force on a day and whose own dates, if stated, include it."""
        if certainty == DateCertainty.CERTAIN:
            own = (Q(effective="") | Q(effective_latest__lte=day)) & (Q(ends="") | Q(ends_earliest__gte=day))
        else:
            begun = Q(effective_earliest__isnull=True) | Q(effective_earliest__lte=day)
            own = begun & (Q(ends_latest__isnull=True) | Q(ends_latest__gte=day))
        return self.filter(own, agreement__in=Agreement.objects.in_force_on(day, certainty))

    def asserted_by(self, speaker: Any) -> Self:
        """Return the clauses about which this party makes a statement."""
        return self.filter(pk__in=self.rows_of("statements").filter(speaker=speaker).values("clause"))

    def get_by_natural_key(self, agreement: str, number: str) -> "Clause":
        found: Clause = self.get(agreement__slug=agreement, number=number)
        return found


class Clause(VersionedModel):
    """One thing agreed, as a source states it."""

    agreement = models.ForeignKey(
        Agreement, models.CASCADE, verbose_name=_("agreement"), related_name="clauses", help_text=_("The agreement.")
    )
    number = Line(
        _("number"), max_length=50, help_text=_("The number in the text, or the editors' own where it has none.")
    )
    position = models.PositiveIntegerField(
        _("position"),
        validators=[MaxValueValidator(2**31 - 1)],
        help_text=_("Its place in the agreement's order, from 1."),
    )
    type = word(_("type"), ClauseType, _("The subject of the clause."))
    standing = word(_("standing"), Standing, _("On what footing the source states it."))
    modality = word(_("modality"), Modality, _("Whether it obliges, permits, forbids or declares."))
    title = Line(_("title"), max_length=300, help_text=_("A short heading, in English."))
    text = Text(
        _("text"),
        blank=True,
        default="",
        help_text=_("What the source says, in its own words; blank = only paraphrased by the title."),
    )
    language = Language(
        _("language"), max_length=35, blank=True, default="", help_text=_("The language of the text (BCP 47).")
    )
    commodity = Line(
        _("commodity"),
        max_length=200,
        blank=True,
        default="",
        help_text=_("The goods concerned, in the source's own words: `soja`."),
    )
    hs_codes = StringList(
        _("HS codes"),
        item_pattern=r"\d{2}(?:\d{2}){0,2}",
        help_text=_(
            "Headings of the Harmonized System 2022 (2, 4 or 6 digits): "
            "the editors' mapping of the commodity, not the source's."
        ),
    )
    scope = word(_("scope"), Scope, _("How much of its subject it covers."), default=Scope.UNSPECIFIED)
    scope_note = Line(
        _("scope note"),
        max_length=300,
        blank=True,
        default="",
        help_text=_("What the scope is, in the source's own words."),
    )
    baseline_value = models.DecimalField(
        _("baseline value"),
        max_digits=DIGITS,
        decimal_places=PLACES,
        null=True,
        blank=True,
        help_text=_("The quantity before; blank = not stated."),
    )
    value = models.DecimalField(
        _("value"),
        max_digits=DIGITS,
        decimal_places=PLACES,
        null=True,
        blank=True,
        help_text=_("The quantity agreed; blank = not stated."),
    )
    unit = Line(
        _("unit"),
        max_length=32,
        blank=True,
        default="",
        help_text=_("The unit of both quantities: UCUM (`%`, `t`) or UN/ECE Recommendation 20."),
    )
    delta = models.GeneratedField(
        verbose_name=_("delta"),
        expression=Round(F("value") - F("baseline_value"), PLACES),
        output_field=models.DecimalField(max_digits=DIGITS, decimal_places=PLACES),
        db_persist=True,
        help_text=_("`value` minus `baseline_value`, in `delta_unit`; null unless both are stated."),
    )
    effective = edtf_date(_("effective"), _("From when it applies, where that differs from the agreement."))
    effective_earliest = EdtfBound(_("effective earliest"), of="effective", side="earliest", db_index=True)
    effective_latest = EdtfBound(_("effective latest"), of="effective", side="latest", db_index=True)
    ends = edtf_date(_("ends"), _("Its last day, where that differs from the agreement."))
    ends_earliest = EdtfBound(_("ends earliest"), of="ends", side="earliest", db_index=True)
    ends_latest = EdtfBound(_("ends latest"), of="ends", side="latest", db_index=True)
    parent = models.ForeignKey(
        "self",
        models.RESTRICT,
        verbose_name=_("parent"),
        null=True,
        blank=True,
        related_name="children",
        help_text=_("The chapter or article that contains it."),
    )
    search = Words(
        head=("number", "title"),
        body=("text", "commodity", "scope_note"),
        language="language",
        folded=("number", "title", "commodity", "scope_note"),
    )

    objects = ClauseQuerySet.as_manager()

    class Meta:
        verbose_name = _("clause")
        verbose_name_plural = _("clauses")
        constraints = [
            one_of("type", ClauseType),
            one_of("standing", Standing),
            one_of("modality", Modality),
            one_of("scope", Scope),
            not_itself("parent"),
            *valid_edtf("effective", "ends"),
            *not_blank("number", "title"),
            FieldCheck(
                condition=Q(value__isnull=True, baseline_value__isnull=True) | ~Q(unit=""),
                name="clause_quantity_has_unit",
                field="unit",
                violation_error_code="unit_missing",
                violation_error_message=_("A quantity needs its unit."),
            ),
            FieldCheck(
                condition=Q(value__isnull=True)
                | Q(baseline_value__isnull=True)
                | Q(value__lt=F("baseline_value") + FARTHEST, value__gt=F("baseline_value") - FARTHEST),
                name="clause_quantities_comparable",
                field="value",
                violation_error_code="too_far_apart",
                violation_error_message=_(
                    "The two quantities lie too far apart: their difference has 11 digits at most."
                ),
            ),
            FieldCheck(
                condition=Q(text="") | ~Q(language=""),
                name="clause_text_has_language",
                field="language",
                violation_error_code="language_missing",
                violation_error_message=_("A text needs its language."),
            ),
            models.UniqueConstraint(
                fields=["agreement", "number"],
                name="clause_number_once",
                violation_error_message=_("The agreement has a clause of this number already."),
            ),
        ]
        indexes = [
            models.Index(fields=["agreement", "position"], name="clause_order"),
            # The most common lists: one type, or one type and modality, by id or by time of change.
            models.Index(fields=["type", "id"], name="clause_by_type"),
            models.Index(fields=["type", "updated_at", "id"], name="clause_by_type_changed"),
            models.Index(fields=["type", "modality", "updated_at", "id"], name="clause_by_type_modality"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    @property
    def delta_unit(self) -> str:
        """Return the unit of `delta`; blank if there is none."""
        if self.delta is None:
            return ""
        return comparison.delta_unit(self.unit)

    def natural_key(self) -> tuple[str, str]:
        return (self.agreement.slug, self.number)

    def clean(self) -> None:
        """Refuse a parent of another agreement, and a clause that contains itself."""
        refuse_foreign(self, "parent")
        refuse_loop(self, "parent")


class ClausePartyQuerySet(BaseQuerySet):
    published_path = "clause__agreement__is_published"

    def get_by_natural_key(self, agreement: str, number: str, party: str, role: str) -> "ClauseParty":
        found: ClauseParty = self.get(
            clause__agreement__slug=agreement, clause__number=number, party__slug=party, role=role
        )
        return found


class ClauseParty(TimestampedModel):
    """Who owes a clause, to whom, and whether the text names them."""

    clause = models.ForeignKey(
        Clause,
        models.CASCADE,
        verbose_name=_("clause"),
        related_name="parties",
        help_text=_("The clause."),
        db_index=False,  # clauseparty_of_clause covers it
    )
    party = models.ForeignKey(
        Party, models.PROTECT, verbose_name=_("party"), related_name="clause_roles", help_text=_("Who.")
    )
    role = word(_("role"), ClauseRole, _("What the party is to the clause."))
    explicit = models.BooleanField(
        _("explicit"),
        help_text=_("Whether the text names the party in that role (true), or an editor supplied it (false)."),
    )

    objects = ClausePartyQuerySet.as_manager()

    class Meta:
        verbose_name = _("clause party")
        verbose_name_plural = _("clause parties")
        constraints = [
            one_of("role", ClauseRole),
            models.UniqueConstraint(fields=["clause", "party", "role"], name="clauseparty_once"),
        ]
        indexes = [
            models.Index(fields=["party", "role", "explicit"], name="clauseparty_who_owes"),
            models.Index(  # covers the parties of a page of clauses
                fields=["clause", "id", "party", "role", "explicit"], name="clauseparty_of_clause"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.party} ({self.get_role_display()})"

    def natural_key(self) -> tuple[str, str, str, str]:
        return (*self.clause.natural_key(), self.party.slug, self.role)


Clause.natural_key.dependencies = ["accords.agreement", "accords.clause"]  # type: ignore[attr-defined]
ClauseParty.natural_key.dependencies = ["accords.clause", "accords.party"]  # type: ignore[attr-defined]

ClauseWords = index_of(Clause, __name__)
