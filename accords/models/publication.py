"""Since when anyone may read a row, without a break until now, as the change log has it.

What is written while a row is hidden stays hidden when it is published. So whoever may not see drafts is told of what
became of a row since it is public; with a withdrawal, what was before it is hidden too.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, NamedTuple

from django.db.models import Exists, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce
from simple_history.models import HistoricalRecords

from accords.db.audit_log import DELETED, relations
from accords.models.agreements import Agreement, Participation
from accords.models.citations import Citation
from accords.models.clauses import ClauseParty
from accords.models.events import Event
from accords.models.parties import Party
from accords.models.sources import Source
from accords.models.statements import Statement

ALWAYS = datetime.min.replace(tzinfo=UTC)
# The rows that name a party, and by which relation: `AGREEMENTS_OF_A_PARTY` from their side.
NAMING = (
    (Participation, "party"),
    (ClauseParty, "party"),
    (Statement, "speaker"),
    (Statement, "mentions"),
    (Event, "participants"),
)


class Since(NamedTuple):
    """An instant, and the record that brought it about; none where the log begins later."""

    at: datetime
    record: Any = None


class Fact(NamedTuple):
    """What must be so of one row for another one to be public: it is there, and has these values."""

    row: Any
    values: dict[str, Any]

    def since(self) -> Since | None:
        """Since when it is so without a break; None where the log does not know that it is."""
        model: Any = type(self.row)
        log = model.history.filter(id=self.row.pk)
        so: Any = ~Q(history_type=DELETED)
        for name, value in self.values.items():
            so &= _named(model, name, value) if name in relations(model) else Q((name, value))
        broken = log.exclude(so).order_by("-history_id").values("history_id")[:1]
        lasting = log.filter(so, history_id__gt=Coalesce(Subquery(broken), Value(0)))
        first = lasting.select_related("history_user").order_by("history_id").first()
        if first is not None:
            return Since(first.history_date, first)
        return None if log.exists() else Since(ALWAYS)


def _named(model: Any, relation: str, pk: int) -> Exists:
    """Whether the relation of a record named this row."""
    field = model._meta.get_field(relation)
    named = Q((f"{field.m2m_reverse_field_name()}_id", pk))
    return Exists(HistoricalRecords.m2m_models[field]._default_manager.filter(named, history=OuterRef("pk")))


def facts(row: Any) -> Iterator[Fact]:
    """What makes a public row public: how it leads to an agreement, and that this is published.

    Of the rows that make a source or a party public one is as good as another: the oldest stands for all.
    """
    if isinstance(row, Agreement):
        yield Fact(row, {"is_published": True})
    elif isinstance(row, Source):
        yield from _through(Citation, "source", row)
    elif isinstance(row, Party):
        yield from next(filter(None, (list(_through(model, name, row)) for model, name in NAMING)), [])
    else:
        of = row.target_kind if isinstance(row, Citation) else "clause" if isinstance(row, ClauseParty) else "agreement"
        yield Fact(row, {f"{of}_id": getattr(row, f"{of}_id")})
        yield from facts(getattr(row, of))


def _through(model: Any, relation: str, row: Any) -> Iterator[Fact]:
    """What makes a row public through the oldest public row of a model that names it."""
    witness = model._default_manager.published().filter(Q((relation, row))).order_by("pk").first()
    if witness is not None:
        field = model._meta.get_field(relation)
        yield Fact(witness, {relation if field.many_to_many else field.attname: row.pk})
        yield from facts(witness)


def public_since(row: Any) -> Since | None:
    """Since when a row that is public has been so without a break; None where that is not known."""
    found = [fact.since() for fact in facts(row)]
    known = [one for one in found if one is not None]
    return max(known, key=lambda one: one.at) if known and len(known) == len(found) else None
