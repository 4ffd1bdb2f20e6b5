"""Form fields, widgets, and the forms behind every page and every row of a table."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db.models import Model, UniqueConstraint
from django.forms.formsets import DELETION_FIELD_NAME
from django.forms.models import InlineForeignKeyField
from django.utils.functional import cached_property
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from accords.admin.autocomplete import AgreementScopedMixin
from accords.admin.deletions import deleted_objects
from accords.admin.edit_conflicts import MergingForm, MergingFormSet
from accords.db.constraints import FieldCheck
from accords.db.integrity_errors import fields_of, message_of
from accords.vocabulary import Word


class VerbatimField(forms.CharField):
    """A text kept as typed, blanks at its ends included. Only line ends, which browsers rewrite, become `\\n`."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs | {"strip": False})

    def to_python(self, value: Any) -> Any:
        value = super().to_python(value)
        if not isinstance(value, str):
            return value
        return value.replace("\r\n", "\n") if value.strip() else ""

    def has_changed(self, initial: Any, data: Any) -> bool:
        return super().has_changed(self.to_python(initial), data)


class SingleLineField(forms.CharField):
    """A text of one line typed into a box of several: line ends become blanks."""

    def to_python(self, value: Any) -> Any:
        value = super().to_python(value)
        return " ".join(value.split()) if isinstance(value, str) else value


def textarea(rows: int, columns: int) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows, "cols": columns})


def text_input(size: int, **attrs: str) -> forms.TextInput:
    return forms.TextInput(attrs={"size": size, **attrs})


class VocabularySelect(forms.Select):
    """A choice of words, each with its meaning as the option's title."""

    def __init__(self, meanings: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.meanings = meanings

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(name, value, *args, **kwargs)
        if str(value) in self.meanings:
            option["attrs"]["title"] = self.meanings[str(value)]
        return option


def meanings_of(field: Any) -> dict[str, str]:
    """Return the meanings of the words of a field's vocabulary."""
    vocabularies = (subclass for subclass in Word.__subclasses__() if subclass.choices == field.choices)
    return {str(word): word.meaning for vocabulary in vocabularies for word in vocabulary}


class RecordForm(MergingForm):
    """The form of a row. Errors stand beside their field if the form has it, and else at the top of the form."""

    database_error = ""
    """What the database refused when these data were saved before."""

    unique_error_field = ""
    """Where to show that a row exists already; by default at the last of the fields that must be unique."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any
        for name, field in self.fields.items():
            widget = getattr(field.widget, "widget", field.widget)
            if self.instance.pk and isinstance(widget, AgreementScopedMixin):
                related = getattr(self.instance, name)
                selected = related.all() if widget.allow_multiple_selected else filter(None, [related])
                widget.known_labels = {str(row.pk): field.label_from_instance(row) for row in selected}
                widget.agreement_id = getattr(self.instance, "agreement_id", None)

    @property
    def parent_fields(self) -> set[str]:
        """Names of the relation to the parent, where this is a row of a table."""
        return {name for name, field in self.fields.items() if isinstance(field, InlineForeignKeyField)}

    def clean(self) -> Any:
        cleaned = super().clean()
        if self.database_error:
            raise ValidationError(self.database_error, code="refused")
        return cleaned

    def full_clean(self) -> None:
        """Check also the row rules that Django skips because the form does not show all of their fields."""
        super().full_clean()
        if not self.is_bound or self.errors or not self.has_changed():
            return
        for rule in self.instance._meta.constraints:
            if isinstance(rule, FieldCheck):
                try:
                    rule.validate(type(self.instance), self.instance, exclude=self.parent_fields)
                except ValidationError as error:
                    self.add_error(None, error)

    def add_error(self, field: str | None, error: Any) -> None:
        """Attach an error of the whole row, or of a field that is not on the page, where an editor sees it."""
        if field is not None or not isinstance(error, ValidationError):
            super().add_error(field, error)
            return
        errors = error.error_dict if hasattr(error, "error_dict") else {NON_FIELD_ERRORS: error.error_list}
        for name, problems in errors.items():
            for problem in problems:
                if name == NON_FIELD_ERRORS:
                    super().add_error(self.error_field(fields_of(problem, self.instance)), problem)
                elif name in self.fields and name not in self.parent_fields:
                    super().add_error(name, problem)
                else:
                    label = capfirst(self.instance._meta.get_field(name).verbose_name)
                    super().add_error(None, ValidationError(f"{label}: {problem.messages[0]}", code=problem.code))

    def error_field(self, names: Iterable[str]) -> str | None:
        """Return the field at which an error about several fields is shown; None if the form has none of them."""
        shown = [name for name in names if name in self.fields and name not in self.parent_fields]
        if not shown:
            return None
        return self.unique_error_field if self.unique_error_field in self.fields else shown[-1]


class NumberedForm(RecordForm):
    """A row with a number in its agreement: left blank in a new row, it becomes the next free one."""

    number_fields: tuple[str, ...] = ("number",)
    number_prefix = ""
    """What stands before the number in the editors' own numbers: `S` in `S3`."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk is None:
            for name in {*self.number_fields} & {*self.fields}:
                self.fields[name].required = False
                self.fields[name].widget.attrs["placeholder"] = _("next")

    def full_clean(self) -> None:
        """Assign a number to a row on its own page; a form set numbers the rows of a table together."""
        super().full_clean()
        agreement = getattr(self.instance, "agreement_id", None)
        if self.is_bound and not self.errors and agreement is not None and not self.parent_fields:
            rows = type(self.instance)._default_manager.filter(agreement=agreement)
            self.assign_number(rows.exclude(pk=self.instance.pk))

    def assign_number(self, others: Iterable[Any]) -> None:
        """Fill in the number if it is blank, given the other rows of the agreement."""
        if not self.instance.number:
            self.instance.number = f"{self.number_prefix}{self.next_number(other.number for other in others)}"

    def next_number(self, numbers: Iterable[str]) -> int:
        matches = (re.fullmatch(rf"{self.number_prefix}([0-9]{{1,9}})", number) for number in numbers)
        return max((int(match[1]) for match in matches if match), default=0) + 1


class RecordFormSet(MergingFormSet):
    """The rows of one kind beneath another row: numbered together, and no two alike."""

    request: Any = None
    admin_site: Any = None
    deletable: set[int] | None = None
    """Ids of the rows that the user may delete; None for all."""

    @cached_property
    def empty_form(self) -> Any:
        """Return the template of new rows, which a page asks for several times and Django builds each time."""
        return super().empty_form

    def add_fields(self, form: Any, index: int | None) -> None:
        """Label every input, for a column's heading is no label to screen readers; disable what may not be deleted."""
        super().add_fields(form, index)
        is_stored = bool(form.instance.pk) and DELETION_FIELD_NAME in form.fields
        if is_stored and self.deletable is not None and form.instance.pk not in self.deletable:
            form.fields[DELETION_FIELD_NAME].disabled = True
        for name, field in form.fields.items():
            widget = getattr(field.widget, "widget", field.widget)
            widget.attrs.setdefault("aria-label", capfirst(str(field.label or name)))

    def clean(self) -> None:
        """Assign numbers to new rows and refuse duplicates.

        Takes the place of Django's own check of uniqueness, which knows neither conditions nor where a message belongs.
        """
        conflicts = self.deletion_conflicts()
        if self.deletable is not None:
            rows_to_delete = [
                form.instance for form in self.initial_forms if form.cleaned_data.get(DELETION_FIELD_NAME)
            ]
            _tree, _counts, missing, _protected = deleted_objects(rows_to_delete, self.request, self.admin_site)
            if missing:
                message = _("You may not delete what others entered: %s.") % ", ".join(sorted(missing))
                raise ValidationError(message, code="forbidden")
        valid = [form for form in self.forms if form.is_valid() and not form.cleaned_data.get(DELETION_FIELD_NAME)]
        rows: list[Any] = [form for form in valid if form.instance.pk or form.has_changed()]
        own_ids = {form.instance.pk for form in self.forms}
        for form in rows:
            if isinstance(form, NumberedForm):
                elsewhere = [row for row in self.queryset or () if row.pk not in own_ids]  # added by others meanwhile
                form.assign_number([*elsewhere, *(other.instance for other in rows if other is not form)])
        for constraint in self.form._meta.model._meta.constraints:
            if isinstance(constraint, UniqueConstraint) and self.fk.name in constraint.fields:
                self._refuse_duplicates(rows, constraint)
        if conflicts:
            raise ValidationError(conflicts)

    def _refuse_duplicates(self, rows: list[Any], constraint: UniqueConstraint) -> None:
        """Add an error to the second of two rows with the same values."""
        seen: set[tuple[Any, ...]] = set()
        for form in rows:
            values = self._values(form.instance, constraint)
            if values in seen:
                message = message_of(constraint, form.instance)
                form.add_error(form.error_field(constraint.fields), ValidationError(message, code="unique"))
            seen.add(values)

    def _values(self, row: Model, constraint: UniqueConstraint) -> tuple[Any, ...]:
        """Return the values that must be unique among the rows of one parent."""
        fields = [row._meta.get_field(name) for name in constraint.fields if name != self.fk.name]
        return tuple(getattr(row, field.attname) for field in fields)  # type: ignore[union-attr]
