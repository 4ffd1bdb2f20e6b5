"""Making one row after the other out of an annotation's entries, each by its model's own rules."""

from collections.abc import Iterable, Set
from itertools import count
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext as _

from accords.importing.annotations import Entries, ErrorCollector, Items, Text, expect
from accords.models import Agreement, Clause, ClauseParty, Event, Participation, Party, Renewal, Source, Statement

FLAGS = {"true": True, "false": False}
# Models whose rows have a name within their agreement; the names of the others hold everywhere.
LOCAL = (Clause, Event, Renewal, Statement)

Known = dict[tuple[str, ...], models.Model]


class Rows:
    """The rows of one annotation in the order in which they were made; `known` is shared by all annotations.

    A row may name only rows made before it. A row with a fault is not saved, but the rows that name it are still
    checked, so that one run tells everything.
    """

    def __init__(self, name: str, known: Known) -> None:
        """Start empty, for the annotation of this name. `known` holds the rows of those before it and takes its own."""
        self.known = known
        self.faults = ErrorCollector(name)
        self.made: list[models.Model] = []
        self.agreement = Agreement()
        self.refused = count(start=1)

    def make(self, row: models.Model, name: str, entries: Entries, *, nested: Iterable[str] = ()) -> models.Model:
        """Fill the row from its entries, check and save it, and remember it by its name.

        `nested` are keys that the caller reads. Every fault is noted with the line it stands on.
        """
        where, fields = f"{row._meta.verbose_name} {name}", enterable(row)
        lists: dict[str, list[Any]] = {}
        entered = [field for name, field in fields.items() if name in entries]
        unread = {field.name for field in entered if not self._fill(row, field, where, entries, lists)}
        known = sorted({*fields, *nested})
        for key in entries.keys() - {*known}:
            self.faults.add(
                entries.line_of(key),
                where,
                _("unknown key %(key)r; known: %(known)s") % {"key": key, "known": ", ".join(known)},
            )
        if self.admit(row, where, entries, unread):
            self.relate(row, lists)
        self.known[self._key(type(row), name)] = row
        return row

    def relate(self, row: models.Model, lists: dict[str, list[Any]]) -> None:
        """Set the relations to many that were entered."""
        for field, related in lists.items():
            getattr(row, field).set(related)

    def take_place(self, row: models.Model, entries: Entries, unknown: Set[str]) -> None:
        """Let a row take the place of a stored one, where annotations are read over what is stored. Here none is.

        Of `unknown` fields it is not known what they are to hold.
        """

    def text_of(self, slug: str) -> str | None:
        """The text of a source that came without one; None where none is stored."""
        return None

    def is_used(self, name: str) -> bool:
        """Whether a source uses a name."""
        return any(name in row.text for row in self.known.values() if isinstance(row, Source))

    def admit(self, row: models.Model, where: str, entries: Entries, unread: Set[str] = frozenset()) -> bool:
        """Check the row by its model's rules and save it, and say whether that went well.

        Fields that could not be read are left out. A row that is refused gets a number that no saved row has, so that
        others can still point at it and be checked.
        """
        dangling = {name for name, to in row._state.fields_cache.items() if to is not None and to._state.adding}
        self.take_place(row, entries, unread | dangling)
        found = broken_rules(row, unread, dangling)
        for field, messages in found.items():
            place = where if field == NON_FIELD_ERRORS else f"{where}, {field}"
            for error in messages:
                self.faults.add(entries.line_of(field), place, " ".join(error.messages))
        if found or unread or dangling or not self.save_row(row, where, entries):
            row.pk, row._state.adding = -next(self.refused), True
            return False
        self.made.append(row)
        return True

    def save_row(self, row: models.Model, where: str, entries: Entries) -> bool:
        """Save the row; the database's own refusal is the last net."""
        try:
            with transaction.atomic():
                row.save()
        except IntegrityError as error:
            self.faults.add(entries.line, where, _("the database refuses it: %(error)s") % {"error": error})
        return not row._state.adding

    def find(self, model: type[models.Model], name: Text, where: str) -> models.Model | None:
        """The row of that name above this one, perhaps with a fault of its own; none, and a fault, if there is none."""
        found = self.known.get(self._key(model, name))
        if found is None:
            self.faults.add(
                name.line,
                where,
                _("there is no %(kind)s %(name)r above this row") % {"kind": model._meta.verbose_name, "name": name},
            )
        return found

    def _key(self, model: type[models.Model], name: str) -> tuple[str, ...]:
        within = self.agreement.slug if model in LOCAL else ""
        return (model._meta.label, within, str(name))

    def _fill(self, row: models.Model, field: Any, where: str, entries: Entries, lists: dict[str, list[Any]]) -> bool:
        """Enter one field, or note its fault and say no. Many-to-many relations wait in `lists` for the row's id."""
        value, before = entries[field.name], len(self.faults)
        place = f"{where}, {field.name}"
        if field.many_to_many:
            lists[field.name] = [self._related(field, item, place) for item in expect(value, Items, place, self.faults)]
            return len(self.faults) == before and not any(to._state.adding for to in lists[field.name])
        if field.is_relation:
            entered: Any = self._related(field, value, place)
        elif isinstance(field, models.JSONField):
            entered = [str(expect(item, Text, place, self.faults)) for item in expect(value, Items, place, self.faults)]
        else:
            entered = self._scalar(field, value, place)
        if len(self.faults) > before:
            return False
        setattr(row, field.name, entered)
        return True

    def _related(self, field: Any, value: Any, place: str) -> models.Model | None:
        before = len(self.faults)
        name = expect(value, Text, place, self.faults)
        return self.find(field.related_model, name, place) if len(self.faults) == before else None

    def _scalar(self, field: Any, value: Any, place: str) -> Any:
        text = str(expect(value, Text, place, self.faults))
        if not isinstance(field, models.BooleanField):
            return text
        if text not in FLAGS:
            self.faults.add(value.line, place, _("write true or false, not %(text)r") % {"text": text})
        return FLAGS.get(text)


def broken_rules(row: models.Model, unread: Set[str], dangling: Set[str]) -> dict[str, list[ValidationError]]:
    """What `full_clean` finds, by field, except about `unread` fields and whether `dangling` relations exist."""
    found: dict[str, list[ValidationError]] = {}
    try:
        row.full_clean(exclude=unread | dangling, validate_constraints=False)
    except ValidationError as error:
        error.update_error_dict(found)
    try:
        row.validate_constraints(exclude=unread | found.keys())
    except ValidationError as error:
        error.update_error_dict(found)
    return found


def enterable(row: models.Model) -> dict[str, Any]:
    """The fields that an annotation enters, by name: those an editor types, save those that the row's place gives."""
    fields = [*row._meta.fields, *row._meta.many_to_many]
    typed = [field for field in fields if field.editable and not field.primary_key]
    return {field.name: field for field in typed if field.name not in GIVEN.get(type(row), ())}


# What a row has from where it stands in the annotation.
GIVEN: dict[type[models.Model], tuple[str, ...]] = {
    Source: ("slug", "text"),
    Party: ("slug",),
    Clause: ("agreement", "number", "position"),
    Event: ("agreement", "number"),
    Participation: ("agreement",),
    ClauseParty: ("clause",),
    Renewal: ("agreement",),
    Statement: ("agreement", "number"),
}
