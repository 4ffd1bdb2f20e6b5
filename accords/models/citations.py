"""Citations: the words of a source that say what a row claims."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from decimal import Decimal
from functools import cache
from hashlib import blake2b
from typing import Any, NamedTuple, Self

from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce, Length
from django.db.models.lookups import Exact
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accords.db.constraints import FieldCheck, not_blank
from accords.db.fields import Line, Text
from accords.db.search_index import SearchEntry
from accords.db.translation import translate
from accords.models.agreements import Agreement, Participation
from accords.models.base import BaseQuerySet, VersionedModel
from accords.models.clauses import Clause, ClauseParty
from accords.models.events import Event
from accords.models.parties import Party
from accords.models.renewals import Renewal
from accords.models.sources import TARGET_AGREEMENTS, Source, parties_named
from accords.models.statements import Statement
from accords.rules import quotes

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
# The column of each target that says whether its agreement is published.
IS_PUBLISHED = dict.fromkeys(TARGET_AGREEMENTS, "agreement__is_published") | {"agreement": "is_published"}
NOT_CLAIMS = {"id", "created_at", "updated_at", "agreement", "is_published"}
WHOLE_ROW = ""  # the field of a citation that supports a whole row


def citable_fields(target: type[models.Model]) -> list[str]:
    """Return the names of the fields that a citation of a row can support: the editable ones, and its parties."""
    names = [
        field.name for field in target._meta.get_fields() if not field.auto_created and getattr(field, "editable", True)
    ]
    return sorted({*names, "parties"} - NOT_CLAIMS)


def field_label(target: type[models.Model], name: str) -> Any:
    """Return the translated name of a citable field."""
    return _("parties") if name == "parties" else target._meta.get_field(name).verbose_name  # type: ignore[union-attr]  # a field of ours has a verbose name


def exactly_one(names: list[str]) -> Q:
    """Return the condition that exactly one of these relations is set."""
    choice = Q()
    for chosen in names:
        choice |= Q(*((f"{name}__isnull", name != chosen) for name in names))
    return choice


class SupportedValues(models.JSONField):
    """What a citation supports: digests of the values that its row had when it was made or confirmed, by claim.

    Derived when the citation is created and when its quote or its row changes. Null, as after loading a fixture,
    supports whatever the row states. Not in fixtures and the audit log, because the digests contain ids of this
    database.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs | {"null": True, "editable": False, "serialize": False})

    def deconstruct(self) -> tuple[str, str, Any, Any]:
        name, path, args, kwargs = super().deconstruct()
        del kwargs["null"], kwargs["editable"], kwargs["serialize"]
        return name, path, args, kwargs

    def pre_save(self, model_instance: Any, add: bool) -> Any:
        supported = getattr(model_instance, self.attname)
        if supported is None or supported["quote"] != model_instance.quote_digest:
            support([model_instance])
        return getattr(model_instance, self.attname)


class CitationQuerySet(BaseQuerySet):
    def published(self) -> Self:
        """Return the citations whose target belongs to a published agreement.

        The subqueries depend on the citation: joins would make PostgreSQL read the tables of all targets, and a list of
        all parties that published agreements name would read every clause.
        """
        published = (
            Subquery(TARGETS[name]._default_manager.order_by().filter(pk=OuterRef(name)).values(is_published))
            for name, is_published in IS_PUBLISHED.items()
        )
        of_party = Party.objects.published().filter(pk=OuterRef("party"))
        return self.filter(Coalesce(*published, Exists(of_party)))

    def of_agreement(self, agreement: Any) -> Self:
        """Return the citations of an agreement, of its related rows, and of the parties that these name.

        A union lets each kind of target use its index; one condition on all targets would read every citation.
        """
        rows = self.model._default_manager.order_by()
        of_parties = rows.filter(party__in=parties_named("pk", agreement).values("pk")).values("pk")
        of_rows = (rows.filter(Q((path, agreement))).values("pk") for path in TARGET_AGREEMENTS.values())
        return self.filter(pk__in=of_parties.union(*of_rows, all=True))

    def of_kind(self, target: str) -> Self:
        """Return the citations of a kind of target, a key of `TARGETS`."""
        return self.filter(Q((f"{target}__isnull", False)))

    def bulk_create(self, objs: Iterable["Citation"], *args: Any, **kwargs: Any) -> list["Citation"]:
        """Insert citations, which support what their rows state now."""
        objs = list(objs)
        support(objs)
        return super().bulk_create(objs, *args, **kwargs)

    def get_by_natural_key(
        self, source: str, start: int, end: int, field: str, target: str, *key: str | int
    ) -> "Citation":
        row = TARGETS[target]._default_manager.get_by_natural_key(*key)  # type: ignore[attr-defined]  # the managers of targets have it
        citation: Citation = self.get(Q((target, row)), source__slug=source, start=start, end=end, field=field)
        return citation


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

    supported = SupportedValues(
        _("supported values"), help_text=_("Digests of the values that it supports, which have not changed since.")
    )

    search = SearchEntry(folded=("exact",))

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
        return _("“%(words)s”") % {"words": self.exact[:80]} + f" ({self.source})"

    @property
    def target_kind(self) -> str:
        """Return the name of the relation that is set; empty if none is."""
        return next((name for name in TARGETS if getattr(self, f"{name}_id") is not None), "")

    @property
    def quote_digest(self) -> str:
        """Return a digest of the source, the quoted words, their offsets, and the row and field that they support."""
        kind = self.target_kind
        target = kind and getattr(self, f"{kind}_id")
        return value_digest((self.source_id, self.start, self.end, self.field, kind, target, self.exact))

    @property
    def target(self) -> models.Model | None:
        return getattr(self, self.target_kind) if self.target_kind else None

    def natural_key(self) -> tuple[str | int, ...]:
        assert self.target is not None  # noqa: S101 - a constraint
        return (self.source.slug, self.start, self.end, self.field, self.target_kind, *self.target.natural_key())  # type: ignore[attr-defined]  # targets have one

    def clean(self) -> None:
        """Find the quote if it has no offsets, and refuse a quote that is not in the source at its offsets."""
        self._check_field()
        offsets: dict[str, int | None] = {name: getattr(self, name) for name in ("source_id", "start", "end")}
        if offsets["source_id"] is None or not self.exact:
            return
        text = self.source.text
        self.start = self._locate(text) if offsets["start"] is None else self.start
        self.end = self.start + len(self.exact) if offsets["end"] is None else self.end
        self._check_quote(text)
        prefix, suffix = quotes.context(text, self.start, self.end)
        self.prefix, self.suffix = self.prefix or prefix, self.suffix or suffix

    def _check_field(self) -> None:
        """Refuse a field that the target does not have. The target may be unsaved, so that its id is not set yet."""
        kind = self.target_kind or next((name for name in TARGETS if self._state.fields_cache.get(name)), "")
        citable = citable_fields(TARGETS[kind]) if kind else []
        if self.field and citable and self.field not in citable:
            message = _("%(field)r is not a field of the %(kind)s. Known: %(known)s.")
            params = {"field": self.field[:50], "kind": TARGETS[kind]._meta.verbose_name, "known": ", ".join(citable)}
            raise ValidationError({"field": ValidationError(message, code="unknown_field", params=params)})

    def _locate(self, text: str) -> int:
        """Return where the quote starts in a text. Raises `ValidationError` unless it is there exactly once."""
        try:
            return quotes.locate(text, self.exact, self.prefix, self.suffix)
        except quotes.QuoteError as error:
            raise ValidationError({"exact": ValidationError(translate(error.args[0]), code="quote")}) from error

    def _check_quote(self, text: str) -> None:
        """Raise `ValidationError` if the quote is not at its offsets, in whole letters, between prefix and suffix."""
        splits = quotes.splits_letter(text, self.start) or quotes.splits_letter(text, self.end)
        if text[self.start : self.end] == self.exact and self.start < self.end and not splits:
            if text[: self.start].endswith(self.prefix) and text[self.end :].startswith(self.suffix):
                return
            message = _("The prefix and suffix are not what stands before and after the quote.")
            raise ValidationError({"prefix": ValidationError(message, code="context")})
        raise ValidationError({"exact": ValidationError(self._offsets_message(text), code="quote")})

    def _offsets_message(self, text: str) -> str:
        """Return the message for wrong offsets, with the position of the quote or why it is missing."""
        message = _("The source does not have this quote at %(start)s–%(end)s.") % {
            "start": self.start,
            "end": self.end,
        }
        position = next(quotes.occurrences(text, self.exact), None)
        if position is not None:
            hint = _("It stands at %(there)s.") % {"there": position}
            return f"{message} {hint}"
        return f"{message} {translate(quotes.explain_missing_quote(text, self.exact))}"


assert list(TARGETS) == [*TARGET_AGREEMENTS, "party"]  # noqa: S101 - the same relations
Citation.natural_key.dependencies = [  # type: ignore[attr-defined]  # read by Django from the function
    "accords.source",
    *(f"accords.{target}" for target in TARGETS),
]


# Fields that the editors decide: names, order, paraphrases, mappings, and the basis of a date.
EDITORS_OWN = frozenset(
    {"slug", "title", "sequence", "position", "language", "hs_codes", "basis", "proposition", "topics", "term_ends"}
)
# Editors confirm changes of these fields, although they need no citation of their own.
VOUCHED = {"proposition", "basis"}


class Members(NamedTuple):
    """A claim that is a set of rows, such as the parties of a clause: their model and condition.

    `owner` is the relation to the row that makes the claim, `columns` are the fields that state something.
    """

    model: Any
    owner: str
    columns: tuple[str, ...]
    condition: Q = Q()


MEMBERS: dict[type[models.Model], dict[str, Members]] = {
    Agreement: {"parties": Members(Participation, "agreement", ("party", "role", "label", "since", "until"))},
    # The parties that the editors supplied need no citation.
    Clause: {"parties": Members(ClauseParty, "clause", ("party", "role"), Q(explicit=True))},
    Statement: {"mentions": Members(Statement.mentions.through, "statement", ("party",))},
    Event: {"participants": Members(Event.participants.through, "event", ("party",))},
}


@cache
def claims(model: type[models.Model]) -> dict[str, Any]:
    """Return the fields whose values are claims that need a citation, by name."""
    not_claims = EDITORS_OWN | ({"number"} if model in (Event, Statement) else set())
    fields: dict[str, Any] = {}
    for name in {*citable_fields(model)} - not_claims:
        try:
            fields[name] = model._meta.get_field(name)
        except FieldDoesNotExist:
            continue  # parties are rows of their own
    return fields


@cache
def claim_columns(model: type[models.Model]) -> list[models.Field]:
    """Return the columns whose values are claims, and those of `VOUCHED`, in order."""
    return [field for field in model._meta.concrete_fields if field.name in {*claims(model)} | VOUCHED]


def value_digest(value: object) -> str:
    """Return a short digest of a value; zeros at the end of a decimal do not change it."""
    text = format(value.normalize(), "f") if isinstance(value, Decimal) else repr(value)
    return blake2b(text.encode(errors="surrogatepass"), digest_size=6).hexdigest()


def stated_values(rows: Collection[models.Model]) -> dict[int, dict[str, Any]]:
    """Return a digest of each claim of rows of one model that differs from its field's default, by id and field.

    The rows must be as they are stored. For a field with members, such as the parties of a clause, it is a mapping
    from each member to the digest of what that states.
    """
    stated: dict[int, dict[str, Any]] = {}
    if not rows:
        return stated
    model = type(next(iter(rows)))
    for row in rows:
        values: dict[str, Any] = {}
        stated[row.pk] = values
        for field in claim_columns(model):
            value = getattr(row, field.attname)
            if value != field.get_default():
                values[field.name] = value_digest(value)
    for name, (member_model, owner, columns, condition) in MEMBERS.get(model, {}).items():
        fields = [member_model._meta.get_field(column).attname for column in (owner, *columns)]
        for member in member_model._default_manager.filter(condition, **{f"{owner}__in": stated}).order_by("pk"):
            pk, *member_values = (getattr(member, field) for field in fields)
            stated[pk].setdefault(name, {})[member] = value_digest(member_values)
    return stated


def support(citations: Iterable[Citation]) -> list[Citation]:
    """Set `supported` of citations to what their rows state now, and return those that it changes. Saves nothing.

    The number of queries does not depend on the number of citations.
    """
    by_kind: dict[str, list[Citation]] = defaultdict(list)
    for citation in citations:
        by_kind[citation.target_kind].append(citation)
    changed = []
    for kind, group in by_kind.items():
        column = f"{kind}_id"
        rows = TARGETS[kind]._default_manager.filter(pk__in={getattr(citation, column) for citation in group})
        stated = stated_values(list(rows))
        for citation in group:
            values = {
                name: sorted({*value.values()}) if isinstance(value, dict) else value
                for name, value in stated.get(getattr(citation, column), {}).items()
                # A citation supports all of its row, but of an agreement only the field that it is for.
                if kind != "agreement" or citation.field in (WHOLE_ROW, name)
            }
            supported = {"quote": citation.quote_digest, "values": values}
            if supported != citation.supported:
                citation.supported = supported
                changed.append(citation)
    return changed
