"""The summary on an agreement's page: its next dates, their evidence, open questions, and what is overdue."""

import re
from datetime import date
from html import unescape
from typing import Any

import pytest
import time_machine
from django.contrib import admin
from django.contrib.auth.models import User
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext

from accords.admin.agreement_summary import MAX_DATES, consolidated
from accords.models import Agreement, Renewal
from accords.services import renewals_changed
from tests import factories
from tests.admin.forms import submit, url
from tests.clients import Client
from tests.renewals_table import GENOCIDE, project

pytestmark = pytest.mark.django_db

ON = "2026-11-23T12:00:00Z"


def dated_agreement(slug: str = "other", **facts: Any) -> Agreement:
    """Create an agreement with the dates that follow from its terms."""
    agreement = factories.agreement(slug, **facts)
    project(agreement)
    return agreement


def line(name: str, agreement: Agreement) -> str:
    """Return a line of an agreement's page on the day ON."""
    its: Any = admin.site.get_model_admin(Agreement)
    request = RequestFactory().get("/")
    request.user = User(is_superuser=True)
    with time_machine.travel(ON):
        shown = its.get_queryset(request).get(pk=agreement.pk)
        its.get_fieldsets(request, shown)
        return str(getattr(its, name)(shown))


def text(html: str) -> str:
    """Return the text of HTML."""
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", html)).split())


def dates(agreement: Agreement) -> list[list[str]]:
    """Return the cells of the table of dates."""
    rows = line("next_dates", agreement).split("<tbody>")[1].split("</tbody>")[0].split("</tr>")[:-1]
    return [[text(cell) for cell in re.findall("<td>(.*?)</td>", row, re.DOTALL)] for row in rows]


def test_what_is_overdue_comes_first_then_what_is_next() -> None:
    agreement = dated_agreement()
    found = dates(agreement)
    assert found[:2] == [
        [
            "2026-10-30 overdue for 24 days",
            "renegotiation 1",
            "computed editorial",
            "only if both parties agree again",
            "projected",
        ],
        [
            "2027-10-30 in 341 days",
            "renegotiation 2",
            "computed editorial",
            "only if both parties agree again",
            "projected",
        ],
    ]
    assert len(found) == 1 + MAX_DATES
    assert "2026-11-23: renewal due , its term is over" in text(line("today", agreement))


def test_the_page_has_every_line(editor: Client) -> None:
    agreement = dated_agreement()
    with time_machine.travel(ON):
        page = editor.get(url(agreement, "change")).content.decode()
    for name in ("today", "next_dates", "computed_from", "open_questions", "chronology"):
        assert line(name, agreement) in page, name


def test_the_genocide_convention_shows_its_next_deadline_and_renewal() -> None:
    assert [row[:4] for row in dates(dated_agreement(**GENOCIDE))][:2] == [
        [
            "2030-07-12",
            "notice deadline 15",
            "computed editorial",
            "notice before 2031-01-12 is in time until this day",
        ],
        ["2031-01-12", "renewal 15", "computed editorial", "unless notice is given by 2030-07-12"],
    ]


def test_each_date_says_what_it_rests_on_and_whether_that_is_cited() -> None:
    bare = dated_agreement(effective="")
    stated = factories.renewal(bare, 1, basis="stated", due="2027-01", offset="")
    factories.renewal(bare, 2, basis="editorial", due="2027-06-01", offset="", status="scheduled")
    factories.renewal(bare, 1, kind="review", basis="stated", due="XXXX-04", offset="")
    factories.renewal(bare, 2, kind="review", basis="stated", due="", offset="")
    factories.citation(stated, "renégocié chaque année", factories.source())
    assert [[row[0], row[2], row[4]] for row in dates(bare)] == [
        ["2027-01 day uncertain", "stated cited", "projected"],
        ["2027-06-01 in 190 days", "editorial no citation", "scheduled"],
        ["XXXX-04 day not known", "stated no citation", "projected"],
        ["not stated day not known", "stated no citation", "projected"],
    ]


def test_computed_dates_say_from_what_and_what_that_rests_on() -> None:
    agreement = dated_agreement(notice_period="P1M", renewal_mode="optional")
    note = factories.source("note", kind="editorial_note", text="It took effect on 30 October 2025 for a year.")
    factories.citation(agreement, "30 October 2025", note, "effective")
    factories.citation(agreement, "a year", note, "term")
    factories.citation(agreement, "un accord d'un an", factories.source(), "term")
    assert text(line("computed_from", agreement)) == (
        "effective 2025-10-30 editorial · term P1Y (stated) · renewal mode optional no citation · "
        "renewal intervals P1Y no citation · notice period P1M no citation"
    )


@pytest.mark.parametrize("kinds", [(), ("article",), ("editorial_note",), ("editorial_note", "article")])
def test_what_an_effective_date_rests_on_is_the_same_in_a_row_and_in_the_database(kinds: tuple[str, ...]) -> None:
    agreement = factories.agreement()
    for kind in kinds:
        factories.citation(
            agreement, "un accord d'un an", factories.source(kind.replace("_", "-"), kind=kind), "effective"
        )
    (told_by_database,) = Agreement.objects.with_effective_basis().values_list("effective_basis", flat=True)
    assert agreement.bases().get("effective", "editorial") == told_by_database


def test_what_is_missing_to_know_more_is_named() -> None:
    nothing = dated_agreement(effective="", term="", renewal_intervals=[], renewal_mode="unspecified")
    assert "No open date from today on is known." in line("next_dates", nothing)
    assert text(line("computed_from", nothing)) == "nothing"
    assert text(line("open_questions", nothing)) == (
        "when its first term ends: ends or effective and term since when it applies: effective "
        "what follows the end of its term: renewal mode when it was announced: announced when it was signed: signed"
    )
    ended = dated_agreement("ended", status="terminated", status_since="2026", signed="2025")
    assert text(line("open_questions", ended)) == "nothing"


def test_of_a_replaced_agreement_nothing_is_overdue_and_what_comes_will_not_take_place() -> None:
    old = dated_agreement("old")
    factories.renewal(old, 1, kind="review", basis="stated", due="2028-01-01", offset="", status="scheduled")
    dated_agreement("new", title="<b>New</b>", supersedes=old, effective="2026-01-01", status="in_force")
    assert [[row[0], row[4]] for row in dates(old)] == [["2028-01-01 in 404 days", "will not take place"]]
    today = line("today", old)
    assert "superseded by <b>New</b> from 2026-01-01" in text(today)
    assert "<b>New</b>" not in today


def test_more_than_is_shown_is_a_link_away(editor: Client) -> None:
    old = dated_agreement(effective="2015-10-30")
    html = line("next_dates", old)
    assert [row[0].startswith("20") and "overdue" in row[0] for row in dates(old)] == [True] * MAX_DATES + [
        False
    ] * MAX_DATES
    address = f"{url(Renewal)}?agreement={old.pk}&amp;due=overdue"
    assert address in html
    with time_machine.travel(ON):
        assert editor.get(unescape(address)).context["cl"].result_count == 11


def test_what_is_recorded_is_no_longer_overdue(editor: Client) -> None:
    deal = dated_agreement()
    Agreement.objects.update(is_published=False)
    with time_machine.travel(ON):
        assert submit(editor, url(deal.renewals.get(sequence=1), "change"), status="concluded").status_code == 302
    assert dates(deal)[0][:2] == ["2027-10-30 in 341 days", "renegotiation 2"]
    assert "2026-11-23: current" in text(line("today", deal))


def test_the_page_asks_as_often_however_many_dates_there_are_and_writes_nothing(editor: Client) -> None:
    def queries(agreement: Agreement) -> list[str]:
        with CaptureQueriesContext(connection) as found, time_machine.travel(ON):
            assert editor.get(url(agreement, "change")).status_code == 200
        return [query["sql"] for query in found]

    few, many = factories.agreement("few"), dated_agreement("many", effective="2000-10-30", notice_period="P1M")
    factories.renewal(few)
    assert many.renewals.count() > 30
    of_many = queries(many)
    assert len(of_many) <= len(queries(few))
    assert not [sql for sql in of_many if re.match("INSERT|UPDATE|DELETE", sql) and "accords_" in sql]


def test_the_chronology_shows_succession_and_what_dates_rest_on() -> None:
    old = factories.agreement("old")
    base = factories.agreement("base", supersedes=old)
    note = factories.source("note", kind="editorial_note", language="en")
    factories.citation(base, "un accord d'un an", note, "effective")
    factories.agreement("next", supersedes=base, effective="2030", ends="2031")
    change = factories.agreement("change", amends=base, effective="2027-01-01")
    factories.agreement("copy", amends=base, is_published=False)
    entries = [re.sub("<[^>]*>", "", row) for row in re.findall("<tr>(.*?)</tr>", line("chronology", base))]
    shown = [entry for entry in entries if re.search("supersede|amended|effective", entry)]
    assert shown == [
        "2025-10-30effective editorial",
        "2025-10-30supersedes Agreement old",
        "2027-01-01amended by Agreement change",
        "2030superseded by Agreement next",
    ]
    assert re.search(r"amends <a [^>]*>Agreement base", line("chronology", change))


def test_a_consolidated_text_says_of_each_clause_what_became_of_it() -> None:
    base = factories.agreement("base")
    unchanged, substituted, repealed, perhaps = (factories.clause(base, f"Article {number}") for number in range(1, 5))
    change = factories.agreement("change", amends=base, effective="2026-01-01", status="in_force")
    later = factories.clause(change, "1", modifies=substituted, modification="substitution", title="Later")
    factories.clause(change, "2", modifies=repealed, modification="repeal")
    again = factories.agreement("again", amends=change, effective="2026-05-01", status="in_force")
    factories.clause(again, "1", modifies=later, modification="substitution", title="Latest")
    inserted = factories.clause(again, "2", modifies=later, modification="insertion", title="New")
    for amendment in (base, change, again):
        factories.cite_claims(amendment, factories.source(f"about-{amendment.slug}"))
    uncertain = factories.agreement("uncertain", amends=base, effective="2026", status="in_force")
    factories.clause(uncertain, "1", modifies=perhaps, modification="substitution")
    renewals_changed([base.pk], on=date(2026, 6, 1))
    html = consolidated(base, Agreement.objects.all(), date(2026, 6, 1))
    rows = [[text(cell) for cell in re.findall("<td>(.*?)</td>", row)] for row in html.split("<tr>")[2:]]
    first = [clause.title for clause in (unchanged, substituted, repealed, perhaps)]
    assert [(*row[:3], row[4]) for row in rows] == [
        ("Article 1", first[0], "unchanged", ""),
        ("Article 2", first[1], "Latest", ""),
        (inserted.number, "", "New", ""),
        ("Article 4", first[3], "unchanged", "date uncertain"),
        ("Article 3", first[2], "repealed", ""),
    ]
