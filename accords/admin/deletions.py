"""What goes when rows are deleted: Django's list, with the names of rows fetched together and not one by one."""

from collections.abc import Iterable
from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.admin.utils import NestedObjects
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.urls import NoReverseMatch
from django.utils.html import format_html
from django.utils.text import capfirst

from accords.admin.display import change_link
from accords.models import Citation, ClauseParty, Participation

NAMED_AFTER = {Citation: "source", ClauseParty: "party", Participation: "party"}


class NamedObjects(NestedObjects):
    """Rows that go together, with the rows after which they are named."""

    def related_objects(self, related_model: type[Model], related_fields: Any, objs: Any) -> QuerySet[Any]:
        """The rows of one kind that hang on `objs`."""
        found = super().related_objects(related_model, related_fields, objs)
        named = found.select_related(NAMED_AFTER[related_model]) if related_model in NAMED_AFTER else found
        return named.defer("source__text") if related_model is Citation else named


def what_goes(
    rows: Iterable[Any], request: HttpRequest, site: AdminSite
) -> tuple[Any, dict[str, int], set[str], list[Any]]:
    """As Django's `get_deleted_objects`: the tree, the counts, the permissions lacking, the rows that need these."""
    chosen = list(rows)
    found = NamedObjects(using="default", origin=chosen)
    found.collect(chosen)
    tree, needed = found.nested(_named), [_named(row) for row in found.protected]
    kinds: dict[Any, Any] = dict(found.model_objs)
    counts = {str(kind._meta.verbose_name_plural): len(gone) for kind, gone in kinds.items()}
    admins = [site.get_model_admin(kind) for kind in kinds if site.is_registered(kind)]
    lacking = {str(its.opts.verbose_name) for its in admins if not its.has_delete_permission(request)}
    return tree, counts, lacking, needed


def _named(row: Model) -> str:
    """A row by its kind and name, with a link where it has a page."""
    kind = capfirst(row._meta.verbose_name)
    try:
        return format_html("{}: {}", kind, change_link(row))
    except NoReverseMatch:
        return f"{kind}: {row}"
