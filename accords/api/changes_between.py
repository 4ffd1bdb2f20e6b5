"""The comparison of two agreements: the terms, parties and clauses that the later one added, dropped or changed."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Model, Prefetch
from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accords.api.serializers.changes import ComparisonSerializer
from accords.api.views import AgreementViewSet
from accords.models import Agreement, Clause, Participation
from accords.rules import comparison
from accords.rules.comparison import CLAUSE_ROUNDS, Change, Entry
from accords.rules.status import TIME_FIELDS
from accords.vocabulary import Modification

COMPARED_TERMS = ("subject", "instrument", "status", *TIME_FIELDS, "unlimited", "notice_opens")
PARTICIPATION_FIELDS = ("label", "since", "until")
CLAUSE_COLUMNS = (
    *("number", "type", "standing", "modality", "title", "text", "language", "commodity", "hs_codes", "scope"),
    *("scope_note", "baseline_value", "value", "comparator", "unit", "per", "period", "trigger"),
    *("effective", "ends", "survives"),
)
CLAUSE_FIELDS = (*CLAUSE_COLUMNS, "parent", "parties")
UNITS = {"baseline_value": "unit", "value": "unit"}  # the field with the unit of a number


def values_of(row: Model, names: Iterable[str]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}


def participation_entry(row: Participation) -> Entry:
    """Return the values of a participation, as `accords.rules.comparison` compares them."""
    return {"party": row.party.slug, "role": row.role, **values_of(row, PARTICIPATION_FIELDS)}


def clause_entry(row: Clause) -> Entry:
    """Return the values of a clause. Clauses are matched by `owed`, which is not part of the response."""
    parties = [
        {"party": clause_party.party.slug, "role": clause_party.role, "explicit": clause_party.explicit}
        for clause_party in row.parties.all()
    ]
    return values_of(row, CLAUSE_COLUMNS) | {
        "id": row.pk,
        "parent": row.parent.number if row.parent else None,
        "parties": sorted(parties, key=lambda party: (party["role"], party["party"])),
        "owed": frozenset((party["role"], party["party"]) for party in parties),
    }


def compare(agreement: Agreement, other: Agreement) -> dict[str, Any]:
    """Return the changes from `other`, the earlier agreement. If `agreement` amends it, only clauses are compared."""
    terms: list[Change] = []
    parties = comparison.Matched([], [], [])
    if agreement.amends_id == other.pk:
        clauses = match_modifications(agreement, other)
    else:
        terms = comparison.changes(
            values_of(other, COMPARED_TERMS), values_of(agreement, COMPARED_TERMS), COMPARED_TERMS, {}
        )
        parties = comparison.match(
            [participation_entry(row) for row in other.participations.all()],
            [participation_entry(row) for row in agreement.participations.all()],
            [("party", "role", "since"), ("party", "role")],
        )
        clauses = comparison.match(
            [clause_entry(row) for row in other.clauses.all()],
            [clause_entry(row) for row in agreement.clauses.all()],
            CLAUSE_ROUNDS,
        )
    return {
        "agreement": agreement.slug,
        "other": other.slug,
        "clauses_complete": {"before": other.clauses_complete, "after": agreement.clauses_complete},
        "terms": [change._asdict() for change in terms],
        "parties": represent(parties, PARTICIPATION_FIELDS),
        "clauses": represent(clauses, CLAUSE_FIELDS),
    }


def match_modifications(amendment: Agreement, amended: Agreement) -> comparison.Matched:
    """Return the clauses that an amendment replaces (pairs), repeals (dropped) and inserts (added)."""
    before = {row.pk: row for row in amended.clauses.all()}
    modifying = [row for row in amendment.clauses.all() if row.modifies_id in before]
    by_modification = {word: [row for row in modifying if row.modification == word] for word in Modification}
    return comparison.Matched(
        pairs=[
            comparison.Pair(clause_entry(before[row.modifies_id]), clause_entry(row), ("modifies",))
            for row in by_modification[Modification.SUBSTITUTION]
        ],
        dropped=[clause_entry(before[row.modifies_id]) for row in by_modification[Modification.REPEAL]],
        added=[clause_entry(row) for row in by_modification[Modification.INSERTION]],
    )


def represent(matched: comparison.Matched, names: tuple[str, ...]) -> dict[str, Any]:
    """Return the representation of matched entries, in which the fields `names` are compared."""
    changed: list[dict[str, Any]] = []
    unchanged: list[dict[str, Any]] = []
    for pair in matched.pairs:
        changes = [change._asdict() for change in comparison.changes(pair.before, pair.after, names, UNITS)]
        matched_by = ["parties" if name == "owed" else name for name in pair.matched_by]
        entry = {"before": pair.before, "after": pair.after, "matched_by": matched_by, "changes": changes}
        (changed if changes else unchanged).append(entry)
    return {"added": matched.added, "dropped": matched.dropped, "changed": changed, "unchanged": unchanged}


class AgreementChangesViewSet(AgreementViewSet):
    """The differences between an agreement and an earlier one: in terms, parties and clauses.

    Clauses are matched by number, type, goods and parties. A clause is certain to be missing from an agreement only if
    the clauses of that agreement are complete.
    """

    def allowed_parameters(self) -> list[str]:
        return []

    @extend_schema(summary="Compare the terms of two agreements", responses=ComparisonSerializer)
    def changes(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Return the comparison. Raises `Http404` unless the user may see both agreements."""
        slugs = [self.kwargs[name].lower() for name in ("slug", "other")]
        clauses = Clause.objects.select_related("parent").prefetch_related("parties__party").order_by("position", "id")
        agreements = Agreement.objects.visible_to(request.user).filter(slug__in=slugs)
        agreements = agreements.prefetch_related("participations__party", Prefetch("clauses", clauses))
        rows = {row.slug: row for row in agreements}
        if not rows.keys() >= set(slugs):
            raise Http404
        return Response(ComparisonSerializer(compare(*(rows[slug] for slug in slugs))).data)
