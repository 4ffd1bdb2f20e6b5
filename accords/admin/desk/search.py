"""The proposals of the desk's search inputs: rows that a passage could support, parties, agreements."""

from collections.abc import Iterator
from typing import Any

from django.contrib.admin import AdminSite, ModelAdmin
from django.db.models import Case, IntegerField, Model, Q, QuerySet, Value, When
from django.http import HttpRequest

from accords.admin.autocomplete import clean_id
from accords.models import Participation, Party, Source
from accords.models.citations import CLAIM_TARGETS

MAX_PROPOSALS, MAX_OF_EACH_MODEL = 12, 5
MAX_LENGTH = 200  # characters of a search
ANY_ROW = "row"  # instead of a model name: all of `CLAIM_TARGETS`
SEARCHABLE: dict[str, type[Model]] = {**CLAIM_TARGETS, "party": Party}
"""The models that can be searched, by name."""


class DeskSearch:
    """A search for proposals, as in the admin's own lists, among the rows that the user may see.

    The query string has the text (`q`) and, to search the rows of one agreement only, its id (`agreement`).
    """

    def __init__(self, site: AdminSite, request: HttpRequest, source: Source) -> None:
        self.site, self.request, self.source = site, request, source
        self.text = request.GET.get("q", "")[:MAX_LENGTH]
        agreement = request.GET.get("agreement", "")
        self.agreement_id = clean_id(agreement) if agreement else ""

    def proposals(self, model_name: str) -> list[dict[str, Any]]:
        """Return the first rows of a model or, for `ANY_ROW`, of each model that a citation can support."""
        if model_name != ANY_ROW:
            return [*self._model_proposals(model_name, MAX_PROPOSALS)]
        limit = MAX_OF_EACH_MODEL if self.text else MAX_PROPOSALS
        return [proposal for each in CLAIM_TARGETS for proposal in self._model_proposals(each, limit)]

    def _model_proposals(self, model_name: str, limit: int) -> Iterator[dict[str, Any]]:
        """Yield the first rows of a model that match the search, or none if the user may not view the model."""
        model_admin: Any = self.site.get_model_admin(SEARCHABLE[model_name])
        if not model_admin.has_view_permission(self.request):
            return
        searched = self._searched_rows(model_name, model_admin)
        rows, may_repeat = model_admin.get_search_results(self.request, searched, self.text)
        for row in self._nearest_first(model_name, rows.distinct() if may_repeat else rows)[:limit]:
            agreement = getattr(row, "agreement", None)
            yield {"id": row.pk, "kind": model_name, "text": str(row), "of": str(agreement) if agreement else ""}

    def _searched_rows(self, model_name: str, model_admin: ModelAdmin) -> QuerySet[Any]:
        """Return the rows that the user may see, only those of the agreement if one is given and they belong to one."""
        rows: QuerySet[Any] = model_admin.get_queryset(self.request)
        if model_name in ("party", "agreement"):
            return rows
        rows = rows.select_related("agreement")
        return rows.filter(agreement=self.agreement_id) if self.agreement_id else rows

    def _nearest_first(self, model_name: str, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Put agreements that the source supports, and parties to the agreement, before all others."""
        if model_name == "agreement":
            agreements: Any = SEARCHABLE[model_name]._default_manager
            nearest = When(pk__in=agreements.citing(self.source).values("pk"), then=Value(0))
        elif model_name == "party" and self.agreement_id:
            participations = Participation.objects.filter(Q(("agreement", self.agreement_id)))
            nearest = When(pk__in=participations.values("party"), then=Value(0))
        else:
            return rows
        order = Case(nearest, default=Value(1), output_field=IntegerField())
        return rows.order_by(order, *rows.query.order_by)
