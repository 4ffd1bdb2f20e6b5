"""Exports of lists: the rows that the list shows on all pages, with its permissions, and no formulas."""

import csv
import io
import json
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accords.admin import ClauseAdmin, exports
from accords.models import Agreement, Clause, Party, Renewal, Token
from tests import factories
from tests.admin.forms import NOUNS, url
from tests.clients import Client

pytestmark = pytest.mark.django_db


def file(client: Client, noun: Any, form: str = "csv", query: str = "") -> str:
    answer = client.get(f"{url(noun)}export.{form}?{query}")
    assert answer.status_code == 200
    assert f'.{form}"' in answer["Content-Disposition"]
    return b"".join(answer.streaming_content).decode()


def lines(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.removeprefix(exports.BYTE_ORDER_MARK))))


@pytest.mark.parametrize("noun", NOUNS)
def test_every_list_has_its_files(editor: Client, deal: factories.FixtureRows, noun: Any) -> None:
    found, records = json.loads(file(editor, noun, "json")), lines(file(editor, noun))
    assert [row["id"] for row in found] == [int(row["id"]) for row in records]
    assert {row["id"] for row in found} == set(noun.objects.values_list("pk", flat=True))
    assert [*found[0]] == [*records[0]]


def test_the_file_has_what_search_and_filters_leave_on_all_pages(
    editor: Client, deal: factories.FixtureRows, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ClauseAdmin, "list_per_page", 4)
    for number in range(20):
        factories.clause(
            deal.agreement, f"N{number}", title=f"Soybeans {number}", type="purchase" if number % 2 else "visit"
        )
    query = "q=Soybeans&type__exact=purchase&o=-1&p=2"
    page = editor.get(f"{url(Clause)}?{query.replace('p=2', 'p=1')}")
    assert f'href="{url(Clause)}export.csv?q=Soybeans' in page.content.decode()
    found = [row["title"] for row in json.loads(file(editor, Clause, "json", query))]
    assert len(found) == 10
    assert found == [row.title for row in page.context["cl"].queryset]


def test_rows_say_what_they_are_and_whom_they_name(editor: Client, deal: factories.FixtureRows) -> None:
    clause = json.loads(file(editor, Clause, "json"))[0]
    assert (clause["agreement"], clause["value"], clause["baseline_value"]) == ("rare-metals", 47, 57)
    row = json.loads(file(editor, type(deal.statement), "json"))[0]
    assert (row["clause"], row["event"], row["speaker"], row["mentions"]) == (
        "rare-metals/1",
        "rare-metals/E1",
        "trump",
        ["china"],
    )
    [line] = lines(file(editor, Clause))
    assert (line["value"], line["created_at"]) == ("47", clause["created_at"])
    stored = Clause.objects.get().created_at.isoformat()
    assert clause["created_at"] == stored.replace("+00:00", "Z")
    assert "text" not in json.loads(file(editor, type(deal.source), "json"))[0]


def test_no_cell_is_a_formula(editor: Client, deal: factories.FixtureRows) -> None:
    Clause.objects.update(title='=HYPERLINK("http://example.org")', commodity="+1")
    row = lines(file(editor, Clause))[0]
    assert row["title"] == '\'=HYPERLINK("http://example.org")'
    assert row["commodity"] == "'+1"
    assert json.loads(file(editor, Clause, "json"))[0]["commodity"] == "+1"


def test_only_who_may_see_a_list_has_its_file(someone: Any, client: Client, deal: factories.FixtureRows) -> None:
    address = f"{url(Clause)}export.csv"
    assert client.get(address).status_code == 302
    assert someone("view_party").get(address).status_code == 403
    assert someone("view_clause").get(address).status_code == 200


def test_no_file_names_what_its_reader_may_not_see(someone: Any, published_deal: factories.FixtureRows) -> None:
    deal = published_deal
    draft, hidden_party = factories.agreement("secret", is_published=False), factories.party("secret-party")
    Agreement.objects.filter(pk=deal.agreement.pk).update(supersedes=draft, amends=draft)
    Clause.objects.filter(pk=deal.clause.pk).update(modifies=factories.clause(draft), modification="substitution")
    outcome = factories.agreement("secret-outcome", is_published=False)
    Renewal.objects.filter(pk=deal.renewal.pk).update(outcome=outcome, status="concluded", basis="stated")
    Party.objects.filter(pk=deal.china.pk).update(represents=hidden_party)
    hides = someone("change_agreement", *(f"view_{noun._meta.model_name}" for noun in (Clause, Renewal, Party)))
    shows = someone(*(f"view_{noun._meta.model_name}" for noun in NOUNS))
    for noun in (Agreement, Clause, Renewal, Party):
        for form in ("csv", "json"):
            assert "secret" not in file(hides, noun, form)
            assert "secret" in file(shows, noun, form)
    assert json.loads(file(hides, Clause, "json"))[0]["agreement"] == deal.agreement.slug


def test_an_address_that_no_list_has_leads_to_the_list(editor: Client, deal: factories.FixtureRows) -> None:
    answer = editor.get(f"{url(Clause)}export.csv?id__in=x")
    assert (answer.status_code, answer["Location"]) == (302, f"{url(Clause)}?e=1")


def test_tokens_have_no_file(editor: Client) -> None:
    assert "Content-Disposition" not in editor.get(f"{url(Token)}export.csv", follow=True).headers
    assert "export.csv" not in editor.get(url(Token)).content.decode()


def test_rows_are_read_some_at_a_time(deal: factories.FixtureRows, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "BATCH_SIZE", 2)
    for number in range(20, 27):
        factories.event(deal.agreement, f"E{number}").participants.add(deal.trump, deal.china)
    with CaptureQueriesContext(connection) as queries:
        found = exports.exported_rows(type(deal.event).objects.order_by("pk"), User(is_superuser=True))
        first = [next(found), next(found)]
        assert len(queries) == 2, "no more than the first few, and whom they name"
        rest = list(found)
    assert len(queries) == 1 + 4
    assert [row["participants"] for row in first + rest] == [["trump"], *[["china", "trump"]] * 7]
