"""ISO 8601 durations: parsing, errors, and adding one to a date."""

from datetime import date

import pytest

from accords.rules import durations
from accords.rules.durations import Duration, DurationError


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("P1Y", Duration(years=1)),
        ("P36M", Duration(months=36)),
        ("P1Y6M", Duration(years=1, months=6)),
        ("P2W", Duration(weeks=2)),
        ("P90D", Duration(days=90)),
        ("PT1H40M", Duration(hours=1, minutes=40)),
        ("PT30S", Duration(seconds=30)),
        ("PT5M", Duration(minutes=5)),
        ("P5M", Duration(months=5)),
        ("P1Y2M3DT4H", Duration(1, 2, 0, 3, 4)),
        ("P0Y6M", Duration(months=6)),
        ("P9999D", Duration(days=9999)),
    ],
)
def test_a_duration_is_read_unit_by_unit(text: str, expected: Duration) -> None:
    assert durations.parse(text) == expected


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "not an ISO 8601 duration"),
        ("P", "not an ISO 8601 duration"),
        ("PT", "not an ISO 8601 duration"),
        ("P1DT", "not an ISO 8601 duration"),
        ("1Y", "not an ISO 8601 duration"),
        ("p1y", "not an ISO 8601 duration"),
        ("P1Y ", "not an ISO 8601 duration"),
        ("P1Y\n", "not an ISO 8601 duration"),
        ("P1M1Y", "not an ISO 8601 duration"),
        ("P1H", "not an ISO 8601 duration"),
        ("P\u0661Y", "not an ISO 8601 duration"),
        ("one year", "not an ISO 8601 duration"),
        ("P0.5Y", "fractions are not accepted"),
        ("P0,5Y", "fractions are not accepted"),
        ("-P1Y", "no sign"),
        ("P0D", "zero"),
        ("PT0S", "zero"),
        ("P1W2D", "weeks stand alone"),
        ("P1WT1H", "weeks stand alone"),
        ("P10000D", "larger than 9999"),
        (f"P{'9' * 5000}Y", "not an ISO 8601 duration"),
        (f"PT{'9' * 5000}S", "not an ISO 8601 duration"),
    ],
)
def test_a_refusal_says_what_is_wrong(text: str, reason: str) -> None:
    with pytest.raises(DurationError, match=reason):
        durations.parse(text)


@pytest.mark.parametrize(
    ("anchor", "duration", "times", "expected"),
    [
        ("2025-01-31", "P1M", 1, "2025-02-28"),
        ("2024-01-31", "P1M", 1, "2024-02-29"),
        ("2025-01-31", "P1M", 2, "2025-03-31"),
        ("2024-02-29", "P1Y", 1, "2025-02-28"),
        ("2024-02-29", "P1Y", 2, "2026-02-28"),
        ("2024-02-29", "P1Y", 3, "2027-02-28"),
        ("2024-02-29", "P1Y", 4, "2028-02-29"),
        ("2024-02-29", "P12M", 4, "2028-02-29"),
        ("2025-03-31", "P1M", -1, "2025-02-28"),
        ("2026-08-28", "P2M", -1, "2026-06-28"),
        ("2023-01-01", "P1Y", 1, "2024-01-01"),
        ("2023-01-01", "P365D", 2, "2024-12-31"),
        ("2025-01-31", "P1M1D", 1, "2025-03-01"),
        ("2025-10-30", "P2W", 3, "2025-12-11"),
        ("2025-10-30", "P1Y", 0, "2025-10-30"),
    ],
)
def test_a_date_moves_by_the_calendar_from_its_anchor(anchor: str, duration: str, times: int, expected: str) -> None:
    assert durations.add(date.fromisoformat(anchor), duration, times) == date.fromisoformat(expected)


@pytest.mark.parametrize(
    ("anchor", "duration", "times"),
    [
        ("9999-06-01", "P1Y", 1),
        ("0001-06-01", "P1Y", -1),
        ("2025-01-01", "P9999D", 10**9),
        ("2025-01-01", "P9Y", 10**9),
    ],
)
def test_a_sum_beyond_the_calendar_is_a_duration_error(anchor: str, duration: str, times: int) -> None:
    with pytest.raises(durations.OutOfCalendar, match="0001 to 9999"):
        durations.add(date.fromisoformat(anchor), duration, times)


def test_hours_are_never_added_to_a_date() -> None:
    assert durations.is_calendar("P1Y2M3D")
    assert not durations.is_calendar("P1DT1H")
    with pytest.raises(DurationError, match="cannot be added to a date"):
        durations.add(date(2025, 1, 1), "PT48H")


@pytest.mark.parametrize(
    ("total", "expected"),
    [
        (Duration(years=25), "P25Y"),
        (Duration(months=48), "P48M"),
        (Duration(years=1, months=6, days=3), "P1Y6M3D"),
        (Duration(weeks=3), "P3W"),
        (Duration(years=1, weeks=2), "P1Y14D"),
        (Duration(years=10, months=-6), "P9Y6M"),
        (Duration(weeks=4, days=-8), "P20D"),
        (Duration(years=1, days=-30), ""),
        (Duration(months=-1), ""),
        (Duration(years=1, months=-12), ""),
        (Duration(), ""),
        (Duration(days=10000), ""),
    ],
)
def test_a_sum_is_spelled_only_if_iso_8601_can_say_it(total: Duration, expected: str) -> None:
    assert durations.spell(total) == expected
