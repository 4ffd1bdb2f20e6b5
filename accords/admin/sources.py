"""Sources: their texts, and the citations of them."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accords.admin.base import RecordAdmin
from accords.admin.desk.views import DeskViews
from accords.admin.display import badge, change_link, change_url, desk_url, link, list_url, marked_text
from accords.admin.forms import RecordForm, textarea
from accords.admin.lists import contains, count_of
from accords.models import Citation, Source
from accords.models.citations import TARGETS, field_label

MAX_QUOTES = 200  # of a source, on its page
MAX_BYTES = 5_000_000  # of a text; a consolidated treaty has 3 MB


class SourceForm(RecordForm):
    def clean_text(self) -> str:
        text: str = self.cleaned_data["text"]
        if (size := len(text.encode())) > MAX_BYTES:
            message = _(
                "The text has %(size).1f MB; at most %(limit)d MB can be stored. Divide it into several sources."
            )
            raise ValidationError(message, code="too_large", params={"size": size / 1e6, "limit": MAX_BYTES / 1e6})
        return text

    def is_multipart(self) -> bool:
        """Send the text as it is: the default encoding of forms writes a letter with an accent as six characters."""
        return True


@admin.register(Source)
class SourceAdmin(RecordAdmin):
    """Sources. A text cannot change once it is cited."""

    form = SourceForm
    list_display = ("title", "desk", "kind", "language", "published", "publisher", "evidence")
    list_filter = ("kind", "language")
    search_fields = ("slug", "url", *contains("title", "publisher"))
    search_help_text = _("Words of the title, the publisher, the address or the text.")
    ordering = ("title", "pk")
    prepopulated_fields = {"slug": ("title",)}
    readonly_fields = ("cited_text", "quotes")
    widgets = {"text": textarea(24, 100)}
    fieldsets = (
        (None, {"fields": ("title", "slug", ("kind", "language"), ("published", "publisher"), "url", "licence")}),
        (_("Text"), {"fields": ("text",)}),
    )

    def get_urls(self) -> list[Any]:
        return [*DeskViews(self).urls(), *super().get_urls()]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        citation_count = count_of(Citation.objects.visible_to(request.user), "source")
        return super().get_queryset(request).annotate(n_citation=citation_count).defer("text")

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        """Show a cited text, with its citations, instead of the input.

        The columns have no request, so they read the citations that the user may see from `obj.shown_citations`.
        """
        groups = super().get_fieldsets(request, obj)
        if obj:
            obj.shown_citations = Citation.objects.visible_to(request.user).filter(source=obj)
        cited = (_("Text (cited, so it can no longer change)"), {"fields": ("cited_text", "quotes")})
        return [groups[0], cited, *groups[2:]] if obj and obj.n_citation else groups

    @admin.display(description="")
    def desk(self, obj: Source) -> SafeString:
        """Return a link to the reading desk, the page on which a source is read and cited. It needs no heading."""
        return format_html('<a class="read" href="{}">{}</a>', desk_url(obj.pk), _("Read and cite"))

    @admin.display(description=_("text"))
    def cited_text(self, obj: Any) -> SafeString:
        return marked_text(obj.text, obj.shown_citations.values_list("start", "end"))

    @admin.display(description=_("citations"))
    def quotes(self, obj: Any) -> SafeString:
        """Return the citations in the order of the text: offsets (code points), quote, field, and the row supported."""
        citations = obj.shown_citations.select_related(*TARGETS).order_by("start", "end", "pk")
        rows = [
            (
                f"{citation.start}–{citation.end}",
                link(change_url(citation), citation.exact),
                field_label(TARGETS[citation.target_kind], citation.field) if citation.field else "",
                citation.target and change_link(citation.target),
            )
            for citation in citations[:MAX_QUOTES]
        ]
        body = format_html_join("", "<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>", rows)
        everything = link(list_url(Citation, source=obj.pk), _("all %d citations") % obj.n_citation)
        return format_html('<div class="quotes"><table>{}</table></div>{}', body, everything)

    @admin.display(description=_("citations"), ordering="n_citation")
    def evidence(self, obj: Any) -> SafeString:
        """Return the number of citations as a link to them. A source without one needs no warning."""
        if not obj.n_citation:
            return badge(_("none"), "plain")
        return link(list_url(Citation, source=obj.pk), obj.n_citation)
