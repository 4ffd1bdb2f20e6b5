"""The instant since which a row has been public without interruption, from the audit log.

Users who may not view drafts can read the history of a row since that instant: earlier versions stay hidden, whether
they were never published or were withdrawn in between.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from typing import Any, NamedTuple

from django.db.models import Exists, Model, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce

from accords.db.audit_log import DELETED, recorded_relations, relation_model
from accords.models import Agreement, Citation, ClauseParty, Party, Source
from accords.models.parties import AGREEMENTS_OF_A_PARTY

ALWAYS = datetime.min.replace(tzinfo=UTC)
MAX_WAYS = 4  # in which a row is public that are looked up in the audit log, each with some five queries


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


def ways(row: Model) -> Iterator[list[Condition]]:
    """Yield the ways in which a row is public: the conditions of its relations up to an agreement that is published.

    A source or a party is public in a way for each published agreement that cites or names it. All other rows belong to
    one row, and are public in as many ways as that.
    """
    if isinstance(row, Agreement):
        yield [Condition(row, {"is_published": True})]
    elif isinstance(row, Source):
        yield from _ways_through(Citation, "source", row)
    elif isinstance(row, Party):
        for path in AGREEMENTS_OF_A_PARTY:
            name, _, path_to_agreement = path.partition("__")
            relation: Any = Party._meta.get_field(name)
            yield from _ways_through(relation.related_model, relation.field.name, row, path_to_agreement or "pk")
    else:
        owner = (
            row.target_kind if isinstance(row, Citation) else "clause" if isinstance(row, ClauseParty) else "agreement"
        )
        of_owner = Condition(row, {f"{owner}_id": getattr(row, f"{owner}_id")})
        yield from ([of_owner, *way] for way in ways(getattr(row, owner)))


def _ways_through(model: Any, relation: str, row: Model, path_to_agreement: str = "") -> Iterator[list[Condition]]:
    """Yield the ways in which a row is public because rows of a model refer to it.

    Of the referring rows of an agreement only the oldest counts. `path_to_agreement` leads from the model to the
    agreement; it is blank for citations, which have several.
    """
    field = model._meta.get_field(relation)
    values = {relation if field.many_to_many else field.attname: row.pk}
    rows = model._default_manager.published().filter(Q((relation, row))).order_by("pk")
    while (referring := rows.first()) is not None:
        agreement: int | None = None
        for way in ways(referring):
            yield [Condition(referring, values), *way]
            agreement = way[-1].row.pk
        same_agreement = (
            Q((path_to_agreement, agreement))
            if path_to_agreement
            else Q(pk__in=Citation.objects.of_agreement(agreement).values("pk"))
        )
        rows = rows.exclude(same_agreement | Q(pk=referring.pk))  # also if it was withdrawn since it was read


def public_since(row: Model) -> PublicSince | None:
    """Return since when a public row has been public without interruption; None if the audit log does not show it.

    Of the first `MAX_WAYS` in which it is public, the one that has lasted longest counts.
    """
    starts = map(_holds_since, islice(ways(row), MAX_WAYS))
    return min((start for start in starts if start is not None), key=lambda start: start.at, default=None)


def _holds_since(way: list[Condition]) -> PublicSince | None:
    """Return since when all conditions of a way have held; None if the audit log does not show it for one of them."""
    starts = [condition.since() for condition in way]
    known_starts = [start for start in starts if start is not None]
    return max(known_starts, key=lambda start: start.at) if len(known_starts) == len(starts) else None
