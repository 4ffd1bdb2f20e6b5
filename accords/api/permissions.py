"""Permissions: published rows are public; writing requires the permission of the model and the scope of the token."""

from typing import Any

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
# Actions that require the permission to change rows. Whose working copy it is, is for the view to say.
CHANGES = ("withdraw_working_copy", "rotate_secret", "send_test", "replay")
NOT_PUBLISHER = "You do not have permission to publish agreements, so you cannot change `is_published`."


class ModelPermissions(DjangoModelPermissionsOrAnonReadOnly):
    """The permissions of the resource's model. Which rows a user may see is decided by `visible_to`."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """Return whether the user may use the method here. Raises `PermissionDenied` for a token that may only read.

        DRF's method would ask the view for its query set, which exists only once the parameters have been read.
        """
        writes = request.method not in SAFE_METHODS
        if writes and not request.user.is_authenticated:
            return False
        if getattr(view, "action", "") == "bulk":
            permitted = any(has_permission(request.user, verb, view.model) for verb in ("add", "change", "delete"))
        elif getattr(view, "action", "") in CHANGES:
            permitted = has_permission(request.user, "change", view.model)
        elif getattr(view, "is_private", False) and request.method in READS:
            permitted = has_permission(request.user, "view", view.model)
        else:
            permitted = request.user.has_perms(self.get_required_permissions(str(request.method), view.model))
        if not permitted:
            return False
        if writes and isinstance(request.auth, Token) and request.auth.scope != TokenScope.WRITE:
            raise PermissionDenied(READ_ONLY)
        return True


def has_permission(user: Any, verb: str, model: type[Model]) -> bool:
    """Return whether the user may `add`, `change` or `delete` rows of a model."""
    return bool(user.has_perm(f"accords.{verb}_{model._meta.model_name}"))


def require_permission(user: Any, verb: str, model: type[Model]) -> None:
    """Raise `PermissionDenied` unless the user may `add`, `change` or `delete` rows of a model."""
    if not has_permission(user, verb, model):
        raise PermissionDenied(f"You do not have permission to {verb} {model._meta.verbose_name_plural}.")


def require_permission_to_publish(user: Any, before: bool, after: bool) -> None:
    """Raise `PermissionDenied` if the user would publish or withdraw an agreement and may not."""
    if before != after and not user.has_perm("accords.publish_agreement"):
        raise PermissionDenied(NOT_PUBLISHER)


def require_permission_to_delete(user: Any, rows: list[Any]) -> None:
    """Raise `PermissionDenied` if the user may not delete all rows that would be deleted with these.

    Raises `ProtectedError` or `RestrictedError` where other rows refer to them.
    """
    model = type(rows[0])
    collector = Collector(using=router.db_for_write(model), origin=rows[0])
    collector.collect(rows)
    deleted = {*collector.data, *(fast.model for fast in collector.fast_deletes if fast.exists())}
    for other in sorted(deleted, key=lambda model: model.__name__):
        if hasattr(other, "history"):  # a row of the domain
            require_permission(user, "delete", other)
