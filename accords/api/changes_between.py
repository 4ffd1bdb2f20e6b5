"""Two agreements compared: what the later one added, dropped and changed of the earlier one."""

from typing import Any

from django.db.models import Prefetch
from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accords.api.serializers.changes import ChangesSerializer
from accords.api.views import AgreementViewSet
from accords.models import Agreement, Clause, ClauseParty, Participation
from accords.rules import comparison
from accords.rules.comparison import CLAUSE_ROUNDS, Entry
from accords.rules.status import STATED_FIELDS

TERMS = ("subject", "instrument", *STATED_FIELDS)
PART = ("since", "until")
CLAUSE = (
    *("number", "type", "standing", "modality", "title", "text", "language", "commodity", "hs_codes", "scope"),
    *("scope_note", "baseline_value", "value", "unit", "effective", "ends", "parent", "parties"),
)
UNITS = {"baseline_value": "unit", "value": "unit"}


def entry(row: Any, names: tuple[str, ...]) -> dict[str, Any]:
    """Some fields of a row as plain values."""
    return {name: getattr(row, name) for name in names}


def part(row: Participation) -> Entry:
    """Who takes part in an agreement, as what and when."""
    return {"party": row.party.slug, "role": row.role, **entry(row, PART)}


def roles(rows: list[ClauseParty]) -> list[dict[str, Any]]:
    """Who owes a clause, is owed or is affected, in an order of its own."""
    found = [{"party": row.party.slug, "role": row.role, "explicit": row.explicit} for row in rows]
    return sorted(found, key=lambda role: (role["role"], role["party"]))


def clause(row: Clause) -> Entry:
    """A clause as plain values; `owed` is what it is matched by."""
    named = roles(list(row.parties.all()))
    made = entry(row, tuple(name for name in CLAUSE if name not in ("parent", "parties")))
    made |= {"id": row.pk, "parent": row.parent.number if row.parent else None, "parties": named}
    return made | {"owed": frozenset((role["role"], role["party"]) for role in named)}


def compared(agreement: Agreement, other: Agreement) -> dict[str, Any]:
    """What an agreement changed of another one."""
    terms = comparison.changes(entry(other, TERMS), entry(agreement, TERMS), TERMS, {})
    parts_before, parts_after = ([part(row) for row in one.participations.all()] for one in (other, agreement))
    parts = comparison.match(parts_before, parts_after, [("party", "role")])
    clauses_before, clauses_after = ([clause(row) for row in one.clauses.all()] for one in (other, agreement))
    clauses = comparison.match(clauses_before, clauses_after, CLAUSE_ROUNDS)
    return {
        "agreement": agreement.slug,
        "other": other.slug,
        "clauses_complete": {"before": other.clauses_complete, "after": agreement.clauses_complete},
        "terms": [change._asdict() for change in terms],
        "parties": sorted_out(parts, PART),
        "clauses": sorted_out(clauses, CLAUSE),
    }


def sorted_out(matched: comparison.Matched, names: tuple[str, ...]) -> dict[str, Any]:
    """Pairs of entries as what changed and what did not, beside what only one side has."""
    changed: list[dict[str, Any]] = []
    unchanged: list[dict[str, Any]] = []
    for pair in matched.pairs:
        found = comparison.changes(pair.before, pair.after, names, UNITS)
        told = pair._asdict() | {"matched_by": ["parties" if name == "owed" else name for name in pair.by]}
        (changed if found else unchanged).append(told | {"changes": [change._asdict() for change in found]})
    return {"added": matched.added, "dropped": matched.dropped, "changed": changed, "unchanged": unchanged}


class AgreementChangesViewSet(AgreementViewSet):
    """What an agreement added, dropped and changed of another one: of its terms, its parties and its clauses.

    The other one is the earlier one, as when a renegotiation brings a successor. Clauses are matched by number, type,
    goods and parties. What one side lacks is only certain where its clauses are complete.
    """

    def known(self) -> list[str]:
        """No parameters."""
        return []

    @extend_schema(responses=ChangesSerializer)
    def changes(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The comparison."""
        slugs = [self.kwargs[name].lower() for name in ("slug", "other")]
        clauses = Clause.objects.select_related("parent").prefetch_related("parties__party").order_by("position", "id")
        found = Agreement.objects.visible_to(request.user).filter(slug__in=slugs)
        rows = {row.slug: row for row in found.prefetch_related("participations__party", Prefetch("clauses", clauses))}
        if not rows.keys() >= set(slugs):
            raise Http404
        return Response(ChangesSerializer(compared(*(rows[slug] for slug in slugs))).data)
