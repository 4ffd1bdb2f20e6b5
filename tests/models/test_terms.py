"""One table of cases through the rules and through the filters of the database: both give the same answer.

Every renewal mode, with every status, every sort of effective date and end, every number of renewals used and left,
on the days before, at and after everything that the dates mention.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import product
from typing import Any

import pytest

from accords.models import Agreement
from accords.rules import edtf, status
from accords.rules.renewals import BOUNDARIES, period_end
from accords.vocabulary import AgreementStatus, DateCertainty, TemporalStatus
from tests import factories

pytestmark = pytest.mark.django_db

EFFECTIVE = ("2025-10-30", "2025", "2025-10-30~", "2025-06/..", "../2025-06", "XXXX-10", "")
ENDS = ("", "2026-12-31", "2026", "2026-06/..")
LEFT = (None, 0, 1)
CONCLUDED = (0, 1, 2)
PERIODS = (("P1Y", "P1Y"), ("P1Y", ""), ("P1M", "P6M"), ("", ""), ("", "P1Y"))
FAR = (date.min, date(2025, 1, 1), date(2099, 1, 1), date.max)


def agreements(mode: str) -> Iterator[Agreement]:
    """One of each, not saved."""
    for effective, ends, most, concluded, word in product(EFFECTIVE, ENDS, LEFT, CONCLUDED, AgreementStatus.values):
        periods = PERIODS if (most, word) == (None, "in_force") else PERIODS[:1]
        for term, interval in periods:
            dates = {"effective": effective, "ends": ends, "term": term, "renewal_interval": interval}
            said = {"status": word, "renewal_mode": mode, "max_renewals": most, "renewals_concluded": concluded}
            yield Agreement(title="Case", instrument="treaty", is_published=True, **dates, **said)


def case(agreement: Agreement) -> tuple[Any, ...]:
    """What tells one case from another."""
    return (agreement.effective, agreement.ends, agreement.status, agreement.max_renewals, agreement.term)


def days(found: list[Agreement]) -> list[date]:
    """The days before, at and after every day that the dates and the ends of periods mention."""
    texts = {*EFFECTIVE, *ENDS, *(period_end(agreement.terms, n) for agreement in found for n in CONCLUDED)}
    mentioned = {day for text in texts for day in edtf.bounds(text) if day}
    near = {day + timedelta(days=n) for day in mentioned for n in (-1, 0, 1)}
    return sorted(near.union(FAR))


@pytest.fixture
def cases(mode: str) -> list[Agreement]:
    """Every case of a mode, in the database."""
    made = list(agreements(mode))
    for number, agreement in enumerate(made):
        agreement.slug = f"case-{number}"
    return Agreement.objects.bulk_create(made)


@pytest.mark.parametrize("mode", BOUNDARIES)
def test_rules_and_filters_agree_on_every_case(mode: str, cases: list[Agreement]) -> None:
    given = {one.pk: (one.terms, one.status, one.renewals_concluded) for one in cases}
    for day in days(cases):
        found = {one: status.temporal_status(terms, word, day, n) for one, (terms, word, n) in given.items()}
        differ = {pk for pk, word in of_each_status(day).items() ^ found.items()}
        assert [(day, case(one), found[one.pk]) for one in cases if one.pk in differ] == []
        for certainty in DateCertainty:
            rows = Agreement.objects.in_force_on(day, certainty).values_list("pk", flat=True)
            right = {one for one, (terms, word, n) in given.items() if status.in_force(terms, word, day, certainty, n)}  # type: ignore[arg-type]
            differ = right ^ {*rows}
            assert [(day, certainty, case(one), one.pk in right) for one in cases if one.pk in differ] == []


def of_each_status(day: date) -> dict[int, str]:
    """What each agreement is on a day, as the filters find it."""
    words = TemporalStatus.values
    return {
        pk: word
        for word in words
        for pk in Agreement.objects.of_temporal_status(word, day).values_list("pk", flat=True)
    }


@pytest.mark.parametrize("mode", BOUNDARIES)
def test_every_agreement_is_one_thing_on_every_day(mode: str, cases: list[Agreement]) -> None:
    for day in (date(2026, 6, 1), date(2026, 10, 31), date.max):
        found = [Agreement.objects.of_temporal_status(word, day).count() for word in TemporalStatus.values]
        assert sum(found) == len(cases)


def test_the_model_says_what_the_rules_say() -> None:
    deal = factories.agreement(notice_period="P1M")
    for day in (date(2025, 10, 29), date(2025, 10, 30), date(2026, 10, 30), date(2026, 10, 31)):
        assert deal.temporal_status(day) == status.temporal_status(deal.terms, "announced", day)
    assert deal.missing == ["announced", "signed", "ends", "max_renewals"]
    assert deal.recurrence == "FREQ=YEARLY"


@pytest.mark.parametrize("field", ["term", "renewal_interval", "notice_period"])
def test_a_period_of_hours_is_refused_beside_its_field(field: str) -> None:
    with pytest.raises(Exception, match="Hours cannot be added to a date") as refused:
        factories.agreement(**{field: "PT1H"})
    assert list(refused.value.message_dict) == [field]  # type: ignore[attr-defined]
