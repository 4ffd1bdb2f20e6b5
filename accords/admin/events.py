"""Events: what happened or is planned around an agreement."""

from typing import Any

from django.contrib import admin
from django.db.models import Model, Q, QuerySet
from django.db.models.functions import Length
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accords.admin.base import RecordAdmin, RecordInline
from accords.admin.citations import CitationInline
from accords.admin.forms import NumberedForm
from accords.admin.inputs import line
from accords.admin.lists import Evidence, Unsettled, chosen
from accords.admin.warnings import Cautious
from accords.models import Event


class EventUnsettled(Unsettled):
    """Events with a date that is not settled to the day, or told in the source's words only."""

    def condition(self, model: type[Model]) -> Q:
        """Which rows these are."""
        return super().condition(model) | (Q(date="") & ~Q(date_text=""))


class EventForm(NumberedForm):
    """An event; its number may be left blank in a new one."""

    letter = "E"


class EventInline(RecordInline):
    """The events of an agreement, a line each."""

    model = Event
    form = EventForm
    fields = ("number", "kind", "status", "date", "date_text", "country", "place")
    ordering = (Length("number"), "number")
    verbose_name_plural = _("events: what happened around it")

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Narrow inputs."""
        sizes = {"number": 4, "date": 14, "date_text": 18, "place": 18}
        if db_field.name in sizes:
            kwargs["widget"] = line(sizes[db_field.name])
        return super().formfield_for_dbfield(db_field, request, **kwargs)


@admin.register(Event)
class EventAdmin(Cautious, RecordAdmin):
    """An event, who took part, and its evidence."""

    form = EventForm
    inlines = (CitationInline,)
    list_display = ("number", "kind", "status", "when", "where", "who", "agreement", "evidence")
    list_display_links = ("number", "kind")
    list_filter = ("kind", "status", EventUnsettled, Evidence, "agreement__is_published", chosen("agreement"))
    list_select_related = ("agreement",)
    search_fields = ("number", "place", "date", "date_text", "participants__name", "agreement__title")
    search_help_text = _("Words of the place or the date, of a participant's name or of the agreement's title.")
    ordering = ("agreement", Length("number"), "number")
    fieldsets = (
        (None, {"fields": ("agreement", "number", ("kind", "status"))}),
        (_("When"), {"fields": (("date", "date_text"), ("duration", "approximate"))}),
        (_("Where and who"), {"fields": (("country", "place"), "participants")}),
        (_("Among other events"), {"fields": (("after", "reciprocates"),)}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """The events with their participants."""
        return super().get_queryset(request).prefetch_related("participants")

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """A short input for a number."""
        if db_field.name == "number":
            kwargs["widget"] = line(8)
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    @admin.display(description=_("when"), ordering="date_earliest")
    def when(self, obj: Event) -> str:
        """The date, else the source's words for it."""
        return obj.date or obj.date_text

    @admin.display(description=_("where"), ordering="country")
    def where(self, obj: Event) -> str:
        """Place and country."""
        return ", ".join(filter(None, (obj.place, obj.country)))

    @admin.display(description=_("participants"))
    def who(self, obj: Event) -> str:
        """Everyone who took part."""
        return ", ".join(str(party) for party in obj.participants.all())
