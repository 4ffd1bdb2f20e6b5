"""Filters of agreements."""

from typing import Any

from django.db.models import QuerySet

from accords.api.filters.base import (
    CONTAINS,
    EXACT,
    NULLABLE,
    ONE_OR_SEVERAL,
    UNCERTAIN,
    CitedFilterSet,
    InForceFilterSet,
)
from accords.api.filters.filter_types import (
    ChoiceFilter,
    DayFilter,
    HighlightFilter,
    ItemFilter,
    PartyFilter,
    SearchFilter,
)
from accords.models import Agreement
from accords.vocabulary import PartyRole, RestsOn, TemporalStatus


class AgreementFilterSet(CitedFilterSet, InForceFilterSet):
    """Filters of `/api/v1/agreements`."""

    party = PartyFilter(
        method="filter_party",
        help_text="Agreements in which this party has any role; with `in_force_on`, on that day.",
    )
    party_role = ChoiceFilter(
        choices=PartyRole.choices, queryset_method="with_role", help_text="Agreements in which someone has this role."
    )
    temporal_status = ChoiceFilter(
        choices=TemporalStatus.choices,
        method="filter_temporal_status",
        help_text="The state of the agreement on the day `on`, by its dates and renewal rules.",
    )
    on = DayFilter("The day for `temporal_status`, in the filter and in the rows.")
    renewal_interval = ItemFilter(
        "renewal_intervals",
        pattern="P[0-9YMWD]{2,30}|open",
        example="P1Y",
        help_text="One of the `renewal_intervals`, in the same notation.",
    )
    effective_basis = ChoiceFilter(
        choices=RestsOn.choices,
        queryset_method="of_effective_basis",
        help_text="What the effective date rests on: `stated` by a source, or `editorial`.",
    )
    q = SearchFilter(Agreement)
    highlight = HighlightFilter()

    class Meta:
        model = Agreement
        fields = {
            "slug": ONE_OR_SEVERAL,
            "title": CONTAINS,
            "subject": CONTAINS,
            "instrument": ONE_OR_SEVERAL,
            "status": ONE_OR_SEVERAL,
            "status_since": UNCERTAIN,
            "announced": UNCERTAIN,
            "signed": UNCERTAIN,
            "effective": UNCERTAIN,
            "ends": UNCERTAIN,
            "effective_condition": CONTAINS,
            "term": ONE_OR_SEVERAL,
            "term_ends": ONE_OR_SEVERAL,
            "term_from": CONTAINS,
            "renewal_mode": ONE_OR_SEVERAL,
            "renewal_condition": CONTAINS,
            "option_holder": EXACT,
            "notice_period": ONE_OR_SEVERAL,
            "notice_opens": ONE_OR_SEVERAL,
            "max_renewals": NULLABLE,
            "unlimited": EXACT,
            "rests_on": ONE_OR_SEVERAL,
            "clauses_complete": EXACT,
            "is_published": EXACT,
            "supersedes": EXACT,
            "amends": NULLABLE,
        }

    def filter_party(self, queryset: Any, name: str, party: Any) -> QuerySet[Any]:
        """Filter by a party, given by its id; with `in_force_on`, by one that takes part on that day."""
        day = self.value("in_force_on")
        return queryset.with_party_on(party, day, self.value("certainty")) if day else queryset.with_party(party)

    def filter_temporal_status(self, queryset: Any, name: str, status: str) -> QuerySet[Any]:
        return queryset.of_temporal_status(status, self.value("on"))
