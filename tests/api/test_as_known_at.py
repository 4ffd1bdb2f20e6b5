"""`as_known_at`: the answer of another day, related rows, filters and visibility included, and nothing hidden since."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accords.models import Agreement, Clause, Event, Participation, Party, Renewal, Statement
from tests import factories
from tests.api.addresses import BASE
from tests.api.test_contract import faults, problem
from tests.clients import Client
from tests.renewals_table import project

pytestmark = pytest.mark.django_db
FIRST = f"{BASE}/agreements/rare-metals"


@pytest.fixture(autouse=True)
def noon() -> Iterator[None]:
    """No test goes over midnight: the clock runs on from noon."""
    with time_machine.travel("2026-11-24T12:00:00Z"):
        yield


def now() -> str:
    """An instant after all that was written, as a parameter."""
    return (timezone.now() + timedelta(microseconds=1)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def at(client: Client, path: str, instant: str) -> Any:
    """The answer of an instant, checked to say so, without the instant itself."""
    answer = client.get(f"{path}{'&' if '?' in path else '?'}as_known_at={instant}")
    assert answer.status_code == 200, (path, answer.content)
    told = answer.json()
    assert datetime.fromisoformat(told.pop("as_known_at")) == datetime.fromisoformat(instant)
    return told


def plain(client: Client, path: str) -> Any:
    """The answer of now."""
    return client.get(path).json()


def paths() -> list[str]:
    """What can be asked of the past, in many ways."""
    found = [f"{BASE}/{noun}" for noun in ("agreements", "clauses", "renewals", "statements")]
    found += [f"{BASE}/agreements?expand=clauses,parties,renewals,events,statements,citations&count=exact"]
    found += [
        f"{BASE}/clauses?expand=agreement,parties,citations&count=exact",
        f"{BASE}/clauses?ordering=-delta,number",
    ]
    found += [f"{BASE}/statements?expand=mentions,speaker,citations", f"{BASE}/renewals?due_within=P5Y&count=exact"]
    found += [f"{BASE}/clauses?in_force_on=2026-01-01&delta__lte=0", f"{BASE}/agreements?temporal_status=current"]
    found += [f"{BASE}/clauses?party=CN", f"{BASE}/clauses?obligor=US&explicit=false"]
    found += [f"{BASE}/statements?mentions=china", f"{BASE}/statements?speaker=trump", f"{BASE}/renewals?overdue=false"]
    found += [f"{BASE}/agreements?source=press", f"{BASE}/agreements?effective_before=2026-01-01&ordering=-effective"]
    found += [f"{BASE}/agreements/{row.slug}" for row in Agreement.objects.published()]
    for noun, model in (("clauses", Clause), ("renewals", Renewal), ("statements", Statement)):
        found += [f"{BASE}/{noun}/{row.pk}?expand=agreement" for row in model.objects.published().order_by("pk")[:2]]
    return found


def is_as_now(client: Client) -> dict[str, Any]:
    """Check that the past of this instant is what is answered now, and give it."""
    instant = now()
    found = {path: plain(client, path) for path in paths()}
    for path, told in found.items():
        links = ("next", "previous")
        past = at(client, path, instant) if "results" in told or "id" in told else None
        assert past is None or {**past, **dict.fromkeys(links)} == {**told, **dict.fromkeys(links)}, path
    return {instant: found}


def test_the_past_of_now_is_now(client: Client) -> None:
    factories.deal()
    told = is_as_now(client)
    refused = [path for path, one in next(iter(told.values())).items() if "results" not in one and "id" not in one]
    assert refused == []


def test_an_answer_of_the_past_is_what_was_answered_then_whatever_became_of_it(client: Client) -> None:
    deal = factories.deal()
    project(deal.agreement)
    then = is_as_now(client)
    deal.clause.title, deal.clause.value, deal.clause.baseline_value = "Another title", 10, 20
    deal.clause.save()
    deal.statement.mentions.set([deal.america])
    deal.event.participants.clear()
    Participation.objects.all().delete()
    Party.objects.filter(slug="america").update(name="Elsewhere")
    Agreement.objects.update(effective="2020", title="Another agreement", slug="renamed")
    project(Agreement.objects.get())
    deal.denial.delete()
    factories.clause(Agreement.objects.get(), "9")
    later = is_as_now(client)
    Agreement.objects.update(slug="rare-metals")
    for instant, found in (*then.items(), *later.items()):
        for path, told in found.items():
            if "results" in told or "id" in told:
                past = at(client, path, instant)
                assert past.get("results", past) == told.get("results", told), path
    assert then.keys() != later.keys()


def test_a_row_is_found_by_the_key_it_had(client: Client) -> None:
    deal = factories.deal()
    then = now()
    Agreement.objects.update(slug="renamed")
    assert at(client, FIRST, then)["slug"] == "rare-metals"
    assert at(client, f"{BASE}/clauses?agreement=rare-metals", then)["results"][0]["id"] == deal.clause.pk
    assert faults(client.get(f"{BASE}/clauses?agreement=renamed&as_known_at={then}")) == {
        "agreement": "unknown_agreement"
    }
    problem(client.get(f"{BASE}/agreements/renamed?as_known_at={then}"), 404)


def test_pages_of_the_past_follow_each_other_in_the_past(client: Client) -> None:
    deal = factories.agreement()
    rows = [factories.clause(deal, str(number)).pk for number in range(5)]
    then = now()
    Clause.objects.all().delete()
    path, found = f"{BASE}/clauses?page_size=2&as_known_at={then}", []
    while path:
        page = client.get(path).json()
        found += [row["id"] for row in page["results"]]
        path = page["next"]
    assert found == rows


def test_what_was_a_draft_then_is_hidden_then(client: Client, editor: Client) -> None:
    deal = factories.deal()
    Agreement.objects.update(is_published=False)
    draft = now()
    Agreement.objects.update(is_published=True)
    for path in (FIRST, f"{BASE}/clauses/{deal.clause.pk}"):
        problem(client.get(f"{path}?as_known_at={draft}"), 404)
        assert at(editor, path, draft)
    for noun in ("agreements", "clauses", "renewals", "statements"):
        assert at(client, f"{BASE}/{noun}?count=exact", draft)["count"] == 0
        assert at(editor, f"{BASE}/{noun}?count=exact", draft)["count"] > 0
    assert at(editor, FIRST, draft)["is_published"] is False


def test_what_is_a_draft_now_is_hidden_in_its_past_too(client: Client, editor: Client) -> None:
    deal = factories.deal()
    public = now()
    factories.agreement("successor", supersedes=deal.agreement)
    both = now()
    Agreement.objects.filter(slug="rare-metals").update(is_published=False)
    problem(client.get(f"{FIRST}?as_known_at={public}"), 404)
    assert at(client, f"{BASE}/agreements/successor", both)["supersedes"] is None
    assert at(editor, f"{BASE}/agreements/successor", both)["supersedes"] == "rare-metals"
    for noun in ("agreements", "clauses", "renewals", "statements"):
        assert at(client, f"{BASE}/{noun}", public)["results"] == []
        assert at(editor, f"{BASE}/{noun}", public)["results"] != []
    Agreement.objects.filter(slug="successor").delete()
    Agreement.objects.filter(slug="rare-metals").delete()
    problem(client.get(f"{FIRST}?as_known_at={public}"), 404)
    assert at(editor, FIRST, public)["clauses"]


def test_a_clause_that_was_moved_under_a_draft_is_hidden_in_its_past(client: Client, editor: Client) -> None:
    deal = factories.deal()
    public, draft = now(), factories.agreement("draft", is_published=False)
    Clause.objects.filter(pk=deal.clause.pk).update(agreement=draft)
    assert at(client, FIRST, public)["clauses"] == []
    problem(client.get(f"{BASE}/clauses/{deal.clause.pk}?as_known_at={public}"), 404)
    assert at(editor, FIRST, public)["clauses"]


def test_before_the_first_record_there_is_nothing_and_the_future_is_refused(client: Client) -> None:
    before = now()
    factories.deal()
    assert at(client, f"{BASE}/agreements?count=exact", before)["count"] == 0
    problem(client.get(f"{FIRST}?as_known_at={before}"), 404)
    assert at(client, f"{BASE}/agreements", "0001-01-01T00:00:00+00:00".replace("+", "%2B").replace("%2B00:00", "Z"))
    for coming in ("9999-12-31T23:59:59Z", f"{datetime.now(UTC).year + 1}-01-01T00:00:00Z"):
        assert faults(client.get(f"{FIRST}?as_known_at={coming}")) == {"as_known_at": "in_the_future"}


def test_every_fault_is_told_beside_the_instants(client: Client) -> None:
    factories.deal()
    assert faults(client.get(f"{BASE}/clauses?as_known_at=yesterday&value=x&nonsense=1")) == {
        "as_known_at": "not_an_instant",
        "value": "not_a_number",
        "nonsense": "unknown_parameter",
    }
    assert faults(client.get(f"{BASE}/events?as_known_at={now()}")) == {"as_known_at": "unknown_parameter"}


def test_the_day_asked_about_is_that_of_the_instant(client: Client) -> None:
    factories.deal()
    told = client.get(f"{BASE}/agreements?as_known_at=2001-02-03T23:00:00-05:00").json()
    assert (told["on"], told["as_known_at"]) == ("2001-02-04", "2001-02-04T04:00:00Z")
    assert at(client, f"{FIRST}?on=2030-01-01", now())["on"] == "2030-01-01"


def test_the_number_of_queries_does_not_depend_on_the_number_of_rows(
    client: Client, django_assert_num_queries: Any
) -> None:
    deal = factories.deal()
    with django_assert_num_queries(14, exact=False) as few:
        at(client, f"{FIRST}?expand=clauses,parties,renewals,events,statements,citations", now())
    for number in range(5):
        factories.clause_party(factories.clause(deal.agreement, f"n{number}"), deal.china)
    with django_assert_num_queries(len(few)):
        at(client, f"{FIRST}?expand=clauses,parties,renewals,events,statements,citations", now())


def redate(deal: Agreement, number: int) -> None:
    """Other terms, and what follows from them."""
    deal.effective = f"20{number % 80 + 10}"
    deal.save()
    project(deal)


def add_clause(deal: Agreement, number: int) -> None:
    """Another clause, and who owes it."""
    parties = Party.objects.order_by("pk")
    factories.clause_party(factories.clause(deal, f"x{Clause.history.count()}"), parties[number % len(parties)])


def drop_clause(deal: Agreement, number: int) -> None:
    """One clause less."""
    for row in deal.clauses.filter(statements=None)[:1]:
        row.delete()


def mention(deal: Agreement, number: int) -> None:
    """One more party that a statement names."""
    parties, statements = Party.objects.order_by("pk"), deal.statements.order_by("pk")
    statements[number % len(statements)].mentions.add(parties[number % len(parties)])


def conclude(deal: Agreement, number: int) -> None:
    """A renewal that took place."""
    pk = deal.renewals.order_by("pk")[0].pk
    Renewal.objects.filter(pk=pk).update(status="concluded", outcome=deal)


CHANGES: dict[str, Callable[[Agreement, int], Any]] = {
    "retitle": lambda deal, number: deal.clauses.update(title=f"Title {number}"),
    "publish": lambda deal, number: Agreement.objects.update(is_published=not deal.is_published),
    "forget": lambda deal, number: deal.statements.order_by("pk")[0].mentions.clear(),
    "rename": lambda deal, number: Party.objects.filter(slug="china").update(name=f"Name {number}"),
    "drop event": lambda deal, number: Event.objects.filter(statements=None).delete(),
    "redate": redate,
    "add clause": add_clause,
    "drop clause": drop_clause,
    "mention": mention,
    "conclude": conclude,
}


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.tuples(st.sampled_from(sorted(CHANGES)), st.integers(0, 99)), min_size=2, max_size=6))
def test_after_any_writes_each_steps_answers_can_be_had_again(client: Client, steps: list[tuple[str, int]]) -> None:
    point = transaction.savepoint()
    factories.deal()
    seen: dict[str, dict[str, Any]] = {}
    for kind, number in steps:
        CHANGES[kind](Agreement.objects.get(), number)
        seen |= is_as_now(client)
    Agreement.objects.update(is_published=True)  # or all of it is hidden now
    for instant, found in seen.items():
        for path, told in found.items():
            if "results" in told or "id" in told:
                past = at(client, path, instant)
                assert past.get("results", past) == told.get("results", told), (instant, path)
    transaction.savepoint_rollback(point)


def test_words_are_not_searched_in_the_past(client: Client) -> None:
    instant = now()
    response = client.get(f"{BASE}/clauses", {"q": "soja", "as_known_at": instant})
    assert response.status_code == 400
    assert [fault["parameter"] for fault in response.json()["errors"]] == ["q"]
