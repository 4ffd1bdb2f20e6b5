"""Filters of clauses."""

from typing import Any

from django.db.models import QuerySet

from accords.api.filters.base import (
    CONTAINS,
    EXACT,
    EXACT_AND_RANGE,
    NULLABLE,
    ONE_OR_SEVERAL,
    UNCERTAIN,
    CitedFilterSet,
    InForceFilterSet,
)
from accords.api.filters.filter_types import BooleanFilter, HighlightFilter, HsCodeFilter, PartyFilter, SearchFilter
from accords.models import Clause
from accords.vocabulary import ClauseRole

# The roles of parties by the filter that asks for them.
ROLES = {role: (role,) for role in ClauseRole.values} | {"party": tuple(ClauseRole.values)}


class ClauseFilterSet(CitedFilterSet, InForceFilterSet):
    """Filters of `/api/v1/clauses`."""

    obligor = PartyFilter(method="filter_party", help_text="Clauses that this party owes.")
    obligee = PartyFilter(method="filter_party", help_text="Clauses that are owed to this party.")
    affected = PartyFilter(method="filter_party", help_text="Clauses that affect this party.")
    party = PartyFilter(method="filter_party", help_text="Clauses in which this party has any role.")
    explicit = BooleanFilter(
        method="filter_explicit",
        help_text="Whether the text names the party in that role (true) or an editor supplied it (false). With "
        "`obligor`, `obligee`, `affected` or `party` that same entry must match, else any entry.",
    )
    hs_code = HsCodeFilter(
        "hs_codes",
        "covers_hs_code",
        pattern="[0-9]{1,6}",
        example="1201",
        help_text="A code of the Harmonized System 2022 or its beginning: `12` finds `1201`, and `1201` finds `12` and "
        "`10-14`.",
    )
    asserted_by = PartyFilter(
        queryset_method="asserted_by",
        help_text="Clauses that this party affirms, as the speaker of a statement of polarity `positive`.",
    )
    q = SearchFilter(Clause)
    highlight = HighlightFilter()

    class Meta:
        model = Clause
        fields = {
            "agreement": ONE_OR_SEVERAL,
            "number": ONE_OR_SEVERAL,
            "position": EXACT,
            "type": ONE_OR_SEVERAL,
            "standing": ONE_OR_SEVERAL,
            "modality": ONE_OR_SEVERAL,
            "title": CONTAINS,
            "language": ONE_OR_SEVERAL,
            "commodity": CONTAINS,
            "scope": ONE_OR_SEVERAL,
            "scope_note": CONTAINS,
            "baseline_value": EXACT_AND_RANGE,
            "value": EXACT_AND_RANGE,
            "delta": EXACT_AND_RANGE,
            "unit": ONE_OR_SEVERAL,
            "comparator": ONE_OR_SEVERAL,
            "per": ONE_OR_SEVERAL,
            "period": ONE_OR_SEVERAL,
            "trigger": CONTAINS,
            "survives": EXACT,
            "rests_on": ONE_OR_SEVERAL,
            "modifies": NULLABLE,
            "modification": ONE_OR_SEVERAL,
            "effective": UNCERTAIN,
            "ends": UNCERTAIN,
            "parent": NULLABLE,
        }

    def filter_party(self, queryset: Any, name: str, party: Any) -> QuerySet[Any]:
        return queryset.with_parties(roles=ROLES[name], party=party, explicit=self.value("explicit"))

    def filter_explicit(self, queryset: Any, name: str, explicit: bool) -> QuerySet[Any]:
        """Filter only without a filter of a role, whose method reads the value of `explicit`."""
        return queryset if self.values.keys() & ROLES.keys() else queryset.with_parties(explicit=explicit)
