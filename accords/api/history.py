"""The views of the histories of rows, from the audit log.

Users who may not view drafts see the history since the row was last published. It begins with the version that was
published, so it shows nothing that was written while the row was hidden, or before an earlier withdrawal.
"""

from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import DateTimeField, Q
from django.http import Http404, HttpRequest
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accords.api import pagination, query
from accords.api.pagination import DEFAULT_PAGE_SIZE, Cursor, OrderKey, Page
from accords.api.publication import ALWAYS, PublicSince, public_since
from accords.api.query import ErrorCollector
from accords.api.resource import Resource
from accords.api.serializers.fields import InstantField
from accords.api.serializers.history import HistorySerializer, VersionSerializer, changes, row_history
from accords.db.audit_log import DELETED
from accords.db.row_history import RowHistory, Version
from accords.models.base import can_view_drafts
from accords.vocabulary import ChangeKind

DESCRIPTION = """The changes of a row, newest first: the instant, how it was written, and the fields that changed.

Users who may not view drafts see the history since the row was last published, beginning with the version that was
published. Changes of fields that are not served are left out, so a page can have fewer entries than its size. Related
rows are shown by the slugs that they have today; those that the user may not see are left out. Users who may view
drafts can also read the history of a deleted row.
"""
NEWEST_FIRST = (OrderKey("history_date", descending=True, nullable=False, field=DateTimeField()),)


class Moment(NamedTuple):
    """An instant at which the row was written. Pages of a history are pages of moments, with a cursor of this field."""

    history_date: datetime


class HistoryViewSet(Resource):
    """The history of one row of a resource."""

    size: int
    cursor: Cursor | None

    def allowed_parameters(self) -> list[str]:
        return ["page_size", "cursor"]

    def read(self, request: HttpRequest | Request) -> None:
        """Parse the parameters of the page. Raises `InvalidParameters` with every error."""
        self.parameters, items = query.read(request.META.get("QUERY_STRING", ""), self.allowed_parameters())
        self.values, errors = {}, ErrorCollector(items)
        self.size = errors.read(self.parameters, "page_size", pagination.parse_page_size, DEFAULT_PAGE_SIZE)
        self.cursor = errors.read(self.parameters, "cursor", lambda text: Cursor.decode(text, NEWEST_FIRST), None)
        errors.raise_errors()

    @extend_schema(responses=HistorySerializer)
    def history(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Return a page of the history; an empty one if the audit log does not show since when the row is public."""
        pk, since = self.find_row()
        history = row_history(self.serializer_class, pk)
        page = self.moments(history, since) if since else Page([], more_before=False, more_after=False)
        entries = self.entries(history, [moment.history_date for moment in page.rows], since) if page.rows else []
        return Response({**pagination.links(request, self.parameters, NEWEST_FIRST, page), "results": entries})

    def find_row(self) -> tuple[int, PublicSince | None]:
        """Return the id of the row, and since when the user may read its history; None if the audit log has no start.

        Raises `Http404` if there is no row that the user may see, and no deleted one of which they may see the history.
        """
        model: Any = self.model
        key, user = self.kwargs[self.lookup_field].lower(), self.request.user
        relations = [field.name for field in model._meta.concrete_fields if field.is_relation]
        rows = model._default_manager.visible_to(user).only("pk", *relations)
        row = rows.filter(Q((self.lookup_field, key))).first()
        if row is not None:
            return row.pk, PublicSince(ALWAYS) if can_view_drafts(user) else public_since(row)
        name = "id" if self.lookup_field == "pk" else self.lookup_field
        deleted_id = model.history.filter(Q((name, key)), history_type=DELETED).values_list("id", flat=True).first()
        if not can_view_drafts(user) or deleted_id is None or model._default_manager.filter(pk=deleted_id).exists():
            raise Http404
        return deleted_id, PublicSince(ALWAYS)

    def moments(self, history: RowHistory, since: PublicSince) -> Page:
        """Return a page of moments.

        The last moment of the last page is the one since which the row has been public: its entry is the publication.
        """
        cursor_at: Any = self.cursor.values[0] if self.cursor else None
        if self.cursor is not None and self.cursor.backwards:
            instants = history.instants(self.size + 1, after=max(cursor_at, since.at), newest=False)
            if cursor_at < since.at:
                instants = [since.at, *instants][: self.size + 1]
        else:
            instants = history.instants(self.size + 1, before=cursor_at, after=since.at)
            is_last_page = len(instants) <= self.size and (cursor_at is None or since.at < cursor_at)
            if is_last_page and since.at > ALWAYS:
                instants.append(since.at)
        return pagination.page_of([Moment(instant) for instant in instants], self.size, self.cursor)

    def entries(self, history: RowHistory, instants: list[datetime], since: PublicSince | None) -> list[dict[str, Any]]:
        """Return the entries of these instants, newest first, without those that change no served field."""
        history.load(instants[-1], instants[0])
        after = [history.at(instant) for instant in instants]
        is_published = since is not None and since.at == instants[-1]
        # An empty version before the publication, so that its entry has all fields as changes.
        before = [*after[1:], Version() if is_published else history.before(instants[-1])]
        serializer = VersionSerializer(self.serializer_class, [*after, *before], self.request.user)
        entries = []
        for instant, version, earlier_version in zip(instants, after, before, strict=True):
            row, earlier_row = serializer.represent(version), serializer.represent(earlier_version)
            is_new = earlier_row is None and version.created
            kind = ChangeKind.DELETED if row is None else ChangeKind.CREATED if is_new else ChangeKind.CHANGED
            entry = {"id": "", "at": InstantField().to_representation(instant), "kind": kind.value}
            entries.append(
                entry | self.record_members(version.latest) | {"changes": changes(earlier_row, row), "row": row}
            )
        if since and is_published and since.record and history.before(since.at).record is not None:
            entries[-1] |= self.record_members(since.record) | {"kind": ChangeKind.PUBLISHED.value}
        return [entry for entry in entries if entry["changes"]]

    def record_members(self, record: Any) -> dict[str, Any]:
        """Return the members of an entry that its record has. Only staff who may view drafts see the author."""
        user = self.request.user
        shows_author = can_view_drafts(user) and user.is_staff and record.author
        return {
            "id": f"{record.instance_type._meta.model_name}-{record.history_id}",
            "through": record.through,
            "by": record.author if shows_author else None,
        }


def history_of(view: type[Resource]) -> type[HistoryViewSet]:
    """Return the viewset of the histories of a resource's rows."""
    viewset: type[HistoryViewSet] = type(f"History{view.__name__}", (HistoryViewSet, view), {"__doc__": DESCRIPTION})
    return viewset
