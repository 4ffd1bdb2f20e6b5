"""The sections of a row's page, to jump to, and where else the row is: its place in the API."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from django.db.models import Model
from django.urls import reverse

from accords.admin.display import list_url
from accords.models import Agreement, Citation, Clause, Event, Party, Renewal, Source, Statement

RESOURCES: dict[type[Model], str] = {
    Agreement: "agreements",
    Citation: "citations",
    Clause: "clauses",
    Event: "events",
    Party: "parties",
    Renewal: "renewals",
    Source: "sources",
    Statement: "statements",
}


class Section(NamedTuple):
    """A part of a page: the address of its heading, its name, how many rows it has, and whether something is wrong."""

    url: str
    name: str
    rows: int | None = None
    is_wrong: bool = False


def sections_of(fieldsets: Iterable[Any], formsets: Iterable[Any]) -> list[Section]:
    """The groups of fields that have a heading, then the kinds of rows beneath; in the order of the page."""
    groups = [
        Section(f"#fieldset-0-{number}-heading", str(one.name), None, any(line.errors() for line in one))
        for number, one in enumerate(fieldsets)
        if one.name
    ]
    return [*groups, *map(_rows, formsets)]


def elsewhere(row: Model, kinds: Iterable[type[Model]]) -> list[Section]:
    """The kinds of rows beneath a row that are too many for its page, with the addresses of their lists."""
    beneath = row._meta.model_name or ""
    return [
        Section(
            list_url(kind, **{beneath: row.pk}),
            str(kind._meta.verbose_name_plural),
            getattr(row, f"n_{kind._meta.model_name}"),
        )
        for kind in kinds
    ]


def _rows(inline: Any) -> Section:
    name = str(inline.opts.opts.verbose_name_plural)
    wrong = inline.formset.is_bound and not inline.formset.is_valid()
    return Section(f"#{inline.formset.prefix}-heading", name, inline.formset.initial_form_count(), wrong)


def api_url(row: Model) -> str:
    """The address of a row in the API; blank for what is served only as a part of another row."""
    name = RESOURCES.get(type(row))
    return reverse(f"{name}-detail", args=[getattr(row, "slug", row.pk)]) if name else ""
