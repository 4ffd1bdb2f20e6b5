"""Clauses: quantities in the model and in the database, and when a clause is in force."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from accords.models import Clause
from accords.services import renewals_changed
from tests import factories

LARGEST, SMALLEST = "999999999999999", "0.000000000000001"
TOO_FAR = [(LARGEST, "0.1"), (f"-{LARGEST}", "0.1"), ("1", SMALLEST), ("100000000000.1", "0.0001")]
NEAR = [
    *((LARGEST, "0"), (LARGEST, LARGEST), (SMALLEST, "0"), ("0.3", "0.1"), ("57", "47"), ("100000.1", "100000")),
    *(("200000000000.1", "200000000000"), ("99999999999.9999", "-0.0001"), ("50000000000", "-49999999999.9999")),
]
DIGITS = ["200000000000", "0.00001", "123456789012345", "1234567890.12345", "0.123456789012345", "-5.5"]
TOO_LONG = ["1234567890123456", "1.234567890123456", "1000000000000000"]


@pytest.mark.parametrize(("value", "baseline"), TOO_FAR)
def test_quantities_whose_difference_is_not_exact_are_refused(value: str, baseline: str, db: None) -> None:
    """A double, and so SQLite and JSON, cannot represent such a `delta`."""
    with pytest.raises(ValidationError) as refused:
        factories.clause(factories.agreement(), value=value, baseline_value=baseline, unit="t")
    assert [error.code for error in refused.value.error_dict["value"]] == ["too_far_apart"]


@pytest.mark.parametrize("value", DIGITS)
def test_fifteen_digits_are_exact_wherever_the_point_is(value: str, db: None) -> None:
    clause = factories.clause(factories.agreement(), value=value, unit="t")
    clause.refresh_from_db()
    assert clause.value == Decimal(value)
    assert Clause.objects.get(value=Decimal(value)) == clause


@pytest.mark.parametrize("value", TOO_LONG)
def test_more_digits_are_refused(value: str, db: None) -> None:
    with pytest.raises(ValidationError) as refused:
        factories.clause(factories.agreement(), value=value, unit="t")
    assert "max" in refused.value.error_dict["value"][0].code


@pytest.mark.parametrize(("value", "baseline"), NEAR)
def test_the_difference_of_two_quantities_is_exact(value: str, baseline: str, db: None) -> None:
    clause = factories.clause(factories.agreement(), value=value, baseline_value=baseline, unit="t")
    clause.refresh_from_db()
    assert clause.delta == Decimal(value) - Decimal(baseline)


@pytest.mark.parametrize(
    ("number", "stored"),
    [
        ("5 ", "5"),
        ("５", "5"),
        ("\u20035\u00a0 bis", "5 bis"),
        ("5\u200b", "5"),
        ("１２（ａ）", "12(a)"),
        ("A\u20111", "A-1"),
        ("5¹", "5¹"),
        ("٥", "٥"),
        ("5\fbis", "5 bis"),
    ],
)
def test_numbers_that_look_alike_are_the_same(number: str, stored: str, db: None) -> None:
    agreement = factories.agreement()
    clause = factories.clause(agreement, number)
    assert clause.number == stored
    assert Clause.objects.get(number=number) == clause
    with pytest.raises(ValidationError) as refused:
        factories.clause(agreement, stored)
    assert "number" in refused.value.message_dict or "__all__" in refused.value.message_dict
    assert factories.event(agreement, number).number == factories.statement(agreement, number).number == stored


@pytest.mark.parametrize("position", [0, -1, 2**31])
def test_positions_are_counted_from_1(position: int, db: None) -> None:
    with pytest.raises(ValidationError) as refused:
        factories.clause(factories.agreement(), position=position)
    assert [*refused.value.error_dict] == ["position"]


def test_a_number_of_nothing_visible_is_refused(db: None) -> None:
    with pytest.raises(ValidationError) as refused:
        factories.clause(factories.agreement(), "\u200b ")
    assert [*refused.value.message_dict] == ["number"]


def test_the_ends_of_pages_and_lines_in_pasted_text_are_white_space(db: None) -> None:
    clause = factories.clause(
        factories.agreement(), title="One\fline", text="Page 1\fPage 2\vLine", language="en", hs_codes=[]
    )
    clause.refresh_from_db()
    assert (clause.title, clause.text) == ("One line", "Page 1\nPage 2\nLine")
    source = factories.source(text="Article 1\fOne year.")
    citation = factories.citation(clause, "1\fOne", source)
    assert (citation.exact, citation.start, source.text) == ("1\nOne", 8, "Article 1\nOne year.")
    assert factories.party(aliases=["Two\vwords"]).aliases == ["Two words"]


BEFORE, FIRST_HALF, SECOND_HALF, AFTER = date(2024, 6, 1), date(2025, 6, 1), date(2025, 9, 1), date(2026, 6, 1)
ENDED_EARLY = {"effective": "2024-01-01", "ends": "2025-07-31"}


@pytest.mark.parametrize(
    ("fields", "possible", "certain"),
    [
        ({"standing": "term"}, [FIRST_HALF, SECOND_HALF], [FIRST_HALF, SECOND_HALF]),
        ({"standing": "text"}, [FIRST_HALF, SECOND_HALF], [FIRST_HALF, SECOND_HALF]),
        ({"standing": "term", "effective": "2025-07-01"}, [SECOND_HALF], [SECOND_HALF]),
        ({"standing": "term", "ends": "2025-07-31"}, [FIRST_HALF], [FIRST_HALF]),
        ({"standing": "term", "effective": "2025"}, [FIRST_HALF, SECOND_HALF], []),
        ({"standing": "term", "survives": True}, [FIRST_HALF, SECOND_HALF, AFTER], [FIRST_HALF, SECOND_HALF, AFTER]),
        ({"standing": "term", "survives": True, "ends": "2025-07-31"}, [FIRST_HALF], [FIRST_HALF]),
        (
            {"standing": "term", "survives": True, "effective": "2024-01-01"},
            [FIRST_HALF, SECOND_HALF, AFTER],
            [FIRST_HALF, SECOND_HALF, AFTER],
        ),
        ({"standing": "term", "survives": True, "effective": "XXXX-04"}, [FIRST_HALF, SECOND_HALF, AFTER], []),
        ({"standing": "outcome"}, [FIRST_HALF, SECOND_HALF, AFTER], []),
        ({"standing": "outcome", "effective": "2024-01-01"}, [BEFORE, FIRST_HALF, SECOND_HALF, AFTER], []),
        ({"standing": "reported_commitment", **ENDED_EARLY}, [BEFORE, FIRST_HALF], [BEFORE, FIRST_HALF]),
    ],
)
def test_a_clause_is_in_force_with_its_agreement_or_by_itself(
    fields: dict[str, Any], possible: list[date], certain: list[date], db: None
) -> None:
    """The agreement is in force in 2025."""
    terms = {"effective": "2025-01-01", "ends": "2025-12-31", "term": "", "renewal_mode": "none", "status": "in_force"}
    terms |= {"renewal_intervals": [], "notice_period": ""}
    with factories.without_validation():
        agreement, source = factories.agreement(**terms), factories.source()
        clause = factories.clause(agreement, **fields)
        factories.cite_claims(agreement, source)
        for field in {"effective", "ends", "survives"} & fields.keys():
            factories.citation(clause, "un accord d'un an", source, field)
    renewals_changed([agreement.pk], on=FIRST_HALF)
    for certainty, expected in (("possible", possible), ("certain", certain)):
        days = (BEFORE, FIRST_HALF, SECOND_HALF, AFTER)
        assert [day for day in days if Clause.objects.in_force_on(day, certainty)] == expected, certainty


def test_a_clause_survives_no_agreement_that_ends_before_it_starts(db: None) -> None:
    terms = {"effective": "2026-01-01", "term": "", "renewal_mode": "none", "renewal_intervals": []}
    terms |= {"status": "terminated", "notice_period": ""}
    clauses = []
    for since in ("2025-06-01", "2025-06/2027"):  # in the second case it may have started
        with factories.without_validation():
            agreement = factories.agreement(f"of-{len(clauses)}", status_since=since, **terms)
            clauses.append(factories.clause(agreement, survives=True, standing="term"))
            factories.cite_claims(agreement, factories.source(f"of-{len(clauses)}"))
        renewals_changed([agreement.pk], on=FIRST_HALF)
    for certainty, expected in (("possible", clauses[1:]), ("certain", [])):
        assert [*Clause.objects.in_force_on(date(2028, 6, 1), certainty)] == expected, certainty


def test_of_clauses_that_replace_each_other_one_is_in_force_a_day_in_whichever_amendment_it_stands(db: None) -> None:
    lasting = {"status": "in_force", "renewal_mode": "none", "term": "", "renewal_intervals": []}
    base = factories.agreement("base", effective="2000-01-01", **lasting)
    replaced = factories.clause(base)
    in_turn = [replaced]
    for year in (2001, 2002, 2003):  # the second amends the first, the third amends the base again
        amended = in_turn[1].agreement if year == 2002 else base
        amendment = factories.agreement(f"of-{year}", effective=f"{year}-01-01", amends=amended, **lasting)
        modifies = in_turn[1] if year == 2002 else replaced
        in_turn.append(factories.clause(amendment, modifies=modifies, modification="substitution"))
        renewals_changed([amendment.pk], on=FIRST_HALF)
    for year, clause in enumerate(in_turn, 2000):
        assert [*Clause.objects.in_force_on(date(year, 6, 1), "possible")] == [clause], year
    last = in_turn.pop()
    last.delete()
    renewals_changed([last.agreement_id], on=FIRST_HALF)
    assert [*Clause.objects.in_force_on(date(2003, 6, 1), "possible")] == in_turn[-1:]
