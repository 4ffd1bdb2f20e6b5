"""Events of an agreement, past or planned."""

from typing import Any

from django.contrib import admin
from django.db.models import Model, Q, QuerySet
from django.db.models.functions import Length
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accords.admin.base import RecordAdmin, RecordInline
from accords.admin.citations import CitationInline
from accords.admin.forms import NumberedForm, text_input
from accords.admin.lists import EvidenceFilter, UncertainDatesFilter, contains, related_filter
from accords.models import Event


class UncertainEventFilter(UncertainDatesFilter):
    """Events with a date that is not exactly one day, or that is only stated in the source's words."""

    def condition(self, model: type[Model]) -> Q:
        return super().condition(model) | (Q(date="") & ~Q(date_text=""))


class EventForm(NumberedForm):
    number_prefix = "E"


class EventInline(RecordInline):
    model = Event
    form = EventForm
    fields = ("number", "kind", "status", "date", "date_text", "country", "place")
    ordering = (Length("number"), "number")
    widgets = {"number": text_input(4), "date": text_input(14), "date_text": text_input(18), "place": text_input(18)}


@admin.register(Event)
class EventAdmin(RecordAdmin):
    form = EventForm
    inlines = (CitationInline,)
    list_display = ("number", "kind", "status", "stated_date", "location", "party_names", "agreement", "evidence")
    list_display_links = ("number", "kind")
    list_filter = (
        *("kind", "status", UncertainEventFilter, EvidenceFilter),
        *("agreement__is_published", related_filter("agreement")),
    )
    list_select_related = ("agreement",)
    search_fields = ("date", *contains("number", "place", "date_text", "participants__name", "agreement__title"))
    search_help_text = _("Words of the place or the date, of a participant's name or of the agreement's title.")
    ordering = ("agreement", Length("number"), "number")
    widgets = {"number": text_input(8)}
    fieldsets = (
        (None, {"fields": ("agreement", "number", ("kind", "status"))}),
        (_("Date"), {"fields": (("date", "date_text"), ("duration", "approximate"))}),
        (_("Place and participants"), {"fields": (("country", "place"), "participants")}),
        (_("Related events"), {"fields": (("after", "reciprocates"),)}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).prefetch_related("participants")

    @admin.display(description=_("date"), ordering="date_earliest")
    def stated_date(self, obj: Event) -> str:
        return obj.date or obj.date_text

    @admin.display(description=_("place"), ordering="country")
    def location(self, obj: Event) -> str:
        return ", ".join(filter(None, (obj.place, obj.country)))

    @admin.display(description=_("participants"))
    def party_names(self, obj: Event) -> str:
        return ", ".join(str(party) for party in obj.participants.all())
