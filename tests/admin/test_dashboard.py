"""The dashboard: its counts are those of the lists that it links to, with the permissions of the user."""

import re
from html import unescape
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accords.admin.dashboard import MAX_NAMED, PANELS
from accords.models import Agreement
from tests import factories
from tests.admin.forms import url
from tests.clients import Client

pytestmark = pytest.mark.django_db

ON = "2026-11-23T12:00:00Z"
FRONT = reverse("admin:index")


@pytest.fixture(scope="module")
def module_rows(module_deal: factories.FixtureRows) -> factories.FixtureRows:
    """Publish the deal, and create for each panel a row that it counts and one that it does not."""
    Agreement.objects.update(is_published=True)
    draft = factories.agreement("draft", is_published=False, effective="2025-10", title="<b>Draft</b>")
    factories.clause(draft, effective="2026", ends="2026-12-31")
    factories.clause(draft, "2", effective="2026-01-01")
    factories.event(draft, "E1", date="XXXX-04")
    factories.event(draft, "E2", date_text="ultérieurement", status="planned")
    factories.event(draft, "E3", date="2026-01-01")
    stated = {"basis": "stated", "offset": ""}
    factories.renewal(draft, 1, due="2026-12-01", **stated)
    factories.renewal(draft, 2, due="2026-12", **stated)
    factories.renewal(draft, 3, due="", **stated)
    factories.renewal(draft, 4, due="2020", status="concluded", **stated)
    factories.renewal(draft, 5, due="2020-01-01", **stated)
    for number in range(MAX_NAMED + 1):
        factories.statement(draft, f"S{number}", proposition=f"It is so {number}")
    return module_deal


@pytest.fixture
def rows(module_rows: factories.FixtureRows, db: None) -> factories.FixtureRows:
    return module_rows


def front(client: Client) -> Any:
    """Return the dashboard on the day ON."""
    with time_machine.travel(ON):
        return client.get(FRONT)


def results(page: Any) -> dict[str, tuple[int, str]]:
    """Return the count of each panel's question and the address of its list."""
    return {
        f"{panel['title']}: {result.url.split('/')[3]}": (result.count, result.url)
        for panel in page.context["panels"]
        for result in panel["results"]
    }


def test_every_count_is_that_of_the_list_it_leads_to(editor: Client, rows: factories.FixtureRows) -> None:
    counts = results(front(editor))
    assert len(counts) == sum(len(panel.queries) for panel in PANELS)
    assert [name for name, (count, _) in counts.items() if not count] == []
    with time_machine.travel(ON):
        lists = {name: editor.get(url).context["cl"].result_count for name, (_, url) in counts.items()}
    assert {name: count for name, (count, _) in counts.items()} == lists


def test_the_questions_find_what_they_ask_for(editor: Client, rows: factories.FixtureRows) -> None:
    counts = {name: count for name, (count, _) in results(front(editor)).items()}
    assert (
        counts["Overdue: agreement"] == 2
    )  # of the deal the first, of the draft the one of 2020 with nothing recorded
    assert counts["Due within 90 days: agreement"] == 1
    assert counts["Drafts, waiting for a publisher: agreement"] == 1
    assert counts["Without a citation: renewal"] == 5  # a computed one needs none
    assert counts["Dates not known to the day: agreement"] == 1
    assert counts["Dates not known to the day: clause"] == 1
    assert counts["Dates not known to the day: event"] == 2
    assert counts["Dates not known to the day: renewal"] == 2  # open ones only, and what is not stated at all


def test_an_agreement_is_named_once_with_the_newest_of_its_open_dates(
    editor: Client, rows: factories.FixtureRows
) -> None:
    factories.renewal(Agreement.objects.get(slug="draft"), 6, due="2021-05-01", basis="stated", offset="")
    overdue = front(editor).context["panels"][0]["results"][0]
    assert [name for _url, name in overdue.first] == [
        "2021-05-01 · <b>Draft</b>",
        f"2026-10-30 · {rows.agreement}",
    ]
    assert overdue.first[1][0] == f"{url(rows.agreement, 'change')}#renewals-heading"


def test_the_first_rows_are_named_and_the_others_counted(editor: Client, rows: factories.FixtureRows) -> None:
    html = front(editor).content.decode()
    panel = re.search(r"Without a citation.*?</section>", html, re.DOTALL)[0]
    assert panel.count("It is so") == MAX_NAMED
    assert "and 2 more" in panel  # of seven statements, for the deal has one too
    assert "<b>Draft</b>" not in html
    assert "<b>Draft</b>" in unescape(html)


def test_nothing_to_do_is_reported(editor: Client) -> None:
    Agreement.objects.all().delete()
    html = front(editor).content.decode()
    assert html.count("Nothing.") == len(PANELS)


def test_as_many_queries_however_much_there_is_to_do(editor: Client, rows: factories.FixtureRows) -> None:
    query_counts = []
    for turn in range(2):
        with CaptureQueriesContext(connection) as queries:
            front(editor)
        query_counts.append(len(queries))
        for number in range(MAX_NAMED):
            more = factories.agreement(f"more-{turn}-{number}", is_published=False, signed="2020?")
            factories.clause(more, ends="2026?")
            factories.renewal(more, due="2020-01-01")
    assert query_counts[0] == query_counts[1]
    assert query_counts[0] < 40


OF_AGREEMENTS = [
    "Overdue",
    "Due within 90 days",
    "Drafts, waiting for a publisher",
    "Without a citation",
    "Dates not known to the day",
]


@pytest.mark.parametrize(
    ("permissions", "panels", "begin"),
    [
        ((), [], False),
        (("view_agreement",), OF_AGREEMENTS, False),
        (("view_agreement", "view_source", "add_source"), OF_AGREEMENTS, True),
        (("change_statement",), ["Without a citation"], False),
    ],
)
def test_everyone_sees_what_they_may(
    someone: Any, rows: factories.FixtureRows, permissions: tuple[str, ...], panels: list[str], begin: bool
) -> None:
    client = someone(*permissions)
    page = front(client)
    assert page.status_code == 200
    assert [str(panel["title"]) for panel in page.context["panels"]] == panels
    html = page.content.decode()
    assert (reverse("admin:accords_source_add") in html) is begin
    assert ("Article press" in html) is begin
    kinds = {url.split("/")[3] for _, url in results(page).values()}
    assert kinds <= {name.split("_")[1] for name in permissions}


def test_what_was_read_last_is_a_link_away(editor: Client, boss: User, deal: factories.FixtureRows) -> None:
    page = front(editor)
    assert [name for _, name in page.context["recent_sources"]] == ["Article press"]
    for address, _ in [*page.context["recent_sources"], *page.context["new"]]:
        assert editor.get(address).status_code == 200
