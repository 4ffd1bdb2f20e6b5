"""Agreements on a day through the filters of the database: the same answers as the rules.

Every mode with every status, sorts of dates, numbers of renewals used and left, a successor, and readings of the last
day, on the days on which an agreement can begin or end and those before and after.
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
from tests.rules.term_cases import CASES, PARTIES
from tests.term_table import agreement, enter

pytestmark = pytest.mark.django_db

EFFECTIVE = ("2025-10-30", "2025", "../2025-06", "XXXX-10", "")
SINCE = ("2026-03", "2026-03-01", "../2025-11-15")
ENDS = ("", "2026-12-31", "2026-06/..")
CONCLUDED = (0, 1)
SUPERSEDED = (date(2025, 12, 31), date(2026, 3, 31))
FAR = (date.min, date(2025, 1, 1), date(2099, 1, 1), date.max)


def forms() -> Iterator[dict[str, Any]]:
    """Return each mode with each status and a fifth of the forms of dates; modes and statuses have every form."""
    dates = [*product(ENDS, EFFECTIVE, CONCLUDED)]
    for (first, mode), (second, word) in product(enumerate(BOUNDARIES), enumerate(AgreementStatus.values)):
        for ends, effective, concluded in dates[(first + second) % 5 :: 5]:
            own = {"renewal_mode": mode, "status": word, "effective": effective, "ends": ends}
            yield own | {"renewals_concluded": concluded}


def variants() -> Iterator[dict[str, Any]]:
    """Return fields of agreements, with other choices in turn."""
    others = (
        {},
        {"term_ends": "same_day", "max_renewals": 1, "status_since": SINCE[0]},
        {"term_ends": "day_before", "max_renewals": 0, "status_since": SINCE[1]},
        {"renewal_intervals": ["P6M", "open"], "status_since": SINCE[2]},
        {"term": "", "renewal_condition": "if paid"},
        {"term": "P1M", "term_from": "from delivery", "renewal_intervals": ["P2Y", "P1Y"]},
        dict(zip(("superseded_low", "superseded_high"), SUPERSEDED, strict=True)),
    )
    for number, fields in enumerate(forms()):
        evidence = {"rests_on": "editorial" if number % 11 == 0 else "stated"}
        yield {"term": "P1Y"} | fields | evidence | others[number % len(others)]


@pytest.fixture(scope="module")
def grid(module_transaction: None) -> Any:
    return Agreement.objects.bulk_create(agreement(fields, f"variant-{n}") for n, fields in enumerate(variants()))


def days(found: list[Agreement]) -> list[date]:
    """Return every day that can be a first one, with the day before, and every possible last one, with the day after."""
    lasts = {*ENDS, *(period_end(one.terms, n) for one in found for n in CONCLUDED)}
    firsts, ends = (
        {day for text in texts for day in edtf.bounds(text) if day} for texts in ({*EFFECTIVE, *SINCE}, lasts)
    )
    changes = {day - timedelta(days=n) for day in firsts for n in (0, 1)}
    changes |= {day + timedelta(days=n) for day in ends.union(SUPERSEDED) if day.year < 2030 for n in (0, 1)}
    return sorted(changes.union(FAR))


def of_each_status(words: set[str], day: date) -> dict[int, str]:
    """Return the statuses, of these, in which the filter finds agreements."""
    return {
        pk: word
        for word in words
        for pk in Agreement.objects.of_temporal_status(word, day).values_list("pk", flat=True)
    }


def test_rules_and_filters_agree_on_every_case(grid: list[Agreement]) -> None:
    lifecycles = {one.pk: one.lifecycle for one in grid}
    names = {one.pk: one for one in grid}
    for day in days(grid):
        expected = {pk: status.temporal_status(each, day) for pk, each in lifecycles.items()}
        assert [
            (day, vars(names[pk]), word)
            for pk, word in of_each_status({*expected.values()}, day).items() ^ expected.items()
        ][:1] == []
        for certainty in DateCertainty:
            rows = {*Agreement.objects.in_force_on(day, certainty).values_list("pk", flat=True)}
            right = {pk for pk, each in lifecycles.items() if status.in_force(each, day, certainty)}
            assert [(day, certainty, vars(names[pk]), pk in right) for pk in right ^ rows][:1] == []


def test_every_agreement_has_one_state_on_every_day(grid: list[Agreement]) -> None:
    for day in (date(2026, 6, 1), date(2026, 10, 31), date.max):
        counts = [Agreement.objects.of_temporal_status(word, day).count() for word in TemporalStatus.values]
        assert sum(counts) == len(grid)


def test_an_editor_can_enter_every_case_of_the_table() -> None:
    """The rows are asked back in tests/api/test_term_cases.py."""
    source, note = factories.source("text"), factories.source("note", kind="editorial_note")
    for number, case in enumerate(CASES):
        enter(case, number, source, note)


def test_a_party_takes_part_between_its_dates() -> None:
    deal, who = factories.agreement(), factories.party()
    for name, since, until, text, expected in PARTIES:
        Participation.objects.all().delete()
        factories.participation(deal, who, since=since, until=until)
        day = date.fromisoformat(text)
        for certainty in DateCertainty:
            found = Participation.objects.taking_part_on(day, certainty).exists()
            assert found == takes_part(since, until, day, certainty), (name, text, certainty, expected)
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
