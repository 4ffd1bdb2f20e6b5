"""Time from end to end: a treaty entered as facts, the deal as loaded; a question about a day changes nothing."""

from datetime import date
from typing import Any

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from accords.models import Agreement
from accords.rules.terms import steps
from tests import factories
from tests.clients import Client
from tests.examples import examples
from tests.renewals_table import GENOCIDE, project

pytestmark = pytest.mark.django_db

ON = "2026-11-23"
DEAL = "us-china-rare-metals"
# Users' reports about other systems, with what is right: the terms as facts, and the first dates that follow.
VECTORS = {
    "a renewal moves the end and the notice with it": (
        {"ends": "2025-08-28", "renewal_mode": "automatic", "renewal_intervals": ["P12M"], "notice_period": "P2M"},
        [("notice_deadline", "2026-06-28"), ("renewal", "2026-08-28")],
        "2025-09-01",
    ),
    "a first term longer than the others": (
        {"effective": "2020-08-01", "term": "P36M", "renewal_intervals": ["P12M"], "notice_period": "P3M"},
        [("notice_deadline", "2023-05-01"), ("renewal", "2023-08-01")],
        "2020-08-01",
    ),
    "and then year by year": (
        {"effective": "2020-08-01", "term": "P36M", "renewal_intervals": ["P12M"]},
        [("renewal", "2024-08-01"), ("renewal", "2025-08-01")],
        "2023-08-02",
    ),
    "a leap day": (
        {"effective": "2024-02-29", "term": "P1Y"},
        [("renewal", f"{year}-02-{day}") for year, day in ((2025, 28), (2026, 28), (2027, 28), (2028, 29))],
        "2024-02-29",
    ),
    "the last days of months": (
        {"effective": "2025-01-31", "term": "P1M"},
        [("renewal", "2025-02-28"), ("renewal", "2025-03-31"), ("renewal", "2025-04-30")],
        "2025-01-31",
    ),
}


def get(client: Client, address: str) -> Any:
    response = client.get(f"/api/v1/{address}")
    assert response.status_code == 200, response.content
    return response.json()


def due(client: Client, question: str) -> list[tuple[str, str]]:
    """Return the kind and date of what falls due, in order."""
    return [(row["kind"], row["due"]) for row in get(client, f"renewals?{question}")["results"]]


def create_agreement(slug: str, **facts: Any) -> Agreement:
    """Create an agreement with these facts alone, and its renewal dates."""
    blank = {"effective": "", "term": "", "renewal_intervals": [], "renewal_mode": "automatic"}
    agreement = factories.agreement(slug, **blank | facts)
    project(agreement)
    return agreement


@pytest.fixture
def convention() -> Agreement:
    """Create the Genocide Convention, with all citations."""
    agreement = factories.cite_claims(create_agreement("genocide", **GENOCIDE), factories.source())
    project(agreement)
    return agreement


def test_the_genocide_convention_runs_until_2031_unless_denounced_by_july_2030(
    convention: Agreement, client: Client
) -> None:
    coming = [step.due for step in steps(convention.terms, count=20) if step.kind == "renewal" and step.due >= ON]
    assert coming[0] == "2031-01-12"
    assert due(client, f"agreement=genocide&due_within=P5Y&on={ON}") == [
        ("notice_deadline", "2030-07-12"),
        ("renewal", "2031-01-12"),
    ]
    ends = [
        day for kind, day in due(client, "agreement=genocide&page_size=200&due_before=2031-01-12") if kind == "renewal"
    ]
    assert ends == ["1961-01-12", *(f"{year}-01-12" for year in range(1966, 2032, 5))]
    (roll,) = get(client, f"renewals?due_after=2031-01-12&due_before=2031-01-12&on={ON}")["results"]
    assert (roll["condition"], roll["overdue"]) == ("unless notice is given by 2030-07-12", False)
    body = get(client, f"agreements/genocide?on={ON}")
    assert (body["temporal_status"], body["recurrence"]) == ("current", "FREQ=YEARLY;INTERVAL=5")
    assert due(client, f"overdue=true&on={ON}") == []
    for certainty in ("possible", "certain"):
        found = get(client, f"agreements?in_force_on={ON}&certainty={certainty}")["results"]
        assert [row["slug"] for row in found] == ["genocide"]


@pytest.mark.parametrize(("facts", "expected", "after"), VECTORS.values(), ids=VECTORS)
def test_what_users_of_other_systems_missed(
    facts: dict[str, str], expected: list[tuple[str, str]], after: str, client: Client
) -> None:
    create_agreement("vector", **facts)
    assert due(client, f"agreement=vector&due_after={after}")[: len(expected)] == expected


@pytest.mark.usefixtures("deal")
def test_the_deal_is_to_be_renegotiated_and_that_is_overdue(client: Client) -> None:
    (row,) = get(client, f"renewals?overdue=true&on={ON}")["results"]
    assert (row["agreement"], row["kind"], row["due"], row["status"]) == (
        DEAL,
        "renegotiation",
        "2026-10-30",
        "projected",
    )
    assert (row["overdue"], row["on"], row["outcome"]) == (True, ON, None)
    assert row["condition"] == "only if both parties agree again"
    assert get(client, f"renewals/{row['id']}?on=2026-10-30")["overdue"] is False
    body = get(client, f"agreements/{DEAL}?on={ON}")
    assert (body["temporal_status"], [one["overdue"] for one in body["renewals"]][:2]) == ("renewal_due", [True, False])
    assert due(client, f"due_within=P1Y&on={ON}") == [("renegotiation", "2027-10-30")]


@pytest.mark.usefixtures("deal")
def test_an_outcome_recorded_is_no_longer_overdue_and_the_deal_goes_on(client: Client) -> None:
    deal = Agreement.objects.get(slug=DEAL)
    row = deal.renewals.get(sequence=1)
    row.status = "concluded"
    row.save()
    project(deal)
    assert due(client, f"overdue=true&on={ON}") == []
    assert get(client, f"agreements/{DEAL}?on={ON}")["temporal_status"] == "current"
    assert get(client, f"agreements/{DEAL}?on=2027-10-31")["temporal_status"] == "renewal_due"


def stored() -> dict[str, list[Any]]:
    """Return every column of every row."""
    tables = [model._meta.db_table for model in apps.get_app_config("accords").get_models(include_auto_created=True)]
    found = {}
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)} ORDER BY 1")  # noqa: S608
            found[table] = cursor.fetchall()
    return found


@pytest.mark.usefixtures("deal", "convention")
@settings(max_examples=examples(12), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(on=st.dates() | st.dates(date(1950, 1, 1), date(2040, 1, 1)))
@example(on=date.min)
@example(on=date.max)
@example(on=date.fromisoformat(ON))
def test_asking_about_any_day_changes_no_row(client: Client, on: date) -> None:
    before = stored()
    for address in (
        f"agreements/{DEAL}?on={on}",
        f"agreements?on={on}&temporal_status=current",
        f"agreements?in_force_on={on}&certainty=certain",
        f"clauses?in_force_on={on}",
        f"renewals?on={on}&due_within=P90D",
        f"renewals?on={on}&overdue=true",
        f"agreements/{DEAL}/renewals?on={on}",
        f"agreements/genocide/projection?anchor={on}&count=5",
        f"agreements/{DEAL}/changes-from/genocide",
    ):
        get(client, address)
    for address in (f"renewals.ics?on={on}", f"agreements/genocide/renewals.ics?on={on}"):
        assert client.get(f"/api/v1/{address}").status_code == 200
    assert stored() == before


@pytest.mark.usefixtures("deal")
def test_loading_the_deal_computes_its_dates_and_doing_it_again_adds_none(client: Client) -> None:
    computed = due(client, f"agreement={DEAL}")
    assert computed[:3] == [("renegotiation", f"{year}-10-30") for year in (2026, 2027, 2028)]
    assert len(computed) >= 10
    call_command("extend_renewals", verbosity=0)
    assert due(client, f"agreement={DEAL}") == computed
