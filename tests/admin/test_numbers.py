"""Numbers as people type them: every numeric field of every form, with thirty-odd ways of typing a number."""

import re
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.test import RequestFactory

from accords.admin.desk.forms import MODELS, DeskForm
from accords.admin.numbers import TypedDecimalField, TypedIntegerField
from tests import factories
from tests.admin.forms import NOUNS, UntouchedForms, errors, open_form, url
from tests.clients import Client

INVALID = "Enter a number, such as 47 or 4.5."
NOT_WHOLE = "Enter a whole number."
GROUPS = "Did you mean {}? Do not separate groups of digits."
# What is typed, what a field for decimals makes of it, and what one for whole numbers does: a number or a message.
TYPED: list[tuple[str, str, str]] = [
    ("47", "47", "47"),
    (" 47 ", "47", "47"),
    ("4.5", "4.5", NOT_WHOLE),
    ("4,5", "4.5", NOT_WHOLE),
    ("0,125", "0.125", NOT_WHOLE),
    ("0.125", "0.125", NOT_WHOLE),
    (",5", "0.5", NOT_WHOLE),
    (".5", "0.5", NOT_WHOLE),
    ("4,0", "4.0", "4"),
    ("4.00", "4.00", "4"),
    ("+4,5", "4.5", NOT_WHOLE),
    ("007", "7", "7"),
    ("４７", "47", "47"),
    ("٤٧", "47", "47"),
    ("٤٫٥", "4.5", NOT_WHOLE),
    ("1.2340", "1.2340", NOT_WHOLE),
    ("12,345", "Did you mean 12345 or 12.3450?", GROUPS.format("12345")),
    ("1.234", "Did you mean 1234 or 1.2340?", GROUPS.format("1234")),
    ("1 234", GROUPS.format("1234"), GROUPS.format("1234")),
    ("1\u00a0234,50", GROUPS.format("1234.50"), GROUPS.format("1234.50")),
    ("1\u202f234,50", GROUPS.format("1234.50"), GROUPS.format("1234.50")),
    ("1.234,50", GROUPS.format("1234.50"), GROUPS.format("1234.50")),
    ("1,234.50", GROUPS.format("1234.50"), GROUPS.format("1234.50")),
    ("1'234.50", GROUPS.format("1234.50"), GROUPS.format("1234.50")),
    ("1’234", GROUPS.format("1234"), GROUPS.format("1234")),
    ("1.234.567", GROUPS.format("1234567"), GROUPS.format("1234567")),
    ("12,34,567.5", GROUPS.format("1234567.5"), GROUPS.format("1234567.5")),
    ("1_000", GROUPS.format("1000"), GROUPS.format("1000")),
    ("1,23,4", INVALID, INVALID),
    ("1.2.3", INVALID, INVALID),
    ("12 34", INVALID, INVALID),
    ("1e3", INVALID, INVALID),
    ("47 %", INVALID, INVALID),
    ("½", INVALID, INVALID),
    ("10²", INVALID, INVALID),
    ("1/2", INVALID, INVALID),
    ("5-6", INVALID, INVALID),
    ("NaN", INVALID, INVALID),
    ("Infinity", INVALID, INVALID),
    ("0x1F", INVALID, INVALID),
    ("4,", INVALID, INVALID),
    ("--4", INVALID, INVALID),
    ("about 4", INVALID, INVALID),
    ("9" * 65, INVALID, INVALID),
]


def numeric_fields(user: User) -> dict[str, Any]:
    """Return every numeric field of the admin's forms: of pages, of tables, and of the reading desk."""
    request = RequestFactory().get("/")
    request.user = user
    found: dict[str, Any] = {}
    for model in NOUNS:
        model_admin: Any = admin.site.get_model_admin(model)
        classes = [model_admin.get_form(request)]
        classes += [inline.get_formset(request).form for inline in model_admin.get_inline_instances(request)]
        for form in classes:
            found |= {
                f"{form.__name__} {form._meta.model.__name__}.{name}": field for name, field in form.base_fields.items()
            }
    for kind in MODELS:
        found |= {
            f"desk {kind}.{name}": field for name, field in DeskForm(kind, admin.site, request).form.fields.items()
        }
    numeric = forms.IntegerField | forms.DecimalField | TypedDecimalField | TypedIntegerField
    return {name: field for name, field in found.items() if isinstance(field, numeric)}


def outcome(field: Any, text: str) -> str:
    """Return the number that a field reads, or its message without HTML."""
    try:
        value = field.to_python(text)
    except ValidationError as error:
        return re.sub("<[^>]*>", "", error.messages[0])
    return str(value)


def test_every_way_of_typing_a_number_is_understood_or_asked_about_in_every_field(boss: User) -> None:
    fields = numeric_fields(boss)
    assert len(fields) >= 10
    wrong = []
    for name, field in fields.items():
        is_whole = isinstance(field, TypedIntegerField)
        assert is_whole or isinstance(field, TypedDecimalField), name
        for text, decimal, whole in TYPED:
            expected = whole if is_whole else decimal
            if (found := outcome(field, text)) != expected:
                wrong.append((name, text, found, expected))
    assert wrong == []


def test_negative_numbers_are_read_with_either_sign() -> None:
    for text in ("-4,5", "−4.5", "- 4.5", "﹣4.5"):
        assert TypedDecimalField().clean(text) == Decimal("-4.5"), text


def test_no_field_is_an_input_that_the_wheel_changes(
    boss: User, untouched: UntouchedForms, deal: factories.FixtureRows
) -> None:
    drawn = {name: field.get_bound_field(forms.Form(), "x").as_widget() for name, field in numeric_fields(boss).items()}
    assert [name for name, html in drawn.items() if 'type="number"' in html or "inputmode=" not in html] == []
    html = untouched.form(url(deal.clause, "change")).html
    assert 'type="number"' not in html
    assert html.count('inputmode="decimal"') == 2
    assert html.count('inputmode="numeric"') == 1


def test_a_number_with_a_decimal_comma_is_saved_and_shown_unambiguously(
    editor: Client, untouched: UntouchedForms, deal: factories.FixtureRows
) -> None:
    address = url(deal.clause, "change")
    assert untouched.submit(address, baseline_value="1234", value="1,2340").status_code == 302
    deal.clause.refresh_from_db()
    assert (deal.clause.baseline_value, deal.clause.value) == (Decimal("1234"), Decimal("1.234"))
    form = open_form(editor, address)
    assert (form.data["baseline_value"], form.data["value"]) == ("1234", "1.2340")
    assert editor.post(address, form.sent()).status_code == 302, "what is shown can be sent back"


def test_grouped_digits_are_asked_about_beside_their_field_and_nothing_is_saved(
    untouched: UntouchedForms, deal: factories.FixtureRows
) -> None:
    answer = untouched.submit(url(deal.clause, "change"), value="1.234,50")
    assert "Did you mean" in errors(answer)["value"][0]
    assert 'data-suggestion="1234.50"' in errors(answer)["value"][0]
    assert 'value="1.234,50"' in answer.content.decode()
    address = url(deal.agreement, "change")
    row = untouched.form(address).new_row("renewals", kind="review", sequence="1.000", basis="stated")
    assert "1000" in untouched.refused(address, **row)["renewals-1-sequence"][0]
