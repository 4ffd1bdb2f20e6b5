"""Rows from the entries of an annotation, each checked by its model's own rules."""

from collections.abc import Iterable, Set
from itertools import count
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext as _

from accords.importing.annotations import LineErrors, ListNode, MappingNode, Node, TextNode, expect
from accords.models import Agreement, Clause, ClauseParty, Event, Participation, Party, Renewal, Source, Statement

BOOLEANS = {"true": True, "false": False}
# Models whose rows have names that are unique within their agreement only.
NAMED_WITHIN_AGREEMENT = (Clause, Event, Renewal, Statement)
# Fields whose value is not an entry of the row, but follows from its key or position in the annotation.
FROM_POSITION: dict[type[models.Model], tuple[str, ...]] = {
    Source: ("slug", "text"),
    Party: ("slug",),
    Clause: ("agreement", "number", "position"),
    Event: ("agreement", "number"),
    Participation: ("agreement",),
    ClauseParty: ("clause",),
    Renewal: ("agreement",),
    Statement: ("agreement", "number"),
}

RowsByName = dict[tuple[str, ...], models.Model]


class AnnotationRows:
    """The rows of one annotation, in the order in which they were saved. `by_name` is shared by all annotations.

    A row may refer only to rows above it. A row with an error is not saved, but rows that refer to it are still
    checked, so that one run finds all errors. This class creates all rows; subclasses may update stored rows.
    """

    def __init__(self, name: str, by_name: RowsByName) -> None:
        self.by_name = by_name
        self.errors = LineErrors(name)
        self.saved: list[models.Model] = []
        self.agreement = Agreement()
        self.unsaved_ids = count(start=-1, step=-1)

    def add(self, row: models.Model, name: str, entries: MappingNode, *, nested: Iterable[str] = ()) -> models.Model:
        """Set the fields of a row from its entries, check it, save it, and remember it by its name.

        `nested` are the keys that the caller reads itself.
        """
        location, fields = f"{row._meta.verbose_name} {name}", editable_fields(row)
        known_keys = sorted({*fields, *nested})
        many_to_many: dict[str, list[models.Model]] = {}
        unread: set[str] = set()
        for key in [key for key in fields if key in entries]:
            errors_before = len(self.errors)
            value = self.value(fields[key], entries[key], f"{location}, {key}")
            if fields[key].many_to_many:
                many_to_many[key] = value
                is_read = len(self.errors) == errors_before and not any(related._state.adding for related in value)
            elif is_read := len(self.errors) == errors_before:
                setattr(row, key, value)
            if not is_read:
                unread.add(key)
        for key in entries.keys() - {*known_keys}:
            message = _("unknown key %(key)r; known: %(known)s") % {"key": key, "known": ", ".join(known_keys)}
            self.errors.add(entries.line_of(key), location, message)
        if self.check_and_save(row, location, entries, unread):
            self.set_relations(row, many_to_many)
        self.by_name[self.name_key(type(row), name)] = row
        return row

    def value(self, field: Any, node: Node, location: str) -> Any:
        """Return the value of a field. After an error it has no meaning."""
        if field.many_to_many:
            return [
                row
                for item in expect(node, ListNode, location, self.errors)
                if (row := self.related(field.related_model, item, location)) is not None
            ]
        if field.is_relation:
            return self.related(field.related_model, node, location)
        if isinstance(field, models.JSONField):
            return [
                str(expect(item, TextNode, location, self.errors))
                for item in expect(node, ListNode, location, self.errors)
            ]
        text = str(expect(node, TextNode, location, self.errors))
        if not isinstance(field, models.BooleanField):
            return text
        if text not in BOOLEANS:
            self.errors.add(node.line, location, _("write true or false, not %(text)r") % {"text": text})
        return BOOLEANS.get(text)

    def related(self, model: type[models.Model], node: Node, location: str) -> models.Model | None:
        """Return the row that a text names; None after an error."""
        errors_before = len(self.errors)
        name = expect(node, TextNode, location, self.errors)
        return self.find(model, name, location) if len(self.errors) == errors_before else None

    def find(self, model: type[models.Model], name: TextNode, location: str) -> models.Model | None:
        """Return the row of this name above, which may have errors; add an error and return None without it."""
        row = self.by_name.get(self.name_key(model, name))
        if row is None:
            message = _("there is no %(kind)s %(name)r above this row")
            self.errors.add(name.line, location, message % {"kind": model._meta.verbose_name, "name": name})
        return row

    def name_key(self, model: type[models.Model], name: str) -> tuple[str, ...]:
        """Return the key of a row in `by_name`."""
        return (model._meta.label, self.agreement.slug if model in NAMED_WITHIN_AGREEMENT else "", str(name))

    def check_and_save(
        self, row: models.Model, location: str, entries: MappingNode, unread: Set[str] = frozenset()
    ) -> bool:
        """Check a row by its model's rules and save it. Return whether it was saved.

        `unread` are fields whose entries have errors; they are not checked. A row that is not saved gets an id that no
        stored row has, so that other rows can refer to it and be checked.
        """
        # Relations to rows that were not saved.
        dangling = {
            name for name, related in row._state.fields_cache.items() if related is not None and related._state.adding
        }
        self.take_stored(row, entries, unread | dangling)
        errors = validation_errors(row, unread, dangling)
        for field, messages in errors.items():
            field_location = location if field == NON_FIELD_ERRORS else f"{location}, {field}"
            for error in messages:
                self.errors.add(entries.line_of(field), field_location, " ".join(error.messages))
        if errors or unread or dangling or not self.save(row, location, entries):
            row.pk, row._state.adding = next(self.unsaved_ids), True
            return False
        self.saved.append(row)
        return True

    def save(self, row: models.Model, location: str, entries: MappingNode) -> bool:
        """Save a row. Return False and add an error if the database refuses it, as a trigger may."""
        try:
            with transaction.atomic():
                row.save()
        except IntegrityError as error:
            self.errors.add(entries.line, location, _("the database refuses it: %(error)s") % {"error": error})
        return not row._state.adding

    def set_relations(self, row: models.Model, many_to_many: dict[str, list[models.Model]]) -> None:
        for field, related in many_to_many.items():
            getattr(row, field).set(related)

    def take_stored(self, row: models.Model, entries: MappingNode, unknown: Set[str]) -> None:
        """Give a row the id of the stored row that it updates, if any. `unknown` are fields without a value."""

    def stored_text(self, slug: str) -> str | None:
        """Return the text of a stored source, for an annotation without the file; None without one."""
        return None

    def is_used(self, name: str) -> bool:
        """Return whether the text of a source contains this name."""
        return any(name in row.text for row in self.by_name.values() if isinstance(row, Source))


def validation_errors(row: models.Model, unread: Set[str], dangling: Set[str]) -> dict[str, list[ValidationError]]:
    """Return the errors of `full_clean` by field, without those about `unread` fields and `dangling` relations.

    Constraints are checked by themselves, because `full_clean` leaves out those of the `dangling` relations.
    """
    errors: dict[str, list[ValidationError]] = {}
    try:
        row.full_clean(exclude=unread | dangling, validate_constraints=False)
    except ValidationError as error:
        error.update_error_dict(errors)
    try:
        row.validate_constraints(exclude=unread | errors.keys())
    except ValidationError as error:
        error.update_error_dict(errors)
    return errors


def editable_fields(row: models.Model) -> dict[str, Any]:
    """Return the fields that an annotation enters, by name."""
    fields = [*row._meta.fields, *row._meta.many_to_many]
    entered = [field for field in fields if field.editable and not field.primary_key]
    return {field.name: field for field in entered if field.name not in FROM_POSITION.get(type(row), ())}
