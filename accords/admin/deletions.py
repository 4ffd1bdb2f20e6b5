"""The rows that are deleted with others, and the permission to delete them.

Users without the permission to delete may still delete drafts that they entered themselves (`services.own_drafts`).
"""

from collections import defaultdict
from collections.abc import Iterable
from functools import partial
from itertools import chain
from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.admin.utils import NestedObjects
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.urls import NoReverseMatch
from django.utils.html import format_html
from django.utils.text import capfirst

from accords.admin.autocomplete import visible_rows
from accords.admin.display import change_link
from accords.models import Citation, ClauseParty, Participation, Renewal, WebhookDelivery
from accords.models.base import can_view_drafts
from accords.services import own_drafts
from accords.vocabulary import RenewalBasis

NAMED_AFTER = {Citation: "source", ClauseParty: "party", Participation: "party"}
"""The relation that the `__str__` of a model reads."""


class NamedObjects(NestedObjects):
    """Django's collector of related rows, which also fetches the relations of `NAMED_AFTER`."""

    def related_objects(self, related_model: type[Model], related_fields: Any, objs: Any) -> QuerySet[Any]:
        queryset = super().related_objects(related_model, related_fields, objs)
        if related_model in NAMED_AFTER:
            queryset = queryset.select_related(NAMED_AFTER[related_model])
        return queryset.defer("source__text") if related_model is Citation else queryset


def collect(objs: Iterable[Any]) -> NamedObjects:
    """Return a collector with the rows that are deleted with these (`model_objs`), and what prevents it."""
    origin = list(objs)
    collector = NamedObjects(using="default", origin=origin)
    collector.collect(origin)
    return collector


def deleted_objects(
    objs: Iterable[Any], request: HttpRequest, site: AdminSite
) -> tuple[Any, dict[str, int], set[str], list[Any]]:
    """Return the same as Django's `get_deleted_objects`: tree, counts, models without permission, protected rows.

    The number of queries does not depend on the number of rows.
    """
    collector = collect(objs)
    models: dict[Any, Any] = dict(collector.model_objs)
    counts = {str(model._meta.verbose_name_plural): len(rows) for model, rows in models.items()}
    forbidden = {
        str(model._meta.verbose_name)
        for model, rows in models.items()
        if site.is_registered(model) and not may_delete(request, model, {row.pk for row in rows})
    }
    label = partial(_row_label, hidden=hidden_rows(request, [*chain(*models.values()), *collector.protected]))
    return collector.nested(label), counts, forbidden, [label(row) for row in collector.protected]


def may_delete(request: HttpRequest, model: Any, ids: set[int]) -> bool:
    """Return whether the user may delete all these rows: by permission, or as own drafts."""
    if request.user.has_perm(f"accords.delete_{model._meta.model_name}"):
        return True
    if model is WebhookDelivery:  # goes with its webhook, whose deletion is checked
        return True
    if model is Renewal:  # nobody entered the computed ones
        ids = set(Renewal.objects.filter(pk__in=ids).exclude(basis=RenewalBasis.COMPUTED).values_list("pk", flat=True))
    return hasattr(model, "history") and ids <= own_drafts(request.user, model._default_manager.filter(pk__in=ids))


def own_row_ids(request: HttpRequest, parent: Any, model: Any) -> set[int]:
    """Return the ids of the rows of an inline that are the user's own drafts.

    They are kept on the instance of the parent, because an inline asks several times in a request.
    """
    if not hasattr(parent, "own_row_ids"):
        parent.own_row_ids = {}
    ids_by_model: dict[Any, set[int]] = parent.own_row_ids
    if model not in ids_by_model:
        rows = model._default_manager.filter(**{parent._meta.model_name: parent})
        ids_by_model[model] = own_drafts(request.user, rows)
    return ids_by_model[model]


def hidden_rows(request: HttpRequest, rows: Iterable[Model]) -> set[Model]:
    """Return those of these rows that the user may not see."""
    by_model: dict[Any, set[Model]] = defaultdict(set)
    if not can_view_drafts(request.user):
        for row in rows:
            by_model[type(row)].add(row)
    hidden: set[Model] = set()
    for model, rows_of_model in by_model.items():
        ids = [row.pk for row in rows_of_model]
        visible = {*visible_rows(model._default_manager, request.user).filter(pk__in=ids).values_list("pk", flat=True)}
        hidden |= {row for row in rows_of_model if row.pk not in visible}
    return hidden


def _row_label(row: Model, hidden: set[Model]) -> str:
    """Return the name of a row's model, and the row's name with a link to it if its model has pages.

    The `hidden` rows are not named.
    """
    model_name = str(capfirst(row._meta.verbose_name))
    if row in hidden:
        return model_name
    try:
        return format_html("{}: {}", model_name, change_link(row))
    except NoReverseMatch:
        return f"{model_name}: {row}"
