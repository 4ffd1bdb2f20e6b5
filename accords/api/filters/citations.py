"""Filters of citations."""

from accords.api.filters.base import CONTAINS, EXACT, ONE_OR_SEVERAL, RANGE, StrictFilterSet
from accords.api.filters.filter_types import ChoiceFilter, RowFilter
from accords.models import Agreement, Citation
from accords.vocabulary import CitationTarget


class CitationFilterSet(StrictFilterSet):
    """Filters of `/api/v1/citations`."""

    agreement = RowFilter(
        Agreement,
        queryset_method="of_agreement",
        help_text="Citations for this agreement, for everything that belongs to it, and for the parties that these "
        "name, by slug; with `target=agreement` for itself only.",
    )
    target = ChoiceFilter(
        choices=CitationTarget.choices,
        queryset_method="of_kind",
        help_text="The kind of row that the citation supports.",
    )

    class Meta:
        model = Citation
        fields = {
            "source": EXACT,
            "clause": EXACT,
            "statement": EXACT,
            "event": EXACT,
            "renewal": EXACT,
            "participation": EXACT,
            "party": EXACT,
            "field": ONE_OR_SEVERAL,
            "exact": CONTAINS,
            "start": RANGE,
            "end": RANGE,
        }
