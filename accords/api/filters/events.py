"""Filters of events."""

from accords.api.filters.base import CONTAINS, EXACT, LISTED, UNCERTAIN, CitedFilterSet
from accords.api.filters.filter_types import HighlightFilter, PartyFilter, SearchFilter
from accords.models import Event


class EventFilterSet(CitedFilterSet):
    """Filters of `/api/v1/events`."""

    participant = PartyFilter("participants__pk", help_text="Events in which this party takes part.")
    q = SearchFilter(Event)
    highlight = HighlightFilter()

    class Meta:
        model = Event
        fields = {
            "agreement": LISTED,
            "number": LISTED,
            "kind": LISTED,
            "country": LISTED,
            "place": CONTAINS,
            "date": UNCERTAIN,
            "date_text": CONTAINS,
            "duration": LISTED,
            "approximate": EXACT,
            "status": LISTED,
            "after": EXACT,
            "reciprocates": EXACT,
        }
