"""How editors' input is read: the form behind every page, and the rows typed beneath another row."""

import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db.models import Model, UniqueConstraint
from django.forms.models import BaseInlineFormSet, InlineForeignKeyField
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from accords.admin.autocomplete import Pick, known_rows
from accords.admin.display import plain
from accords.admin.edit_conflicts import NAME, Seen, is_versioned, refuse_stale, told
from accords.db.constraints import FieldCheck
from accords.db.integrity_errors import by_field, fields_of, message_of


class Verbatim(forms.CharField):
    """A text kept as it was typed, with blanks at its ends; only line ends, which browsers rewrite, become `\\n`."""

    def __init__(self, **kwargs: Any) -> None:
        """Strip nothing."""
        super().__init__(**kwargs | {"strip": False})

    def to_python(self, value: Any) -> Any:
        """The text with `\\n` at the ends of lines; blank if there is nothing but blanks."""
        value = super().to_python(value)
        if not isinstance(value, str):
            return value
        return value.replace("\r\n", "\n") if value.strip() else ""

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Whether more than the line ends changed."""
        return super().has_changed(self.to_python(initial), data)


class Quantity(forms.DecimalField):
    """A number, shown without idle zeros."""

    def prepare_value(self, value: Any) -> Any:
        """57 for 57.0000; what was typed stays as it is."""
        return plain(value) if isinstance(value, Decimal) else value


class OneLine(forms.CharField):
    """A text of one line typed in a box of several: line ends become blanks."""

    def to_python(self, value: Any) -> Any:
        """The text on one line."""
        value = super().to_python(value)
        return " ".join(value.split()) if isinstance(value, str) else value


class RecordForm(forms.ModelForm):
    """A row's form: every problem stands beside its field if that is shown, and else on top of the form."""

    refusal = ""
    """What the database said to these data, if they were tried already."""

    seen = Seen()

    beside = ""
    """Where to show that a row exists already; by default beside the last field that must be unique."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Tell the choices which rows are known, and of which agreement they are."""
        super().__init__(*args, **kwargs)
        if not is_versioned(self._meta.model):
            del self.fields[NAME]
        elif self.instance.pk:
            self.initial[NAME] = told(self.instance.version)
        for name, field in self.fields.items():
            widget = getattr(field.widget, "widget", field.widget)
            if isinstance(widget, Pick):
                widget.known = known_rows(self.instance, name)
                widget.agreement_id = getattr(self.instance, "agreement_id", None)

    @property
    def parent_fields(self) -> set[str]:
        """The relation to the row beneath which this one is typed, if it is."""
        return {name for name, field in self.fields.items() if isinstance(field, InlineForeignKeyField)}

    def clean(self) -> Any:
        """Say again what the database said."""
        cleaned = super().clean()
        if self.has_changed() and (seen := self.cleaned_data.get(NAME)):
            self._refuse_stale(seen)
        if self.refusal:
            raise ValidationError(self.refusal, code="refused")
        return cleaned

    def _refuse_stale(self, seen: str) -> None:
        """Refuse to overwrite what was saved meanwhile; the page that says so has seen it."""
        try:
            refuse_stale(self.instance, seen)
        except ValidationError:
            data: Any = self.data.copy()  # type: ignore[attr-defined]
            data[self.add_prefix(NAME)] = told(type(self.instance)._base_manager.get(pk=self.instance.pk).version)
            self.data = data
            raise

    def place(self, fields: Iterable[str]) -> str:
        """The field beside which a problem with several fields is shown; Django's name for the whole row if none is."""
        shown = [name for name in fields if name in self.fields and name not in self.parent_fields]
        if not shown:
            return NON_FIELD_ERRORS
        return self.beside if self.beside in self.fields else shown[-1]

    def _update_errors(self, errors: ValidationError) -> None:
        """Put what the model found where an editor sees it."""
        placed: dict[str, list[ValidationError]] = {}
        for name, problems in by_field(errors).items():
            for problem in problems:
                where, said = self._placed(name, problem)
                placed.setdefault(where, []).append(said)
        super()._update_errors(ValidationError(placed))  # type: ignore[misc]

    def _placed(self, name: str, problem: ValidationError) -> tuple[str, ValidationError]:
        """Where a problem is shown, and how it is told there: it names a field that the form does not show."""
        if name == NON_FIELD_ERRORS:
            return self.place(fields_of(problem, self.instance)), problem
        if name in self.fields and name not in self.parent_fields:
            return name, problem
        label = self.instance._meta.get_field(name).verbose_name
        return NON_FIELD_ERRORS, ValidationError(f"{capfirst(label)}: {problem.messages[0]}", code=problem.code)

    def _post_clean(self) -> None:
        """Check also the rules that Django skips because the form does not show all of their fields."""
        super()._post_clean()  # type: ignore[misc]
        if self.errors or not self.has_changed():
            return
        for rule in self.instance._meta.constraints:
            if isinstance(rule, FieldCheck):
                try:
                    rule.validate(type(self.instance), self.instance, exclude=self.parent_fields)
                except ValidationError as error:
                    self._update_errors(error)


class NumberedForm(RecordForm):
    """A row with a place among others of its agreement: left blank in a new row, it becomes the next free one."""

    numbering: tuple[str, ...] = ("number",)
    letter = ""
    """What stands before the number in the editors' own numbers."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Let new rows do without."""
        super().__init__(*args, **kwargs)
        for name in {*self.numbering} & {*self.fields} if self.instance.pk is None else ():
            self.fields[name].required = False
            self.fields[name].widget.attrs["placeholder"] = _("next")

    def _post_clean(self) -> None:
        """Number a row on its own page; rows beneath an agreement are numbered together."""
        super()._post_clean()
        agreement = getattr(self.instance, "agreement_id", None)
        if not self.errors and agreement is not None and not self.parent_fields:
            self.number(type(self.instance)._default_manager.filter(agreement=agreement).exclude(pk=self.instance.pk))

    def number(self, others: Iterable[Any]) -> None:
        """Fill in what was left blank, given the other rows of the agreement."""
        if not self.instance.number:
            self.instance.number = f"{self.letter}{self.after(self.letter, [other.number for other in others])}"

    @staticmethod
    def after(letter: str, numbers: Iterable[str]) -> int:
        """The number after the highest one that is written with this letter."""
        found = (re.fullmatch(rf"{letter}([0-9]{{1,9}})", number) for number in numbers)
        return max((int(match[1]) for match in found if match), default=0) + 1


class RecordFormSet(BaseInlineFormSet):
    """All rows of one kind beneath another row: numbered together, and no two alike."""

    def add_fields(self, form: Any, index: int | None) -> None:
        """The fields of a row; each says what it is, for a table's heading is no label to who does not see it."""
        super().add_fields(form, index)
        for name, field in form.fields.items():
            widget = getattr(field.widget, "widget", field.widget)
            widget.attrs.setdefault("aria-label", capfirst(str(field.label or name)))

    def clean(self) -> None:
        """Number new rows and refuse twins.

        In place of Django's own check for twins, which knows neither conditions nor where a message belongs.
        Asking each form whether it is valid also makes Django refuse to delete rows that others need.
        """
        valid = [form for form in self.forms if form.is_valid() and not self._should_delete_form(form)]  # type: ignore[attr-defined]
        typed: list[Any] = [form for form in valid if form.instance.pk or form.has_changed()]
        for form in typed:
            if isinstance(form, NumberedForm):
                form.number([other.instance for other in typed if other is not form])
        for constraint in self.form._meta.model._meta.constraints:
            if isinstance(constraint, UniqueConstraint) and self.fk.name in constraint.fields:
                self._refuse_twins(typed, constraint)

    def _refuse_twins(self, typed: list[Any], constraint: UniqueConstraint) -> None:
        """Say beside the second of two rows that it is there already."""
        seen: set[tuple[Any, ...]] = set()
        for form in typed:
            values = self._values(form.instance, constraint)
            if values in seen:
                message = message_of(constraint, form.instance)
                form.add_error(_field_or_row(form.place(constraint.fields)), ValidationError(message, code="unique"))
            seen.add(values)

    def _values(self, row: Model, constraint: UniqueConstraint) -> tuple[Any, ...]:
        """What must be unique of a row beneath the same parent."""
        fields = [row._meta.get_field(name) for name in constraint.fields if name != self.fk.name]
        return tuple(getattr(row, field.attname) for field in fields)  # type: ignore[union-attr]


def _field_or_row(place: str) -> str | None:
    return None if place == NON_FIELD_ERRORS else place
