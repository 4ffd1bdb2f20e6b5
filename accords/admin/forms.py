"""Form fields, widgets, and the base forms of pages and inlines."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db.models import Field, Model, UniqueConstraint
from django.forms.formsets import DELETION_FIELD_NAME
from django.forms.models import InlineForeignKeyField
from django.utils.functional import cached_property
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from accords.admin.autocomplete import AgreementScopedMixin
from accords.admin.deletions import deleted_objects
from accords.admin.edit_conflicts import MergingForm, MergingFormSet
from accords.db.constraints import FieldCheck
from accords.db.integrity_errors import constraint_message, unique_fields
from accords.vocabulary import Word


class VerbatimField(forms.CharField):
    """A text that keeps the white space at its ends; one of white space only is blank.

    Browsers send line ends as `\\r\\n`; they become `\\n`.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs | {"strip": False})

    def to_python(self, value: Any) -> Any:
        value = super().to_python(value)
        if not isinstance(value, str):
            return value
        return value.replace("\r\n", "\n") if value.strip() else ""

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Compare with the stored text as a browser would send it back: with other line ends it has not changed."""
        return super().has_changed(self.to_python(initial), data)


class SingleLineField(forms.CharField):
    """A text of one line that is entered in a textarea: runs of white space become one blank."""

    def to_python(self, value: Any) -> Any:
        value = super().to_python(value)
        return " ".join(value.split()) if isinstance(value, str) else value


def textarea(rows: int, columns: int) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows, "cols": columns})


def text_input(size: int, **attrs: str) -> forms.TextInput:
    return forms.TextInput(attrs={"size": size, **attrs})


class VocabularySelect(forms.Select):
    """A choice of words of a vocabulary. The meaning of a word is the `title` of its option."""

    def __init__(self, meanings: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.meanings = meanings

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(name, value, *args, **kwargs)
        if str(value) in self.meanings:
            option["attrs"]["title"] = self.meanings[str(value)]
        return option


def word_meanings(field: Field) -> dict[str, str]:
    """Return the meanings of the words of a field's vocabulary, which is found by its choices."""
    vocabularies = (subclass for subclass in Word.__subclasses__() if subclass.choices == field.choices)
    return {str(word): word.meaning for vocabulary in vocabularies for word in vocabulary}


def autocomplete_fields(fields: Mapping[str, Any]) -> Iterator[tuple[str, Any, AgreementScopedMixin]]:
    """Yield the name, the field and the widget of each choice of related rows."""
    for name, field in fields.items():
        widget = getattr(field.widget, "widget", field.widget)  # also inside `RelatedFieldWidgetWrapper`
        if isinstance(widget, AgreementScopedMixin):
            yield name, field, widget


def selected_rows(row: Model, name: str, widget: AgreementScopedMixin) -> list[Model]:
    related = getattr(row, name)
    return [*related.all()] if widget.allow_multiple_selected else [related] if related else []


def hidden_related_ids(fields: Mapping[str, Any], rows: Iterable[Model]) -> dict[str, set[int]]:
    """Return, by the name of the field, the ids of related rows of stored rows that the user may not see."""
    hidden_ids = {}
    for name, field, widget in autocomplete_fields(fields):
        if not widget.shows_drafts:
            ids = {related.pk for row in rows for related in selected_rows(row, name, widget)}
            hidden_ids[name] = ids - {*field.queryset.filter(pk__in=ids).values_list("pk", flat=True)}
    return hidden_ids


class RecordForm(MergingForm):
    """The form of a row. An error is shown at its field if the form has it, else at the top of the form."""

    save_error = ""
    """The message of the error that rolled back the first attempt to save this form.

    `RecordAdmin.changeform_view` then validates it again to show the page.
    """

    unique_error_field = ""
    """The field at which to say that a row exists already; blank for the last of the fields that must be unique."""

    def __init__(self, *args: Any, hidden_ids: dict[str, set[int]] | None = None, **kwargs: Any) -> None:
        """Tell the autocomplete inputs of a stored row its agreement, and the labels of the rows that are selected.

        `hidden_ids` are those of `hidden_related_ids`, if a form set has asked for all its rows.
        """
        super().__init__(*args, **kwargs)
        if self.instance.pk is None:
            return
        if hidden_ids is None:
            hidden_ids = hidden_related_ids(self.fields, [self.instance])
        for name, field, widget in autocomplete_fields(self.fields):
            labels = {row.pk: field.label_from_instance(row) for row in selected_rows(self.instance, name, widget)}
            if hidden := {*labels} & hidden_ids.get(name, set()):
                labels |= dict.fromkeys(hidden, _("an entry that you may not view"))
                # Those stay valid, so that a save keeps them.
                field.queryset |= field.queryset.model._default_manager.filter(pk__in=hidden)
            widget.known_labels = {str(pk): label for pk, label in labels.items()}
            widget.agreement_id = getattr(self.instance, "agreement_id", None)

    @property
    def parent_fields(self) -> set[str]:
        """The name of the relation to the parent row, as a set; empty unless this is a row of an inline."""
        return {name for name, field in self.fields.items() if isinstance(field, InlineForeignKeyField)}

    def clean(self) -> Any:
        cleaned = super().clean()
        if self.save_error:
            raise ValidationError(self.save_error, code="refused")
        return cleaned

    def full_clean(self) -> None:
        """Check also the constraints that Django skips because the form does not show all of their fields."""
        super().full_clean()
        if not self.is_bound or self.errors or not self.has_changed():
            return
        for constraint in self.instance._meta.constraints:
            if isinstance(constraint, FieldCheck):
                try:
                    constraint.validate(type(self.instance), self.instance, exclude=self.parent_fields)
                except ValidationError as error:
                    self.add_error(None, error)

    def add_error(self, field: str | None, error: Any) -> None:
        """Show an error of the whole row at `error_field`, and one of a field that the form lacks at its top."""
        if field is not None or not isinstance(error, ValidationError):
            super().add_error(field, error)
            return
        errors = error.error_dict if hasattr(error, "error_dict") else {NON_FIELD_ERRORS: error.error_list}
        for name, field_errors in errors.items():
            for field_error in field_errors:
                if name == NON_FIELD_ERRORS:
                    super().add_error(self.error_field(unique_fields(field_error, self.instance)), field_error)
                elif name in self.fields and name not in self.parent_fields:
                    super().add_error(name, field_error)
                else:
                    label = capfirst(self.instance._meta.get_field(name).verbose_name)
                    message = f"{label}: {field_error.messages[0]}"
                    super().add_error(None, ValidationError(message, code=field_error.code))

    def error_field(self, names: Iterable[str]) -> str | None:
        """Return the field at which an error about several fields is shown; None if the form has none of them."""
        names_in_form = [name for name in names if name in self.fields and name not in self.parent_fields]
        if not names_in_form:
            return None
        return self.unique_error_field if self.unique_error_field in self.fields else names_in_form[-1]


class NumberedForm(RecordForm):
    """The form of a row with a number in its agreement. Left blank in a new row, it becomes the next free one."""

    number_fields: tuple[str, ...] = ("number",)
    """The fields that may be left blank in a new row."""

    number_prefix = ""
    """The letter before assigned numbers: `S` for `S3`."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk is None:
            for name in {*self.number_fields} & {*self.fields}:
                self.fields[name].required = False
                self.fields[name].widget.attrs["placeholder"] = _("next")

    def full_clean(self) -> None:
        """Assign a number to a row on its own page. The rows of an inline are numbered together by their form set."""
        super().full_clean()
        agreement = getattr(self.instance, "agreement_id", None)
        if self.is_bound and not self.errors and agreement is not None and not self.parent_fields:
            rows = type(self.instance)._default_manager.filter(agreement=agreement)
            self.assign_number(rows.exclude(pk=self.instance.pk))

    def assign_number(self, others: Iterable[Any]) -> None:
        """Fill in the number if it is blank. `others` are the other rows of the agreement."""
        if not self.instance.number:
            self.instance.number = f"{self.number_prefix}{self.next_number(other.number for other in others)}"

    def next_number(self, numbers: Iterable[str]) -> int:
        """Return the number after the highest one; numbers of another form, such as `3a`, do not count."""
        matches = (re.fullmatch(rf"{self.number_prefix}([0-9]{{1,9}})", number) for number in numbers)
        return max((int(match[1]) for match in matches if match), default=0) + 1


class RecordFormSet(MergingFormSet):
    """The forms of an inline: their rows are numbered together, and checked against each other for duplicates."""

    request: Any = None
    admin_site: Any = None
    deletable_ids: set[int] | None = None
    """Ids of the rows that the user may delete; None for all."""

    @cached_property
    def hidden_ids(self) -> dict[str, set[int]]:
        """Return the ids of hidden related rows of all its rows, asked once for each field."""
        return hidden_related_ids(self.form.base_fields, [row for row in self.get_queryset() if row.pk])

    def get_form_kwargs(self, index: int | None) -> dict[str, Any]:
        return super().get_form_kwargs(index) | {"hidden_ids": self.hidden_ids}

    @cached_property
    def empty_form(self) -> Any:
        """Return the form of a new row, built once: a page reads it several times, and Django builds it each time."""
        return super().empty_form

    def add_fields(self, form: Any, index: int | None) -> None:
        """Label every input, and disable the checkbox that deletes a row if the user may not delete it.

        To screen readers the heading of a column is no label.
        """
        super().add_fields(form, index)
        is_stored = bool(form.instance.pk) and DELETION_FIELD_NAME in form.fields
        if is_stored and self.deletable_ids is not None and form.instance.pk not in self.deletable_ids:
            form.fields[DELETION_FIELD_NAME].disabled = True
        for name, field in form.fields.items():
            widget = getattr(field.widget, "widget", field.widget)  # also inside `RelatedFieldWidgetWrapper`
            widget.attrs.setdefault("aria-label", capfirst(str(field.label or name)))

    def clean(self) -> None:
        """Assign numbers to new rows and refuse duplicates.

        This replaces Django's check of uniqueness, which ignores constraints with a condition and shows its messages
        at no field.
        """
        conflicts = self.deletion_conflicts()
        if self.deletable_ids is not None:
            rows_to_delete = [
                form.instance for form in self.initial_forms if form.cleaned_data.get(DELETION_FIELD_NAME)
            ]
            _tree, _counts, forbidden, _protected = deleted_objects(rows_to_delete, self.request, self.admin_site)
            if forbidden:
                message = _("You may not delete what others entered: %s.") % ", ".join(sorted(forbidden))
                raise ValidationError(message, code="forbidden")
        valid = [form for form in self.forms if form.is_valid() and not form.cleaned_data.get(DELETION_FIELD_NAME)]
        forms_with_row: list[Any] = [form for form in valid if form.instance.pk or form.has_changed()]
        own_ids = {form.instance.pk for form in self.forms}
        for form in forms_with_row:
            if isinstance(form, NumberedForm):
                added_by_others = [row for row in self.queryset or () if row.pk not in own_ids]
                form.assign_number(
                    [*added_by_others, *(other.instance for other in forms_with_row if other is not form)]
                )
        for constraint in self.form._meta.model._meta.constraints:
            if isinstance(constraint, UniqueConstraint) and self.fk.name in constraint.fields:
                self._refuse_duplicates(forms_with_row, constraint)
        if conflicts:
            raise ValidationError(conflicts)

    def _refuse_duplicates(self, forms_with_row: list[Any], constraint: UniqueConstraint) -> None:
        """Add an error to the second of two forms with the same values."""
        seen: set[tuple[Any, ...]] = set()
        for form in forms_with_row:
            values = self._unique_values(form.instance, constraint)
            if values in seen:
                message = constraint_message(constraint, form.instance)
                form.add_error(form.error_field(constraint.fields), ValidationError(message, code="unique"))
            seen.add(values)

    def _unique_values(self, row: Model, constraint: UniqueConstraint) -> tuple[Any, ...]:
        """Return the values that must be unique among the rows of one parent."""
        fields = [row._meta.get_field(name) for name in constraint.fields if name != self.fk.name]
        return tuple(getattr(row, field.attname) for field in fields)  # type: ignore[union-attr]  # concrete fields have a column
