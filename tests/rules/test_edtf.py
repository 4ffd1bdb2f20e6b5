"""EDTF dates: the bounds of each form, errors with reasons, and adding a duration."""

from datetime import date

import pytest

from accords.rules import edtf
from accords.rules.durations import DurationError
from accords.rules.edtf import Bounds, EdtfError


def day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


@pytest.mark.parametrize(
    ("text", "earliest", "latest"),
    [
        ("", "", ""),
        ("2025", "2025-01-01", "2025-12-31"),
        ("0001", "0001-01-01", "0001-12-31"),
        ("9999", "9999-01-01", "9999-12-31"),
        ("2025-10", "2025-10-01", "2025-10-31"),
        ("2024-02", "2024-02-01", "2024-02-29"),
        ("2025-10-30", "2025-10-30", "2025-10-30"),
        ("201X", "2010-01-01", "2019-12-31"),
        ("000X", "0001-01-01", "0009-12-31"),
        ("20XX", "2000-01-01", "2099-12-31"),
        ("2004-XX", "2004-01-01", "2004-12-31"),
        ("1985-04-XX", "1985-04-01", "1985-04-30"),
        ("1985-XX-XX", "1985-01-01", "1985-12-31"),
        ("XXXX-04", "", ""),
        ("XXXX-04-30", "", ""),
        ("XXXX-02-29", "", ""),
        ("XXXX-04~", "", ""),
        ("2025-21", "2024-12-01", "2026-03-31"),
        ("2025-24", "2024-12-01", "2026-03-31"),
        ("0001-21", "0001-01-01", "0002-03-31"),
        ("9999-24", "9998-12-01", "9999-12-31"),
    ],
)
def test_a_date_means_its_first_to_its_last_day(text: str, earliest: str, latest: str) -> None:
    assert edtf.bounds(text) == Bounds(day(earliest), day(latest))


@pytest.mark.parametrize(
    ("text", "earliest", "latest"),
    [
        ("2025?", "2024-01-01", "2026-12-31"),
        ("2025~", "2024-01-01", "2026-12-31"),
        ("2025%", "2023-01-01", "2027-12-31"),
        ("2025-10~", "2025-09-01", "2025-11-30"),
        ("2025-01%", "2024-11-01", "2025-03-31"),
        ("2025-10-30~", "2025-10-29", "2025-10-31"),
        ("2025-10-30%", "2025-10-28", "2025-11-01"),
        ("1985-04-XX?", "1985-03-01", "1985-05-31"),
        ("2004-XX?", "2003-01-01", "2005-12-31"),
        ("201X~", "2000-01-01", "2029-12-31"),
        ("20XX~", "1900-01-01", "2199-12-31"),
        ("2025-21~", "2024-09-01", "2026-06-30"),
        ("2025-21%", "2024-06-01", "2026-09-30"),
        ("0001-01-01~", "0001-01-01", "0001-01-02"),
        ("9999-12-31~", "9999-12-30", "9999-12-31"),
        ("9999~", "9998-01-01", "9999-12-31"),
    ],
)
def test_a_qualified_date_is_wider_by_its_own_precision(text: str, earliest: str, latest: str) -> None:
    assert edtf.bounds(text) == Bounds(day(earliest), day(latest))


@pytest.mark.parametrize(
    ("text", "earliest", "latest"),
    [
        ("2025/2026", "2025-01-01", "2026-12-31"),
        ("2025-10-30/2026-10", "2025-10-30", "2026-10-31"),
        ("2025/2025-03", "2025-01-01", "2025-03-31"),
        ("../2025", "", "2025-12-31"),
        ("2025/..", "2025-01-01", ""),
        ("/2025-10", "", "2025-10-31"),
        ("2025-10/", "2025-10-01", ""),
        ("2025~/2026", "2024-01-01", "2026-12-31"),
        ("XXXX-04/2026", "", "2026-12-31"),
        ("2025-10-30/2025-10-30", "2025-10-30", "2025-10-30"),
    ],
)
def test_an_interval_runs_from_its_first_side_to_its_last(text: str, earliest: str, latest: str) -> None:
    assert edtf.bounds(text) == Bounds(day(earliest), day(latest))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("2007-11-00", "2007-11-00: day 00 does not exist; write 2007-11 if the day is not known"),
        ("2007-00", "month 00 does not exist; write 2007 if the month is not known"),
        ("2025-13", "month 13 does not exist"),
        ("2025-02-29", "day 29 does not exist; write 2025-02"),
        ("XXXX-02-30", "day 30 does not exist; write XXXX-02"),
        ("XXXX-04-31", "day 31 does not exist"),
        ("0000", "year 0000 is not accepted"),
        ("0000-01-01", "year 0000 is not accepted"),
        ("XXXX", "without a year it needs a month"),
        ("XXXX-XX", "without a year it needs a month"),
        ("XXXX-21", "without a year it needs a month"),
        ("XXXX-13", "month 13 does not exist"),
        ("1X99", "X may stand"),
        ("2XXX", "X may stand"),
        ("201X-04", "X may stand"),
        ("1985-XX-15", "X may stand"),
        ("XXXX-04-XX", "X may stand"),
        ("2025-21-03", "a season has no days; write 2025-21"),
        ("2025-33", "write an interval of months, such as 2025-01/2025-03"),
        ("Y17000", "years with a letter"),
        ("-0500", "before 0001"),
        ("1950E3", "exponents"),
        ("1950S2", "exponents"),
        ("2025-10-30T10:00", "no time of day"),
        ("[2024,2025]", "sets of dates"),
        ("{2024}", "sets of dates"),
        ("2004?-06", "only at the end"),
        ("?2004", "only at the end"),
        ("2004?~", "only at the end"),
        (" 2025", "no spaces"),
        ("2025\n", "no spaces"),
        ("2025-1-5", "not an EDTF date; write YYYY"),
        ("20251030", "not an EDTF date"),
        ("25", "not an EDTF date"),
        ("avril prochain", "no spaces"),
        ("avril", "not an EDTF date"),
        ("\u0662\u0660\u0662\u0665", "not an EDTF date"),
        ("20\u0662\u0665", "not an EDTF date"),
        ("..", "not an EDTF date"),
        ("30/10/2025", "one slash"),
        ("2026/2025", "ends before it starts; write 2025/2026"),
        ("2025-10-31/2025-10-30", "ends before it starts"),
        ("../..", "a date on one side"),
        ("/", "a date on one side"),
        ("../", "a date on one side"),
        ("2025/2026-13", "2026-13: month 13 does not exist"),
        ("2025~" * 13, "longer than 64 characters"),
    ],
)
def test_a_refusal_says_what_would_be_right(text: str, reason: str) -> None:
    with pytest.raises(EdtfError) as refused:
        edtf.bounds(text)
    assert reason in str(refused.value)


@pytest.mark.parametrize(
    ("text", "duration", "times", "expected"),
    [
        ("", "P1Y", 1, ""),
        ("2025", "P1Y", 1, "2026"),
        ("2025", "P6M", 2, "2026"),
        ("2025~", "P1Y", 1, "2026~"),
        ("2025", "P6M", 1, "2025-07-01/2026-06-30"),
        ("2025", "P30D", 1, "2025-01-31/2026-01-30"),
        ("2025~", "P6M", 1, "2024-07-01/2027-06-30"),
        ("2025-10", "P1M", 1, "2025-11"),
        ("2025-12?", "P1M", 1, "2026-01?"),
        ("2025-10", "P1Y2M", 1, "2026-12"),
        ("2025-02", "P10D", 1, "2025-02-11/2025-03-10"),
        ("2025-10-30", "P1Y", 1, "2026-10-30"),
        ("2025-10-30~", "P1Y", 1, "2026-10-30~"),
        ("2025-01-31", "P1M", 2, "2025-03-31"),
        ("2026-08-28", "P2M", -1, "2026-06-28"),
        ("201X", "P10Y", 1, "202X"),
        ("201X", "P1Y", 1, "2011-01-01/2020-12-31"),
        ("20XX", "P50Y", 2, "21XX"),
        ("2004-XX", "P1Y", 1, "2005-XX"),
        ("1985-04-XX", "P9M", 1, "1986-01-XX"),
        ("1985-XX-XX", "P1Y", 1, "1986-XX-XX"),
        ("2025-21", "P1Y", 1, "2026-21"),
        ("2025-21", "P3M", 1, "2025-03-01/2026-06-30"),
        ("XXXX-04", "P1Y", 1, "XXXX-04"),
        ("XXXX-04~", "P6M", 2, "XXXX-04~"),
        ("XXXX-04", "P10M", 1, "XXXX-02"),
        ("XXXX-08-31", "P1M", 1, "XXXX-09-30"),
        ("XXXX-12-31", "P2M", 1, "XXXX-02"),
        ("XXXX-02-29", "P1Y", 1, "XXXX-02"),
        ("XXXX-02-29", "P1Y", 0, "XXXX-02-29"),
        ("XXXX-04", "P3D", 1, ""),
        ("2025/2026", "P1Y", 1, "2026/2027"),
        ("2025/2026", "P6M", 1, "2025-07-01/2027-06-30"),
        ("2025/..", "P1Y", 1, "2026/.."),
        ("/2025-10", "P1M", 1, "/2025-11"),
        ("XXXX-04/2025", "P3D", 1, "/2026-01-03"),
        ("XXXX-04/..", "P3D", 1, ""),
        ("9999", "P1Y", 1, ""),
        ("2025/9999", "P1Y", 1, "2026/"),
        ("2025/9998~", "P1Y", 1, "2026/"),
        ("0001/2025", "P1Y", -1, "/2024"),
        ("9998/..", "P5Y", 1, ""),
        ("9998", "P18M", 1, "9999-07-01/"),
        ("999X", "P5Y", 1, "9995-01-01/"),
        ("9999-12-30?", "P1D", 1, "9999-12-30/"),
        ("0001-06-01", "P1Y", -1, ""),
    ],
)
def test_a_sum_is_no_more_precise_than_its_date(text: str, duration: str, times: int, expected: str) -> None:
    assert edtf.add(text, duration, times) == expected


def test_an_approximate_day_near_a_months_end_becomes_the_interval_that_holds_its_neighbours() -> None:
    # 1 March, one of the days that 28 February may be, is 1 April a month later.
    assert edtf.add("2025-02-28~", "P1M") == "2025-03-27/2025-04-01"


@pytest.mark.parametrize("text", ["2025", "XXXX-04", "2025/..", ""])
def test_hours_are_never_added_to_an_uncertain_date(text: str) -> None:
    with pytest.raises(DurationError, match="cannot be added"):
        edtf.add(text, "PT1H")


def test_a_text_that_is_no_date_is_refused_by_a_sum_too() -> None:
    with pytest.raises(EdtfError):
        edtf.add("2007-11-00", "P1Y")
