"""Parties: everyone whom a source names."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accords.admin.base import RecordAdmin
from accords.admin.lists import contains, count_of, related_filter
from accords.models import Participation, Party


@admin.register(Party)
class PartyAdmin(RecordAdmin):
    list_display = ("name", "kind", "country", "represents", "other_names", "agreements")
    list_filter = ("kind", related_filter("represents"))
    list_select_related = ("represents",)
    search_fields = ("slug", "country", *contains("name", "aliases"))
    search_help_text = _("Words of any of its names, or its country's code.")
    ordering = ("name", "pk")
    prepopulated_fields = {"slug": ("name",)}
    fieldsets = ((None, {"fields": ("name", "slug", "kind", "country", "represents", "aliases")}),)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        agreement_count = count_of(Participation.objects.visible_to(request.user).filter(role="party"), "party")
        return super().get_queryset(request).annotate(n_party=agreement_count)

    @admin.display(description=_("other names"))
    def other_names(self, obj: Party) -> str:
        return ", ".join(obj.aliases)

    @admin.display(description=_("party to"), ordering="n_party")
    def agreements(self, obj: Any) -> int:
        """Return the number of agreements to which it is a party."""
        return int(obj.n_party)
