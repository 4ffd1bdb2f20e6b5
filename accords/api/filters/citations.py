"""What can be asked of citations."""

from accords.api.filters.backend import filter_set
from accords.api.filters.kinds import Kind, PartKind, PatternKind, WholeKind
from accords.api.filters.parts import every_row, listed, source
from accords.api.filters.rows import IdKind, RowKind
from accords.models import Agreement, Clause, Event, Renewal, Statement


def offsets() -> dict[str, Kind]:
    """Where the quotation stands."""
    kinds: dict[str, Kind] = {}
    for field in ("start", "end"):
        kinds[f"{field}__gte"] = WholeKind(
            field, "gte", help_text=f"The quotation's {field} is this code point or a later one."
        )
        kinds[f"{field}__lte"] = WholeKind(
            field, "lte", help_text=f"The quotation's {field} is this code point or an earlier one."
        )
    return kinds


CitationFilterSet = filter_set(
    "CitationFilterSet",
    source=source("source", help_text="Citations of this source, by slug."),
    agreement=RowKind(
        Agreement,
        ask="of_agreement",
        example="us-china-rare-metals",
        help_text="Citations for this agreement and for everything that hangs on it, by slug; "
        "with `target=agreement` for itself only.",
    ),
    target=PatternKind(
        r"agreement|clause|statement|event|renewal",
        "clause",
        ask="of_kind",
        help_text="What the citation supports: an agreement, clause, statement, event or renewal.",
    ),
    clause=IdKind(Clause, "clause", help_text="Citations for this clause, by id."),
    statement=IdKind(Statement, "statement", help_text="Citations for this statement, by id."),
    event=IdKind(Event, "event", help_text="Citations for this event, by id."),
    renewal=IdKind(Renewal, "renewal", help_text="Citations for this renewal date, by id."),
    **listed(
        field=PatternKind(
            r"[a-z_]{1,50}", "value", "field", help_text="The field of the row that the quotation supports."
        )
    ),
    exact__icontains=PartKind("exact", help_text="Part of the quotation, whatever its case and accents."),
    **offsets(),
    **every_row(),
)
