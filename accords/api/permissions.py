"""Who may: anyone reads what is published, writing takes Django's model permission."""

from typing import Any

from rest_framework.permissions import DjangoModelPermissionsOrAnonReadOnly


class ModelPermissions(DjangoModelPermissionsOrAnonReadOnly):
    """The permissions of the resource's model; which rows one sees is the query set's `visible_to`."""

    def _queryset(self, view: Any) -> Any:
        """The model, without asking the view for rows before its parameters are read."""
        return view.model._default_manager.none()
