"""The comparison of two agreements: what the later one added, dropped and changed."""

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
from accords.rules.status import TIME_FIELDS
from accords.vocabulary import Modification

TERMS = ("subject", "instrument", "status", *TIME_FIELDS, "unlimited", "notice_opens")
PART = ("label", "since", "until")
CLAUSE = (
    *("number", "type", "standing", "modality", "title", "text", "language", "commodity", "hs_codes", "scope"),
    *("scope_note", "baseline_value", "value", "comparator", "unit", "per", "period", "trigger"),
    *("effective", "ends", "survives", "parent", "parties"),
)
UNITS = {"baseline_value": "unit", "value": "unit"}


def entry(row: Any, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}


def part(row: Participation) -> Entry:
    return {"party": row.party.slug, "role": row.role, **entry(row, PART)}


def roles(rows: list[ClauseParty]) -> list[dict[str, Any]]:
    found = [{"party": row.party.slug, "role": row.role, "explicit": row.explicit} for row in rows]
    return sorted(found, key=lambda role: (role["role"], role["party"]))


def clause(row: Clause) -> Entry:
    """Return a clause as plain values; by `owed`, clauses are matched."""
    named = roles(list(row.parties.all()))
    made = entry(row, tuple(name for name in CLAUSE if name not in ("parent", "parties")))
    made |= {"id": row.pk, "parent": row.parent.number if row.parent else None, "parties": named}
    return made | {"owed": frozenset((role["role"], role["party"]) for role in named)}


def compared(agreement: Agreement, other: Agreement) -> dict[str, Any]:
    """Return the changes from another agreement; from one that it amends, only what its clauses modify."""
    if agreement.amends_id == other.pk:
        return amended(agreement, other)
    terms = comparison.changes(entry(other, TERMS), entry(agreement, TERMS), TERMS, {})
    parts_before, parts_after = ([part(row) for row in one.participations.all()] for one in (other, agreement))
    parts = comparison.match(parts_before, parts_after, [("party", "role", "since"), ("party", "role")])
    clauses_before, clauses_after = ([clause(row) for row in one.clauses.all()] for one in (other, agreement))
    clauses = comparison.match(clauses_before, clauses_after, CLAUSE_ROUNDS)
    return {
        "agreement": agreement.slug,
        "other": other.slug,
        "clauses_complete": {"before": other.clauses_complete, "after": agreement.clauses_complete},
        "terms": [change._asdict() for change in terms],
        "parties": represent(parts, PART),
        "clauses": represent(clauses, CLAUSE),
    }


def amended(agreement: Agreement, other: Agreement) -> dict[str, Any]:
    """Return the clauses that an amendment replaces, repeals and inserts."""
    before = {row.pk: row for row in other.clauses.all()}
    modifying = [row for row in agreement.clauses.all() if row.modifies_id in before]
    by_kind = {kind: [row for row in modifying if row.modification == kind] for kind in Modification}
    pairs = [
        comparison.Pair(clause(before[row.modifies_id]), clause(row), ("modifies",))
        for row in by_kind[Modification.SUBSTITUTION]
    ]
    dropped = [clause(before[row.modifies_id]) for row in by_kind[Modification.REPEAL]]
    added = [clause(row) for row in by_kind[Modification.INSERTION]]
    return {
        "agreement": agreement.slug,
        "other": other.slug,
        "clauses_complete": {"before": other.clauses_complete, "after": agreement.clauses_complete},
        "terms": [],
        "parties": represent(comparison.Matched([], [], []), PART),
        "clauses": represent(comparison.Matched(pairs, dropped, added), CLAUSE),
    }


def represent(matched: comparison.Matched, names: tuple[str, ...]) -> dict[str, Any]:
    """Return matched entries as added, dropped, changed and unchanged ones."""
    changed: list[dict[str, Any]] = []
    unchanged: list[dict[str, Any]] = []
    for pair in matched.pairs:
        found = comparison.changes(pair.before, pair.after, names, UNITS)
        shown = pair._asdict() | {"matched_by": ["parties" if name == "owed" else name for name in pair.by]}
        (changed if found else unchanged).append(shown | {"changes": [change._asdict() for change in found]})
    return {"added": matched.added, "dropped": matched.dropped, "changed": changed, "unchanged": unchanged}


class AgreementChangesViewSet(AgreementViewSet):
    """The changes of an agreement from an earlier one: of its terms, its parties and its clauses.

    Clauses are matched by number, type, goods and parties. That one side lacks a clause is certain only if its clauses
    are complete.
    """

    def known(self) -> list[str]:
        return []

    @extend_schema(responses=ChangesSerializer)
    def changes(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        slugs = [self.kwargs[name].lower() for name in ("slug", "other")]
        clauses = Clause.objects.select_related("parent").prefetch_related("parties__party").order_by("position", "id")
        found = Agreement.objects.visible_to(request.user).filter(slug__in=slugs)
        rows = {row.slug: row for row in found.prefetch_related("participations__party", Prefetch("clauses", clauses))}
        if not rows.keys() >= set(slugs):
            raise Http404
        return Response(ChangesSerializer(compared(*(rows[slug] for slug in slugs))).data)
