"""HTML fragments that several pages share: badges, links, quoted passages. Everything passed in is escaped."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.db.models import Model
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from accords.admin.autocomplete import has_agreement
from accords.models import Citation, ClauseParty
from accords.rules.coverage import Span, merge_spans


def badge(text: object, tone: str) -> SafeString:
    """Return a label in a coloured frame; `tone` is `bad`, `warn`, `good` or `plain`."""
    return format_html('<span class="badge badge-{}">{}</span>', tone, text)


def overdue_badge(due: str) -> SafeString:
    return badge(_("%s overdue") % due, "bad")


def link(url: str, text: object) -> SafeString:
    return format_html('<a href="{}">{}</a>', url, text)


def labelled_value(label: object, value: object) -> SafeString:
    """Return a label and a value in bold, with the colon as the reader's language sets it."""
    return format_html(_("{}: <b>{}</b>"), label, value)


def list_url(model: type[Model], **filters: int | str) -> str:
    query = f"?{urlencode(filters)}" if filters else ""
    return reverse(f"admin:accords_{model._meta.model_name}_changelist") + query


def change_url(obj: Model) -> str:
    return reverse(f"admin:accords_{obj._meta.model_name}_change", args=[obj.pk])


def change_link(obj: Model) -> SafeString:
    return link(change_url(obj), obj)


def desk_url(source_id: int, citation_id: int | None = None) -> str:
    """Return the address of a source's reading desk (`desk/`), at one of its citations if that is given."""
    url = reverse("admin:accords_source_read", args=[source_id])
    return f"{url}#citation-{citation_id}" if citation_id else url


def parents_of(row: Model) -> list[Model]:
    """Return the rows that a row is part of, its agreement first."""
    parent: Any = None
    if isinstance(row, Citation):
        parent = row.target
    elif isinstance(row, ClauseParty):
        parent = row.clause
    elif has_agreement(type(row)):
        parent = row.agreement  # type: ignore[attr-defined]  # rows that belong to an agreement have it
    return [*parents_of(parent), parent] if parent else []


def plain_number(number: Decimal | None) -> str:
    """Return a decimal without trailing zeros; blank for None."""
    return "" if number is None else f"{number.normalize():f}"


def suggestion(value: str, label: object = "") -> SafeString:
    """Return a button that writes a value into the field of its message (`forms.js`, `desk-panel.js`)."""
    return format_html('<button type="button" data-suggestion="{}">{}</button>', value, label or value)


def with_code(text: str) -> SafeString:
    """Return a help text as HTML, with the examples in backticks as code."""
    parts = text.split("`")  # text and code in turn
    pairs = list(zip(parts[::2], [*parts[1::2], ""], strict=False))
    return format_html_join("", "{}<code>{}</code>", pairs[:-1]) + format_html("{}", pairs[-1][0])


def passage(text: str, start: int, end: int, context: int = 240) -> SafeString:
    """Return the code points `start` to `end` of a text marked, with `context` code points on either side."""
    before, after = text[max(0, start - context) : start], text[end : end + context]
    lead, tail = "…" if start > context else "", "…" if end + context < len(text) else ""
    return format_html('<div class="passage">{}{}<mark>{}</mark>{}{}</div>', lead, before, text[start:end], after, tail)


def marked_text(text: str, spans: Iterable[Span]) -> SafeString:
    """Return a whole text with these spans (code points) marked; overlapping spans become one mark."""
    parts, position = [], 0
    for start, end in merge_spans(spans):
        parts.append((text[position:start], text[start:end]))
        position = end
    return format_html(
        '<div class="passage" tabindex="0">{}{}</div>',
        format_html_join("", "{}<mark>{}</mark>", parts),
        text[position:],
    )
