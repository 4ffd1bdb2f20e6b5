"""The table of contract language through the API and the calendar."""

from datetime import date
from typing import Any

import pytest

from accords.db.audit_log import unrecorded
from tests.api.ics import events, parse_calendar
from tests.clients import Client
from tests.factories import without_validation
from tests.rules.term_cases import Case
from tests.term_table import enter_all

pytestmark = pytest.mark.django_db
WINDOW = "past=P150Y&future=P150Y"


@pytest.fixture(scope="module")
def cases(module_transaction: None) -> Any:
    with without_validation(), unrecorded():  # tests/models/test_agreement_states.py has them validated
        entered = enter_all()
    return entered


def rows(client: Client, query: str) -> list[dict[str, Any]]:
    """Return all rows of a list of agreements."""
    found: list[dict[str, Any]] = []
    address = f"/api/v1/agreements?{query}&page_size=200"
    while address:
        page = client.get(address).json()
        found, address = found + page["results"], page["next"]
    return found


def test_the_api_gives_the_state_on_each_day(cases: dict[str, Case], client: Client) -> None:
    wrong = []
    for day in sorted({day for case in cases.values() for day in case.states}):
        states = {row["slug"]: row["temporal_status"] for row in rows(client, f"on={day}&fields=slug,temporal_status")}
        found = {
            certainty: {row["slug"] for row in rows(client, f"in_force_on={day}&certainty={certainty}&fields=slug")}
            for certainty in ("certain", "possible")
        }
        for slug, case in cases.items():
            if day in case.states:
                force = next((name for name in found if slug in found[name]), "no")
                state = f"{states[slug]} {force}"
                wrong += [] if state == case.states[day] else [(case.name, day, state, case.states[day])]
    assert wrong == []


def test_the_api_gives_the_dates_what_is_missing_and_the_evidence(cases: dict[str, Case], client: Client) -> None:
    wrong: list[Any] = []
    for slug, case in cases.items():
        agreement = client.get(f"/api/v1/agreements/{slug}").json()
        if case.missing is not None and tuple(agreement["missing"]) != case.missing:
            wrong.append((case.name, agreement["missing"], case.missing))
        if case.editorial and agreement["rests_on"] != "editorial":
            wrong.append((case.name, agreement["rests_on"]))
        if not (case.concluded or case.successors or case.status == "terminated"):
            stored = [f"{row['kind']} {row['due']}" for row in agreement["renewals"]]
            wrong += [(case.name, step) for step in expected(case) if step not in stored]
            evidence = {row["rests_on"] for row in agreement["renewals"]}
            wrong += [] if evidence <= {agreement["rests_on"]} else [(case.name, evidence)]
    assert wrong == []


def test_the_calendar_gives_the_dates(cases: dict[str, Case], client: Client) -> None:
    wrong: list[Any] = []
    for slug, case in cases.items():
        if case.concluded or case.successors or case.status == "terminated":
            continue
        calendar = parse_calendar(client.get(f"/api/v1/agreements/{slug}/renewals.ics?{WINDOW}").content)
        found = {(event.value("CATEGORIES"), event.day("DTSTART")) for event in events(calendar)}
        for step in expected(case):
            kind, due = step.split()
            if len(due) == 10 and due[0] != "X" and (kind, date.fromisoformat(due)) not in found:
                wrong.append((case.name, step))
    assert wrong == []


def expected(case: Case) -> list[str]:
    """Return the dates of a case up to the horizon of the day on which the table was entered."""
    return [step for step in case.steps if step.split()[1] <= "2036-11-23"]
