"""The table of contract language as rows of the database, for the tests that read it back."""

from datetime import date
from typing import Any

from accords.models import Agreement, Source
from accords.rules import status
from accords.rules.terms import deadline_premises
from accords.services import renewals_changed
from tests import factories
from tests.rules.term_cases import CASES, Case

ON = date(2026, 11, 23)


def agreement(fields: dict[str, Any], slug: str) -> Agreement:
    """Return an unsaved, published contract with these fields."""
    values = {"instrument": "contract", "title": slug, "is_published": True, "slug": slug} | fields
    return Agreement(**values | {"renewal_intervals": list(values.get("renewal_intervals", []))})


def enter(case: Case, number: int, source: Source, note: Source) -> Agreement:
    """Write and cite the agreement of a case and its successors as an editor would; return the first one."""
    chain: list[Agreement] = []
    own = case.terms | {"status": case.status, "status_since": case.status_since}
    for step, fields in enumerate((own, *case.successors)):
        row = factories.save(agreement(fields | {"supersedes": chain[-1] if chain else None}, f"case-{number}-{step}"))
        names = [*status.time_premises(row.terms, row.status, row.status_since), *deadline_premises(row.terms)]
        for name in dict.fromkeys(names):
            by = note if not step and name in case.editorial else source
            with factories.without_validation():  # the words are always the same
                factories.citation(row, "un accord d'un an", by, name)
        chain.append(row)
    for sequence in range(1, case.concluded + 1):
        kind = "renegotiation" if chain[0].renewal_mode == "negotiated" else "renewal"
        factories.renewal(chain[0], sequence, kind=kind, basis="stated", status="concluded", due="", offset="")
    return chain[0]


def enter_all() -> dict[str, Case]:
    """Write every case, and return them by the slug of their first agreement."""
    source, note = factories.source("text"), factories.source("note", kind="editorial_note")
    cases = {enter(case, number, source, note).slug: case for number, case in enumerate(CASES)}
    renewals_changed(Agreement.objects.values_list("pk", flat=True), on=ON)
    return cases
