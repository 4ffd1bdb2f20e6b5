"""Clauses: who owes what to whom, in what quantity."""

from datetime import date
from decimal import Decimal
from typing import Any, Self

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Case, Exists, F, Func, OuterRef, Q, Value, When
from django.utils.translation import gettext_lazy as _

from accords.db import hs_codes  # noqa: F401 - registers a lookup
from accords.db.constraints import FieldCheck, not_blank, not_itself, one_of, valid_edtf
from accords.db.fields import (
    EdtfBound,
    Language,
    Line,
    Quantity,
    RowNumber,
    StringList,
    Text,
    duration_field,
    edtf_field,
    word_field,
)
from accords.db.search_index import SearchEntry, create_words_model
from accords.models.agreements import Agreement, DerivedDay, has_certain_grounds, in_force, over_before_start
from accords.models.base import BaseQuerySet, TimestampedModel, VersionedModel, refuse_cycle, refuse_foreign
from accords.models.parties import Party
from accords.rules import comparison, units
from accords.vocabulary import (
    ClauseRole,
    ClauseType,
    Comparator,
    DateCertainty,
    Modality,
    Modification,
    Polarity,
    RestsOn,
    Scope,
    Standing,
)

# `Clause.delta_unit` in SQL.
DELTA_UNIT = Case(
    When(delta=None, then=Value("")),
    When(unit="%", then=Value(comparison.delta_unit("%"))),
    default=F("unit"),
    output_field=models.CharField(),
)
PART_OF_AGREEMENT = (Standing.TERM, Standing.TEXT)  # clauses with these share the dates of their agreement


def validate_unit(unit: str) -> None:
    """Refuse a unit that no published code has; see `rules.units`."""
    if not units.is_known(unit):
        message = _("%(unit)r is not a unit of UCUM (`%%`, `t`), UN/ECE Recommendation 20 (`TNE`) or ISO 4217 (`EUR`).")
        raise ValidationError(message, code="unknown_unit", params={"unit": unit})


class Difference(Func):
    """The difference of two quantities, exact to the digits that they have.

    SQLite subtracts floating-point numbers, which keep 15 significant digits. There the difference is rounded to the
    decimal places that 15 digits leave beside the integer digits of the larger quantity.
    """

    template, arg_joiner = "(%(expressions)s)", " - "
    output_field = models.DecimalField(max_digits=2 * Quantity.DIGITS + 1, decimal_places=Quantity.DIGITS)
    arity = 2

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> tuple[str, Any]:
        (value, params), (other, other_params) = (
            compiler.compile(expression) for expression in self.source_expressions
        )
        larger = f"max(abs({value}), abs({other}))"
        whole_digits = f"(length(CAST(CAST({larger} AS integer) AS text)) - ({larger} < 1))"
        both_params = (*params, *other_params)
        return f"round({value} - {other}, max(0, {Quantity.DIGITS} - {whole_digits}))", 3 * both_params


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
        """Return the clauses in force on a day, `possible` or `certain`.

        A clause that is part of its agreement shares the agreement's dates, and within them has its own. One that
        survives the end begins with the agreement all the same, or never if that never starts. An outcome of talks or a
        reported commitment is certain only between dates of its own. A substituted or repealed clause ends when the one
        that replaces it begins.
        """
        is_part = Q(standing__in=PART_OF_AGREEMENT)
        if certainty == DateCertainty.CERTAIN:
            own_dates = (Q(effective="") | Q(effective_latest__lte=day)) & (Q(ends="") | Q(ends_earliest__gte=day))
            survives = Q(survives=True, agreement__starts_high__lte=day) & has_certain_grounds("agreement__")
            survives &= ~over_before_start("high", "low", "agreement__")
            has_both_dates = ~Q(effective="") & ~Q(ends="")
            is_stated, not_replaced = ~Q(rests_on=RestsOn.EDITORIAL), Q(replaced_low__gte=day)
            as_part = is_part & (in_force(day, certainty, "agreement__") | survives)
            return self.filter(own_dates & is_stated & not_replaced & (as_part | (~is_part & has_both_dates)))
        has_begun = Q(effective_earliest__isnull=True) | Q(effective_earliest__lte=day)
        own_dates = has_begun & (Q(ends_latest__isnull=True) | Q(ends_latest__gte=day)) & Q(replaced_high__gte=day)
        outlives_agreement = ~is_part | (Q(survives=True) & ~over_before_start("low", "high", "agreement__"))
        # For a clause that does not outlive its agreement, `in_force` implies that the agreement has started. The
        # condition of its own lets the database drop rows early.
        has_started = Q(agreement__starts_low__lte=day) | (~is_part & ~Q(effective=""))
        return self.filter(own_dates & has_started & (outlives_agreement | in_force(day, certainty, "agreement__")))

    def asserted_by(self, speaker: Any) -> Self:
        """Return the clauses that a statement of this party affirms."""
        affirming = self.related_manager("statements").filter(speaker=speaker, polarity=Polarity.POSITIVE)
        return self.filter(pk__in=affirming.values("clause"))

    def get_by_natural_key(self, agreement: str, number: str) -> "Clause":
        clause: Clause = self.get(agreement__slug=agreement, number=number)
        return clause


class Clause(VersionedModel):
    """One thing agreed, as a source states it."""

    agreement = models.ForeignKey(
        Agreement, models.CASCADE, verbose_name=_("agreement"), related_name="clauses", help_text=_("The agreement.")
    )
    number = RowNumber(
        _("number"), max_length=50, help_text=_("The number in the text, or the editors' own where it has none.")
    )
    position = models.PositiveIntegerField(
        _("position"),
        validators=[MinValueValidator(1), MaxValueValidator(2**31 - 1)],
        help_text=_("Its place in the agreement's order, from 1."),
    )
    type = word_field(_("type"), ClauseType, _("The subject of the clause."))
    standing = word_field(
        _("standing"), Standing, _("How the source states it, and so whether it is part of the agreement.")
    )
    modality = word_field(_("modality"), Modality, _("Whether it obliges, permits, forbids or declares."))
    title = Line(
        _("title"), max_length=300, blank=True, default="", help_text=_("A short heading in English, or blank.")
    )
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
        item_pattern=r"\d{2}(?:\d{2}){0,2}(?:-\d{2}(?:\d{2}){0,2})?",
        help_text=_(
            "Headings of the Harmonized System 2022 (2, 4 or 6 digits), or ranges of them (`25-97`): "
            "the editors' mapping of the commodity, not the source's."
        ),
    )
    scope = word_field(_("scope"), Scope, _("How much of its subject it covers."), default=Scope.UNSPECIFIED)
    scope_note = Line(
        _("scope note"),
        max_length=300,
        blank=True,
        default="",
        help_text=_("What the scope is, in the source's own words."),
    )
    baseline_value = Quantity(
        _("baseline value"),
        null=True,
        blank=True,
        help_text=_("The quantity before; blank = not stated."),
    )
    value = Quantity(
        _("value"),
        null=True,
        blank=True,
        help_text=_("The quantity agreed, of up to 15 significant digits; blank = not stated."),
    )
    comparator = word_field(
        _("comparator"),
        Comparator,
        _("How the quantity agreed is to be compared with the value; blank = not stated."),
        default="",
        blank=True,
    )
    unit = Line(
        _("unit"),
        max_length=32,
        blank=True,
        default="",
        validators=[validate_unit],
        help_text=_("The unit of both quantities: UCUM (`%`, `t`), UN/ECE Recommendation 20 or ISO 4217 (`EUR`)."),
    )
    per = duration_field(_("per"), _("The time to which the quantity agreed applies: `P1Y` for a yearly fee."))
    delta = models.GeneratedField(
        verbose_name=_("delta"),
        expression=Difference(F("value"), F("baseline_value")),
        output_field=models.DecimalField(max_digits=2 * Quantity.DIGITS + 1, decimal_places=Quantity.DIGITS),
        db_persist=True,
        help_text=_("`value` minus `baseline_value`, in `delta_unit`; null unless both are stated."),
    )
    effective = edtf_field(_("effective"), _("From when it applies, where that differs from the agreement."))
    effective_earliest = EdtfBound(_("effective earliest"), of="effective", side="earliest", db_index=True)
    effective_latest = EdtfBound(_("effective latest"), of="effective", side="latest", db_index=True)
    ends = edtf_field(_("ends"), _("Its last day, where that differs from the agreement."))
    ends_earliest = EdtfBound(_("ends earliest"), of="ends", side="earliest", db_index=True)
    ends_latest = EdtfBound(_("ends latest"), of="ends", side="latest", db_index=True)
    period = duration_field(_("period"), _("A period within the clause, such as one for payment or cure: `P30D`."))
    trigger = Line(
        _("trigger"),
        max_length=500,
        blank=True,
        default="",
        help_text=_("The event from which the period runs, in the source's own words: `from receipt of the invoice`."),
    )
    survives = models.BooleanField(
        _("survives"), default=False, help_text=_("Whether it continues to apply after the end of the agreement.")
    )
    modifies = models.ForeignKey(
        "self",
        models.RESTRICT,
        verbose_name=_("modifies"),
        null=True,
        blank=True,
        related_name="modified_by",
        help_text=_("The clause of the amended agreement that it replaces, repeals or is inserted after."),
    )
    modification = word_field(
        _("modification"), Modification, _("How it changes the clause that it modifies."), default="", blank=True
    )
    replaced_low = DerivedDay()
    replaced_high = DerivedDay()
    rests_on = word_field(
        _("rests on"),
        RestsOn,
        _("The weakest evidence of its own dates; blank if it has none."),
        default="",
        blank=True,
        editable=False,
    )
    parent = models.ForeignKey(
        "self",
        models.RESTRICT,
        verbose_name=_("parent"),
        null=True,
        blank=True,
        related_name="children",
        help_text=_("The chapter or article that contains it."),
    )
    search = SearchEntry(
        head=("number", "title"),
        body=("text", "commodity", "scope_note", "trigger"),
        language="language",
        folded=("number", "title", "commodity", "scope_note", "trigger"),
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
            one_of("comparator", Comparator, blank=True),
            one_of("modification", Modification, blank=True),
            one_of("rests_on", RestsOn, blank=True),
            not_itself("parent"),
            not_itself("modifies"),
            *valid_edtf("effective", "ends"),
            *not_blank("number"),
            FieldCheck(
                condition=Q(value__isnull=True, baseline_value__isnull=True) | ~Q(unit=""),
                name="clause_quantity_has_unit",
                field="unit",
                violation_error_code="unit_missing",
                violation_error_message=_("A quantity needs its unit."),
            ),
            FieldCheck(
                condition=Q(value__isnull=False) | Q(comparator="", per=""),
                name="clause_comparator_has_value",
                field="value",
                violation_error_code="value_missing",
                violation_error_message=_("A comparator or a time per which a quantity applies needs the value."),
            ),
            FieldCheck(
                condition=Q(modifies__isnull=True, modification="") | (Q(modifies__isnull=False) & ~Q(modification="")),
                name="clause_modification_has_clause",
                field="modification",
                violation_error_code="modification",
                violation_error_message=_("Enter the clause that is modified together with the kind of modification."),
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
            models.Index(fields=["position", "id"], name="clause_by_position"),
            # The most common lists: one type, or one type and modality, by id or by time of change.
            models.Index(fields=["number", "id"], name="clause_by_number"),
            models.Index(fields=["delta", "id"], name="clause_by_delta"),
            models.Index(fields=["type", "id"], name="clause_by_type"),
            models.Index(fields=["type", "updated_at", "id"], name="clause_by_type_changed"),
            models.Index(fields=["type", "modality", "updated_at", "id"], name="clause_by_type_modality"),
            # The columns that `in_force_on` tests, in the order of pages: SQLite then reads matching rows only.
            models.Index(
                fields=[
                    *("id", "agreement", "standing", "survives", "effective", "effective_earliest", "effective_latest"),
                    *("ends", "ends_earliest", "ends_latest", "replaced_low", "replaced_high", "rests_on"),
                ],
                name="clause_in_force",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}".rstrip()

    @property
    def delta_unit(self) -> str:
        """Return the unit of `delta`; blank if there is none."""
        if self.delta is None:
            return ""
        return comparison.delta_unit(self.unit)

    def natural_key(self) -> tuple[str, str]:
        return (self.agreement.slug, self.number)

    def clean(self) -> None:
        """Refuse relations to clauses of a wrong agreement, and quantities whose difference is not exact."""
        refuse_foreign(self, "parent")
        refuse_cycle(self, "parent")
        if self.modifies_id is not None and self.agreement_id is not None:
            self._refuse_modification_of_another_text()
        if self.value is not None and self.baseline_value is not None:
            value, baseline = Decimal(self.value), Decimal(self.baseline_value)
            whole_digits = max(0, max(abs(value), abs(baseline)).adjusted() + 1)
            if -(value - baseline).normalize().as_tuple().exponent > Quantity.DIGITS - whole_digits:  # type: ignore[operator]  # a finite number has a whole exponent
                message = _("The two quantities lie too far apart: one is too fine for their difference to be exact.")
                raise ValidationError({"value": ValidationError(message, code="too_far_apart")})

    def _refuse_modification_of_another_text(self) -> None:
        """Refuse to modify a clause of an agreement that this one does not amend, directly or through others."""
        try:
            amended = self.agreement.amended()
        except Agreement.DoesNotExist:  # a wrong id, which is an error of `agreement` already
            return
        if self.modifies is not None and self.modifies.agreement not in amended:
            message = _("This belongs to an agreement that the clause's agreement does not amend.")
            raise ValidationError({"modifies": ValidationError(message, code="not_amended")})


class ClausePartyQuerySet(BaseQuerySet):
    published_path = "clause__agreement__is_published"

    def get_by_natural_key(self, agreement: str, number: str, party: str, role: str) -> "ClauseParty":
        clause_party: ClauseParty = self.get(
            clause__agreement__slug=agreement, clause__number=number, party__slug=party, role=role
        )
        return clause_party


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
        Party,
        models.PROTECT,
        verbose_name=_("party"),
        related_name="clause_roles",
        help_text=_("Who."),
        db_index=False,  # clauseparty_who_owes covers it
    )
    role = word_field(_("role"), ClauseRole, _("What the party is to the clause."))
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
            models.Index(fields=["party", "role", "explicit", "clause"], name="clauseparty_who_owes"),
            models.Index(  # covers the parties of a page of clauses
                fields=["clause", "id", "party", "role", "explicit"], name="clauseparty_of_clause"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.party} ({self.get_role_display()})"

    def natural_key(self) -> tuple[str, str, str, str]:
        return (*self.clause.natural_key(), self.party.slug, self.role)


Clause.natural_key.dependencies = ["accords.agreement"]  # type: ignore[attr-defined]  # read by Django from the function
ClauseParty.natural_key.dependencies = ["accords.clause", "accords.party"]  # type: ignore[attr-defined]  # read by Django from the function

ClauseWords = create_words_model(Clause, __name__)
