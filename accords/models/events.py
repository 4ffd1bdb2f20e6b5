"""Events: what happened or is planned around an agreement."""

from django.db import models

from accords.db.constraints import country_code, edtf_kept, not_blank, not_itself, one_of
from accords.db.fields import Country, EdtfBound, Line, duration, edtf_date, word
from accords.db.search_index import Words
from accords.models.agreements import Agreement
from accords.models.base import RecordQuerySet, VersionedRecord, refuse_foreign, refuse_loop
from accords.models.parties import Party
from accords.vocabulary import EventKind, EventStatus


class EventQuerySet(RecordQuerySet):
    """Questions about events."""

    def get_by_natural_key(self, agreement: str, number: str) -> "Event":
        """The event of that number of that agreement."""
        found: Event = self.get(agreement__slug=agreement, number=number)
        return found


class Event(VersionedRecord):
    """A meeting, visit, signature or other happening that a source places in the story of an agreement."""

    agreement = models.ForeignKey(Agreement, models.CASCADE, related_name="events", help_text="The agreement.")
    number = Line(max_length=50, help_text="The editors' own number, unique within the agreement: `E1`.")
    kind = word(EventKind, "What sort of event.")
    country = Country(
        max_length=2, blank=True, default="", help_text="Where: ISO 3166-1 alpha-2 code; blank = not stated."
    )
    place = Line(
        max_length=200, blank=True, default="", help_text="Where, in the source's own words; blank = not stated."
    )
    date = edtf_date("When.")
    date_earliest = EdtfBound(of="date", side="earliest", db_index=True)
    date_latest = EdtfBound(of="date", side="latest", db_index=True)
    date_text = Line(
        max_length=200, blank=True, default="", help_text="When, in the source's own words: `avril prochain`."
    )
    duration = duration("How long it lasted: `PT1H40M`.")
    approximate = models.BooleanField(
        default=False, help_text="Whether the duration is approximate: `près d'une heure quarante`."
    )
    status = word(EventStatus, "Whether it took place.")
    participants = models.ManyToManyField(Party, blank=True, related_name="events", help_text="Who took or takes part.")
    after = models.ForeignKey(
        "self",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="followed_by",
        help_text="The event that it follows, where a source says so.",
    )
    reciprocates = models.ForeignKey(
        "self",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="reciprocated_by",
        help_text="The visit that it returns.",
    )
    search = Words(head=("place",), body=("date_text",))

    _history_m2m_fields = ("participants",)  # recorded with the row
    objects = EventQuerySet.as_manager()

    class Meta:
        constraints = [
            one_of("kind", EventKind),
            one_of("status", EventStatus),
            country_code(),
            not_itself("after"),
            not_itself("reciprocates"),
            *edtf_kept("date"),
            *not_blank("number"),
            models.UniqueConstraint(
                fields=["agreement", "number"],
                name="event_number_once",
                violation_error_message="The agreement has an event of this number already.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.get_kind_display()} {self.date or self.date_text}".strip()

    def natural_key(self) -> tuple[str, str]:
        """Agreement and number."""
        return (self.agreement.slug, self.number)

    def clean(self) -> None:
        """An event follows and returns events of its own agreement, and not itself."""
        refuse_foreign(self, "after", "reciprocates")
        refuse_loop(self, "after")


Event.natural_key.dependencies = ["accords.agreement", "accords.event"]  # type: ignore[attr-defined]
