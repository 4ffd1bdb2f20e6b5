"""Filters of statements."""

from accords.api.filters.base import CONTAINS, EXACT, NULLABLE, ONE_OR_SEVERAL, CitedFilterSet
from accords.api.filters.filter_types import HighlightFilter, PatternFilter, SearchFilter
from accords.models import Statement


class StatementFilterSet(CitedFilterSet):
    """Filters of `/api/v1/statements`."""

    topic = PatternFilter(
        pattern="[A-Za-z0-9 -]{1,100}",
        example="tariffs",
        queryset_method="on_topic",
        help_text="Statements that have exactly this topic.",
    )
    q = SearchFilter(Statement)
    highlight = HighlightFilter()

    class Meta:
        model = Statement
        fields = {
            "agreement": ONE_OR_SEVERAL,
            "number": ONE_OR_SEVERAL,
            "kind": ONE_OR_SEVERAL,
            "speaker": NULLABLE,
            "speaker_label": CONTAINS,
            "polarity": ONE_OR_SEVERAL,
            "certainty": ONE_OR_SEVERAL,
            "mentions": EXACT,
            "clause": NULLABLE,
            "event": NULLABLE,
        }
