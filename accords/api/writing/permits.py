"""Who may write what, beyond the model permission that every resource asks for: rows below, publishing, deletion."""

from typing import Any

from django.db import router
from django.db.models import Model
from django.db.models.deletion import Collector
from rest_framework.exceptions import PermissionDenied

from accords.api.permissions import refuse_publishing
from accords.models import Agreement


def permit(user: Any, verb: str, model: type[Model]) -> None:
    """Raise `PermissionDenied` if the caller may not `add`, `change` or `delete` rows of a model."""
    if not user.has_perm(f"accords.{verb}_{model._meta.model_name}"):
        raise PermissionDenied(f"Your account may not {verb} {model._meta.verbose_name_plural}.")


def permit_publishing(row: Model, before: dict[str, Any], user: Any) -> None:
    """Raise `PermissionDenied` if the caller would publish or withdraw an agreement and may not."""
    if isinstance(row, Agreement):
        refuse_publishing(user, before.get("is_published", False), row.is_published)


def permit_removal(row: Model, user: Any) -> None:
    """Raise `PermissionDenied` if with a row others would go that the caller may not delete.

    Raises `ProtectedError` or `RestrictedError` where others need it.
    """
    collector = Collector(using=router.db_for_write(type(row), instance=row), origin=row)
    collector.collect([row])
    going = {*collector.data, *(rows.model for rows in collector.fast_deletes if rows.exists())}
    for model in sorted(going, key=lambda model: model.__name__):
        if model._meta.app_label == "accords" and not model._meta.auto_created:
            permit(user, "delete", model)
