"""Lists: search and every filter work, and no address makes them fail."""

import datetime
from typing import Any
from urllib.parse import parse_qsl

import pytest
import time_machine
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.apps import apps
from django.contrib import admin
from django.contrib.admin import ChoicesFieldListFilter
from django.contrib.auth.models import Group, User
from django.test import RequestFactory
from django.utils.http import urlencode

from accords.admin.lists import is_plain_lookup
from accords.models import Agreement, Citation, Clause, Renewal, Statement
from tests import factories
from tests.admin.forms import NOUNS, url
from tests.clients import Client

BEYOND = str(2**63)
STOCK = [model for model in admin.site._registry if model._meta.app_label != "accords"]
"""Models of other applications, such as users, groups and login attempts."""
HOSTILE = [
    f"id__in={BEYOND}",
    f"id={BEYOND}",
    f"id__gt={'9' * 40}",
    f"pk__in={BEYOND},1",
    "pk__regex=(",
    "pk__iregex=(",
    "id__in=abc",
    "id=%00",
    "created_at=%00",
    "created_at__gte=0000-00-00",
    "created_at__year=99999999999",
    "created_at__year__gte=0",
    "created_at=9999-12-31T23:59:59-23:59",
    "updated_at__in=1e999",
    "n_citation__regex=(",
    f"n_citation={BEYOND}",
    "agreement__title__regex=(",
    "agreement__clauses__title=x",
    f"agreement={BEYOND}",
    "agreement=abc",
    f"source={'9' * 5000}",
    f"of_agreement={BEYOND}",
    "due=%00",
    "evidence=%27",
    "supports=password",
    "status__exact=%00",
    "kind__exact=nothing",
    "is_published__exact=7",
    "value=1e999999999",
    "value=NaN",
    "value__gt=Infinity",
    "topics__0__regex=(",
    "topics__contains=x",
    "aliases={",
    "title__search=x",
    "text__regex=(a%2B)%2B%24",
    "password=x",
    "o=999.-1.x.",
    f"o={'9' * 5000}",
    f"p={BEYOND}",
    "p=-1",
    "p=%00",
    "all=",
    "q=%00",
    "q=%22",
    "q=%27%5C",
    f"q={'x' * 3000}",
    "_to_field=password",
    "_popup=1&e=1",
    f"e=1&id__in={BEYOND}",
    "_facets=True",
    f"_facets=True&id__in={BEYOND}",
    "%ff=%fe",
]


def fill_stock_lists() -> None:
    """Create a row of each kind that other applications list."""
    Group.objects.create(name="Editors")
    attempt = {"username": "x", "ip_address": "192.0.2.1", "user_agent": "x", "http_accept": "x", "path_info": "/"}
    AccessAttempt.objects.create(**attempt, get_data="", post_data="", failures_since_start=1)
    AccessLog.objects.create(**attempt)
    AccessFailureLog.objects.create(**attempt)


def its_names(noun: type[Any]) -> set[str]:
    """Return the names of a list's own fields and filters, without those that every list has."""
    filters = {getattr(one, "parameter_name", "") for one in admin.site.get_model_admin(noun).list_filter}
    return ({field.name for field in noun._meta.get_fields()} | filters) - {"id", "created_at", "updated_at"}


@pytest.mark.parametrize("noun", [*NOUNS, *STOCK], ids=lambda noun: noun._meta.model_name)
def test_no_address_makes_a_list_fail(editor: Client, deal: factories.FixtureRows, noun: type[Any]) -> None:
    """Each address is asked of every list that has the field or filter that it names first, and of another."""
    fill_stock_lists()
    names, position = its_names(noun), [*NOUNS, *STOCK].index(noun)
    for number, query in enumerate(HOSTILE):
        if number % 15 == position or query.partition("=")[0].partition("__")[0] in names:
            answer = editor.get(f"{url(noun)}?{query}")
            assert answer.status_code in (200, 302, 400), query
            assert noun._default_manager.exists(), query  # what the database refused spoiled nothing else


def test_regular_expressions_are_refused(editor: Client, deal: factories.FixtureRows) -> None:
    lookups = ("id__iregex", "created_at__regex", "n_citation__regex")
    for number, noun in enumerate([*NOUNS, *STOCK]):
        for lookup in ("pk__regex", lookups[number % 3]):
            assert editor.get(f"{url(noun)}?{lookup}=(").status_code == 400, (noun, lookup)


@pytest.mark.parametrize(
    ("lookup", "plain"),
    [
        ("kind", True),
        ("agreement__id__exact", True),
        ("agreement__is_published__exact", True),
        ("pk__in", True),
        ("title__regex", False),
        ("created_at__year__gt", False),
        ("topics__0", False),
        ("agreement__title__iregex", False),
        ("nothing__exact", False),
    ],
)
def test_an_address_names_fields_and_one_comparison(lookup: str, plain: bool) -> None:
    assert is_plain_lookup(Statement, lookup) is plain


@pytest.mark.parametrize("noun", NOUNS)
def test_every_list_leads_to_its_files_and_deleted_rows_and_every_filter_works(
    editor: Client, deal: factories.FixtureRows, noun: type[Any]
) -> None:
    """Each request makes a choice in every filter: the first of each, then the second, and so on.

    Of the words of a vocabulary, which Django's own filter offers, the first is enough.
    """
    page = editor.get(url(noun))
    assert f'href="{url(noun)}export.csv"' in page.content.decode()
    assert f'href="{url(noun, "deleted")}"' in page.content.decode()
    changelist = page.context["cl"]
    choices = [
        [choice["query_string"] for choice in spec.choices(changelist)][
            : 2 if type(spec) is ChoicesFieldListFilter else None
        ]
        for spec in changelist.filter_specs
    ]
    for number in range(max(map(len, choices), default=0)):
        chosen = [strings[number] for strings in choices if number < len(strings)]
        query = urlencode([pair for string in chosen for pair in parse_qsl(string.removeprefix("?"))])
        assert editor.get(f"{url(noun)}?{query}").status_code == 200, query


FOUND = [
    ("agreement", "rare metals", 1),
    ("agreement", "donald", 0),
    ("agreement", "china", 1),
    ("citation", "57 %", 1),
    ("clause", "rare-metals", 1),
    ("clauseparty", "states", 1),
    ("event", "trump", 1),
    ("participation", "china", 1),
    ("party", "washington", 1),
    ("renewal", "2026-10", 1),
    ("source", "soja", 1),
    ("statement", "nvidia", 1),
    ("agreement", "ACCORD", 1),
    ("agreement", "état GENEVE", 1),
    ("agreement", "ДРУЖБ", 1),
    ("agreement", "дружба", 0),
    ("clause", "GENÈVE", 1),
    ("clause", "tarif", 1),
    ("clause", "tar", 0),
    ("citation", "À 47", 1),
    ("event", "geneve", 1),
    ("participation", "pekin", 0),
    ("party", "pekin", 1),
    ("party", "ΣΥΜΜΑΧΊΑ", 1),
    ("party", "pekin washington", 0),
    ("source", "SOJÀ", 1),
    ("statement", "etat", 2),
]
"""Nouns, words, and how many rows they find."""


def test_search(editor: Client, boss: User, deal: factories.FixtureRows) -> None:
    """Case and accents do not matter; a clause and a source are found by the words of their text too."""
    deal.america.aliases = ["Washington", "Συμμαχία"]
    deal.america.save()
    deal.china.aliases = ["Pékin"]
    deal.china.save()
    deal.agreement.title = "Accord rare-metals de l'État de Genève · Договор о дружбе"
    deal.agreement.save()
    deal.clause.text, deal.clause.language = "Des Tarifs nouveaux", "fr"
    deal.clause.save()
    request = RequestFactory().get("/")
    request.user = boss
    for name, words, found in FOUND:
        its = admin.site.get_model_admin(apps.get_model("accords", name))
        rows, may_repeat = its.get_search_results(request, its.get_queryset(request), words)
        assert (rows.distinct() if may_repeat else rows).count() == found, (name, words)
    assert listed(editor, Agreement, q="état GENEVE") == {deal.agreement}
    assert listed(editor, Agreement, q="donald") == set()


def test_users_and_groups_are_found_without_regard_to_case_and_accents(editor: Client) -> None:
    found = User.objects.create_user("hmueller", first_name="Хельга", last_name="Müller")
    group = Group.objects.create(name="Éditeurs")
    for words in ("muller", "ХЕЛЬГА", "хельга MÜLLER", "hmue"):
        assert listed(editor, User, q=words) == {found}, words
    assert listed(editor, User, q="хельга schmidt") == set()
    assert listed(editor, Group, q="editeurs") == {group}


def listed(client: Client, noun: type[Any], **query: Any) -> set[Any]:
    answer = client.get(f"{url(noun)}?{urlencode(query)}")
    assert answer.status_code == 200
    return set(answer.context["cl"].queryset)


def test_rows_without_a_citation_are_found(editor: Client, deal: factories.FixtureRows) -> None:
    bare = factories.clause(deal.agreement, "2")
    empty = factories.agreement("empty")
    assert listed(editor, Clause, evidence="none") == {bare}
    assert listed(editor, Clause, evidence="some") == {deal.clause}
    assert listed(editor, Agreement, evidence="none") == {empty}
    assert listed(editor, Agreement, evidence="rows") == {deal.agreement}
    assert "badge-warn" in editor.get(f"{url(Clause)}?evidence=none").content.decode()


@pytest.mark.parametrize(
    "address", ["renewal/?due=2026-10-30", "clause/?evidence=x", "clause/?dates=x", "citation/?supports=x"]
)
def test_a_choice_that_a_filter_does_not_have_is_an_error(editor: Client, db: None, address: str) -> None:
    answer = editor.get(f"/admin/accords/{address}")
    assert (answer.status_code, answer.headers.get("Location", "").partition("?")[2]) == (302, "e=1")


def test_what_falls_due_is_found(editor: Client, boss: User, deal: factories.FixtureRows) -> None:
    Renewal.objects.exclude(pk=deal.renewal.pk).delete()
    stated = {"basis": "stated"}
    late = factories.renewal(deal.agreement, 2, due="2020", **stated)
    fuzzy = factories.renewal(deal.agreement, 3, due="XXXX-04", **stated)
    factories.renewal(factories.agreement("old"), 1, due="2019-01-01", status="concluded", **stated)
    with time_machine.travel(datetime.datetime(2026, 8, 15, tzinfo=datetime.UTC), tick=False):
        editor.force_login(boss)
        assert listed(editor, Renewal, due="overdue") == {late}
        assert listed(editor, Renewal, due="soon") == {deal.renewal}
        assert listed(editor, Renewal, due="open") == {late, fuzzy, deal.renewal}
        assert listed(editor, Renewal, due="undated") == {fuzzy}
        assert listed(editor, Agreement, due="overdue") == {deal.agreement}
        assert listed(editor, Agreement, due="soon") == {deal.agreement}
        page = editor.get(url(Renewal)).content.decode()
    assert page.count("overdue</span>") == 1


def test_the_list_of_renewals_opens_at_today(editor: Client, boss: User, deal: factories.FixtureRows) -> None:
    Renewal.objects.all().delete()
    stated = {"basis": "stated", "offset": ""}
    dates = ["2020", "2026-08-14", "2026-08-15", "2026-08", "2030-01-01", "XXXX-04", ""]
    for number, due in enumerate(dates, 1):
        factories.renewal(deal.agreement, number, due=due, **stated)
    with time_machine.travel(datetime.datetime(2026, 8, 15, tzinfo=datetime.UTC), tick=False):
        editor.force_login(boss)
        shown = [row.due for row in editor.get(url(Renewal)).context["cl"].queryset]
        assert shown == ["2026-08", "2026-08-15", "2030-01-01", "2026-08-14", "2020", "XXXX-04", ""]
        by_kind = editor.get(f"{url(Renewal)}?o=-4").context["cl"].queryset
        assert [row.due for row in by_kind][:2] != shown[:2]


def test_rows_of_one_agreement_are_reached_by_a_link(editor: Client, deal: factories.FixtureRows) -> None:
    other = factories.deal("other")
    assert listed(editor, Clause, agreement=other.agreement.pk) == {other.clause}
    assert listed(editor, Citation, clause=deal.clause.pk) == {deal.citation}
    page = editor.get(f"{url(Citation)}?of_agreement={deal.agreement.pk}")
    assert page.context["cl"].queryset.count() == 5
    assert "agreement and its entries" in [spec.title for spec in page.context["cl"].filter_specs]
    assert len(listed(editor, Citation, agreement=deal.agreement.pk)) == 1
    assert listed(editor, Citation, supports="statement") == set(Citation.objects.exclude(statement=None))


def test_columns_say_what_an_editor_needs(editor: Client, boss: User, deal: factories.FixtureRows) -> None:
    with time_machine.travel(datetime.datetime(2027, 1, 1, tzinfo=datetime.UTC), tick=False):
        editor.force_login(boss)
        page = editor.get(url(Agreement)).content.decode()
    assert "2026-10-30 overdue" in page
    assert "signed, maximum number of renewals" in page
    assert f'href="{url(Citation)}?of_agreement={deal.agreement.pk}">5</a>' in page
    clauses = editor.get(url(Clause)).content.decode()
    assert "57 → 47 %" in clauses
    assert "obligor (United States)" in clauses
    assert '<span class="badge badge-bad">denied</span>' in editor.get(url(Statement)).content.decode()


def test_a_selection_that_cannot_be_read_changes_nothing(editor: Client, deal: factories.FixtureRows) -> None:
    for value in (BEYOND, "abc", "%00", "-1", "1' OR 1"):
        data = {"action": "delete_selected", "_selected_action": value, "index": "0"}
        assert editor.post(url(Clause), data).status_code == 302
        assert editor.post(url(Clause), data | {"post": "yes"}).status_code == 302
    assert editor.get(url(Clause)).status_code == 200
    assert Clause.objects.count() == 1
