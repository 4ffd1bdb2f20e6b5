"""Small pieces of HTML that several pages show: badges, links, quoted passages. All text is escaped."""

from collections.abc import Iterable
from decimal import Decimal

from django.db.models import Model
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html, format_html_join
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

Span = tuple[int, int]


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


def reading_url(source: Model) -> str:
    """The address at which a source is read: its desk, else its page."""
    try:
        return reverse("admin:accords_source_read", args=[source.pk])
    except NoReverseMatch:
        return page_url(source)


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
        '<div class="passage">{}{}</div>', format_html_join("", "{}<mark>{}</mark>", pieces), text[done:]
    )


def merged(spans: Iterable[Span]) -> list[Span]:
    """The same spans in order, those that overlap or touch made one."""
    whole: list[Span] = []
    for start, end in sorted(spans):
        if whole and start <= whole[-1][1]:
            whole[-1] = (whole[-1][0], max(end, whole[-1][1]))
        else:
            whole.append((start, end))
    return whole
