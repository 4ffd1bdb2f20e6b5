"""Filters of statements."""

from accords.api.filters.base import CONTAINS, EXACT, LISTED, NULLABLE, CitedFilterSet
from accords.api.filters.filter_types import HighlightFilter, PatternFilter, SearchFilter
from accords.models import Statement


class StatementFilterSet(CitedFilterSet):
    """Filters of `/api/v1/statements`."""

    topic = PatternFilter(
        pattern="[A-Za-z0-9 -]{1,100}",
        example="tariffs",
        queryset_method="on_topic",
        help_text="Statements that have this topic, to the letter.",
    )
    q = SearchFilter(Statement)
    highlight = HighlightFilter()

    class Meta:
        model = Statement
        fields = {
            "agreement": LISTED,
            "number": LISTED,
            "kind": LISTED,
            "speaker": NULLABLE,
            "speaker_label": CONTAINS,
            "polarity": LISTED,
            "certainty": LISTED,
            "mentions": EXACT,
            "clause": NULLABLE,
            "event": NULLABLE,
        }
