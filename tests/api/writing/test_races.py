"""Two or three concurrent writers: what a check reads from other rows stays true until the commit.

On SQLite writers take turns, so only PostgreSQL can break these rules.
"""

import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from functools import partial
from threading import Barrier
from threading import Event as Signal
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection, transaction

from accords.models import Agreement, Citation, Clause, Event, Party, Source
from accords.services import renewals_changed
from tests import factories
from tests.api.addresses import BASE
from tests.clients import Client

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time"),
]
JSON = "application/json"
TODAY = date(2026, 11, 30)
LASTING = {"effective": "2005-01-01", "status": "in_force", "renewal_mode": "none", "term": "", "renewal_intervals": []}
ROUNDS = int(os.environ.get("RACE_ROUNDS", "5"))
Request = Callable[[Client], Any]


@pytest.fixture(autouse=True)
def drafts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make agreements as drafts, in which claims may be entered without evidence."""
    monkeypatch.setattr(factories, "agreement", partial(factories.agreement, is_published=False))


@pytest.fixture
def race() -> Iterator[Callable[..., list[Any]]]:
    """Return a function that sends requests at the same time, each in a thread and connection of its own."""
    known = Client()
    known.force_login(User.objects.create_superuser("root"))

    def send(request: Request, start: Barrier) -> Any:
        client = Client(raise_request_exception=False)
        client.cookies.load(known.cookies.output(header="", sep=";"))
        start.wait(30)
        return request(client)

    with ThreadPoolExecutor(3, initializer=connection.ensure_connection) as pool:

        def run(*requests: Request) -> list[Any]:
            start = Barrier(len(requests))
            return list(pool.map(lambda request: send(request, start), requests))

        yield run
        list(pool.map(lambda _: connection.close(), range(3)))


def patch(path: str, **fields: Any) -> Request:
    return lambda client: client.patch(f"{BASE}/{path}", fields, content_type=JSON, headers={"If-Match": "*"})


def post(path: str, **fields: Any) -> Request:
    return lambda client: client.post(f"{BASE}/{path}", fields, content_type=JSON)


def delete(path: str) -> Request:
    return lambda client: client.delete(f"{BASE}/{path}", headers={"If-Match": "*"})


def assert_plain_refusals(responses: list[Any]) -> None:
    """Check that every refusal is 400, 404 or 409, and quotes no error of the database."""
    for response in responses:
        assert response.status_code in (200, 201, 204, 400, 404, 409), response.content
        text = response.content.decode()
        assert not any(word in text for word in ("database", "violates", "constraint", "Key (")), text


def test_a_quote_stands_in_its_source(race: Any) -> None:
    deal = factories.deal()
    for number in range(ROUNDS):
        source = factories.source(f"source-{number}", text="alpha beta gamma")
        responses = race(
            post("citations", source=source.slug, clause=deal.clause.pk, exact="beta", field="title"),
            patch(f"sources/{source.slug}", text="alpha delta gamma"),
        )
        assert_plain_refusals(responses)
        text = Source.objects.get(pk=source.pk).text
        quotes = Citation.objects.filter(source=source).values_list("start", "end", "exact")
        assert all(text[start:end] == exact for start, end, exact in quotes)
        assert sum(response.status_code < 300 for response in responses) == 1


def clauses() -> list[Any]:
    agreement = Agreement.objects.first() or factories.agreement()
    return [factories.clause(agreement, str(Clause.objects.count())) for _ in range(3)]


def events() -> list[Any]:
    agreement = Agreement.objects.first() or factories.agreement()
    return [factories.event(agreement, str(Event.objects.count())) for _ in range(3)]


def parties() -> list[Any]:
    return [factories.party(f"party-{Party.objects.count()}") for _ in range(3)]


def agreements() -> list[Any]:
    return [factories.agreement(f"agreement-{Agreement.objects.count()}") for _ in range(3)]


@pytest.mark.parametrize(
    ("noun", "relation", "make"),
    [
        ("clauses", "parent", clauses),
        ("parties", "represents", parties),
        ("events", "after", events),
        ("events", "reciprocates", events),
        ("agreements", "supersedes", agreements),
        ("agreements", "amends", agreements),
    ],
)
def test_a_relation_forms_no_cycle(noun: str, relation: str, make: Any, race: Any) -> None:
    for _ in range(ROUNDS):
        rows = make()
        keys = [getattr(row, "slug", row.pk) for row in rows]
        responses = race(
            *(
                patch(f"{noun}/{key}", **{relation: other})
                for key, other in zip(keys, [*keys[1:], keys[0]], strict=True)
            )
        )
        assert_plain_refusals(responses)
        assert sum(response.status_code == 200 for response in responses) == 2
        step, seen = type(rows[0])._default_manager.get(pk=rows[0].pk), set()
        while step is not None:
            assert step.pk not in seen, "the relation forms a cycle"
            seen.add(step.pk)
            step = getattr(step, relation)


def test_agreements_supersede_each_other_in_no_cycle(race: Any) -> None:
    for number in range(ROUNDS):
        one, other = factories.agreement(f"one-{number}"), factories.agreement(f"other-{number}")
        renewal = factories.renewal(one, status="concluded")
        responses = race(
            patch(f"renewals/{renewal.pk}", outcome=other.slug),
            patch(f"agreements/{one.slug}", supersedes=other.slug),
        )
        assert_plain_refusals(responses)
        assert sum(response.status_code == 200 for response in responses) == 1


def test_a_clause_modifies_only_what_its_agreement_amends(race: Any) -> None:
    contract = factories.agreement("contract")
    modified = factories.clause(contract, "4")
    for number in range(ROUNDS):
        amendment = factories.agreement(f"amendment-{number}", amends=contract)
        new = {"number": "1", "position": 1, "type": "other", "standing": "text", "modality": "declaration"}
        responses = race(
            patch(f"agreements/{amendment.slug}", amends=None),
            post("clauses", agreement=amendment.slug, modifies=modified.pk, modification="repeal", **new),
        )
        assert_plain_refusals(responses)
        assert sum(response.status_code < 300 for response in responses) == 1
    for clause in Clause.objects.filter(modifies=modified):
        assert clause.agreement.amended() == [contract]


def test_an_agreement_is_deleted_while_rows_of_it_are_written(race: Any) -> None:
    press = factories.source()
    china = factories.party()
    for number in range(ROUNDS):
        agreement = factories.agreement(f"agreement-{number}")
        clause = factories.clause(agreement)
        new = {"number": "2", "position": 2, "type": "other", "standing": "term", "modality": "declaration"}
        writes = [
            post("clauses", agreement=agreement.slug, title="New", **new),
            post("citations", source=press.slug, clause=clause.pk, exact="un accord d'un an"),
            patch(f"clauses/{clause.pk}", parties=[{"party": china.slug, "role": "obligor", "explicit": True}]),
            patch(f"clauses/{clause.pk}", title="Changed", citations=[{"source": press.slug, "exact": "renégocié"}]),
        ]
        deleted, written = race(delete(f"agreements/{agreement.slug}"), writes[number % len(writes)])
        assert_plain_refusals([deleted, written])
        assert deleted.status_code == 204, deleted.content
        assert written.status_code in (200, 201, 400, 404), written.content
        assert not Agreement.objects.filter(pk=agreement.pk).exists()
    connection.check_constraints()


def test_a_party_is_deleted_while_a_row_comes_to_refer_to_it(race: Any) -> None:
    agreement = factories.agreement()
    for number in range(ROUNDS):
        party = factories.party(f"party-{number}")
        statement = {"kind": "assertion", "polarity": "positive", "proposition": "It is so"}
        responses = race(
            delete(f"parties/{party.slug}"),
            post("statements", agreement=agreement.slug, number=str(number), speaker=party.slug, **statement),
        )
        assert_plain_refusals(responses)
        assert sorted(response.status_code for response in responses) in ([201, 409], [204, 400])
    connection.check_constraints()


@pytest.mark.parametrize(
    "door", [f"{BASE}/agreements/{{0.slug}}/working-copy", "/admin/accords/agreement/{0.pk}/working-copy/"]
)
def test_an_agreement_is_deleted_while_a_working_copy_is_made(race: Any, door: str) -> None:
    for number in range(ROUNDS):
        agreement = factories.agreement(f"a-{number}", is_published=True)

        def make(client: Client, address: str = door.format(agreement)) -> Any:
            return client.post(address, content_type=JSON)

        deleted, made = race(delete(f"agreements/{agreement.slug}"), make)
        assert (deleted.status_code, made.status_code) in {(204, 404), (204, 201), (204, 302)}, made.content


def test_a_predecessor_that_another_writer_adds_meanwhile_follows_too() -> None:
    """The second writer knows one predecessor, waits for its lock, and finds that it has a predecessor by now."""
    first, second, third = (factories.agreement(name, is_published=True, **LASTING) for name in ("a", "b", "c"))
    Agreement.objects.filter(pk=third.pk).update(supersedes=second)
    written, started = Signal(), Signal()

    def add_predecessor() -> None:
        with transaction.atomic():
            Agreement.objects.filter(pk=second.pk).update(supersedes=first)
            renewals_changed([second.pk], on=TODAY)
            written.set()
            started.wait(30)
            time.sleep(0.5)  # until the other waits for the lock
        connection.close()

    def change_dates() -> None:
        written.wait(30)
        with transaction.atomic():
            Agreement.objects.filter(pk=third.pk).update(effective="2003", effective_earliest="2003-01-01")
            started.set()
            renewals_changed([third.pk], on=TODAY)
        connection.close()

    with ThreadPoolExecutor(2) as pool:
        for future in [pool.submit(add_predecessor), pool.submit(change_dates)]:
            future.result()
    before = Agreement.objects.get(pk=first.pk)
    renewals_changed([first.pk, second.pk, third.pk], on=TODAY)
    after = Agreement.objects.get(pk=first.pk)
    assert (before.superseded_low, before.superseded_high) == (after.superseded_low, after.superseded_high)
