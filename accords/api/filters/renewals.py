"""Filters of renewal dates."""

from typing import Any

from django.db.models import QuerySet

from accords.api.filters.base import EXACT, ONE_OR_SEVERAL, UNCERTAIN, CitedFilterSet
from accords.api.filters.filter_types import BooleanFilter, CalendarDurationFilter, ChoiceFilter, DayFilter, PartyFilter
from accords.models import Agreement, Renewal
from accords.vocabulary import RestsOn


class RenewalFilterSet(CitedFilterSet):
    """Filters of `/api/v1/renewals`."""

    party = PartyFilter(
        queryset_method="of_party", help_text="Renewal dates of agreements in which this party has any role."
    )
    due_within = CalendarDurationFilter(
        method="filter_due_within",
        help_text="Dates that may fall due from the day `on` until this ISO 8601 duration later: `P90D`.",
    )
    overdue = BooleanFilter(
        method="filter_overdue",
        help_text="true: someone had to act by a date certainly before the day `on`, nothing is recorded of it, and "
        "the agreement cannot be terminated or superseded by then. false: all others.",
    )
    on = DayFilter("The day for `due_within` and `overdue`.")
    rests_on = ChoiceFilter(
        choices=RestsOn.choices,
        queryset_method="resting_on",
        help_text="The weakest evidence for the date: `stated` by a source, or `editorial`.",
    )
    outcome__isnull = BooleanFilter(
        method="filter_without_outcome", help_text="true: no agreement is recorded as the outcome."
    )

    class Meta:
        model = Renewal
        fields = {
            "agreement": ONE_OR_SEVERAL,
            "kind": ONE_OR_SEVERAL,
            "sequence": ONE_OR_SEVERAL,
            "due": UNCERTAIN,
            "offset": ONE_OR_SEVERAL,
            "basis": ONE_OR_SEVERAL,
            "status": ONE_OR_SEVERAL,
            "outcome": EXACT,
        }

    def filter_due_within(self, queryset: Any, name: str, duration: Any) -> QuerySet[Any]:
        return queryset.due_within(duration, self.value("on"))

    def filter_overdue(self, queryset: Any, name: str, overdue: bool) -> QuerySet[Any]:
        return queryset.overdue(overdue, self.value("on"))

    def filter_without_outcome(self, queryset: Any, name: str, without: bool) -> QuerySet[Any]:
        """Filter by the outcome, where one that the user may not see counts as none."""
        return queryset.without_outcome(without, Agreement.objects.visible_to(self.request.user))
