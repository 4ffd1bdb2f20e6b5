"""Events: what happened or is planned around an agreement."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from accords.db.constraints import country_code, not_blank, not_itself, one_of, valid_edtf
from accords.db.fields import Country, EdtfBound, Line, RowNumber, duration_field, edtf_field, word_field
from accords.db.search_index import SearchEntry, create_words_model
from accords.models.agreements import Agreement
from accords.models.base import BaseQuerySet, VersionedModel, refuse_cycle, refuse_foreign
from accords.models.parties import Party
from accords.vocabulary import EventKind, EventStatus


class EventQuerySet(BaseQuerySet):
    def get_by_natural_key(self, agreement: str, number: str) -> "Event":
        event: Event = self.get(agreement__slug=agreement, number=number)
        return event


class Event(VersionedModel):
    """A meeting, visit, signature or other happening that a source places in the story of an agreement."""

    agreement = models.ForeignKey(
        Agreement, models.CASCADE, verbose_name=_("agreement"), related_name="events", help_text=_("The agreement.")
    )
    number = RowNumber(
        _("number"), max_length=50, help_text=_("The editors' own number, unique within the agreement: `E1`.")
    )
    kind = word_field(_("kind"), EventKind, _("What sort of event."))
    country = Country(
        _("country"),
        max_length=2,
        blank=True,
        default="",
        help_text=_("Where: ISO 3166-1 alpha-2 code; blank = not stated."),
    )
    place = Line(
        _("place"),
        max_length=200,
        blank=True,
        default="",
        help_text=_("Where, in the source's own words; blank = not stated."),
    )
    date = edtf_field(_("date"), _("When."))
    date_earliest = EdtfBound(_("date earliest"), of="date", side="earliest", db_index=True)
    date_latest = EdtfBound(_("date latest"), of="date", side="latest", db_index=True)
    date_text = Line(
        _("date text"),
        max_length=200,
        blank=True,
        default="",
        help_text=_("When, in the source's own words: `avril prochain`."),
    )
    duration = duration_field(_("duration"), _("How long it lasted: `PT1H40M`."))
    approximate = models.BooleanField(
        _("approximate"),
        default=False,
        help_text=_("Whether the duration is approximate: `près d'une heure quarante`."),
    )
    status = word_field(_("status"), EventStatus, _("Whether it took place."))
    participants = models.ManyToManyField(
        Party, verbose_name=_("participants"), blank=True, related_name="events", help_text=_("Who took or takes part.")
    )
    after = models.ForeignKey(
        "self",
        models.SET_NULL,
        verbose_name=_("after"),
        null=True,
        blank=True,
        related_name="followed_by",
        help_text=_("The event that it follows, where a source says so."),
    )
    reciprocates = models.ForeignKey(
        "self",
        models.SET_NULL,
        verbose_name=_("reciprocates"),
        null=True,
        blank=True,
        related_name="reciprocated_by",
        help_text=_("The visit that it returns."),
    )
    search = SearchEntry(head=("place",), body=("date_text",), folded=("number", "place", "date_text"))

    _history_m2m_fields = ("participants",)  # recorded with the row
    objects = EventQuerySet.as_manager()

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        constraints = [
            one_of("kind", EventKind),
            one_of("status", EventStatus),
            country_code(),
            not_itself("after"),
            not_itself("reciprocates"),
            *valid_edtf("date"),
            *not_blank("number"),
            models.UniqueConstraint(
                fields=["agreement", "number"],
                name="event_number_once",
                violation_error_message=_("The agreement has an event of this number already."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.get_kind_display()} {self.date or self.date_text}".strip()

    def natural_key(self) -> tuple[str, str]:
        return (self.agreement.slug, self.number)

    def clean(self) -> None:
        """Refuse relations to events of other agreements, and cycles."""
        refuse_foreign(self, "after", "reciprocates")
        refuse_cycle(self, "after")
        refuse_cycle(self, "reciprocates")


Event.natural_key.dependencies = ["accords.agreement"]  # type: ignore[attr-defined]  # read by Django from the function

EventWords = create_words_model(Event, __name__)
