"""Writers at the same time, on the real database: no change is lost, no request has two effects, no response is 5xx."""

import json
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection

from accords.models import Agreement, Clause, ClauseParty, IdempotencyKey, Party, Renewal
from tests import factories
from tests.api.addresses import BASE
from tests.api.test_query_contract import problem
from tests.clients import Client

pytestmark = pytest.mark.django_db(transaction=True)
JSON = "application/json"
WRITERS = 6


@pytest.fixture
def deal() -> factories.FixtureRows:
    """Create a small deal, committed."""
    return factories.deal()


@pytest.fixture
def draft(deal: factories.FixtureRows) -> factories.FixtureRows:
    """Return the deal as a draft, in which claims may be entered without evidence."""
    Agreement.objects.update(is_published=False)
    return deal


@pytest.fixture
def long_timeouts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Extend the time limits of the database: on a busy machine, writers of one process wait for each other."""
    if connection.vendor == "postgresql":
        options = connection.settings_dict["OPTIONS"]
        monkeypatch.setitem(options, "options", "-c lock_timeout=120s -c statement_timeout=180s")


@pytest.fixture
def run_concurrently(long_timeouts: None) -> Callable[..., Counter[int]]:
    """Return a function that runs an action many times in threads with clients of their own, and counts the statuses."""
    known = Client()
    known.force_login(User.objects.create_superuser("root"))
    start = Barrier(WRITERS)

    def run(act: Callable[[Client, int], Any], times: int) -> Counter[int]:
        with ThreadPoolExecutor(WRITERS) as pool:
            return Counter(pool.map(lambda number: run_once(act, number), range(times)))

    def run_once(act: Callable[[Client, int], Any], number: int) -> int:
        client = Client(raise_request_exception=False)
        client.cookies.load(known.cookies.output(header="", sep=";"))  # logging in, which is not the question, writes
        if number < WRITERS:
            start.wait(60)
        try:
            return int(act(client, number).status_code)
        finally:
            connection.close()

    return run


def patch(client: Client, path: str, tag: str, **fields: Any) -> Any:
    return client.patch(path, fields, content_type=JSON, headers={"If-Match": tag})


def test_of_many_changes_with_one_tag_one_is_made(deal: factories.FixtureRows, run_concurrently: Any) -> None:
    path = f"{BASE}/clauses/{deal.clause.pk}"
    tag = Client().get(path).headers["ETag"]
    statuses = run_concurrently(lambda client, number: patch(client, path, tag, title=f"Title {number}"), 2 * WRITERS)
    assert statuses == {200: 1, 412: 2 * WRITERS - 1}


def test_as_many_changes_are_reported_as_versions_were_made(deal: factories.FixtureRows, run_concurrently: Any) -> None:
    path = f"{BASE}/clauses/{deal.clause.pk}"
    before = Clause.objects.get(pk=deal.clause.pk).version
    written: list[str] = []

    def change(client: Client, number: int) -> Any:
        answer = patch(client, path, client.get(path).headers["ETag"], title=f"Title {number}")
        if answer.status_code == 200:
            written.append(answer.json()["title"])
        return answer

    statuses = run_concurrently(change, 2 * WRITERS)
    assert set(statuses) <= {200, 412}
    after = Clause.objects.get(pk=deal.clause.pk)
    assert after.version - before == statuses[200] == len(set(written)) > 0
    assert after.title in written


def test_changes_of_different_rows_of_an_agreement_all_go_through(
    draft: factories.FixtureRows, run_concurrently: Any
) -> None:
    rows = [factories.clause(draft.agreement, f"{number}") for number in range(10, 10 + WRITERS)]

    def change(client: Client, number: int) -> Any:
        path = f"{BASE}/clauses/{rows[number % WRITERS].pk}"
        parties = [{"party": ("china", "america")[number % 2], "role": "obligor", "explicit": True}]
        return patch(client, path, "*", commodity=f"Goods {number}", parties=parties)

    assert run_concurrently(change, 2 * WRITERS) == {200: 2 * WRITERS}
    assert ClauseParty.objects.filter(clause__in=rows).count() == WRITERS


def test_terms_and_renewal_dates_changed_at_once_agree_in_the_end(
    draft: factories.FixtureRows, run_concurrently: Any
) -> None:
    def change(client: Client, number: int) -> Any:
        if number % 2:
            body = {"agreement": "rare-metals", "kind": "review", "sequence": number, "basis": "stated", "due": "2027"}
            return client.post(f"{BASE}/renewals", body, content_type=JSON)
        return patch(client, f"{BASE}/agreements/rare-metals", "*", effective=f"2026-01-{1 + number % 28:02}")

    statuses = run_concurrently(change, 2 * WRITERS)
    assert set(statuses) <= {200, 201}
    draft.agreement.refresh_from_db()
    first = Renewal.objects.get(agreement=draft.agreement, kind="renegotiation", sequence=1)
    assert first.due == draft.agreement.effective.replace("2026", "2027")
    assert Renewal.objects.filter(kind="review").count() == WRITERS


def test_many_posts_with_one_key_make_one_row(draft: factories.FixtureRows, run_concurrently: Any) -> None:
    body = {"agreement": "rare-metals", "number": "K", "position": 5, "type": "other", "standing": "term"}
    body |= {"modality": "declaration", "title": "Once"}
    answers: set[tuple[bytes, str]] = set()

    def post(client: Client, number: int) -> Any:
        answer = client.post(f"{BASE}/clauses", body, content_type=JSON, headers={"Idempotency-Key": "one"})
        answers.add((answer.content, answer.headers.get("ETag", "")))
        return answer

    assert run_concurrently(post, 2 * WRITERS) == {201: 2 * WRITERS}
    assert Clause.objects.filter(number="K").count() == IdempotencyKey.objects.count() == len(answers) == 1


def test_equal_rows_made_at_once_are_one_row_and_conflicts(deal: factories.FixtureRows, run_concurrently: Any) -> None:
    body = {"slug": "twin", "name": "Twin", "kind": "group"}
    statuses = run_concurrently(
        lambda client, number: client.post(f"{BASE}/parties", body, content_type=JSON), 2 * WRITERS
    )
    assert statuses == {201: 1, 409: 2 * WRITERS - 1}
    assert Party.objects.filter(slug="twin").count() == 1


def test_a_row_deleted_while_others_come_to_need_it_leaves_no_orphan(
    deal: factories.FixtureRows, run_concurrently: Any
) -> None:
    for number in range(WRITERS):
        factories.party(f"party-{number}")

    def clash(client: Client, number: int) -> Any:
        slug = f"party-{number % WRITERS}"
        if number >= WRITERS:
            return client.delete(f"{BASE}/parties/{slug}", headers={"If-Match": "*"})
        body = {"agreement": "rare-metals", "number": f"O{number}", "kind": "assertion", "speaker": slug}
        body |= {"polarity": "positive", "proposition": "It is so"}
        return client.post(f"{BASE}/statements", body, content_type=JSON)

    statuses = run_concurrently(clash, 2 * WRITERS)
    assert set(statuses) <= {201, 204, 400, 409}
    connection.check_constraints()
    assert statuses[201] + statuses[204] >= WRITERS


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite ends no transaction")
def test_a_transaction_that_was_left_idle_for_too_long_is_503(
    deal: factories.FixtureRows, caller: Callable[..., Client]
) -> None:
    client = caller("*")

    def pausing(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith("UPDATE"):
            with connection.connection.cursor() as cursor:  # past this wrapper
                cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 1")
            time.sleep(2)
        return execute(sql, params, many, context)

    try:
        with connection.execute_wrapper(pausing):
            path, body = f"{BASE}/clauses/{deal.clause.pk}", json.dumps({"title": "Late"})
            answer = client.patch(path, body, content_type="application/json", headers={"If-Match": "*"})
        problem(answer, 503)
    finally:
        connection.close()
