"""Statements: who said what about an agreement, apart from what was agreed."""

from typing import Any, Self

from django.db import models
from django.db.models import Q

from accords.db.constraints import RowRule, not_blank, one_of
from accords.db.fields import Line, StringList, word
from accords.db.parameters import derived
from accords.db.search_index import Words
from accords.db.text_search import has_item
from accords.models.agreements import Agreement
from accords.models.base import RecordQuerySet, VersionedRecord, refuse_foreign
from accords.models.clauses import Clause
from accords.models.events import Event
from accords.models.parties import Party
from accords.vocabulary import Certainty, Polarity, StatementKind


class StatementQuerySet(RecordQuerySet):
    """Questions about statements."""

    def on_topic(self, topic: Any) -> Self:
        """Statements that have this topic, to the letter."""
        return self.filter(has_item("topics", derived('{}"'.format, topic)))

    def get_by_natural_key(self, agreement: str, number: str) -> "Statement":
        """The statement of that number about that agreement."""
        found: Statement = self.get(agreement__slug=agreement, number=number)
        return found


class Statement(VersionedRecord):
    """Something said about an agreement. What someone denied can never be read as something that was agreed."""

    agreement = models.ForeignKey(Agreement, models.CASCADE, related_name="statements", help_text="The agreement.")
    number = Line(max_length=50, help_text="The editors' own number, unique within the agreement: `S1`.")
    kind = word(StatementKind, "What sort of statement.")
    speaker = models.ForeignKey(
        Party,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="statements",
        help_text="Who says it; null where the source itself speaks.",
    )
    speaker_label = Line(
        max_length=200, blank=True, default="", help_text="How the source names the speaker: `le président américain`."
    )
    polarity = word(Polarity, "Whether the speaker holds the proposition to be so.")
    certainty = word(Certainty, "How sure the speaker is.", default=Certainty.UNSPECIFIED)
    proposition = Line(
        max_length=1000,
        help_text="What is said to be so, phrased positively, in English; the polarity says yes or no to it.",
    )
    topics = StringList(help_text="What it is about, a few words in English.")
    mentions = models.ManyToManyField(Party, blank=True, related_name="mentioned_in", help_text="Who is named in it.")
    clause = models.ForeignKey(
        Clause,
        models.RESTRICT,
        null=True,
        blank=True,
        related_name="statements",
        help_text="The clause that it speaks of; never for a denial.",
    )
    event = models.ForeignKey(
        Event,
        models.RESTRICT,
        null=True,
        blank=True,
        related_name="statements",
        help_text="The event that it speaks of.",
    )
    search = Words(head=("proposition",), body=("speaker_label", "topics"))

    _history_m2m_fields = ("mentions",)  # recorded with the row
    objects = StatementQuerySet.as_manager()

    class Meta:
        constraints = [
            one_of("kind", StatementKind),
            one_of("polarity", Polarity),
            one_of("certainty", Certainty),
            *not_blank("number", "proposition"),
            RowRule(
                condition=~Q(kind=StatementKind.DENIAL) | Q(polarity=Polarity.NEGATIVE),
                name="statement_denial_negative",
                field="polarity",
                violation_error_code="denial_not_negative",
                violation_error_message="A denial is negative: the proposition says what is denied.",
            ),
            RowRule(
                condition=~Q(kind=StatementKind.DENIAL) | Q(clause__isnull=True),
                name="statement_denial_no_clause",
                field="clause",
                violation_error_code="denial_with_clause",
                violation_error_message="A denial has no clause: what was denied is not something that was agreed.",
            ),
            models.UniqueConstraint(
                fields=["agreement", "number"],
                name="statement_number_once",
                violation_error_message="The agreement has a statement of this number already.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.get_kind_display()}: {self.proposition}"[:120]

    def natural_key(self) -> tuple[str, str]:
        """Agreement and number."""
        return (self.agreement.slug, self.number)

    def clean(self) -> None:
        """A statement speaks of a clause and an event of its own agreement."""
        refuse_foreign(self, "clause", "event")


Statement.natural_key.dependencies = ["accords.agreement", "accords.clause", "accords.event", "accords.party"]  # type: ignore[attr-defined]
