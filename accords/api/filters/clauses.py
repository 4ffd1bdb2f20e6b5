"""What can be asked of clauses."""

from typing import Any

from django.db.models import QuerySet

from accords.api.filters.backend import filter_set
from accords.api.filters.kinds import (
    Beside,
    DecimalKind,
    FlagKind,
    Kind,
    PartKind,
    PrefixKind,
    TextKind,
    WholeKind,
    WordKind,
)
from accords.api.filters.parts import agreement, every_row, in_force, language, listed, searched, source, uncertain
from accords.api.filters.rows import IdKind, PartyKind
from accords.models import Clause
from accords.vocabulary import ClauseRole, ClauseType, Modality, Scope, Standing

ROLES = {role.value: (role.value,) for role in ClauseRole} | {"party": tuple(ClauseRole.values)}


class RoleKind(PartyKind):
    """Who owes, is owed or is affected; `explicit` beside it is asked of the same entry."""

    def __init__(self, roles: tuple[str, ...], help_text: str) -> None:
        """Ask for one of these roles."""
        super().__init__(help_text=help_text)
        self.roles = roles

    def narrow(self, queryset: Any, value: Any, given: Beside) -> QuerySet[Any]:
        """Clauses in which the party has the role."""
        answer: QuerySet[Any] = queryset.with_parties(roles=self.roles, party=value, explicit=given.get("explicit"))
        return answer


class ExplicitKind(FlagKind):
    """Whether the text names a party in its role; alone it is asked of any entry."""

    def narrow(self, queryset: Any, value: Any, given: Beside) -> QuerySet[Any]:
        """Clauses with such an entry, unless a party's filter asks it already."""
        answer: QuerySet[Any] = queryset if given.keys() & ROLES.keys() else queryset.with_parties(explicit=value)
        return answer


def quantities() -> dict[str, Kind]:
    """Quantities, equal, from and up to."""
    kinds: dict[str, Kind] = {}
    for field, what in (
        ("baseline_value", "quantity before"),
        ("value", "quantity agreed"),
        ("delta", "difference of the two quantities"),
    ):
        kinds[field] = DecimalKind(field, help_text=f"The {what}.")
        kinds[f"{field}__gte"] = DecimalKind(field, "gte", help_text=f"The {what} is this or more.")
        kinds[f"{field}__lte"] = DecimalKind(field, "lte", help_text=f"The {what} is this or less.")
    return kinds


ClauseFilterSet = filter_set(
    "ClauseFilterSet",
    **agreement(),
    **listed(
        number=TextKind("number", help_text="The clause's number, to the letter."),
        type=WordKind(ClauseType, "type", help_text="The subject of the clause."),
        standing=WordKind(Standing, "standing", help_text="On what footing the source states it."),
        modality=WordKind(Modality, "modality", help_text="Whether it obliges, permits, forbids or declares."),
        scope=WordKind(Scope, "scope", help_text="How much of its subject it covers."),
        unit=TextKind("unit", help_text="The unit of its quantities, to the letter (`%` is written `%25` in a URL)."),
    ),
    **language(),
    position=WholeKind("position", help_text="Its place in the agreement's order."),
    obligor=RoleKind(ROLES["obligor"], "Clauses that this party owes."),
    obligee=RoleKind(ROLES["obligee"], "Clauses that are owed to this party."),
    affected=RoleKind(ROLES["affected"], "Clauses that affect this party."),
    party=RoleKind(ROLES["party"], "Clauses in which this party has any role."),
    explicit=ExplicitKind(
        help_text="Whether the text names the party in that role (true) or an editor supplied it (false). "
        "Beside `obligor`, `obligee`, `affected` "
        "or `party` it is asked of that same entry, alone of any."
    ),
    title__icontains=PartKind("title", help_text="Part of the heading, whatever its case and accents."),
    commodity__icontains=PartKind(
        "commodity", help_text="Part of the goods' name in the source, whatever its case and accents."
    ),
    scope_note__icontains=PartKind("scope_note", help_text="Part of the scope note, whatever its case and accents."),
    hs_code=PrefixKind(
        r"[0-9]{1,6}",
        "1201",
        "hs_codes",
        help_text="The beginning of a code of the Harmonized System 2022: `12` finds `1201`.",
    ),
    **quantities(),
    **in_force(),
    **uncertain("effective", "apply from a date of their own that lies"),
    **uncertain("ends", "end, by a date of their own,"),
    parent=IdKind(Clause, "parent", help_text="Clauses directly within this one, by id."),
    parent__isnull=FlagKind("parent", "isnull", help_text="true: clauses that stand in no other."),
    asserted_by=PartyKind(ask="asserted_by", help_text="Clauses of which this party is the speaker of a statement."),
    source=source(ask="citing"),
    **searched(Clause),
    **every_row(),
)
