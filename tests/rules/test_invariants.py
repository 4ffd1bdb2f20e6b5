"""Invariants of dates and terms, on generated ones."""

from dataclasses import fields, replace
from datetime import date, datetime, time, timedelta
from itertools import islice, pairwise

import pytest
from dateutil.relativedelta import relativedelta
from dateutil.rrule import rrulestr
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from accords.rules import durations, edtf
from accords.rules.edtf import Bounds
from accords.rules.status import Lifecycle, in_force, spans, temporal_status, time_premises
from accords.rules.terms import BOUNDARIES, DEADLINES, RENEWING, Terms, period_end, recurrence, steps
from tests.examples import examples

# Terms that recur are few among all that can be: the one test that needs them looks for them longer.
quick = settings(
    max_examples=examples(30), deadline=None, database=None, suppress_health_check=[HealthCheck.filter_too_much]
)

DAYS = st.dates(date(1900, 1, 1), date(2100, 12, 31)) | st.dates()
MONTH_ENDS = st.builds(lambda day: day + relativedelta(day=31), st.dates(date(1900, 1, 1), date(2100, 12, 31)))
ANCHORS = st.dates(date(1900, 1, 1), date(2100, 12, 31)) | MONTH_ENDS
YEARS = st.integers(1, 30).map("P{}Y".format)
MONTHS = st.integers(1, 40).map("P{}M".format)
SPANS = st.integers(1, 400).map("P{}D".format) | st.integers(1, 60).map("P{}W".format)
MIXED = st.builds("P{}Y{}M{}D".format, st.integers(0, 3), st.integers(0, 13), st.integers(1, 40))
DURATIONS = YEARS | MONTHS | SPANS | MIXED
CONVENTIONS = ("same_day", "day_before", "unspecified")
STATUSES = st.sampled_from(["announced", "signed", "in_force", "suspended", "terminated", "unknown"])


def coarser(day: date) -> list[str]:
    """Return the day in ever coarser precision."""
    year = f"{day.year:04d}"
    return [day.isoformat(), day.isoformat()[:7], year, f"{year[:3]}X", f"{year[:2]}XX"]


def readings(day: date) -> list[str]:
    """Return other texts that can mean the day."""
    year, month = f"{day.year:04d}", day.isoformat()[:7]
    of_one_year = [f"{year}-XX", f"{month}-XX", f"{year}-21", f"{year}-24~", f"{year}?/{day}"]
    return [*of_one_year, f"../{day}", f"{month}/..", f"0001/{day}", f"{month}/9999"]


@st.composite
def nested_dates(draw: st.DrawFn) -> tuple[str, str]:
    """Return a date and a coarser text that contains it, with the same qualifier or none."""
    day, qualifier = draw(DAYS), draw(st.sampled_from(["", "?", "~", "%"]))
    texts = coarser(day)
    finer = draw(st.integers(0, len(texts) - 1))
    wide = draw(st.integers(finer, len(texts) - 1))
    if finer == 0 and not qualifier and draw(st.booleans()):
        return texts[0], draw(st.sampled_from(readings(day)))
    return texts[finer] + qualifier, texts[wide] + qualifier


@st.composite
def terms(draw: st.DrawFn, conventions: tuple[str, ...] = CONVENTIONS) -> Terms:
    """Return a strategy of terms with certain days."""
    effective, intervals = draw(ANCHORS), draw(st.lists(DURATIONS, max_size=3))
    if draw(st.integers(0, 4)) == 0:
        intervals.append("open")
    return Terms(
        effective=effective.isoformat(),
        ends=draw(st.just("") | DURATIONS.map(lambda duration: durations.add(effective, duration).isoformat())),
        term=draw(st.just("") | DURATIONS),
        term_ends=draw(st.sampled_from(conventions)),
        renewal_mode=draw(st.sampled_from(list(BOUNDARIES))),
        renewal_intervals=tuple(intervals),
        notice_period=draw(st.just("") | DURATIONS),
        max_renewals=draw(st.none() | st.integers(0, 6)),
        renewal_condition=draw(st.sampled_from(["", "", "", "if paid"])),
    )


@st.composite
def lifecycles(draw: st.DrawFn, conventions: tuple[str, ...] = CONVENTIONS) -> Lifecycle:
    """Return a strategy of lifecycles of any status, with certain or uncertain days."""
    agreed, dates = draw(terms(conventions)), draw(nested_dates())
    agreed = replace(agreed, **draw(st.sampled_from([{}, {"effective": dates[1]}, {"ends": dates[1]}])))
    since = draw(st.sampled_from(["", dates[0]]) | DAYS.map(str))
    return Lifecycle(agreed, draw(STATUSES), since, draw(st.integers(0, 3)))


def holds(outer: Bounds, inner: Bounds) -> bool:
    """Return whether the bounds `outer` contain the bounds `inner`; None is unbounded."""
    early = outer.earliest is None or (inner.earliest is not None and outer.earliest <= inner.earliest)
    late = outer.latest is None or (inner.latest is not None and inner.latest <= outer.latest)
    return early and late


@quick
@given(nested_dates())
def test_a_coarser_date_never_has_narrower_bounds(dates: tuple[str, str]) -> None:
    finer, wide = dates
    assert holds(edtf.bounds(wide), edtf.bounds(finer))


@quick
@given(nested_dates(), DURATIONS, st.integers(-40, 40))
def test_a_coarser_date_never_yields_a_narrower_sum(dates: tuple[str, str], duration: str, times: int) -> None:
    finer, wide = dates
    # Bounds stop at the ends of the calendar: a sum that leads away from there may be wider than they were.
    assume(400 < int(finer[:4].replace("X", "0")) < 9500)
    assert holds(edtf.bounds(edtf.add(wide, duration, times)), edtf.bounds(edtf.add(finer, duration, times)))


@quick
@given(nested_dates(), DURATIONS, st.integers(-40, 40), st.data())
def test_a_sum_holds_every_day_of_its_date_moved(
    dates: tuple[str, str], duration: str, times: int, data: st.DataObject
) -> None:
    earliest, latest = edtf.bounds(dates[1])
    day = data.draw(st.dates(earliest or date.min, latest or date.max))
    moved = edtf.bounds(edtf.add(day.isoformat(), duration, times))
    assume(moved != Bounds(None, None))
    assert holds(edtf.bounds(edtf.add(dates[1], duration, times)), moved)


@quick
@given(st.text(alphabet="0123456789X-/.?~%", max_size=22))
def test_any_text_is_a_date_or_an_edtf_error(text: str) -> None:
    try:
        earliest, latest = edtf.bounds(text)
    except edtf.EdtfError:
        return
    assert earliest is None or latest is None or earliest <= latest


@quick
@given(DAYS, DURATIONS, st.integers(-400, 400))
def test_a_day_moves_as_another_calendar_moves_it(day: date, duration: str, times: int) -> None:
    total = durations.parse(duration).times(times)
    try:
        expected = day + relativedelta(months=total.total_months, days=total.total_days)
    except (ValueError, OverflowError):
        with pytest.raises(durations.OutOfCalendar):
            durations.shift(day, total)
    else:
        assert durations.shift(day, total) == expected


@quick
@given(terms(), st.integers(1, 12))
def test_sequences_strictly_increase_per_kind(agreed: Terms, count: int) -> None:
    found = list(steps(agreed, count=count))
    deadlines = [step for step in found if step.kind in DEADLINES.values()]
    ends = [step for step in found if step.kind not in DEADLINES.values()]
    assert all(a.sequence < b.sequence for kind in (deadlines, ends) for a, b in pairwise(kind))
    assert all(a.due < b.due for a, b in pairwise(ends))
    assert [step.due for step in found] == sorted(step.due for step in found)


@quick
@given(ANCHORS, MONTHS | YEARS, st.lists(MONTHS | YEARS, min_size=1, max_size=3), st.integers(1, 12), st.booleans())
def test_ends_are_computed_from_the_anchor_and_never_cumulatively(
    anchor: date, term: str, intervals: list[str], count: int, day_before: bool
) -> None:
    agreed = Terms(
        effective=anchor.isoformat(),
        term=term,
        term_ends="day_before" if day_before else "same_day",
        renewal_mode="automatic",
        renewal_intervals=tuple(intervals),
    )
    lengths = [durations.parse(one).total_months for one in (term, *intervals)]
    lengths += [lengths[-1]] * count
    months = [sum(lengths[: number + 1]) for number in range(count)]
    expected = [anchor + relativedelta(months=total) - timedelta(days=day_before) for total in months]
    assert [step.due for step in steps(agreed, count=count)] == [day.isoformat() for day in expected]


@quick
@given(terms(), st.integers(1, 12))
def test_an_offset_leads_from_the_effective_date_to_the_step(agreed: Terms, count: int) -> None:
    for step in steps(agreed, count=count):
        assert not step.offset or edtf.add(agreed.effective, step.offset) == step.due


@quick
@given(terms(), ANCHORS)
def test_until_is_a_cut_through_the_same_steps(agreed: Terms, until: date) -> None:
    cut = list(islice(steps(agreed, until=until), 40))
    assert all(step.due <= until.isoformat() for step in cut)
    whole = [step for step in steps(agreed, count=60) if step.due <= until.isoformat()]
    assert cut == whole[:40]


@quick
@given(terms(("unspecified",)), st.integers(1, 8))
def test_notice_on_the_day_given_is_in_time_under_both_conventions(agreed: Terms, count: int) -> None:
    served = {step.sequence: step.due for step in steps(agreed, count=count) if step.kind in DEADLINES.values()}
    for convention in ("same_day", "day_before"):
        for step in steps(replace(agreed, term_ends=convention), count=count):
            if step.kind in DEADLINES.values() and step.sequence in served:
                assert served[step.sequence] <= step.due


@quick
@given(terms())
def test_the_recurrence_expands_to_the_steps(agreed: Terms) -> None:
    rule = recurrence(agreed)
    assume(rule)
    start = datetime.combine(date.fromisoformat(period_end(agreed)), time())
    expanded = [day.date().isoformat() for day in islice(rrulestr(rule, dtstart=start), 24)]
    ends = [step.due for step in steps(agreed, count=24) if step.kind not in DEADLINES.values()]
    assert expanded == ends


@quick
@given(ANCHORS, MONTHS | YEARS, MONTHS | YEARS | SPANS, st.sampled_from(sorted(RENEWING)))
def test_periods_of_whole_months_or_days_always_have_a_recurrence(
    anchor: date, term: str, interval: str, mode: str
) -> None:
    assert recurrence(Terms(anchor.isoformat(), "", term, "same_day", mode, (interval,)))


@quick
@given(lifecycles())
def test_no_moment_is_earlier_at_the_latest_than_at_the_earliest(agreement: Lifecycle) -> None:
    assert all(span.low <= span.high for span in spans(agreement))


@quick
@given(lifecycles(), ANCHORS)
def test_certainly_in_force_is_possibly_in_force(agreement: Lifecycle, on: date) -> None:
    assert not in_force(agreement, on, "certain") or in_force(agreement, on, "possible")


@quick
@given(lifecycles(("unspecified",)), ANCHORS)
def test_what_is_certain_without_a_convention_is_certain_under_both(agreement: Lifecycle, on: date) -> None:
    for convention in ("same_day", "day_before"):
        decided = replace(agreement, terms=replace(agreement.terms, term_ends=convention))
        if in_force(agreement, on, "certain"):
            assert in_force(decided, on, "possible")
            assert in_force(decided, on, "certain")
        if in_force(decided, on, "possible"):
            assert in_force(agreement, on, "possible")


@quick
@given(terms(("same_day", "unspecified")), nested_dates(), STATUSES, st.integers(-4000, 4000), st.integers(0, 3))
def test_a_coarser_effective_date_never_makes_more_certain(
    agreed: Terms, dates: tuple[str, str], status: str, distance: int, concluded: int
) -> None:
    finer, wide = (Lifecycle(replace(agreed, effective=text, ends=""), status, concluded=concluded) for text in dates)
    near = (edtf.bounds(dates[0]).earliest or date(2025, 1, 1)).toordinal() + distance
    on = date.fromordinal(min(max(near, 1), date.max.toordinal()))
    assert temporal_status(wide, on) in ("unknown", temporal_status(finer, on))
    assert in_force(finer, on, "certain") or not in_force(wide, on, "certain")
    assert in_force(wide, on, "possible") or not in_force(finer, on, "possible")


@quick
@given(lifecycles(), ANCHORS, st.sampled_from(["", "from delivery"]))
def test_terms_that_are_no_premises_decide_no_state(agreement: Lifecycle, on: date, event: str) -> None:
    agreed = replace(agreement.terms, term_from=event)
    allowed = agreed.max_renewals if agreed.renewal_mode in RENEWING else 0  # as many as the terms allow
    found = replace(agreement, terms=agreed, concluded=min(agreement.concluded, 3 if allowed is None else allowed))
    named = {"term_ends", *time_premises(agreed, found.status, found.status_since)}
    others = {each.name: each.default for each in fields(Terms) if each.name not in named}
    without = replace(found, terms=replace(agreed, **others))
    assert temporal_status(found, on) == temporal_status(without, on)
    for certainty in ("possible", "certain"):
        assert in_force(found, on, certainty) == in_force(without, on, certainty)


@quick
@given(lifecycles(), ANCHORS)
def test_the_state_and_being_in_force_agree(agreement: Lifecycle, on: date) -> None:
    state = temporal_status(agreement, on)
    if in_force(agreement, on, "certain"):
        assert state == "current"
    if state in ("current", "renewal_due"):
        assert in_force(agreement, on, "possible")
    if not in_force(agreement, on, "possible"):
        assert state not in ("current", "renewal_due")
