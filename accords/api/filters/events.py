"""Filters of events."""

from accords.api.filters.base import CONTAINS, EXACT, ONE_OR_SEVERAL, UNCERTAIN, CitedFilterSet
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
            "agreement": ONE_OR_SEVERAL,
            "number": ONE_OR_SEVERAL,
            "kind": ONE_OR_SEVERAL,
            "country": ONE_OR_SEVERAL,
            "place": CONTAINS,
            "date": UNCERTAIN,
            "date_text": CONTAINS,
            "duration": ONE_OR_SEVERAL,
            "approximate": EXACT,
            "status": ONE_OR_SEVERAL,
            "after": EXACT,
            "reciprocates": EXACT,
        }
