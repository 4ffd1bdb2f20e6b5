"""Evidence: which claims need a source's words, and which of an agreement's claims have none."""

from collections import defaultdict
from collections.abc import Iterable
from functools import cache
from typing import Any, NamedTuple

from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.db.models import Exists, OuterRef, QuerySet

from accords.db.fields import Country, Duration, Edtf
from accords.models.agreements import Agreement
from accords.models.citations import TARGETS, Citation, citable_fields
from accords.models.renewals import Renewal
from accords.vocabulary import RenewalBasis

WHOLE_ROW = ""
# Fields that the editors answer for: names, order, paraphrases, mappings, and what a date rests on.
EDITORS_OWN = frozenset({"slug", "title", "sequence", "language", "hs_codes", "basis", "proposition", "topics"})
# Dates, durations, numbers and countries need words of their own; a quote for the whole row is not enough.
PRECISE = (Edtf, Duration, Country, models.DecimalField, models.IntegerField)
HANGING: tuple[type[models.Model], ...] = tuple(model for model in TARGETS.values() if model is not Agreement)


class MissingCitation(NamedTuple):
    """A claim without evidence: a row that no citation supports, or a field of it; a blank field is the whole row."""

    row: Any
    field: str

    @property
    def name(self) -> str:
        """The claim as people read it."""
        row = str(self.row)
        return f"{row}: {self.row._meta.get_field(self.field).verbose_name}" if self.field else row


@cache
def claims(model: type[models.Model]) -> dict[str, Any]:
    """The fields of a row whose entries are claims, for which a source's words can be asked; by name."""
    found: dict[str, Any] = {}
    for name in {*citable_fields(model)} - EDITORS_OWN:
        try:
            found[name] = model._meta.get_field(name)
        except FieldDoesNotExist:
            continue  # the parties, who have rows of their own
    return found


def needs_own_words(field: Any) -> bool:
    """Whether a quote for the whole row is not enough for this field."""
    return isinstance(field, PRECISE)


def stated(row: models.Model) -> list[str]:
    """The claims that a row makes: of the fields in `claims` those in which something is entered, in order."""
    columns = [field for field in row._meta.concrete_fields if field.name in claims(type(row))]
    return [field.name for field in columns if getattr(row, field.attname) != field.get_default()]


def cited(target: type[models.Model]) -> Exists:
    """Whether a citation supports the outer row, or a field of it."""
    return Exists(Citation.objects.filter(**{target._meta.model_name or "": OuterRef("pk")}))


def uncited(model: type[models.Model]) -> QuerySet[Any]:
    """The rows of one kind that need a citation and have none; a computed date follows from what is cited elsewhere."""
    rows = model._default_manager.filter(~cited(model))
    return rows.exclude(basis=RenewalBasis.COMPUTED) if model is Renewal else rows


def missing_citations(agreements: Iterable[Agreement]) -> dict[int, list[MissingCitation]]:
    """What keeps agreements from being published, by their id: their own claims without evidence, and rows without any.

    A query for each kind of row, however many agreements there are. Agreements that lack nothing have an empty list.
    """
    of = {agreement.pk: agreement for agreement in agreements}
    supported: dict[int, set[str]] = defaultdict(set)
    for pk, field in Citation.objects.filter(agreement__in=of).values_list("agreement", "field"):
        supported[pk].add(field)
    found = {pk: _unsupported(agreement, supported[pk]) for pk, agreement in of.items()}
    for model in HANGING:
        for row in uncited(model).filter(agreement__in=of).order_by("agreement", "pk"):
            found[row.agreement_id].append(MissingCitation(row, WHOLE_ROW))
    return found


def _unsupported(agreement: Agreement, supported: set[str]) -> list[MissingCitation]:
    """The agreement's own claims that these cited fields do not support."""
    fields = claims(Agreement)
    return [
        MissingCitation(agreement, name)
        for name in stated(agreement)
        if name not in supported and (WHOLE_ROW not in supported or needs_own_words(fields[name]))
    ]
