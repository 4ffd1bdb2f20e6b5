"""Where days stand on a picture of time: a scale, lanes, and rows in which no label lies upon another. Numbers only."""

from collections.abc import Iterable, Iterator
from datetime import date
from itertools import groupby
from typing import NamedTuple
from unicodedata import east_asian_width

WIDTH, GUTTER, MARGIN = 1180.0, 104.0, 14.0  # of the picture, of the lanes' names on its left, and around the days
TOP, ROW, GAP = 24.0, 20.0, 8.0  # height of the scale, of a row, and between lanes
CHARACTER, WIDE, SYMBOL, AIR = 6.3, 12.0, 6.0, 8.0  # widths: of a letter, of a wide one, of half a symbol, between two
MOST_ROWS = 4  # of labels a lane; what has no place there is drawn without its label in one more row
MOST_TICKS = 12
LONGEST = 34  # characters of a label
NEAR = 3.0  # what lies no further apart cannot be told apart
STEPS = (1, 3, 6, 12, 24, 60, 120, 240, 600, 1200, 2400, 6000, 12000, 24000)  # months between ticks


class Mark(NamedTuple):
    """A day or a span of days to draw: somewhere between `earliest` and `latest`, None where nothing bounds it.

    A period runs from the one to the other, and certainly from `sure_from` to `sure_to`; a date has no sure part.
    `tone` is for whoever draws it. Marks of one lane that differ in tone are never drawn as one.
    """

    lane: str
    label: str
    earliest: date | None
    latest: date | None
    tone: str = ""
    sure_from: date | None = None
    sure_to: date | None = None

    @property
    def is_day(self) -> bool:
        """Whether it is one certain day."""
        return self.earliest is not None and self.earliest == self.latest


class Placed(NamedTuple):
    """A mark with its place. `width` is 0 for a day; `text` is blank where the label found no place.

    `sure_width` is 0 where no part is sure; `before` says that the text ends at `text_x`; `many` how many marks are
    drawn as this one.
    """

    mark: Mark
    x: float
    width: float
    row: int
    text: str
    text_x: float
    before: bool
    sure_x: float
    sure_width: float
    many: int


class Lane(NamedTuple):
    """Marks of one kind, its top edge and how many rows they take."""

    name: str
    top: float
    rows: int
    placed: list[Placed]


class Tick(NamedTuple):
    """A line of the scale."""

    x: float
    label: str


class Picture(NamedTuple):
    """What is to be drawn, in units of the picture. `unlabelled` counts the marks whose label found no place."""

    height: float
    lanes: list[Lane]
    ticks: list[Tick]
    today: float
    unlabelled: int


class Scale(NamedTuple):
    """Days as places from left to right."""

    first: int
    last: int

    def at(self, day: date) -> float:
        """The place of a day."""
        left, right = GUTTER + MARGIN, WIDTH - MARGIN
        return round(left + (day.toordinal() - self.first) * (right - left) / max(1, self.last - self.first), 1)


def is_undated(mark: Mark) -> bool:
    """Whether nothing bounds it, so that it has no place in the picture: `XXXX-04`, or no date at all."""
    return mark.earliest is None and mark.latest is None


def layout(marks: Iterable[Mark], today: date) -> Picture:
    """Place all marks that have a bound, and the day `today`; lanes in the order in which they first come.

    A side without bound goes to the picture's edge. At most MOST_ROWS + 1 rows a lane and as many marks as the width
    can tell apart, however many there are.
    """
    dated = [mark for mark in marks if not is_undated(mark)]
    scale = scale_of(dated, today)
    lanes, top = [], TOP + GAP
    for name in dict.fromkeys(mark.lane for mark in dated):
        placed = _rows([mark for mark in dated if mark.lane == name], scale)
        rows = max(one.row for one in placed) + 1
        lanes.append(Lane(name, top, rows, placed))
        top += rows * ROW + GAP
    lost = sum(one.many for lane in lanes for one in lane.placed if not one.text and one.mark.label)
    return Picture(top, lanes, ticks(scale), scale.at(today), lost)


def scale_of(marks: Iterable[Mark], today: date) -> Scale:
    """A scale on which all known days and `today` find a place; a month at least."""
    days = [day.toordinal() for mark in marks for day in (mark.earliest, mark.latest) if day]
    first, last = min([*days, today.toordinal()]), max([*days, today.toordinal()])
    short = max(0, 30 - (last - first))
    return Scale(first - short // 2, last + short - short // 2)


def ticks(scale: Scale) -> list[Tick]:
    """At most MOST_TICKS + 1 lines at beginnings of months, quarters, years or more."""
    first, last = (_month(date.fromordinal(max(1, min(day, date.max.toordinal())))) for day in scale)
    step = next(step for step in STEPS if (last - first) / step <= MOST_TICKS)
    found = (_first_of(month) for month in range(-(-first // step) * step, last + 1, step))
    return [
        Tick(scale.at(day), f"{day.year:04}" if step >= 12 else f"{day.year:04}-{day.month:02}")
        for day in found
        if day and day.toordinal() >= scale.first
    ]


def width_of(text: str) -> float:
    """About how wide a text is; letters of East Asia take twice the width."""
    return sum(WIDE if east_asian_width(letter) in "WF" else CHARACTER for letter in text)


def shortened(label: str) -> str:
    """A label of at most LONGEST characters."""
    return label if len(label) <= LONGEST else f"{label[: LONGEST - 1]}…"


def _month(day: date) -> int:
    return day.year * 12 + day.month - 1


def _first_of(month: int) -> date | None:
    return date(month // 12, month % 12 + 1, 1) if 12 <= month < 120_000 else None


def _rows(marks: list[Mark], scale: Scale) -> list[Placed]:
    """Marks of one lane from left to right, each in the first row that is free where it stands."""
    free = [0.0] * MOST_ROWS
    placed = [_labelled(one, free) for one in _merged(marks, scale)]
    used = sum(edge > 0 for edge in free)
    return [one._replace(row=used) if one.row == MOST_ROWS else one for one in placed]


def _merged(marks: list[Mark], scale: Scale) -> Iterator[Placed]:
    """Marks with their places, those that look the same made one."""
    found = sorted((_place(mark, scale) for mark in marks), key=_looks)
    groups = [list(group) for _, group in groupby(found, key=_looks)]
    one_each = (group[0]._replace(many=len(group)) for group in groups)
    return iter(sorted(one_each, key=lambda one: (one.x, one.x + one.width)))


def _looks(one: Placed) -> tuple[float, float, str]:
    return one.x // NEAR, one.width // NEAR, one.mark.tone


def _place(mark: Mark, scale: Scale) -> Placed:
    x = scale.at(mark.earliest) if mark.earliest else GUTTER
    end = scale.at(mark.latest) if mark.latest else WIDTH
    # A span never looks like a day, however short it is on the picture.
    width = 0.0 if mark.is_day else max(2 * SYMBOL, round(end - x, 1))
    sure_x, sure_end = (scale.at(day) if day else x for day in (mark.sure_from, mark.sure_to or mark.sure_from))
    return Placed(mark, x, width, 0, "", 0.0, False, sure_x, round(max(0.0, sure_end - sure_x), 1), 1)


def _labelled(one: Placed, free: list[float]) -> Placed:
    """With its label, in the first of the rows whose free part begins before it; else without, in the row below."""
    text = shortened(one.mark.label) + (f" +{one.many - 1}" if one.many > 1 else "")
    wide, right = width_of(text), one.x + max(one.width, SYMBOL)
    inside = wide + AIR <= one.width
    before = not inside and right + wide + AIR > WIDTH
    left = one.x - (0 if one.width else SYMBOL) - (wide + AIR if before else 0)
    row = next((row for row, edge in enumerate(free) if edge <= left + 0.2), None)
    if row is None:
        return one._replace(row=MOST_ROWS)
    free[row] = right if inside else right + AIR + (0 if before else wide)
    text_x = one.x + AIR / 2 if inside else one.x - SYMBOL - 2 if before else right + 4
    return one._replace(row=row, text=text, text_x=round(text_x, 1), before=before)
