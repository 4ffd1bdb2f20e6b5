"""The order of an agreement's clauses: saved all or nothing, with a version; no request makes the page fail."""

import re
from copy import deepcopy
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accords.admin import clause_order
from accords.models import Agreement, Clause
from tests import factories
from tests.admin.forms import UntouchedForms, url
from tests.clients import Client

pytestmark = pytest.mark.django_db


def order_url(agreement: Agreement) -> str:
    return reverse("admin:accords_agreement_order", args=[agreement.pk])


@pytest.fixture(scope="module")
def module_clauses(module_deal: factories.FixtureRows) -> list[Clause]:
    """Create three clauses of an agreement."""
    return [
        module_deal.clause,
        factories.clause(module_deal.agreement, "2"),
        factories.clause(module_deal.agreement, "3", title="<i>Third</i>"),
    ]


@pytest.fixture
def clauses(module_clauses: list[Clause], db: None) -> list[Clause]:
    return deepcopy(module_clauses)


@pytest.fixture(scope="module")
def module_forms(module_clauses: list[Clause]) -> UntouchedForms:
    return UntouchedForms()


def long_agreement(number: int) -> tuple[Agreement, list[Clause]]:
    """Create an agreement with many clauses."""
    agreement, row = factories.agreement("many"), {"type": "other", "standing": "text", "modality": "obligation"}
    rows = [
        Clause(agreement=agreement, number=str(n), position=n, title=f"Clause {n}", **row) for n in range(1, number + 1)
    ]
    return agreement, Clause.objects.bulk_create(rows)


def order_data(clauses: list[Clause]) -> list[str]:
    """Return what the page sends for clauses in this order."""
    fresh = {row.pk: row.position for row in Clause.objects.all()}
    return [f"{row.pk}@{fresh[row.pk]}" for row in clauses]


def stored_order(agreement: Agreement) -> list[str]:
    """Return the stored order of the clauses."""
    return list(Clause.objects.filter(agreement=agreement).order_by("position").values_list("number", flat=True))


def page_order(page: Any) -> list[str]:
    """Return the order of the clauses on a page."""
    return [clause.number for clause in page.context["clauses"]]


def test_the_page_shows_each_clause_on_a_line_and_sends_their_versions(
    editor: Client, untouched: UntouchedForms, clauses: list[Clause]
) -> None:
    page = editor.get(order_url(clauses[0].agreement))
    html = page.content.decode()
    assert re.findall(r'name="row" value="([^"]*)"', html) == order_data(clauses)
    assert "57 → 47 %" in html
    assert "obligor (United States)" in html
    assert html.count("no citation</span>") == 2
    assert "<i>Third" not in html
    assert order_url(clauses[0].agreement) in untouched.form(url(clauses[0].agreement, "change")).html


def test_an_order_is_written_announced_and_recorded(editor: Client, clauses: list[Clause]) -> None:
    first, second, third = clauses
    answer = editor.post(order_url(first.agreement), {"row": order_data([third, first, second])}, follow=True)
    assert answer.status_code == 200
    assert "3 clauses were moved." in answer.content.decode()
    assert stored_order(first.agreement) == ["3", "1", "2"]
    third.refresh_from_db()
    assert (third.position, third.version) == (1, 2)
    assert third.history.first().history_user.username == "boss"


def test_only_what_moved_is_written(editor: Client, clauses: list[Clause]) -> None:
    first, second, third = clauses
    before = [Clause.objects.get(pk=row.pk).version for row in clauses]
    editor.post(order_url(first.agreement), {"row": order_data([second, first, third])})
    after = [Clause.objects.get(pk=row.pk).version for row in clauses]
    assert [b - a for a, b in zip(before, after, strict=True)] == [1, 1, 0]


def test_positions_in_use_stay_in_use_and_twins_are_parted(editor: Client, clauses: list[Clause]) -> None:
    first, second, third = clauses
    Clause.objects.filter(pk=third.pk).update(position=50)
    editor.post(order_url(first.agreement), {"row": order_data([third, second, first])})
    assert sorted(Clause.objects.values_list("position", flat=True)) == [1, 2, 50]
    Clause.objects.update(position=7)
    editor.post(order_url(first.agreement), {"row": order_data([first, third, second])})
    assert stored_order(first.agreement) == ["1", "3", "2"]


def test_a_change_of_another_field_meanwhile_is_no_conflict(editor: Client, clauses: list[Clause]) -> None:
    first, second, third = clauses
    rows = order_data([third, second, first])
    Clause.objects.filter(pk=second.pk).update(title="Theirs")
    assert editor.post(order_url(first.agreement), {"row": rows}).status_code == 302
    assert stored_order(first.agreement) == ["3", "2", "1"]
    assert Clause.objects.get(pk=second.pk).title == "Theirs"


def test_clauses_moved_by_others_meanwhile_are_a_conflict_that_keeps_the_order_sent(
    editor: Client, clauses: list[Clause]
) -> None:
    first, second, third = clauses
    rows = order_data([third, second, first])
    Clause.objects.filter(pk=second.pk).update(position=9)
    response = editor.post(order_url(first.agreement), {"row": rows})
    assert response.status_code == 409
    assert "Your order is kept below" in response.content.decode()
    assert page_order(response) == ["3", "2", "1"]
    assert stored_order(first.agreement) == ["1", "3", "2"]
    once = {"form_id": str(uuid4()), "row": rows}
    assert [editor.post(order_url(first.agreement), once).status_code for _ in range(2)] == [409, 409]
    again = re.findall(r'name="row" value="([^"]*)"', response.content.decode())
    assert editor.post(order_url(first.agreement), {"row": again}).status_code == 302
    assert stored_order(first.agreement) == ["3", "2", "1"]


def test_clauses_added_or_deleted_by_others_meanwhile_are_a_conflict(editor: Client, clauses: list[Clause]) -> None:
    first, second, third = clauses
    rows = order_data([third, second, first])
    factories.clause(first.agreement, "4")
    second.delete()
    response = editor.post(order_url(first.agreement), {"row": rows})
    assert response.status_code == 409
    assert page_order(response) == ["3", "1", "4"]


def test_what_is_no_order_is_refused(editor: Client, clauses: list[Clause]) -> None:
    wrong = [[], [""], ["abc"], ["1"], ["1@"], ["@1"], ["-1@1"], ["1@1", "1@1"], [f"{'9' * 30}@1"], ["1@1\0"], ["é@é"]]
    for rows in [*wrong, ["1@1 "]]:
        answer = editor.post(order_url(clauses[0].agreement), {"row": rows})
        assert answer.status_code == 400, rows
        assert "This is not an order of clauses" in answer.content.decode()
        assert stored_order(clauses[0].agreement) == ["1", "2", "3"]


def test_clauses_of_another_agreement_have_no_place_here(editor: Client, clauses: list[Clause]) -> None:
    stranger = factories.clause(factories.agreement("other"))
    answer = editor.post(order_url(clauses[0].agreement), {"row": [*order_data(clauses), f"{stranger.pk}@1"]})
    assert answer.status_code == 409


def test_who_may_not_change_clauses_sees_them_and_writes_nothing(someone: Any, clauses: list[Clause]) -> None:
    reader = someone("view_agreement", "view_clause")
    page = reader.get(order_url(clauses[0].agreement)).content.decode()
    assert "data-reorder" not in page
    assert "Save this order" not in page
    assert reader.post(order_url(clauses[0].agreement), {"row": order_data(clauses[::-1])}).status_code == 403
    assert stored_order(clauses[0].agreement) == ["1", "2", "3"]
    for permissions in (("view_agreement",), ("view_clause",), ()):
        assert someone(*permissions).get(order_url(clauses[0].agreement)).status_code == 403
    assert Client().get(order_url(clauses[0].agreement)).status_code == 302


def test_clauses_published_meanwhile_stay_in_their_order(
    someone: Any, clauses: list[Clause], monkeypatch: pytest.MonkeyPatch
) -> None:
    Agreement.objects.update(is_published=True)
    monkeypatch.setattr(clause_order, "is_read_only", lambda request, row: False)  # as if it was published just now
    editor = someone("view_agreement", "view_clause", "change_clause")
    answer = editor.post(order_url(clauses[0].agreement), {"row": order_data(clauses[::-1])})
    assert (answer.status_code, page_order(answer)) == (409, ["3", "2", "1"])
    assert "Make a working copy" in answer.content.decode()
    assert stored_order(clauses[0].agreement) == ["1", "2", "3"]


@pytest.mark.parametrize("key", ["999999", "9" * 30])
def test_an_agreement_that_is_not_there(editor: Client, key: str) -> None:
    assert editor.get(f"/admin/accords/agreement/{key}/order/").status_code == 404


def test_a_long_agreement_has_all_its_clauses_there_and_as_many_queries(editor: Client) -> None:
    few, (many, rows) = factories.agreement("few"), long_agreement(150)
    factories.clause(few)
    query_counts = []
    for agreement in (few, many):
        with CaptureQueriesContext(connection) as queries:
            page = editor.get(order_url(agreement))
        query_counts.append(len(queries))
    assert query_counts[0] == query_counts[1]
    assert len(page_order(page)) == 150
    html = editor.get(url(many, "change")).content.decode()
    assert "Too many to edit on one page" in html
    assert "clauses-TOTAL_FORMS" not in html
    moved = [rows[-1], *rows[:-1]]
    assert editor.post(order_url(many), {"row": order_data(moved)}).status_code == 302
    assert stored_order(many)[:2] == ["150", "1"]


def test_positions_on_the_agreements_page_are_saved_with_it(untouched: UntouchedForms, clauses: list[Clause]) -> None:
    page = url(clauses[0].agreement, "change")
    assert untouched.submit(page, **{"clauses-0-position": "3", "clauses-2-position": "1"}).status_code == 302
    assert stored_order(clauses[0].agreement) == ["3", "2", "1"]


def test_kinds_too_many_for_the_page_are_reported_only_to_who_may_see_them(someone: Any) -> None:
    many, _ = long_agreement(41)
    for permissions, is_shown in ((("view_agreement", "view_clause"), True), (("view_agreement",), False)):
        html = someone(*permissions).get(url(many, "change")).content.decode()
        assert ("Too many to edit on one page" in html) is is_shown
