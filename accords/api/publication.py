"""The instant since which a row has been public without interruption, from the audit log.

Users who may not view drafts can read the history of a row since that instant: earlier versions stay hidden, whether
they were never published or were withdrawn in between.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, NamedTuple

from django.db.models import Exists, Model, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce

from accords.db.audit_log import DELETED, recorded_relations, relation_model
from accords.models import Agreement, Citation, ClauseParty, Party, Source
from accords.models.parties import AGREEMENTS_OF_A_PARTY

ALWAYS = datetime.min.replace(tzinfo=UTC)


class PublicSince(NamedTuple):
    """The instant since which a row is public, and the record that made it so.

    The instant is `ALWAYS`, without a record, if the audit log has no record of the row.
    """

    at: datetime
    record: Any = None


class Condition(NamedTuple):
    """A row that must exist with these values for another row to be public."""

    row: Any
    values: dict[str, Any]

    def since(self) -> PublicSince | None:
        """Return since when the row has had the values without interruption; None if the audit log does not show it."""
        model: Any = type(self.row)
        log = model.history.filter(id=self.row.pk)
        relations = {field.name: field for field in recorded_relations(model)}
        holds: Any = ~Q(history_type=DELETED)
        for name, value in self.values.items():
            holds &= _refers_to(relations[name], value) if name in relations else Q((name, value))
        last_without = log.exclude(holds).order_by("-history_id").values("history_id")[:1]
        records_since = log.filter(holds, history_id__gt=Coalesce(Subquery(last_without), Value(0)))
        first = records_since.order_by("history_id").first()
        if first is not None:
            return PublicSince(first.history_date, first)
        return None if log.exists() else PublicSince(ALWAYS)


def _refers_to(field: Any, pk: int) -> Exists:
    """Return the condition that a record refers to a row in a many-to-many field."""
    is_row = Q((f"{field.m2m_reverse_field_name()}_id", pk))
    return Exists(relation_model(field).objects.filter(is_row, history=OuterRef("pk")))


def conditions(row: Model) -> Iterator[Condition]:
    """Yield the conditions for a row to be public: its relations up to an agreement, and that this is published.

    A source or a party can be public because of several rows: only the oldest one of a model is considered.
    """
    if isinstance(row, Agreement):
        yield Condition(row, {"is_published": True})
    elif isinstance(row, Source):
        yield from _conditions_through(Citation, "source", row)
    elif isinstance(row, Party):
        relations: Any = (Party._meta.get_field(path.partition("__")[0]) for path in AGREEMENTS_OF_A_PARTY)
        paths = (list(_conditions_through(each.related_model, each.field.name, row)) for each in relations)
        yield from next(filter(None, paths), [])  # those of the first relation that has such a row
    else:
        owner = (
            row.target_kind if isinstance(row, Citation) else "clause" if isinstance(row, ClauseParty) else "agreement"
        )
        yield Condition(row, {f"{owner}_id": getattr(row, f"{owner}_id")})
        yield from conditions(getattr(row, owner))


def _conditions_through(model: Any, relation: str, row: Any) -> Iterator[Condition]:
    """Yield the conditions by which the oldest public row of a model that refers to a row makes it public, if any."""
    referring = model._default_manager.published().filter(Q((relation, row))).order_by("pk").first()
    if referring is not None:
        field = model._meta.get_field(relation)
        yield Condition(referring, {relation if field.many_to_many else field.attname: row.pk})
        yield from conditions(referring)


def public_since(row: Model) -> PublicSince | None:
    """Return since when a public row has been public without interruption; None if the audit log does not show it."""
    starts = [condition.since() for condition in conditions(row)]
    known_starts = [start for start in starts if start is not None]
    if not starts or len(known_starts) < len(starts):
        return None
    return max(known_starts, key=lambda start: start.at)
