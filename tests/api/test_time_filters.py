"""Filters by time with the rows that they find, and the projection of one agreement's dates."""

from typing import Any

import pytest
import time_machine

from accords.models import Renewal
from tests import factories
from tests.api.addresses import BASE
from tests.api.world import World
from tests.clients import Client

pytestmark = pytest.mark.django_db

ON = "on=2026-11-23"
DEAL, CONVENTION, OLD = "rare-metals", "genocide", "old-deal"
DEALS_CLAUSES = [f"{DEAL}/{number}" for number in ("1", "2", "3", "4", "4.1")]
CONVENTIONS_CLAUSES = [f"{CONVENTION}/{number}" for number in ("II", "XIV")]
FIRST, SECOND = f"{DEAL}/renegotiation/1", f"{DEAL}/renegotiation/2"
NOTICE, REVIEW, ROLL = (f"{CONVENTION}/{name}" for name in ("notice_deadline/14", "review/1", "renewal/1"))
LAPSE = f"{OLD}/expiry/1"
ANSWERS: dict[str, list[str]] = {
    # The deal's term is over since 30 October 2026, and it may have been agreed again; the convention rolls on.
    "agreements?in_force_on=2026-11-23": [CONVENTION, DEAL],
    "agreements?in_force_on=2026-11-23&certainty=possible": [CONVENTION, DEAL],
    "agreements?in_force_on=2026-11-23&certainty=certain": [CONVENTION],
    # The deal is only announced, and its date is the editors' own: nothing of it is certain.
    "agreements?in_force_on=2026-10-30&certainty=certain": [CONVENTION],
    "agreements?in_force_on=2020-02-29&certainty=certain": [CONVENTION],
    "agreements?in_force_on=2020-02-29": [CONVENTION, OLD],
    "agreements?in_force_on=2021-01-01": [CONVENTION],
    "agreements?in_force_on=1951-01-11": [],
    "agreements?in_force_on=9999-12-31&certainty=certain": [CONVENTION],
    f"agreements?temporal_status=renewal_due&{ON}": [DEAL],
    f"agreements?temporal_status=terminated&{ON}": [OLD],
    f"agreements?temporal_status=current&{ON}": [CONVENTION],
    f"agreements?temporal_status=unknown&{ON}": [],
    "agreements?temporal_status=current&on=2026-10-30": [CONVENTION, DEAL],
    "agreements?temporal_status=upcoming&on=2019-06-01": [DEAL],
    "agreements?temporal_status=upcoming&on=0001-01-01": [CONVENTION, DEAL, OLD],
    # Clauses with dates of their own: the tariffs run from 10 November 2025 to 10 November 2026.
    "clauses?in_force_on=2026-11-23": [*CONVENTIONS_CLAUSES, *(n for n in DEALS_CLAUSES if n != f"{DEAL}/2")],
    "clauses?in_force_on=2026-11-23&certainty=certain": CONVENTIONS_CLAUSES,
    "clauses?in_force_on=2026-01-01&certainty=certain": CONVENTIONS_CLAUSES,
    "clauses?in_force_on=2026-01-01": [*CONVENTIONS_CLAUSES, *DEALS_CLAUSES],
    "clauses?in_force_on=2025-11-09": [
        *CONVENTIONS_CLAUSES,
        *(n for n in DEALS_CLAUSES if n != f"{DEAL}/2"),
    ],
    f"renewals?due_within=P1Y&{ON}": [SECOND],
    f"renewals?due_within=P10Y&{ON}": [NOTICE, SECOND],
    "renewals?due_within=P1D&on=2026-10-29": [FIRST],
    "renewals?due_within=P9999Y&on=9999-12-31": [],
    "renewals?due_before=2026-10-30": [ROLL, LAPSE, FIRST],
    "renewals?due_before=2026-10-29": [ROLL, LAPSE],
    "renewals?due_after=2027-10-30": [NOTICE, SECOND],
    "renewals?due_certain_before=2020-12-31": [ROLL, LAPSE],
    "renewals?due_certain_after=2030-07-12": [NOTICE],
    "renewals?due_unknown=true": [REVIEW],
    "renewals?due_unknown=false&due_after=2026-01-01": [NOTICE, FIRST, SECOND],
    f"renewals?overdue=true&{ON}": [FIRST],
    "renewals?overdue=true&on=2026-10-30": [],
    f"renewals?overdue=false&{ON}": [NOTICE, ROLL, REVIEW, LAPSE, SECOND],
}
FAULTS = {
    "agreements?certainty=certain": ("certainty", "requires_other_parameter"),
    "agreements?in_force_on=2026-11-23&certainty=probable": ("certainty", "invalid_choice"),
    "agreements?in_force_on=2025-02-29": ("in_force_on", "impossible_date"),
    "agreements?in_force_on=XXXX-04": ("in_force_on", "not_a_date"),
    "agreements?temporal_status=expired": ("temporal_status", "invalid_choice"),
    "agreements?on=tomorrow": ("on", "not_a_date"),
    "renewals?on=10000-01-01": ("on", "not_a_date"),
    "renewals?on=0000-01-01": ("on", "impossible_date"),
    "renewals?due_within=P0D": ("due_within", "not_a_duration"),
    "renewals?due_within=-P1D": ("due_within", "not_a_duration"),
    "renewals?due_within=P0.5Y": ("due_within", "not_a_duration"),
    "renewals?due_within=PT24H": ("due_within", "not_a_duration"),
    "renewals?due_within=90": ("due_within", "not_a_duration"),
    "renewals?due_before=2026-11-00": ("due_before", "impossible_date"),
    "renewals?due_before=2026-01-01&due_after=2027-01-01": ("due_after", "inverted_range"),
    "renewals?overdue=yes": ("overdue", "not_boolean"),
    f"agreements/{DEAL}/projection?anchor=2025-02-29": ("anchor", "impossible_date"),
    f"agreements/{DEAL}/projection?anchor=2025": ("anchor", "not_a_date"),
    f"agreements/{DEAL}/projection?anchor=2025-01-01&count=0": ("count", "count"),
    f"agreements/{DEAL}/projection?anchor=2025-01-01&count=101": ("count", "count"),
    f"agreements/{DEAL}/projection?anchor=2025-01-01&count=-1": ("count", "count"),
    f"agreements/{DEAL}/renewals?count=5": ("count", "count"),
    f"agreements/{DEAL}/projection?anchor=2025-01-01&kind=review": ("kind", "unknown_parameter"),
    f"agreements/{DEAL}/projection?anchor=2025-01-01&{ON}": ("on", "unknown_parameter"),
    f"agreements/{DEAL}/projection": ("anchor", "required"),
    f"agreements/{DEAL}/renewals?anchor=2025-01-01": ("anchor", "unknown_parameter"),
}


def get_json(client: Client, question: str) -> Any:
    response = client.get(f"{BASE}/{question}")
    assert response.status_code == 200, response.content
    return response.json()


@pytest.mark.parametrize(("question", "expected"), ANSWERS.items(), ids=ANSWERS)
def test_a_question_about_time_is_answered_by_these_rows(
    question: str, expected: list[str], world: World, client: Client
) -> None:
    noun = question.partition("?")[0]
    found = [world.name(noun, row["id"]) for row in get_json(client, question)["results"]]
    assert sorted(found) == sorted(expected)


@pytest.mark.parametrize(("question", "fault"), FAULTS.items(), ids=FAULTS)
def test_a_question_about_time_that_means_nothing_is_refused(
    question: str, fault: tuple[str, str], world: World, client: Client
) -> None:
    response = client.get(f"{BASE}/{question}")
    assert response.status_code == 400
    assert [(one["parameter"], one["code"]) for one in response.json()["errors"]] == [fault]


@pytest.mark.parametrize("question", ["agreements", "renewals", f"agreements/{DEAL}", f"agreements/{DEAL}/renewals"])
def test_the_answer_says_which_day_it_used(question: str, world: World, client: Client) -> None:
    with time_machine.travel("2030-06-01T23:30:00Z"):
        assert get_json(client, question)["on"] == "2030-06-01"
        body = get_json(client, f"{question}?on=2026-10-31")
    assert body["on"] == "2026-10-31"
    assert {row["on"] for row in body.get("results", [])} <= {"2026-10-31"}


def steps(client: Client, slug: str, question: str) -> list[tuple[str, str, str]]:
    """Return the steps of a projection: kind, date and offset."""
    answer = get_json(client, f"agreements/{slug}/projection?{question}")
    assert answer["agreement"] == slug
    return [(step["kind"], step["due"], step["offset"]) for step in answer["results"]]


def test_a_projection_says_what_would_fall_due_from_another_day(world: World, client: Client) -> None:
    before = list(Renewal.objects.order_by("pk").values())
    assert steps(client, DEAL, "anchor=2024-02-29&count=4") == [
        ("renegotiation", "2025-02-28", "P1Y"),
        ("renegotiation", "2026-02-28", "P2Y"),
        ("renegotiation", "2027-02-28", "P3Y"),
        ("renegotiation", "2028-02-29", "P4Y"),
    ]
    assert steps(client, CONVENTION, "anchor=1951-01-12&count=15")[-2:] == [
        ("notice_deadline", "2030-07-12", "P79Y6M"),
        ("renewal", "2031-01-12", "P80Y"),
    ]
    assert len(steps(client, DEAL, "anchor=2024-02-29")) == 10
    assert len(steps(client, DEAL, "anchor=2024-02-29&count=100")) == 100
    assert list(Renewal.objects.order_by("pk").values()) == before


def test_a_projection_counts_from_the_anchor_even_if_an_end_is_stated(world: World, client: Client) -> None:
    assert steps(client, OLD, "anchor=2030-01-31") == [("expiry", "2032-01-30", "")]


def test_a_projection_stops_where_the_calendar_does(world: World, client: Client) -> None:
    assert steps(client, DEAL, "anchor=9997-06-01") == [
        ("renegotiation", "9998-06-01", "P1Y"),
        ("renegotiation", "9999-06-01", "P2Y"),
    ]
    assert steps(client, DEAL, "anchor=9999-12-31") == []
    assert steps(client, DEAL, "anchor=0001-01-01&count=1") == [("renegotiation", "0002-01-01", "P1Y")]


def test_a_projection_of_terms_that_say_nothing_is_empty(client: Client) -> None:
    factories.agreement("bare", effective="", term="", renewal_intervals=[], renewal_mode="evergreen")
    assert steps(client, "bare", "anchor=2026-01-01") == []


def test_a_notice_longer_than_the_term_may_have_to_be_given_before_it_begins(client: Client) -> None:
    factories.agreement("long-notice", renewal_mode="automatic", notice_period="P18M")
    assert [step[:2] for step in steps(client, "long-notice", "anchor=2025-10-30&count=2")] == [
        ("notice_deadline", "2025-04-30"),
        ("notice_deadline", "2026-04-30"),
        ("renewal", "2026-10-30"),
        ("renewal", "2027-10-30"),
    ]
