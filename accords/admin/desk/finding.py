"""Proposals while someone types: rows that a passage could support, parties, agreements."""

from collections.abc import Iterator
from typing import Any

from django.contrib.admin import AdminSite
from django.db.models import Case, IntegerField, Model, QuerySet, Value, When
from django.http import HttpRequest

from accords.admin.autocomplete import row_id
from accords.models import Party, Source
from accords.models.citations import TARGETS

MOST, MOST_OF_A_KIND = 12, 5
LONGEST = 200
ROW = "row"
FOUND: dict[str, type[Model]] = {**TARGETS, "party": Party}
"""What can be looked for; `row` looks for whatever a citation can support."""


class Finder:
    """Looks for rows as the admin's own searches do, among those that this user may see."""

    def __init__(self, site: AdminSite, request: HttpRequest, source: Source) -> None:
        """Read what is asked: `what`, the words `q`, and the id of an agreement to keep to, if there is one."""
        self.site, self.request, self.source = site, request, source
        self.words = request.GET.get("q", "")[:LONGEST]
        given = request.GET.get("agreement", "")
        self.agreement = row_id(given) if given else ""

    def found(self, what: str) -> list[dict[str, Any]]:
        """The first proposals. Raises `KeyError` for what cannot be looked for."""
        if what != ROW:
            return [*self._proposals(what, MOST)]
        each = MOST if not self.words else MOST_OF_A_KIND
        return [proposal for kind in TARGETS for proposal in self._proposals(kind, each)]

    def _proposals(self, kind: str, most: int) -> Iterator[dict[str, Any]]:
        its: Any = self.site.get_model_admin(FOUND[kind])
        if not its.has_view_permission(self.request):
            return
        rows, has_twins = its.get_search_results(self.request, self._rows(kind), self.words)
        for row in self._first(kind, rows.distinct() if has_twins else rows, most):
            of = getattr(row, "agreement", None)
            yield {"id": row.pk, "kind": kind, "text": str(row), "of": str(of) if of else ""}

    def _rows(self, kind: str) -> QuerySet[Any]:
        """The rows among which to look."""
        rows: QuerySet[Any] = self.site.get_model_admin(FOUND[kind]).get_queryset(self.request)
        if kind not in TARGETS:
            return rows
        rows = rows.visible_to(self.request.user)  # type: ignore[attr-defined]
        if kind == "agreement":
            return rows
        rows = rows.select_related("agreement")
        return rows.filter(agreement=self.agreement) if self.agreement else rows

    def _first(self, kind: str, rows: QuerySet[Any], most: int) -> QuerySet[Any]:
        """The first rows; agreements that this source supports, and parties to the agreement, before all others."""
        near = None
        if kind == "agreement":
            near = When(pk__in=FOUND[kind]._default_manager.citing(self.source).values("pk"), then=Value(0))  # type: ignore[attr-defined]
        elif kind == "party" and self.agreement:
            near = When(participations__agreement=self.agreement, then=Value(0))
        if near is None:
            return rows[:most]
        order = Case(near, default=Value(1), output_field=IntegerField())
        return rows.order_by(order, *rows.query.order_by)[:most]
