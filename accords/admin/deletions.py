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
from accords.models import Citation, ClauseParty, Participation, Renewal
from accords.services import own_drafts
from accords.vocabulary import RenewalBasis

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
    missing = {
        str(model._meta.verbose_name)
        for model, rows in models.items()
        if site.is_registered(model) and not may_delete(request, model, {row.pk for row in rows})
    }
    return collector.nested(_described), counts, missing, [_described(row) for row in collector.protected]


def may_delete(request: HttpRequest, model: Any, ids: set[int]) -> bool:
    """Return whether the user may delete all these rows: by permission, or as own drafts."""
    if request.user.has_perm(f"accords.delete_{model._meta.model_name}"):
        return True
    if model is Renewal:  # computed ones are nobody's
        ids = set(Renewal.objects.filter(pk__in=ids).exclude(basis=RenewalBasis.COMPUTED).values_list("pk", flat=True))
    return hasattr(model, "history") and ids <= own_drafts(request.user, model._default_manager.filter(pk__in=ids))


def own_rows(request: HttpRequest, parent: Any, model: Any) -> set[int]:
    """Return the rows of a table on the parent's page that are own drafts; found once for a page."""
    cache: dict[Any, set[int]] = parent.__dict__.setdefault("own_rows", {})
    if model not in cache:
        rows = model._default_manager.filter(**{parent._meta.model_name: parent})
        cache[model] = own_drafts(request.user, rows)
    return cache[model]


def _described(row: Model) -> str:
    kind = capfirst(row._meta.verbose_name)
    try:
        return format_html("{}: {}", kind, change_link(row))
    except NoReverseMatch:  # a model without pages
        return f"{kind}: {row}"
