"""Choosing a related row by typing: the select widgets, and the view that answers them."""

import re
from collections.abc import Callable, Sequence
from typing import Any

from django import forms
from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.contrib.admin.widgets import AutocompleteMixin, AutocompleteSelect, AutocompleteSelectMultiple
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import HttpRequest

ROW_ID = re.compile(r"[0-9]{1,18}")
NO_ROW = "0"


def row_id(text: str) -> str:
    """The text if it can be a row's id, else an id that no row has, so that no database is asked for 2**63 or `abc`."""
    return text if ROW_ID.fullmatch(text) else NO_ROW


def label(row: Model) -> str:
    """What a row is called in a choice: with its agreement where that was fetched too."""
    agreement = row._state.fields_cache.get("agreement")
    return f"{row} · {agreement}" if agreement else str(row)


class Pick(AutocompleteMixin):
    """An autocomplete that knows the rows its form has fetched, and can keep to one agreement."""

    is_required: bool
    allow_multiple_selected: bool
    create_option: Callable[..., dict[str, Any]]

    known: dict[str, str] = {}
    agreement_id: int | None = None

    def get_url(self) -> str:
        """The address that answers, for rows of the form's agreement if that is set."""
        url: str = super().get_url()
        return f"{url}?agreement={self.agreement_id}" if self.agreement_id else url

    def optgroups(self, name: str, value: Sequence[str], attr: Any = None) -> list[Any]:
        """The chosen rows as options, without a query where their names are known."""
        chosen = [text for text in value if text]
        if not all(text in self.known for text in chosen):
            groups: list[Any] = super().optgroups(name, value, attr)
            return groups
        texts = [] if self.is_required or self.allow_multiple_selected else [("", "")]
        texts += [(text, self.known[text]) for text in chosen]
        options = [self.create_option(name, key, text, bool(key), index) for index, (key, text) in enumerate(texts)]
        return [(None, options, 0)]


class PickOne(Pick, AutocompleteSelect):
    """Choose one row."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        """What was chosen, if it can be a row's id at all."""
        value = super().value_from_datadict(data, files, name)
        return row_id(value) if value else value


class PickSeveral(Pick, AutocompleteSelectMultiple):
    """Choose any number of rows."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        """What was chosen, as far as it can be rows' ids at all."""
        return [row_id(value) for value in super().value_from_datadict(data, files, name) or ()]


class PickField(forms.ModelChoiceField):
    """A choice of one row, called as in the list of proposals."""

    def label_from_instance(self, obj: Model) -> str:
        """What the row is called."""
        return label(obj)


class PickView(AutocompleteJsonView):
    """Proposals for a choice: of one agreement if `agreement` is given, else with the name of theirs."""

    def process_request(self, request: HttpRequest) -> Any:
        """What is asked for; a relation seen from its other side is no field to choose in."""
        asked = super().process_request(request)
        if not asked[2].concrete:
            raise PermissionDenied
        return asked

    def get_queryset(self) -> QuerySet[Any]:
        """The rows that match what was typed."""
        rows: QuerySet[Any] = super().get_queryset()
        if not any(field.name == "agreement" for field in rows.model._meta.concrete_fields):
            return rows
        agreement = self.request.GET.get("agreement")
        return rows.filter(agreement=row_id(agreement)) if agreement else rows.select_related("agreement")

    def serialize_result(self, obj: Model, to_field_name: str) -> dict[str, str]:
        """Id and name of one proposal."""
        return super().serialize_result(obj, to_field_name) | {"text": label(obj)}


def known_rows(row: Model, relation: str) -> dict[str, str]:
    """Id and name of the related rows that were fetched together with a row."""
    prefetched = getattr(row, "_prefetched_objects_cache", {})
    one = row._state.fields_cache.get(relation)
    found = prefetched.get(relation, []) if one is None else [one]
    return {str(related.pk): label(related) for related in found}
