"""What can be asked of events."""

from accords.api.filters.backend import filter_set
from accords.api.filters.kinds import FlagKind, PartKind, PatternKind, TextKind, WordKind
from accords.api.filters.parts import agreement, country, every_row, listed, searched, source, uncertain
from accords.api.filters.rows import IdKind, PartyKind
from accords.models import Event
from accords.vocabulary import EventKind, EventStatus

EventFilterSet = filter_set(
    "EventFilterSet",
    **agreement(),
    **listed(
        number=TextKind("number", help_text="The event's number, to the letter."),
        kind=WordKind(EventKind, "kind", help_text="What sort of event."),
        status=WordKind(EventStatus, "status", help_text="Whether it took place."),
        duration=PatternKind(
            r"P[0-9YMWDTHS]{2,30}", "PT1H40M", "duration", help_text="How long it lasted, as written."
        ),
    ),
    **country(),
    participant=PartyKind("participants", help_text="Events in which this party takes part."),
    place__icontains=PartKind("place", help_text="Part of the place's name, whatever its case and accents."),
    date_text__icontains=PartKind(
        "date_text", help_text="Part of the date in the source's words, whatever its case and accents."
    ),
    **uncertain("date", "take place"),
    approximate=FlagKind("approximate", help_text="Whether the duration is approximate."),
    after=IdKind(Event, "after", help_text="Events that follow this one, by id."),
    reciprocates=IdKind(Event, "reciprocates", help_text="Visits that return this one, by id."),
    source=source(ask="citing"),
    **searched(Event),
    **every_row(),
)
