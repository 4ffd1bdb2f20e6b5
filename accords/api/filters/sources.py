"""Filters of sources."""

from accords.api.filters.base import CONTAINS, EXACT, ONE_OR_SEVERAL, UNCERTAIN, StrictFilterSet
from accords.api.filters.filter_types import HighlightFilter, RowFilter, SearchFilter
from accords.models import Agreement, Source


class SourceFilterSet(StrictFilterSet):
    """Filters of `/api/v1/sources`."""

    agreement = RowFilter(
        Agreement,
        queryset_method="of_agreement",
        help_text="Sources that support this agreement, what belongs to it, or the parties that these name; by slug.",
    )
    q = SearchFilter(Source)
    highlight = HighlightFilter()

    class Meta:
        model = Source
        fields = {
            "slug": ONE_OR_SEVERAL,
            "title": CONTAINS,
            "kind": ONE_OR_SEVERAL,
            "language": ONE_OR_SEVERAL,
            "sha256": EXACT,
            "published": UNCERTAIN,
            "publisher": CONTAINS,
            "url": EXACT,
            "licence": CONTAINS,
        }
