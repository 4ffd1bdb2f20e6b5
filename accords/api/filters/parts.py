"""Filters that several resources have."""

from datetime import UTC, date, datetime

from django.db.models import Model

from accords.api.filters.kinds import (
    Companion,
    DayKind,
    FlagKind,
    InstantKind,
    Kind,
    ListKind,
    PatternKind,
    UncertainDayKind,
    UnknownDayKind,
    WholeKind,
    WordKind,
    WordsKind,
)
from accords.api.filters.rows import RowKind
from accords.models import Agreement, Source
from accords.vocabulary import DateCertainty


def today() -> date:
    """The day in UTC: the default wherever a question about time does not name one."""
    return datetime.now(UTC).date()


def listed(**kinds: Kind) -> dict[str, Kind]:
    """Each filter, and beside it the one that takes several of its values: `kind` and `kind__in`."""
    return kinds | {f"{name}__in": ListKind(kind) for name, kind in kinds.items()}


def every_row() -> dict[str, Kind]:
    """What every resource can be asked."""
    kinds: dict[str, Kind] = {"id__in": ListKind(WholeKind("id", help_text="The row's id."))}
    for field, what in (("created_at", "made"), ("updated_at", "last changed")):
        kinds[f"{field}__gte"] = InstantKind(field, "gte", help_text=f"Rows {what} at this instant or later.")
        kinds[f"{field}__lte"] = InstantKind(field, "lte", help_text=f"Rows {what} at this instant or earlier.")
    return kinds


def searched(model: type[Model]) -> dict[str, Kind]:
    """Full text, and whether to show where it matches."""
    shown = FlagKind(help_text="true: each row has `highlight`, the places where it matches `q`. Default: false.")
    return {"q": WordsKind(model), "highlight": Companion(shown, lambda: False, of=("q",))}


def uncertain(field: str, what: str) -> dict[str, Kind]:
    """The five questions about an uncertain date. `what` completes `rows that …`."""
    rows = f"Rows that {what}"
    return {
        f"{field}_before": UncertainDayKind(
            field,
            ask="possibly_by",
            help_text=f"{rows} on this day or earlier, under at least one reading of the date.",
        ),
        f"{field}_after": UncertainDayKind(
            field,
            ask="possibly_from",
            help_text=f"{rows} on this day or later, under at least one reading of the date.",
        ),
        f"{field}_certain_before": UncertainDayKind(
            field, ask="certainly_by", help_text=f"{rows} on this day or earlier, under every reading of the date."
        ),
        f"{field}_certain_after": UncertainDayKind(
            field, ask="certainly_from", help_text=f"{rows} on this day or later, under every reading of the date."
        ),
        f"{field}_unknown": UnknownDayKind(
            field,
            help_text=f"true: rows of which it is not known at all when they {what}: "
            "no date is stated, or it has no bounds (`XXXX-04`).",
        ),
    }


def in_force() -> dict[str, Kind]:
    """Whether something is in force on a day, in one of two meanings."""
    certainty = WordKind(
        DateCertainty,
        help_text="How to read `in_force_on`: `possible` (default) under at least one reading of the dates, "
        "`certain` under every one.",
    )
    return {
        "in_force_on": DayKind(
            ask="in_force_on", beside=("certainty",), help_text="In force on this day, by the dates and renewal rules."
        ),
        "certainty": Companion(certainty, lambda: DateCertainty.POSSIBLE, of=("in_force_on",)),
    }


def on_day(help_text: str) -> Companion:
    """The day that questions about time are asked for."""
    return Companion(DayKind(help_text=f"{help_text} Default: today (UTC); the answer says which day it used."), today)


def agreement(field: str | None = "agreement") -> dict[str, Kind]:
    """The agreement that a row hangs on."""
    kind = RowKind(
        Agreement,
        field,
        example="us-china-rare-metals",
        help_text="Rows of this agreement, by slug (any case).",
    )
    return listed(agreement=kind)


def source(field: str | None = None, ask: str = "", help_text: str = "Rows that cite this source, by slug.") -> Kind:
    """A source that a row cites."""
    return RowKind(Source, field, ask=ask, help_text=help_text)


def language() -> dict[str, Kind]:
    """The language of a text."""
    return listed(
        language=PatternKind(
            r"[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*",
            "fr",
            "language",
            help_text="The language of the text (BCP 47), to the letter.",
        )
    )


def country(field: str = "country") -> dict[str, Kind]:
    """A country code."""
    return listed(country=PatternKind(r"[A-Z]{2}", "CN", field, help_text="ISO 3166-1 alpha-2 code."))
