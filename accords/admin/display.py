"""Small pieces of HTML that several pages show: badges, links, quoted passages. All text is escaped."""

from collections.abc import Iterable
from decimal import Decimal

from django.db.models import Model
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from accords.rules.coverage import Span, merged


def badge(text: str, tone: str) -> SafeString:
    """A word in a coloured frame; `tone` is `bad`, `warn`, `good` or `plain`."""
    return format_html('<span class="badge badge-{}">{}</span>', tone, text)


def link(url: str, text: object) -> SafeString:
    """A link."""
    return format_html('<a href="{}">{}</a>', url, text)


def named(name: object, text: object) -> SafeString:
    """Something in bold after its name, with a colon as the reader's language sets it."""
    return format_html(_("{}: <b>{}</b>"), name, text)


def list_url(model: type[Model], **chosen: int | str) -> str:
    """The address of a model's list, narrowed to what is chosen."""
    query = f"?{urlencode(chosen)}" if chosen else ""
    return reverse(f"admin:accords_{model._meta.model_name}_changelist") + query


def page_url(row: Model) -> str:
    """The address of a row's own page."""
    return reverse(f"admin:accords_{row._meta.model_name}_change", args=[row.pk])


def page_urls(model: type[Model]) -> str:
    """The address of the pages of a model's rows, `{id}` in place of the id."""
    return reverse(f"admin:accords_{model._meta.model_name}_change", args=["{id}"]).replace("%7Bid%7D", "{id}")


def desk_url(source: int, citation: int | None = None) -> str:
    """The address at which a source is read, at one of its citations if that is given."""
    address = reverse("admin:accords_source_read", args=[source])
    return f"{address}#citation-{citation}" if citation else address


def change_link(row: Model) -> SafeString:
    """A link to a row's own page."""
    return link(page_url(row), row)


def plain(number: Decimal | None) -> str:
    """A decimal without its idle zeros; blank for none."""
    return "" if number is None else f"{number.normalize():f}"


def with_code(text: str) -> SafeString:
    """A help text as HTML: what stands between backticks is an example."""
    pieces = text.split("`")
    quoted = [(word, example) for word, example in zip(pieces[::2], [*pieces[1::2], ""], strict=False)]
    return format_html_join("", "{}<code>{}</code>", quoted[:-1]) + format_html("{}", quoted[-1][0])


def passage(text: str, start: int, end: int, around: int = 240) -> SafeString:
    """The code points `start` to `end` of a text, marked, with what stands around them."""
    before, after = text[max(0, start - around) : start], text[end : end + around]
    lead, tail = "…" if start > around else "", "…" if end + around < len(text) else ""
    return format_html('<div class="passage">{}{}<mark>{}</mark>{}{}</div>', lead, before, text[start:end], after, tail)


def marked(text: str, spans: Iterable[Span]) -> SafeString:
    """A whole text with these spans marked; spans that overlap become one mark."""
    pieces, done = [], 0
    for start, end in merged(spans):
        pieces.append((text[done:start], text[start:end]))
        done = end
    return format_html(
        '<div class="passage" tabindex="0">{}{}</div>', format_html_join("", "{}<mark>{}</mark>", pieces), text[done:]
    )
