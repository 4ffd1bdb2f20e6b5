"""The states of one row, out of the change log: at which instants it was written, and what it was at each of them.

With the row goes what is written as part of it, such as the parties of a clause.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Q
from simple_history.models import HistoricalRecords

from accords.db.audit_log import CREATED, DELETED, relations

ABOUT = ("history_id", "history_date", "history_type", "through", "history_user")


class Parts(NamedTuple):
    """A kind of rows that are written as part of others: their model, and their relation to the whole."""

    model: Any
    relation: str


class State(NamedTuple):
    """A row at an instant: its last record until then, if it was there, and those of its parts in order of their ids.

    `newest` is the last record of all, deletions too; `made` says whether the row was made in the same instant.
    """

    record: Any = None
    parts: list[Any] = []
    newest: Any = None
    made: bool = False


NOTHING = State()


class States:
    """What the change log says of one row."""

    def __init__(self, model: Any, pk: int, columns: Iterable[str], parts: Parts | None = None) -> None:
        """`columns` are those to be read of each record."""
        self.model, self.pk, self.parts = model, pk, parts
        self.own = model.history.filter(id=pk).select_related("history_user").only(*ABOUT, "id", *columns)
        self.records: list[Any] = []
        self.part_records: list[Any] = []  # with all columns, for they are small
        self.relations: dict[str, dict[int, list[int]]] = {}

    def instants(
        self, number: int, *, before: datetime | None = None, after: datetime | None = None, newest: bool = True
    ) -> list[datetime]:
        """The first so many instants at which the row was written, newest or oldest first, between two that are not."""
        bounds = {"history_date__lt": before, "history_date__gt": after}
        within = {name: value for name, value in bounds.items() if value is not None}
        own = self.model.history.filter(id=self.pk, **within).order_by().values_list("history_date", flat=True)
        parts = [log.filter(**within).values_list("history_date", flat=True) for log in self._part_logs()]
        return list(own.union(*parts).order_by("-history_date" if newest else "history_date")[:number])

    def read(self, first: datetime, last: datetime) -> None:
        """Read what is needed to tell the states between two instants, and the one before."""
        earlier = self.own.filter(history_date__lt=first).order_by("-history_id")[:1]
        within = self.own.filter(history_date__gte=first, history_date__lte=last).order_by("history_id")
        self.records = [*earlier, *within]
        for log in self._part_logs():
            self.part_records += (
                log.filter(history_date__lte=last).select_related("history_user").order_by("history_id")
            )
        ids = [record.history_id for record in self.records]
        self.relations = {name: named(self.model._meta.get_field(name), ids) for name in relations(self.model)}

    def at(self, instant: datetime) -> State:
        """The state at an instant, as what was written last until then."""
        return self._told(lambda record: record.history_date <= instant)

    def until(self, instant: datetime) -> State:
        """The state just before an instant."""
        return self._told(lambda record: record.history_date < instant)

    def _told(self, holds: Any) -> State:
        own, parts = [*filter(holds, self.records)], [*filter(holds, self.part_records)]
        if not own or own[-1].history_type == DELETED:
            return State(newest=newest([*parts, *own]))
        made = any(one.history_type == CREATED and one.history_date == own[-1].history_date for one in own)
        last = {part.id: part for part in parts}
        there = [part for _, part in sorted(last.items()) if self._is_there(part)]
        return State(own[-1], there, newest([*parts, *own]), made)

    def _is_there(self, part: Any) -> bool:
        assert self.parts is not None  # noqa: S101 - or there are no records of parts
        return part.history_type != DELETED and getattr(part, f"{self.parts.relation}_id") == self.pk

    def _part_logs(self) -> list[Any]:
        """The records of all rows that were ever part of this one, if there is a kind of such rows."""
        if self.parts is None:
            return []
        log = self.parts.model.history.order_by()
        return [log.filter(id__in=log.filter(Q((self.parts.relation, self.pk))).values("id"))]


def newest(records: list[Any]) -> Any:
    """The record that was written last, the row's own before those of its parts; None if there is none."""
    return max(reversed(records), key=lambda record: record.history_date, default=None)


def named(field: Any, ids: list[int]) -> dict[int, list[int]]:
    """The ids of the rows that a relation to many named, by record."""
    log, name = HistoricalRecords.m2m_models[field], f"{field.m2m_reverse_field_name()}_id"
    found: dict[int, list[int]] = {pk: [] for pk in ids}
    for record, pk in log._default_manager.filter(history__in=ids).order_by(name).values_list("history_id", name):
        found[record].append(pk)
    return found
