"""Permissions: published rows are public; writing requires the permission of the model and the scope of the token."""

from typing import Any

from django.contrib.auth.models import AnonymousUser, User
from django.db import router
from django.db.models import Model
from django.db.models.deletion import Collector
from rest_framework.exceptions import PermissionDenied
from rest_framework.permissions import SAFE_METHODS, DjangoModelPermissionsOrAnonReadOnly
from rest_framework.request import Request

from accords.api.http import READS
from accords.models import Token
from accords.vocabulary import TokenScope

READ_ONLY = "This token may only read. Use a token with the scope `write`."
# Actions by POST or DELETE that require the permission to change rows, not the one that DRF derives from the method.
# The view checks who made the working copy or owns the webhook.
CHANGE_PERMISSION_ACTIONS = ("withdraw_working_copy", "rotate_secret", "send_test", "replay")
NOT_PUBLISHER = "You do not have permission to publish agreements, so you cannot change `is_published`."


class ModelPermissions(DjangoModelPermissionsOrAnonReadOnly):
    """The permissions of the resource's model. Which rows a user may see is decided by `visible_to`."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """Return whether the user may use this method. Raises `PermissionDenied` for a token that may only read.

        DRF's own method needs the view's query set, which exists only after the parameters have been parsed.
        """
        is_write = request.method not in SAFE_METHODS
        action = getattr(view, "action", "")
        if is_write and not request.user.is_authenticated:
            return False
        if action == "bulk":
            # One of them, for the body is not parsed yet: the view then checks each operation that the body has.
            is_permitted = any(
                has_model_permission(request.user, verb, view.model) for verb in ("add", "change", "delete")
            )
        elif action in CHANGE_PERMISSION_ACTIONS:
            is_permitted = has_model_permission(request.user, "change", view.model)
        elif getattr(view, "is_private", False) and request.method in READS:  # not OPTIONS, which shows no row
            is_permitted = has_model_permission(request.user, "view", view.model)
        else:
            is_permitted = request.user.has_perms(self.get_required_permissions(str(request.method), view.model))
        if not is_permitted:
            return False
        if is_write and isinstance(request.auth, Token) and request.auth.scope != TokenScope.WRITE:
            raise PermissionDenied(READ_ONLY)
        return True


def has_model_permission(user: User | AnonymousUser, verb: str, model: type[Model]) -> bool:
    """Return whether the user may `view`, `add`, `change` or `delete` rows of a model."""
    return bool(user.has_perm(f"accords.{verb}_{model._meta.model_name}"))


def require_permission(user: User | AnonymousUser, verb: str, model: type[Model]) -> None:
    """Raise `PermissionDenied` unless the user may `add`, `change` or `delete` rows of a model."""
    if not has_model_permission(user, verb, model):
        raise PermissionDenied(f"You do not have permission to {verb} {model._meta.verbose_name_plural}.")


def require_permission_to_publish(user: User | AnonymousUser, before: bool, after: bool) -> None:
    """Raise `PermissionDenied` if `is_published` changes from `before` to `after` and the user may not publish."""
    if before != after and not user.has_perm("accords.publish_agreement"):
        raise PermissionDenied(NOT_PUBLISHER)


def require_permission_to_delete(user: User | AnonymousUser, rows: list[Any]) -> None:
    """Raise `PermissionDenied` unless the user may delete these rows and all that would be deleted with them.

    The rows, at least one, are of one model. Raises `ProtectedError` or `RestrictedError` if other rows refer to them.
    """
    model = type(rows[0])
    collector = Collector(using=router.db_for_write(model))  # not documented by Django; tried with 5.2
    collector.collect(rows)
    # Rows that Django deletes without reading them are in query sets, which may be empty.
    deleted_models = {*collector.data, *(queryset.model for queryset in collector.fast_deletes if queryset.exists())}
    for deleted_model in sorted(deleted_models, key=lambda model: model.__name__):
        if hasattr(deleted_model, "history"):  # not the rows that accords keeps for itself, such as search entries
            require_permission(user, "delete", deleted_model)
