"""Filters of agreements."""

from typing import Any

from django.db.models import QuerySet

from accords.api.filters.base import (
    CONTAINS,
    EXACT,
    LISTED,
    NULLABLE,
    UNCERTAIN,
    CitedFilterSet,
    InForceFilterSet,
)
from accords.api.filters.filter_types import ChoiceFilter, DayFilter, HighlightFilter, PartyFilter, SearchFilter
from accords.models import Agreement
from accords.vocabulary import EffectiveBasis, PartyRole, TemporalStatus


class AgreementFilterSet(CitedFilterSet, InForceFilterSet):
    """Filters of `/api/v1/agreements`."""

    party = PartyFilter(queryset_method="with_party", help_text="Agreements in which this party has any role.")
    party_role = ChoiceFilter(
        choices=PartyRole.choices, queryset_method="with_role", help_text="Agreements in which someone has this role."
    )
    temporal_status = ChoiceFilter(
        choices=TemporalStatus.choices,
        method="filter_temporal_status",
        help_text="Where it stands on the day `on`, by its dates and renewal rules.",
    )
    on = DayFilter("The day for `temporal_status`, in the filter and in the rows.")
    effective_basis = ChoiceFilter(
        choices=EffectiveBasis.choices,
        queryset_method="of_effective_basis",
        help_text="What the effective date rests on: `stated` by a source, or `editorial`.",
    )
    q = SearchFilter(Agreement)
    highlight = HighlightFilter()

    class Meta:
        model = Agreement
        fields = {
            "slug": LISTED,
            "title": CONTAINS,
            "subject": CONTAINS,
            "instrument": LISTED,
            "status": LISTED,
            "announced": UNCERTAIN,
            "signed": UNCERTAIN,
            "effective": UNCERTAIN,
            "ends": UNCERTAIN,
            "term": LISTED,
            "renewal_mode": LISTED,
            "renewal_interval": LISTED,
            "notice_period": LISTED,
            "max_renewals": NULLABLE,
            "clauses_complete": EXACT,
            "is_published": EXACT,
            "supersedes": EXACT,
        }

    def filter_temporal_status(self, queryset: Any, name: str, status: str) -> QuerySet[Any]:
        return queryset.of_temporal_status(status, self.value("on"))
