"""A picture of time: everything has its place, no label lies upon another, and what is uncertain stays a span."""

from datetime import date, timedelta
from itertools import combinations, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accords.rules import timeline
from accords.rules.timeline import GUTTER, MOST_ROWS, NEAR, SYMBOL, WIDTH, Lane, Mark, Placed, layout, width_of

TODAY = date(2026, 11, 24)


def day(text: str, lane: str = "events", label: str = "E1 meeting", tone: str = "held") -> Mark:
    """A mark of one day."""
    on = date.fromisoformat(text)
    return Mark(lane, label, on, on, tone)


def taken(one: Placed) -> tuple[float, float]:
    """From where to where a mark and its label lie."""
    left, right = one.x - (0 if one.width else SYMBOL), one.x + max(one.width, SYMBOL)
    if not one.text:
        return left, right
    wide = width_of(one.text)
    text = (one.text_x - wide, one.text_x) if one.before else (one.text_x, one.text_x + wide)
    return min(left, text[0]), max(right, text[1])


def overlapping(lane: Lane) -> list[tuple[Placed, Placed]]:
    """Labelled marks of a row that lie upon each other."""
    labelled = [one for one in lane.placed if one.row < MOST_ROWS and one.text]
    pairs = (pair for pair in combinations(labelled, 2) if pair[0].row == pair[1].row)
    return [(a, b) for a, b in pairs if taken(a)[0] < taken(b)[1] - 0.2 and taken(b)[0] < taken(a)[1] - 0.2]


def test_nothing_to_draw_is_a_picture_with_today_alone() -> None:
    picture = layout([], TODAY)
    assert (picture.lanes, picture.unlabelled) == ([], 0)
    assert GUTTER < picture.today < WIDTH


def test_days_stand_in_the_order_of_time_and_today_among_them() -> None:
    picture = layout([day("2027-01-01"), day("2025-10-30"), day("2026-06-01")], TODAY)
    places = [one.x for one in picture.lanes[0].placed]
    assert places == sorted(places)
    assert places[1] < picture.today < places[2]
    assert [one.width for one in picture.lanes[0].placed] == [0, 0, 0]


def test_an_uncertain_date_is_a_span_however_short() -> None:
    month = Mark("events", "visit", date(2026, 4, 1), date(2026, 4, 30))
    picture = layout([month, day("1951-01-12")], TODAY)
    (span,) = [one for one in picture.lanes[0].placed if one.mark == month]
    assert span.width >= 2 * SYMBOL
    assert span.sure_width == 0


def test_a_side_without_bound_goes_to_the_edge() -> None:
    before = Mark("a", "before", None, date(2026, 1, 1))
    after = Mark("b", "after", date(2025, 1, 1), None)
    lanes = layout([before, after], TODAY).lanes
    assert lanes[0].placed[0].x == GUTTER
    assert lanes[1].placed[0].x + lanes[1].placed[0].width == WIDTH


def test_what_has_no_bounds_has_no_place() -> None:
    april = Mark("events", "visit", None, None)
    assert timeline.is_undated(april)
    assert layout([april], TODAY).lanes == []


def test_a_period_has_a_sure_part_within_its_frame() -> None:
    days = (date(2025, 1, 1), date(2027, 12, 31), "held", date(2025, 12, 31), date(2027, 1, 1))
    one = layout([Mark("terms", "term 1", *days)], TODAY).lanes[0].placed[0]
    assert one.x < one.sure_x < one.sure_x + one.sure_width < one.x + one.width


def test_periods_that_follow_each_other_share_a_row() -> None:
    years = [date(year, 10, 30) for year in range(2025, 2036)]
    marks = [Mark("terms", f"term {n}", a, b) for n, (a, b) in enumerate(pairwise(years), 1)]
    assert layout(marks, TODAY).lanes[0].rows == 1


def test_lanes_do_not_touch_and_come_in_the_order_of_their_marks() -> None:
    picture = layout([day("2026-01-01", "b"), day("2025-01-01", "a"), day("2026-01-02", "b")], TODAY)
    assert [lane.name for lane in picture.lanes] == ["b", "a"]
    ends = [lane.top + lane.rows * timeline.ROW for lane in picture.lanes]
    assert ends[0] <= picture.lanes[1].top
    assert ends[1] <= picture.height


@pytest.mark.parametrize("number", [1, 2, 7, 40, 400, 4000])
def test_however_many_there_are_the_picture_stays_small_and_readable(number: int) -> None:
    marks = [day(str(date(2020, 1, 1) + timedelta(days=n)), label=f"renegotiation {n}") for n in range(number)]
    picture = layout(marks, TODAY)
    (lane,) = picture.lanes
    assert lane.rows <= MOST_ROWS + 1
    assert len(lane.placed) <= WIDTH / NEAR
    assert sum(one.many for one in lane.placed) == number
    assert overlapping(lane) == []
    assert picture.unlabelled == sum(one.many for one in lane.placed if not one.text)


@given(
    st.lists(
        st.tuples(
            st.dates(), st.integers(0, 4000), st.text("aé 日", max_size=50), st.sampled_from("ab"), st.booleans()
        ),
        max_size=30,
    ),
    st.dates(),
)
def test_no_label_lies_upon_another_or_beyond_the_edge(rows: list[tuple[date, int, str, str, bool]], on: date) -> None:
    marks = [
        Mark(
            lane,
            label,
            start,
            None if open_end else date.fromordinal(min(start.toordinal() + days, date.max.toordinal())),
        )
        for start, days, label, lane, open_end in rows
    ]
    picture = layout(marks, on)
    for lane in picture.lanes:
        assert overlapping(lane) == []
        for one in lane.placed:
            left, right = taken(one)
            assert left >= GUTTER - SYMBOL
            assert right <= WIDTH + SYMBOL
    assert len(picture.ticks) <= timeline.MOST_TICKS + 1
    assert GUTTER <= picture.today <= WIDTH


@pytest.mark.parametrize(
    ("first", "last", "labels"),
    [
        ("2026-11-01", "2026-12-20", ["2026-11", "2026-12"]),
        ("2025-10-30", "2027-10-30", ["2026-01", "2026-04", "2026-07", "2026-10", "2027-01", "2027-04", "2027-07"]),
        ("1951-01-12", "2031-01-12", ["1960", "1970", "1980", "1990", "2000", "2010", "2020", "2030"]),
        ("0001-01-01", "9999-12-31", ["1000", "2000", "3000", "4000", "5000", "6000", "7000", "8000", "9000"]),
    ],
)
def test_the_scale_counts_in_months_or_years_that_one_would_choose(first: str, last: str, labels: list[str]) -> None:
    shown = [tick.label for tick in layout([day(first), day(last)], TODAY).ticks]
    assert [label for label in labels if label not in shown] == []
    assert len(shown) <= len(labels) + 2


def test_a_long_label_is_cut() -> None:
    assert timeline.shortened("x" * 100) == "x" * 33 + "…"
