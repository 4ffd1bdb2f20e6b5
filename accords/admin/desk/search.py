"""Proposals while somebody types at the desk: rows that a passage could support, parties, agreements."""

from collections.abc import Iterator
from typing import Any

from django.contrib.admin import AdminSite
from django.db.models import Case, IntegerField, Model, QuerySet, Value, When
from django.http import HttpRequest

from accords.admin.autocomplete import clean_id
from accords.models import Party, Source
from accords.models.citations import CLAIM_TARGETS

MAX_PROPOSALS, MAX_OF_A_KIND = 12, 5
MAX_LENGTH = 200
ANY_ROW = "row"
SEARCHABLE: dict[str, type[Model]] = {**CLAIM_TARGETS, "party": Party}


class DeskSearch:
    """Searches as the admin's own lists do, among the rows that the user may see.

    The query string has the words (`q`) and the id of the agreement to stay within, if there is one.
    """

    def __init__(self, site: AdminSite, request: HttpRequest, source: Source) -> None:
        self.site, self.request, self.source = site, request, source
        self.words = request.GET.get("q", "")[:MAX_LENGTH]
        agreement = request.GET.get("agreement", "")
        self.agreement_id = clean_id(agreement) if agreement else ""

    def proposals(self, kind: str) -> list[dict[str, Any]]:
        """Return the first rows of a kind, or of all kinds that a citation can support."""
        if kind != ANY_ROW:
            return [*self._proposals(kind, MAX_PROPOSALS)]
        limit = MAX_OF_A_KIND if self.words else MAX_PROPOSALS
        return [proposal for target in CLAIM_TARGETS for proposal in self._proposals(target, limit)]

    def _proposals(self, kind: str, limit: int) -> Iterator[dict[str, Any]]:
        """Yield the first rows of a kind that match the search, or none if the user may not view that kind."""
        model_admin: Any = self.site.get_model_admin(SEARCHABLE[kind])
        if not model_admin.has_view_permission(self.request):
            return
        rows, may_repeat = model_admin.get_search_results(self.request, self._rows(kind, model_admin), self.words)
        for row in self._nearest_first(kind, rows.distinct() if may_repeat else rows)[:limit]:
            agreement = getattr(row, "agreement", None)
            yield {"id": row.pk, "kind": kind, "text": str(row), "of": str(agreement) if agreement else ""}

    def _rows(self, kind: str, model_admin: Any) -> QuerySet[Any]:
        """Return the rows among which to search: those that the user may see, within the agreement if there is one.

        Parties are all of the admin's list: they belong to no agreement.
        """
        rows: Any = model_admin.get_queryset(self.request)
        if kind == "party":
            return rows
        rows = rows.visible_to(self.request.user)
        if kind == "agreement":
            return rows
        rows = rows.select_related("agreement")
        return rows.filter(agreement=self.agreement_id) if self.agreement_id else rows

    def _nearest_first(self, kind: str, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Put agreements that the source supports, and parties to the agreement, before all others."""
        if kind == "agreement":
            citing: Any = SEARCHABLE[kind]._default_manager
            nearest = When(pk__in=citing.citing(self.source).values("pk"), then=Value(0))
        elif kind == "party" and self.agreement_id:
            nearest = When(participations__agreement=self.agreement_id, then=Value(0))
        else:
            return rows
        order = Case(nearest, default=Value(1), output_field=IntegerField())
        return rows.order_by(order, *rows.query.order_by)
