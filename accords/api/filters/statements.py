"""What can be asked of statements."""

from accords.api.filters.backend import filter_set
from accords.api.filters.kinds import FlagKind, PartKind, PatternKind, TextKind, WordKind
from accords.api.filters.parts import agreement, every_row, listed, searched, source
from accords.api.filters.rows import IdKind, PartyKind
from accords.models import Clause, Event, Statement
from accords.vocabulary import Certainty, Polarity, StatementKind

StatementFilterSet = filter_set(
    "StatementFilterSet",
    **agreement(),
    **listed(
        number=TextKind("number", help_text="The statement's number, to the letter."),
        kind=WordKind(StatementKind, "kind", help_text="What sort of statement."),
        polarity=WordKind(Polarity, "polarity", help_text="Whether the speaker holds the proposition to be so."),
        certainty=WordKind(Certainty, "certainty", help_text="How sure the speaker is."),
    ),
    speaker=PartyKind("speaker", help_text="Statements that this party makes."),
    speaker__isnull=FlagKind("speaker", "isnull", help_text="true: the source itself speaks."),
    speaker_label__icontains=PartKind(
        "speaker_label", help_text="Part of how the source names the speaker, whatever its case and accents."
    ),
    mentions=PartyKind("mentions", help_text="Statements that name this party."),
    clause=IdKind(Clause, "clause", help_text="Statements about this clause, by id."),
    clause__isnull=FlagKind(
        "clause", "isnull", help_text="true: statements about no clause; every denial is among them."
    ),
    event=IdKind(Event, "event", help_text="Statements about this event, by id."),
    event__isnull=FlagKind("event", "isnull", help_text="true: statements about no event."),
    topic=PatternKind(
        r"[A-Za-z0-9 -]{1,100}", "tariffs", ask="on_topic", help_text="Statements that have this topic, to the letter."
    ),
    source=source(ask="citing"),
    **searched(Statement),
    **every_row(),
)
