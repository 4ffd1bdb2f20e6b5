"""Parties: everyone whom a source names."""

from typing import Any

from django.contrib import admin
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accords.admin.base import RecordAdmin
from accords.admin.lists import contains, count_of, related_filter
from accords.models import Participation, Party


@admin.register(Party)
class PartyAdmin(RecordAdmin):
    list_display = ("name", "kind", "country", "represented", "other_names", "agreements")
    list_filter = ("kind", related_filter("represents"))
    search_fields = ("slug", "country", *contains("name", "aliases"))
    search_help_text = _("Words of any of its names, or its country's code.")
    ordering = ("name", "pk")
    prepopulated_fields = {"slug": ("name",)}
    fieldsets = ((None, {"fields": ("name", "slug", "kind", "country", "represents", "aliases")}),)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        agreement_count = count_of(Participation.objects.visible_to(request.user).filter(role="party"), "party")
        represented = Party.objects.visible_to(request.user).filter(pk=OuterRef("represents"))
        return (
            super()
            .get_queryset(request)
            .annotate(n_party=agreement_count, represented_name=Subquery(represented.values("name")))
        )

    @admin.display(description=_("represents"), ordering="represented_name")
    def represented(self, obj: Any) -> Any:
        """Return the name of the party that it represents, unless the user may not see that party."""
        return obj.represented_name

    @admin.display(description=_("other names"))
    def other_names(self, obj: Party) -> str:
        return ", ".join(obj.aliases)

    @admin.display(description=_("party to"), ordering="n_party")
    def agreements(self, obj: Any) -> int:
        """Return the number of agreements to which it is a party."""
        return int(obj.n_party)
