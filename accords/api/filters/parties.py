"""What can be asked of parties."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest

from accords.api.filters.backend import filter_set
from accords.api.filters.kinds import Beside, SlugKind, WordKind
from accords.api.filters.parts import country, every_row, listed, searched
from accords.api.filters.rows import PartyKind, RowKind
from accords.models import Agreement, Participation, Party
from accords.vocabulary import PartyKind as Kinds
from accords.vocabulary import PartyRole


class RoleKind(WordKind):
    """A role; beside `agreement` it is asked of that agreement."""

    def parse(self, text: str, request: HttpRequest) -> QuerySet[Any]:
        """The parts of this role in agreements that the caller may see."""
        return Participation.objects.visible_to(request.user).filter(role=super().parse(text, request))

    def narrow(self, queryset: Any, value: Any, given: Beside) -> QuerySet[Any]:
        """Parties that have the role."""
        answer: QuerySet[Any] = queryset.with_part(value, given.get("agreement"))
        return answer


PartyFilterSet = filter_set(
    "PartyFilterSet",
    **listed(
        slug=SlugKind("united-states", help_text="The party's slug, in any case."),
        kind=WordKind(Kinds, "kind", help_text="What sort of actor it is."),
    ),
    **country(),
    agreement=RowKind(
        Agreement,
        ask="of_agreement",
        help_text="Parties that have a role in this agreement, by slug; beside `role`, that role.",
    ),
    role=RoleKind(PartyRole, help_text="Parties that have this role in an agreement."),
    represents=PartyKind("represents", help_text="Parties that speak for this one."),
    **searched(Party),
    **every_row(),
)
