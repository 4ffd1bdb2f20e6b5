"""Django's autocomplete for related objects, limited to the agreement of the form if it has one."""

import re
from collections.abc import Callable, Sequence
from typing import Any

from django import forms
from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.contrib.admin.widgets import AutocompleteMixin, AutocompleteSelect, AutocompleteSelectMultiple
from django.contrib.auth.models import AnonymousUser, User
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import HttpRequest

ID_PATTERN = re.compile(r"[0-9]{1,18}")  # fits into 64 bits
NO_ID = "0"  # the id of no row


def clean_id(text: str) -> str:
    """Return the text if it can be an id, else `NO_ID`: a query with `abc` or 2**63 raises an error."""
    return text if ID_PATTERN.fullmatch(text) else NO_ID


def has_agreement(model: type[Model]) -> bool:
    return any(field.name == "agreement" for field in model._meta.concrete_fields)


def visible_rows(rows: Any, user: User | AnonymousUser) -> Any:
    """Return those of these rows that a user may see: all of a model that hides none, such as that of users."""
    return rows.visible_to(user) if hasattr(rows, "visible_to") else rows.all()


def label_with_agreement(obj: Any) -> str:
    """Return the name of an object, followed by that of its agreement if its model has one."""
    return f"{obj} · {obj.agreement}" if has_agreement(type(obj)) else str(obj)


class AgreementScopedMixin(AutocompleteMixin):
    """Django's autocomplete widget, limited to one agreement, and without a query for labels that the form knows."""

    is_required: bool
    allow_multiple_selected: bool
    create_option: Callable[..., dict[str, Any]]

    known_labels: dict[str, str] = {}
    """The labels of the selected objects by their ids, set by the form."""

    agreement_id: int | None = None
    """The agreement whose objects are proposed; None for all objects."""

    shows_drafts = True
    """Whether the user may view drafts; else the form names no selected object that it does not offer."""

    def get_url(self) -> str:
        url: str = super().get_url()
        return f"{url}?agreement={self.agreement_id}" if self.agreement_id else url

    def optgroups(self, name: str, value: Sequence[str], attr: Any = None) -> list[Any]:
        """Return the selected objects as options, without a query if all of their labels are known."""
        ids = [pk for pk in value if pk]
        if not all(pk in self.known_labels for pk in ids):
            groups: list[Any] = super().optgroups(name, value, attr)
            return groups
        choices = [] if self.is_required or self.allow_multiple_selected else [("", "")]
        choices += [(pk, self.known_labels[pk]) for pk in ids]
        options = [self.create_option(name, pk, label, bool(pk), index) for index, (pk, label) in enumerate(choices)]
        return [(None, options, 0)]


class RelatedSelect(AgreementScopedMixin, AutocompleteSelect):
    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        value = super().value_from_datadict(data, files, name)
        return clean_id(value) if value else value


class RelatedSelectMultiple(AgreementScopedMixin, AutocompleteSelectMultiple):
    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        return [clean_id(value) for value in super().value_from_datadict(data, files, name) or ()]


class LabelledChoiceField(forms.ModelChoiceField):
    """A choice of objects whose labels name their agreement, as `AutocompleteView` does."""

    def label_from_instance(self, obj: Model) -> str:
        return label_with_agreement(obj)


class AutocompleteView(AutocompleteJsonView):
    """The proposals: objects of the agreement in the query string, or all objects, labelled with their agreements."""

    def process_request(self, request: HttpRequest) -> Any:
        """Refuse a reverse relation, for which Django's view fails."""
        term, model_admin, source_field, to_field_name = super().process_request(request)
        if not source_field.concrete:
            raise PermissionDenied
        return term, model_admin, source_field, to_field_name

    def get_queryset(self) -> QuerySet[Any]:
        queryset: QuerySet[Any] = super().get_queryset()
        if not has_agreement(queryset.model):
            return queryset
        agreement = self.request.GET.get("agreement")
        return queryset.filter(agreement=clean_id(agreement)) if agreement else queryset.select_related("agreement")

    def serialize_result(self, obj: Model, to_field_name: str) -> dict[str, str]:
        text = str(obj) if self.request.GET.get("agreement") else label_with_agreement(obj)
        return super().serialize_result(obj, to_field_name) | {"text": text}
