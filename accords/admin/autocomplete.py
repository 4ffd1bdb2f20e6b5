"""Choosing related objects by typing: Django's autocomplete, limited to the agreement of the form where it has one."""

import re
from collections.abc import Callable, Sequence
from typing import Any

from django import forms
from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.contrib.admin.widgets import AutocompleteMixin, AutocompleteSelect, AutocompleteSelectMultiple
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import HttpRequest

ID_PATTERN = re.compile(r"[0-9]{1,18}")
NO_ID = "0"


def clean_id(text: str) -> str:
    """Return the text if it can be a primary key, else one that no row has: databases refuse `abc` and 2**63."""
    return text if ID_PATTERN.fullmatch(text) else NO_ID


def has_agreement(model: type[Model]) -> bool:
    return any(field.name == "agreement" for field in model._meta.concrete_fields)


def label_with_agreement(obj: Any) -> str:
    """Return an object's name with its agreement's, where it has one."""
    return f"{obj} · {obj.agreement}" if has_agreement(type(obj)) else str(obj)


class AgreementScopedMixin(AutocompleteMixin):
    """Adds to Django's autocomplete the labels that a form knows already, and the limit to one agreement."""

    is_required: bool
    allow_multiple_selected: bool
    create_option: Callable[..., dict[str, Any]]

    known_labels: dict[str, str] = {}
    agreement_id: int | None = None

    def get_url(self) -> str:
        url: str = super().get_url()
        return f"{url}?agreement={self.agreement_id}" if self.agreement_id else url

    def optgroups(self, name: str, value: Sequence[str], attr: Any = None) -> list[Any]:
        """Return the selected objects as options, without a query where their labels are known."""
        selected = [text for text in value if text]
        if not all(text in self.known_labels for text in selected):
            groups: list[Any] = super().optgroups(name, value, attr)
            return groups
        texts = [] if self.is_required or self.allow_multiple_selected else [("", "")]
        texts += [(text, self.known_labels[text]) for text in selected]
        options = [self.create_option(name, key, text, bool(key), index) for index, (key, text) in enumerate(texts)]
        return [(None, options, 0)]


class RelatedSelect(AgreementScopedMixin, AutocompleteSelect):
    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        value = super().value_from_datadict(data, files, name)
        return clean_id(value) if value else value


class RelatedSelectMultiple(AgreementScopedMixin, AutocompleteSelectMultiple):
    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        return [clean_id(value) for value in super().value_from_datadict(data, files, name) or ()]


class LabelledChoiceField(forms.ModelChoiceField):
    """A choice whose labels name the agreement, as the proposals do."""

    def label_from_instance(self, obj: Model) -> str:
        return label_with_agreement(obj)


class AutocompleteView(AutocompleteJsonView):
    """Proposals: the objects of one agreement if `agreement` is given, else each with the name of its agreement."""

    def process_request(self, request: HttpRequest) -> Any:
        """Refuse a relation seen from its other side, for which Django's view fails."""
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
