"""What goes when rows are deleted, and who may delete them.

Besides those with the permission to delete, editors may delete what they themselves entered in a draft.
"""

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
    """Django's collector, which fetches what rows are named after together with them."""

    def related_objects(self, related_model: type[Model], related_fields: Any, objs: Any) -> QuerySet[Any]:
        queryset = super().related_objects(related_model, related_fields, objs)
        if related_model in NAMED_AFTER:
            queryset = queryset.select_related(NAMED_AFTER[related_model])
        return queryset.defer("source__text") if related_model is Citation else queryset


def deleted_objects(
    objs: Iterable[Any], request: HttpRequest, site: AdminSite
) -> tuple[Any, dict[str, int], set[str], list[Any]]:
    """Return what Django's `get_deleted_objects` does: the tree, counts, missing permissions, and protected rows.

    The number of queries does not depend on the number of rows.
    """
    origin = list(objs)
    collector = NamedObjects(using="default", origin=origin)
    collector.collect(origin)
    models: dict[Any, Any] = dict(collector.model_objs)
    counts = {str(model._meta.verbose_name_plural): len(rows) for model, rows in models.items()}
    admins = [site.get_model_admin(model) for model in models if site.is_registered(model)]
    missing = {str(one.opts.verbose_name) for one in admins if not one.has_delete_permission(request)}
    return collector.nested(_described), counts, missing, [_described(row) for row in collector.protected]


def _described(row: Model) -> str:
    kind = capfirst(row._meta.verbose_name)
    try:
        return format_html("{}: {}", kind, change_link(row))
    except NoReverseMatch:  # a model without pages
        return f"{kind}: {row}"
