"""Every page opens with a fixed number of queries, and saving it unchanged changes nothing."""

from typing import Any

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.db.models import Model
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accords.admin.autocomplete import AgreementScopedMixin
from accords.admin.base import MAX_INLINE_ROWS, RecordAdmin
from accords.admin.titles import ADD_TITLES
from accords.models import Citation
from tests import factories
from tests.admin.forms import NOUNS, UntouchedForms, url
from tests.clients import Client

ROW_PAGES = ("change", "delete", "history")
EVIL = "<script>alert(1)</script>"


def opened(client: Client, address: str) -> tuple[Any, int]:
    """Return a page, on which what was typed is escaped, and the number of its queries."""
    with CaptureQueriesContext(connection) as captured:
        answer = client.get(address)
    assert answer.status_code == 200
    assert EVIL not in answer.content.decode(), address
    return answer, len(captured)


@factories.without_validation()
def grow(deal: factories.FixtureRows) -> None:
    """Add rows of each kind, related to the same rows and to others."""
    for number in (2, 3):
        other = factories.deal(f"other-{number}")
        who = factories.party(f"party-{number}")
        for agreement in (deal.agreement, other.agreement):
            factories.participation(agreement, who, "mentioned")
            clause = factories.clause(agreement, str(number))
            factories.clause_party(deal.clause, who, "affected") if agreement is deal.agreement else None
            factories.clause_party(clause, who)
            factories.renewal(agreement, number, kind="review", due=f"203{number}-10-30")
            event = factories.event(agreement, f"E{number}")
            event.participants.add(who, deal.trump)
            statement = factories.statement(agreement, f"S1{number}", speaker=who, clause=clause, event=event)
            statement.mentions.add(who, deal.china)
            for target in (agreement, deal.clause, deal.event, deal.statement, deal.renewal, clause, statement):
                if not Citation.objects.filter(
                    start__gte=0, end=number + 10, **{target._meta.model_name: target}
                ).exists():
                    factories.citation(target, factories.TEXT[: number + 10], deal.source, start=0)


def rows(deal: factories.FixtureRows) -> list[Model]:
    """Return one row of each model."""
    return [
        deal.agreement,
        deal.citation,
        deal.clause,
        deal.clause_party,
        deal.event,
        deal.participation,
        deal.china,
        deal.renewal,
        deal.source,
        deal.statement,
    ]


@pytest.mark.parametrize("noun", NOUNS)
def test_every_noun_has_an_admin_with_columns_search_filters_and_an_order(noun: type[Model]) -> None:
    its = admin.site.get_model_admin(noun)
    assert len(its.list_display) > 3
    assert its.search_fields
    assert its.search_help_text
    assert its.list_filter
    assert its.get_ordering(RequestFactory().get("/"))


def test_every_form_for_a_new_row_has_a_title(rf: RequestFactory, boss: User) -> None:
    request = rf.get("/")
    request.user = boss
    named = {
        model._meta.model_name
        for model, model_admin in admin.site._registry.items()
        if isinstance(model_admin, RecordAdmin) and model_admin.has_add_permission(request)
    }
    assert named == set(ADD_TITLES)


def test_every_page_opens_with_a_fixed_number_of_queries_and_what_was_typed_escaped(
    editor: Client, published_deal: factories.FixtureRows
) -> None:
    deal = published_deal
    deal.agreement.title = deal.agreement.subject = deal.statement.proposition = EVIL
    deal.clause.title = deal.china.name = deal.source.title = EVIL
    for row in (deal.agreement, deal.statement, deal.clause, deal.china, deal.source):
        row.save()
    same = [*map(url, NOUNS), *(url(row, page) for row in rows(deal) for page in ("change", "delete"))]
    same += [reverse("admin:index")]
    others = [url(noun, page) for noun in NOUNS for page in ("add", "deleted")]
    ContentType.objects.get_for_models(*NOUNS)  # what Django remembers is asked once
    few = {address: opened(editor, address)[1] for address in same}
    grow(deal)
    many = {address: opened(editor, address)[1] for address in same}
    assert many == few
    # A form for a new row has none of these rows, and a page of history asks for each kind of row on it.
    assert max((*few.values(), *(opened(editor, address)[1] for address in others))) <= 42
    for row in rows(deal):
        history, count = opened(editor, url(row, "history"))
        name = str(type(row)._default_manager.get(pk=row.pk))
        assert (name in [line.name for line, _ in history.context["entries"]], count <= 42) == (True, True), name


@pytest.mark.parametrize("index", range(len(NOUNS)))
def test_a_page_saved_unchanged_changes_nothing(
    untouched: UntouchedForms, deal: factories.FixtureRows, index: int
) -> None:
    row = rows(deal)[index]
    before = {noun: list(noun._default_manager.order_by("pk").values()) for noun in NOUNS}
    answer = untouched.submit(url(row, "change"))
    assert answer.status_code == 302
    after = {noun: list(noun._default_manager.order_by("pk").values()) for noun in NOUNS}
    assert without_instant(after) == without_instant(before)
    assert LogEntry.objects.get().get_change_message() == "No fields changed."


def without_instant(tables: dict[Any, list[dict[str, Any]]]) -> list[Any]:
    """Return the rows without the columns that every save changes."""
    return [
        {name: value for name, value in row.items() if name not in ("updated_at", "version")}
        for found in tables.values()
        for row in found
    ]


@pytest.mark.parametrize("index", range(len(NOUNS)))
def test_related_rows_are_chosen_by_typing_and_what_is_derived_is_never_typed(
    untouched: UntouchedForms, deal: factories.FixtureRows, index: int
) -> None:
    row = rows(deal)[index]
    form = untouched.form(url(row, "change"))
    fields = form.context["adminform"].form.fields
    relations = {name: field for name, field in fields.items() if hasattr(field, "queryset")}
    typed = {name for name, field in relations.items() if isinstance(field.widget.widget, AgreementScopedMixin)}
    assert typed == relations.keys()

    derived = {field.name for field in row._meta.concrete_fields if not field.editable}
    assert derived & form.data.keys() == set()
    assert "updated at" in form.html.lower(), "it is shown"


def test_many_rows_are_linked_to_instead_of_shown(
    editor: Client, untouched: UntouchedForms, deal: factories.FixtureRows, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = url(deal.agreement, "change")
    page = untouched.data(address)
    monkeypatch.setattr("accords.admin.base.MAX_INLINE_ROWS", 1)
    html = editor.get(address).content.decode()
    assert "clauses-0-title" in html
    assert "statements-0-proposition" not in html
    assert f"{url(type(deal.statement))}?agreement={deal.agreement.pk}" in html
    # What was on the page when it was opened is saved all the same.
    assert editor.post(address, page | {"statements-0-proposition": "Changed"}).status_code == 302
    deal.statement.refresh_from_db()
    assert deal.statement.proposition == "Changed"


def test_a_page_as_long_as_it_may_be_can_be_sent(
    untouched: UntouchedForms, deal: factories.FixtureRows, settings: Any
) -> None:
    form = untouched.form(url(deal.agreement, "change"))
    widest = sum(len(one.formset.empty_form.fields) for one in form.context["inline_admin_formsets"])
    assert len(form.sent()) + widest * MAX_INLINE_ROWS < settings.DATA_UPLOAD_MAX_NUMBER_FIELDS


def test_forms_need_the_token(boss: Any, deal: factories.FixtureRows) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(boss)
    assert client.post(url(deal.agreement, "change"), {"title": "x"}).status_code == 403
