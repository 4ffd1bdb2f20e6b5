"""Forms: numbers are filled in, errors stand beside their fields, and nothing typed is lost."""

from accords.models import Clause, Event, Party, Renewal, Source, Statement
from tests import factories
from tests.admin.forms import Form, errors, open_form, submit, url
from tests.clients import Client

CLAUSE = {"type": "tariff", "standing": "outcome", "modality": "obligation"}


def test_an_impossible_date_is_reported_beside_its_field(
    untouched: UntouchedForms, deal: factories.FixtureRows
) -> None:
    answer = untouched.submit(url(deal.agreement, "change"), effective="2007-11-00")
    assert errors(answer) == {"effective": ["2007-11-00: day 00 does not exist; write 2007-11 if the day is not known"]}


def test_an_impossible_date_beneath_an_agreement_is_reported_beside_its_field(
    untouched: UntouchedForms, deal: factories.FixtureRows
) -> None:
    answer = untouched.submit(
        url(deal.agreement, "change"), **{"events-0-date": "2007-11-00", "renewals-0-offset": "1Y"}
    )
    assert errors(answer).keys() == {"events-0-date", "renewals-0-offset"}


def test_a_denial_has_no_clause(untouched: UntouchedForms, deal: factories.FixtureRows) -> None:
    answer = untouched.submit(url(deal.denial, "change"), clause=str(deal.clause.pk))
    assert errors(answer) == {"clause": ["A denial has no clause: what was denied is not something that was agreed."]}


def test_a_denial_is_negative(untouched: UntouchedForms, deal: factories.FixtureRows) -> None:
    answer = untouched.submit(url(deal.denial, "change"), polarity="positive")
    assert errors(answer) == {"polarity": ["A denial is negative: the proposition says what is denied."]}


def test_a_rule_about_a_field_that_is_not_on_the_page_is_reported_on_top_of_the_row(
    untouched: UntouchedForms, deal: factories.FixtureRows
) -> None:
    change = {"statements-0-kind": "denial", "statements-0-polarity": "negative"}
    answer = untouched.submit(url(deal.agreement, "change"), **change)
    assert errors(answer) == {
        "statements-0-__all__": ["Clause: A denial has no clause: what was denied is not something that was agreed."]
    }
    deal.statement.refresh_from_db()
    assert deal.statement.kind == "announcement"


def test_blank_numbers_become_the_next_free_ones(editor: Client, deal: factories.FixtureRows) -> None:
    factories.clause(deal.agreement, "9", position=7)
    factories.renewal(deal.agreement, 1, kind="review")
    address = url(deal.agreement, "change")
    form = open_form(editor, address)
    data = form.sent() | form.new_row("clauses", title="Soybeans", **CLAUSE)
    data |= form.new_row("statements", kind="outlook", polarity="positive", proposition="It lasts")
    data |= form.new_row("events", kind="visit", status="planned")
    data |= form.new_row("renewals", kind="review", basis="editorial", status="projected", due="2027")
    assert editor.post(address, data).status_code == 302
    clause = Clause.objects.get(title="Soybeans")
    assert (clause.number, clause.position) == ("10", 8)
    assert Statement.objects.get(proposition="It lasts").number == "S3"
    assert Event.objects.get(kind="visit").number == "E2"
    assert Renewal.objects.get(due="2027").sequence == 2


def test_several_new_rows_get_numbers_of_their_own(
    editor: Client, untouched: UntouchedForms, deal: factories.FixtureRows
) -> None:
    address = url(deal.agreement, "change")
    form = untouched.form(address)
    first = form.new_row("clauses", title="First", **CLAUSE)
    data = form.sent(**first)
    data |= {name.replace("clauses-1-", "clauses-2-"): value for name, value in first.items()}
    data |= {"clauses-TOTAL_FORMS": "3", "clauses-2-title": "Second"}
    assert editor.post(address, data).status_code == 302
    assert list(Clause.objects.order_by("position").values_list("number", "position", "title")) == [
        ("1", 1, "Clause 1"),
        ("2", 2, "First"),
        ("3", 3, "Second"),
    ]


def test_a_row_on_its_own_page_is_numbered_too(untouched: UntouchedForms, deal: factories.FixtureRows) -> None:
    answer = untouched.submit(url(Clause, "add"), agreement=str(deal.agreement.pk), title="Alone", **CLAUSE)
    assert answer.status_code == 302
    clause = Clause.objects.get(title="Alone")
    assert (clause.number, clause.position) == ("2", 2)


def test_a_row_that_exists_keeps_needing_its_number(untouched: UntouchedForms, deal: factories.FixtureRows) -> None:
    assert errors(untouched.submit(url(deal.clause, "change"), number="")) == {"number": ["This field is required."]}


def test_a_number_taken_is_reported_beside_it(editor: Client, deal: factories.FixtureRows) -> None:
    second = factories.clause(deal.agreement, "2")
    message = ["The agreement has a clause of this number already."]
    assert errors(submit(editor, url(second, "change"), number="1")) == {"number": message}
    answer = submit(editor, url(deal.agreement, "change"), **{"clauses-1-number": "1"})
    assert errors(answer) == {"clauses-1-number": message}


def test_a_part_played_twice_is_reported_beside_the_role(
    editor: Client, untouched: UntouchedForms, deal: factories.FixtureRows
) -> None:
    address = url(deal.agreement, "change")
    form = untouched.form(address)
    twin = form.new_row("participations", party=str(deal.china.pk), role="party")
    answer = editor.post(address, form.sent(**twin))
    assert errors(answer) == {"participations-1-since": ["The party has this role from this date already."]}


def test_a_number_becomes_free_when_its_row_is_deleted(editor: Client, deal: factories.FixtureRows) -> None:
    second = factories.clause(deal.agreement, "2")
    address = url(deal.agreement, "change")
    form = open_form(editor, address)
    data = form.sent(**{"clauses-1-DELETE": "on"})
    data |= form.new_row("clauses", number="2", title="Another", **CLAUSE)
    assert editor.post(address, data).status_code == 302
    assert not Clause.objects.filter(pk=second.pk).exists()
    assert Clause.objects.get(number="2").title == "Another"


def test_a_state_has_a_country_code_of_its_own(editor: Client, deal: factories.FixtureRows) -> None:
    factories.party("france", kind="state", country="FR")
    answer = submit(editor, url(Party, "add"), name="Frankreich", slug="frankreich", kind="state", country="FR")
    assert errors(answer) == {"country": ["There is a state with this country code already."]}


def test_a_clause_of_another_agreement_is_refused_beside_its_field(editor: Client, deal: factories.FixtureRows) -> None:
    other = factories.deal("other")
    answer = submit(editor, url(deal.statement, "change"), clause=str(other.clause.pk))
    assert errors(answer) == {"clause": ["This belongs to another agreement."]}


def test_a_text_is_kept_to_the_letter(editor: Client, db: None) -> None:
    text = "  Erster Absatz.\r\n\r\n\tZweiter 🌾.  \r\n"
    answer = submit(editor, url(Source, "add"), title="Text", slug="text", kind="article", language="de", text=text)
    assert answer.status_code == 302
    assert Source.objects.get(slug="text").text == text.replace("\r\n", "\n")


def test_a_proposition_is_one_line(untouched: UntouchedForms, deal: factories.FixtureRows) -> None:
    assert untouched.submit(url(deal.statement, "change"), proposition="It\r\nlasts ").status_code == 302
    deal.statement.refresh_from_db()
    assert deal.statement.proposition == "It lasts"


def test_quantities_are_shown_without_idle_zeros(
    untouched: UntouchedForms, editor: Client, deal: factories.FixtureRows
) -> None:
    data = untouched.data(url(deal.clause, "change"))
    assert (data["baseline_value"], data["value"]) == ("57", "47")
    assert "−10 percentage points" in editor.get(url(deal.clause, "change")).content.decode()


def test_numbers_that_no_column_holds_are_reported_beside_their_fields(
    editor: Client, untouched: UntouchedForms, deal: factories.FixtureRows
) -> None:
    address = url(deal.clause, "change")
    form = untouched.form(address)
    for value in ("9" * 30, "1e400", "NaN", "-1", "\0"):
        answer = editor.post(address, form.sent(position=value, value=value if value != "-1" else "1.2345678901234567"))
        assert errors(answer).keys() == {"position", "value"}, value


def test_control_characters_are_reported_beside_their_field(
    editor: Client, untouched: UntouchedForms, deal: factories.FixtureRows
) -> None:
    address = url(deal.clause, "change")
    form = untouched.form(address)
    for character in ("\0", "\x08", "\x7f"):
        changes = {"title": f"a{character}b", "citations-0-exact": f"a{character}"}
        assert errors(editor.post(address, form.sent(**changes))).keys() == {*changes}, repr(character)
