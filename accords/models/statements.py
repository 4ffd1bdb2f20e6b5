"""Statements: who said what about an agreement, apart from what was agreed."""

from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accords.db.compiled_query import call_when_bound
from accords.db.constraints import FieldCheck, not_blank, one_of
from accords.db.fields import Line, RowNumber, StringList, word_field
from accords.db.search_index import SearchEntry, create_words_model
from accords.db.text_search import has_item_beginning_with
from accords.models.agreements import Agreement
from accords.models.base import BaseQuerySet, VersionedModel, refuse_foreign
from accords.models.clauses import Clause
from accords.models.events import Event
from accords.models.parties import Party
from accords.vocabulary import Certainty, Polarity, StatementKind


class StatementQuerySet(BaseQuerySet):
    def on_topic(self, topic: Any) -> Self:
        """Return the statements that have exactly this topic."""
        whole_item = call_when_bound('{}"'.format, topic)  # stored JSON ends it with this quotation mark
        return self.filter(has_item_beginning_with("topics", whole_item))

    def get_by_natural_key(self, agreement: str, number: str) -> "Statement":
        statement: Statement = self.get(agreement__slug=agreement, number=number)
        return statement


class Statement(VersionedModel):
    """Something said about an agreement. What someone denied can never be read as something that was agreed."""

    agreement = models.ForeignKey(
        Agreement, models.CASCADE, verbose_name=_("agreement"), related_name="statements", help_text=_("The agreement.")
    )
    number = RowNumber(
        _("number"), max_length=50, help_text=_("The editors' own number, unique within the agreement: `S1`.")
    )
    kind = word_field(_("kind"), StatementKind, _("What sort of statement."))
    speaker = models.ForeignKey(
        Party,
        models.PROTECT,
        verbose_name=_("speaker"),
        null=True,
        blank=True,
        related_name="statements",
        help_text=_("Who says it; blank where the source itself speaks."),
        db_index=False,  # statement_of_speaker covers it
    )
    speaker_label = Line(
        _("speaker label"),
        max_length=200,
        blank=True,
        default="",
        help_text=_("How the source names the speaker: `le président américain`."),
    )
    polarity = word_field(_("polarity"), Polarity, _("Whether the speaker holds the proposition to be so."))
    certainty = word_field(_("certainty"), Certainty, _("How sure the speaker is."), default=Certainty.UNSPECIFIED)
    proposition = Line(
        _("proposition"),
        max_length=1000,
        help_text=_("What is said to be so, phrased positively, in English; the polarity says yes or no to it."),
    )
    topics = StringList(_("topics"), help_text=_("What it is about, a few words in English."))
    mentions = models.ManyToManyField(
        Party, verbose_name=_("mentions"), blank=True, related_name="mentioned_in", help_text=_("Who is named in it.")
    )
    clause = models.ForeignKey(
        Clause,
        models.RESTRICT,
        verbose_name=_("clause"),
        null=True,
        blank=True,
        related_name="statements",
        help_text=_("The clause that it speaks of; never for a denial."),
    )
    event = models.ForeignKey(
        Event,
        models.RESTRICT,
        verbose_name=_("event"),
        null=True,
        blank=True,
        related_name="statements",
        help_text=_("The event that it speaks of."),
    )
    search = SearchEntry(
        head=("proposition",), body=("speaker_label", "topics"), folded=("number", "proposition", "speaker_label")
    )

    _history_m2m_fields = ("mentions",)  # recorded with the row
    objects = StatementQuerySet.as_manager()

    class Meta:
        verbose_name = _("statement")
        verbose_name_plural = _("statements")
        constraints = [
            one_of("kind", StatementKind),
            one_of("polarity", Polarity),
            one_of("certainty", Certainty),
            *not_blank("number", "proposition"),
            FieldCheck(
                condition=~Q(kind=StatementKind.DENIAL) | Q(polarity=Polarity.NEGATIVE),
                name="statement_denial_negative",
                field="polarity",
                violation_error_code="denial_not_negative",
                violation_error_message=_("A denial is negative: the proposition says what is denied."),
            ),
            FieldCheck(
                condition=~Q(kind=StatementKind.DENIAL) | Q(clause__isnull=True),
                name="statement_denial_no_clause",
                field="clause",
                violation_error_code="denial_with_clause",
                violation_error_message=_("A denial has no clause: what was denied is not something that was agreed."),
            ),
            models.UniqueConstraint(
                fields=["agreement", "number"],
                name="statement_number_once",
                violation_error_message=_("The agreement has a statement of this number already."),
            ),
        ]
        # Whether a party is named in public is looked up in the index alone.
        indexes = [models.Index(fields=["speaker", "agreement"], name="statement_of_speaker")]

    def __str__(self) -> str:
        return f"{self.number} {self.get_kind_display()}: {self.proposition}"[:120]

    def natural_key(self) -> tuple[str, str]:
        return (self.agreement.slug, self.number)

    def clean(self) -> None:
        """Refuse a clause or an event of another agreement."""
        refuse_foreign(self, "clause", "event")


Statement.natural_key.dependencies = ["accords.agreement", "accords.clause", "accords.event", "accords.party"]  # type: ignore[attr-defined]  # read by Django from the function

StatementWords = create_words_model(Statement, __name__)
