"""Several people edit one page: a save changes only the fields that its own editor changed.

Each form carries fingerprints of the values with which it was shown. Compared with them, a field that its editor left
alone keeps the value that is stored now, and a field that only the editor changed is written. If somebody else also
changed it, the editor chooses which version to keep. The rows of inlines are forms of their own and treated alike.
"""

import hashlib
import json
from decimal import Decimal
from functools import cached_property
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.forms.formsets import DELETION_FIELD_NAME
from django.forms.models import BaseInlineFormSet
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from accords.admin.display import plain_number

SHOWN_FIELD = "shown"  # the hidden input with the fingerprints
SHOWN_GROUP = (None, {"fields": [SHOWN_FIELD], "classes": ["shown"]})
"""The fieldset with this input, which `MergingForm` needs on a page."""

MINE, THEIRS = "mine", "theirs"
MAX_VALUE_LENGTH = 300  # characters in a message


def fingerprint(value: Any) -> str:
    """Return a short digest of a field's value, the same for a value of the database and of a form."""
    if isinstance(value, QuerySet | list | tuple):
        text = json.dumps(sorted(row.pk for row in value) if value and isinstance(value[0], Model) else list(value))
        text = "" if text == "[]" else text
    elif isinstance(value, Model):
        text = str(value.pk)
    elif isinstance(value, Decimal):
        text = plain_number(value)
    else:
        text = "" if value is None else str(value).replace("\r\n", "\n")
    return hashlib.blake2b(text.encode(), digest_size=6).hexdigest()


class ShownField(forms.CharField):
    """The fingerprints of the values with which a form was shown, by field, as JSON. It never counts as a change."""

    def __init__(self) -> None:
        super().__init__(required=False, widget=forms.HiddenInput)

    def has_changed(self, initial: Any, data: Any) -> bool:
        return False

    def to_python(self, value: Any) -> dict[str, str]:  # type: ignore[override]  # a mapping in place of text
        """Return the fingerprints by the name of the field; none if the text is not a JSON object."""
        try:
            fingerprints = json.loads(value or "{}")
        except (ValueError, RecursionError):
            return {}
        return fingerprints if isinstance(fingerprints, dict) else {}


class MergingForm(forms.ModelForm):
    """A form that keeps the values of its row that others changed after it was shown."""

    shown = ShownField()
    was_deleted = False
    """Whether somebody else has deleted the row, which is one of an inline."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        model_fields = {field.name: field for field in (*self.instance._meta.fields, *self.instance._meta.many_to_many)}
        self.own_fields = [name for name in self.fields if name in model_fields]
        self.stored_fingerprints: dict[str, str] = {}
        if self.instance.pk:
            self.stored_fingerprints = {
                name: fingerprint(model_fields[name].value_from_object(self.instance)) for name in self.own_fields
            }
            self.initial[SHOWN_FIELD] = json.dumps(self.stored_fingerprints, separators=(",", ":"))
        self.kept_from_others: list[str] = []

    @cached_property
    def shown_fingerprints(self) -> dict[str, str]:
        sent: Any = self.fields[SHOWN_FIELD].to_python(self[SHOWN_FIELD].data) if self.is_bound else {}
        return {name: value for name, value in sent.items() if name in self.own_fields}

    @cached_property
    def changed_by_others(self) -> list[str]:
        """Names of the fields that others changed since the form was shown."""
        return [
            name
            for name in self.stored_fingerprints
            if self.shown_fingerprints.get(name, self.stored_fingerprints[name]) != self.stored_fingerprints[name]
        ]

    @cached_property
    def changed_data(self) -> list[str]:
        """Names of the fields that this editor changed, compared with the values that they were shown."""
        if self.was_deleted:
            stays_deleted = self.chosen_version("") == THEIRS
            return [] if stays_deleted else [name for name in self.shown_fingerprints if self._is_changed_by_me(name)]
        others, changed = self.changed_by_others, super().changed_data
        return [name for name in self.fields if (self._is_changed_by_me(name) if name in others else name in changed)]

    def _is_changed_by_me(self, name: str) -> bool:
        try:
            value = self.fields[name].clean(self[name].data)
        except ValidationError:  # a value that was shown is valid
            return True
        return fingerprint(value) != self.shown_fingerprints[name]

    def chosen_version(self, name: str, stored: str = "") -> str:
        """Return the version of a field that the editor chose to keep: `mine`, `theirs`, or blank without a choice.

        `name` is blank for a choice about the whole row. `stored` is the fingerprint of the value in the database. The
        radio buttons (`radio`) send it with the choice, and a choice that was made for another value is ignored: the
        editor has not seen this one.
        """
        version, _separator, seen = str(self.data.get(radio_name(self, name), "")).partition("@")
        return version if version in (MINE, THEIRS) and seen == stored else ""

    def clean(self) -> Any:
        cleaned = super().clean() or self.cleaned_data
        if self.was_deleted:
            message = deleted_row_message(type(self.instance), self["id"].data)
            choice = radio(self, "", THEIRS, "", _("Leave it deleted"))
            raise ValidationError(format_html("{} {}", message, choice), code="conflict")
        for name in self.changed_by_others:
            if name in cleaned:
                self._merge_field(name, cleaned)
        return cleaned

    def _merge_field(self, name: str, cleaned: dict[str, Any]) -> None:
        """Keep the stored value of a field that this editor left alone; add an error that asks if both changed it."""
        entered, stored = fingerprint(cleaned[name]), self.stored_fingerprints[name]
        if entered == stored:
            return
        choice = self.chosen_version(name, stored) if name in self.changed_data else THEIRS
        if choice == MINE:
            self._save_choice(name, stored)
        elif choice == THEIRS:
            value = getattr(self.instance, name)
            cleaned[name] = list(value.all()) if self.instance._meta.get_field(name).many_to_many else value
            self.changed_data = [other for other in self.changed_data if other != name]
            self.kept_from_others.append(name)
            self._save_choice(name, entered)
        else:
            self.add_error(name, ValidationError(conflict_message(self, name), code="conflict"))

    def _save_choice(self, name: str, shown_fingerprint: str) -> None:
        """Write a fingerprint into the hidden input, so that the page, if it is shown again, does not ask again."""
        data: Any = self.data.copy()  # type: ignore[attr-defined]  # the data of a form that was sent
        fingerprints: Any = self.fields[SHOWN_FIELD].to_python(data.get(self.add_prefix(SHOWN_FIELD)))
        fingerprints[name] = shown_fingerprint
        data[self.add_prefix(SHOWN_FIELD)] = json.dumps(fingerprints, separators=(",", ":"))
        self.data = data


class DeletedRow:
    """A placeholder for a deleted row of an inline. It is false, so that Django's templates show no link to it."""

    pk = None

    def __bool__(self) -> bool:
        return False


class MergingFormSet(BaseInlineFormSet):
    """The forms of an inline. Others may have added, changed or deleted some of its rows since it was shown."""

    def get_queryset(self) -> Any:
        """Return the rows in the order of the forms that were sent, because the admin pairs the two by index."""
        rows = super().get_queryset()
        if not self.is_bound:
            return rows
        stored = {str(row.pk): row for row in rows}
        sent_ids = [self.data.get(f"{self.add_prefix(index)}-id") for index in range(self.initial_form_count())]
        return [stored.get(str(pk)) or DeletedRow() for pk in sent_ids]

    def add_fields(self, form: Any, index: int | None) -> None:
        """Accept the form of a row that was deleted meanwhile: it is valid as long as its editor left it alone."""
        super().add_fields(form, index)
        if self.is_bound and index is not None and index < self.initial_form_count() and form.instance.pk is None:
            form.was_deleted = form.empty_permitted = True
            # Django's own field accepts the ids of existing rows only.
            form.fields["id"] = forms.CharField(required=False, widget=forms.HiddenInput)

    def deletion_conflicts(self) -> list[ValidationError]:
        """Return an error for each row that the editor deletes and somebody else changed."""
        errors = []
        for form in cast(list[MergingForm], self.initial_forms):
            if form.was_deleted or not (form.changed_by_others and form.cleaned_data.get(DELETION_FIELD_NAME)):
                continue
            stored = fingerprint([*form.stored_fingerprints.values()])
            choice = form.chosen_version("", stored)
            if choice == THEIRS:
                form.cleaned_data[DELETION_FIELD_NAME] = False
            elif choice != MINE:
                errors.append(ValidationError(deletion_conflict_message(form, stored), code="conflict"))
        return errors


def radio_name(form: MergingForm, name: str) -> str:
    """Return the name of the radio buttons for a field, or for the whole row if `name` is blank."""
    return f"{form.add_prefix(name) if name else form.prefix}-keep"


def radio(form: MergingForm, name: str, version: str, stored: str, label: Any, value: Any = "") -> SafeString:
    """Return a radio button that keeps a version (`MINE` or `THEIRS`).

    `stored` is the fingerprint of the value that the message shows, which `chosen_version` compares. `value` is what
    the page's script writes into the field when the button is pressed.
    """
    return format_html(
        '<label class="choice"><input type="radio" name="{}" value="{}@{}" data-value="{}"> {}</label>',
        *(radio_name(form, name), version, stored, value, label),
    )


def last_editor(model: type[Model], pk: Any) -> Any:
    """Return the author of the newest record of a row, or “Someone else”."""
    record = model.history.filter(id=pk).first() if hasattr(model, "history") else None
    return (record and record.author) or _("Someone else")


def conflict_message(form: MergingForm, name: str) -> SafeString:
    """Return the message about a field that both changed, with radio buttons to choose a version."""
    row, field = form.instance, form.instance._meta.get_field(name)
    value = field.value_from_object(row)
    if field.many_to_many:
        text = ", ".join(map(str, value))
    elif field.is_relation:
        text = str(getattr(row, name) or "")
    else:
        text = str(
            dict(field.flatchoices).get(value, value) if field.choices else form.fields[name].prepare_value(value)
        )
    return format_html(
        "{} {} {}",
        format_html(
            _("{} changed this meanwhile to “{}”."),
            last_editor(type(row), row.pk),
            Truncator(text).chars(MAX_VALUE_LENGTH),
        ),
        radio(form, name, MINE, form.stored_fingerprints[name], _("Keep mine")),
        radio(
            form, name, THEIRS, form.stored_fingerprints[name], _("Keep theirs"), form.fields[name].prepare_value(value)
        ),
    )


def deletion_conflict_message(form: MergingForm, stored: str) -> SafeString:
    """Return the message about a row that the editor deletes and somebody else changed. For `stored` see `radio`."""
    fields = ", ".join(str(form.fields[name].label or name) for name in form.changed_by_others)
    return format_html(
        "{} {} {}",
        format_html(
            _("{}: {} changed this meanwhile ({})."),
            form.instance,
            last_editor(type(form.instance), form.instance.pk),
            fields,
        ),
        radio(form, "", MINE, stored, _("Delete it")),
        radio(form, "", THEIRS, stored, _("Keep it")),
    )


def deleted_row_message(model: type[Model], pk: Any) -> SafeString:
    """Return the message about a row that somebody else deleted, with a link to restore it."""
    history = reverse(f"admin:accords_{model._meta.model_name}_history", args=[pk])
    message = _('{} deleted this meanwhile. To keep it, <a href="{}" target="_blank">restore it</a> and save again.')
    return format_html(message, last_editor(model, pk), history)
