"""What became of a row: the history of each resource's rows, out of the change log.

Whoever may not see drafts is told of the time since the row is public without a break. It begins with what the row was
then: nothing of what was written while it was hidden, or before a withdrawal, can be told from it.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import DateTimeField, Q
from django.http import Http404, HttpRequest
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accords.api import pagination, query
from accords.api.ordering import OrderKey
from accords.api.pagination import DEFAULT_PAGE_SIZE, Cursor, Page
from accords.api.parameters import ErrorCollector
from accords.api.resource import Resource
from accords.api.serializers.fields import InstantField
from accords.api.serializers.history import HistorySerializer, Names, Teller, changes, told
from accords.db.audit_log import DELETED
from accords.db.row_history import NOTHING, State, States
from accords.models.base import can_view_drafts
from accords.models.publication import ALWAYS, Since, public_since
from accords.vocabulary import ChangeKind

ABOUT = """What became of it, newest first: what was written at which instant, through what, and what that changed.

Who may not see drafts is told of the time since anyone may read the row without a break, which begins with what it was
then. Of instants at which nothing changed that is served, nothing is told: a page can have fewer entries than its size.
Rows that are named are told by the slugs that they have now; those that the caller may not see are not named. To who
may see drafts, the history of a deleted row is there too.
"""
ORDER = dict.fromkeys(("id", "at", "kind", "through", "by", "changes", "row"))
NEWEST_FIRST = (OrderKey("history_date", True, False, DateTimeField()),)


class Moment(NamedTuple):
    """An instant, as pages are made of."""

    history_date: datetime


class HistoryViewSet(Resource):
    """The history of one row of a resource."""

    size: int
    cursor: Cursor | None

    def known(self) -> list[str]:
        """The parameters of a page: nothing is filtered, and the order is fixed."""
        return ["page_size", "cursor"]

    def read(self, request: HttpRequest | Request) -> None:
        """Read how it is paged. Raises `InvalidParameters` with every fault."""
        self.given, found = query.read(request.META.get("QUERY_STRING", ""), self.known())
        self.values, faults = {}, ErrorCollector(found)
        self.size = faults.read(self.given, "page_size", pagination.page_size, DEFAULT_PAGE_SIZE)
        self.cursor = faults.read(
            self.given, "cursor", lambda text: pagination.decode(text, self.model, NEWEST_FIRST), None
        )
        faults.tell()

    @extend_schema(responses=HistorySerializer)
    def history(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """One page of what was written of the row."""
        pk, since = self.told_of()
        shown = told(self.serializer_class)
        columns = [column.attribute for column in shown.columns if not column.many]
        states = States(self.model, pk, columns, shown.parts)
        page = self.moments(states, since) if since else Page([], more_before=False, more_after=False)
        entries = self.entries(states, [moment.history_date for moment in page.rows], since) if page.rows else []
        return Response({**pagination.links(request, self.given, NEWEST_FIRST, page), "results": entries})

    def told_of(self) -> tuple[int, Since | None]:
        """The row of this address and since when it is told of; to who sees drafts also of one that is deleted."""
        model: Any = self.model
        key, user = self.kwargs[self.lookup_field].lower(), self.request.user
        relations = [field.name for field in model._meta.concrete_fields if field.is_relation]
        rows = model._default_manager.visible_to(user).only("pk", *relations)
        row = rows.filter(Q((self.lookup_field, key))).first()
        if row is not None:
            return row.pk, Since(ALWAYS) if can_view_drafts(user) else public_since(row)
        name = "id" if self.lookup_field == "pk" else self.lookup_field
        gone = model.history.filter(Q((name, key)), history_type=DELETED).values_list("id", flat=True).first()
        if not can_view_drafts(user) or gone is None or model._default_manager.filter(pk=gone).exists():
            raise Http404
        return gone, Since(ALWAYS)

    def moments(self, states: States, since: Since) -> Page:
        """The instants of the page: none before the row became public, and that one if it is on it."""
        edge: Any = self.cursor.values[0] if self.cursor else None
        if self.cursor is not None and self.cursor.backwards:
            found = states.instants(self.size + 1, after=max(edge, since.at), newest=False)
            found = [since.at, *found][: self.size + 1] if edge < since.at else found
        else:
            found = states.instants(self.size + 1, before=edge, after=since.at)
            is_last = len(found) <= self.size and (edge is None or since.at < edge)
            found += [since.at] if is_last and since.at > ALWAYS else []
        return pagination.page([Moment(instant) for instant in found], self.size, self.cursor)

    def entries(self, states: States, instants: list[datetime], since: Since | None) -> list[dict[str, Any]]:
        """What was written at these instants, newest first; of what changes nothing that is served, nothing is told."""
        states.read(instants[-1], instants[0])
        after = [states.at(instant) for instant in instants]
        public = since and since.at == instants[-1]
        before = [*after[1:], NOTHING if public else states.until(instants[-1])]
        teller = self.teller(states, [*after, *before])
        shown = [
            self.entry(instant, then, earlier, teller)
            for instant, then, earlier in zip(instants, after, before, strict=True)
        ]
        if public and since and since.record and states.until(since.at).record is not None:
            shown[-1] |= self.written(since.record) | {"kind": ChangeKind.PUBLISHED.value}
        return [entry for entry in shown if entry["changes"]]

    def teller(self, states: States, found: Iterable[State]) -> Teller:
        """Who tells these states: it knows all rows that they name."""
        shown, names = told(self.serializer_class), Names(self.request.user)
        records = [state.record for state in found if state.record is not None]
        names.learn(shown.columns, records, states.relations)
        names.learn(shown.below, [part for state in found for part in state.parts], {})
        return Teller(shown, names, states.relations)

    def entry(self, instant: datetime, after: State, before: State, teller: Teller) -> dict[str, Any]:
        """What was written at one instant."""
        row, earlier = teller.row(after), teller.row(before)
        made = earlier is None and after.made
        kind = ChangeKind.DELETED if row is None else ChangeKind.CREATED if made else ChangeKind.CHANGED
        about = {"at": InstantField().to_representation(instant), "kind": kind.value}
        told_of = ORDER | self.written(after.newest) | about
        return told_of | {"changes": changes(earlier, row), "row": row}

    def written(self, record: Any) -> dict[str, Any]:
        """Which record it is, through what it was written and, to members of staff who see drafts, by whom."""
        user = self.request.user
        named = can_view_drafts(user) and user.is_staff and record.history_user is not None
        return {
            "id": f"{record.instance_type._meta.model_name}-{record.history_id}",
            "through": record.through,
            "by": record.history_user.get_username() if named else None,
        }


def history_of(view: type[Resource]) -> type[HistoryViewSet]:
    """The history of a resource's rows."""
    made: type[HistoryViewSet] = type(f"History{view.__name__}", (HistoryViewSet, view), {"__doc__": ABOUT})
    return made
