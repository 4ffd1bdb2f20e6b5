"""Filters of parties."""

from typing import Any

from django.db.models import QuerySet

from accords.api.filters.base import EXACT, ONE_OR_SEVERAL, StrictFilterSet
from accords.api.filters.filter_types import ChoiceFilter, HighlightFilter, RowFilter, SearchFilter
from accords.models import Agreement, Participation, Party
from accords.vocabulary import PartyRole


class PartyFilterSet(StrictFilterSet):
    """Filters of `/api/v1/parties`."""

    agreement = RowFilter(
        Agreement,
        queryset_method="of_agreement",
        help_text="Parties that have a role in this agreement, by slug; with `role`, that role.",
    )
    role = ChoiceFilter(
        choices=PartyRole.choices,
        method="filter_role",
        help_text="Parties that have this role in an agreement; with `agreement`, in that one.",
    )
    q = SearchFilter(Party)
    highlight = HighlightFilter()

    class Meta:
        model = Party
        fields = {"slug": ONE_OR_SEVERAL, "kind": ONE_OR_SEVERAL, "country": ONE_OR_SEVERAL, "represents": EXACT}

    def filter_role(self, queryset: Any, name: str, role: str) -> QuerySet[Any]:
        visible = Participation.objects.visible_to(self.request.user)
        return queryset.with_part(visible.filter(role=role), self.value("agreement"))
