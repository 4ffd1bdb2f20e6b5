"""What can be asked of renewal dates."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest

from accords.api.filters.backend import filter_set
from accords.api.filters.kinds import Beside, DurationKind, FlagKind, PatternKind, WholeKind, WordKind
from accords.api.filters.parts import agreement, every_row, listed, on_day, source, uncertain
from accords.api.filters.rows import PartyKind, RowKind
from accords.models import Agreement
from accords.vocabulary import RenewalBasis, RenewalKind, RenewalStatus


class NoOutcomeKind(FlagKind):
    """Whether an outcome is missing; one that the caller may not see is."""

    def parse(self, text: str, request: HttpRequest) -> Any:
        """The truth value, and the agreements that the caller may see."""
        return super().parse(text, request), Agreement.objects.visible_to(request.user)

    def narrow(self, queryset: Any, value: Any, given: Beside) -> QuerySet[Any]:
        """Renewal dates without outcome, or with one."""
        answer: QuerySet[Any] = queryset.without_outcome(*value)
        return answer


RenewalFilterSet = filter_set(
    "RenewalFilterSet",
    **agreement(),
    **listed(
        kind=WordKind(RenewalKind, "kind", help_text="What falls due."),
        status=WordKind(RenewalStatus, "status", help_text="What became of it."),
        basis=WordKind(
            RenewalBasis,
            "basis",
            help_text="What the date rests on: `stated` by a source, `computed` by the rules, `editorial`.",
        ),
        offset=PatternKind(
            r"P[0-9YMWD]{2,30}", "P1Y", "offset", help_text="How long after the effective date, as written."
        ),
        sequence=WholeKind("sequence", help_text="Which one of its kind."),
    ),
    party=PartyKind(ask="of_party", help_text="Renewal dates of agreements in which this party has any role."),
    **uncertain("due", "fall due"),
    due_within=DurationKind(
        ask="due_within",
        beside=("on",),
        help_text="Dates that may fall due from the day `on` until this ISO 8601 duration later: `P90D`.",
    ),
    overdue=FlagKind(
        ask="overdue",
        beside=("on",),
        help_text="true: someone had to act by a date certainly before the day `on`, nothing is recorded of it, "
        "and the agreement is neither terminated nor replaced. false: all others.",
    ),
    on=on_day("The day for `due_within` and `overdue`."),
    outcome=RowKind(
        Agreement,
        "outcome",
        help_text="Renewals of which this agreement came, by slug.",
    ),
    outcome__isnull=NoOutcomeKind(help_text="true: no agreement is recorded as the outcome."),
    source=source(ask="citing"),
    **every_row(),
)
