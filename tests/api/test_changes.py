"""The feed of changes: the entries of each audience, their order, and a mirror that follows it."""

from collections.abc import Callable
from copy import deepcopy
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from accords import services
from accords.api.urls import RESOURCES
from accords.db.audit_log import unrecorded
from accords.db.changes import write_pending_entries
from accords.models import Agreement, Clause, PublicChange
from accords.working_copies import make_working_copy, publish_working_copy
from tests import factories
from tests.api import callers
from tests.api.test_query_contract import parameter_errors, problem
from tests.clients import Client
from tests.factories import FixtureRows
from tests.mirror.editors import Editor
from tests.mirror.mirror import Mirror

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 1)


def entries(client: Client, cursor: str, **query: Any) -> list[str]:
    """Return the entries after a cursor as words: `changed clauses rare-metals`; positions have no gap."""
    page = client.get("/api/v1/changes", {"after": cursor, "page_size": 1000, **query}).json()
    positions = [entry["position"] for entry in page["results"]]
    assert positions == [*range(positions[0], positions[0] + len(positions))] if positions and not query else True
    return [
        f"{one['change']} {one['resource']} {one['slug'] or one['agreement'] or one['id']}" for one in page["results"]
    ]


def now(client: Client) -> str:
    page = client.get("/api/v1/changes?after=now").json()
    assert (page["results"], page["next"]) == ([], None)
    cursor: str = page["cursor"]
    return cursor


@pytest.fixture(scope="module")
def module_rows(module_deal: FixtureRows) -> FixtureRows:
    """Create a draft that supersedes the deal and names its party and source, once for this module."""
    services.renewals_changed([module_deal.agreement.pk], on=DAY)
    draft = factories.agreement("secret", is_published=False, supersedes=module_deal.agreement)
    factories.participation(draft, module_deal.china)
    factories.citation(factories.clause(draft), "un accord d'un an", module_deal.source)
    return module_deal


@pytest.fixture
def rows(module_rows: FixtureRows, db: None) -> FixtureRows:
    """Return the rows of the deal, to be changed: its draft is there too."""
    return deepcopy(module_rows)


def draft() -> Agreement:
    return Agreement.objects.get(slug="secret")


def update(row: Any, **values: Any) -> None:
    type(row).objects.filter(pk=row.pk).update(**values)


ALL = [
    *("sources press", "parties china", "parties america", "parties trump", "agreements rare-metals"),
    *("clauses rare-metals", "events rare-metals", "statements rare-metals"),
    "renewals rare-metals",
    "citations rare-metals",
]
CHANGED = [
    f"changed {name} rare-metals" for name in ("agreements", "clauses", "events", "statements", "renewals", "citations")
]
# A write, the entries of the public, and those of users who may view drafts.
CASES: dict[str, tuple[Callable[[FixtureRows], Any], list[str], list[str]]] = {
    "a draft is changed": (lambda rows: update(draft(), title="Other"), [], ["changed agreements secret"]),
    "a draft is renamed": (
        lambda rows: update(draft(), slug="other"),
        [],
        ["changed agreements other", "changed clauses other", "changed citations other"],
    ),
    "a draft is deleted": (
        lambda rows: draft().delete(),
        [],
        ["disappeared citations secret", "disappeared clauses secret", "disappeared agreements secret"],
    ),
    "a draft names another party": (
        lambda rows: factories.participation(draft(), factories.party("hidden")),
        [],
        ["appeared parties hidden", "changed agreements secret"],
    ),
    "a clause is changed": (
        lambda rows: update(rows.clause, title="Other"),
        ["changed clauses rare-metals"],
        ["changed clauses rare-metals"],
    ),
    "a row is written twice": (
        lambda rows: [update(rows.clause, title="Other"), update(rows.clause, title="Another")],
        ["changed clauses rare-metals"],
        ["changed clauses rare-metals"],
    ),
    "a row is made and deleted": (lambda rows: factories.party("brief").delete(), [], []),
    "a citation is added": (
        lambda rows: factories.citation(rows.clause, "soja américain", rows.source),
        ["changed clauses rare-metals", "appeared citations rare-metals"],
        ["changed clauses rare-metals", "appeared citations rare-metals"],
    ),
    "a party takes part": (
        lambda rows: factories.participation(rows.agreement, factories.party("new")),
        ["appeared parties new", "changed agreements rare-metals"],
        ["appeared parties new", "changed agreements rare-metals"],
    ),
    "a party is named no more": (
        lambda rows: [update(rows.statement, speaker=None), update(rows.denial, speaker=None), rows.event.participants.clear()],
        ["changed events rare-metals", "changed statements rare-metals", "disappeared parties trump"],
        ["changed events rare-metals", "changed statements rare-metals"],
    ),
    "a party is renamed": (
        lambda rows: update(rows.america, slug="usa"),
        ["changed parties usa", "changed parties trump", "changed clauses rare-metals"],
        ["changed parties usa", "changed parties trump", "changed clauses rare-metals"],
    ),
    "a source is renamed": (
        lambda rows: update(rows.source, slug="paper"),
        ["changed sources paper", *CHANGED],
        ["changed sources paper", *CHANGED, "changed clauses secret", "changed citations secret"],
    ),
    "an agreement is renamed": (
        lambda rows: update(rows.agreement, slug="metals"),
        [
            "changed agreements metals",
            *("changed clauses metals", "changed events metals", "changed statements metals"),
            *("changed renewals metals", "changed citations metals"),
        ],
        [
            *("changed agreements metals", "changed agreements secret"),
            *("changed clauses metals", "changed events metals", "changed statements metals"),
            *("changed renewals metals", "changed citations metals"),
        ],
    ),
    "terms are changed": (
        lambda rows: update(rows.agreement, renewal_condition="if both agree"),
        ["changed agreements rare-metals", "changed renewals rare-metals"],
        ["changed agreements rare-metals", "changed renewals rare-metals"],
    ),
    "an agreement is withdrawn": (
        lambda rows: update(rows.agreement, is_published=False),
        ["disappeared " + word for word in ALL],
        [*CHANGED, "changed agreements secret"],
    ),
    "an agreement is withdrawn and renamed": (
        lambda rows: update(rows.agreement, is_published=False, slug="metals"),
        ["disappeared " + word for word in ALL],
        [*(change.replace("rare-metals", "metals") for change in CHANGED), "changed agreements secret"],
    ),
    "a statement moves to a draft": (
        lambda rows: update(rows.denial, agreement=draft()),
        ["disappeared statements rare-metals", "disappeared citations rare-metals"],
        ["changed statements secret"],
    ),
    "a draft is published": (
        lambda rows: update(draft(), is_published=True),
        ["appeared agreements secret", "appeared clauses secret", "appeared citations secret"],
        ["changed agreements secret", "changed clauses secret", "changed citations secret"],
    ),
    "an agreement is deleted": (
        lambda rows: [update(draft(), supersedes=None), rows.agreement.delete()],
        ["disappeared " + word for word in ALL],
        ["changed agreements secret", *("disappeared " + word for word in ALL[4:])],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_each_audience_gets_what_it_can_see(case: str, rows: FixtureRows, client: Client) -> None:
    act, public, editorial = CASES[case]
    editor = callers.caller("editor")
    before = now(client), now(editor)
    act(rows)
    found = [{*entries(client, before[0])}, {*entries(editor, before[1])}]
    assert found == [{*public}, {*editorial}]


def test_rows_appear_after_those_that_they_refer_to_and_disappear_before_them(
    rows: FixtureRows, client: Client
) -> None:
    for is_published, order in ((False, -1), (True, 1)):
        before = now(client)
        update(rows.agreement, is_published=is_published)
        resources = [entry.split()[1] for entry in entries(client, before)]
        assert (
            list(dict.fromkeys(resources))
            == [*("sources", "parties", "agreements", "clauses", "events", "statements", "renewals", "citations")][
                ::order
            ]
        )


def test_what_is_rolled_back_is_not_reported(rows: FixtureRows, client: Client) -> None:
    before = now(client)
    with transaction.atomic():
        factories.clause(rows.agreement, "2")
        transaction.set_rollback(True)
    assert entries(client, before) == []


def test_a_user_without_the_right_to_view_drafts_gets_what_the_public_gets(rows: FixtureRows, client: Client) -> None:
    before = now(client)
    update(draft(), title="Other")
    update(rows.clause, title="Other")
    for role in callers.CANNOT_VIEW_DRAFTS:
        assert entries(callers.caller(role), before) == ["changed clauses rare-metals"], role


class TestPages:
    def test_pages_follow_each_other(self, rows: FixtureRows, client: Client) -> None:
        whole = client.get("/api/v1/changes?page_size=1000").json()["results"]
        address, found = "/api/v1/changes?page_size=7", []
        while address:
            page = client.get(address).json()
            found += page["results"]
            address = page["next"]
        assert found == whole
        assert entries(client, page["cursor"]) == []

    def test_the_feed_of_a_resource_has_its_rows_as_they_are_now(self, rows: FixtureRows, client: Client) -> None:
        update(rows.clause, title="Other")
        brief = factories.clause(rows.agreement, "2")
        now(client)  # the feed has the clause
        brief.delete()
        found = client.get("/api/v1/changes/clauses").json()["results"]
        shown = client.get(f"/api/v1/clauses/{rows.clause.pk}?omit=citations").json()
        assert [(one["change"], one["row"]) for one in found] == [
            ("appeared", shown),
            ("appeared", None),
            ("disappeared", None),
        ]

    def test_rows_answer_for_the_day_that_is_asked(self, rows: FixtureRows, client: Client) -> None:
        page = client.get("/api/v1/changes/renewals?on=2040-01-01").json()
        assert page["on"] == page["results"][0]["row"]["on"] == "2040-01-01"

    @pytest.mark.parametrize("slug", ["rare-metals", "RARE-METALS", "renamed"])
    def test_one_agreement_is_followed_under_every_slug_that_it_had(
        self, slug: str, rows: FixtureRows, client: Client
    ) -> None:
        other = factories.agreement("other")
        before = now(client)
        update(rows.agreement, slug="renamed")
        cursor = now(client)
        factories.clause(other)
        update(rows.clause, title="Other")
        assert entries(client, cursor, agreement=slug) == ["changed clauses renamed"]
        assert len(entries(client, before, agreement=slug)) > 1

    @pytest.mark.parametrize("slug", ["secret", "former", "nothing"])
    def test_a_draft_is_followed_like_an_agreement_that_does_not_exist(
        self, slug: str, rows: FixtureRows, client: Client
    ) -> None:
        """A slug that an agreement had only before it was published is unknown to the public too."""
        former = factories.agreement("former", is_published=False)
        now(client)
        update(former, slug="later", is_published=True)
        page = client.get("/api/v1/changes", {"agreement": slug}).json()
        assert (page["results"], page["next"]) == ([], None)

    @pytest.mark.parametrize("path", ["/api/v1/changes", "/api/v1/changes/statements"])
    def test_a_page_takes_as_many_queries_whatever_its_size(self, path: str, rows: FixtureRows, client: Client) -> None:
        client.get(path)
        counts = set()
        for size in (1, 1000):
            with CaptureQueriesContext(connection) as queries:
                client.get(f"{path}?page_size={size}")
            counts.add(len(queries))
        assert len(counts) == 1


class TestCursors:
    def gone(self, client: Client, cursor: str) -> bool:
        response = client.get("/api/v1/changes", {"after": cursor})
        if response.status_code != 410:
            return False
        assert "Accords-Cursor" in problem(response, 410)["detail"]
        return True

    def test_a_cursor_is_gone_once_entries_after_it_are_deleted(self, rows: FixtureRows, client: Client) -> None:
        first = client.get("/api/v1/changes?page_size=1").json()["cursor"]
        last = now(client)
        assert not self.gone(client, first)
        PublicChange.objects.prune(datetime.now(UTC) + timedelta(days=1))
        assert [self.gone(client, cursor) for cursor in (first, last)] == [True, False]
        assert client.get("/api/v1/changes").status_code == 410  # nobody takes the rest for the whole

    def test_pruning_keeps_what_is_younger_and_the_last_entry(self, rows: FixtureRows, client: Client) -> None:
        now(client)
        PublicChange.objects.filter(position__lte=4).update(at=datetime(2026, 1, 1, tzinfo=UTC))
        assert PublicChange.objects.prune(datetime(2026, 2, 1, tzinfo=UTC)) == 4
        assert PublicChange.objects.order_by("position").first().position == 5
        PublicChange.objects.prune(datetime.now(UTC) + timedelta(days=1))
        assert PublicChange.objects.count() == 1

    def test_a_cursor_of_another_audience_is_gone(self, rows: FixtureRows, client: Client) -> None:
        editor = callers.caller("editor")
        assert self.gone(client, now(editor))
        assert self.gone(editor, now(client))

    def test_a_cursor_from_after_a_restored_backup_is_gone(self, rows: FixtureRows, client: Client) -> None:
        now(client)
        with transaction.atomic():
            update(rows.clause, title="Other")
            ahead = now(client)
            transaction.set_rollback(True)
        assert self.gone(client, ahead)
        update(rows.clause, title="Another")
        now(client)
        PublicChange.objects.filter(pk=PublicChange.objects.latest("pk").pk).update(at=datetime.now(UTC))
        assert self.gone(client, ahead)

    @pytest.mark.parametrize(
        "query",
        ["after=x", "after=", "after=1", "page_size=0", "page_size=1001", "page_size=1.5", "limit=3", "on=2026-01-01"],
    )
    def test_what_is_wrong_with_a_question_is_said(self, query: str, client: Client) -> None:
        for name in ("", *(f"/{name}" for name in RESOURCES)):
            if not (name in ("/agreements", "/renewals") and query.startswith("on")):
                assert parameter_errors(client.get(f"/api/v1/changes{name}?{query}")).keys() == {
                    query.partition("=")[0]
                }


def work_of_settling() -> int:
    """Write the pending entries; return the rows that PostgreSQL reads for that, or the steps that SQLite makes."""
    if connection.vendor == "sqlite":
        steps = count()
        connection.connection.set_progress_handler(lambda: next(steps) and 0, 1000)
        write_pending_entries()
        connection.connection.set_progress_handler(None, 0)
        return next(steps)
    read = "SELECT sum(seq_tup_read + coalesce(idx_tup_fetch, 0)) FROM pg_stat_xact_user_tables"
    with connection.cursor() as cursor:
        before = int(cursor.execute(read).fetchone()[0])
        write_pending_entries()
        return int(cursor.execute(read).fetchone()[0]) - before


def test_a_commit_costs_in_proportion_to_its_rows(rows: FixtureRows) -> None:
    """Plans that were made while tables were small stay good: the session has settled a few rows already."""
    write_pending_entries()
    kind = {"type": "cooperation", "standing": "term", "modality": "declaration", "title": "One of many"}
    with unrecorded():
        Clause.objects.bulk_create(
            Clause(agreement=rows.agreement, number=f"n-{number}", position=number + 10, **kind)
            for number in range(600)
        )
    write_pending_entries()
    work = []
    for many in (150, 600):
        ids = Clause.objects.filter(number__startswith="n-").order_by("pk").values("pk")[:many]
        Clause.objects.filter(pk__in=ids).update(title=f"Title {many}")
        work.append(work_of_settling())
    assert work[1] < 8 * work[0], work  # 16 times, if each row met each


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite makes plans anew when tables have grown")
def test_new_rows_are_entered_without_a_look_at_others(rows: FixtureRows) -> None:
    """Whatever the session's plans: these are made when PostgreSQL believes that the feed knows no row."""
    write_pending_entries()
    read = "SELECT seq_tup_read + idx_tup_fetch FROM pg_stat_xact_user_tables WHERE relname = 'accords_change_row'"
    kind = {"type": "cooperation", "standing": "term", "modality": "declaration", "title": "One of many"}
    with connection.cursor() as cursor, unrecorded():
        cursor.execute("DELETE FROM accords_change_row")
        cursor.execute("ANALYZE accords_change_row")
        Clause.objects.bulk_create(
            Clause(agreement=rows.agreement, number=f"n-{number}", position=number + 10, **kind)
            for number in range(100)
        )
        before = int(cursor.execute(read).fetchone()[0])
        write_pending_entries()
        assert int(cursor.execute(read).fetchone()[0]) - before < 10
        cursor.execute("ANALYZE accords_change_row")  # it is not rolled back, and would mislead other tests


def test_a_mirror_equals_the_lists_whatever_editors_do(rows: FixtureRows, client: Client) -> None:
    """It begins with the lists as files."""
    editor, mirrors = Editor("one", 1), [Mirror(client, 7), Mirror(callers.caller("editor"))]
    for mirror in mirrors:
        mirror.begin()
    for step in range(3):
        editor.act(times=20)
        for mirror in mirrors:
            mirror.follow()
            assert mirror.differences() == [], step


def test_a_mirror_equals_the_lists_after_working_copies_are_published(rows: FixtureRows, client: Client) -> None:
    whole = factories.cite_claims(factories.agreement("whole"), rows.source)
    mirrors = [Mirror(client), Mirror(callers.caller("editor"))]
    for mirror in mirrors:
        mirror.begin()
    for number in ("2", "3"):
        copy = make_working_copy(agreement=whole, on=DAY)
        factories.citation(factories.clause(copy, number), "un accord d'un an", rows.source)
        for mirror in mirrors:
            mirror.follow()
        copy.full_clean()
        publish_working_copy(working_copy=copy, on=DAY)
        for mirror in mirrors:
            mirror.follow()
            assert mirror.differences() == []
    assert Clause.objects.filter(agreement=whole).count() == 2
