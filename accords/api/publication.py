"""Since when a row has been public without a break, from the audit log.

What is written while a row is hidden stays hidden when it is published: users who may not view drafts can read the
history of a row since then. A withdrawal hides what was before it, too.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, NamedTuple

from django.db.models import Exists, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce

from accords.db.audit_log import DELETED, recorded_relations, relation_model
from accords.models import Agreement, Citation, ClauseParty, Event, Participation, Party, Source, Statement

ALWAYS = datetime.min.replace(tzinfo=UTC)
# The rows that name a party, and by which relation.
NAMING = (
    (Participation, "party"),
    (ClauseParty, "party"),
    (Statement, "speaker"),
    (Statement, "mentions"),
    (Event, "participants"),
)


class Since(NamedTuple):
    """An instant, and the record that made the row public; none if the audit log begins later."""

    at: datetime
    record: Any = None


class Condition(NamedTuple):
    """A row that must exist with these values for another row to be public."""

    row: Any
    values: dict[str, Any]

    def since(self) -> Since | None:
        """Return since when it holds without a break; None if the audit log does not know."""
        model: Any = type(self.row)
        log = model.history.filter(id=self.row.pk)
        relations = {field.name: field for field in recorded_relations(model)}
        holds: Any = ~Q(history_type=DELETED)
        for name, value in self.values.items():
            holds &= _refers(relations[name], value) if name in relations else Q((name, value))
        broken = log.exclude(holds).order_by("-history_id").values("history_id")[:1]
        lasting = log.filter(holds, history_id__gt=Coalesce(Subquery(broken), Value(0)))
        first = lasting.order_by("history_id").first()
        if first is not None:
            return Since(first.history_date, first)
        return None if log.exists() else Since(ALWAYS)


def _refers(field: Any, pk: int) -> Exists:
    """Return whether a record refers to a row in a many-to-many field."""
    refers = Q((f"{field.m2m_reverse_field_name()}_id", pk))
    return Exists(relation_model(field).objects.filter(refers, history=OuterRef("pk")))


def conditions(row: Any) -> Iterator[Condition]:
    """Yield the reasons why a row is public: its path to an agreement, and that this is published.

    A source or a party can be public through several rows: the oldest of them counts.
    """
    if isinstance(row, Agreement):
        yield Condition(row, {"is_published": True})
    elif isinstance(row, Source):
        yield from _through(Citation, "source", row)
    elif isinstance(row, Party):
        yield from next(filter(None, (list(_through(model, name, row)) for model, name in NAMING)), [])
    else:
        owner = (
            row.target_kind if isinstance(row, Citation) else "clause" if isinstance(row, ClauseParty) else "agreement"
        )
        yield Condition(row, {f"{owner}_id": getattr(row, f"{owner}_id")})
        yield from conditions(getattr(row, owner))


def _through(model: Any, relation: str, row: Any) -> Iterator[Condition]:
    """Yield the reason why a row is public through the oldest public row of a model that refers to it."""
    referring = model._default_manager.published().filter(Q((relation, row))).order_by("pk").first()
    if referring is not None:
        field = model._meta.get_field(relation)
        yield Condition(referring, {relation if field.many_to_many else field.attname: row.pk})
        yield from conditions(referring)


def public_since(row: Any) -> Since | None:
    """Return since when a public row has been public without a break; None if the audit log does not know."""
    starts = [condition.since() for condition in conditions(row)]
    known = [start for start in starts if start is not None]
    return max(known, key=lambda start: start.at) if known and len(known) == len(starts) else None
