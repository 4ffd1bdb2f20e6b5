"""Forms: numbers are filled in, errors stand beside their fields, and nothing typed is lost."""

import pytest
from django.core.exceptions import ValidationError

from accords.models import Clause, Event, Party, Renewal, Source, Statement
from tests import factories
from tests.admin.forms import UntouchedForms, errors, open_form, submit, url
from tests.clients import Client

NUMBER_TAKEN = "The agreement has a clause of this number already."
CLAUSE = {"type": "tariff", "standing": "outcome", "modality": "obligation"}


def test_what_is_wrong_on_the_page_of_an_agreement_is_reported_beside_its_field(
    editor: Client, deal: factories.FixtureRows
) -> None:
    factories.clause(deal.agreement, "2")
    address = url(deal.agreement, "change")
    form = open_form(editor, address)
    twin = form.new_row("participations", party=str(deal.china.pk), role="party")
    wrong = {"effective": "2007-11-00", "events-0-date": "2007-11-00", "renewals-0-offset": "1Y"}
    # A denial has no clause, and the clause is not on this page.
    denial = {"statements-0-kind": "denial", "statements-0-polarity": "negative"}
    answer = editor.post(address, form.sent(**wrong, **denial, **twin, **{"clauses-1-number": "1"}))
    found = errors(answer)
    assert found.pop("renewals-0-offset")
    date = "2007-11-00: day 00 does not exist; write 2007-11 if the day is not known"
    assert found == {
        "effective": [date],
        "events-0-date": [date],
        "statements-0-__all__": ["Clause: A denial has no clause: what was denied is not something that was agreed."],
        "participations-1-since": ["The party has this role from this date already."],
        "clauses-1-number": [NUMBER_TAKEN],
    }
    html = answer.content.decode()
    assert [name for name, _ in found.items() if f'id="id_{name}_error"' not in html and "__all__" not in name] == []
    deal.statement.refresh_from_db()
    assert deal.statement.kind == "announcement"


def test_a_denial_has_no_clause_and_is_negative(untouched: UntouchedForms, deal: factories.FixtureRows) -> None:
    page = url(deal.denial, "change")
    assert untouched.refused(page, clause=str(deal.clause.pk)) == {
        "clause": ["A denial has no clause: what was denied is not something that was agreed."]
    }
    assert untouched.refused(page, polarity="positive") == {
        "polarity": ["A denial is negative: the proposition says what is denied."]
    }


def test_blank_numbers_become_the_next_free_ones(editor: Client, deal: factories.FixtureRows) -> None:
    factories.clause(deal.agreement, "9", position=7)
    factories.renewal(deal.agreement, 1, kind="review")
    address = url(deal.agreement, "change")
    form = open_form(editor, address)
    soybeans = form.new_row("clauses", title="Soybeans", **CLAUSE)
    data = form.sent() | soybeans | {"clauses-TOTAL_FORMS": "4"}
    data |= {name.replace("clauses-2-", "clauses-3-"): value for name, value in soybeans.items() if "-2-" in name}
    data |= {"clauses-3-title": "Corn"}
    data |= form.new_row("statements", kind="outlook", polarity="positive", proposition="It lasts")
    data |= form.new_row("events", kind="visit", status="planned")
    data |= form.new_row("renewals", kind="review", basis="editorial", status="projected", due="2027")
    assert editor.post(address, data).status_code == 302
    assert list(Clause.objects.order_by("position").values_list("number", "position", "title")) == [
        ("1", 1, "Clause 1"),
        ("9", 7, "Clause 9"),
        ("10", 8, "Soybeans"),
        ("11", 9, "Corn"),
    ]
    assert Statement.objects.get(proposition="It lasts").number == "S3"
    assert Event.objects.get(kind="visit").number == "E2"
    assert Renewal.objects.get(due="2027").sequence == 2


def test_a_row_on_its_own_page_is_numbered_too(untouched: UntouchedForms, deal: factories.FixtureRows) -> None:
    answer = untouched.submit(url(Clause, "add"), agreement=str(deal.agreement.pk), title="Alone", **CLAUSE)
    assert answer.status_code == 302
    clause = Clause.objects.get(title="Alone")
    assert (clause.number, clause.position) == ("2", 2)


def test_a_number_is_there_and_not_taken(untouched: UntouchedForms, deal: factories.FixtureRows) -> None:
    page = url(deal.clause, "change")
    assert untouched.refused(page, number="") == {"number": ["This field is required."]}
    factories.clause(deal.agreement, "2")
    assert untouched.refused(page, number="2") == {"number": [NUMBER_TAKEN]}


def test_a_number_becomes_free_when_its_row_is_deleted(
    editor: Client, untouched: UntouchedForms, deal: factories.FixtureRows
) -> None:
    address = url(deal.agreement, "change")
    form = untouched.form(address)
    data = form.sent(**{"statements-1-DELETE": "on"})
    data |= form.new_row("statements", number="S2", kind="outlook", polarity="positive", proposition="Another")
    assert editor.post(address, data).status_code == 302
    assert not Statement.objects.filter(pk=deal.denial.pk).exists()
    assert Statement.objects.get(number="S2").proposition == "Another"


def test_a_state_has_a_country_code_of_its_own(untouched: UntouchedForms, deal: factories.FixtureRows) -> None:
    france = {"name": "Kina", "slug": "kina", "kind": "state", "country": "CN"}
    assert untouched.refused(url(Party, "add"), **france) == {
        "country": ["There is a state with this country code already."]
    }


def test_a_clause_of_another_agreement_is_refused_beside_its_field(
    untouched: UntouchedForms, deal: factories.FixtureRows
) -> None:
    page = url(deal.statement, "change")
    untouched.form(page)
    other = factories.clause(factories.agreement("other"))
    assert untouched.refused(page, clause=str(other.pk)) == {"clause": ["This belongs to another agreement."]}


def test_a_text_is_kept_to_the_letter(editor: Client, db: None) -> None:
    text = "  Erster Absatz.\r\n\r\n\tZweiter 🌾.  \r\n"
    answer = submit(editor, url(Source, "add"), title="Text", slug="text", kind="article", language="de", text=text)
    assert answer.status_code == 302
    assert Source.objects.get(slug="text").text == text.replace("\r\n", "\n")


def test_the_items_of_a_list_are_what_a_form_can_show(untouched: UntouchedForms, deal: factories.FixtureRows) -> None:
    for item in ("a\nb", " c", "d\u2028e", "x\ty"):
        with pytest.raises(ValidationError):
            factories.party("other", aliases=[item])
    address = url(deal.china, "change")
    assert untouched.submit(address, aliases=" Pékin \r\n\r\nEmpire du Milieu").status_code == 302
    deal.china.refresh_from_db()
    assert deal.china.aliases == ["Pékin", "Empire du Milieu"]


def test_a_party_is_not_called_by_the_code_of_another_state(db: None) -> None:
    assert factories.party("fr", kind="state", country="FR").slug == "fr"
    with pytest.raises(ValidationError) as refused:
        factories.party("us", kind="organization")
    assert [error.code for error in refused.value.error_dict["slug"]] == ["reserved_slug"]


def test_a_proposition_is_one_line(untouched: UntouchedForms, deal: factories.FixtureRows) -> None:
    assert untouched.submit(url(deal.statement, "change"), proposition="It\r\nlasts ").status_code == 302
    deal.statement.refresh_from_db()
    assert deal.statement.proposition == "It lasts"


def test_quantities_are_shown_without_idle_zeros(untouched: UntouchedForms, deal: factories.FixtureRows) -> None:
    form = untouched.form(url(deal.clause, "change"))
    assert (form.data["baseline_value"], form.data["value"]) == ("57", "47")
    assert "−10 percentage points" in form.html
    refused = untouched.submit(url(deal.clause, "change"), unit="t", type="none")
    assert "−10 t" in refused.content.decode()


def test_numbers_that_no_column_holds_are_reported_beside_their_fields(
    untouched: UntouchedForms, deal: factories.FixtureRows
) -> None:
    for value in ("9" * 30, "1e400", "NaN", "-1", "\0"):
        typed = {"position": value, "value": value if value != "-1" else "1.2345678901234567"}
        assert untouched.refused(url(deal.clause, "change"), **typed).keys() == {"position", "value"}, value


def test_control_characters_are_reported_beside_their_field(
    untouched: UntouchedForms, deal: factories.FixtureRows
) -> None:
    for character in ("\0", "\x08", "\x7f"):
        changes = {"title": f"a{character}b", "citations-0-exact": f"a{character}"}
        assert untouched.refused(url(deal.clause, "change"), **changes).keys() == {*changes}, repr(character)
