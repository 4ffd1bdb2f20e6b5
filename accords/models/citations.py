"""Citations: the words of a source that say what a row claims."""

from typing import Any, Self

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Length
from django.db.models.lookups import Exact
from django.utils.translation import gettext as _

from accords.db.constraints import RowRule, not_blank
from accords.db.fields import Line, Text
from accords.db.wording import reason
from accords.models.agreements import Agreement
from accords.models.base import RecordQuerySet, VersionedRecord
from accords.models.clauses import Clause
from accords.models.events import Event
from accords.models.renewals import Renewal
from accords.models.sources import TARGET_AGREEMENTS, Source, about
from accords.models.statements import Statement
from accords.rules import quotes

TARGETS = {"agreement": Agreement, "clause": Clause, "statement": Statement, "event": Event, "renewal": Renewal}
NOT_CLAIMS = {"id", "created_at", "updated_at", "agreement", "is_published"}


def citable_fields(target: type[models.Model]) -> list[str]:
    """The fields of a row that a quotation can support: those an editor enters, its lists and its parties."""
    names = [
        field.name for field in target._meta.get_fields() if not field.auto_created and getattr(field, "editable", True)
    ]
    return sorted({*names, "parties"} - NOT_CLAIMS)


def exactly_one(names: list[str]) -> Q:
    """Exactly one of these relations is set."""
    choice = Q()
    for chosen in names:
        choice |= Q(*((f"{name}__isnull", name != chosen) for name in names))
    return choice


class CitationQuerySet(RecordQuerySet):
    """Questions about evidence."""

    def published(self) -> Self:
        """Citations whose target hangs on a published agreement."""
        return self.filter(about("is_published", True))

    def of_agreement(self, agreement: Any) -> Self:
        """Citations of an agreement and of every row that hangs on it."""
        return self.filter(about("pk", agreement))

    def of_kind(self, target: str) -> Self:
        """Citations of one kind of target: `agreement`, `clause`, `statement`, `event` or `renewal`."""
        return self.filter(Q((f"{target}__isnull", False)))

    def get_by_natural_key(self, source: str, start: int, end: int, field: str, target: str, *key: Any) -> "Citation":
        """The citation of these code points of a source for this field of that row."""
        row = TARGETS[target]._default_manager.get_by_natural_key(*key)  # type: ignore[attr-defined]
        found: Citation = self.get(Q((target, row)), source__slug=source, start=start, end=end, field=field)
        return found


class Citation(VersionedRecord):
    """A quotation from a source that supports one field of a row, or the whole row: W3C Web Annotation selectors."""

    source = models.ForeignKey(Source, models.PROTECT, related_name="citations", help_text="The source that is quoted.")
    agreement = models.ForeignKey(
        Agreement,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="citations",
        help_text="The agreement, where the claim is its own.",
    )
    clause = models.ForeignKey(
        Clause,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="citations",
        help_text="The clause that it supports.",
    )
    statement = models.ForeignKey(
        Statement,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="citations",
        help_text="The statement that it supports.",
    )
    event = models.ForeignKey(
        Event, models.CASCADE, null=True, blank=True, related_name="citations", help_text="The event that it supports."
    )
    renewal = models.ForeignKey(
        Renewal,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="citations",
        help_text="The renewal date that it supports.",
    )
    field = Line(max_length=50, blank=True, default="", help_text="The field that it supports; blank = the whole row.")
    exact = Text(help_text="The quoted words, to the letter (TextQuoteSelector).")
    prefix = Text(blank=True, default="", help_text="What stands before them (TextQuoteSelector).")
    suffix = Text(blank=True, default="", help_text="What stands after them (TextQuoteSelector).")
    start = models.PositiveIntegerField(
        blank=True,
        help_text="Where they start in the source: Unicode code points from 0 (TextPositionSelector). "
        "Found from the quote if left blank.",
    )
    end = models.PositiveIntegerField(
        blank=True, help_text="Where they end, exclusive (TextPositionSelector). Found from the quote if left blank."
    )

    objects = CitationQuerySet.as_manager()

    class Meta:
        constraints = [
            RowRule(
                condition=exactly_one([*TARGETS]),
                name="citation_one_target",
                violation_error_code="one_target",
                violation_error_message="A citation supports exactly one row: "
                "an agreement, clause, statement, event or renewal.",
            ),
            RowRule(condition=Q(start__lt=F("end")), name="citation_offsets_in_order", field="end", told=False),
            RowRule(
                condition=Q(Exact(Length(F("exact")), F("end") - F("start"))),
                name="citation_offsets_fit_quote",
                field="exact",
                told=False,
            ),
            *not_blank("exact"),
            *(
                models.UniqueConstraint(
                    fields=["source", "start", "end", "field", target],
                    condition=Q((f"{target}__isnull", False)),
                    name=f"citation_once_for_{target}",
                    violation_error_message="These words are cited for this already.",
                )
                for target in TARGETS
            ),
        ]

    def __str__(self) -> str:
        return f"“{self.exact[:80]}” ({self.source})"

    @property
    def target_kind(self) -> str:
        """Which of the five targets is set; empty while none is."""
        return next((name for name in TARGETS if getattr(self, f"{name}_id") is not None), "")

    @property
    def target(self) -> models.Model | None:
        """The row that the citation supports."""
        return getattr(self, self.target_kind) if self.target_kind else None

    def natural_key(self) -> tuple[Any, ...]:
        """Source, offsets, field, and the target's kind and key."""
        assert self.target is not None  # noqa: S101 - the database keeps exactly one
        return (self.source.slug, self.start, self.end, self.field, self.target_kind, *self.target.natural_key())  # type: ignore[attr-defined]

    def clean(self) -> None:
        """Find the quote if no offsets are given; refuse one that is not in the source at its offsets."""
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
        """The field is one of the target's own, be this a row that is yet to be saved."""
        kind = self.target_kind or next((name for name in TARGETS if self._state.fields_cache.get(name)), "")
        known = citable_fields(TARGETS[kind]) if kind else []
        if self.field and known and self.field not in known:
            message = _("%(field)r is not a field of the %(kind)s. Known: %(known)s.")
            told = {"field": self.field[:50], "kind": TARGETS[kind]._meta.verbose_name, "known": ", ".join(known)}
            raise ValidationError({"field": ValidationError(message, code="unknown_field", params=told)})

    def _locate(self, text: str) -> int:
        """The one place where the quote stands."""
        try:
            return quotes.locate(text, self.exact, self.prefix, self.suffix)
        except quotes.QuoteError as error:
            raise ValidationError({"exact": ValidationError(reason(error), code="quote")}) from error

    def _check_quote(self, text: str) -> None:
        """The quote and its context stand at the offsets, to the letter."""
        if text[self.start : self.end] == self.exact and self.start < self.end:
            if text[: self.start].endswith(self.prefix) and text[self.end :].startswith(self.suffix):
                return
            message = _("The prefix and suffix are not what stands before and after the quote.")
            raise ValidationError({"prefix": ValidationError(message, code="context")})
        raise ValidationError({"exact": ValidationError(self._misplaced(text), code="quote")})

    def _misplaced(self, text: str) -> str:
        """What is wrong with the offsets, and where the quote stands, or what is most like it."""
        told: dict[str, Any] = {"start": self.start, "end": self.end}
        if there := quotes.occurrences(text, self.exact):
            message = _("The source does not have this quote at %(start)s–%(end)s. It stands at %(there)s.")
            return message % (told | {"there": there[0]})
        message = _("The source does not have this quote at %(start)s–%(end)s. Nearest passage: “%(nearest)s”.")
        return message % (told | {"nearest": quotes.nearest(text, self.exact)})


assert list(TARGETS) == list(TARGET_AGREEMENTS)  # noqa: S101 - the two say the same five
Citation.natural_key.dependencies = [  # type: ignore[attr-defined]
    "accords.source",
    *(f"accords.{target}" for target in TARGETS),
]
