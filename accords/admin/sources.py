"""Sources: the texts, and what is quoted from them."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accords.admin.base import RecordAdmin
from accords.admin.desk.views import DeskViews
from accords.admin.display import badge, change_link, desk_url, link, list_url, marked, page_url
from accords.admin.inputs import box
from accords.admin.lists import tally
from accords.models import Citation, Source
from accords.models.citations import TARGETS, field_label

MOST_QUOTES = 200


@admin.register(Source)
class SourceAdmin(RecordAdmin):
    """A text, which cannot change once it is cited, and its citations."""

    list_display = ("title", "read_it", "kind", "language", "published", "publisher", "evidence")
    list_filter = ("kind", "language")
    search_fields = ("title", "slug", "publisher", "url", "text")
    search_help_text = _("Words of the title, the publisher, the address or the text itself.")
    ordering = ("title", "pk")
    prepopulated_fields = {"slug": ("title",)}
    readonly_fields = ("cited_text", "quotes")
    fieldsets = (
        (None, {"fields": ("title", "slug", ("kind", "language"), ("published", "publisher"), "url", "licence")}),
        (_("Text"), {"fields": ("text",)}),
    )

    def get_urls(self) -> list[Any]:
        """Also those of the reading desk."""
        return [*DeskViews(self).urls(), *super().get_urls()]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """The sources with the number of their citations; their texts are fetched when they are read."""
        return super().get_queryset(request).annotate(n_citation=tally(Citation, "source")).defer("text")

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        """Once the text is cited, it is there to read, with what is cited."""
        cited = (_("Text, which is cited and can no longer change"), {"fields": ("cited_text", "quotes")})
        groups = super().get_fieldsets(request, obj)
        return [groups[0], cited, *groups[2:]] if obj and obj.n_citation else groups

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """A large box for the text."""
        if db_field.name == "text":
            kwargs["widget"] = box(24, 100)
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    @admin.display(description="")
    def read_it(self, obj: Source) -> SafeString:
        """A link to the reading desk."""
        return format_html('<a class="read" href="{}">{}</a>', desk_url(obj.pk), _("Read and cite"))

    @admin.display(description=_("text"))
    def cited_text(self, obj: Source) -> SafeString:
        """The text with what is cited marked."""
        return marked(obj.text, obj.citations.values_list("start", "end"))

    @admin.display(description=_("citations"))
    def quotes(self, obj: Any) -> SafeString:
        """The citations in the order of the text, each with its place and what it supports."""
        found = Citation.objects.filter(source=obj).select_related(*TARGETS).order_by("start", "end", "pk")
        rows = [
            (
                f"{one.start}–{one.end}",
                link(page_url(one), one.exact),
                field_label(TARGETS[one.target_kind], one.field) if one.field else "",
                one.target and change_link(one.target),
            )
            for one in found[:MOST_QUOTES]
        ]
        body = format_html_join("", "<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>", rows)
        everything = link(list_url(Citation, source=obj.pk), _("all %d citations") % obj.n_citation)
        return format_html('<div class="quotes"><table>{}</table></div>{}', body, everything)

    @admin.display(description=_("citations"), ordering="n_citation")
    def evidence(self, obj: Any) -> SafeString:
        """How many citations quote it, as a link to them."""
        if not obj.n_citation:
            return badge(str(_("none")), "plain")
        return link(list_url(Citation, source=obj.pk), obj.n_citation)
