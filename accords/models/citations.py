"""Citations: the words of a source that say what a row claims."""

from collections import defaultdict
from collections.abc import Iterable
from functools import cache
from typing import Any, NamedTuple, Self

from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db import models
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Length
from django.db.models.lookups import Exact
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accords.db.constraints import FieldCheck, not_blank
from accords.db.fields import Country, Duration, DurationList, Edtf, Line, Text
from accords.db.search_index import Words
from accords.db.translation import translate
from accords.models.agreements import Agreement, Participation
from accords.models.base import BaseQuerySet, VersionedModel
from accords.models.clauses import Clause
from accords.models.events import Event
from accords.models.parties import Party
from accords.models.renewals import Renewal
from accords.models.sources import TARGET_AGREEMENTS, Source, about, parties_named
from accords.models.statements import Statement
from accords.rules import quotes
from accords.vocabulary import RenewalBasis

TARGETS: dict[str, type[models.Model]] = {
    "agreement": Agreement,
    "clause": Clause,
    "statement": Statement,
    "event": Event,
    "renewal": Renewal,
    "participation": Participation,
    "party": Party,
}
# The claims that the reading desk lists; a party and its part are cited on pages of their own and in the API.
CLAIM_TARGETS = {name: TARGETS[name] for name in ("agreement", "clause", "statement", "event", "renewal")}
NOT_CLAIMS = {"id", "created_at", "updated_at", "agreement", "is_published"}


def citable_fields(target: type[models.Model]) -> list[str]:
    """Return the names of what a citation of a row can support: its editable fields and lists, and its parties."""
    names = [
        field.name for field in target._meta.get_fields() if not field.auto_created and getattr(field, "editable", True)
    ]
    return sorted({*names, "parties"} - NOT_CLAIMS)


def field_label(target: type[models.Model], name: str) -> Any:
    """Return the translated name of a citable field."""
    return _("parties") if name == "parties" else target._meta.get_field(name).verbose_name  # type: ignore[union-attr]


def exactly_one(names: list[str]) -> Q:
    """Return the condition that exactly one of these relations is set."""
    choice = Q()
    for chosen in names:
        choice |= Q(*((f"{name}__isnull", name != chosen) for name in names))
    return choice


class CitationQuerySet(BaseQuerySet):
    def published(self) -> Self:
        """Return the citations whose target belongs to a published agreement."""
        return self.filter(about("is_published", True))

    def of_agreement(self, agreement: Any) -> Self:
        """Return the citations of an agreement and of its related rows.

        A union lets each kind of target use its index, where one condition on all targets reads every citation.
        """
        rows = self.model._default_manager.order_by()
        of_parties = rows.filter(party__in=parties_named("pk", agreement).values("pk")).values("pk")
        of_rows = (rows.filter(Q((path, agreement))).values("pk") for path in TARGET_AGREEMENTS.values())
        return self.filter(pk__in=of_parties.union(*of_rows, all=True))

    def of_kind(self, target: str) -> Self:
        """Return the citations of a kind of target, a key of `TARGETS`."""
        return self.filter(Q((f"{target}__isnull", False)))

    def get_by_natural_key(self, source: str, start: int, end: int, field: str, target: str, *key: Any) -> "Citation":
        row = TARGETS[target]._default_manager.get_by_natural_key(*key)  # type: ignore[attr-defined]
        found: Citation = self.get(Q((target, row)), source__slug=source, start=start, end=end, field=field)
        return found


class Citation(VersionedModel):
    """A quotation from a source that supports one field of a row, or the whole row: W3C Web Annotation selectors."""

    source = models.ForeignKey(
        Source,
        models.PROTECT,
        verbose_name=_("source"),
        related_name="citations",
        help_text=_("The source that is quoted."),
    )
    agreement = models.ForeignKey(
        Agreement,
        models.CASCADE,
        verbose_name=_("agreement"),
        null=True,
        blank=True,
        related_name="citations",
        help_text=_("The agreement, where the claim is its own."),
    )
    clause = models.ForeignKey(
        Clause,
        models.CASCADE,
        verbose_name=_("clause"),
        null=True,
        blank=True,
        related_name="citations",
        help_text=_("The clause that it supports."),
    )
    statement = models.ForeignKey(
        Statement,
        models.CASCADE,
        verbose_name=_("statement"),
        null=True,
        blank=True,
        related_name="citations",
        help_text=_("The statement that it supports."),
    )
    event = models.ForeignKey(
        Event,
        models.CASCADE,
        verbose_name=_("event"),
        null=True,
        blank=True,
        related_name="citations",
        help_text=_("The event that it supports."),
    )
    renewal = models.ForeignKey(
        Renewal,
        models.CASCADE,
        verbose_name=pgettext_lazy("field", "renewal"),
        null=True,
        blank=True,
        related_name="citations",
        help_text=_("The renewal date that it supports."),
    )
    participation = models.ForeignKey(
        Participation,
        models.CASCADE,
        verbose_name=_("participation"),
        null=True,
        blank=True,
        related_name="citations",
        help_text=_("The part of a party in an agreement that it supports."),
    )
    party = models.ForeignKey(
        Party,
        models.CASCADE,
        verbose_name=_("party"),
        null=True,
        blank=True,
        related_name="citations",
        help_text=_("The party that it supports."),
    )
    field = Line(
        _("field"),
        max_length=50,
        blank=True,
        default="",
        help_text=_("The field that it supports; blank = the whole row."),
    )
    exact = Text(_("exact"), help_text=_("The quoted words, to the letter (TextQuoteSelector)."))
    prefix = Text(_("prefix"), blank=True, default="", help_text=_("What stands before them (TextQuoteSelector)."))
    suffix = Text(_("suffix"), blank=True, default="", help_text=_("What stands after them (TextQuoteSelector)."))
    start = models.PositiveIntegerField(
        _("start"),
        blank=True,
        help_text=_(
            "Where they start in the source: Unicode code points from 0 (TextPositionSelector). "
            "Found from the quote if left blank."
        ),
    )
    end = models.PositiveIntegerField(
        _("end"),
        blank=True,
        help_text=_("Where they end, exclusive (TextPositionSelector). Found from the quote if left blank."),
    )

    search = Words(folded=("exact",))

    objects = CitationQuerySet.as_manager()

    class Meta:
        verbose_name = _("citation")
        verbose_name_plural = _("citations")
        constraints = [
            FieldCheck(
                condition=exactly_one([*TARGETS]),
                name="citation_one_target",
                violation_error_code="one_target",
                violation_error_message=_(
                    "A citation supports exactly one row: an agreement, clause, statement, event, renewal, "
                    "participation or party."
                ),
            ),
            FieldCheck(
                condition=Q(start__lt=F("end")), name="citation_offsets_in_order", field="end", database_only=True
            ),
            FieldCheck(
                condition=Q(Exact(Length(F("exact")), F("end") - F("start"))),
                name="citation_offsets_fit_quote",
                field="exact",
                database_only=True,
            ),
            *not_blank("exact"),
            *(
                models.UniqueConstraint(
                    fields=["source", "start", "end", "field", target],
                    condition=Q((f"{target}__isnull", False)),
                    name=f"citation_once_for_{target}",
                    violation_error_message=_("These words are cited for this already."),
                )
                for target in TARGETS
            ),
        ]
        indexes = [
            models.Index(fields=["start", "id"], name="citation_by_start"),
            models.Index(fields=["end", "id"], name="citation_by_end"),
        ]

    def __str__(self) -> str:
        return f"“{self.exact[:80]}” ({self.source})"

    @property
    def target_kind(self) -> str:
        """Return the name of the relation that is set; empty if none is."""
        return next((name for name in TARGETS if getattr(self, f"{name}_id") is not None), "")

    @property
    def target(self) -> models.Model | None:
        return getattr(self, self.target_kind) if self.target_kind else None

    def natural_key(self) -> tuple[Any, ...]:
        assert self.target is not None  # noqa: S101 - a constraint
        return (self.source.slug, self.start, self.end, self.field, self.target_kind, *self.target.natural_key())  # type: ignore[attr-defined]

    def clean(self) -> None:
        """Find the quote if it has no offsets, and refuse a quote that is not in the source at its offsets."""
        self._check_field()
        given: dict[str, Any] = {name: getattr(self, name) for name in ("source_id", "start", "end")}
        if given["source_id"] is None or not self.exact:
            return
        text = self.source.text
        self.start = self._locate(text) if given["start"] is None else self.start
        self.end = self.start + len(self.exact) if given["end"] is None else self.end
        self._check_quote(text)
        prefix, suffix = quotes.context(text, self.start, self.end)
        self.prefix, self.suffix = self.prefix or prefix, self.suffix or suffix

    def _check_field(self) -> None:
        """Refuse a field that the target does not have. The target may be unsaved."""
        kind = self.target_kind or next((name for name in TARGETS if self._state.fields_cache.get(name)), "")
        known = citable_fields(TARGETS[kind]) if kind else []
        if self.field and known and self.field not in known:
            message = _("%(field)r is not a field of the %(kind)s. Known: %(known)s.")
            told = {"field": self.field[:50], "kind": TARGETS[kind]._meta.verbose_name, "known": ", ".join(known)}
            raise ValidationError({"field": ValidationError(message, code="unknown_field", params=told)})

    def _locate(self, text: str) -> int:
        try:
            return quotes.locate(text, self.exact, self.prefix, self.suffix)
        except quotes.QuoteError as error:
            raise ValidationError({"exact": ValidationError(translate(error.args[0]), code="quote")}) from error

    def _check_quote(self, text: str) -> None:
        splits = quotes.splits_letter(text, self.start) or quotes.splits_letter(text, self.end)
        if text[self.start : self.end] == self.exact and self.start < self.end and not splits:
            if text[: self.start].endswith(self.prefix) and text[self.end :].startswith(self.suffix):
                return
            message = _("The prefix and suffix are not what stands before and after the quote.")
            raise ValidationError({"prefix": ValidationError(message, code="context")})
        raise ValidationError({"exact": ValidationError(self._misplaced(text), code="quote")})

    def _misplaced(self, text: str) -> str:
        """Return the message for wrong offsets, with the position of the quote or why it is missing."""
        message = _("The source does not have this quote at %(start)s–%(end)s.") % {
            "start": self.start,
            "end": self.end,
        }
        if there := quotes.occurrences(text, self.exact):
            where = _("It stands at %(there)s.") % {"there": there[0]}
            return f"{message} {where}"
        return f"{message} {translate(quotes.missing(text, self.exact))}"


assert list(TARGETS) == [*TARGET_AGREEMENTS, "party"]  # noqa: S101 - the same relations
Citation.natural_key.dependencies = [  # type: ignore[attr-defined]
    "accords.source",
    *(f"accords.{target}" for target in TARGETS),
]


WHOLE_ROW = ""
# Fields that the editors decide: names, order, paraphrases, mappings, and the basis of a date.
EDITORS_OWN = frozenset(
    {"slug", "title", "sequence", "language", "hs_codes", "basis", "proposition", "topics", "term_ends"}
)
# Dates, durations, numbers and countries need a citation of their own; one for the whole row is not enough.
PRECISE = (Edtf, Duration, DurationList, Country, models.DecimalField, models.IntegerField)
# The rows of an agreement that need a citation. A participation may be cited with the agreement's `parties` instead.
RELATED_MODELS: tuple[Any, ...] = (Clause, Statement, Event, Renewal)


class MissingCitation(NamedTuple):
    """A claim that no citation supports: a field of a row, or the whole row (blank)."""

    row: Any
    field: str

    @property
    def name(self) -> str:
        row = str(self.row)
        return f"{row}: {self.row._meta.get_field(self.field).verbose_name}" if self.field else row


@cache
def claims(model: type[models.Model]) -> dict[str, Any]:
    """Return the fields whose values are claims that need a citation, by name."""
    found: dict[str, Any] = {}
    for name in {*citable_fields(model)} - EDITORS_OWN:
        try:
            found[name] = model._meta.get_field(name)
        except FieldDoesNotExist:
            continue  # parties are rows of their own
    return found


def needs_own_words(field: Any) -> bool:
    """Return whether a citation for the whole row is not enough for this field."""
    return isinstance(field, PRECISE)


def stated_claims(row: models.Model) -> list[str]:
    """Return the names of the claim fields of a row that have a value, in order."""
    columns = [field for field in row._meta.concrete_fields if field.name in claims(type(row))]
    return [field.name for field in columns if getattr(row, field.attname) != field.get_default()]


def has_citation(target: type[models.Model]) -> Exists:
    """Return whether a citation supports the outer row or a field of it."""
    return Exists(Citation.objects.filter(**{target._meta.model_name or "": OuterRef("pk")}))


def uncited(model: type[models.Model]) -> QuerySet[Any]:
    """Return the rows that need a citation and have none. Computed renewals need none: their terms are cited."""
    rows = model._default_manager.filter(~has_citation(model))
    return rows.exclude(basis=RenewalBasis.COMPUTED) if model is Renewal else rows


def missing_citations(agreements: Iterable[Agreement]) -> dict[int, list[MissingCitation]]:
    """Return the missing citations of each agreement, by id: for its own claims, and for related rows without any.

    The number of queries does not depend on the number of agreements.
    """
    of = {agreement.pk: agreement for agreement in agreements}
    supported: dict[int, set[str]] = defaultdict(set)
    for pk, field in Citation.objects.filter(agreement__in=of).values_list("agreement", "field"):
        supported[pk].add(field)
    found = {pk: _unsupported(agreement, supported[pk]) for pk, agreement in of.items()}
    for model in RELATED_MODELS:
        for row in uncited(model).filter(agreement__in=of).order_by("agreement", "pk"):
            found[row.agreement_id].append(MissingCitation(row, WHOLE_ROW))
    return found


def _unsupported(agreement: Agreement, supported: set[str]) -> list[MissingCitation]:
    """Return the agreement's own claims that these cited fields do not support."""
    fields = claims(Agreement)
    return [
        MissingCitation(agreement, name)
        for name in stated_claims(agreement)
        if name not in supported and (WHOLE_ROW not in supported or needs_own_words(fields[name]))
    ]
