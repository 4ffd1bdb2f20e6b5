"""Agreements on a day through the filters of the database: the same answers as the rules, on one table of cases.

Beside the table of contract language: every mode with every status, sorts of dates, numbers of renewals used and left,
and readings of the last day, on the days before, at and after all that the dates mention.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import product
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from accords.models import Agreement, Participation
from accords.rules import edtf, status
from accords.rules.succession import takes_part
from accords.rules.terms import BOUNDARIES, period_end
from accords.vocabulary import AgreementStatus, DateCertainty, TemporalStatus
from tests import factories
from tests.rules.term_cases import PARTIES, Case
from tests.term_table import agreement, enter_all

pytestmark = pytest.mark.django_db

EFFECTIVE = ("2025-10-30", "2025", "../2025-06", "XXXX-10", "")
ENDS = ("", "2026-12-31", "2026-06/..")
CONCLUDED = (0, 1)
FAR = (date.min, date(2025, 1, 1), date(2099, 1, 1), date.max)


def variants() -> Iterator[dict[str, Any]]:
    """Return fields of agreements: each mode and status with each form of date, other choices in turn."""
    others = (
        {},
        {"term_ends": "same_day", "max_renewals": 1, "status_since": "2026-03"},
        {"term_ends": "day_before", "max_renewals": 0, "status_since": "2026-03-01"},
        {"renewal_intervals": ["P6M", "open"], "status_since": "../2025-11-15"},
        {"term": "", "renewal_condition": "if paid"},
        {"term": "P1M", "term_from": "from delivery", "renewal_intervals": ["P2Y", "P1Y"]},
    )
    grid = product(BOUNDARIES, AgreementStatus.values, EFFECTIVE, ENDS, CONCLUDED)
    for number, (mode, word, effective, ends, concluded) in enumerate(grid):
        own = {"renewal_mode": mode, "status": word, "effective": effective, "ends": ends}
        evidence = {"renewals_concluded": concluded, "rests_on": "editorial" if number % 7 == 0 else "stated"}
        yield {"term": "P1Y"} | own | evidence | others[number % len(others)]


@pytest.fixture(scope="module")
def grid(module_transaction: None) -> Any:
    return Agreement.objects.bulk_create(agreement(fields, f"variant-{n}") for n, fields in enumerate(variants()))


def days(found: list[Agreement]) -> list[date]:
    """Return the days before, on and after every day that occurs in the dates or as the end of a period."""
    texts = {*EFFECTIVE, *ENDS, "2026-03", *(period_end(one.terms, n) for one in found for n in CONCLUDED)}
    mentioned = {day for text in texts for day in edtf.bounds(text) if day and day.year < 2030}
    return sorted({day + timedelta(days=n) for day in mentioned for n in (-1, 0, 1)}.union(FAR))


def of_each_status(day: date) -> dict[int, str]:
    return {
        pk: word
        for word in TemporalStatus.values
        for pk in Agreement.objects.of_temporal_status(word, day).values_list("pk", flat=True)
    }


def test_rules_and_filters_agree_on_every_case(grid: list[Agreement]) -> None:
    lifecycles = {one.pk: one.lifecycle for one in grid}
    names = {one.pk: one for one in grid}
    for day in days(grid):
        expected = {pk: status.temporal_status(each, day) for pk, each in lifecycles.items()}
        assert [(day, vars(names[pk]), word) for pk, word in of_each_status(day).items() ^ expected.items()][:1] == []
        for certainty in DateCertainty:
            rows = {*Agreement.objects.in_force_on(day, certainty).values_list("pk", flat=True)}
            right = {pk for pk, each in lifecycles.items() if status.in_force(each, day, certainty)}  # type: ignore[arg-type]
            assert [(day, certainty, vars(names[pk]), pk in right) for pk in right ^ rows][:1] == []


def test_every_agreement_has_one_state_on_every_day(grid: list[Agreement]) -> None:
    for day in (date(2026, 6, 1), date(2026, 10, 31), date.max):
        counts = [Agreement.objects.of_temporal_status(word, day).count() for word in TemporalStatus.values]
        assert sum(counts) == len(grid)


def wrong_states(cases: dict[str, Case]) -> list[Any]:
    """Return the cases, with a day, that the filters find in another state than the table says."""
    wrong: list[Any] = []
    for text in sorted({text for case in cases.values() for text in case.states}):
        day = date.fromisoformat(text)
        expected = {slug: case.states[text] for slug, case in cases.items() if text in case.states}
        rows = Agreement.objects.filter(slug__in=expected)
        certain, possible = (
            {*rows.in_force_on(day, certainty).values_list("slug", flat=True)} for certainty in ("certain", "possible")
        )
        in_state = {
            (slug, word)
            for word in {state.split()[0] for state in expected.values()}
            for slug in rows.of_temporal_status(word, day).values_list("slug", flat=True)
        }
        for slug, state in expected.items():
            word, in_force = state.split()
            right = {"certain": (True, True), "possible": (False, True), "no": (False, False)}[in_force]
            found = (slug in certain, slug in possible)
            if found != right or (slug, word) not in in_state:  # it has one state: see above
                wrong.append((cases[slug].name, text, found, state))
    return wrong


def test_the_table_of_contract_language_through_the_database() -> None:
    """Each case is stored, cited and recomputed, and asked back by the filters and the stored dates."""
    cases = enter_all()
    rows = Agreement.objects.filter(slug__in=cases)
    wrong: list[Any] = wrong_states(cases)
    for row in rows.prefetch_related("renewals"):
        case = cases[row.slug]
        if not (case.concluded or case.successors or row.status == "terminated"):
            stored = [f"{renewal.kind} {renewal.due}" for renewal in row.renewals.all()]
            wrong += [
                (case.name, step, stored) for step in case.steps if step not in stored and step[-10:] < "2036-11-23"
            ]
        if case.missing is not None and tuple(row.missing) != case.missing:
            wrong.append((case.name, row.missing, case.missing))
    assert wrong == []


def test_a_party_takes_part_between_its_dates() -> None:
    deal, who = factories.agreement(), factories.party()
    for name, since, until, text, expected in PARTIES:
        Participation.objects.all().delete()
        factories.participation(deal, who, since=since, until=until)
        day = date.fromisoformat(text)
        for certainty in DateCertainty:
            found = Participation.objects.taking_part_on(day, certainty).exists()
            assert found == takes_part(since, until, day, certainty), (name, text, certainty, expected)  # type: ignore[arg-type]
            assert Agreement.objects.with_party_on(who, day, certainty).exists() is found


def test_a_party_can_leave_and_come_back() -> None:
    deal, who = factories.agreement(), factories.party()
    factories.participation(deal, who, until="2020")
    factories.participation(deal, who, since="2022")
    with pytest.raises(ValidationError, match="this role from this date"):
        factories.participation(deal, who, since="2022")


def test_the_model_answers_as_the_rules_do() -> None:
    deal = factories.agreement(notice_period="P1M")
    for day in (date(2025, 10, 29), date(2025, 10, 30), date(2026, 10, 30), date(2026, 10, 31)):
        assert deal.temporal_status(day) == status.temporal_status(deal.lifecycle, day)
    assert deal.missing == ["announced", "signed", "max_renewals"]
    assert deal.recurrence == "FREQ=YEARLY"


@pytest.mark.parametrize(
    ("fields", "name", "message"),
    [
        ({"term": "PT1H"}, "term", "Hours cannot be added to a date"),
        ({"notice_period": "PT1H"}, "notice_period", "Hours cannot be added to a date"),
        ({"renewal_intervals": ["PT1H"]}, "renewal_intervals", "Hours cannot be added to a date"),
        ({"renewal_intervals": ["open", "P1Y"]}, "renewal_intervals", "can only be the last"),
        ({"renewal_intervals": ["yearly"]}, "renewal_intervals", "not an ISO 8601 duration"),
        ({"renewal_intervals": "P1Y"}, "renewal_intervals", "A list of at most 100 durations"),
        ({"unlimited": True, "max_renewals": 2}, "unlimited", "both unlimited and limited"),
    ],
)
def test_terms_that_cannot_be_computed_are_refused(fields: dict[str, Any], name: str, message: str) -> None:
    with pytest.raises(ValidationError, match=message) as refused:
        factories.agreement(**fields)
    assert list(refused.value.message_dict) == [name]


def test_intervals_may_repeat_and_end_open() -> None:
    deal = factories.agreement(renewal_intervals=["P6M", "P6M", "open"])
    assert (
        Agreement.objects.get(pk=deal.pk).terms.renewal_intervals
        == tuple(deal.renewal_intervals)
        == ("P6M", "P6M", "open")
    )
