"""Who may: anyone reads what is published, writing takes Django's model permission and, by token, its scope."""

from typing import Any

from rest_framework.exceptions import PermissionDenied
from rest_framework.permissions import SAFE_METHODS, DjangoModelPermissionsOrAnonReadOnly
from rest_framework.request import Request

from accords.models import Token
from accords.vocabulary import TokenScope

READ_ONLY = "This token may only read. Writing takes one whose scope is `write`."
NOT_PUBLISHER = "Only who may publish agreements can set or change `is_published`."


class ModelPermissions(DjangoModelPermissionsOrAnonReadOnly):
    """The permissions of the resource's model; which rows one sees is the query set's `visible_to`."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """Whether the method is permitted here. Raises `PermissionDenied` for a token that may only read."""
        if not super().has_permission(request, view):
            return False
        if request.method not in SAFE_METHODS and isinstance(request.auth, Token):
            self._refuse_reader(request.auth)
        return True

    def _refuse_reader(self, token: Token) -> None:
        if token.scope != TokenScope.WRITE:
            raise PermissionDenied(READ_ONLY)

    def _queryset(self, view: Any) -> Any:
        """The model, without asking the view for rows before its parameters are read."""
        return view.model._default_manager.none()


def refuse_publishing(user: Any, before: bool, after: bool) -> None:
    """Raise `PermissionDenied` where someone without the permission would publish or withdraw an agreement."""
    if before != after and not user.has_perm("accords.publish_agreement"):
        raise PermissionDenied(NOT_PUBLISHER)
